"""What the tests of the rules share: contexts, the facts of other services, and events as their receivers read them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar

from contracts.codes import AppealType, Channel, HandlingResult, Language, RefusalCode, ReplyBy
from contracts.intake import CaseRegistered, SubmissionRefused
from contracts.message import Message, case_id_for
from contracts.refusals import Reason, reason
from contracts.routing import CaseClosed
from contracts.topics import REGISTRY
from infra.decision import Context, Decision, Wait
from infra.place import PlaceFiles, read_place
from tests.support.deployment import DEMO

AT = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
"""Monday half past nine in the morning in 示例市."""
CASE = case_id_for(Channel.WEB, "x1")

E = TypeVar("E", bound=Message)


@cache
def demo() -> PlaceFiles:
    """The demonstration place."""
    return read_place(DEMO)


def context(speaker: str = "", *, at: datetime = AT, message_id: str = "m1", **more: Any) -> Context:
    """The context of one decision on `CASE`."""
    return Context(**{"key": CASE, "at": at, "message_id": message_id, "speaker": speaker, **more})


def decided(decision: Decision[Any] | Wait) -> Decision[Any]:
    """The decision, which must be one."""
    assert isinstance(decision, Decision)
    return decision


def read(events: Iterable[Message]) -> list[Any]:
    """Events as their receivers read them: from JSON, by the contract of their type, on a topic that exists."""
    found = []
    for event in events:
        assert event.TYPE in {each.TYPE for each in REGISTRY.matching(event.topic).messages}
        found.append(REGISTRY.messages[event.TYPE].model_validate_json(event.model_dump_json()))
    assert found == list(events)
    return found


def only(type: type[E], events: Iterable[Message]) -> E:
    """The one event of a type, as its receiver reads it."""
    (found,) = [event for event in read(events) if isinstance(event, type)]
    return found


def types(decision: Decision[Any] | Wait) -> list[str]:
    """The names of what is announced, in order."""
    return [type(event).__name__ for event in decided(decision).events]


def told(reasons: Iterable[Reason]) -> list[tuple[str, str | None]]:
    """Code and field (with its detail) of each reason; each has both sentences, with nothing left to fill."""
    found = []
    for each in reasons:
        assert any("一" <= letter <= "鿿" for letter in each.zh)
        assert each.en.isascii()
        assert each.en.endswith(".")
        assert not {"{", "}"} & set(each.zh + each.en)
        found.append((str(each.code), f"{each.field}: {each.detail}" if each.detail else each.field))
    return found


def registered(**changes: Any) -> CaseRegistered:
    """What intake announces of a case."""
    given: dict[str, Any] = {
        "case_id": CASE,
        "occurred_at": AT,
        "number": "BC-20261123-000001",
        "channel": Channel.WEB,
        "appeal": AppealType.COMPLAINT,
        "category": "noise-residential",
        "area": "beicheng",
        "jurisdiction": "beicheng-centre",
        "title": "夜间噪声",
        "text": "楼下凌晨仍在营业。",
        "received_at": AT,
        "reply_by": ReplyBy.CHANNEL,
        "language": Language.CHINESE,
        "policy": "demo",
    }
    return CaseRegistered(**{**given, **changes})


def refused_submission(**changes: Any) -> SubmissionRefused:
    """What intake announces of a submission it cannot register."""
    given: dict[str, Any] = {
        "case_id": CASE,
        "occurred_at": AT,
        "channel": Channel.RADIO,
        "submission_id": "s1",
        "reasons": (reason(RefusalCode.AREA_UNKNOWN, "area"), reason(RefusalCode.TEXT_TOO_LONG, "text", limit=10)),
        "reply_by": ReplyBy.CHANNEL,
        "language": Language.CHINESE,
        "policy": "demo",
    }
    return SubmissionRefused(**{**given, **changes})


def closed(**changes: Any) -> CaseClosed:
    """What routing announces when a unit has answered."""
    given: dict[str, Any] = {
        "case_id": CASE,
        "occurred_at": AT,
        "unit": "police-beicheng",
        "result": HandlingResult.RESOLVED,
        "reply": "已责令整改。",
    }
    return CaseClosed(**{**given, **changes})
