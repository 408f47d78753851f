"""Lists of accountability: each unit finds what it made, what is about it or below it, and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from contracts.codes import FindingSource, SubjectKind, TimeUnit
from contracts.conduct import finding_key, subject_key
from contracts.inspections import PlanInspection, RecordVisit, RectificationOpened, Rectify, inspection_key
from contracts.surveys import PlanSurvey, Question, survey_key
from infra.decision import Subject
from infra.store import Store
from services.scoring.accountability_names import accountability_names, assessed_items
from services.scoring.conduct_views import ConductViews
from services.scoring.domain.aggregate import Aggregate
from services.scoring.domain.conduct.proposing import reviewer
from services.scoring.domain.conduct.record import ConductRecord, Counted, Proposal, waiting_for
from services.scoring.oversight_views import OversightViews
from services.scoring.waiting import WHATS, WaitingViews
from tests.unit.services.scoring.test_findings import RULES, record
from tests.unit.services.speaking import AT, CASE, context, decided

BODY, OFFICE, UNIT, STRANGER = "city-12345", "city-office", "beicheng-centre", "ecology"
DAY = timedelta(days=1)


class Kept(Store):
    """A store with these states."""

    def __init__(self, states: Mapping[str, Aggregate]) -> None:
        self._rows = {key: state.model_dump(mode="json") for key, state in states.items()}

    async def states_of(self, keys: Sequence[str]) -> dict[str, Any]:
        return {key: self._rows[key] for key in keys if key in self._rows}

    async def every(self, wanted: Mapping[str, Any], _: Sequence[str] = ()) -> AsyncIterator[tuple[str, Any]]:
        for key, row in self._rows.items():
            under = set(wanted.get("filed", {}).get("$in", ()))
            if under.intersection(row.get("filed") or ()):
                yield key, row


def after(key: str, *said: tuple[Subject, str]) -> Aggregate:
    """The state that these messages lead to."""
    state: Any = None
    for subject, speaker in said:
        state = decided(RULES.decide(state, subject, context(speaker, key=key, supplies=frozenset({CASE})))).state
    assert isinstance(state, Aggregate)
    return state


def views(**states: Aggregate) -> OversightViews:
    return OversightViews(Kept(states), lambda: RULES.limits)


FINDING = finding_key(BODY, "RD-1")


async def test_a_finding_is_listed_for_its_body_its_units_and_those_above_them() -> None:
    found = OversightViews(Kept({FINDING: after(FINDING, (record(), BODY))}), lambda: RULES.limits)
    listed = {
        unit: [each.reference for each in (await found.findings(unit, AT, 1, 50)).findings]
        for unit in (BODY, UNIT, OFFICE, STRANGER)
    }
    assert listed == {BODY: ["RD-1"], UNIT: ["RD-1"], OFFICE: ["RD-1"], STRANGER: []}
    assert (await found.findings(BODY, AT, 1, 50)).findings[0].codes["problem"] == "buck-passing"


async def test_findings_come_page_by_page() -> None:
    states = {str(n): after(finding_key(BODY, f"RD-{n}"), (record(reference=f"RD-{n}"), BODY)) for n in range(3)}
    found = OversightViews(Kept(states), lambda: RULES.limits)
    first, second = [await found.findings(BODY, AT, page, 2) for page in (1, 2)]
    assert (len(first.findings), first.next_page) == (2, 2)
    assert (len(second.findings), second.next_page) == (1, None)


async def test_the_evidence_of_a_record_is_for_those_who_may_see_the_record() -> None:
    proposal = Proposal(id="p", step="unit-1", findings=(FINDING,), proposed=("apology-in-person",), proposed_at=AT)
    counted = Counted(
        finding=FINDING, actor=None, source=FindingSource.COMPLAINT, happened_on=date(2026, 11, 1), units=(UNIT,)
    )
    kept = ConductRecord(of=SubjectKind.UNIT, subject=UNIT, unit=UNIT, counted=(counted,), proposals=(proposal,))
    kept = kept.model_copy(update={"waits_for": ("human-resources",)})
    states = {FINDING: after(FINDING, (record(), BODY)), subject_key("unit", UNIT): kept}
    found = OversightViews(Kept(states), lambda: RULES.limits)
    for unit in (UNIT, OFFICE, "human-resources"):
        shown = await found.evidence(SubjectKind.UNIT, UNIT, unit, AT)
        assert shown is not None
        assert [(each.key, each.finding.reference) for each in shown.findings] == [(FINDING, "RD-1")]
    assert await found.evidence(SubjectKind.UNIT, UNIT, STRANGER, AT) is None
    assert await found.evidence(SubjectKind.POST, "nobody", UNIT, AT) is None


def inspection(*, covert: bool, visited: bool) -> Aggregate:
    day = AT.date()
    plan = PlanInspection(
        unit=OFFICE,
        issued_at=AT,
        reference="AF-1",
        covert=covert,
        units=(UNIT, STRANGER),
        first_day=day - DAY,
        last_day=day,
        purpose="窗口作风",
    )
    visit = RecordVisit(
        unit=OFFICE, issued_at=AT, reference="AF-1", visit="1", about=UNIT, visited_on=day, seen="窗口无人"
    )
    return after(inspection_key(OFFICE, "AF-1"), (plan, OFFICE), *(((visit, OFFICE),) if visited else ()))


@pytest.mark.parametrize(
    ("covert", "visited", "unit", "units", "visits"),
    [
        (False, False, UNIT, [UNIT, STRANGER], 0),
        (False, True, STRANGER, [UNIT, STRANGER], 0),
        (True, False, UNIT, None, 0),
        (True, True, UNIT, [UNIT], 1),
        (True, True, STRANGER, None, 0),
        (True, True, OFFICE, [UNIT, STRANGER], 1),
    ],
)
async def test_a_covert_inspection_is_shown_to_a_unit_once_it_was_visited_and_only_its_own_visit(
    covert: bool, visited: bool, unit: str, units: list[str] | None, visits: int
) -> None:
    found = (await views(a=inspection(covert=covert, visited=visited)).inspections(unit, AT)).inspections
    if units is None:
        assert found == []
        return
    (shown,) = found
    assert (shown.units, len(shown.visits)) == (units, visits)
    assert bool(shown.purpose) == (not covert or unit == OFFICE)


async def test_what_has_to_be_put_right_is_listed_for_both_sides_until_it_is_late() -> None:
    rectify = Rectify(amount=1, unit=TimeUnit.WORKING_DAYS, what="公示去向")
    opened = RectificationOpened(
        unit=UNIT, occurred_at=AT, body=OFFICE, reference="AF-1", visit="1", number=1, rectify=rectify
    )
    state = after("r", (opened, UNIT))
    for unit, count in ((UNIT, 1), (OFFICE, 1), (STRANGER, 0)):
        found = (await views(r=state).inspections(unit, AT)).rectifications
        assert len(found) == count
    (late,) = (await views(r=state).inspections(UNIT, AT + 30 * DAY)).rectifications
    assert (late.over, late.what, late.closed_at) == (True, "公示去向", None)


async def test_a_survey_is_listed_for_its_body_alone() -> None:
    question = Question(id="q1", zh="服务态度", weight=100)
    plan = PlanSurvey(unit=BODY, issued_at=AT, reference="CP-1", units=(UNIT,), period="2026-11", questions=(question,))
    state = after(survey_key(BODY, "CP-1"), (plan, BODY))
    assert [each.reference for each in (await views(s=state).surveys(BODY)).surveys] == ["CP-1"]
    assert (await views(s=state).surveys(UNIT)).surveys == []


async def test_what_waits_for_a_unit_is_counted_by_what_it_has_to_do() -> None:
    rectify = Rectify(amount=1, unit=TimeUnit.WORKING_DAYS, what="公示去向")
    opened = RectificationOpened(
        unit=UNIT, occurred_at=AT, body=OFFICE, reference="AF-1", visit="1", number=1, rectify=rectify
    )
    ordered = after("r", (opened, UNIT))
    question = Question(id="q1", zh="服务态度", weight=100)
    plan = PlanSurvey(unit=BODY, issued_at=AT, reference="CP-1", units=(UNIT,), period="2026-11", questions=(question,))
    survey = after(survey_key(BODY, "CP-1"), (plan, BODY))
    open_one, appealed = (
        Proposal(id=id, step="unit-1", findings=(FINDING,), proposed=("apology-in-person",), proposed_at=AT)
        for id in ("p", "q")
    )
    appealed = appealed.model_copy(update={"stage": "decided", "by": OFFICE, "under_review": True})
    record = ConductRecord(of=SubjectKind.UNIT, subject=UNIT, unit=UNIT, proposals=(open_one, appealed))
    assert RULES.conduct is not None
    hears = reviewer(record, appealed, RULES.conduct)
    assert hears is not None
    record = record.model_copy(update={"filed": (waiting_for(OFFICE), waiting_for(hears))})
    reported = ordered.model_copy(update={"reported_at": AT})
    store = Kept({"r": ordered, "again": reported, "s": survey, "m": record})
    conduct = ConductViews(store, lambda: RULES.limits, lambda: RULES.conduct)
    found = WaitingViews(store, conduct, lambda: RULES.conduct, lambda: None)

    async def counted(unit: str) -> dict[str, int]:
        counts = (await found.of(unit, AT)).counts
        assert set(counts) == set(WHATS)
        return {what: n for what, n in counts.items() if n and what != "inspection"}

    assert await counted(UNIT) == {"rectification": 1}
    assert await counted(OFFICE) == {"rectification-check": 1, "measure": 1}
    assert await counted(BODY) == {"survey": 1}
    assert (await counted(hears))["measure-review"] == 1
    assert await counted(STRANGER) == {}


def test_names_are_those_of_the_tables_in_force() -> None:
    assert RULES.conduct is not None
    assert RULES.scores is not None
    names = accountability_names(RULES.conduct)
    assert (names.decides[0], BODY in names.finds, set(names.codes)) == (
        OFFICE,
        True,
        {"problem", "rule", "ban", "cause", "area"},
    )
    assert {each for step in names.steps for each in step.measures} <= {each.id for each in names.measures}
    items = {each.id: each for each in assessed_items(RULES.scores).items}
    assert (items["merit"].approved_by, items["merit"].most, items["public-order"].most) == (OFFICE, 5, 0)
    assert "response" not in items, "a rate is not entered"
