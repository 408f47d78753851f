"""Sign-in at an OpenID Connect provider: authorization code flow with PKCE, by Authlib."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.starlette_client import OAuth
from joserfc.errors import JoseError
from starlette.requests import Request
from starlette.responses import Response

from apps.web.settings import StaffSettings

log = logging.getLogger(__name__)
STATE = "_state_oidc_"
"""What Authlib notes of a sign-in that has begun: this and the state."""


class ProviderError(Exception):
    """The sign-in at the provider did not succeed; `code` names the reason."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    @property
    def out_of_date(self) -> bool:
        """Whether the person has only to begin again: the sign-in took too long, or began in another browser."""
        return self.code == "mismatching_state"


@dataclass(frozen=True)
class SignedIn:
    """A person whose identity is proven."""

    person: str
    name: str
    posts: tuple[str, ...]


class Provider:
    """One OpenID Connect provider, found by its discovery document."""

    def __init__(self, settings: StaffSettings) -> None:
        self._claim = settings.oidc_posts_claim
        self._issuer = settings.oidc_issuer
        self._client: Any = OAuth().register(
            "oidc",
            client_id=settings.oidc_client_id,
            client_secret=settings.oidc_client_secret.get_secret_value() or None,
            server_metadata_url=settings.oidc_issuer.rstrip("/") + "/.well-known/openid-configuration",
            client_kwargs={"scope": settings.oidc_scope, "code_challenge_method": "S256", "timeout": 10.0},
        )

    async def redirect(self, request: Request, back: str, state: str) -> Response:
        """Send the browser to the provider, which sends it to `back` with this state. Raises `ProviderError`."""
        others = {key: value for key, value in request.session.items() if key.startswith(STATE)}
        try:
            await self._metadata()
            found: Response = await self._client.authorize_redirect(request, back, state=state)
        except _FAULTS as error:
            raise _error(error) from None
        request.session.update(others)  # Authlib drops them: another window may be at the provider, too
        return found

    async def finish(self, request: Request) -> SignedIn:
        """The person who came back from the provider. Raises `ProviderError`."""
        try:
            metadata = await self._metadata()
            audience = {"essential": True, "values": [self._client.client_id]}
            token = await self._client.authorize_access_token(
                request, claims_options={"iss": {"essential": True, "values": [metadata["issuer"]]}, "aud": audience}
            )
            claims = dict(token.get("userinfo") or {})
            if claims.get("sub") and self._claim not in claims and metadata.get("userinfo_endpoint"):
                more = await self._client.userinfo(token=token)
                if more.get("sub") != claims["sub"]:
                    raise ProviderError("other-subject")
                claims = {**more, **claims}
        except _FAULTS as error:
            raise _error(error) from None
        if not claims.get("sub"):
            raise ProviderError("no-subject")
        return self._person(claims)

    async def sign_out_url(self, back: str) -> str | None:
        """Where the provider ends its own session; None where it offers nothing or cannot be reached."""
        try:
            end = (await self._metadata()).get("end_session_endpoint")
        except (*_FAULTS, ProviderError):
            return None
        query = {"client_id": self._client.client_id, "post_logout_redirect_uri": back}
        return str(httpx.URL(end).copy_merge_params(query)) if end else None

    async def _metadata(self) -> Mapping[str, Any]:
        """The discovery document, of this issuer (OpenID Connect Discovery 1.0, 4.3)."""
        found: Mapping[str, Any] = await self._client.load_server_metadata()
        if str(found.get("issuer", "")).rstrip("/") != self._issuer.rstrip("/"):
            raise ProviderError("other-issuer")
        return found

    def _person(self, claims: Mapping[str, Any]) -> SignedIn:
        given = claims.get(self._claim) or ()
        posts = (given,) if isinstance(given, str) else given if isinstance(given, list) else ()
        name = claims.get("name") or claims.get("preferred_username") or ""
        return SignedIn(
            str(uuid5(NAMESPACE_URL, f"{claims['iss']}#{claims['sub']}")),
            str(name)[:80],
            tuple(post for post in posts if isinstance(post, str)),
        )


_FAULTS = (httpx.HTTPError, AuthlibBaseError, JoseError, RuntimeError, ValueError, KeyError, TypeError)
"""What Authlib raises where a provider refuses, fails, or answers with something else than it should."""


def _error(error: Exception) -> ProviderError:
    code = error.error if isinstance(error, AuthlibBaseError) else type(error).__name__
    log.warning("sign-in failed at the provider: %s", code)
    return ProviderError(str(code)[:60])
