"""What cases wait for: when each wait begins and ends, whose list shows it, and the same state as routing has."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis.stateful import invariant

from contracts.intake import SupplementReceived
from contracts.message import Event
from services.intake.index.access import Access, unit_access
from services.intake.index.documents import found_case, waiting_counts
from services.intake.index.facts import NAMES, Fact, Reported, instant, of_instant
from services.intake.index.question import CaseQuestion, faults_of_question, faults_of_waiting
from services.intake.index.search import criteria_of, held, numbers, waiting
from services.intake.index.waits import WHATS, Waits, decode, follow
from tests.unit.services.intake.index.lives import (
    NOW,
    OFFICE,
    PLACE,
    START,
    case,
    event,
    found,
    index,
    rank_of,
    registered,
    searched,
)
from tests.unit.services.routing.test_life import Life
from tests.unit.services.speaking import CASE

CENTRE, POLICE, LIGHTS, DAY = "beicheng-centre", "police-beicheng", "urban-management", "2026-11-12T00:00:00+08:00"


def queued(hours: float, **fields: Any) -> Reported:
    return event("case.queued", hours, centre=CENTRE, responsible=CENTRE, why="w", **fields)


def assigned(hours: float, unit: str = POLICE, rule: str = "r") -> Reported:
    return event("case.assigned", hours, unit=unit, responsible=CENTRE, rule=rule)


def part(hours: float, unit: str) -> Reported:
    return event("subtask.opened", hours, unit=unit, lead=POLICE, task="t")


REPORTED = event("handling.reported", 3, unit=POLICE, verifier=CENTRE, result="resolved", reply="r")
EXTENDING = event("extension.requested", 3, unit=POLICE, approver=CENTRE, working_days=5, reason="r")
ASKED = event("complainant.asked", 3, unit=POLICE, missing=[], answer_by=DAY)
AT_RECEPTION = event("supplement.requested", 1, missing=[], answer_by=DAY, round=1, centre=CENTRE)
CLOSED = event("case.closed", 5, unit=POLICE, result="resolved", reply="r")
ENDED = event("case.ended", 5, ending="withdrawn")
APPEALED = event("review.opened", 6, unit=POLICE, reviewer="police", reason="r")
REOPENED = event("case.reopened", 7, unit=POLICE, count=1)
AGAIN = event("handling.reported", 9, unit=CENTRE, verifier="police", result="resolved", reply="r")
EVERY = (REPORTED, EXTENDING, ASKED, part(3, "housing"))


@pytest.mark.parametrize(
    ("events", "waits"),
    [
        ((), set()),
        ((queued(1),), {("dispatch", CENTRE)}),
        ((queued(1, proposed=POLICE),), {("approval", CENTRE)}),
        ((queued(1, proposed=POLICE), queued(2)), {("dispatch", CENTRE)}),
        ((queued(1), assigned(2)), set()),
        ((queued(1, proposed=POLICE), assigned(2)), set()),
        ((queued(1), event("case.signed", 2, unit=POLICE)), set()),
        ((assigned(1), queued(2, returned_by=POLICE)), {("dispatch", CENTRE)}),
        ((REPORTED,), {("verification", CENTRE)}),
        ((REPORTED, event("redo.ordered", 4, unit=POLICE, verifier=CENTRE, count=1, reason="r")), set()),
        ((EXTENDING,), {("extension", CENTRE)}),
        ((EXTENDING, event("extension.decided", 4, unit=POLICE, approver=CENTRE, working_days=5)), set()),
        ((EXTENDING, assigned(4, LIGHTS, "transfer")), set()),
        ((EXTENDING, assigned(4, LIGHTS, "reassigned")), set()),
        ((EXTENDING, queued(4), assigned(5, LIGHTS, "dispatcher")), {("extension", CENTRE)}),
        ((part(3, "housing"), part(3, LIGHTS)), {("part", "housing"), ("part", LIGHTS)}),
        ((part(3, "housing"), part(3, LIGHTS), event("subtask.ended", 4, unit=LIGHTS)), {("part", "housing")}),
        ((ASKED,), {("supplement", POLICE)}),
        ((ASKED, event("supplement.received", 4, round=1, asked_by=POLICE)), {("supplement", POLICE)}),
        ((ASKED, event("asking.ended", 4, unit=POLICE)), set()),
        ((AT_RECEPTION,), {("supplement", CENTRE)}),
        ((AT_RECEPTION, event("supplement.received", 2, round=1)), set()),
        ((AT_RECEPTION, event("case.released", 2)), set()),
        ((AT_RECEPTION, ENDED), set()),
        ((*EVERY, CLOSED), set()),
        ((*EVERY, ENDED), set()),
        ((*EVERY, event("case.joined", 5, leading=case(2), responsible=CENTRE)), set()),
        ((CLOSED, APPEALED), {("review", "police")}),
        ((CLOSED, APPEALED, event("review.decided", 7, unit=POLICE, reviewer="police", upheld=True)), set()),
        ((CLOSED, APPEALED, REOPENED), set()),
        ((CLOSED, APPEALED, REOPENED, AGAIN), {("verification", "police")}),
    ],
)
def test_a_wait_begins_and_ends_with_its_events(events: tuple[Reported, ...], waits: set[tuple[str, str]]) -> None:
    connection = index(registered(), *events)
    (column,) = connection.execute("SELECT waits FROM cases").fetchone()
    assert {(each.what, each.unit) for each in decode(column)} == waits
    assert set(connection.execute("SELECT what, unit FROM waits")) == waits
    assert (column is None) == (not waits)


def test_a_wait_says_since_when_and_until_when() -> None:
    row = searched(index(registered(), ASKED, part(4, "housing")), number="BC-2026").rows[0]
    supplement, helper = found_case(row, of_instant(NOW), to_unit=True).waits
    assert (supplement.what, supplement.unit, supplement.since) == ("supplement", POLICE, START + timedelta(hours=3))
    assert supplement.until is not None
    assert supplement.until.isoformat() == "2026-11-11T16:00:00+00:00"
    assert (helper.what, helper.until) == ("part", None)
    assert found_case(row, of_instant(NOW)).waits == [], "a channel is not shown the work of units"


@pytest.fixture(scope="module")
def filled() -> Any:
    """Five cases that wait for the centre or others; the fifth complains about the centre."""
    return index(
        registered(1),
        event("handling.reported", 9, n=1, unit=POLICE, verifier=CENTRE, result="resolved", reply="r"),
        event("extension.requested", 2, n=1, unit=POLICE, approver=CENTRE, working_days=5, reason="r"),
        registered(2, 1),
        event("case.queued", 3, n=2, centre=CENTRE, responsible=CENTRE, why="w"),
        registered(3, 2),
        event("handling.reported", 4, n=3, unit=POLICE, verifier=CENTRE, result="resolved", reply="r"),
        registered(4, 2),
        event("subtask.opened", 4, n=4, unit="housing", lead=POLICE, task="t"),
        registered(5, 2, about=CENTRE),
        event("handling.reported", 4, n=5, unit=POLICE, verifier=CENTRE, result="resolved", reply="r"),
    )


@pytest.mark.parametrize(
    ("unit", "asked", "cases"),
    [
        (CENTRE, {"what": ["verification"]}, [3, 1]),
        (CENTRE, {"what": ["verification"], "order": "desc"}, [1, 3]),
        (CENTRE, {"what": ["verification"], "sort": "received"}, [3, 1]),
        (CENTRE, {"what": list(WHATS)}, [1, 2, 3]),
        (CENTRE, {"waits_for": CENTRE}, [1, 2, 3]),
        (CENTRE, {"waits_for": CENTRE, "what": ["dispatch", "approval"]}, [2]),
        (CENTRE, {"waits_for": CENTRE, "words": "噪声", "what": ["extension"]}, [1]),
        (CENTRE, {"waits_for": "housing"}, [4]),
        ("housing", {"what": ["part"]}, [4]),
        ("housing", {"waits_for": CENTRE}, []),
        (POLICE, {"what": ["verification"]}, []),
        ("city-office", {"waits_for": CENTRE, "what": ["verification"]}, [3, 5, 1]),
        ("city-office", {"what": ["verification"]}, []),
        (CENTRE, {"waits_for": "atlantis"}, []),
    ],
)
def test_what_waits_for_a_unit_is_listed_oldest_first(
    filled: Any, unit: str, asked: dict[str, Any], cases: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    access = unit_access(unit, PLACE)
    for cap in (25_000, 0):  # few matches, and more than may drive another search
        monkeypatch.setattr("services.intake.index.search.CAP", cap)
        assert found(filled, access, **asked) == [case(n) for n in cases]
        question = CaseQuestion.model_validate(asked)
        exported = numbers(filled, criteria_of(question, access, PLACE, of_instant(NOW), None), question, 10)
        assert len(exported) == len(cases)


def test_the_counts_are_those_of_the_lists(filled: Any) -> None:
    for unit in (CENTRE, "housing", POLICE, "city-office"):
        access = unit_access(unit, PLACE)
        shown = waiting_counts(unit, waiting(filled, access, unit), None)
        for what in WHATS:
            page = searched(filled, access, what=[what])
            assert shown.counts[what] == page.total, (unit, what)
            since = [each.since for row in page.rows[:1] for each in decode(row["waits"]) if each.what == what]
            assert shown.oldest.get(what) == (instant(since[0]) if since else None)
    counts = waiting_counts(CENTRE, waiting(filled, unit_access(CENTRE, PLACE), CENTRE), None).counts
    assert {what: n for what, n in counts.items() if n} == {"verification": 2, "extension": 1, "dispatch": 1}


def test_cases_that_a_clerk_has_to_judge_are_counted_for_their_centre() -> None:
    filled = index(registered(7, held="scope"), registered(8), registered(9, held="supplement"))
    assert [held(filled, unit) for unit in (CENTRE, POLICE)] == [1, 0]


@pytest.mark.parametrize(
    ("asked", "field", "detail"),
    [
        ({"what": ["review"]}, "what", "units_only"),
        ({"waits_for": CENTRE}, "waits_for", "units_only"),
    ],
)
def test_a_channel_does_not_search_by_the_work_of_units(asked: dict[str, Any], field: str, detail: str) -> None:
    question = CaseQuestion.model_validate(asked)
    (why,) = faults_of_waiting(question, Access(channel="web"))
    assert (why.field, why.detail) == (field, detail)
    assert faults_of_waiting(question, OFFICE) == []
    assert faults_of_question(question, PLACE.zone) == []


def test_the_order_of_waiting_needs_what_is_waited_for() -> None:
    (why,) = faults_of_question(CaseQuestion.model_validate({"state": "open", "sort": "waiting"}), PLACE.zone)
    assert (why.field, why.detail) == ("sort", "needs_waits_for")


class Waited(Life):
    """Random lives of a case in routing: the index, which reads the events alone, has the same open decisions."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: Waits = {}
        self.followed = 0

    @invariant()
    def the_index_waits_for_what_routing_waits_for(self) -> None:
        for n, events in enumerate(self.desk.announced[self.followed :], self.followed):
            subject = self.desk.said[n][0]
            of_case = [] if isinstance(subject, SupplementReceived) else [subject]
            for each in (*of_case, *events):
                if not isinstance(each, Event) or each.case_id != CASE:
                    continue
                if (name := NAMES.get(each.TYPE)) is not None:
                    follow(self.waits, Fact(name, n, rank_of(name), n, json.loads(each.model_dump_json())))
        self.followed = len(self.desk.announced)
        case = self.desk.held
        expected = {("part", task.unit) for task in case.subtasks}
        expected |= {("review", case.review.reviewer)} if case.review else set()
        expected |= {("supplement", case.question.unit)} if case.question else set()
        expected |= {("approval" if case.proposal else "dispatch", case.centre)} if case.queued else set()
        decided = {"verification": case.reported, "extension": case.extension}
        assert {key for key in self.waits if key[0] not in decided} == expected
        assert {key[0] for key in self.waits if key[0] in decided} == {each for each in decided if decided[each]}


Waited.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestWaited = Waited.TestCase
