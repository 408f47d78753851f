"""What bodies enter into scores: counted, approved, withdrawn, or refused with the rule that forbids it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from contracts.assessments import (
    ApproveAssessment,
    AssessmentApproved,
    AssessmentRecorded,
    AssessmentRefused,
    AssessmentWithdrawn,
    RecordAssessment,
    WithdrawAssessment,
    assessment_key,
)
from contracts.codes import AssessmentKind, RefusalCode
from infra.decision import Decision, Problem, Subject, Unreadable, Wait
from services.scoring.domain.aggregate import Aggregate
from services.scoring.domain.decide import Rules
from services.scoring.domain.scores.assessment import PATIENCE, Assessment, AssessmentRules, key_of_assessment
from tests.unit.services.speaking import AT, context, decided, demo, only, told

RULES = Rules.from_tables(demo().version, demo().tables)
OFFICE, HOTLINE = "city-office", "city-12345"
RATING, DEDUCTION, BONUS, VETO = AssessmentKind


def record(**changes: Any) -> RecordAssessment:
    given: dict[str, Any] = {
        "body": HOTLINE,
        "issued_at": AT,
        "reference": "KP-1",
        "kind": BONUS,
        "item": "merit",
        "about": "police",
        "period": "2026-11",
        "points": Decimal("2.5"),
        "basis": "处置险情及时",
    }
    return RecordAssessment(**{**given, **changes})


APPROVE = ApproveAssessment(body=OFFICE, issued_at=AT, reference="KP-1", assessor=HOTLINE, actor="city-office.director")
WITHDRAW = WithdrawAssessment(body=HOTLINE, issued_at=AT, reference="KP-1", reason="重复登记")


class Book:
    """One assessment in scoring."""

    def __init__(self, *heard: tuple[Subject, str]) -> None:
        self.entry: Aggregate | None = None
        for subject, speaker in heard:
            self.hear(subject, speaker)

    def hear(self, subject: Subject, speaker: str, **more: Any) -> Decision[Any]:
        decision = decided(RULES.decide(self.entry, subject, context(speaker, **more)))
        self.entry = decision.state
        return decision

    @property
    def counts(self) -> bool:
        assert isinstance(self.entry, Assessment)
        return self.entry.counts


def refused(decision: Decision[Any]) -> list[tuple[str, str | None]]:
    return told(only(AssessmentRefused, decision.events).reasons)


def test_what_a_body_enters_counts_and_is_told_back() -> None:
    book = Book()
    deduction = record(kind=DEDUCTION, item="e-supervision", points=Decimal("1.5"))
    fact = only(AssessmentRecorded, book.hear(deduction, HOTLINE).events)
    assert (fact.topic, fact.about, fact.points, fact.policy) == (
        "assessed.city-12345",
        "police",
        Decimal("1.5"),
        demo().version,
    )
    assert fact.key == deduction.key == assessment_key(HOTLINE, "KP-1")
    assert book.counts


def test_a_bonus_waits_for_its_approval_and_is_owed_until_then() -> None:
    book = Book((record(), HOTLINE))
    assert book.entry is not None
    assert (book.counts, RULES.is_open(book.entry)) == (False, True)
    fact = only(AssessmentApproved, book.hear(APPROVE, OFFICE).events)
    assert (fact.approver, fact.actor, fact.topic) == (OFFICE, "city-office.director", "assessed.city-12345")
    assert (book.counts, RULES.is_open(book.entry)) == (True, False)
    assert book.hear(APPROVE, OFFICE, message_id="again").events == ()


def test_what_is_withdrawn_stays_known_and_does_not_count() -> None:
    book = Book((record(), HOTLINE), (APPROVE, OFFICE))
    assert only(AssessmentWithdrawn, book.hear(WITHDRAW, HOTLINE).events).reason == "重复登记"
    assert not book.counts
    assert refused(book.hear(WITHDRAW, HOTLINE)) == [("assessment-withdrawn", None)]
    assert refused(book.hear(APPROVE, OFFICE)) == [("assessment-withdrawn", None)]


def test_the_same_entry_twice_is_one_and_another_under_its_reference_is_refused() -> None:
    book = Book((record(), HOTLINE))
    assert book.hear(record(), HOTLINE, message_id="again").events == ()
    assert refused(book.hear(record(points=Decimal(1)), HOTLINE)) == [("assessment-exists", None)]


@pytest.mark.parametrize(
    ("changes", "speaker", "code", "field"),
    [
        ({"item": "charm"}, HOTLINE, RefusalCode.NOT_IN_SCORES, "item"),
        ({"kind": DEDUCTION}, HOTLINE, RefusalCode.NOT_IN_SCORES, "item"),
        ({"kind": RATING, "item": "response"}, OFFICE, RefusalCode.NOT_IN_SCORES, "item"),
        ({"about": "nobody"}, HOTLINE, RefusalCode.UNIT_UNKNOWN, "about"),
        ({}, OFFICE, RefusalCode.NOT_ASSESSOR, "item"),
        ({"about": HOTLINE}, HOTLINE, RefusalCode.NOT_ASSESSOR, "item"),
        ({"period": "2026-12"}, HOTLINE, RefusalCode.PERIOD_NOT_BEGUN, "period"),
        ({"points": Decimal("5.01")}, HOTLINE, RefusalCode.POINTS_TOO_MANY, "points"),
        (
            {"kind": RATING, "item": "superior", "points": Decimal("100.01")},
            OFFICE,
            RefusalCode.POINTS_TOO_MANY,
            "points",
        ),
        ({"kind": VETO, "item": "public-order", "points": Decimal(1)}, OFFICE, RefusalCode.POINTS_TOO_MANY, "points"),
    ],
)
def test_what_must_not_be_entered_is_refused_and_leaves_nothing(
    changes: dict[str, Any], speaker: str, code: RefusalCode, field: str
) -> None:
    book = Book()
    answer = book.hear(record(**changes), speaker)
    assert refused(answer) == [(str(code), field)]
    assert only(AssessmentRefused, answer.events).topic == f"assessed.{speaker}"
    assert book.entry is None


@pytest.mark.parametrize(
    ("changes", "approver"), [({}, HOTLINE), ({}, "police"), ({"kind": DEDUCTION, "item": "e-supervision"}, OFFICE)]
)
def test_only_the_body_that_the_place_names_approves_and_only_a_bonus(changes: dict[str, Any], approver: str) -> None:
    book = Book((record(**changes), HOTLINE))
    before = book.counts
    assert refused(book.hear(APPROVE, approver)) == [("not-approver", None)]
    assert book.counts == before


def test_an_approval_may_come_first_and_waits_a_while() -> None:
    assert RULES.decide(None, APPROVE, context(OFFICE)) == Wait(PATIENCE)
    late = decided(RULES.decide(None, APPROVE, context(OFFICE, patience_over=True)))
    assert refused(late) == [("assessment-unknown", None)]
    assert refused(decided(RULES.decide(None, WITHDRAW, context(HOTLINE)))) == [("assessment-unknown", None)]


def test_a_place_without_scores_takes_none() -> None:
    decision = decided(AssessmentRules(None).decide(None, record(), context(HOTLINE)))
    assert refused(decision) == [("not-in-scores", "item")]


def test_what_cannot_be_read_is_answered_to_whoever_said_it() -> None:
    spoilt = Unreadable(RecordAssessment.TYPE, (Problem("points", "decimal_max_places"),))
    answer = only(AssessmentRefused, decided(RULES.decide(None, spoilt, context(HOTLINE))).events)
    assert told(answer.reasons) == [("malformed", "points: decimal_max_places")]
    assert (answer.body, answer.reference) == (HOTLINE, "")


def test_an_entry_is_found_by_the_body_that_the_topic_proves() -> None:
    said_for_another = record(body="police")
    assert key_of_assessment(said_for_another, HOTLINE) == assessment_key(HOTLINE, "KP-1")
    assert key_of_assessment(APPROVE, OFFICE) == assessment_key(HOTLINE, "KP-1")


def test_the_period_may_be_any_that_has_begun() -> None:
    later = replace(context(HOTLINE), at=AT)
    for period in ("2026", "2026-H2", "2026-Q4", "2026-11", "2025"):
        assert (
            only(AssessmentRecorded, decided(RULES.decide(None, record(period=period), later)).events).period == period
        )
