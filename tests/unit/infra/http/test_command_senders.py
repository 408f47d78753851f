"""Who sends a command over HTTP, and when it was issued: what the key decides and what the body may say."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from starlette.requests import Request

from contracts.assessments import WithdrawAssessment
from contracts.envelope import Record, decode
from contracts.handling import SignCase
from contracts.items import FinishItem
from contracts.message import Message
from contracts.refusals import malformed
from contracts.topics import REGISTRY
from infra.document import Entry
from infra.http.commanding import Commanding, Spoken
from infra.http.endpoint import Caller
from infra.http.keys import new_key
from infra.http.problems import HttpProblem
from infra.http.publishing import HttpPublisher
from infra.outcomes import Histories, Outcomes
from infra.reading import Input

NOW = datetime(2026, 11, 29, 8, tzinfo=UTC)
CASE = "8b24107b-9e1e-53b4-8a88-784ad2097b3a"
INPUTS = [Input(REGISTRY[kind.TOPIC], trusted=False) for kind in (SignCase, FinishItem, WithdrawAssessment)]
KINDS: dict[str, type[Message]] = {kind.TYPE: kind for kind in (SignCase, FinishItem, WithdrawAssessment)}


class Kept(HttpPublisher):
    """Keeps what it publishes."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    async def publish(self, *records: Record) -> None:
        self.records += records


class NoHistories(Histories):
    """Nothing was decided."""

    async def applied(self, key: str) -> tuple[list[str], list[str]]:
        return [], []

    async def history(self, key: str, start: int = 0) -> list[Entry]:
        return []


async def sent(speaker: str, body: dict[str, Any], **more: Any) -> tuple[Record, str, dict[str, Any]]:
    """The record, its source and its content."""
    outgoing = Kept()
    outcomes = Outcomes(NoHistories(), INPUTS, ())
    commanding = Commanding(KINDS, outgoing, outcomes, "/{key}/{command_id}", lambda: NOW, malformed, **more)
    request = Request({"type": "http", "headers": [(b"content-type", b"application/json")], "state": {}})
    request.state.body, request.state.request_id = json.dumps(body).encode(), "r1"
    caller = Caller("r1", "", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", new_key(speaker, ("act",))[1])
    await commanding.publish(request, caller, speaker, Spoken)
    (record,) = outgoing.records
    envelope, content = decode(record.headers, record.value)
    return record, envelope.source, json.loads(content)


@pytest.mark.parametrize(
    ("kind", "data", "topic", "field"),
    [
        (SignCase, {"case_id": CASE, "unit": "police"}, "handling.ecology", "unit"),
        (WithdrawAssessment, {"reference": "x", "reason": "有误", "body": "police"}, "assessments.ecology", "body"),
        (FinishItem, {"external_id": "x", "system": "other"}, "items.ecology", "system"),
    ],
)
async def test_a_command_is_sent_by_the_client_of_the_key(
    kind: type[Message], data: dict[str, Any], topic: str, field: str
) -> None:
    record, source, content = await sent("ecology", {"type": kind.TYPE, "data": data})
    assert (record.topic, content[field], source) == (topic, "ecology", "/units/ecology/http")


@pytest.mark.parametrize(("own_time", "issued_at"), [(False, "2026-11-29T08:00:00Z"), (True, "2026-11-28T01:00:00Z")])
async def test_only_who_reports_what_happened_before_states_the_time(own_time: bool, issued_at: str) -> None:
    body = {"type": FinishItem.TYPE, "data": {"external_id": "x", "issued_at": "2026-11-28T09:00:00+08:00"}}
    _, source, content = await sent("ecology", body, own_time=own_time, senders="systems")
    assert datetime.fromisoformat(content["issued_at"]) == datetime.fromisoformat(issued_at)
    assert source == "/systems/ecology/http"
    body["data"] = {"external_id": "x"}
    _, _, content = await sent("ecology", body, own_time=own_time)
    assert datetime.fromisoformat(content["issued_at"]) == NOW


async def test_a_stated_time_without_a_zone_is_named_as_the_fault() -> None:
    body = {"type": FinishItem.TYPE, "data": {"external_id": "x", "issued_at": "2026-11-28T09:00:00"}}
    with pytest.raises(HttpProblem) as problem:
        await sent("ecology", body, own_time=True)
    assert [each["field"] for each in problem.value.reasons] == ["data.issued_at"]
