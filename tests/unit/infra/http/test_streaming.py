"""Positions in a topic of several partitions, as the id of a server-sent event says them."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.requests import Request

from contracts.envelope import Envelope, record
from infra.http.problems import HttpProblem
from infra.http.streaming import _id, _offsets, event_of, last_event_id
from tests.unit.services.speaking import AT, CASE


def kept(**said: Any) -> Any:
    """A record as a consumer gives it."""
    envelope = Envelope("e-1", "/tests", "cn.xiaoneng.notice.staff-sent.v1", CASE, AT, None)
    made = record(topic="notices.events", key=CASE, body=json.dumps(said), envelope=envelope)
    return SimpleNamespace(headers=made.headers, value=made.value, offset=7)


def test_an_id_is_read_as_it_was_told() -> None:
    assert _offsets(_id([3, 0, 12]), 3) == [3, 0, 12]


def test_without_an_id_only_what_is_new_is_told() -> None:
    assert _offsets("", 2) == [None, None]


def test_a_partition_that_was_added_since_is_told_from_its_beginning() -> None:
    assert _offsets("3-4", 4) == [3, 4, 0, 0]


@pytest.mark.parametrize("last", ["1-2-3", "a", "-1", "1-", "9" * 19])
def test_an_id_of_another_topic_is_refused(last: str) -> None:
    with pytest.raises(HttpProblem, match="malformed"):
        _offsets(last, 2)


@pytest.mark.parametrize(
    ("given", "several", "read"),
    [
        ("", False, ""),
        ("7", False, "7"),
        ("3-4", True, "3-4"),
        ("3-4", False, None),
        ("x", True, None),
        ("-", True, None),
    ],
)
def test_a_last_event_id_is_read_or_named_as_the_fault(given: str, several: bool, read: str | None) -> None:
    request = Request({"type": "http", "headers": [(b"last-event-id", given.encode())]})

    def fault(field: str, detail: str) -> HttpProblem:
        return HttpProblem("refused", [{"field": field, "detail": detail}])

    if read is not None:
        assert last_event_id(request, fault, several) == read
        return
    with pytest.raises(HttpProblem) as problem:
        last_event_id(request, fault, several)
    assert problem.value.reasons == [{"field": "Last-Event-ID", "detail": "pattern"}]


def test_an_event_that_nobody_wants_is_not_told() -> None:
    wanted = kept(to="police-beicheng")
    assert event_of(wanted, "3-4", lambda said: said["to"] == "ecology") == ""
    told = event_of(wanted, "3-4", lambda said: said["to"] == "police-beicheng")
    assert told.startswith("id: 3-4\nevent: cn.xiaoneng.notice.staff-sent.v1\ndata: ")
    assert event_of(wanted).startswith("id: 7\n")
