"""Notices: owed, attempted, sent or given up; every attempt is leased."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from contracts.codes import (
    Authority,
    Channel,
    Ending,
    HandlingResult,
    NoticeKind,
    PauseReason,
    RefusalCode,
    ReplyBy,
    Satisfaction,
)
from contracts.dead_letters import Origin
from contracts.envelope import LONGEST_ID
from contracts.intake import (
    CaseEnded,
    CaseMerged,
    CaseUnmerged,
    ContactErased,
    ContactSealed,
    SupplementRequested,
)
from contracts.notify import (
    ComplaintAcknowledged,
    ComplaintAnswered,
    ComplaintEnded,
    ComplaintProgress,
    ComplaintRefused,
    ComplaintScheduled,
    NoticeFailed,
    NoticeSent,
    RatingAnswered,
    Reply,
    SupplementAsked,
)
from contracts.refusals import reason
from contracts.routing import CaseReopened, CaseSuspended, DelayExplained
from contracts.scoring import CaseRated, ClockExtended, ClockStarted, RatingRefused
from contracts.topics import REGISTRY
from infra.decision import Decision, Due, Subject, Wait
from services.notify.domain.case import Case, Kind
from services.notify.domain.case_rules import PATIENCE, CaseRules, Resealed
from services.notify.domain.kept import Kept
from services.notify.domain.notice import LEASE, RETRY_AFTER, NoticeStatus
from services.notify.domain.sending import DeliveryFailed, HandedOver, LinkTerms, Send, Way
from services.notify.domain.telling import CONTACT_PATIENCE, Telling, next_look
from tests.unit.services.notify.place import POLICY, words
from tests.unit.services.speaking import (
    AT,
    CASE,
    closed,
    context,
    decided,
    only,
    read,
    refused_submission,
    registered,
    told,
)

RULES = CaseRules(POLICY, LEASE)
ACK = f"acknowledgement.{CASE}"
ANSWER = f"answer.{CASE}"


def contact(box: str = "box") -> ContactSealed:
    return ContactSealed(case_id=CASE, occurred_at=AT, key_id="k", box=box)


def taken(notice_id: str, way: Way = Way.EMAIL) -> HandedOver:
    return HandedOver(notice_id, way)


def by_mail(**changes: Any) -> Any:
    return registered(reply_by=ReplyBy.EMAIL, **changes)


@dataclass
class Room:
    """One case in notify, and what was announced and attempted for it."""

    case: Case | None = None
    at: datetime = AT
    events: list[Any] = field(default_factory=list)
    mails: list[Send] = field(default_factory=list)
    last: Decision[Case] = field(default_factory=lambda: Decision(None))

    def hear(self, *subjects: Subject) -> list[Any]:
        """What is announced on them."""
        found: list[Any] = []
        for subject in subjects:
            self.last = decided(RULES.decide(self.case, subject, context(at=self.at, traceparent="trace")))
            self.case = self.last.state
            found += read(self.last.events)
            self.mails += [effect for effect in self.last.effects if isinstance(effect, Send)]
        self.events += found
        return found

    def wait(self, time: timedelta) -> list[Any]:
        """Time passes, and what is due is decided."""
        self.at += time
        return self.hear(Due())

    def due(self) -> datetime | None:
        assert self.case is not None
        return next_look(self.case)

    def fail(self, *, permanent: bool = False, why: str = "smtp 451") -> list[Any]:
        return self.hear(DeliveryFailed(self.mails[-1].notice_id, self.mails[-1].way, why, permanent))


def room(*subjects: Subject) -> Room:
    found = Room()
    found.hear(*subjects)
    return found


# ---- acknowledgement


def test_who_chose_the_channel_is_told_by_the_channel() -> None:
    it = room(registered())
    reply = only(ComplaintAcknowledged, it.events)
    sent = only(NoticeSent, it.events)
    assert (reply.topic, reply.number, reply.registered_at) == ("replies.web", "BC-20261123-000001", AT)
    assert (sent.notice_id, sent.notice, sent.by, sent.attempts) == (ACK, NoticeKind.ACKNOWLEDGEMENT, "channel", 1)
    assert it.mails == []
    assert it.due() is None


@pytest.mark.parametrize("order", [0, 1], ids=["contact first", "registration first"])
def test_who_chose_mail_gets_a_mail_whichever_of_contact_and_registration_comes_first(order: int) -> None:
    messages = [contact(), by_mail()]
    it = room(*(messages if order == 0 else messages[::-1]))
    (mail,) = it.mails
    assert (mail.key, mail.notice_id, mail.what) == (CASE, ACK, "acknowledgement")
    assert (mail.contact_box, mail.traceparent) == ("box", "trace")
    assert "BC-20261123-000001" in words(mail).subject
    assert [type(event) for event in it.events] == [ComplaintAcknowledged]


def test_nobody_is_mailed_who_did_not_choose_it() -> None:
    assert room(contact(), registered(), closed()).mails == []


def test_a_notice_waits_for_its_contact_and_is_then_given_to_the_channel() -> None:
    it = room(by_mail())
    assert it.mails == []
    assert it.due() == AT + CONTACT_PATIENCE
    assert it.wait(CONTACT_PATIENCE - timedelta(milliseconds=1)) == []
    events = it.wait(timedelta(milliseconds=1))
    failed = only(NoticeFailed, events)
    assert (failed.notice_id, failed.why, failed.by, failed.attempts, failed.next) == (
        ACK,
        "no contact",
        "email",
        0,
        "channel",
    )
    assert only(NoticeSent, events).by == ReplyBy.CHANNEL
    assert it.hear(contact()) == []
    assert it.mails == []


@pytest.mark.parametrize("message", [registered(), by_mail(), contact()])
def test_the_same_fact_again_tells_nothing_twice(message: Subject) -> None:
    it = room(contact(), message)
    before = (it.case, len(it.mails), len(it.events))
    assert it.hear(message) == []
    assert (it.case, len(it.mails), len(it.events)) == before


# ---- attempts


def test_an_attempt_is_leased_so_that_nobody_else_makes_it() -> None:
    it = room(contact(), by_mail())
    assert it.due() == AT + LEASE
    it.wait(LEASE - timedelta(milliseconds=1))
    assert len(it.mails) == 1
    it.wait(timedelta(milliseconds=1))
    assert len(it.mails) == 2
    assert it.mails[0].notice_id == it.mails[1].notice_id


def test_a_notice_that_was_taken_is_sent_once() -> None:
    it = room(contact(), by_mail())
    sent = only(NoticeSent, it.hear(taken(ACK)))
    assert (sent.notice_id, sent.by, sent.attempts) == (ACK, "email", 1)
    assert it.due() is None
    assert not [each for each in it.wait(timedelta(days=30)) if isinstance(each, NoticeSent | NoticeFailed)]
    assert len(it.mails) == 1


def test_a_failed_attempt_is_made_again_after_ever_longer_pauses_and_then_given_up() -> None:
    it = room(contact(), by_mail())
    pauses = []
    for _ in RETRY_AFTER:
        assert it.fail() == []
        due = it.due()
        assert due is not None
        pauses.append(due - it.at)
        it.wait(pauses[-1])
    assert tuple(pauses) == RETRY_AFTER
    assert all(longer > shorter for shorter, longer in pairwise(pauses))
    assert len(it.mails) == len(RETRY_AFTER) + 1
    events = it.fail(why="smtp 452")
    failed = only(NoticeFailed, events)
    assert (failed.why, failed.attempts) == ("smtp 452", len(RETRY_AFTER) + 1)
    assert only(NoticeSent, events).by == ReplyBy.CHANNEL
    assert it.due() is None


def test_an_attempt_that_succeeds_late_counts_how_many_it_took() -> None:
    it = room(contact(), by_mail())
    it.fail()
    it.wait(RETRY_AFTER[0])
    assert only(NoticeSent, it.hear(taken(ACK))).attempts == 2


def test_a_failure_for_good_is_given_to_the_channel_at_once() -> None:
    it = room(contact(), by_mail())
    events = it.fail(permanent=True, why="smtp 550")
    assert [type(event) for event in events] == [NoticeFailed, NoticeSent]
    assert (events[0].why, events[1].by, events[1].notice_id) == ("smtp 550", "channel", ACK)
    assert it.due() is None


@pytest.mark.parametrize("first", [taken(ACK), DeliveryFailed(ACK, Way.EMAIL, "smtp 550", permanent=True)])
@pytest.mark.parametrize(
    "second",
    [
        taken(ACK),
        DeliveryFailed(ACK, Way.EMAIL, "smtp 550", permanent=True),
        DeliveryFailed(ACK, Way.EMAIL, "x", permanent=False),
    ],
)
def test_a_second_report_of_an_outcome_changes_nothing(first: Subject, second: Subject) -> None:
    it = room(contact(), by_mail())
    it.hear(first)
    before = it.case
    assert it.hear(second) == []
    assert it.case == before


@pytest.mark.parametrize("subject", [taken(ANSWER), DeliveryFailed("x", Way.EMAIL, "y", permanent=True)])
def test_a_report_of_a_notice_nobody_owes_changes_nothing(subject: Subject) -> None:
    it = room(contact(), by_mail())
    before = it.case
    assert it.hear(subject) == []
    assert it.case == before


@pytest.mark.parametrize("subject", [Due(), taken(ACK), DeliveryFailed(ACK, Way.EMAIL, "x", permanent=False)])
def test_a_case_nobody_knows_is_owed_nothing(subject: Subject) -> None:
    assert RULES.decide(None, subject, context()) == Decision(None)


# ---- the answer


def test_an_answer_waits_for_the_registration_and_then_somebody_is_called() -> None:
    for case in (None, Case(contact_box="box")):
        assert RULES.decide(case, closed(), context()) == Wait(PATIENCE)
        with pytest.raises(LookupError, match="never registered"):
            RULES.decide(case, closed(), context(patience_over=True))


@pytest.mark.parametrize("result", HandlingResult)
def test_the_channel_gets_the_answer(result: HandlingResult) -> None:
    it = room(registered())
    events = it.hear(closed(result=result))
    answered = only(ComplaintAnswered, events)
    assert (answered.topic, answered.number) == ("replies.web", "BC-20261123-000001")
    assert (answered.result, answered.reply) == (result, "已责令整改。")
    assert only(NoticeSent, events).notice_id == ANSWER


def test_the_answer_is_mailed_beside_the_channels_reply() -> None:
    it = room(contact(), by_mail())
    it.hear(taken(ACK))
    assert [type(event) for event in it.hear(closed())] == [ComplaintAnswered]
    mail = it.mails[-1]
    assert (mail.notice_id, mail.what) == (ANSWER, "answer")
    assert "已责令整改。" in words(mail).text
    assert only(NoticeSent, it.hear(taken(ANSWER))).notice == NoticeKind.ANSWER


def test_the_links_of_a_notice_are_for_its_answer_and_valid_as_long_as_they_are_of_use() -> None:
    it = room(contact(), by_mail(), taken(ACK), closed())
    case_until = AT + timedelta(days=400)
    assert it.mails[0].links == LinkTerms(0, case_until)
    assert it.mails[1].links == LinkTerms(1, case_until, AT + timedelta(days=30))
    reopened = CaseReopened(case_id=CASE, occurred_at=AT, unit="police-beicheng", count=1, reason="再看看")
    it.hear(reopened, closed(reply="别的"))
    assert it.mails[-1].links == LinkTerms(2, case_until, AT + timedelta(days=30))


def test_an_answer_does_not_wait_for_an_acknowledgement_that_is_still_being_tried() -> None:
    it = room(contact(), by_mail())
    it.fail()
    it.hear(closed())
    assert [mail.notice_id for mail in it.mails] == [ACK, ANSWER]
    assert it.due() == AT + RETRY_AFTER[0]
    it.hear(taken(ANSWER))
    assert it.case is not None
    assert [notice.status for notice in it.case.notices] == [NoticeStatus.PENDING, NoticeStatus.SENT]


def test_a_case_is_answered_once() -> None:
    it = room(contact(), by_mail(), closed())
    assert it.hear(closed(reply="别的")) == []
    assert len(it.mails) == 2


def test_a_notice_for_a_case_that_is_not_registered_is_our_fault() -> None:
    with pytest.raises(LookupError, match="not registered"):
        Telling(POLICY, LEASE).owe(Case(), Kind.ANSWER, context())


# ---- refusals and ratings


@pytest.mark.parametrize("known", [True, False])
def test_a_refusal_is_told_to_the_channel_with_all_its_reasons(known: bool) -> None:
    it = room(registered()) if known else Room()
    before = it.case
    events = it.hear(refused_submission())
    refused = only(ComplaintRefused, events)
    assert (refused.topic, refused.submission_id) == ("replies.radio", "s1")
    assert told(refused.reasons) == [("area-unknown", "area"), ("text-too-long", "text")]
    assert only(NoticeSent, events).notice == NoticeKind.REFUSAL
    assert it.case == before


def test_a_rating_that_was_counted_is_answered() -> None:
    rated = CaseRated(
        case_id=CASE,
        occurred_at=AT,
        channel=Channel.WEB,
        rating_id="r1",
        satisfaction=Satisfaction.SATISFIED,
        solved=True,
    )
    (answer,) = room(registered()).hear(rated)
    assert answer == RatingAnswered(
        case_id=CASE, occurred_at=AT, channel=Channel.WEB, submission_id="r1", rating_id="r1", counted=True
    )


def test_every_reply_repeats_the_reference_of_the_case_and_the_message_that_is_answered() -> None:
    it = room(registered(external_id="甲-1", submission_id="m1"))
    asked: dict[str, Any] = {"missing": (), "answer_by": AT, "centre": "beicheng-centre", "policy": "demo"}
    started = ClockStarted(
        case_id=CASE,
        occurred_at=AT,
        clock="close",
        started_on=AT.date(),
        budget_working_days=15,
        due_at=AT,
        provisional=False,
        calendar="c",
        policy="demo",
    )
    rated: dict[str, Any] = {"case_id": CASE, "occurred_at": AT, "satisfaction": Satisfaction.SATISFIED, "solved": True}
    it.hear(
        started,
        SupplementRequested(case_id=CASE, occurred_at=AT, round=1, **asked),
        SupplementRequested(case_id=CASE, occurred_at=AT, round=2, submission_id="m2", **asked),
        CaseMerged(case_id=CASE, occurred_at=AT, into=CASE, into_number="1"),
        closed(),
        CaseRated(channel=Channel.WEB, rating_id="m3", **rated),
        CaseReopened(case_id=CASE, occurred_at=AT, unit="police-beicheng", reason="x", count=1),
        CaseEnded(case_id=CASE, occurred_at=AT, ending=Ending.WITHDRAWN, submission_id="m4", policy="demo"),
    )
    replies = [each for each in it.events if isinstance(each, Reply)]
    assert {each.external_id for each in replies} == {"甲-1"}
    assert [(type(each), each.submission_id) for each in replies] == [
        (ComplaintAcknowledged, "m1"),
        (ComplaintScheduled, "m1"),
        (SupplementAsked, "m1"),
        (SupplementAsked, "m2"),
        (ComplaintProgress, "m1"),
        (ComplaintAnswered, "m1"),
        (RatingAnswered, "m3"),
        (ComplaintProgress, "m1"),
        (ComplaintEnded, "m4"),
    ]
    assert {type(each) for each in replies} == set(REGISTRY["replies.{channel}"].messages) - {ComplaintRefused}


def test_a_reference_is_not_repeated_to_another_channel_that_rates() -> None:
    it = room(registered(external_id="甲-1", submission_id="m1"))
    why: dict[str, Any] = {
        "case_id": CASE,
        "occurred_at": AT,
        "rating_id": "r1",
        "reasons": (reason(RefusalCode.NOT_YOUR_CASE),),
    }
    (answer,) = it.hear(RatingRefused(channel=Channel.RADIO, **why))
    assert (answer.external_id, answer.submission_id) == (None, "r1")


def test_a_refusal_repeats_the_reference_and_the_record() -> None:
    origin = Origin(topic="complaints.radio", partition=1, offset=7, id="s1", type="t")
    answer = only(ComplaintRefused, Room().hear(refused_submission(external_id="x", record=origin)))
    assert (answer.external_id, answer.submission_id, answer.record) == ("x", "s1", origin)


def test_a_refusal_of_the_longest_id_is_answered() -> None:
    events = Room().hear(refused_submission(submission_id="x" * LONGEST_ID))
    assert only(ComplaintRefused, events).submission_id == "x" * LONGEST_ID


def test_two_refusals_under_one_id_of_the_partner_are_two_notices() -> None:
    first, second = (
        only(NoticeSent, decided(RULES.decide(None, refused_submission(), context(message_id=id))).events)
        for id in ("e1", "e2")
    )
    assert first.notice_id != second.notice_id


def test_a_rating_that_was_refused_is_answered_with_its_reasons() -> None:
    refused = RatingRefused(
        case_id=CASE,
        occurred_at=AT,
        channel=Channel.RADIO,
        rating_id="r1",
        reasons=(reason(RefusalCode.NOT_YOUR_CASE),),
    )
    answer = only(RatingAnswered, Room().hear(refused))
    assert (answer.topic, answer.counted, told(answer.reasons)) == ("replies.radio", False, [("not-your-case", None)])


def test_what_does_not_concern_notify_changes_nothing() -> None:
    it = room(registered())
    assert RULES.decide(it.case, Wait, context()) == Decision(it.case)  # type: ignore[arg-type]


def test_a_case_survives_being_saved() -> None:
    it = room(contact(), by_mail(), closed())
    it.fail()
    assert it.case is not None
    assert Kept.model_validate(it.case.model_dump(mode="json")) == it.case


# ---- what ends or asks without a department


def ended(ending: Ending = Ending.DIVERTED) -> CaseEnded:
    return CaseEnded(
        case_id=CASE,
        occurred_at=AT,
        ending=ending,
        reasons=(reason(RefusalCode.CASE_UNKNOWN),),
        reply="请拨打110。",
        authority=Authority.POLICE,
        policy="p",
    )


def asked(nth: int = 1) -> SupplementRequested:
    return SupplementRequested(
        case_id=CASE,
        occurred_at=AT,
        missing=(reason(RefusalCode.TEXT_MISSING, "text"),),
        answer_by=AT + timedelta(days=7),
        round=nth,
        centre="beicheng-centre",
        policy="p",
    )


@pytest.mark.parametrize("ending", Ending)
def test_a_case_that_ends_without_a_department_is_answered_all_the_same(ending: Ending) -> None:
    it = room(contact(), by_mail(), ended(ending))
    reply = only(ComplaintEnded, it.events)
    assert (reply.topic, reply.ending, reply.authority, reply.reply) == ("replies.web", ending, "police", "请拨打110。")
    assert it.mails[-1].notice_id == ANSWER
    assert "请拨打110。" in words(it.mails[-1]).text
    assert it.hear(closed(), ended()) == []


def test_what_ends_before_it_is_registered_waits() -> None:
    it = Room()
    for subject in (ended(), asked()):
        assert RULES.decide(it.case, subject, context()) == Wait(PATIENCE)
        with pytest.raises(LookupError, match="never registered"):
            RULES.decide(it.case, subject, context(patience_over=True))


def test_each_round_of_what_is_missing_is_a_notice_of_its_own() -> None:
    it = room(contact(), by_mail(), asked(), asked(2))
    assert [mail.notice_id for mail in it.mails[1:]] == [f"supplement.{CASE}", f"supplement-2.{CASE}"]
    assert [event.round for event in it.events if isinstance(event, SupplementAsked)] == [1, 2]
    assert "诉求内容为空" in words(it.mails[-1]).text
    for notice in (f"supplement.{CASE}", f"supplement-2.{CASE}"):
        told_of = only(NoticeSent, it.hear(taken(notice)))
        assert (told_of.notice_id, told_of.notice, told_of.by) == (notice, "supplement", "email")


def test_what_is_missing_is_told_by_the_channel_where_mail_does_not_work() -> None:
    it = room(contact(), by_mail(), asked())
    failed, instead = it.fail(permanent=True, why="smtp 550")
    assert (failed.why, instead.by, instead.notice, instead.nth) == ("smtp 550", "channel", "supplement", 1)
    sent = [each for each in room(registered(), asked()).events if isinstance(each, NoticeSent)]
    assert [(each.notice, each.by) for each in sent] == [("acknowledgement", "channel"), ("supplement", "channel")]


# ---- on the way


def test_what_happens_on_the_way_is_told_by_the_way_they_chose_and_to_the_channel() -> None:
    room = Room()
    room.hear(by_mail(), contact())
    room.hear(taken(ACK))
    suspended = CaseSuspended(
        case_id=CASE, occurred_at=AT, unit="housing", reason=PauseReason.SHELVED, note="待拆迁", until=AT
    )
    delayed = DelayExplained(case_id=CASE, occurred_at=AT, unit="housing", reason="检测延期", promised_at=AT)
    merged = CaseMerged(case_id=CASE, occurred_at=AT, into=CASE, into_number="BC-20261123-000002")
    alone = CaseUnmerged(case_id=CASE, occurred_at=AT, out_of=CASE)
    steps = [(suspended, "suspended"), (delayed, "delayed"), (merged, "merged"), (alone, "unmerged")]
    for n, (subject, what) in enumerate(steps, 1):
        reply = only(ComplaintProgress, room.hear(subject))
        notice_id = f"progress.{CASE}" if n == 1 else f"progress-{n}.{CASE}"
        assert (reply.what, room.mails[-1].notice_id) == (what, notice_id)
        assert room.mails[-1].what == what
        assert "BC-20261123-000001" in words(room.mails[-1]).text
        (sent,) = room.hear(taken(notice_id))
        assert (sent.TYPE, sent.notice, sent.by) == (NoticeSent.TYPE, what, ReplyBy.EMAIL)


def extended(clock: str = "close", **changes: Any) -> ClockExtended:
    given: dict[str, Any] = {
        "case_id": CASE,
        "occurred_at": AT,
        "clock": clock,
        "working_days": 5,
        "budget_working_days": 20,
        "due_at": datetime(2026, 12, 21, 16, tzinfo=UTC),
        "provisional": False,
        "reason": "需检测",
        "due_on": date(2026, 12, 21),
    }
    return ClockExtended(**{**given, **changes})


def test_the_complainant_is_told_of_more_time_when_the_limit_has_it_and_until_when() -> None:
    told_ = room(registered()).hear(extended())
    assert [event.TYPE for event in told_] == [ComplaintProgress.TYPE, NoticeSent.TYPE]
    for sentence in (told_[0].zh, told_[0].en):
        assert all(said in sentence for said in (" 5 ", "2026-12-21", "需检测")), sentence


def test_more_time_of_a_stage_of_the_work_is_nothing_to_the_complainant() -> None:
    assert room(registered()).hear(extended("reply"), extended("close-up")) == []


def test_more_time_is_told_while_the_answer_is_owed_in_whatever_order_it_comes() -> None:
    assert RULES.decide(None, extended(), context()) == Wait(PATIENCE)
    answered = room(registered(), closed())
    assert answered.hear(extended()) == [], "it came after the answer"
    assert RULES.decide(answered.case, extended("close-2"), context()) == Wait(PATIENCE), "it came before the reopening"
    answered.hear(reopened())
    assert answered.hear(extended()) == [], "the first answer is not owed any more"
    assert only(ComplaintProgress, answered.hear(extended("close-2"))).what == "extended"


def test_a_case_that_is_opened_again_is_answered_again() -> None:
    room = Room()
    room.hear(by_mail(), contact(), closed())
    first = room.mails[-1]
    assert only(ComplaintProgress, room.hear(reopened())).what == "reopened"
    room.hear(closed(reply="已彻底整改。"))
    again = room.mails[-1]
    assert (first.notice_id, again.notice_id) == (ANSWER, f"answer-2.{CASE}")
    assert "已彻底整改。" in words(again).text
    assert [event.reply for event in room.events if isinstance(event, ComplaintAnswered)][-1] == "已彻底整改。"
    room.wait(LEASE)
    texts = {mail.notice_id: words(mail).text for mail in room.mails}
    assert texts[ANSWER] == words(first).text, "an answer that is tried again is the one it was"


def reopened() -> CaseReopened:
    return CaseReopened(case_id=CASE, occurred_at=AT, unit="housing", count=1, reason="仍未解决")


# ---- erasure and the exchange of the key


def erased() -> ContactErased:
    return ContactErased(case_id=CASE, occurred_at=AT)


def test_who_is_forgotten_is_told_by_the_channel_from_then_on() -> None:
    it = room(by_mail(), contact())
    failed, instead = it.hear(erased())
    assert (failed.notice_id, failed.why) == (ACK, "erased")
    assert (instead.notice_id, instead.by) == (ACK, ReplyBy.CHANNEL)
    assert it.case is not None
    assert (it.case.contact_box, it.case.contact_key, it.due()) == (None, None, None)
    assert it.hear(taken(ACK)) == [], "what was under way all the same changes nothing"
    assert only(NoticeSent, it.hear(closed())).by == ReplyBy.CHANNEL


def test_an_erasure_may_come_first() -> None:
    it = room(erased(), by_mail())
    assert only(NoticeSent, it.wait(CONTACT_PATIENCE)).by == ReplyBy.CHANNEL


def test_only_the_box_that_was_opened_is_exchanged() -> None:
    it = room(by_mail(), contact())
    assert it.case is not None
    known = it.case.contact_box
    it.hear(Resealed("another", "new", "k2"))
    assert it.case.contact_box == known
    it.hear(Resealed(str(known), "new", "k2"))
    assert (it.case.contact_box, it.case.contact_key) == ("new", "k2")
