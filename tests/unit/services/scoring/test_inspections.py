"""Inspections and what has to be put right after them: who is told, what is kept of a monitor, what is refused."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from contracts.codes import RefusalCode, Rung, TimeUnit
from contracts.conduct import ConductRefused
from contracts.inspections import (
    InspectionPlanned,
    PlanInspection,
    RecordVisit,
    RectificationClosed,
    RectificationEscalated,
    RectificationMoved,
    RectificationOpened,
    RectificationOrdered,
    RectificationReported,
    RectificationReturned,
    RectificationRungReached,
    Rectify,
    ReportRectification,
    VerifyRectification,
    VisitRecorded,
    inspection_key,
    rectification_key,
)
from infra.decision import Decision, Due, Problem, Subject, Unreadable
from services.scoring.domain.aggregate import Aggregate
from services.scoring.domain.case_rules import CalendarChanged
from services.scoring.domain.conduct.inspection import Inspection, InspectionRules
from services.scoring.domain.conduct.keys import key_of_oversight
from services.scoring.domain.conduct.rectification import Rectification
from services.scoring.domain.decide import Rules
from tests.unit.services.speaking import AT, context, decided, demo, only, read, told

BODY, UNIT, OTHER = "city-office", "police", "housing"
KEY = inspection_key(BODY, "AF-1")
MONITOR = f"m-{'5f' * 16}"
FIX = Rectify(amount=5, unit=TimeUnit.WORKING_DAYS, what="公示AB岗去向")
RULES = Rules.from_tables(demo().version, demo().tables)
DAY = timedelta(days=1)


def plan(**changes: Any) -> PlanInspection:
    given: dict[str, Any] = {
        "unit": BODY,
        "issued_at": AT,
        "reference": "AF-1",
        "covert": True,
        "units": (UNIT, OTHER),
        "first_day": date(2026, 10, 8),
        "last_day": date(2026, 12, 25),
        "purpose": "窗口单位作风",
    }
    return PlanInspection(**{**given, **changes})


def visit(**changes: Any) -> RecordVisit:
    given: dict[str, Any] = {
        "unit": BODY,
        "issued_at": AT,
        "reference": "AF-1",
        "visit": "07",
        "about": UNIT,
        "visited_on": date(2026, 11, 18),
        "monitor": MONITOR,
        "seen": "综合窗口无人值守",
        "rectify": (FIX,),
    }
    return RecordVisit(**{**given, **changes})


class Desk:
    """One document in scoring."""

    def __init__(self, *heard: tuple[Subject, str], key: str = KEY, by: Rules = RULES) -> None:
        self.state: Aggregate | None = None
        self.key, self.by = key, by
        for subject, speaker in heard:
            self.hear(subject, speaker)

    def hear(self, subject: Subject, speaker: str = "", at: datetime = AT) -> Decision[Any]:
        decision = decided(self.by.decide(self.state, subject, context(speaker, key=self.key, at=at)))
        self.state = decision.state
        return decision


def hearers(decision: Decision[Any], kind: type[Any]) -> list[str]:
    return [event.unit for event in read(decision.events) if isinstance(event, kind)]


def refused(decision: Decision[Any]) -> list[tuple[str, str | None]]:
    return told(only(ConductRefused, decision.events).reasons)


def test_of_a_covert_inspection_only_the_body_hears() -> None:
    assert hearers(Desk().hear(plan(), BODY), InspectionPlanned) == [BODY]
    assert hearers(Desk().hear(plan(covert=False), BODY), InspectionPlanned) == [UNIT, OTHER, BODY]


def test_a_visit_is_told_to_the_unit_and_opens_what_has_to_be_put_right() -> None:
    decision = Desk((plan(), BODY)).hear(visit(rectify=(FIX, FIX)), BODY)
    assert hearers(decision, VisitRecorded) == [UNIT, BODY]
    opened = [event for event in read(decision.events) if isinstance(event, RectificationOpened)]
    assert [(event.number, event.unit, event.topic) for event in opened] == [
        (1, UNIT, "scoring.conduct"),
        (2, UNIT, "scoring.conduct"),
    ]
    assert [event.key for event in opened] == [rectification_key(BODY, "AF-1", "07", n) for n in (1, 2)]


def test_an_inspection_is_found_under_each_month_in_which_a_unit_was_visited() -> None:
    desk = Desk((plan(), BODY))
    for name, day in (("1", date(2026, 10, 8)), ("2", date(2026, 11, 18)), ("3", date(2026, 10, 9))):
        desk.hear(visit(visit=name, visited_on=day), BODY)
    assert isinstance(desk.state, Inspection)
    assert [each for each in desk.state.filed if each.startswith("visits/")] == ["visits/2026-10", "visits/2026-11"]
    assert desk.hear(plan(), BODY).events == ()


def test_of_a_monitor_nothing_is_told_and_only_a_hash_is_kept() -> None:
    desk = Desk((plan(), BODY))
    decision = desk.hear(visit(), BODY)
    assert desk.state is not None
    assert MONITOR not in "".join(event.model_dump_json() for event in decision.events)
    assert MONITOR not in desk.state.model_dump_json()
    assert isinstance(desk.state, Inspection)
    assert desk.state.visits[0].monitor_hash is not None
    assert "monitor" not in VisitRecorded.model_fields


def test_the_same_said_twice_is_said_once() -> None:
    desk = Desk((plan(), BODY), (visit(), BODY))
    assert desk.hear(plan(issued_at=AT + DAY), BODY).events == ()
    assert desk.hear(visit(issued_at=AT + DAY), BODY).events == ()
    assert refused(desk.hear(plan(covert=False), BODY)) == [("inspection-exists", None)]
    assert refused(desk.hear(visit(seen="另有内容"), BODY)) == [("visit-exists", None)]


@pytest.mark.parametrize(
    ("changes", "speaker", "code", "field"),
    [
        ({}, "education", RefusalCode.NOT_INSPECTION_BODY, None),
        ({"units": (UNIT, BODY)}, BODY, RefusalCode.JUDGES_ITSELF, "units"),
        ({"units": ("atlantis",)}, BODY, RefusalCode.UNIT_UNKNOWN, "units"),
        ({"last_day": date(2026, 10, 7)}, BODY, RefusalCode.ENDS_BEFORE_IT_BEGINS, "last_day"),
    ],
)
def test_what_cannot_be_planned_is_refused(
    changes: dict[str, Any], speaker: str, code: RefusalCode, field: str | None
) -> None:
    desk = Desk()
    assert refused(desk.hear(plan(**changes), speaker)) == [(str(code), field)]
    assert desk.state is None


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"about": "education"}, RefusalCode.NOT_PLANNED, "about"),
        ({"visited_on": date(2026, 10, 7)}, RefusalCode.NOT_PLANNED, "visited_on"),
        ({"visited_on": date(2026, 11, 24)}, RefusalCode.HAPPENED_IN_FUTURE, "visited_on"),
        ({"actor": "city-office.desk-1"}, RefusalCode.MONITOR_NAMED, "actor"),
    ],
)
def test_what_cannot_have_been_seen_is_refused(changes: dict[str, Any], code: RefusalCode, field: str) -> None:
    desk = Desk((plan(), BODY))
    held = desk.state
    assert refused(desk.hear(visit(**changes), BODY)) == [(str(code), field)]
    assert desk.state == held


def test_an_open_visit_names_no_monitor() -> None:
    assert refused(Desk((plan(covert=False), BODY)).hear(visit(), BODY)) == [("monitor-named", "monitor")]


def test_a_visit_without_a_plan_is_refused() -> None:
    assert refused(Desk().hear(visit(), BODY)) == [("inspection-unknown", None)]


def since(day: date) -> Rules:
    """The demo place, where the unit has begun on that day."""
    units = [{**unit, "since": day} if unit["id"] == UNIT else unit for unit in demo()["units"]["unit"]]
    return Rules.from_tables("test", {**demo().tables, "units": {"unit": units}})


def test_a_unit_is_not_inspected_before_it_existed() -> None:
    """The day before its first day is too early; its first day is not."""
    too_late = Desk(by=since(date(2026, 12, 26))).hear(plan(), BODY)
    assert refused(too_late) == [("unit-did-not-exist", "units")]
    desk = Desk((plan(), BODY), by=since(date(2026, 11, 18)))
    early = visit(visited_on=date(2026, 11, 17))
    assert refused(desk.hear(early, BODY)) == [("unit-did-not-exist", "visited_on")]
    assert hearers(desk.hear(visit(), BODY), VisitRecorded)


def test_a_place_without_accountability_plans_nothing() -> None:
    decision = decided(InspectionRules(None).decide(None, plan(), context(BODY)))
    assert refused(decision) == [("not-inspection-body", None)]


def test_an_inspection_is_that_of_the_body_that_the_topic_proves() -> None:
    assert key_of_oversight(plan(unit="police"), BODY) == key_of_oversight(visit(), BODY) == KEY


# ---- what has to be put right

ABOUT: dict[str, Any] = {"issued_at": AT, "body": BODY, "reference": "AF-1", "visit": "07", "number": 1}
REPORT = ReportRectification(unit=UNIT, done="已公示", **ABOUT)
ACCEPT = VerifyRectification(unit=BODY, accepted=True, reason="复查属实", **ABOUT)
RETURN = VerifyRectification(unit=BODY, accepted=False, reason="仍未放置", **ABOUT)


def opened() -> RectificationOpened:
    (event,) = [
        event for event in Desk((plan(), BODY)).hear(visit(), BODY).events if isinstance(event, RectificationOpened)
    ]
    return event


def item(*heard: tuple[Subject, str]) -> Desk:
    return Desk((opened(), ""), *heard, key=rectification_key(BODY, "AF-1", "07", 1))


def held(desk: Desk) -> Rectification:
    assert isinstance(desk.state, Rectification)
    return desk.state


def test_its_time_is_reckoned_like_that_of_a_case() -> None:
    desk = Desk(key=rectification_key(BODY, "AF-1", "07", 1))
    decision = desk.hear(opened())
    assert hearers(decision, RectificationOrdered) == [UNIT, BODY]
    ordered = [event for event in decision.events if isinstance(event, RectificationOrdered)][0:1]
    assert [(event.due_at, event.provisional) for event in ordered] == [
        (datetime.fromisoformat("2026-12-01T00:00:00+08:00"), False)
    ]
    assert RULES.is_open(held(desk))
    assert desk.hear(opened()).events == ()


def test_every_card_falls_once_and_then_the_next_level_up_is_told() -> None:
    desk = item()
    rungs: list[Rung] = []
    while (at := RULES.due(held(desk))) is not None and len(rungs) < 9:
        for event in read(desk.hear(Due(), at=at).events):
            if isinstance(event, RectificationRungReached) and event.unit == UNIT:
                rungs.append(event.rung)
            if isinstance(event, RectificationEscalated):
                assert (event.unit, event.about) == ("city-office", UNIT)
    assert rungs == list(Rung)


def test_it_is_struck_off_by_who_inspected_and_the_day_of_the_report_counts() -> None:
    desk = item()
    assert hearers(desk.hear(REPORT, UNIT, at=AT + 2 * DAY), RectificationReported) == [BODY]
    decision = desk.hear(ACCEPT, BODY, at=AT + 60 * DAY)
    closed = [event for event in read(decision.events) if isinstance(event, RectificationClosed)]
    assert [(event.unit, event.on_time) for event in closed] == [(UNIT, True), (BODY, True)]
    assert not RULES.is_open(held(desk))
    assert RULES.due(held(desk)) is None


def test_what_is_not_right_is_returned_and_the_time_goes_on() -> None:
    desk = item((REPORT, UNIT))
    assert hearers(desk.hear(RETURN, BODY), RectificationReturned) == [UNIT]
    assert RULES.is_open(held(desk))
    desk.hear(REPORT, UNIT, at=AT + 40 * DAY)
    decision = desk.hear(ACCEPT, BODY, at=AT + 41 * DAY)
    assert {event.on_time for event in decision.events if isinstance(event, RectificationClosed)} == {False}


@pytest.mark.parametrize(
    ("before", "command", "speaker", "code"),
    [
        ((), REPORT, OTHER, RefusalCode.NOT_CONCERNED),
        ((REPORT,), REPORT, UNIT, RefusalCode.REPORT_PENDING),
        ((), ACCEPT, UNIT, RefusalCode.NOT_INSPECTION_BODY),
        ((), RETURN, BODY, RefusalCode.NOT_REPORTED),
        ((ACCEPT,), REPORT, UNIT, RefusalCode.RECTIFICATION_CLOSED),
        ((ACCEPT,), ACCEPT, BODY, RefusalCode.RECTIFICATION_CLOSED),
    ],
)
def test_what_is_out_of_turn_is_refused(
    before: tuple[Any, ...], command: Subject, speaker: str, code: RefusalCode
) -> None:
    desk = item(*((each, each.unit) for each in before))
    state = desk.state
    assert [each for each, _ in refused(desk.hear(command, speaker))] == [str(code)]
    assert desk.state == state


def test_what_nobody_has_ordered_is_unknown() -> None:
    desk = Desk(key=rectification_key(BODY, "AF-1", "07", 9))
    assert refused(desk.hear(REPORT, UNIT)) == [("rectification-unknown", None)]


def test_a_calendar_that_comes_late_moves_it_and_says_so() -> None:
    desk = item()
    off = {"year": [{"year": 2026, "source": "notice", "days_off": [date(2026, 11, 27)]}]}
    desk.by = Rules.from_tables("later", {**demo().tables, "calendar": off})
    moved = [event for event in read(desk.hear(CalendarChanged()).events) if isinstance(event, RectificationMoved)]
    assert [event.unit for event in moved] == [UNIT, BODY]
    assert {event.due_at for event in moved} == {datetime.fromisoformat("2026-12-02T00:00:00+08:00")}


def test_what_cannot_be_read_is_answered_to_whoever_said_it() -> None:
    for kind in (PlanInspection, RecordVisit, ReportRectification, VerifyRectification):
        spoilt = Unreadable(kind.TYPE, (Problem("unit", "missing"),))
        answer = only(ConductRefused, decided(RULES.decide(None, spoilt, context(BODY))).events)
        assert told(answer.reasons) == [("malformed", "unit: missing")]
