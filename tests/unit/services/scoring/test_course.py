"""The clocks of a case run beside each other: which of them start, stop, pass on and stand still, and what is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import AwareDatetime

from contracts.channel import Instruction
from contracts.codes import AppealType, Ending, HandlingResult, Hold, PauseReason, Rung, Satisfaction
from contracts.intake import CaseEnded, CaseReleased, RepeatLinked, SupplementReceived, SupplementRequested
from contracts.limits import TimeLimit
from contracts.message import Event, Message
from contracts.routing import (
    CaseAssigned,
    CaseInstructed,
    CaseJoined,
    CaseQueued,
    CaseReopened,
    CaseResumed,
    CaseSigned,
    CaseSuspended,
    DelayExplained,
    ExtensionDecided,
    HandlingReported,
    RedoOrdered,
    SubtaskEnded,
    SubtaskOpened,
)
from contracts.scoring import (
    CallbackEnded,
    CaseMeasured,
    CaseRated,
    ClockEscalated,
    ClockExtended,
    ClockPaused,
    ClockReckoned,
    ClockResumed,
    ClockRungReached,
    ClockStarted,
    ClockStopped,
)
from infra.decision import Due, Subject
from services.scoring.domain.aggregate import Aggregate
from services.scoring.domain.case import Case
from services.scoring.domain.case_rules import CalendarChanged, CaseRules
from services.scoring.domain.clock import Clock
from services.scoring.domain.limits import Limits
from services.scoring.domain.rating import PATIENCE
from tests.unit.services.scoring.notices import complete, table
from tests.unit.services.scoring.test_rating import rating
from tests.unit.services.speaking import AT, CASE, closed, context, decided, demo, only, read, registered

DEMO = Limits.from_tables(demo().version, demo().tables)
MORE = {"reply": TimeLimit.parse("8 working days"), "callback": TimeLimit.parse("3 working days")}
LIMITS = replace(DEMO, stages={**DEMO.stages, **MORE})
UNIT, OTHER, CENTRE = "police-beicheng", "urban-management-beicheng", "beicheng-centre"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def event(type: type[Event], at: datetime, **fields: Any) -> Subject:
    return type(**{"case_id": CASE, "occurred_at": at, **fields})


def assigned(at: datetime, unit: str = UNIT, responsible: str = CENTRE, rule: str = "r1") -> Subject:
    return event(CaseAssigned, at, unit=unit, responsible=responsible, rule=rule, policy="p")


def queued(at: datetime, **fields: Any) -> Subject:
    return event(CaseQueued, at, **{"centre": CENTRE, "responsible": CENTRE, "why": "no-rule", "policy": "p", **fields})


def signed(at: datetime, unit: str = UNIT) -> Subject:
    return event(CaseSigned, at, unit=unit)


def reported(at: datetime) -> Subject:
    return event(HandlingReported, at, unit=UNIT, verifier=CENTRE, result=HandlingResult.RESOLVED, reply="好了")


def suspended(at: datetime, reason: PauseReason = PauseReason.THIRD_PARTY) -> Subject:
    return event(CaseSuspended, at, unit=UNIT, reason=reason, note="等检测", until=at + 9 * DAY)


def asked(at: datetime) -> Subject:
    return event(SupplementRequested, at, missing=(), answer_by=at + DAY, round=1, centre=CENTRE, policy="p")


class Scorer:
    """One case in scoring, which hears of things as they happen."""

    def __init__(self, limits: Limits = LIMITS, **changes: Any) -> None:
        self.rules = CaseRules(limits)
        self.case: Case | None = None
        self.told: list[Any] = []
        self.hear(registered(**changes), AT)

    @property
    def held(self) -> Case:
        assert self.case is not None
        return self.case

    def hear(self, subject: Subject, at: datetime | None = None) -> list[Any]:
        """What is announced on it."""
        at = at or (subject.time if isinstance(subject, Message) else AT)
        decision = decided(self.rules.decide(self.case, subject, context(at=at)))
        assert decision.state is not None
        saved = Aggregate.model_validate(decision.state.model_dump(mode="json"))
        assert isinstance(saved, Case)
        self.case = saved
        found = read(decision.events)
        self.told += found
        return found

    def running(self) -> dict[str, str]:
        return {name: clock.unit for name, clock in self.held.clocks.items() if clock.running}

    def clock(self, name: str) -> Clock:
        return self.held.clocks[name]


def test_each_stage_has_its_own_clock_and_the_whole_has_its_own_all_the_while() -> None:
    scorer = Scorer()
    assert scorer.running() == {"close": CENTRE, "dispatch": CENTRE}
    for heard, running in [
        (queued(AT + HOUR, proposed=UNIT, form="BC-1-C1"), {"close": CENTRE, "dispatch": CENTRE, "approve": CENTRE}),
        (assigned(AT + 2 * HOUR), {"close": CENTRE, "sign": UNIT}),
        (signed(AT + 3 * HOUR), {"close": UNIT, "reply": UNIT}),
        (reported(AT + 4 * HOUR), {"close": UNIT, "verify": CENTRE}),
        (
            event(RedoOrdered, AT + 5 * HOUR, unit=UNIT, verifier=CENTRE, count=1, reason="没说清"),
            {"close": UNIT, "reply-2": UNIT},
        ),
        (reported(AT + 6 * HOUR), {"close": UNIT, "verify-2": CENTRE}),
        (closed(occurred_at=AT + 7 * HOUR), {"callback": CENTRE}),
    ]:
        scorer.hear(heard)
        assert scorer.running() == running
    assert [type(each).__name__ for each in scorer.told] == ["ClockStarted", "ClockStopped", "CaseMeasured"]


def test_the_fact_of_an_answer_holds_every_clock_and_whatever_counts() -> None:
    scorer = Scorer()
    scorer.hear(assigned(AT + HOUR, OTHER))
    scorer.hear(queued(AT + 2 * HOUR, returned_by=OTHER, return_reason="非职责"))
    scorer.hear(assigned(AT + 3 * HOUR))
    scorer.hear(signed(AT + 4 * HOUR))
    scorer.hear(assigned(AT + 5 * HOUR, OTHER, UNIT, "transfer"))
    assert scorer.running() == {"close": UNIT, "reply": UNIT, "sign-3": OTHER}
    scorer.hear(signed(AT + 6 * HOUR, OTHER))
    repeat = event(RepeatLinked, AT + 7 * HOUR, first_case_id=CASE, first_number="n", count=2)
    scorer.hear(repeat)
    late = scorer.clock("reply-2").due_at + HOUR
    told = scorer.hear(closed(occurred_at=late, unit=OTHER))
    fact = only(CaseMeasured, told).measures
    assert (fact.answer, fact.unit, fact.centre, fact.on_time) == (1, OTHER, CENTRE, True)
    assert (fact.returned_by, fact.transfers, fact.redos, fact.repeats) == ((OTHER,), 1, 0, 2)
    assert [(each.clock, each.unit, each.on_time) for each in fact.clocks] == [
        ("close", OTHER, True),
        ("dispatch", CENTRE, True),
        ("sign", OTHER, True),
        ("dispatch-2", CENTRE, True),
        ("sign-2", UNIT, True),
        ("reply", UNIT, True),
        ("sign-3", OTHER, True),
        ("reply-2", OTHER, False),
    ]
    assert scorer.held.answers == (fact,)


def test_a_clock_of_a_stage_is_announced_with_its_first_alarm_and_then_to_its_end() -> None:
    scorer = Scorer()
    scorer.hear(assigned(AT))
    yellow = scorer.hear(Due(), scorer.clock("sign").steps[0].at)
    assert [(type(each).__name__, each.clock, each.unit) for each in yellow] == [
        ("ClockStarted", "sign", UNIT),
        ("ClockRungReached", "sign", UNIT),
    ]
    assert yellow[0].basis == "stage/sign"
    assert yellow[0].limit == TimeLimit.parse("1 working day")
    over = scorer.clock("sign").due_at
    told = scorer.hear(signed(over + HOUR))
    assert [type(each).__name__ for each in told] == ["ClockRungReached", "ClockStopped"]
    assert (told[0].rung, told[1].on_time, told[1].unit) == (Rung.RED, False, UNIT)


@pytest.mark.parametrize(
    ("urgent", "hours", "basis"), [(False, 24, "stage/dispatch"), (True, 2, "stage/dispatch_urgent")]
)
def test_urgent_cases_are_dispatched_sooner(urgent: bool, hours: int, basis: str) -> None:
    clock = Scorer(urgent=urgent).clock("dispatch")
    assert (clock.due_at, clock.basis) == (AT + hours * HOUR, basis)


def test_an_approval_is_due_on_the_same_working_day() -> None:
    scorer = Scorer()
    scorer.hear(queued(AT, proposed=UNIT, form="BC-1-C1"))
    assert scorer.clock("approve").due_at == datetime(2026, 11, 23, 16, tzinfo=UTC)  # midnight in 示例市
    scorer.hear(queued(AT + HOUR, form="BC-1-C1", by="desk-2"))  # declined
    assert scorer.running() == {"close": CENTRE, "dispatch": CENTRE}


@pytest.mark.parametrize(
    ("own", "limit", "basis"), [(3, "3 working days", "instruction"), (None, "5 working days", "stage/instruction")]
)
def test_a_leaders_instruction_has_its_own_clock_which_the_responsible_unit_has_to_keep(
    own: int | None, limit: str, basis: str
) -> None:
    scorer = Scorer(instruction=Instruction(by="mayor", text="请速办", working_days=own))
    started = [each for each in scorer.told if isinstance(each, ClockStarted)]
    assert [each.clock for each in started] == ["close", "instruction"]
    assert (str(scorer.clock("instruction").limit), scorer.clock("instruction").basis) == (limit, basis)
    scorer.hear(assigned(AT + HOUR))
    scorer.hear(signed(AT + 2 * HOUR))
    assert scorer.clock("instruction").unit == UNIT
    (rung,) = [
        each for each in scorer.hear(Due(), scorer.clock("instruction").steps[0].at) if "instruction" in each.clock
    ]
    assert rung.unit == UNIT


def instructed(at: datetime, working_days: int | None = None) -> Subject:
    given = Instruction(by="mayor", text="请速办", working_days=working_days)
    return event(CaseInstructed, at, instruction=given, unit="city-office", responsible=UNIT)


@pytest.mark.parametrize(("own", "limit"), [(3, "3 working days"), (None, "5 working days")])
def test_the_clock_of_an_instruction_starts_from_the_instant_it_is_given(own: int | None, limit: str) -> None:
    scorer = Scorer()
    scorer.hear(assigned(AT + HOUR, responsible=UNIT))
    (started,) = scorer.hear(instructed(AT + 2 * DAY, own))
    assert isinstance(started, ClockStarted)
    clock = scorer.clock("instruction")
    assert (clock.started_at, str(clock.limit), clock.unit) == (AT + 2 * DAY, limit, UNIT)
    assert (started.clock, started.started_on) == ("instruction", date(2026, 11, 25))


def test_every_instruction_has_a_clock_of_its_own_and_all_end_with_the_case() -> None:
    scorer = Scorer(instruction=Instruction(by="mayor", text="请速办"))
    scorer.hear(assigned(AT + HOUR, responsible=UNIT))
    scorer.hear(instructed(AT + DAY, 3))
    scorer.hear(instructed(AT + 2 * DAY, 1))
    assert set(scorer.running()) >= {"close", "instruction", "instruction-2", "instruction-3"}
    told = scorer.hear(closed(occurred_at=AT + 3 * DAY, unit=UNIT))
    stopped = {each.clock: each.on_time for each in told if isinstance(each, ClockStopped)}
    assert {name: kept for name, kept in stopped.items() if name.startswith("instruction")} == {
        "instruction": True,
        "instruction-2": True,
        "instruction-3": True,
    }
    before = scorer.held
    assert scorer.hear(instructed(AT + 4 * DAY)) == []
    assert scorer.held == before


def test_an_instruction_on_a_case_at_rest_stands_still_with_it() -> None:
    scorer = Scorer()
    scorer.hear(assigned(AT, responsible=UNIT))
    scorer.hear(suspended(AT + HOUR))
    scorer.hear(instructed(AT + 2 * HOUR))
    assert scorer.clock("instruction").still_since == AT + 2 * HOUR
    scorer.hear(event(CaseResumed, AT + DAY, unit=UNIT))
    assert scorer.clock("instruction").still_since is None


def test_a_held_case_is_dispatched_from_its_release_and_not_again_when_that_is_heard_late() -> None:
    scorer = Scorer(held=Hold.SCOPE)
    assert scorer.running() == {"close": CENTRE}
    released = event(CaseReleased, AT + 5 * HOUR, policy="p")
    early, late = Scorer(held=Hold.SCOPE), Scorer(held=Hold.SCOPE)
    early.hear(released)
    assert early.clock("dispatch").started_at == AT + 5 * HOUR
    late.hear(assigned(AT + 6 * HOUR))
    late.hear(released, AT + 7 * HOUR)
    assert late.running() == {"close": CENTRE, "sign": UNIT}


def test_co_handlers_have_a_limit_for_their_part_each_its_own() -> None:
    scorer = Scorer()
    for name, unit in (("part", OTHER), ("part-2", "water-company")):
        started = only(ClockStarted, scorer.hear(event(SubtaskOpened, AT, unit=unit, lead=UNIT, task="现场查看")))
        assert (started.clock, started.unit, started.due_at) == (name, unit, scorer.clock(name).due_at)
    assert {"part": OTHER, "part-2": "water-company"}.items() <= scorer.running().items()
    scorer.hear(event(SubtaskEnded, AT + HOUR, unit="water-company", ending="reported", words="已查"))
    assert scorer.clock("part").running
    assert not scorer.clock("part-2").running


def test_a_case_that_joined_another_has_only_the_limit_of_the_whole() -> None:
    scorer = Scorer()
    scorer.hear(assigned(AT))
    scorer.hear(event(CaseJoined, AT + HOUR, leading=CASE, responsible=CENTRE))
    assert scorer.running() == {"close": CENTRE}


@pytest.mark.parametrize("reason", [PauseReason.THIRD_PARTY, PauseReason.SHELVED])
def test_a_case_that_joined_another_while_it_rested_runs_on_and_may_be_late(reason: PauseReason) -> None:
    scorer = Scorer()
    scorer.hear(assigned(AT))
    scorer.hear(signed(AT))
    scorer.hear(suspended(AT + HOUR, reason))
    told = scorer.hear(event(CaseJoined, AT + DAY, leading=CASE, responsible=CENTRE))
    assert only(ClockResumed, [each for each in told if isinstance(each, ClockResumed)]).resumed_at == AT + DAY
    assert scorer.rules.due(scorer.held) is not None
    alarms = [each.rung for each in scorer.hear(Due(), AT + 200 * DAY) if isinstance(each, ClockRungReached)]
    assert alarms == [Rung.REMINDER, Rung.YELLOW, Rung.RED]
    assert not only(CaseMeasured, scorer.hear(closed(occurred_at=AT + 200 * DAY))[-1:]).measures.on_time


def test_a_case_that_joined_another_still_waits_for_its_complainant() -> None:
    scorer = Scorer()
    scorer.hear(asked(AT + HOUR))
    scorer.hear(event(CaseJoined, AT + DAY, leading=CASE, responsible=CENTRE))
    assert scorer.clock("close").still_since == AT + HOUR


def test_pauses_overlap_and_the_clock_runs_when_none_is_left() -> None:
    """Two reasons from the 24th and the 25th until the 26th and the 27th: three working days, told once."""
    scorer = Scorer()
    end = scorer.clock("close").due_at
    scorer.hear(assigned(AT))
    scorer.hear(signed(AT))
    assert only(ClockPaused, scorer.hear(suspended(AT + DAY))).reason is PauseReason.THIRD_PARTY
    assert scorer.hear(asked(AT + 2 * DAY)) == []
    assert scorer.rules.due(scorer.held) is None
    assert scorer.hear(event(CaseResumed, AT + 3 * DAY, unit=UNIT)) == []
    told = only(ClockResumed, scorer.hear(event(SupplementReceived, AT + 4 * DAY, round=1, complete=True)))
    assert (told.paused_working_days, told.due_at) == (3, end + 3 * DAY)
    assert [len(scorer.clock(name).pauses) for name in ("close", "reply")] == [2, 2]


def test_a_clock_that_begins_while_the_case_stands_still_stands_still() -> None:
    scorer = Scorer()
    scorer.hear(assigned(AT))
    scorer.hear(asked(AT + HOUR))
    scorer.hear(signed(AT + DAY))
    assert scorer.clock("reply").still_since == AT + DAY


def test_resuming_ends_what_was_suspended_and_not_what_was_asked() -> None:
    scorer = Scorer()
    scorer.hear(asked(AT + HOUR))
    assert scorer.hear(event(CaseResumed, AT + DAY, unit=UNIT)) == []
    assert scorer.clock("close").still_since == AT + HOUR


def granted(requested_at: datetime, at: datetime) -> Subject:
    return event(
        ExtensionDecided,
        at,
        unit=UNIT,
        approver=CENTRE,
        granted=True,
        working_days=5,
        requested_at=requested_at,
        reason="需检测",
    )


def test_more_time_lengthens_the_whole_and_the_reply_but_no_other_stage() -> None:
    scorer = Scorer()
    scorer.hear(assigned(AT))
    scorer.hear(signed(AT))
    scorer.hear(event(SubtaskOpened, AT, unit=OTHER, lead=UNIT, task="现场查看"))
    scorer.hear(granted(AT + HOUR, AT + 2 * HOUR))
    extended = {name: clock.extension_working_days for name, clock in scorer.held.clocks.items() if clock.running}
    assert extended == {"close": 5, "reply": 5, "part": 0}
    assert scorer.held.counts.extensions == 1


def test_more_time_that_was_asked_for_after_the_end_of_the_whole_is_none() -> None:
    scorer = Scorer(appeal=AppealType.CONSULT)
    scorer.hear(assigned(AT))
    scorer.hear(signed(AT))
    over = scorer.clock("close").due_at
    assert scorer.clock("reply").due_at > over
    before = scorer.held
    assert [each for each in scorer.hear(granted(over, over)) if isinstance(each, ClockExtended)] == []
    assert scorer.held == before


@pytest.mark.parametrize(
    ("about", "levels"), [(None, [(1, "police"), (2, "city-office")]), ("police", [(1, "city-office")])]
)
def test_a_limit_that_is_over_goes_up_past_the_unit_complained_about(
    about: str | None, levels: list[tuple[int, str]]
) -> None:
    scorer = Scorer(about=about)
    scorer.hear(assigned(AT))
    scorer.hear(signed(AT))
    far = AT + 90 * DAY
    told = [each for each in scorer.hear(Due(), far) if isinstance(each, ClockEscalated)]
    assert [(each.clock, each.unit) for each in told] == [("close", UNIT)] * len(levels)
    assert [(each.level, each.to) for each in told] == levels
    assert scorer.hear(Due(), far + DAY) == []


def test_who_explains_the_delay_promises_a_date_and_moves_no_clock() -> None:
    scorer = Scorer()
    before = scorer.held.clocks
    scorer.hear(event(DelayExplained, AT, unit=UNIT, reason="等配件", promised_at=AT + 20 * DAY))
    assert (scorer.held.promised_at, scorer.held.clocks) == (AT + 20 * DAY, before)


def test_a_case_opened_again_is_measured_again_and_its_first_answer_stays_as_it_was() -> None:
    scorer = Scorer()
    scorer.hear(assigned(AT))
    scorer.hear(signed(AT + HOUR))
    scorer.hear(closed(occurred_at=AT + 2 * HOUR))
    (first,) = scorer.held.answers
    january = datetime(2027, 1, 4, 2, tzinfo=UTC)
    scorer.hear(event(CaseReopened, january, unit=UNIT, count=1, reason="又出现"))
    assert scorer.running() == {"close-2": UNIT}
    scorer.hear(assigned(january + HOUR, rule="reopened"))
    scorer.hear(signed(january + 2 * HOUR))
    scorer.hear(closed(occurred_at=january + 3 * HOUR))
    assert scorer.held.answers[0] == first
    second = scorer.held.answers[1]
    assert (second.answer, second.returned_by) == (2, ())
    assert {each.clock for each in second.clocks} == {"close-2", "callback", "sign-2", "reply-2"}


def test_a_case_without_an_answer_of_a_unit_is_measured_against_who_had_it() -> None:
    scorer = Scorer()
    told = scorer.hear(event(CaseEnded, AT + HOUR, ending=Ending.LAPSED, policy="p"))
    fact = only(CaseMeasured, told).measures
    assert (fact.unit, fact.result, fact.ending) == (CENTRE, None, Ending.LAPSED)
    assert not scorer.rules.is_open(scorer.held)


def test_the_call_back_is_owed_until_the_case_is_rated() -> None:
    scorer = Scorer()
    scorer.hear(closed(occurred_at=AT))
    assert scorer.rules.is_open(scorer.held)
    decision = decided(scorer.rules.decide(scorer.case, rating(Satisfaction.SATISFIED), context("web", at=AT + DAY)))
    assert decision.state is not None
    assert not scorer.rules.is_open(decision.state)


ANSWERED = AT + DAY


def answered_case() -> Scorer:
    scorer = Scorer()
    scorer.hear(assigned(AT))
    scorer.hear(signed(AT))
    scorer.hear(closed(occurred_at=ANSWERED))
    return scorer


def test_a_call_back_that_nobody_answers_ends_and_is_neither_kept_nor_late() -> None:
    scorer = answered_case()
    told: list[Any] = []
    while (at := scorer.rules.due(scorer.held)) is not None:
        told += scorer.hear(Due(), at)
    assert not scorer.rules.is_open(scorer.held)
    over_at = datetime(2026, 12, 24, 16, tzinfo=UTC)  # thirty calendar days after the 24th of November
    fact = only(CallbackEnded, [each for each in told if isinstance(each, CallbackEnded)])
    assert (fact.result, fact.answer, fact.centre, fact.on_time) == ("unanswered", 1, CENTRE, None)
    assert (fact.started_at, fact.ended_at) == (ANSWERED, over_at)
    assert [each.rung for each in told if isinstance(each, ClockRungReached)] == [Rung.REMINDER, Rung.YELLOW, Rung.RED]
    assert not only(ClockStopped, [each for each in told if isinstance(each, ClockStopped)]).counts
    assert scorer.hear(Due(), over_at + 90 * DAY) == []


def test_a_place_says_after_how_long_nobody_is_asked_any_more() -> None:
    limits = {
        **demo().tables["limits"],
        "callback": {"ends_after": "2 working days"},
        "stages": {"callback": "1 working day"},
    }
    scorer = Scorer(Limits.from_tables("v", {**demo().tables, "limits": limits}))
    scorer.hear(closed(occurred_at=AT))
    told = scorer.hear(Due(), AT + 5 * DAY)
    assert only(CallbackEnded, [each for each in told if isinstance(each, CallbackEnded)]).ended_at == AT.replace(
        day=25, hour=16, minute=0
    )


@pytest.mark.parametrize(("days", "on_time"), [(1, True), (9, False)])
def test_a_call_back_that_was_answered_says_whether_it_was_in_time(days: int, on_time: bool) -> None:
    scorer = answered_case()
    at = ANSWERED + days * DAY
    said = scorer.rules.decide(scorer.case, rating(Satisfaction.SATISFIED), context("web", at=at))
    told = [each for each in read(decided(said).events) if isinstance(each, CallbackEnded)]
    assert [(each.result, each.on_time, each.ended_at) for each in told] == [("rated", on_time, at)]


def test_a_rating_after_the_call_back_is_over_counts_and_its_fact_stays() -> None:
    limits = {**demo().tables["limits"], "callback": {"ends_after": "2 working days"}}
    scorer = Scorer(Limits.from_tables("v", {**demo().tables, "limits": limits}))
    scorer.hear(closed(occurred_at=AT))
    scorer.hear(Due(), AT + 5 * DAY)
    said = scorer.rules.decide(scorer.case, rating(Satisfaction.SATISFIED), context("web", at=AT + 6 * DAY))
    assert [type(each) for each in read(decided(said).events)] == [CaseRated]


def test_a_call_back_is_over_when_the_case_is_opened_again_and_the_next_answer_has_its_own() -> None:
    scorer = answered_case()
    again = ANSWERED + DAY
    told = scorer.hear(event(CaseReopened, again, unit=UNIT, count=1, reason="又出现"))
    fact = only(CallbackEnded, [each for each in told if isinstance(each, CallbackEnded)])
    assert (fact.result, fact.on_time, fact.ended_at) == ("reopened", None, again)
    scorer.hear(closed(occurred_at=again + DAY))
    assert {each.clock: each.counts for each in scorer.held.answers[1].clocks}["callback"] is False
    told = scorer.hear(Due(), again + 90 * DAY)
    assert only(CallbackEnded, [each for each in told if isinstance(each, CallbackEnded)]).answer == 2


def test_a_calendar_that_was_published_moves_the_open_ends_and_says_why() -> None:
    december = datetime(2026, 12, 25, 1, tzinfo=UTC)
    scorer = Scorer(received_at=december)
    assert scorer.clock("close").provisional
    tables = {**demo().tables, "calendar": table(2027, complete(2027))}
    published = CaseRules(Limits.from_tables("v2", tables))
    decision = decided(published.decide(scorer.case, CalendarChanged(), context(at=december)))
    told = only(ClockReckoned, decision.events)
    assert (told.due_at - told.previous_due_at, told.provisional, told.reason) == (3 * DAY, False, "calendar")
    assert told.calendar != told.previous_calendar
    assert decision.state is not None
    again = decided(published.decide(decision.state, CalendarChanged(), context(at=december)))
    assert (again.events, again.state) == ((), decision.state)


def test_a_notice_that_names_days_of_the_december_before_moves_ends_of_that_december() -> None:
    received = datetime(2026, 12, 8, 1, tzinfo=UTC)
    scorer = Scorer(received_at=received)
    before = scorer.clock("close")
    assert before.provisional
    assert before.due_at == datetime(2026, 12, 29, 16, tzinfo=UTC)
    notice = complete(2027, off=(date(2026, 12, 29),), worked=())
    published = CaseRules(Limits.from_tables("v2", {**demo().tables, "calendar": table(2027, notice)}))
    told = only(ClockReckoned, decided(published.decide(scorer.case, CalendarChanged(), context(at=received))).events)
    assert (told.due_at - told.previous_due_at, told.provisional, told.reason) == (DAY, False, "calendar")
    unchanged = CaseRules(Limits.from_tables("v3", {**demo().tables, "calendar": table(2027, complete(2027))}))
    told = only(ClockReckoned, decided(unchanged.decide(scorer.case, CalendarChanged(), context(at=received))).events)
    assert (told.due_at, told.provisional, told.reason) == (before.due_at, False, "calendar")


def test_what_has_fallen_by_the_old_calendar_does_not_fall_again_by_the_new() -> None:
    scorer = Scorer(received_at=AT + 20 * DAY)
    scorer.hear(Due(), scorer.clock("close").steps[1].at)
    tables = {**demo().tables, "calendar": {"year": [{"year": 2027}]}}
    published = CaseRules(Limits.from_tables("v2", tables))
    case = decided(published.decide(scorer.case, CalendarChanged(), context(at=AT + 40 * DAY))).state
    assert case is not None
    steps = [(step.rung, step.level) for step in case.clocks["close"].steps]
    assert steps == [(Rung.RED, 0), (Rung.RED, 1), (Rung.RED, 2)]


def test_a_notice_that_cancels_a_holiday_moves_a_running_clock_once() -> None:
    """7 October 2026 is worked after all: 15 working days after 18 September are over a day earlier."""
    scorer = Scorer(received_at=datetime(2026, 9, 18, 2, tzinfo=UTC))
    notice = {"year": 2026, "source": "a notice of ours", "days_worked": [date(2026, 10, 7)]}
    scorer.rules = CaseRules(Limits.from_tables("v2", {**demo().tables, "calendar": {"year": [notice]}}))
    before = scorer.clock("close").due_at
    moved = [each for each in scorer.hear(CalendarChanged(), AT + DAY) if each.clock == "close"]
    assert [(each.previous_due_at, each.due_at, each.reason) for each in moved] == [
        (before, before - DAY, "calendar"),
    ]
    assert before == datetime(2026, 10, 15, 16, tzinfo=UTC)
    assert scorer.hear(CalendarChanged(), AT + 2 * DAY) == []


MESSAGES: list[Callable[[datetime], Subject]] = [
    assigned,
    lambda at: assigned(at, OTHER, UNIT, "transfer"),
    queued,
    lambda at: queued(at, returned_by=UNIT, return_reason="非职责"),
    lambda at: queued(at, proposed=UNIT, form="f"),
    signed,
    reported,
    lambda at: event(RedoOrdered, at, unit=UNIT, verifier=CENTRE, count=1, reason="没说清"),
    suspended,
    lambda at: event(CaseResumed, at, unit=UNIT),
    asked,
    lambda at: event(SupplementReceived, at, round=1, complete=True),
    lambda at: granted(at - HOUR, at),
    lambda at: event(SubtaskOpened, at, unit=OTHER, lead=UNIT, task="t"),
    lambda at: event(SubtaskEnded, at, unit=OTHER, ending="reported", words="w"),
    lambda at: closed(occurred_at=at),
    lambda at: event(CaseReopened, at, unit=UNIT, count=1, reason="又出现"),
    lambda at: Due(),
    lambda at: CalendarChanged(),
]


@settings(max_examples=120, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(MESSAGES), st.integers(1, 400)), max_size=25))
def test_whatever_happens_in_whatever_order_each_alarm_falls_once_and_every_clock_of_an_answer_has_stopped(
    course: list[tuple[Callable[[AwareDatetime], Subject], int]],
) -> None:
    scorer, at = Scorer(), AT
    for make, hours in course:
        at += hours * HOUR
        scorer.hear(make(at), at)
        case = scorer.held
        assert case.closed_at is None or all(
            not clock.running for name, clock in case.clocks.items() if not name.startswith("callback")
        )
        assert len({name for answer in case.answers for name in (each.clock for each in answer.clocks)}) == sum(
            len(answer.clocks) for answer in case.answers
        )
    rungs = [(each.clock, each.rung) for each in scorer.told if isinstance(each, ClockRungReached)]
    levels = [(each.clock, each.level) for each in scorer.told if isinstance(each, ClockEscalated)]
    started = [each.clock for each in scorer.told if isinstance(each, ClockStarted)]
    stopped = [each.clock for each in scorer.told if isinstance(each, ClockStopped)]
    for announced in (rungs, levels, started, stopped):
        assert len(announced) == len(set(announced))
    assert {clock for clock, _ in rungs} <= set(started)
    assert set(stopped) <= set(started)


def test_a_rating_may_overtake_the_end_of_its_case() -> None:
    assert timedelta(minutes=1) <= PATIENCE
