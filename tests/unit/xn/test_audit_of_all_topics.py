"""The audit of whole stories, as all topics tell them: replies on the channel's own topic and mails among them."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from uuid import NAMESPACE_OID, uuid5

import pytest

from contracts.channel import RateCase, RecordCallback
from contracts.codes import CallbackOutcome, Channel, NoticeKind, RefusalCode, ReplyBy, Satisfaction
from contracts.dead_letters import DeadLettered, DeadLetterReason, Origin
from contracts.handling import SignCase
from contracts.intake import CaseRegistered, SubmissionRefused
from contracts.message import Event, Message
from contracts.notify import (
    ComplaintAcknowledged,
    ComplaintAnswered,
    ComplaintRefused,
    NoticeFailed,
    NoticeSent,
    RatingAnswered,
)
from contracts.routing import CaseAssigned, CaseClosed, CaseQueued, CaseSigned
from contracts.scoring import CallbackRecorded, CaseRated, ClockStarted, ClockStopped
from contracts.staff_notices import StaffNoticeOwed, StaffNoticeSent
from tests.unit.xn.stories import (
    AT,
    UNIT,
    Told,
    audit,
    beginning,
    case,
    ledger,
    named,
    notice,
    refused,
    registered,
    whole,
)
from xn.audit import notices_of

ALL = ("a", "b", "c")
GOOD: Told = [*whole("a"), *named("b", beginning("b")), *named("c", refused("c", RefusalCode.AREA_UNKNOWN))]
"""One closed, one open with an owner, one refused."""


def without(model: type[Event], name: str) -> Told:
    """All went well, but this was never said about that case."""
    left = [(id, event) for id, event in GOOD if not (isinstance(event, model) and event.case_id == case(name))]
    assert len(left) < len(GOOD)
    return left


def without_notice(kind: NoticeKind, name: str) -> Told:
    """All went well, but the complainant was never told this."""
    return [
        (id, event)
        for id, event in GOOD
        if not (isinstance(event, NoticeSent) and event.case_id == case(name) and event.notice == kind)
    ]


def test_cases_that_went_well_pass_with_the_right_figures():
    found = audit(ALL, GOOD)
    assert found.passed
    assert found.faults == ()
    assert (found.submitted, found.registered, found.refused) == (3, 2, 1)
    assert (found.assigned, found.queued, found.closed, found.open_with_owner) == (2, 0, 1, 1)
    assert (found.acknowledged, found.answered, found.rated) == (2, 1, 1)
    assert found.reasons == {"area-unknown": 1}


def test_of_nothing_submitted_nothing_is_lost():
    assert audit((), []).passed


@pytest.mark.parametrize("seed", range(5))
def test_order_and_repetition_change_nothing(seed: int):
    told = GOOD * 3
    Random(seed).shuffle(told)
    assert audit(ALL, told) == audit(ALL, GOOD)


@pytest.mark.parametrize(
    ("told", "fault"),
    [
        ([each for each in GOOD if each[1].case_id != case("a")], "submitted, neither registered nor refused"),
        (without(SubmissionRefused, "c"), "submitted, neither registered nor refused"),
        (without(ComplaintRefused, "c"), "refused, its channel not told"),
        (without(NoticeSent, "c"), "refused, and nobody told"),
        (without(CaseAssigned, "b"), "registered, without an owner"),
        (without(ClockStarted, "b"), "registered, without a deadline"),
        (without(ClockStarted, "a"), "registered, without a deadline"),
        (without(ComplaintAcknowledged, "b"), "registered, its channel not told"),
        (without_notice(NoticeKind.ACKNOWLEDGEMENT, "b"), "registered, never acknowledged"),
        (without(ClockStopped, "a"), "closed, and its clock still runs"),
        (without(ComplaintAnswered, "a"), "closed, its channel not told"),
        (without_notice(NoticeKind.ANSWER, "a"), "closed, never answered"),
    ],
)
def test_a_planted_loss_is_found(told: Told, fault: str):
    found = audit(ALL, told)
    assert not found.passed
    assert (found.lost, found.duplicated) == (1, 0)
    assert found.faults[0].endswith(f": {fault}")


def test_a_refusal_without_a_reason_is_a_loss():
    found = audit(("c",), named("c", refused("c")))
    assert (found.lost, found.faults[0].partition(": ")[2]) == (1, "refused without a reason")


def test_a_case_that_was_refused_first_and_mended_then_counts_as_registered():
    found = audit(("a",), [*named("first", refused("a", RefusalCode.TEXT_MISSING)), *whole("a")])
    assert found.passed
    assert (found.registered, found.refused, found.reasons) == (1, 0, {})


ONCE = (CaseRegistered, CaseClosed, CaseRated, ClockStarted, ClockStopped, ComplaintAcknowledged, ComplaintAnswered)


@pytest.mark.parametrize("model", [*ONCE, NoticeSent])
def test_a_second_different_event_of_what_is_said_once_is_a_duplicate(model: type[Event]):
    said = next(event for _, event in GOOD if isinstance(event, model))
    found = audit(ALL, [*GOOD, ("another-id", said)])
    assert (found.passed, found.lost, found.duplicated) == (False, 0, 1)
    assert found.faults[0].endswith(": 2 times")


@pytest.mark.parametrize("model", [SubmissionRefused, ComplaintRefused])
def test_a_submission_is_refused_once(model: type[Event]):
    said = next(event for _, event in GOOD if isinstance(event, model))
    assert audit(ALL, [*GOOD, ("another-id", said)]).duplicated == 1
    other = said.model_copy(update={"submission_id": "sent again, still wrong"})
    assert audit(ALL, [*GOOD, ("another-id", other)]).duplicated == 0


@pytest.mark.parametrize("model", [CaseSigned, CaseAssigned])
def test_what_may_happen_again_is_no_duplicate(model: type[Event]):
    said = next(event for _, event in GOOD if isinstance(event, model))
    assert audit(ALL, [*GOOD, ("another-id", said)]).passed


def test_a_number_that_two_cases_have_is_a_duplicate():
    told: Told = [(id, registered("b", "BC-20261123-a") if event == registered("b") else event) for id, event in GOOD]
    found = audit(ALL, told)
    assert found.faults == (f"{case('b')}: has the number of {case('a')}",)


def test_a_number_that_a_case_nobody_submitted_has_is_a_duplicate_too():
    assert audit(ALL, [*GOOD, ("x", registered("stranger", "BC-20261123-a"))]).duplicated == 1


def test_one_id_with_two_contents_is_a_duplicate():
    id, first = next((id, event) for id, event in GOOD if isinstance(event, CaseRegistered))
    found = audit(ALL, [*GOOD, (id, registered("a", "BC-20261123-000002"))])
    assert found.duplicated == 1
    assert found.faults[0] == f"{first.case_id}: two contents under the id {id} of {CaseRegistered.TYPE}"


def test_commands_prove_nothing_and_may_be_said_again_with_another_time():
    sign = SignCase(case_id=case("a"), issued_at=AT, unit=UNIT)
    found = ledger(("a",), whole("a"))
    assert found.see("x", sign)
    assert not found.see("x", sign.model_copy(update={"issued_at": AT.replace(hour=12)}))
    assert found.audit().passed


def test_a_rating_is_owed_a_word_once_the_case_is_closed():
    found = ledger(("a",), whole("a"))
    rating = RateCase(
        case_id=case("a"), issued_at=AT, channel=Channel.WEB, satisfaction=Satisfaction.SATISFIED, solved=True
    )
    found.see("rating", rating)
    assert found.unsettled() == [case("a")]
    assert found.audit().faults == (f"{case('a')}: rated, neither counted nor refused",)
    found.see(
        "word", RatingAnswered(case_id=case("a"), occurred_at=AT, channel=Channel.WEB, rating_id="rating", counted=True)
    )
    assert found.unsettled() == []
    assert found.audit().passed

    record = RecordCallback(case_id=case("a"), issued_at=AT, channel=Channel.WEB, outcome=CallbackOutcome.NO_ANSWER)
    found.see("record", record)
    assert found.unsettled() == [case("a")]
    attempt = CallbackRecorded(
        case_id=case("a"),
        occurred_at=AT,
        channel=Channel.WEB,
        record_id="record",
        answer=1,
        attempt=1,
        outcome=record.outcome,
    )
    found.see("attempt", attempt)
    assert found.audit().passed

    early = ledger(("b",), named("b", beginning("b")))
    early.see("rating", rating.model_copy(update={"case_id": case("b")}))
    assert early.audit().passed


def test_the_dispatchers_queue_is_a_place_with_an_owner():
    queued = CaseQueued(
        case_id=case("b"), occurred_at=AT, centre="beicheng-centre", responsible="beicheng-centre", why="w", policy="t"
    )
    found = audit(ALL, [*without(CaseAssigned, "b"), ("queued", queued)])
    assert found.passed
    assert (found.queued, found.open_with_owner) == (1, 1)


def test_letters_count_once_by_service_case_and_letter():
    def letter(service: str, name: str) -> DeadLettered:
        return DeadLettered(
            case_id=case(name),
            occurred_at=AT,
            service=service,
            letter_id="timer:3",
            reason=DeadLetterReason.FAILED,
            error="KeyError at x.py:1",
            origin=Origin(topic="timer", partition=0, offset=0, id="", type="timer"),
            box="",
        )

    letters = [letter("scoring", "a"), letter("scoring", "b"), letter("notify", "a")]
    told = named("letters", [*letters, letters[0]])
    assert audit(ALL, [*GOOD, *told]).dead_letters == 3


# ---- what providers took


STAFF = str(uuid5(NAMESPACE_OID, "red"))


def staff_told(by: str = "sms") -> StaffNoticeSent:
    """A unit was told."""
    return StaffNoticeSent(notice_id=STAFF, occurred_at=AT, to=UNIT, what="red", by=by, attempts=1)


TOLD_TOO: list[tuple[str, Message]] = [
    *GOOD,
    ("owed", StaffNoticeOwed(notice_id=STAFF, owed_at=AT, to=UNIT, what="red")),
    ("told", staff_told()),
]


def taken(*changes: Callable[[dict[str, set[str]]], object]) -> dict[str, set[str]]:
    """What the providers of what went well have taken, then spoilt."""
    mails = {
        f"<{notice('a', NoticeKind.ACKNOWLEDGEMENT).notice_id}@city.invalid>",
        f"<{notice('a', NoticeKind.ANSWER).notice_id}@city.invalid>",
        f"<{notice('b', NoticeKind.ACKNOWLEDGEMENT).notice_id}@city.invalid>",
    }
    found = {"email": notices_of(mails), "sms": {STAFF}, "webhook": set[str]()}
    for change in changes:
        change(found)
    return found


def test_providers_are_judged_only_when_somebody_asked_them():
    assert ledger(ALL, TOLD_TOO).audit(taken()).passed
    assert ledger(ALL, TOLD_TOO).audit().passed


def test_what_went_which_way_is_counted():
    found = ledger(ALL, TOLD_TOO).audit()
    assert found.notices == {"channel": 1, "email": 3, "sms": 1}
    assert (found.missed, found.staff_owed, found.staff_told) == ({}, 1, 1)


@pytest.mark.parametrize(("way", "thing"), [("email", "mail"), ("sms", "SMS"), ("webhook", "request")])
def test_a_second_one_under_another_id_is_a_duplicate(way: str, thing: str):
    found = ledger(ALL, TOLD_TOO).audit(taken(lambda ids: ids[way].add("answer.a-second-time")))
    assert (found.lost, found.duplicated) == (0, 1)
    assert found.faults == (f"answer.a-second-time: a {thing} came that is no notice",)


@pytest.mark.parametrize(("way", "thing"), [("email", "mail"), ("sms", "SMS")])
def test_what_is_said_to_be_sent_and_never_came_is_a_loss(way: str, thing: str):
    found = ledger(ALL, TOLD_TOO).audit(taken(lambda ids: ids[way].pop()))
    assert (found.lost, found.duplicated) == (1, 0)
    assert found.faults[0].endswith(f"said to be sent, no {thing} came")


def test_what_an_operator_had_sent_again_to_staff_is_the_same_notice():
    assert ledger(ALL, TOLD_TOO).audit(taken(lambda ids: ids["sms"].add(f"again-1.{STAFF}"))).passed


def failed(name: str) -> NoticeFailed:
    """The acknowledgement by mail was given up."""
    sent = notice(name, NoticeKind.ACKNOWLEDGEMENT)
    return NoticeFailed(
        case_id=sent.case_id,
        occurred_at=AT,
        notice_id=sent.notice_id,
        notice=sent.notice,
        by=ReplyBy.EMAIL,
        attempts=6,
        why="smtp 451",
        next=ReplyBy.CHANNEL,
    )


def test_a_mail_that_was_given_up_may_have_been_taken_all_the_same():
    sent = notice("b", NoticeKind.ACKNOWLEDGEMENT)
    by_channel = notice("b", NoticeKind.ACKNOWLEDGEMENT, by=ReplyBy.CHANNEL)
    told = [*((id, by_channel if event == sent else event) for id, event in TOLD_TOO), ("failed", failed("b"))]
    found = ledger(ALL, told).audit(taken())
    assert (found.passed, found.missed) == (True, {"email": 1})


def test_a_notice_that_went_by_two_ways_is_one_too_many_unless_the_first_failed():
    besides = [*TOLD_TOO, ("besides", notice("b", NoticeKind.ACKNOWLEDGEMENT, by=ReplyBy.CHANNEL))]
    found = ledger(ALL, besides).audit()
    assert (found.duplicated, found.faults[0].endswith("told by 2 ways")) == (1, True)
    assert ledger(ALL, [*besides, ("failed", failed("b"))]).audit().passed, "the receipt said that nothing arrived"


# ---- what is still owed


def test_a_case_is_settled_by_its_last_event_and_opened_again_by_what_mends_it():
    events = whole("a")
    found = ledger(("a",), [])
    for id, event in events[:-1]:  # the rating comes when the citizen likes
        assert found.unsettled() == [case("a")]
        found.see(id, event)
    assert found.unsettled() == []

    other = ledger(("c",), named("c", refused("c", RefusalCode.TEXT_MISSING)))
    assert other.unsettled() == []
    other.see("mended", registered("c"))
    assert other.unsettled() == [case("c")]


def test_what_was_heard_before_it_was_noted_as_submitted_counts():
    found = ledger((), whole("a"))
    found.submit(case("a"), AT)
    assert found.unsettled() == []
    assert found.audit().closed == 1


def test_what_never_reached_the_broker_is_not_lost():
    found = ledger(("a", "b"), whole("a"))
    found.withdraw(case("b"))
    assert found.unsettled() == []
    assert found.audit().passed
