"""Assessments as a body reads them: its own, those that wait for its approval, and those that it approved."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from contracts.codes import AssessmentKind
from services.scoring.assessment_views import AssessmentViews
from services.scoring.domain.scores.assessment import Assessment
from services.scoring.domain.scores.period import Period
from services.scoring.domain.scores.policy import ScorePolicy
from tests.unit.services.speaking import AT, demo

POLICY = ScorePolicy.from_tables("v", demo().tables)
OFFICE, HOTLINE = "city-office", "city-12345"


def entry(reference: str, n: int = 0, **changes: Any) -> Assessment:
    given: dict[str, Any] = {
        "assessor": HOTLINE,
        "reference": reference,
        "does": AssessmentKind.BONUS,
        "item": "merit",
        "about": "police",
        "entered_for": "2026-11",
        "points": Decimal("2.5"),
        "basis": "处置险情及时",
        "recorded_at": AT + timedelta(minutes=n),
    }
    return Assessment(**{**given, **changes})


ENTRIES = [
    entry("waits", 0),
    entry("approved", 1, approved_by=OFFICE),
    entry("withdrawn", 2, withdrawn=True),
    entry("deduction", 3, does=AssessmentKind.DEDUCTION, item="e-supervision"),
    entry("of-the-office", 4, assessor=OFFICE, does=AssessmentKind.DEDUCTION, item="fault"),
]


def views(policy: ScorePolicy | None = POLICY) -> AssessmentViews:
    async def entries(_: Period) -> list[Assessment]:
        return ENTRIES

    return AssessmentViews(entries, lambda: policy)


@pytest.mark.parametrize(
    ("body", "waiting_only", "references"),
    [
        (HOTLINE, False, ["deduction", "withdrawn", "approved", "waits"]),
        (OFFICE, False, ["of-the-office", "approved", "waits"]),
        (OFFICE, True, ["waits"]),
        (HOTLINE, True, []),
        ("police", False, []),
    ],
)
async def test_a_body_reads_what_it_entered_approves_or_has_approved(
    body: str, waiting_only: bool, references: list[str]
) -> None:
    found = await views().concerning(body, Period.parse("2026"), 1, 50, waiting_only=waiting_only)
    assert [each.reference for each in found.assessments] == references
    assert (found.period, found.next_page) == ("2026", None)


async def test_pages_follow_each_other_and_the_last_has_no_next() -> None:
    pages = [await views().concerning(HOTLINE, Period.parse("2026"), page, 3) for page in (1, 2, 3)]
    assert [len(page.assessments) for page in pages] == [3, 1, 0]
    assert [page.next_page for page in pages] == [2, None, None]


async def test_what_counts_and_what_it_waits_for_follow_from_kind_and_approval() -> None:
    found = await views().concerning(HOTLINE, Period.parse("2026"), 1, 50)
    shown = {each.reference: (each.counts, each.waits_for, each.approved_by) for each in found.assessments}
    assert shown == {
        "waits": (False, OFFICE, None),
        "approved": (True, None, OFFICE),
        "withdrawn": (False, None, None),
        "deduction": (True, None, None),
    }
    without = await views(None).concerning(HOTLINE, Period.parse("2026"), 1, 50)
    assert {each.waits_for for each in without.assessments} == {None}
