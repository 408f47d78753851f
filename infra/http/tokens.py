"""Tokens: JWTs that an issuer of the keys file signs for people who have signed in, accepted in place of a key.

A token is accepted until it expires, for any number of requests. Sources: RFC 7519 (JWT), RFC 8725 (its best practice),
RFC 9864 (`Ed25519`, formerly `EdDSA`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any, Literal

from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwk import OKPKey
from joserfc.jws import CompactSignature, JWSRegistry, extract_compact, validate_compact
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from infra.http.keys import POST, Client, Issuer, Kind, Name, PostName

AUDIENCE = "xiaoneng"
"""`aud` of every token."""
MOST_SECONDS = 600
"""The longest life of a token, from `iat` to `exp`."""
LEEWAY_SECONDS = 30
"""Difference between the clocks of issuer and service that is allowed for."""
MOST_CHARACTERS = 4096
MOST_REMEMBERED = 1024
"""Tokens whose signature is not verified again: an app uses one for several requests."""
ALGORITHMS = ("Ed25519", "EdDSA")
"""Two names of one algorithm: with an Ed25519 key, `EdDSA` (RFC 8037) is what RFC 9864 calls `Ed25519`."""
_COMPACT = re.compile(r"eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_HEADERS = {"alg", "kid", "typ"}

DETAILS: dict[str, tuple[str, str]] = {
    "malformed": ("不是规定格式的令牌。", "This is no token of the form that is accepted."),
    "algorithm": ("只接受 Ed25519（EdDSA）签名。", "Only signatures by Ed25519 (EdDSA) are accepted."),
    "issuer_unknown": ("签发方未在密钥文件中登记。", "The issuer is not in the keys file."),
    "issuer_expired": ("签发方的公钥已过期。", "The issuer's key has expired."),
    "signature": ("签名与签发方的公钥不符。", "The signature is not by the issuer's key."),
    "claim": ("该字段缺失或不符合要求。", "The claim is missing or does not fit."),
    "not_the_issuer": ("iss 与 kid 不一致。", "`iss` differs from `kid`."),
    "kind_not_allowed": ("签发方不得在此签发该类用户的令牌。", "The issuer may not name this kind of client here."),
    "post_not_allowed": ("只有单位或渠道的令牌可以写明岗位。", "Only a unit or a channel has a post."),
    "not_yet_valid": ("令牌尚未生效，请检查时钟。", "The token is not valid yet; check the clock."),
    "life_too_long": ("有效期须在 10 分钟以内。", "A token lives for 10 minutes at most."),
    "expired": ("令牌已过期，请重新签发。", "The token has expired; sign a new one."),
}
"""Sentences by detail, in Chinese and English."""


class TokenFault(Exception):
    """A token that is refused: `token-invalid` or `token-expired`, with the field at fault and a detail."""

    def __init__(self, detail: str, field: str | None = None) -> None:
        super().__init__(detail)
        self.code = "token-expired" if detail == "expired" else "token-invalid"
        self.field = field
        self.detail = detail

    @property
    def reason(self) -> dict[str, str | None]:
        """The reason as a problem document has it."""
        zh, en = DETAILS[self.detail]
        return {"code": self.code, "field": self.field, "detail": self.detail, "zh": zh, "en": en}


class Claims(BaseModel):
    """What a token contains. Claims that are not named here are ignored."""

    model_config = ConfigDict(strict=True, frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True)

    iss: Name
    """Id of the issuer."""
    aud: Literal["xiaoneng"]
    iat: Annotated[int, Field(ge=0, le=2**40)]
    exp: Annotated[int, Field(ge=0, le=2**40)]
    nbf: Annotated[int, Field(ge=0, le=2**40)] = 0
    kind: Kind
    speaker: Name
    """The unit, channel, provider or system in whose name the request is made."""
    post: PostName | None = None
    """The post that acts."""
    rights: Annotated[list[Annotated[str, Field(pattern=r"^[a-z]+(-[a-z]+)*$", max_length=40)]], Field(max_length=20)]
    sub: Annotated[str, Field(pattern=f"^{POST}$", max_length=80)]
    """Opaque id of the person, as a service logs it: never a name."""
    jti: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{8,64}$")]


class _Ed25519Registry(JWSRegistry):
    """Verifies both names of the algorithm by one model, and no other algorithm."""

    def get_alg(self, name: str) -> Any:
        if name not in ALGORITHMS:
            raise UnsupportedAlgorithmError
        return super().get_alg("Ed25519")


class TokenVerifier:
    """Verifies tokens of these issuers."""

    def __init__(self, issuers: Iterable[Issuer]) -> None:
        self._issuers = {
            each.id: (each, OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": each.public_key}))
            for each in issuers
        }
        self._registry = _Ed25519Registry(algorithms=["Ed25519"])
        self._verified_claims = lru_cache(MOST_REMEMBERED)(self._verify)

    def client_of(self, token: str, at: datetime) -> Client:
        """The client whom the token names. Raises `TokenFault`."""
        claims, issuer = self._verified_claims(token)
        if issuer.expired(at):
            raise TokenFault("issuer_expired", "kid")
        _check_time(claims, at.timestamp())
        return _client(claims, issuer)

    def _verify(self, token: str) -> tuple[Claims, Issuer]:
        """What holds at any time. Raises `TokenFault`."""
        signed = self._read(token)
        header = signed.headers()
        if header.get("alg") not in ALGORITHMS:
            raise TokenFault("algorithm", "alg")
        issuer, key = self._issuers.get(str(header.get("kid")), (None, None))
        if issuer is None or key is None:
            raise TokenFault("issuer_unknown", "kid")
        if not self._is_signed(signed, key):
            raise TokenFault("signature")
        try:
            claims = Claims.model_validate_json(signed.payload)
        except ValidationError as error:
            where = error.errors(include_url=False, include_input=False)[0]["loc"]
            raise TokenFault("claim", str(where[0]) if where else None) from None
        _check(claims, issuer)
        return claims, issuer

    def _read(self, token: str) -> CompactSignature:
        if len(token) > MOST_CHARACTERS or not _COMPACT.fullmatch(token):
            raise TokenFault("malformed")
        try:
            signed = extract_compact(token.encode(), registry=self._registry)
            strange = set(signed.headers()) - _HEADERS
        except (JoseError, ValueError, TypeError, AttributeError, RecursionError):
            raise TokenFault("malformed") from None
        if strange:
            raise TokenFault("malformed", min(strange)[:40])
        return signed

    def _is_signed(self, signed: CompactSignature, key: OKPKey) -> bool:
        try:
            return validate_compact(signed, key, registry=self._registry)
        except (JoseError, ValueError, TypeError):
            return False


def is_token(presented: str) -> bool:
    """Whether a credential is meant as a JWT: its header begins with `{"`, and no key does."""
    return presented.startswith("eyJ")


def _check(claims: Claims, issuer: Issuer) -> None:
    if claims.iss != issuer.id:
        raise TokenFault("not_the_issuer", "iss")
    if claims.kind not in issuer.kinds:
        raise TokenFault("kind_not_allowed", "kind")
    if claims.post is not None and claims.kind not in {"unit", "channel"}:
        raise TokenFault("post_not_allowed", "post")
    if not 0 < claims.exp - claims.iat <= MOST_SECONDS:
        raise TokenFault("life_too_long", "exp")


def _check_time(claims: Claims, now: float) -> None:
    if max(claims.iat, claims.nbf) > now + LEEWAY_SECONDS:
        raise TokenFault("not_yet_valid", "nbf" if claims.nbf > claims.iat else "iat")
    if now >= claims.exp + LEEWAY_SECONDS:
        raise TokenFault("expired", "exp")


def _client(claims: Claims, issuer: Issuer) -> Client:
    rights = frozenset(claims.rights)
    return Client(
        id=f"{issuer.id}/{claims.post or claims.speaker}",
        speaker=claims.speaker,
        kind=claims.kind,
        post=claims.post,
        rights=rights & issuer.rights if issuer.rights else rights,
        per_minute=issuer.per_minute,
        person=claims.sub,
    )
