"""What follows from findings: S2's ladders, proposed to who may decide; decided by a person, reviewed, reversed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from contracts.codes import FindingSource, RefusalCode, SubjectKind
from contracts.conduct import (
    AppealMeasure,
    DecideMeasure,
    MeasureAppealed,
    MeasureDecided,
    MeasureProposed,
    MeasureReversed,
    MeasureUpheld,
    OutcomeRecorded,
    ProposalLapsed,
    RecordOutcome,
    ReversalDue,
    ReviewMeasure,
)
from infra.decision import Decision
from services.scoring.domain.conduct.record import Counted
from tests.unit.services.scoring.dossier import (
    DAY,
    OFFICE,
    POST,
    REVIEWER,
    RULES,
    UNIT,
    File,
    counted,
    key,
    refused,
    rules,
    uncounted,
)
from tests.unit.services.speaking import AT, only, read


@pytest.mark.parametrize(
    ("complaints", "step", "measures"),
    [
        (1, "post-1", ("admonition-talk", "no-top-grade")),
        (2, "post-2", ("incompetent", "training")),
        (3, "post-3", ("incompetent", "moved", "warning", "training")),
        (4, "post-4", ("incompetent", "heavier")),
        (5, "post-5", ("dismissal",)),
        (6, "post-5", ("dismissal",)),
    ],
)
def test_the_ladder_of_a_post_is_climbed_complaint_by_complaint(
    complaints: int, step: str, measures: tuple[str, ...]
) -> None:
    """S2: 有效投诉一次、2次、3次、4次、5次以上."""
    file = File(*(counted(n, date(2026, 1 + n, 5)) for n in range(complaints - 1)))
    proposed = only(MeasureProposed, file.hear(counted("last", date(2026, 9, 1))).events)
    assert (proposed.step, proposed.measures, proposed.unit) == (step, measures, OFFICE)
    assert len(proposed.findings) == complaints
    assert proposed.basis


@pytest.mark.parametrize(
    ("fifth", "step"),
    [(date(2026, 3, 1), "post-5"), (date(2026, 3, 2), "post-1"), (date(2026, 2, 27), "post-5")],
)
def test_the_fifth_counts_within_twenty_four_months(fifth: date, step: str) -> None:
    """S2: 两年内累计有效投诉5次以上. Two years to the day are over."""
    first = date(2024, 3, 2)
    file = File(*(counted(n, day) for n, day in enumerate([first, *(date(2025, m, 1) for m in (2, 5, 8))])))
    proposed = only(MeasureProposed, file.hear(counted("fifth", fifth)).events)
    assert proposed.step == step


def test_what_happened_last_year_does_not_count_for_the_steps_of_this_one() -> None:
    file = File(counted(1, date(2025, 12, 31)))
    proposed = only(MeasureProposed, file.hear(counted(2, date(2026, 1, 1))).events)
    assert (proposed.step, proposed.findings, proposed.since) == ("post-1", (key(2),), date(2026, 1, 1))


def test_a_leap_day_has_its_window_too() -> None:
    proposed = only(
        MeasureProposed,
        File(*(counted(n, date(2028, 1, 3)) for n in range(4))).hear(counted("leap", date(2028, 2, 29))).events,
    )
    assert (proposed.step, proposed.since) == ("post-5", date(2026, 3, 1))


@pytest.mark.parametrize(
    ("complaints", "source", "step"),
    [
        (1, FindingSource.COMPLAINT, "unit-1"),
        (2, FindingSource.COMPLAINT, "unit-2"),
        (3, FindingSource.COMPLAINT, "unit-2"),
        (1, FindingSource.SUPERIOR, "unit-2"),
        (1, FindingSource.MEDIA, "unit-2"),
        (1, FindingSource.E_SUPERVISION, "unit-2"),
        (1, FindingSource.INSPECTION, "unit-2"),
    ],
)
def test_the_ladder_of_a_unit(complaints: int, source: FindingSource, step: str) -> None:
    """S2: 一次有效投诉…直接道歉; 两次以上、点名批评或曝光、电子监察或明察暗访…公开道歉."""
    file = File(of=SubjectKind.UNIT, subject=UNIT)
    decisions = [file.hear(counted(n, kind=SubjectKind.UNIT, subject=UNIT, source=source)) for n in range(complaints)]
    assert only(MeasureProposed, decisions[-1].events).step == step


def test_several_units_apologise_jointly() -> None:
    """S2: 涉及多个部门单位的,由涉及部门单位的主要领导共同公开道歉."""
    file = File(of=SubjectKind.UNIT, subject=UNIT)
    fact = counted(1, kind=SubjectKind.UNIT, subject=UNIT, units=(UNIT, "housing"))
    assert only(MeasureProposed, file.hear(fact).events).jointly_with == ("housing",)


def test_the_same_finding_counts_once() -> None:
    file = File(counted(1))
    held = file.record
    assert file.hear(counted(1)).events == ()
    assert file.record == held


def test_a_person_decides_and_may_decide_otherwise() -> None:
    file = File(counted(1))
    assert RULES.is_open(file.held)
    decision = file.decide("training")
    facts = [event for event in read(decision.events) if isinstance(event, MeasureDecided)]
    assert [fact.unit for fact in facts] == [UNIT, OFFICE]
    assert {(fact.measures, fact.by, fact.actor, fact.appeal_until) for fact in facts} == {
        (("training",), OFFICE, "city-office.director", AT + 15 * DAY)
    }
    assert not RULES.is_open(file.held)


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"speaker": "city-12345"}, RefusalCode.NOT_DECIDER, None),
        ({"speaker": UNIT}, RefusalCode.NOT_DECIDER, None),
        ({"actor": None}, RefusalCode.ACTOR_MISSING, "actor"),
        ({"actor": POST}, RefusalCode.ACTOR_RECUSED, "actor"),
        ({"actor": "city-12345.desk-1"}, RefusalCode.SAME_ACTOR, "actor"),
        ({"proposal_id": key("none")}, RefusalCode.PROPOSAL_UNKNOWN, "proposal_id"),
        ({"measure": "flogging"}, RefusalCode.CODE_UNKNOWN, "measures"),
    ],
)
def test_nobody_else_decides_and_never_who_found_or_is_concerned(
    changes: dict[str, Any], code: RefusalCode, field: str | None
) -> None:
    file = File(counted(1))
    held = file.record
    measure = changes.pop("measure", "training")
    assert refused(file.decide(measure, **changes)) == [(str(code), field)]
    assert file.record == held


def test_what_is_decided_is_not_decided_again() -> None:
    file = File(counted(1))
    file.decide("training")
    assert refused(file.decide("moved")) == [("proposal-closed", None)]


def test_the_body_that_decides_never_decides_about_itself() -> None:
    file = File(of=SubjectKind.UNIT, subject="city-12345")
    fact = counted(1, kind=SubjectKind.UNIT, subject="city-12345", unit="city-12345")
    assert only(MeasureProposed, file.hear(fact).events).unit == OFFICE


def test_a_reversed_finding_takes_its_proposals_with_it_and_what_still_counts_is_proposed_anew() -> None:
    file = File(counted(1), counted(2), counted(3))
    decision = file.hear(uncounted(1))
    assert len([event for event in decision.events if isinstance(event, ProposalLapsed)]) == 3
    proposed = only(MeasureProposed, decision.events)
    assert (proposed.step, set(proposed.findings)) == ("post-2", {key(2), key(3)})
    assert refused(
        file.say(
            DecideMeasure,
            OFFICE,
            measures=(),
            reason="x",
            actor="city-office.director",
            proposal_id=file.held.proposals[0].id,
        )
    ) == [("proposal-closed", None)]
    assert file.hear(uncounted(1)).events == ()


def test_when_nothing_counts_any_more_nothing_is_proposed() -> None:
    file = File(counted(1))
    assert [type(event) for event in file.hear(uncounted(1)).events] == [ProposalLapsed]
    assert not RULES.is_open(file.held)


def test_a_measure_whose_finding_falls_is_put_up_for_review() -> None:
    file = File(counted(1))
    file.decide("admonition-talk")
    due = only(ReversalDue, file.hear(uncounted(1)).events)
    assert (due.unit, due.decide_until) == (REVIEWER, AT + 30 * DAY)
    assert RULES.is_open(file.held)
    decision = file.say(ReviewMeasure, REVIEWER, stands=False, reason="依据已撤销")
    told = {event.unit for event in read(decision.events) if isinstance(event, MeasureReversed)}
    assert told == {UNIT, OFFICE, REVIEWER}
    assert not RULES.is_open(file.held)


@pytest.mark.parametrize(("stands", "kind"), [(True, MeasureUpheld), (False, MeasureReversed)])
def test_a_measure_is_appealed_against_and_reviewed(stands: bool, kind: type[Any]) -> None:
    file = File(counted(1))
    file.decide("training")
    appealed = file.say(AppealMeasure, UNIT, days=15, grounds="已致歉")
    facts = [event for event in read(appealed.events) if isinstance(event, MeasureAppealed)]
    assert {(fact.unit, fact.decide_until) for fact in facts} == {
        (REVIEWER, AT + 45 * DAY),
        (UNIT, AT + 45 * DAY),
    }
    assert refused(file.say(AppealMeasure, UNIT, grounds="再申诉")) == [("appeal-pending", None)]
    decision = file.say(ReviewMeasure, REVIEWER, stands=stands, reason="复核")
    assert {event.unit for event in read(decision.events) if isinstance(event, kind)} == {UNIT, OFFICE, REVIEWER}


def test_who_has_decided_does_not_review_it() -> None:
    file = File(counted(1))
    file.decide("training")
    file.say(AppealMeasure, UNIT, grounds="已致歉")
    assert file.held.waits_for == (REVIEWER,)
    assert refused(file.say(ReviewMeasure, OFFICE, stands=True, reason="复核")) == [("not-appeal-body", None)]


def test_about_the_body_that_decides_another_does_and_a_third_reviews() -> None:
    file = File(of=SubjectKind.UNIT, subject=OFFICE)
    fact = counted(1, kind=SubjectKind.UNIT, subject=OFFICE, unit=OFFICE, units=(OFFICE,))
    assert only(MeasureProposed, file.hear(fact).events).unit == REVIEWER
    assert refused(file.decide("public-apology", speaker=OFFICE)) == [("not-decider", None)]
    file.decide("public-apology", speaker=REVIEWER, actor="human-resources.director")
    file.say(AppealMeasure, OFFICE, grounds="已致歉")
    assert file.held.waits_for == ("qingshan-office",)


def test_where_nobody_else_is_named_nobody_judges_itself() -> None:
    file = File(of=SubjectKind.UNIT, subject=OFFICE, by=rules({"appeals_otherwise_to": []}))
    file.hear(counted(1, kind=SubjectKind.UNIT, subject=OFFICE, unit=OFFICE, units=(OFFICE,)))
    assert refused(file.decide("public-apology")) == [("judges-itself", None)]


def test_a_measure_that_is_taken_back_leaves_what_still_counts_to_be_decided_about_again() -> None:
    file = File(counted(1))
    file.decide("training")
    decision = file.say(ReviewMeasure, REVIEWER, stands=False, reason="过轻")
    proposed = only(MeasureProposed, decision.events)
    assert (proposed.step, proposed.findings, proposed.unit) == ("post-1", (key(1),), OFFICE)


def test_what_still_counts_is_proposed_anew_also_beside_a_decision_that_rests_on_what_fell() -> None:
    """The first is decided, the second open; the first finding falls: the second has only its own left."""
    file = File(counted(1))
    file.decide("admonition-talk")
    file.hear(counted(2))
    decision = file.hear(uncounted(1))
    assert [type(event) for event in decision.events] == [ReversalDue, ProposalLapsed, MeasureProposed]
    proposed = only(MeasureProposed, decision.events)
    assert (proposed.step, proposed.findings) == ("post-1", (key(2),))
    first = file.held.proposals[0].id
    after = file.say(ReviewMeasure, REVIEWER, stands=False, reason="依据已撤销", proposal_id=first)
    assert [event for event in after.events if isinstance(event, MeasureProposed)] == []


def test_what_was_decided_without_a_measure_leaves_nothing_out() -> None:
    file = File(counted(1), counted(2))
    file.decide(proposal_id=file.held.proposals[1].id)
    assert only(MeasureProposed, file.hear(uncounted(1)).events).findings == (key(2),)


def test_a_finding_of_the_year_before_that_arrives_late_is_proposed() -> None:
    file = File(counted(1, date(2026, 1, 10)))
    proposed = only(MeasureProposed, file.hear(counted(2, date(2025, 12, 20))).events)
    assert (proposed.step, proposed.findings, proposed.since) == ("post-1", (key(2),), date(2025, 1, 1))


def test_the_fifth_of_two_years_leads_to_dismissal_whenever_it_arrives() -> None:
    """S2: 两年内累计有效投诉5次以上."""
    before = [counted(n, date(2024, 1 + n, 5)) for n in range(4)]
    file = File(*before, counted("later", date(2026, 8, 1)))
    proposed = only(MeasureProposed, file.hear(counted("fifth", date(2024, 2, 20))).events)
    assert (proposed.step, set(proposed.findings)) == ("post-5", {key("fifth"), *(key(n) for n in range(4))})


def test_a_finding_in_the_middle_is_proposed_once_by_the_hardest_step() -> None:
    file = File(counted(1, date(2026, 1, 10)), counted(3, date(2026, 9, 1)))
    proposed = only(MeasureProposed, file.hear(counted(2, date(2026, 4, 2))).events)
    assert (proposed.step, proposed.findings) == ("post-3", (key(1), key(2), key(3)))


def test_what_was_done_is_recorded() -> None:
    """S1¶4: 退还款项."""
    file = File(counted(1))
    file.decide("training")
    decision = file.say(RecordOutcome, UNIT, outcome="money-returned", amount_fen=9_765_200)
    assert {event.amount_fen for event in decision.events if isinstance(event, OutcomeRecorded)} == {9_765_200}


def test_no_more_can_have_been_taken_unlawfully_than_was_returned() -> None:
    file = File(counted(1))
    file.decide("training")
    decision = file.say(RecordOutcome, UNIT, outcome="money-returned", amount_fen=100, unlawful_fen=101)
    assert refused(decision) == [("malformed", "unlawful_fen: less_than_equal")]


@pytest.mark.parametrize(
    ("decided_first", "kind", "speaker", "fields", "days", "code"),
    [
        (False, AppealMeasure, UNIT, {"grounds": "x"}, 0, RefusalCode.MEASURE_NOT_TAKEN),
        (True, AppealMeasure, "housing", {"grounds": "x"}, 0, RefusalCode.NOT_CONCERNED),
        (True, AppealMeasure, UNIT, {"grounds": "x"}, 16, RefusalCode.APPEAL_WINDOW_CLOSED),
        (False, ReviewMeasure, REVIEWER, {"stands": False, "reason": "x"}, 0, RefusalCode.MEASURE_NOT_TAKEN),
        (True, ReviewMeasure, OFFICE, {"stands": False, "reason": "x"}, 0, RefusalCode.NOT_APPEAL_BODY),
        (True, ReviewMeasure, UNIT, {"stands": False, "reason": "x"}, 0, RefusalCode.NOT_APPEAL_BODY),
        (False, RecordOutcome, UNIT, {"outcome": "apology"}, 0, RefusalCode.MEASURE_NOT_TAKEN),
        (True, RecordOutcome, "housing", {"outcome": "apology"}, 0, RefusalCode.NOT_CONCERNED),
        (True, RecordOutcome, UNIT, {"outcome": "nothing"}, 0, RefusalCode.CODE_UNKNOWN),
    ],
)
def test_what_is_out_of_turn_is_refused(
    decided_first: bool, kind: type[Any], speaker: str, fields: dict[str, Any], days: int, code: RefusalCode
) -> None:
    file = File(counted(1))
    if decided_first:
        file.decide("training")
    assert [each for each, _ in refused(file.say(kind, speaker, days, **fields))] == [str(code)]


def test_about_whom_nothing_counts_nothing_is_decided() -> None:
    assert refused(File().decide("training")) == [("proposal-unknown", "proposal_id")]


STEPS = [f"post-{n}" for n in range(1, 6)]


def windows(counted: Iterable[Counted], last: date) -> Iterator[tuple[int, set[str]]]:
    """By S2: the steps that are reached in the time that ends with that day, and the findings in it."""
    days = {each.finding: each.happened_on for each in counted if each.happened_on <= last}
    year = {finding for finding, day in days.items() if day.year == last.year}
    day_of = (last.year, last.month, last.day)
    two_years = {finding for finding, day in days.items() if (day.year + 2, day.month, day.day) > day_of}
    yield min(len(year), 4) - 1, year
    if len(two_years) >= 5:
        yield 4, two_years


class History(RuleBasedStateMachine):
    """Findings come and go, people decide, in any order and often twice."""

    def __init__(self) -> None:
        super().__init__()
        self.file = File()
        self.live: set[str] = set()
        self.proposed: list[str] = []

    def _note(self, decision: Decision[Any]) -> None:
        for event in decision.events:
            if isinstance(event, MeasureProposed):
                assert set(event.findings) <= self.live
                self.proposed.append(event.proposal_id)

    @rule(name=st.integers(0, 7), on=st.dates(date(2024, 1, 1), date(2026, 11, 20)))
    def count(self, name: int, on: date) -> None:
        self.live.add(key(name))
        self._note(self.file.hear(counted(name, on)))

    @rule(name=st.integers(0, 7))
    def uncount(self, name: int) -> None:
        self.live.discard(key(name))
        self._note(self.file.hear(uncounted(name)))

    @precondition(lambda self: self.file.record is not None and self.file.held.proposals)
    @rule(which=st.integers(0, 20), measures=st.sampled_from([(), ("training",)]))
    def decide(self, which: int, measures: tuple[str, ...]) -> None:
        proposals = self.file.held.proposals
        before = proposals[which % len(proposals)]
        decision = self.file.decide(*measures, proposal_id=before.id)
        if before.stage != "open":
            assert refused(decision) == [("proposal-closed", None)]

    @precondition(lambda self: self.file.record is not None and self.file.held.proposals)
    @rule(which=st.integers(0, 20), stands=st.booleans())
    def review(self, which: int, stands: bool) -> None:
        proposals = self.file.held.proposals
        id = proposals[which % len(proposals)].id
        self._note(self.file.say(ReviewMeasure, REVIEWER, stands=stands, reason="x", proposal_id=id))

    @invariant()
    def no_open_proposal_rests_on_a_finding_that_does_not_count(self) -> None:
        if self.file.record is None:
            return
        for each in self.file.held.proposals:
            assert each.stage != "open" or set(each.findings) <= self.live

    @invariant()
    def whatever_counts_and_reaches_a_step_is_open_or_decided_on_findings_that_count(self) -> None:
        if self.file.record is None:
            return
        held = self.file.held
        standing = [
            (STEPS.index(each.step), set(each.findings))
            for each in held.proposals
            if each.stage in {"open", "decided"} and set(each.findings) <= self.live
        ]
        for last in {each.happened_on for each in held.counted}:
            hardest, behind = max(windows(held.counted, last), key=lambda window: window[0])
            assert any(step >= hardest and behind <= findings for step, findings in standing)

    @invariant()
    def what_counts_is_what_was_found_and_not_reversed(self) -> None:
        if self.file.record is not None:
            assert {each.finding for each in self.file.held.counted} == self.live

    @invariant()
    def each_proposal_was_told_once(self) -> None:
        assert len(self.proposed) == len(set(self.proposed))
        if self.file.record is not None:
            assert self.proposed == [each.id for each in self.file.held.proposals]


TestHistory = History.TestCase
TestHistory.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
