"""Sign-in at an OpenID Connect provider: authorization code flow with PKCE, by Authlib."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import httpx
from authlib.integrations.base_client import OAuthError
from authlib.integrations.starlette_client import OAuth
from joserfc.errors import JoseError
from starlette.requests import Request
from starlette.responses import Response

from apps.web.settings import StaffSettings

log = logging.getLogger(__name__)


class ProviderError(Exception):
    """The provider refused, or cannot be reached; `code` names the reason."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class SignedIn:
    """Who signed in at the provider."""

    person: str
    name: str
    posts: tuple[str, ...]


class Provider:
    """One OpenID Connect provider, found by its discovery document."""

    def __init__(self, settings: StaffSettings) -> None:
        self._claim = settings.oidc_posts_claim
        self._client: Any = OAuth().register(
            "oidc",
            client_id=settings.oidc_client_id,
            client_secret=settings.oidc_client_secret.get_secret_value() or None,
            server_metadata_url=settings.oidc_issuer.rstrip("/") + "/.well-known/openid-configuration",
            client_kwargs={"scope": settings.oidc_scope, "code_challenge_method": "S256", "timeout": 10.0},
        )

    async def redirect(self, request: Request, back: str) -> Response:
        """Send the browser to the provider, which sends it to `back`. Raises `ProviderError`."""
        try:
            found: Response = await self._client.authorize_redirect(request, back)
        except (httpx.HTTPError, OAuthError, RuntimeError, ValueError) as error:
            raise _error(error) from None
        return found

    async def finish(self, request: Request) -> SignedIn:
        """Who came back from the provider. Raises `ProviderError`."""
        try:
            token = await self._client.authorize_access_token(request)
        except (httpx.HTTPError, OAuthError, JoseError, RuntimeError, ValueError, KeyError) as error:
            raise _error(error) from None
        claims = token.get("userinfo") or {}
        if not claims.get("sub"):
            raise ProviderError("no-subject")
        posts = claims.get(self._claim) or ()
        listed = (posts,) if isinstance(posts, str) else tuple(each for each in posts if isinstance(each, str))
        name = claims.get("name") or claims.get("preferred_username") or ""
        return SignedIn(str(uuid5(NAMESPACE_URL, f"{claims['iss']}#{claims['sub']}")), str(name)[:80], listed)

    async def sign_out_url(self, back: str) -> str | None:
        """Where the provider ends its own session; None where it offers nothing."""
        try:
            metadata = await self._client.load_server_metadata()
        except (httpx.HTTPError, ValueError):
            return None
        end = metadata.get("end_session_endpoint")
        if not end:
            return None
        query = {"client_id": self._client.client_id, "post_logout_redirect_uri": back}
        return str(httpx.URL(end).copy_merge_params(query))


def _error(error: Exception) -> ProviderError:
    code = error.error if isinstance(error, OAuthError) else type(error).__name__
    log.warning("sign-in failed at the provider: %s", code)
    return ProviderError(str(code))
