"""Tokens are accepted like keys, and every other credential that looks like one is refused by name."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import OKPKey
from nacl.signing import SigningKey
from pydantic import ValidationError

from infra.http.keys import Issuer, KeyRing, stored_issuer
from infra.http.tokens import DETAILS, LEEWAY_SECONDS, MOST_CHARACTERS, TokenFault, TokenVerifier, is_token
from tests.support.tokens import PERSON, Signer

NOW = datetime(2026, 11, 29, 10, 0, tzinfo=UTC)
AT = int(NOW.timestamp())
SIGNER = Signer()
OTHER = Signer("board")
EXPIRED = Signer("old")
VERIFIER = TokenVerifier(
    (SIGNER.issuer(rights=frozenset({"act", "read"})), OTHER.issuer(), EXPIRED.issuer(expires=NOW - timedelta(hours=1)))
)


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def token(**claims: Any) -> str:
    return SIGNER.token(**{"speaker": "police-beicheng", "now": AT, **claims})


def header(**headers: Any) -> str:
    return SIGNER.token("police-beicheng", now=AT, header=headers)


def signed(headers: Mapping[str, Any], sign: Callable[[bytes], bytes]) -> str:
    content = f"{part(headers)}.{token().split('.')[1]}"
    return f"{content}.{base64.urlsafe_b64encode(sign(content.encode())).rstrip(b'=').decode()}"


def with_public_key_as_secret(content: bytes) -> bytes:
    return hmac.digest(str(SIGNER.key["x"]).encode(), content, hashlib.sha256)


def by_ed25519(content: bytes) -> bytes:
    seed = base64.urlsafe_b64decode(str(SIGNER.key.as_dict(private=True)["d"]) + "=")
    return SigningKey(seed).sign(content).signature


def test_a_token_names_its_client() -> None:
    client = VERIFIER.client_of(token(post="police-beicheng.desk-1", rights=["act", "read", "operate"]), NOW)
    assert (client.kind, client.speaker, client.post) == ("unit", "police-beicheng", "police-beicheng.desk-1")
    assert client.id == "desk/police-beicheng.desk-1"
    assert client.rights == {"act", "read"}, "the issuer's rights are the upper bound"
    assert client.person == PERSON
    desk = VERIFIER.client_of(OTHER.token("web", now=AT, kind="channel", rights=["submit", "operate"]), NOW)
    assert (desk.kind, desk.post, desk.id) == ("channel", None, "board/web")
    assert desk.rights == {"submit", "operate"}


def test_both_names_of_the_algorithm_are_accepted_without_a_warning() -> None:
    named = [signed({"alg": alg, "kid": "desk"}, by_ed25519) for alg in ("EdDSA", "Ed25519")]
    assert {VERIFIER.client_of(each, NOW).speaker for each in named} == {"police-beicheng"}


FAULTS: dict[str, tuple[str, str, str | None]] = {
    "of three letters": ("eyJ", "malformed", None),
    "without signature": (token().rpartition(".")[0] + ".", "malformed", None),
    "of four parts": (token() + ".x", "malformed", None),
    "with padding": (token() + "=", "malformed", None),
    "too long": (token(jti="x" * MOST_CHARACTERS), "malformed", None),
    "whose header is no JSON": ("eyJx.e30.AAAA", "malformed", None),
    "with a critical header": (
        signed({"alg": "Ed25519", "kid": "desk", "crit": ["b64"]}, by_ed25519),
        "malformed",
        "crit",
    ),
    "that brings its own key": (
        signed({"alg": "Ed25519", "kid": "desk", "jwk": OTHER.key.as_dict(private=False)}, by_ed25519),
        "malformed",
        "jwk",
    ),
    "with alg none": (signed({"alg": "none", "kid": "desk"}, lambda _: b"x"), "algorithm", "alg"),
    "with HS256 and the public key as secret": (
        signed({"alg": "HS256", "kid": "desk"}, with_public_key_as_secret),
        "algorithm",
        "alg",
    ),
    "with an algorithm that is no text": (signed({"alg": 1, "kid": "desk"}, by_ed25519), "algorithm", "alg"),
    "of an unknown issuer": (header(kid="nobody"), "issuer_unknown", "kid"),
    "without kid": (header(kid=None), "issuer_unknown", "kid"),
    "of an issuer that has expired": (EXPIRED.token("web", now=AT), "issuer_expired", "kid"),
    "signed by another key": (Signer("desk").token("ecology", now=AT), "signature", None),
    "signed by another issuer": (OTHER.token("ecology", now=AT, header={"kid": "desk"}), "signature", None),
    "whose claims were changed": (
        ".".join((token().split(".")[0], part({"speaker": "ecology"}), token().split(".")[2])),
        "signature",
        None,
    ),
    "whose signature is cut": (token()[:-8], "signature", None),
    "in the name of another issuer": (token(iss="board"), "not_the_issuer", "iss"),
    "for another audience": (token(aud="elsewhere"), "claim", "aud"),
    "for several audiences": (token(aud=["xiaoneng", "elsewhere"]), "claim", "aud"),
    "without audience": (token(aud=None), "claim", "aud"),
    "without expiry": (token(exp=None), "claim", "exp"),
    "with an expiry of text": (token(exp=str(AT + 60)), "claim", "exp"),
    "with an expiry that is no number": (token(exp=float("nan")), "claim", "exp"),
    "without beginning": (token(iat=None), "claim", "iat"),
    "without person": (token(sub=None), "claim", "sub"),
    "with a person's name": (token(sub="李伟"), "claim", "sub"),
    "without id": (token(jti=None), "claim", "jti"),
    "of no kind": (token(kind=None), "claim", "kind"),
    "of an unknown kind": (token(kind="citizen"), "claim", "kind"),
    "with a speaker that is no id": (token(speaker="police beicheng"), "claim", "speaker"),
    "with a post that is none": (token(post="Li Wei"), "claim", "post"),
    "without rights": (token(rights=None), "claim", "rights"),
    "with rights of text": (token(rights="act"), "claim", "rights"),
    "of a kind that the issuer may not name": (token(kind="provider"), "kind_not_allowed", "kind"),
    "from the future": (token(iat=AT + LEEWAY_SECONDS + 1, exp=AT + 300), "not_yet_valid", "iat"),
    "that begins later": (token(nbf=AT + LEEWAY_SECONDS + 1), "not_yet_valid", "nbf"),
    "that lives too long": (token(exp=AT + 601), "life_too_long", "exp"),
    "that ends as it begins": (token(exp=AT), "life_too_long", "exp"),
    "that has expired": (token(iat=AT - 400, exp=AT - LEEWAY_SECONDS), "expired", "exp"),
}


@pytest.mark.parametrize("which", FAULTS)
def test_a_token_is_refused(which: str) -> None:
    presented, detail, field = FAULTS[which]
    with pytest.raises(TokenFault) as raised:
        VERIFIER.client_of(presented, NOW)
    fault = raised.value
    assert (fault.detail, fault.field) == (detail, field)
    assert fault.code == ("token-expired" if detail == "expired" else "token-invalid")


@pytest.mark.parametrize(
    "claims",
    [
        {"iat": AT + LEEWAY_SECONDS},
        {"iat": AT - 400, "exp": AT - LEEWAY_SECONDS + 1},
        {"exp": AT + 600},
        {"email": "left out of account", "nbf": AT},
        {"sub": "police-beicheng.desk-1"},
    ],
)
def test_a_token_at_the_limit_is_accepted(claims: Mapping[str, Any]) -> None:
    assert VERIFIER.client_of(token(**claims), NOW).speaker == "police-beicheng"


def test_a_token_that_was_accepted_is_refused_once_its_time_or_its_issuer_is_over() -> None:
    ends = NOW + timedelta(minutes=2)
    verifier = TokenVerifier([SIGNER.issuer(expires=ends)])
    short, long = token(exp=AT + 30), token(exp=AT + 600)
    assert [verifier.client_of(each, NOW).speaker for each in (short, long)] == ["police-beicheng"] * 2
    with pytest.raises(TokenFault, match="expired"):
        verifier.client_of(short, NOW + timedelta(seconds=60))
    assert verifier.client_of(long, NOW + timedelta(seconds=60)).person == PERSON
    with pytest.raises(TokenFault, match="issuer_expired"):
        verifier.client_of(long, ends)
    with pytest.raises(TokenFault, match="not_yet_valid"):
        verifier.client_of(long, NOW - timedelta(minutes=1))


def test_only_a_unit_or_a_channel_has_a_post() -> None:
    verifier = TokenVerifier([SIGNER.issuer(kinds=frozenset({"system"}))])
    with pytest.raises(TokenFault, match="post_not_allowed"):
        verifier.client_of(token(kind="system", post="a.b"), NOW)
    assert verifier.client_of(token(kind="system"), NOW).kind == "system"


def test_every_detail_has_both_languages() -> None:
    for detail in DETAILS:
        reason = TokenFault(detail, "kid").reason
        assert reason["en"] is not None
        assert reason["zh"] is not None
        assert reason["en"].isascii()
        assert not reason["zh"].isascii()


@given(
    st.dictionaries(
        st.sampled_from(["alg", "kid", "typ", "b64", "crit"]), st.none() | st.text() | st.lists(st.integers())
    )
)
def test_no_header_breaks_the_verification(headers: dict[str, Any]) -> None:
    with pytest.raises(TokenFault):
        VERIFIER.client_of(signed({"alg": "Ed25519", **headers, "kid": headers.get("kid")}, by_ed25519), NOW)


@given(st.text().map(lambda text: "eyJ" + text))
def test_no_text_breaks_the_verification(presented: str) -> None:
    assert is_token(presented)
    with pytest.raises(TokenFault):
        VERIFIER.client_of(presented, NOW)


@pytest.mark.parametrize(
    ("public_key", "why"),
    [
        ("A" * 43, "no usable Ed25519 key"),
        (base64.urlsafe_b64encode(b"\x01" + bytes(31)).decode()[:43], "no usable Ed25519 key"),
        ("short", "pattern"),
    ],
)
def test_a_key_by_which_anybody_could_sign_is_refused(public_key: str, why: str) -> None:
    """Points of small order accept signatures that were made without a private key."""
    with pytest.raises(ValidationError, match=why):
        Issuer(id="desk", public_key=public_key, kinds=frozenset({"unit"}))


def test_an_issuer_is_read_again_as_it_was_stored() -> None:
    issuer = Signer().issuer(
        rights=frozenset({"act"}), services=frozenset({"routing"}), per_minute=9, expires=NOW.astimezone(UTC)
    )
    assert KeyRing.read(None, stored_issuer(issuer)).issuers == (issuer,)
    assert OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": issuer.public_key}).curve_name == "Ed25519"
