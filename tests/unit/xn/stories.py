"""What the topics tell of cases that went well, to be spoilt by tests."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from uuid import NAMESPACE_OID, uuid5

from contracts.codes import (
    AppealType,
    Channel,
    HandlingResult,
    Language,
    NoticeKind,
    RefusalCode,
    ReplyBy,
    Satisfaction,
)
from contracts.intake import CaseRegistered, SubmissionRefused
from contracts.message import Event, Message, case_id_for
from contracts.notify import ComplaintAcknowledged, ComplaintAnswered, ComplaintRefused, NoticeSent
from contracts.refusals import reason
from contracts.routing import CaseAssigned, CaseClosed, CaseSigned
from contracts.scoring import CaseRated, ClockStarted, ClockStopped
from xn.audit import Audit, Ledger

AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
UNIT = "police-beicheng"

Told = list[tuple[str, Event]]
"""Events with their ids, in the order they happened."""


def case(name: str) -> str:
    """A case id by a name that is easy to read."""
    return case_id_for("web", name)


def named(name: str, events: Iterable[Event]) -> Told:
    """Each with an id of its own, the same every time."""
    return [(str(uuid5(NAMESPACE_OID, f"{name}/{n}/{event.TYPE}")), event) for n, event in enumerate(events)]


def registered(name: str, number: str | None = None) -> CaseRegistered:
    """It has its number."""
    return CaseRegistered(
        case_id=case(name),
        occurred_at=AT,
        number=number or f"BC-20261123-{name}",
        channel=Channel.WEB,
        appeal=AppealType.COMPLAINT,
        category="noise-residential",
        area="beicheng",
        jurisdiction="beicheng-centre",
        title="夜间噪声",
        text="噪声很大。",
        received_at=AT,
        reply_by=ReplyBy.EMAIL,
        language=Language.CHINESE,
        policy="test",
    )


def notice(name: str, kind: NoticeKind, by: ReplyBy = ReplyBy.EMAIL) -> NoticeSent:
    """The complainant was told."""
    case_id = case(name)
    return NoticeSent(case_id=case_id, occurred_at=AT, notice_id=f"{kind}.{case_id}", notice=kind, by=by, attempts=1)


def clock_started(name: str) -> ClockStarted:
    """It has a deadline."""
    return ClockStarted(
        case_id=case(name),
        occurred_at=AT,
        clock="close",
        started_on=date(2026, 11, 23),
        budget_working_days=5,
        due_at=AT + timedelta(days=7),
        provisional=False,
        calendar="2026",
        policy="test",
    )


def beginning(name: str) -> list[Event]:
    """Registered, with an owner and a deadline, acknowledged both ways."""
    case_id, number = case(name), f"BC-20261123-{name}"
    return [
        registered(name),
        CaseAssigned(case_id=case_id, occurred_at=AT, unit=UNIT, responsible="beicheng-centre", rule="1", policy="t"),
        clock_started(name),
        ComplaintAcknowledged(case_id=case_id, occurred_at=AT, channel=Channel.WEB, number=number, registered_at=AT),
        notice(name, NoticeKind.ACKNOWLEDGEMENT),
    ]


def ending(name: str) -> list[Event]:
    """Signed, closed, answered both ways, rated."""
    case_id, number, result = case(name), f"BC-20261123-{name}", HandlingResult.RESOLVED
    return [
        CaseSigned(case_id=case_id, occurred_at=AT, unit=UNIT),
        CaseClosed(case_id=case_id, occurred_at=AT, unit=UNIT, result=result, reply="已整改。"),
        ClockStopped(case_id=case_id, occurred_at=AT, clock="close", stopped_at=AT, on_time=True, working_days_used=0),
        ComplaintAnswered(
            case_id=case_id, occurred_at=AT, channel=Channel.WEB, number=number, result=result, reply="已整改。"
        ),
        notice(name, NoticeKind.ANSWER),
        CaseRated(
            case_id=case_id,
            occurred_at=AT,
            channel=Channel.WEB,
            rating_id="r",
            satisfaction=Satisfaction.SATISFIED,
            solved=True,
        ),
    ]


def refused(name: str, *codes: RefusalCode) -> list[Event]:
    """Not registered, and told so both ways."""
    case_id, reasons = case(name), tuple(reason(code) for code in codes)
    return [
        SubmissionRefused(
            case_id=case_id,
            occurred_at=AT,
            channel=Channel.WEB,
            submission_id=name,
            reasons=reasons,
            reply_by=ReplyBy.CHANNEL,
            language=Language.CHINESE,
            policy="test",
        ),
        ComplaintRefused(case_id=case_id, occurred_at=AT, channel=Channel.WEB, submission_id=name, reasons=reasons),
        NoticeSent(
            case_id=case_id,
            occurred_at=AT,
            notice_id=f"refusal.{name}",
            notice=NoticeKind.REFUSAL,
            by=ReplyBy.CHANNEL,
            attempts=1,
        ),
    ]


def whole(name: str) -> Told:
    """From registration to rating."""
    return named(name, [*beginning(name), *ending(name)])


def ledger(submitted: Iterable[str], told: Iterable[tuple[str, Message]]) -> Ledger:
    """What somebody knows who submitted these and saw that."""
    found = Ledger()
    for name in submitted:
        found.submit(case(name), AT)
    for id, event in told:
        found.see(id, event)
    return found


def audit(submitted: Iterable[str], told: Told) -> Audit:
    """The figures of it."""
    return ledger(submitted, told).audit()
