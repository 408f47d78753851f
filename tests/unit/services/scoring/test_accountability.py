"""What follows from findings: S2's ladders, proposed to who may decide; decided by a person, reviewed, reversed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from contracts.codes import FindingSource, RefusalCode, SubjectKind
from contracts.conduct import (
    AppealMeasure,
    ConductRefused,
    DecideMeasure,
    FindingCounted,
    FindingUncounted,
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
    subject_key,
)
from infra.decision import Decision, Subject
from services.scoring.domain.aggregate import Aggregate
from services.scoring.domain.conduct.record import ConductRecord
from services.scoring.domain.decide import Rules
from tests.unit.services.speaking import AT, context, decided, demo, only, read, told

RULES = Rules.from_tables(demo().version, demo().tables)
OFFICE, UNIT, POST = "city-office", "beicheng-centre", "beicheng-centre.desk-1"
DAY = timedelta(days=1)


def key(name: object) -> str:
    return str(uuid5(NAMESPACE_OID, str(name)))


def counted(name: object, on: date = date(2026, 3, 2), **changes: Any) -> FindingCounted:
    given: dict[str, Any] = {
        "unit": UNIT,
        "occurred_at": AT,
        "kind": SubjectKind.POST,
        "subject": POST,
        "finding": key(name),
        "body": "city-12345",
        "actor": "city-12345.desk-1",
        "source": FindingSource.COMPLAINT,
        "happened_on": on,
        "units": (UNIT,),
    }
    return FindingCounted(**{**given, **changes})


def uncounted(name: object) -> FindingUncounted:
    return FindingUncounted(unit=UNIT, occurred_at=AT, kind=SubjectKind.POST, subject=POST, finding=key(name))


class File:
    """The record of one post in scoring."""

    def __init__(self, *heard: Subject, of: SubjectKind = SubjectKind.POST, subject: str = POST) -> None:
        self.record: Aggregate | None = None
        self.key = subject_key(of, subject)
        for each in heard:
            self.hear(each)

    def hear(self, subject: Subject, speaker: str = "", days: int = 0) -> Decision[Any]:
        at = context(speaker, key=self.key, at=AT + days * DAY)
        decision = decided(RULES.decide(self.record, subject, at))
        self.record = decision.state
        return decision

    @property
    def held(self) -> ConductRecord:
        assert isinstance(self.record, ConductRecord)
        return self.record

    @property
    def last(self) -> str:
        """The id of the last proposal."""
        return self.held.proposals[-1].id

    def say(self, kind: type[Any], speaker: str, days: int = 0, **fields: Any) -> Decision[Any]:
        given = {
            "unit": speaker,
            "issued_at": AT,
            "kind": SubjectKind.POST,
            "subject": POST,
            "proposal_id": self.last if self.record is not None else key("x"),
            **fields,
        }
        return self.hear(kind(**given), speaker, days)

    def decide(self, *measures: str, speaker: str = OFFICE, days: int = 0, **fields: Any) -> Decision[Any]:
        given = {"actor": "city-office.director", "reason": "首次", **fields}
        return self.say(DecideMeasure, speaker, days, measures=measures, **given)


def refused(decision: Decision[Any]) -> list[tuple[str, str | None]]:
    return told(only(ConductRefused, decision.events).reasons)


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
    assert only(ReversalDue, file.hear(uncounted(1)).events).unit == OFFICE
    assert RULES.is_open(file.held)
    decision = file.say(ReviewMeasure, OFFICE, stands=False, reason="依据已撤销")
    assert {event.unit for event in read(decision.events) if isinstance(event, MeasureReversed)} == {UNIT, OFFICE}
    assert not RULES.is_open(file.held)


@pytest.mark.parametrize(("stands", "kind"), [(True, MeasureUpheld), (False, MeasureReversed)])
def test_a_measure_is_appealed_against_and_reviewed(stands: bool, kind: type[Any]) -> None:
    file = File(counted(1))
    file.decide("training")
    appealed = file.say(AppealMeasure, UNIT, days=15, grounds="已致歉")
    assert {event.unit for event in appealed.events if isinstance(event, MeasureAppealed)} == {OFFICE, UNIT}
    assert refused(file.say(AppealMeasure, UNIT, grounds="再申诉")) == [("appeal-pending", None)]
    decision = file.say(ReviewMeasure, OFFICE, stands=stands, reason="复核")
    assert {type(event) for event in decision.events} == {kind}


def test_what_was_done_is_recorded() -> None:
    """S1¶4: 退还款项."""
    file = File(counted(1))
    file.decide("training")
    decision = file.say(RecordOutcome, UNIT, outcome="money-returned", amount_fen=9_765_200)
    assert {event.amount_fen for event in decision.events if isinstance(event, OutcomeRecorded)} == {9_765_200}


@pytest.mark.parametrize(
    ("decided_first", "kind", "speaker", "fields", "days", "code"),
    [
        (False, AppealMeasure, UNIT, {"grounds": "x"}, 0, RefusalCode.MEASURE_NOT_TAKEN),
        (True, AppealMeasure, "housing", {"grounds": "x"}, 0, RefusalCode.NOT_CONCERNED),
        (True, AppealMeasure, UNIT, {"grounds": "x"}, 16, RefusalCode.APPEAL_WINDOW_CLOSED),
        (False, ReviewMeasure, OFFICE, {"stands": False, "reason": "x"}, 0, RefusalCode.MEASURE_NOT_TAKEN),
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


class History(RuleBasedStateMachine):
    """Findings come and go, people decide, in any order and often twice."""

    def __init__(self) -> None:
        super().__init__()
        self.file = File()
        self.live: set[str] = set()
        self.proposed: list[str] = []

    def _hear(self, subject: Subject) -> None:
        for event in self.file.hear(subject).events:
            if isinstance(event, MeasureProposed):
                assert set(event.findings) <= self.live
                self.proposed.append(event.proposal_id)

    @rule(name=st.integers(0, 7), on=st.dates(date(2024, 1, 1), date(2026, 11, 20)))
    def count(self, name: int, on: date) -> None:
        self.live.add(key(name))
        self._hear(counted(name, on))

    @rule(name=st.integers(0, 7))
    def uncount(self, name: int) -> None:
        self.live.discard(key(name))
        self._hear(uncounted(name))

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
        self.file.say(
            ReviewMeasure, OFFICE, stands=stands, reason="x", proposal_id=proposals[which % len(proposals)].id
        )

    @invariant()
    def no_open_proposal_rests_on_a_finding_that_does_not_count(self) -> None:
        if self.file.record is None:
            return
        for each in self.file.held.proposals:
            assert each.stage != "open" or set(each.findings) <= self.live

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
