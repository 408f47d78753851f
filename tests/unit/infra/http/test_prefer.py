"""The `Prefer` header: how long a client wants to wait. Source: RFC 7240."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from infra.http.prefer import wait_seconds


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ([], 3),
        (["wait=5"], 5),
        (["wait=0"], 0),
        (["wait=100"], 8),
        (["respond-async"], 0),
        (["Respond-Async"], 0),
        (["respond-async, wait=2"], 2),
        (["wait=2, respond-async"], 2),
        (["wait=2, wait=5"], 2),
        (["return=minimal", "wait=4"], 4),
        (['Wait = "6"'], 6),
        (["wait=4; foo=bar"], 4),
        (["wait=-1"], 3),
        (["wait=x"], 3),
        (["wait"], 3),
        (["wait=1.5"], 3),
        (["wait=99999999999999999999"], 3),
        ([""], 3),
    ],
)
def test_a_client_may_wait_longer_or_not_at_all(headers: list[str], seconds: float) -> None:
    request = Request({"type": "http", "headers": [(b"prefer", each.encode()) for each in headers]})
    assert wait_seconds(request, 3, 8) == seconds
