"""The clock of a case: budgets by appeal, rungs in order and each once, on time or not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.codes import AppealType, Ending, PauseReason, Rung, Stage, TimeUnit
from contracts.intake import CaseEnded, SupplementReceived, SupplementRequested
from contracts.limits import TimeLimit
from contracts.routing import CaseReopened
from contracts.scoring import ClockPaused, ClockResumed, ClockRungReached, ClockStarted, ClockStopped
from infra.decision import Decision, Due, Wait
from services.scoring.domain import clock as clocks
from services.scoring.domain.aggregate import Aggregate
from services.scoring.domain.case import Case
from services.scoring.domain.case_rules import PATIENCE, CaseRules
from services.scoring.domain.clock import Clock, pause, reach, resume, stop
from services.scoring.domain.limits import Limits
from tests.unit.services.speaking import (
    AT,
    CASE,
    closed,
    context,
    decided,
    demo,
    only,
    read,
    refused_submission,
    registered,
    types,
)

DEMO = Limits.from_tables(demo().version, demo().tables)
LIMITS = replace(DEMO, stages={}, alarms=replace(DEMO.alarms, escalated=frozenset()))
"""The limit of the whole case alone."""
RULES = CaseRules(LIMITS)
ZONE = LIMITS.timezone
RUNGS = [Rung.REMINDER, Rung.YELLOW, Rung.RED]


def local(*numbers: int) -> datetime:
    return datetime(*numbers, tzinfo=ZONE)  # type: ignore[arg-type, misc]


def start(appeal: AppealType, at: datetime, limits: Limits) -> Clock:
    return clocks.start(Stage.CLOSE, "city-12345", at, *limits.of_case(appeal, "noise-residential"), limits)


def working_days(amount: int) -> TimeLimit:
    return TimeLimit(amount=amount, unit=TimeUnit.WORKING_DAYS)


def close_clock(case: Case) -> Clock:
    return case.clocks["close"]


def started(**changes: Any) -> Decision[Case]:
    return decided(RULES.decide(None, registered(**changes), context()))


def running(**changes: Any) -> Case:
    state = started(**changes).state
    assert state is not None
    return state


def due(case: Case, at: datetime) -> Decision[Case]:
    return decided(RULES.decide(case, Due(), context(at=at)))


def fell(decision: Decision[Case]) -> list[Rung]:
    return [event.rung for event in read(decision.events) if isinstance(event, ClockRungReached)]


# ---- start


@pytest.mark.parametrize(
    ("appeal", "days", "due_at"),
    [
        (AppealType.CONSULT, 2, local(2026, 9, 22)),
        (AppealType.REQUEST, 10, local(2026, 10, 10)),
        (AppealType.SUGGESTION, 10, local(2026, 10, 10)),
        (AppealType.PRAISE, 10, local(2026, 10, 10)),
        (AppealType.COMPLAINT, 15, local(2026, 10, 16)),
        (AppealType.REPORT, 15, local(2026, 10, 16)),
    ],
)
def test_each_kind_of_appeal_has_its_budget(appeal: AppealType, days: int, due_at: datetime) -> None:
    event = only(ClockStarted, started(appeal=appeal, received_at=local(2026, 9, 18, 10)).events)
    assert (event.clock, event.started_on, event.budget_working_days) == ("close", date(2026, 9, 18), days)
    assert event.due_at == due_at
    assert not event.provisional
    assert event.calendar.startswith("chinesecalendar-")
    assert event.policy == demo().version


@pytest.mark.parametrize(
    ("received_at", "due_at"),
    [(local(2026, 9, 18, 9), local(2026, 10, 16)), (local(2026, 2, 9, 9), local(2026, 3, 7))],
)
def test_the_limit_is_the_end_of_its_last_working_day(received_at: datetime, due_at: datetime) -> None:
    assert only(ClockStarted, started(received_at=received_at).events).due_at == due_at


@pytest.mark.parametrize(
    ("received_at", "day0"),
    [
        (datetime(2026, 9, 17, 15, 59, 59, tzinfo=UTC), date(2026, 9, 17)),
        (datetime(2026, 9, 17, 16, 0, 0, tzinfo=UTC), date(2026, 9, 18)),
        (datetime(2026, 9, 18, 15, 59, 59, tzinfo=UTC), date(2026, 9, 18)),
        (local(2026, 9, 19, 12), date(2026, 9, 19)),
    ],
)
def test_day_0_is_the_local_day_on_which_the_citizen_spoke(received_at: datetime, day0: date) -> None:
    assert only(ClockStarted, started(received_at=received_at).events).started_on == day0


def test_a_complaint_on_a_day_off_counts_from_the_next_working_day() -> None:
    saturday, monday = local(2026, 11, 21, 12), local(2026, 11, 22, 12)
    assert close_clock(running(received_at=saturday)).due_at == close_clock(running(received_at=monday)).due_at


@pytest.mark.parametrize(("on", "provisional"), [(local(2026, 12, 3, 9), False), (local(2026, 12, 4, 9), True)])
def test_a_limit_whose_end_an_unpublished_notice_may_move_is_provisional(on: datetime, provisional: bool) -> None:
    assert only(ClockStarted, started(received_at=on).events).provisional == provisional


def test_a_case_registered_again_keeps_its_clock() -> None:
    case = running()
    assert RULES.decide(case, registered(received_at=AT + timedelta(days=9)), context()) == Decision(case)


@pytest.mark.parametrize(
    ("category", "budget", "basis"),
    [("heating", 5, "category/heating"), ("noise-residential", 15, "appeal/complaint")],
)
def test_a_matter_with_a_limit_of_its_own_keeps_it_also_when_it_is_opened_again(
    category: str, budget: int, basis: str
) -> None:
    decision = decided(RULES.decide(None, registered(category=category), context()))
    first = only(ClockStarted, decision.events)
    assert (first.budget_working_days, first.basis) == (budget, basis)
    ended = decided(RULES.decide(decision.state, closed(), context()))
    reopened = CaseReopened(case_id=CASE, occurred_at=AT, unit="police", count=1, reason="又出现")
    again = only(ClockStarted, decided(RULES.decide(ended.state, reopened, context())).events)
    assert (again.clock, again.budget_working_days, again.basis) == ("close-2", budget, basis)


def test_a_place_may_count_weekends_alone() -> None:
    tables = {**demo().tables, "place": {"timezone": "Asia/Shanghai", "calendar": "weekends"}}
    limits = Limits.from_tables("v", tables)
    clock = start(AppealType.COMPLAINT, local(2026, 9, 18, 9), limits)
    assert clock.due_at == local(2026, 10, 10)


def test_a_calendar_nobody_has_is_named() -> None:
    tables = {**demo().tables, "place": {"timezone": "Asia/Shanghai", "calendar": "moon"}}
    with pytest.raises(KeyError, match="moon"):
        Limits.from_tables("v", tables)


# ---- rungs


def test_rungs_fall_on_mornings_and_at_the_end() -> None:
    steps = close_clock(running(received_at=local(2026, 9, 18, 10))).steps
    assert [(step.rung, step.at) for step in steps] == [
        (Rung.REMINDER, local(2026, 9, 30, 9)),
        (Rung.YELLOW, local(2026, 10, 12, 9)),
        (Rung.RED, local(2026, 10, 16, 9)),  # it ends at midnight; nobody is alarmed before work begins
    ]


def test_each_rung_falls_once_at_its_instant_and_names_the_limit() -> None:
    case = running()
    for step in close_clock(running()).steps:
        assert RULES.due(case) == step.at
        early = due(case, step.at - timedelta(milliseconds=1))
        assert early == Decision(case)
        reached = due(case, step.at)
        event = only(ClockRungReached, reached.events)
        assert (event.clock, event.rung, event.due_at) == ("close", step.rung, close_clock(case).due_at)
        assert reached.state is not None
        case = reached.state
        assert due(case, step.at) == Decision(case)
    assert RULES.due(case) is None


@pytest.mark.parametrize(("fallen", "rungs"), [(1, RUNGS[:1]), (2, RUNGS[:2]), (3, RUNGS)])
def test_rungs_that_fell_while_nobody_looked_are_told_at_once_in_order(fallen: int, rungs: list[Rung]) -> None:
    case = running()
    decision = due(case, close_clock(case).steps[fallen - 1].at)
    assert fell(decision) == rungs
    assert decision.state is not None
    assert [step.rung for step in close_clock(decision.state).steps] == RUNGS[fallen:]


def test_a_timer_for_a_case_nobody_knows_changes_nothing() -> None:
    assert RULES.decide(None, Due(), context()) == Decision(None)


budgets = st.integers(0, 60)
instants = st.integers(0, 396 * 24).map(lambda hours: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours))
ratios = st.floats(0, 1).map(lambda ratio: round(ratio, 2))


@settings(max_examples=100, deadline=None)
@given(
    budget=budgets,
    reminder=ratios,
    yellow=ratios,
    spoken=instants,
    looks=st.lists(st.integers(0, 120 * 24), max_size=8),
)
def test_whatever_the_budget_and_whenever_one_looks_each_rung_falls_once_and_in_order(
    budget: int, reminder: float, yellow: float, spoken: datetime, looks: list[int]
) -> None:
    first, second = sorted((reminder, yellow))
    alarms = replace(LIMITS.alarms, reminder_ratio=Decimal(str(first)), yellow_ratio=Decimal(str(second)))
    limits = replace(LIMITS, appeals={AppealType.COMPLAINT: working_days(budget)}, alarms=alarms)
    clock = start(AppealType.COMPLAINT, spoken, limits)
    instants = [step.at for step in clock.steps]
    assert instants == sorted(set(instants))
    assert clock.steps[-1].rung is Rung.RED
    assert clock.steps[-1].at >= clock.due_at
    planned = {step.rung: step.at for step in clock.steps}
    for hours in [*sorted(looks), 400 * 24]:
        at = spoken + timedelta(hours=hours)
        clock = reach(clock, at)
        assert [step.rung for step in clock.fallen] == [
            rung for rung in RUNGS if rung in planned and planned[rung] <= at
        ]
    assert {step.rung for step in clock.fallen} == set(planned)


@settings(max_examples=100, deadline=None)
@given(budget=st.integers(1, 60), spoken=instants.filter(lambda at: at < datetime(2026, 9, 1, tzinfo=UTC)))
def test_nobody_is_alarmed_before_work_begins_or_on_a_day_off(budget: int, spoken: datetime) -> None:
    limits = replace(LIMITS, appeals={AppealType.COMPLAINT: working_days(budget)})
    clock = start(AppealType.COMPLAINT, spoken, limits)
    for step in clock.steps:
        at = step.at.astimezone(ZONE)
        assert (at.hour, at.minute) == (9, 0)
        assert limits.calendar.working_days_between(at.date() - timedelta(days=1), at.date()) == 1


# ---- stop


@pytest.mark.parametrize(
    ("late", "on_time"),
    [(timedelta(days=-5), True), (timedelta(milliseconds=-1), True), (timedelta(0), False), (timedelta(days=1), False)],
)
def test_on_time_is_before_the_limit_ends(late: timedelta, on_time: bool) -> None:
    case = running()
    at = close_clock(case).due_at + late
    stopped = only(ClockStopped, decided(RULES.decide(case, closed(occurred_at=at), context(at=at))).events)
    assert (stopped.clock, stopped.on_time, stopped.stopped_at) == ("close", on_time, at)


@pytest.mark.parametrize(
    ("at", "used"),
    [
        (local(2026, 9, 18, 17), 0),
        (local(2026, 9, 20, 9), 1),
        (local(2026, 10, 15, 23, 59), 15),
        (local(2026, 10, 16), 16),
    ],
)
def test_working_days_used_are_counted_from_the_day_after_receipt(at: datetime, used: int) -> None:
    case = running(received_at=local(2026, 9, 18, 10))
    decision = decided(RULES.decide(case, closed(occurred_at=at), context(at=at)))
    assert only(ClockStopped, decision.events).working_days_used == used


def test_what_counts_is_when_the_unit_answered_not_when_we_heard_of_it() -> None:
    case = running()
    heard = close_clock(case).due_at + timedelta(days=3)
    answered = AT + timedelta(hours=1)
    decision = decided(RULES.decide(case, closed(occurred_at=answered), context(at=heard)))
    assert types(decision) == ["ClockStopped", "CaseMeasured"]
    assert only(ClockStopped, decision.events).on_time


def test_after_the_end_no_rung_falls_any_more() -> None:
    case = running()
    ended = decided(RULES.decide(case, closed(), context())).state
    assert ended is not None
    assert RULES.due(ended) is None
    assert due(ended, AT + timedelta(days=365)) == Decision(ended)
    assert stop(close_clock(case), AT, LIMITS).steps == ()


@pytest.mark.parametrize("fallen", [1, 2, 3])
def test_rungs_that_fell_before_the_answer_are_told_even_if_no_timer_came(fallen: int) -> None:
    case = running()
    at = [*[step.at for step in close_clock(case).steps[:2]], close_clock(case).due_at][fallen - 1]
    decision = decided(RULES.decide(case, closed(occurred_at=at), context(at=at)))
    assert fell(decision) == RUNGS[:fallen]
    assert types(decision)[-2:] == ["ClockStopped", "CaseMeasured"]


def test_a_case_is_closed_once() -> None:
    ended = decided(RULES.decide(running(), closed(), context())).state
    assert RULES.decide(ended, closed(occurred_at=AT + timedelta(days=9)), context()) == Decision(ended)


def test_the_end_of_a_case_waits_a_day_for_its_beginning_and_then_somebody_is_called() -> None:
    assert RULES.decide(None, closed(), context()) == Wait(PATIENCE)
    with pytest.raises(LookupError, match="never registered"):
        RULES.decide(None, closed(), context(patience_over=True))


def test_what_does_not_concern_scoring_changes_nothing() -> None:
    case = running()
    assert RULES.decide(case, refused_submission(), context()) == Decision(case)


def test_a_case_survives_being_saved() -> None:
    case = running()
    assert Aggregate.model_validate(case.model_dump(mode="json")) == case


# ---- pauses: a budget and a ledger


def asked(at: datetime) -> SupplementRequested:
    return SupplementRequested(
        case_id=CASE, occurred_at=at, missing=(), answer_by=at + timedelta(days=9), round=1, centre="c", policy="p"
    )


def received(at: datetime) -> SupplementReceived:
    return SupplementReceived(case_id=CASE, occurred_at=at, round=1, complete=True)


def test_a_pause_moves_the_end_by_the_working_days_that_were_not_counted() -> None:
    """Paused on Monday the 21st, resumed on Thursday the 24th: three working days."""
    case = running(appeal=AppealType.REQUEST, received_at=local(2026, 9, 18, 10))
    paused = decided(RULES.decide(case, asked(local(2026, 9, 21, 15)), context()))
    assert only(ClockPaused, paused.events).reason is PauseReason.SUPPLEMENT
    assert paused.state is not None
    assert RULES.due(paused.state) is None
    resumed = decided(RULES.decide(paused.state, received(local(2026, 9, 24, 9)), context()))
    event = only(ClockResumed, resumed.events)
    assert event.paused_working_days == 3
    assert event.due_at == local(2026, 10, 14)  # ten end with the 9th; Saturday the 10th is worked


def test_a_pause_within_one_day_costs_nothing() -> None:
    case = running(received_at=local(2026, 9, 18, 10))
    still = pause(close_clock(case), PauseReason.SHELVED, local(2026, 9, 21, 9))
    clock = resume(still, tuple(PauseReason), local(2026, 9, 21, 17), LIMITS)
    assert clock.due_at == close_clock(case).due_at
    assert clock.steps == close_clock(case).steps


def test_no_rung_falls_while_the_clock_stands_still_and_those_of_before_are_not_repeated() -> None:
    case = running(appeal=AppealType.CONSULT, received_at=local(2026, 9, 18, 10))
    late = decided(RULES.decide(case, asked(local(2026, 9, 20, 15)), context()))
    assert fell(late) == [Rung.REMINDER]
    assert late.state is not None
    assert fell(due(late.state, local(2027, 1, 1))) == []
    resumed = decided(RULES.decide(late.state, received(local(2026, 9, 30, 9)), context())).state
    assert resumed is not None
    assert fell(due(resumed, local(2027, 1, 1))) == [Rung.YELLOW, Rung.RED]


def test_a_pause_within_a_pause_and_a_resumption_without_one_change_nothing() -> None:
    case = running(received_at=local(2026, 9, 18, 10))
    assert RULES.decide(case, received(local(2026, 9, 21, 9)), context()) == Decision(case)
    paused = decided(RULES.decide(case, asked(local(2026, 9, 21, 9)), context())).state
    again = decided(RULES.decide(paused, asked(local(2026, 9, 22, 9)), context()))
    assert paused is not None
    assert again.state is not None
    assert (again.events, again.state.clocks) == ((), paused.clocks)


def test_a_case_that_ends_while_paused_used_only_the_days_that_counted() -> None:
    case = running(received_at=local(2026, 9, 18, 10))
    paused = decided(RULES.decide(case, asked(local(2026, 9, 21, 9)), context())).state
    end = CaseEnded(case_id=CASE, occurred_at=local(2026, 9, 30, 9), ending=Ending.LAPSED, policy="p")
    stopped = only(ClockStopped, decided(RULES.decide(paused, end, context())).events)
    assert (stopped.on_time, stopped.working_days_used) == (True, 2)  # Sunday the 20th is a make-up workday


def test_what_happens_before_the_registration_waits_for_it() -> None:
    assert RULES.decide(None, asked(AT), context()) == Wait(PATIENCE)
    with pytest.raises(LookupError, match="never registered"):
        RULES.decide(None, asked(AT), context(patience_over=True))


@settings(max_examples=60, deadline=None)
@given(
    start_hours=st.integers(0, 24 * 40),
    moments=st.lists(st.integers(1, 24 * 30), min_size=2, max_size=6, unique=True),
)
def test_however_it_was_paused_the_working_days_that_counted_are_the_budget(
    start_hours: int, moments: list[int]
) -> None:
    """Between day 0 and the end lie the budget and every paused working day, and nothing else."""
    received_at = local(2026, 9, 1, 0) + timedelta(hours=start_hours)
    clock = start(AppealType.COMPLAINT, received_at, LIMITS)
    paused = 0
    for begin, end in zip(sorted(moments)[::2], sorted(moments)[1::2], strict=False):
        since, until = received_at + timedelta(hours=begin), received_at + timedelta(hours=end)
        clock = resume(pause(clock, PauseReason.THIRD_PARTY, since), tuple(PauseReason), until, LIMITS)
        days = (each.astimezone(ZONE).date() for each in (since, until))
        paused += LIMITS.calendar.working_days_between(*days)
    last = (clock.due_at - timedelta(days=1)).date()
    day0 = received_at.astimezone(ZONE).date()
    assert LIMITS.calendar.working_days_between(day0, last) == clock.limit.amount + paused
