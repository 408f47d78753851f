"""The sealed cookie: who may read it, how long, and that it contains nothing in clear."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from starlette.requests import Request
from starlette.responses import Response

from apps.citizen.proof import COOKIE, SECONDS, TOKEN, Own, Sealer

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
OWN = Own(number="BC-20261123-000042", code="4821000000000000")


def written(own: Own = OWN, scheme: str = "https", secret: str = "s") -> tuple[str, str]:
    """The value of the cookie and its attributes."""
    response = Response()
    Sealer(secret, lambda: NOW).write(request_with("", scheme), response, own)
    value, _, attributes = response.headers["set-cookie"].partition("=")[2].partition(";")
    return value, attributes.lower()


def request_with(value: str, scheme: str = "https") -> Request:
    headers = [(b"cookie", f"{COOKIE}={value}".encode())] if value else []
    return Request({"type": "http", "scheme": scheme, "headers": headers, "path": "/", "server": ("city", 443)})


def read(value: str, at: datetime = NOW, secret: str = "s") -> Own | None:
    return Sealer(secret, lambda: at).read(request_with(value))


def test_a_proof_is_read_again_and_has_nothing_in_clear():
    value, _ = written()
    found = read(value)
    assert found is not None
    assert found.proof == {"number": OWN.number, "receipt_code": OWN.code}
    assert OWN.code not in value
    assert written()[0] != value  # two cookies of one case cannot be told to be of one case


@pytest.mark.parametrize(("scheme", "secure"), [("https", True), ("http", False)])
def test_the_cookie_is_strict_http_only_and_secure_where_the_page_is(scheme, secure):
    attributes = written(scheme=scheme)[1]
    assert "httponly" in attributes
    assert "samesite=strict" in attributes
    assert f"max-age={SECONDS}" in attributes
    assert ("secure" in attributes) is secure


def test_a_proof_ends_after_thirty_minutes_even_where_the_browser_still_sends_it():
    value, _ = written()
    assert read(value, NOW + timedelta(minutes=29)) is not None
    assert read(value, NOW + timedelta(minutes=30)) is None


@pytest.mark.parametrize("change", [lambda v: v[:-4] + "AAAA", lambda v: v[:20], lambda v: "x", lambda v: "é" + v])
def test_a_changed_cookie_is_no_proof(change):
    assert read(change(written()[0])) is None


def test_another_secret_reads_nothing():
    assert read(written()[0], secret="t") is None


def test_a_link_is_a_proof_before_number_and_code():
    assert Own(number="BC-1", code="1", link="a" * 54).proof == {"link": "a" * 54}
    assert Own(case_id="c", code="1").proof == {}


@pytest.mark.parametrize(("text", "fits"), [("a" * 54, True), ("a" * 53, False), ("a" * 55, False), ("/" * 54, False)])
def test_a_token_has_its_length_and_letters(text, fits):
    assert bool(TOKEN.fullmatch(text)) is fits
