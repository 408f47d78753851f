"""Figures over time equal the numbers that scoring counts from the same events."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.scoring import CaseMeasured, CaseRated
from infra.decision import Context, Decision
from services.intake.index.access import Access, unit_access
from services.intake.index.figures import FiguresQuestion, FiguresRow, figures, starts_of
from services.scoring.domain.scores.counting import Tallies
from services.scoring.domain.scores.handling import Handling, HandlingRules
from tests.unit.services.intake.index.lives import NOW, OFFICE, PLACE, START, case, event, index, life, registered
from tests.unit.services.scoring.score_makers import NOVEMBER, policy

POLICY = policy()
SPAN = POLICY.span(NOVEMBER)
UNITS = ("police-beicheng", "ecology", "urban-management")
MONTH = FiguresQuestion("day", "unit", date(2026, 11, 1), date(2026, 11, 30))


def counted(events: list[Any], question: FiguresQuestion, access: Access = OFFICE) -> dict[str, FiguresRow]:
    return {row.of: row for row in figures(index(*events), question, access, PLACE, NOW)}


@st.composite
def courses(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Answers of some cases: begun and ended in hours around November, rated or not, reopened or still open."""
    found = []
    for n in range(draw(st.integers(1, 6))):
        at, unit = draw(st.integers(-900, 700)), draw(st.sampled_from(UNITS))
        answers = draw(st.integers(0, 2))
        for answer in range(1, answers + 1):
            end = at + draw(st.integers(1, 400))
            rated = end + draw(st.integers(1, 400)) if draw(st.booleans()) else None
            found.append({"n": n, "answer": answer, "unit": unit, "start": at, "end": end, "rated": rated})
            found[-1] |= {"on_time": draw(st.booleans()), "ending": draw(st.sampled_from([None, None, "withdrawn"]))}
            at = end + draw(st.integers(1, 100))
        if draw(st.booleans()) or not answers:
            found.append({"n": n, "answer": answers + 1, "unit": unit, "start": at, "end": None})
    return found


def hour(hours: int) -> datetime:
    return START + timedelta(hours=hours)


def measured(each: dict[str, Any], received: datetime) -> dict[str, Any]:
    return {
        "answer": each["answer"],
        "unit": each["unit"],
        "centre": "beicheng-centre",
        "channel": "web",
        "appeal": "complaint",
        "category": "noise-residential",
        "area": "beicheng",
        "received_at": received.isoformat(),
        "ended_at": hour(each["end"]).isoformat(),
        "ending": each["ending"],
        "on_time": each["on_time"],
        "clocks": [
            {
                "clock": "close",
                "stage": "close",
                "unit": each["unit"],
                "limit": {"amount": 1, "unit": "hours"},
                "started_at": hour(each["start"]).isoformat(),
                "due_at": hour(each["end"]).isoformat(),
                "stopped_at": hour(each["end"]).isoformat(),
                "on_time": True,
            }
        ],
    }


def as_scoring_has_it(course: list[dict[str, Any]]) -> list[Handling]:
    rules, found = HandlingRules(POLICY.zone), []
    for each in course:
        received = hour(next(first["start"] for first in course if first["n"] == each["n"]))
        if each["end"] is None:
            plain: dict[str, Any] = {name: each[name] for name in ("answer", "unit")}
            plain |= {"centre": "beicheng-centre", "channel": "web", "appeal": "a", "category": "c", "area": "x"}
            found.append(Handling(case_id=case(each["n"]), started_at=hour(each["start"]), **plain))
            continue
        body = {"case_id": case(each["n"]), "occurred_at": hour(each["end"]).isoformat(), "policy": "p"}
        fact = CaseMeasured.model_validate_json(json.dumps({**body, "measures": measured(each, received)}))
        decision = rules.decide(None, fact, Context("k", fact.occurred_at, "m"))
        assert isinstance(decision, Decision)
        if each["rated"] is not None:
            at = hour(each["rated"]).isoformat()
            rated = {"channel": "web", "rating_id": "r", "answer": each["answer"], "satisfaction": "satisfied"}
            fact_rated = CaseRated.model_validate_json(json.dumps({**body, "occurred_at": at, "solved": True, **rated}))
            decision = rules.decide(decision.state, fact_rated, Context("k", fact.occurred_at, "m"))
            assert isinstance(decision, Decision)
        assert decision.state is not None
        found.append(decision.state)
    return found


def as_events(course: list[dict[str, Any]]) -> list[Any]:
    found, received = [], START
    for each in course:
        n, unit = each["n"], each["unit"]
        if each["answer"] == 1:
            found += [registered(n, each["start"]), event("case.signed", each["start"], n=n, unit=unit)]
            received = hour(each["start"])
        else:
            found.append(event("case.reopened", each["start"], n=n, unit=unit, count=each["answer"] - 1))
        if each["end"] is None:
            continue
        if each["ending"]:
            found.append(event("case.ended", each["end"], n=n, ending=each["ending"]))
        else:
            found.append(event("case.closed", each["end"], n=n, unit=unit, result="resolved", reply="x"))
        found.append(event("case.measured", each["end"], n=n, measures=measured(each, received)))
        if each["rated"] is not None:
            rated = {"answer": each["answer"], "satisfaction": "satisfied", "solved": True}
            found.append(event("case.rated", each["rated"], n=n, rating_id=f"{n}-{each['answer']}", **rated))
    return found


@settings(max_examples=80, deadline=None)
@given(courses())
def test_a_month_of_figures_equals_the_numbers_of_scoring(course: list[dict[str, Any]]) -> None:
    tallies = Tallies(SPAN)
    for handling in as_scoring_has_it(course):
        tallies.add(handling)
    rows = counted(as_events(course), MONTH)
    for unit in UNITS:
        tally = tallies.by_unit.get(unit)
        row = rows.get(unit)
        expected = tally.counts if tally else {}
        sums = {name: sum(getattr(each, name) for each in row.buckets) if row else 0 for name in NAMES}
        assert sums == {name: expected.get(name, 0) for name in NAMES}
        assert (row.open_before if row else 0) == expected.get("carried-in", 0)
        assert (row.buckets[-1].open_at_end if row else 0) == expected.get("carried-out", 0)
        on_time = sum(each.on_time for each in row.buckets) if row else 0
        assert on_time == (tally.rates["on-time"].numerator if tally else 0)
        assert (sum(each.grades.get("satisfied", 0) for each in row.buckets) if row else 0) == expected.get("rated", 0)


NAMES = ("received", "reopened", "answered", "ended", "rated")


@pytest.mark.parametrize(
    ("by", "start", "end", "days"),
    [
        ("day", "2026-11-29", "2026-12-01", ["2026-11-29", "2026-11-30", "2026-12-01"]),
        ("week", "2026-11-25", "2026-12-08", ["2026-11-25", "2026-11-30", "2026-12-07"]),
        ("month", "2026-11-15", "2027-01-01", ["2026-11-15", "2026-12-01", "2027-01-01"]),
    ],
)
def test_buckets_are_days_weeks_and_months(by: Any, start: str, end: str, days: list[str]) -> None:
    question = FiguresQuestion(by, "all", date.fromisoformat(start), date.fromisoformat(end))
    assert [str(each) for each in starts_of(question)] == days


def test_a_day_is_one_of_the_place_and_not_of_utc() -> None:
    late = registered(1, received_at=datetime(2026, 11, 2, 15, 59, tzinfo=UTC).isoformat())
    early = registered(2, received_at=datetime(2026, 11, 2, 16, 0, tzinfo=UTC).isoformat())
    question = FiguresQuestion("day", "all", date(2026, 11, 2), date(2026, 11, 3))
    (row,) = counted([late, early], question).values()
    assert [each.received for each in row.buckets] == [1, 1]
    assert [each.open_at_end for each in row.buckets] == [1, 2]


def test_a_unit_counts_its_own_cases_and_those_below_it() -> None:
    events = [*life(1), *life(2, unit="ecology"), registered(3, area="qingshan", jurisdiction="qingshan-centre")]
    by_unit = FiguresQuestion("month", "unit", date(2026, 11, 1), date(2026, 11, 30))
    by_area = FiguresQuestion("month", "area", date(2026, 11, 1), date(2026, 11, 30))
    assert set(counted(events, by_unit)) == {"police-beicheng", "ecology", "qingshan-centre"}
    assert set(counted(events, by_unit, unit_access("ecology", PLACE))) == {"ecology"}
    assert set(counted(events, by_area, unit_access("qingshan-centre", PLACE))) == {"qingshan"}
    centre = counted(events, by_area, unit_access("beicheng-centre", PLACE))
    assert {of: row.buckets[0].received for of, row in centre.items()} == {"beicheng": 2}
    assert counted(events, by_area, Access(channel="radio")) == {}


def test_what_is_overdue_now_is_counted_unless_its_limit_stands_still() -> None:
    due = {"clock": "close", "due_at": "2026-11-10T00:00:00Z"}
    events = [
        registered(1),
        event("clock.started", 1, n=1, **due),
        registered(2),
        event("clock.started", 1, n=2, **due),
        event("clock.paused", 2, n=2, clock="close"),
        *life(3),
    ]
    (row,) = counted(events, FiguresQuestion("month", "all", date(2026, 11, 1), date(2026, 11, 30))).values()
    assert (row.overdue_now, row.buckets[0].open_at_end) == (1, 2)
