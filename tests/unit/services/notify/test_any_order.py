"""Four topics, no order between them: whatever comes first, the complainant is told the same things, each once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.channel import AppealAnswer, Instruction, SupplementComplaint
from contracts.codes import Channel, NoticeKind, RefusalCode, ReplyBy, Rung, Satisfaction
from contracts.intake import SupplementReceived
from contracts.message import Message
from contracts.notify import (
    ComplaintAcknowledged,
    ComplaintAnswered,
    ComplaintProgress,
    ComplaintScheduled,
    NoticeFailed,
    NoticeSent,
    RatingAnswered,
    RequestAnswered,
    SilenceEnded,
    SilenceFound,
)
from contracts.refusals import reason
from contracts.routing import (
    AnswerAppealDecided,
    AnswerAppealOpened,
    CaseEscalated,
    CaseInstructed,
    CaseReopened,
    ComplainantAsked,
    ComplainantRequestRefused,
    NoteAdded,
    RedoOrdered,
    SubtaskEnded,
    SubtaskOpened,
)
from contracts.scoring import CaseRated, ClockEscalated
from contracts.staff_notices import StaffNoticeOwed
from contracts.topics import REGISTRY
from infra.reading import Input
from infra.service import Service
from services.notify.domain.case import Case
from services.notify.domain.case_rules import CaseRules
from services.notify.domain.co_handling import co_handlers
from services.notify.domain.notice import LEASE
from services.notify.domain.sending import DeliveryFailed, HandedOver, Send
from services.notify.domain.telling import next_look
from tests.unit.infra.bench import Rec, Shelf, said
from tests.unit.services.notify.place import POLICY
from tests.unit.services.notify.test_house import assigned, measured, queued, rung, started
from tests.unit.services.notify.test_notices import ACK, ANSWER, contact
from tests.unit.services.speaking import AT, CASE, closed, registered

FORMAL = reason(RefusalCode.ANSWER_APPEALED)
INPUTS = ("cases.events", "contacts", "routing.events", "scoring.events")


def notify() -> Shelf[Case]:
    """The service as `services.notify.app` declares it, on a shelf."""
    service = Service(
        name="notify",
        inputs=tuple(Input(REGISTRY[name]) for name in INPUTS),
        outputs=(),
        redrive=REGISTRY["redrive.{service}"],
        state=Case,
        decide=CaseRules(POLICY, LEASE).decide,
        due=next_look,
    )
    return Shelf(service, at=AT)


def messages(reply_by: ReplyBy) -> list[Rec]:
    rated = CaseRated(
        case_id=CASE,
        occurred_at=AT,
        channel=Channel.WEB,
        rating_id="r1",
        satisfaction=Satisfaction.SATISFIED,
        solved=True,
    )
    spoken: list[Message] = [registered(reply_by=reply_by), contact(), closed(), rated]
    return [said(message, message.TYPE) for message in spoken]


def deliver(it: Shelf[Case], outcomes: list[bool]) -> None:
    """A provider takes every mail that was handed to it, or sends it back for now."""
    mails, it.effects = it.effects, []
    for mail in mails:
        assert isinstance(mail, Send)
        taken = outcomes.pop() if outcomes else True
        it.outcome(
            CASE,
            HandedOver(mail.notice_id, mail.way)
            if taken
            else DeliveryFailed(mail.notice_id, mail.way, "smtp 451", False),
        )


@settings(max_examples=100, deadline=None)
@given(
    reply_by=st.sampled_from(ReplyBy),
    order=st.permutations(range(4)),
    repeats=st.lists(st.integers(0, 3), max_size=4),
    cut=st.integers(1, 4),
    outcomes=st.lists(st.booleans(), max_size=8),
    pauses=st.lists(st.integers(0, 300), max_size=8),
)
def test_the_same_notices_come_out_exactly_once_in_whatever_order_the_facts_come(
    reply_by: ReplyBy, order: list[int], repeats: list[int], cut: int, outcomes: list[bool], pauses: list[int]
) -> None:
    it, facts = notify(), messages(reply_by)
    delivery = [facts[n] for n in [*order, *repeats]]
    for start in range(0, len(delivery), cut):
        it.take(*delivery[start : start + cut])
        if pauses:
            deliver(it, outcomes)
            it.tick(timedelta(seconds=pauses.pop()))
    for _ in range(20):
        deliver(it, outcomes)
        if not it.tick(timedelta(hours=7)):
            break
    assert len(it.events(CASE, ComplaintAcknowledged)) == 1
    assert len(it.events(CASE, ComplaintAnswered)) == 1
    assert len(it.events(CASE, RatingAnswered)) == 1
    sent = it.events(CASE, NoticeSent)
    assert sorted(event.notice_id for event in sent) == [ACK, ANSWER]
    assert {event.notice for event in sent} == {NoticeKind.ACKNOWLEDGEMENT, NoticeKind.ANSWER}
    failed = {event.notice_id for event in it.events(CASE, NoticeFailed)}
    expected = {event.notice_id: ReplyBy.CHANNEL if event.notice_id in failed else reply_by for event in sent}
    assert {event.notice_id: event.by for event in sent} == expected
    assert it.letters(CASE) == []
    assert it.rows[CASE]["waiting"] == []
    assert it.effects == []


@settings(max_examples=50, deadline=None)
@given(order=st.permutations(range(4)), cut=st.integers(1, 4))
def test_without_delays_every_notice_goes_the_way_that_was_chosen(order: list[int], cut: int) -> None:
    it, facts = notify(), messages(ReplyBy.EMAIL)
    for start in range(0, 4, cut):
        it.take(*(facts[n] for n in order[start : start + cut]))
        deliver(it, [])
    assert {event.notice_id: event.by for event in it.events(CASE, NoticeSent)} == {
        ACK: ReplyBy.EMAIL,
        ANSWER: ReplyBy.EMAIL,
    }
    assert it.events(CASE, NoticeFailed) == []
    assert "due_at" not in it.rows[CASE]


def a_whole_life() -> dict[str, list[Rec]]:
    """By topic, each in its order: ruled upon, late, done again, answered, opened again, answered again, rated."""
    escalated = ClockEscalated(
        case_id=CASE, occurred_at=AT, clock="close", level=1, unit="police-beicheng", to="police", due_at=AT
    )
    redo = RedoOrdered(
        case_id=CASE, occurred_at=AT, unit="police-beicheng", verifier="beicheng-centre", count=1, reason="未改"
    )
    helper: dict[str, Any] = {"case_id": CASE, "occurred_at": AT, "unit": "ecology", "lead": "police-beicheng"}
    helped = (SubtaskOpened(**helper, task="请检测"), SubtaskEnded(**helper, ending="reported", words="已检测。"))
    watched = CaseEscalated(case_id=CASE, occurred_at=AT, supervisor="police", why="redos", count=3)
    instructed = CaseInstructed(
        case_id=CASE,
        occurred_at=AT,
        instruction=Instruction(by="police.chief", text="速办"),
        unit="police",
        responsible="police-beicheng",
        informed=("police-beicheng", "beicheng-centre"),
    )
    repeated = instructed.model_copy(update={"instruction": Instruction(by="police.chief", text="三日内办结")})
    noted = NoteAdded(case_id=CASE, occurred_at=AT, unit="police-beicheng", text="已到现场")
    back = queued(returned_by="ecology", return_reason="不属职责", reported_to="city-office")
    again = CaseReopened(
        case_id=CASE,
        occurred_at=AT,
        unit="police-beicheng",
        count=1,
        reason="仍未解决",
        requested_by="appeal",
        submission_id="s2",
    )
    review: dict[str, Any] = {"case_id": CASE, "occurred_at": AT, "unit": "police-beicheng", "reviewer": "police"}
    appealed = AnswerAppealOpened(**review, reason="不实", submission_id="s2")
    second = AnswerAppealOpened(**review, reason="仍不实", submission_id="s4")
    upheld = AnswerAppealDecided(**review, upheld=True, reason="属实")
    reply_to: dict[str, Any] = {"case_id": CASE, "occurred_at": AT, "channel": Channel.WEB, "submission_id": "s3"}
    refused = ComplainantRequestRefused(**reply_to, request=AppealAnswer.TYPE, reasons=(FORMAL,))
    asked = ComplainantAsked(case_id=CASE, occurred_at=AT, unit="police-beicheng", missing=(FORMAL,), answer_by=AT)
    given = SupplementReceived(
        case_id=CASE, occurred_at=AT, round=1, complete=True, asked_by="police-beicheng", submission_id="s1"
    )
    rated = CaseRated(
        case_id=CASE,
        occurred_at=AT,
        channel=Channel.WEB,
        rating_id="r1",
        answer=2,
        satisfaction=Satisfaction.SATISFIED,
        solved=True,
    )
    spoken: dict[str, list[Message]] = {
        "cases.events": [registered(reply_by=ReplyBy.EMAIL), given],
        "contacts": [contact()],
        "routing.events": [
            *(back, assigned(binding=True), asked, instructed, repeated, noted, *helped, redo, watched, closed()),
            *(appealed, again, closed(reply="已彻底整改。"), second, upheld, refused),
        ],
        "scoring.events": [
            *(started(), started("part").model_copy(update={"unit": "ecology"}), rung(Rung.REMINDER)),
            *(rung(Rung.RED), escalated, measured()),
            *(started("close-2"), measured(2), rated),
        ],
    }
    return {topic: [said(each, f"{topic}/{n}") for n, each in enumerate(facts)] for topic, facts in spoken.items()}


@settings(max_examples=100, deadline=None)
@given(st.data(), st.integers(1, 6), st.lists(st.booleans(), max_size=12))
def test_the_house_and_the_complainant_hear_the_same_in_whatever_order_the_topics_are_read(
    data: st.DataObject, cut: int, outcomes: list[bool]
) -> None:
    it, topics = notify(), a_whole_life()
    turns = data.draw(st.permutations([topic for topic, facts in topics.items() for _ in facts]))
    order = [topics[topic].pop(0) for topic in turns]
    for start in range(0, len(order), cut):
        it.take(*order[start : start + cut])
        deliver(it, outcomes)
    for _ in range(20):
        deliver(it, outcomes)
        if not it.tick(timedelta(hours=7)):
            break
    owed = [
        StaffNoticeOwed.model_validate_json(each.body)
        for each in it.histories[CASE]
        if each.type == StaffNoticeOwed.TYPE
    ]
    assert sorted(each.what for each in owed if each.what != "silence") == [
        *(
            "answer-appeal",
            "answer-appeal",
            "escalation",
            *["instruction"] * 4,
            "red",
            "redo",
            "reminder",
            "return-reported",
            "ruling",
            "subtask",
            "subtask-ended",
            "supervision",
        )
    ]
    assert len({each.notice_id for each in owed}) == len(owed)
    assert sorted(each.notice_id for each in it.events(CASE, NoticeSent)) == [
        *(ACK, f"answer-2.{CASE}", ANSWER, *(f"progress-{n}.{CASE}" for n in (2, 3, 4))),
        *(f"progress.{CASE}", f"question.{CASE}"),
    ]
    answered = sorted((each.request, each.accepted, each.submission_id) for each in it.events(CASE, RequestAnswered))
    assert answered == [
        *((AppealAnswer.TYPE, False, "s3"), (AppealAnswer.TYPE, True, "s2"), (AppealAnswer.TYPE, True, "s4")),
        (SupplementComplaint.TYPE, True, "s1"),
    ]
    assert len(it.events(CASE, ComplaintAnswered)) == 2
    assert len(it.events(CASE, ComplaintScheduled)) == 2
    assert [each.what for each in it.events(CASE, ComplaintProgress)] == [
        *("appealed", "reopened", "appealed", "appeal-upheld")
    ]
    found, ended = it.events(CASE, SilenceFound), it.events(CASE, SilenceEnded)
    assert sorted(each.what for each in found) == sorted(each.what for each in ended), "no silence stays"
    case = it.state(CASE)
    assert case is not None
    assert (case.owner, case.reopened, case.silences) == ("police-beicheng", 1, None)
    assert [(each.unit, each.ending) for each in co_handlers(case)] == [("ecology", "reported")]
    assert case.limit is not None
    assert case.limit.clock == "close-2"
    assert case.outcome is not None
    assert (case.outcome.answer, case.outcome.satisfaction) == (2, Satisfaction.SATISFIED)
    assert it.rows[CASE]["waiting"] == []
    assert it.letters(CASE) == []
