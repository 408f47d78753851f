"""The audit finds every planted loss and every planted duplicate, and passes when there is none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from contracts.message import Message, case_id_for
from contracts.notify import ComplaintAcknowledged, ComplaintAnswered, ComplaintRefused, NoticeSent
from contracts.refusals import reason
from contracts.routing import CaseAssigned, CaseClosed, CaseQueued, CaseReopened
from contracts.scoring import CaseRated, ClockStarted, ClockStopped
from xn.audit import Ledger, quantiles

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
ONE, TWO = case_id_for("web", "1"), case_id_for("web", "2")


def registered(case_id: str, number: str = "SL-20261123-000001") -> CaseRegistered:
    return CaseRegistered(
        case_id=case_id,
        occurred_at=AT,
        number=number,
        channel=Channel.WEB,
        appeal=AppealType.COMPLAINT,
        category="noise",
        area="east",
        jurisdiction="centre",
        title="",
        text="x",
        received_at=AT,
        reply_by=ReplyBy.CHANNEL,
        language=Language.CHINESE,
        policy="p",
    )


def refused(case_id: str, *codes: RefusalCode) -> SubmissionRefused:
    return SubmissionRefused(
        case_id=case_id,
        occurred_at=AT,
        channel=Channel.WEB,
        submission_id="s",
        reasons=tuple(reason(code) for code in codes),
        reply_by=ReplyBy.CHANNEL,
        language=Language.CHINESE,
        policy="p",
    )


def assigned(case_id: str) -> CaseAssigned:
    return CaseAssigned(case_id=case_id, occurred_at=AT, unit="police", responsible="police", rule="r", policy="p")


def queued(case_id: str) -> CaseQueued:
    return CaseQueued(case_id=case_id, occurred_at=AT, centre="centre", responsible="centre", why="no-rule", policy="p")


def closed(case_id: str) -> CaseClosed:
    return CaseClosed(case_id=case_id, occurred_at=AT, unit="police", result=HandlingResult.RESOLVED, reply="done")


def clock(case_id: str) -> ClockStarted:
    return ClockStarted(
        case_id=case_id,
        occurred_at=AT,
        clock="close",
        started_on=AT.date(),
        budget_working_days=15,
        due_at=AT,
        provisional=False,
        calendar="c",
        policy="p",
    )


def stopped(case_id: str) -> ClockStopped:
    return ClockStopped(
        case_id=case_id, occurred_at=AT, clock="close", stopped_at=AT, on_time=True, working_days_used=1
    )


def told(case_id: str, kind: NoticeKind) -> NoticeSent:
    return NoticeSent(case_id=case_id, occurred_at=AT, notice_id="n", notice=kind, by=ReplyBy.CHANNEL, attempts=1)


def rated(case_id: str) -> CaseRated:
    return CaseRated(
        case_id=case_id,
        occurred_at=AT,
        channel=Channel.WEB,
        rating_id="r",
        satisfaction=Satisfaction.SATISFIED,
        solved=True,
    )


def replied(case_id: str, number: str = "SL-20261123-000001") -> ComplaintAcknowledged:
    return ComplaintAcknowledged(case_id=case_id, occurred_at=AT, channel=Channel.WEB, number=number, registered_at=AT)


def answered(case_id: str, number: str) -> ComplaintAnswered:
    return ComplaintAnswered(
        case_id=case_id,
        occurred_at=AT,
        channel=Channel.WEB,
        number=number,
        result=HandlingResult.RESOLVED,
        reply="done",
    )


def turned_away(case_id: str, *codes: RefusalCode) -> ComplaintRefused:
    return ComplaintRefused(
        case_id=case_id,
        occurred_at=AT,
        channel=Channel.WEB,
        submission_id="s",
        reasons=tuple(reason(code) for code in codes),
    )


def whole_life(case_id: str, number: str = "SL-20261123-000001") -> list[Message]:
    return [
        registered(case_id, number),
        told(case_id, NoticeKind.ACKNOWLEDGEMENT),
        replied(case_id, number),
        assigned(case_id),
        clock(case_id),
        closed(case_id),
        stopped(case_id),
        told(case_id, NoticeKind.ANSWER),
        answered(case_id, number),
        rated(case_id),
    ]


def ledger(*messages: Message, submitted: tuple[str, ...] = (ONE,)) -> Ledger:
    found = Ledger()
    for case_id in submitted:
        found.submit(case_id, AT)
    for id, message in zip(count(), messages, strict=False):
        found.see(str(id), message)
    return found


def test_a_whole_life_passes() -> None:
    found = ledger(*whole_life(ONE))
    audit = found.audit()
    assert audit.passed
    assert (audit.submitted, audit.registered, audit.closed, audit.answered, audit.rated) == (1, 1, 1, 1, 1)
    assert found.unsettled() == []


def test_a_refusal_with_its_reason_that_was_told_passes() -> None:
    code = RefusalCode.AREA_UNKNOWN
    audit = ledger(refused(ONE, code), turned_away(ONE, code), told(ONE, NoticeKind.REFUSAL)).audit()
    assert audit.passed
    assert (audit.registered, audit.refused, audit.reasons) == (0, 1, {"area-unknown": 1})


def test_a_refused_submission_that_was_mended_counts_as_registered() -> None:
    audit = ledger(refused(ONE, RefusalCode.AREA_UNKNOWN), *whole_life(ONE)).audit()
    assert (audit.passed, audit.registered, audit.refused) == (True, 1, 0)


def test_an_open_case_with_an_owner_passes_and_is_not_settled() -> None:
    acknowledged = (told(ONE, NoticeKind.ACKNOWLEDGEMENT), replied(ONE))
    found = ledger(registered(ONE), *acknowledged, queued(ONE), clock(ONE))
    assert found.audit().passed
    assert found.audit().open_with_owner == 1
    assert found.unsettled() == [ONE]


LOSSES: list[tuple[str, Callable[[Message], bool]]] = [
    ("neither registered nor refused", lambda m: True),
    ("without an owner", lambda m: isinstance(m, CaseAssigned | CaseClosed | ClockStopped | CaseRated)),
    ("registered, its channel not told", lambda m: isinstance(m, ComplaintAcknowledged)),
    ("closed, its channel not told", lambda m: isinstance(m, ComplaintAnswered)),
    ("never acknowledged", lambda m: isinstance(m, NoticeSent) and m.notice == NoticeKind.ACKNOWLEDGEMENT),
    ("never answered", lambda m: isinstance(m, NoticeSent) and m.notice == NoticeKind.ANSWER),
    ("without a deadline", lambda m: isinstance(m, ClockStarted)),
    ("its clock still runs", lambda m: isinstance(m, ClockStopped)),
]


@pytest.mark.parametrize(("fault", "missing"), LOSSES, ids=[fault for fault, _ in LOSSES])
def test_a_planted_loss_is_found(fault: str, missing: Callable[[Message], bool]) -> None:
    audit = ledger(*(message for message in whole_life(ONE) if not missing(message))).audit()
    assert not audit.passed
    assert audit.lost == 1
    assert fault in audit.faults[0]


@pytest.mark.parametrize(
    "messages", [[refused(ONE), told(ONE, NoticeKind.REFUSAL)], [refused(ONE, RefusalCode.MALFORMED)]]
)
def test_a_refusal_without_reason_or_without_a_word_is_a_loss(messages: list[Message]) -> None:
    assert ledger(*messages).audit().lost == 1


@pytest.mark.parametrize("again", [m for m in whole_life(ONE) if not isinstance(m, CaseAssigned)], ids=lambda m: m.TYPE)
def test_a_planted_duplicate_is_found(again: Message) -> None:
    audit = ledger(*whole_life(ONE), again).audit()
    assert not audit.passed
    assert audit.duplicated == 1


def test_refusals_of_different_messages_under_one_id_are_no_duplicates() -> None:
    both = [refused(ONE, code) for code in (RefusalCode.AREA_UNKNOWN, RefusalCode.TEXT_MISSING)]
    assert ledger(*both).audit().duplicated == 0
    assert ledger(*both, both[0]).audit().duplicated == 1


def test_a_number_that_two_cases_share_is_found() -> None:
    audit = ledger(*whole_life(ONE), *whole_life(TWO), submitted=(ONE, TWO)).audit()
    assert audit.duplicated == 1
    assert "has the number of" in audit.faults[0]


@given(st.permutations(whole_life(ONE)), st.data())
def test_order_and_repetition_of_the_same_events_change_nothing(messages: list[Message], data: st.DataObject) -> None:
    found = Ledger()
    found.submit(ONE, AT)
    ids = {id(message): str(n) for n, message in enumerate(messages)}
    for message in [*messages, *data.draw(st.lists(st.sampled_from(messages)))]:
        found.see(ids[id(message)], message)
    assert found.audit().passed


def test_events_of_cases_that_nobody_submitted_are_not_counted() -> None:
    assert ledger(*whole_life(TWO), submitted=()).audit().registered == 0


def opened_again() -> list[Message]:
    """A whole life, and then: it is handled, clocked and answered a second time."""
    again = CaseReopened(case_id=ONE, occurred_at=AT, unit="housing", count=1, reason="仍未解决")
    clock_again = [each.model_copy(update={"clock": "close-2"}) for each in (clock(ONE), stopped(ONE))]
    answer = told(ONE, NoticeKind.ANSWER).model_copy(update={"notice_id": f"answer-2.{ONE}"})
    reply = answered(ONE, "SL-20261123-000001").model_copy(update={"reply": "已彻底整改。"})
    second = closed(ONE).model_copy(update={"reply": "已彻底整改。"})
    return [*whole_life(ONE), again, *clock_again, second, answer, reply]


def test_a_case_that_is_opened_again_is_answered_again() -> None:
    assert ledger(*opened_again()).audit().passed


@pytest.mark.parametrize("missing", range(1, 6))
def test_what_is_owed_after_an_opening_is_missed(missing: int) -> None:
    seen = ledger(*opened_again()[:-missing])
    assert seen.unsettled() == [ONE]


def test_an_end_without_an_opening_is_one_too_many() -> None:
    second = closed(ONE).model_copy(update={"reply": "已彻底整改。"})
    assert ledger(*whole_life(ONE), second).audit().duplicated == 1


def test_quantiles_are_the_middle_and_the_end() -> None:
    assert quantiles([]) is None
    assert quantiles(float(n) for n in range(100)) == (50.0, 99.0)
    assert quantiles([timedelta(seconds=2).total_seconds()]) == (2.0, 2.0)
