"""Findings: recorded by who may, appealed against in time, final, reversed; each refusal names its rule."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from contracts.codes import FindingSource, RefusalCode, SubjectKind, Verdict
from contracts.conduct import (
    AppealFinding,
    ConductRefused,
    DecideAppeal,
    FindingAppealed,
    FindingCounted,
    FindingFinal,
    FindingRecorded,
    FindingReversed,
    FindingUncounted,
    RecordFinding,
    ReverseFinding,
    finding_key,
    subject_key,
)
from infra.decision import Decision, Due, Problem, Subject, Unreadable
from services.scoring.domain.aggregate import Aggregate
from services.scoring.domain.conduct.finding import Finding, FindingRules
from services.scoring.domain.conduct.keys import key_of_oversight
from services.scoring.domain.decide import Rules
from tests.unit.services.speaking import AT, CASE, context, decided, demo, only, read, told

BODY, OFFICE, UNIT, POST, LEADER = (
    "city-12345",
    "city-office",
    "beicheng-centre",
    "beicheng-centre.desk-1",
    "beicheng-centre.director",
)
KEY = finding_key(BODY, "RD-1")
DAY = timedelta(days=1)


def rules(**pursuit: Any) -> Rules:
    tables = dict(demo().tables)
    tables["accountability"] = {
        **tables["accountability"],
        "pursuit": pursuit.pop("pursuit", {}),
        "findings": {**tables["accountability"]["findings"], **pursuit},
    }
    return Rules.from_tables("test", tables)


RULES = rules()


def record(**changes: Any) -> RecordFinding:
    given: dict[str, Any] = {
        "unit": BODY,
        "issued_at": AT,
        "actor": "city-12345.desk-1",
        "reference": "RD-1",
        "verdict": Verdict.VALID,
        "source": FindingSource.COMPLAINT,
        "case_id": CASE,
        "units": (UNIT,),
        "post": POST,
        "happened_on": date(2026, 11, 20),
        "problem": "buck-passing",
        "facts": "逾期未联系投诉人",
    }
    return RecordFinding(**{**given, **changes})


FINDING: dict[str, Any] = {"issued_at": AT, "body": BODY, "reference": "RD-1"}
APPEAL = AppealFinding(unit=UNIT, grounds="当日已联系", **FINDING)
UPHOLD = DecideAppeal(unit=OFFICE, verdict=Verdict.VALID, reason="无通话记录", **FINDING)
DISMISS = DecideAppeal(unit=OFFICE, verdict=Verdict.INVALID, reason="有通话记录", **FINDING)
REVERSE = ReverseFinding(unit=OFFICE, reason="新的证据", **FINDING)


class Docket:
    """One finding in scoring."""

    def __init__(self, *heard: tuple[Subject, str], by: Rules = RULES) -> None:
        self.finding: Aggregate | None = None
        self.by = by
        for subject, speaker in heard:
            self.hear(subject, speaker)

    def hear(self, subject: Subject, speaker: str = "", days: int = 0, **more: Any) -> Decision[Any]:
        given = {"key": KEY, "at": AT + days * DAY, "supplies": frozenset({CASE}), **more}
        decision = decided(self.by.decide(self.finding, subject, context(speaker, **given)))
        self.finding = decision.state
        return decision


def heard_by(decision: Decision[Any], kind: type[Any]) -> list[str]:
    return [event.unit for event in read(decision.events) if isinstance(event, kind)]


def against(decision: Decision[Any], kind: type[Any] = FindingCounted) -> list[tuple[str, str]]:
    return [(str(event.kind), event.subject) for event in read(decision.events) if isinstance(event, kind)]


def refused(decision: Decision[Any]) -> list[tuple[str, str | None]]:
    return told(only(ConductRefused, decision.events).reasons)


def test_a_finding_is_told_to_the_unit_and_may_be_appealed_against_for_a_while() -> None:
    docket = Docket()
    decision = docket.hear(record(), BODY)
    assert heard_by(decision, FindingRecorded) == [UNIT, BODY]
    fact = decision.events[0]
    assert isinstance(fact, FindingRecorded)
    assert (fact.key, fact.topic, fact.appeal_until) == (KEY, f"conduct.{UNIT}", AT + 15 * DAY)
    assert docket.finding is not None
    assert (RULES.due(docket.finding), RULES.is_open(docket.finding)) == (AT + 15 * DAY, True)
    assert against(decision) == []


def test_unchallenged_it_is_final_and_counts_against_the_unit_and_the_post_apart() -> None:
    docket = Docket((record(), BODY))
    decision = docket.hear(Due(), days=15)
    assert heard_by(decision, FindingFinal) == [UNIT, BODY]
    assert against(decision) == [("unit", UNIT), ("post", POST)]
    keys = {event.key for event in decision.events if isinstance(event, FindingCounted)}
    assert keys == {subject_key("unit", UNIT), subject_key("post", POST)}
    assert docket.finding is not None
    assert (RULES.due(docket.finding), RULES.is_open(docket.finding)) == (None, False)
    assert docket.hear(Due(), days=16).events == ()


@pytest.mark.parametrize(
    ("verdict", "partly_counts", "counts"),
    [
        (Verdict.VALID, False, True),
        (Verdict.PARTLY, False, False),
        (Verdict.PARTLY, True, True),
        (Verdict.INVALID, True, False),
        (Verdict.UNDETERMINED, True, False),
    ],
)
def test_only_what_is_valid_counts(verdict: Verdict, partly_counts: bool, counts: bool) -> None:
    docket = Docket((record(verdict=verdict), BODY), by=rules(partly_counts=partly_counts))
    decision = docket.hear(Due(), days=15)
    final = next(event for event in decision.events if isinstance(event, FindingFinal))
    assert (final.counts, bool(against(decision))) == (counts, counts)


def test_several_units_answer_jointly() -> None:
    docket = Docket((record(units=(UNIT, "housing"), post=None), BODY))
    decision = docket.hear(Due(), days=15)
    assert against(decision) == [("unit", UNIT), ("unit", "housing")]
    assert {event.units for event in decision.events if isinstance(event, FindingCounted)} == {(UNIT, "housing")}


def test_where_the_place_wants_it_the_leader_is_held() -> None:
    """S4: 一律追究领导责任."""
    docket = Docket((record(), BODY), by=rules(pursuit={"hold_the_leader": True}))
    assert against(docket.hear(Due(), days=15)) == [("unit", UNIT), ("post", POST), ("post", LEADER)]


def test_an_appeal_stops_it_from_counting_until_it_is_decided() -> None:
    docket = Docket((record(), BODY))
    assert heard_by(docket.hear(APPEAL, UNIT, days=14), FindingAppealed) == [OFFICE, BODY, UNIT]
    assert docket.finding is not None
    assert (RULES.due(docket.finding), RULES.is_open(docket.finding)) == (None, True)
    assert docket.hear(Due(), days=15).events == ()
    decision = docket.hear(UPHOLD, OFFICE, days=30)
    assert heard_by(decision, FindingFinal) == [UNIT, BODY]
    assert against(decision) == [("unit", UNIT), ("post", POST)]


def test_an_appeal_with_success_changes_the_verdict_and_nothing_counts() -> None:
    docket = Docket((record(), BODY), (APPEAL, UNIT))
    decision = docket.hear(DISMISS, OFFICE)
    finals = [event for event in decision.events if isinstance(event, FindingFinal)]
    assert {(event.verdict, event.counts, event.reason) for event in finals} == {(Verdict.INVALID, False, "有通话记录")}
    assert against(decision) == []


def test_what_the_body_of_appeal_is_concerned_in_goes_to_whoever_is_above_it() -> None:
    own = Rules.from_tables(
        "test",
        {
            **demo().tables,
            "accountability": {
                **demo().tables["accountability"],
                "findings": {**demo().tables["accountability"]["findings"], "appeals_to": BODY},
            },
        },
    )
    docket = Docket((record(), BODY), by=own)
    assert heard_by(docket.hear(APPEAL, UNIT), FindingAppealed)[0] == OFFICE
    assert refused(docket.hear(UPHOLD, BODY)) == [("not-appeal-body", None)]


def test_what_the_body_of_appeal_has_found_itself_another_hears() -> None:
    docket = Docket((record(unit=OFFICE, actor="city-office.desk-1"), OFFICE))
    decision = docket.hear(APPEAL, UNIT)
    assert heard_by(decision, FindingAppealed) == ["human-resources", OFFICE, UNIT]
    assert refused(docket.hear(UPHOLD, OFFICE)) == [("not-appeal-body", None)]
    assert heard_by(docket.hear(DISMISS, "human-resources"), FindingFinal) == [UNIT, OFFICE]


def test_whoever_has_found_does_not_reverse_it_either() -> None:
    docket = Docket((record(unit=OFFICE, actor="city-office.desk-1"), OFFICE))
    docket.hear(Due(), days=15)
    assert refused(docket.hear(REVERSE, OFFICE)) == [("not-appeal-body", None)]
    assert heard_by(docket.hear(REVERSE, "human-resources"), FindingReversed) == [UNIT, OFFICE]


def test_what_concerns_all_who_could_hear_an_appeal_is_not_found_at_once() -> None:
    units = ("human-resources", "qingshan-office")
    every = record(units=units, post=None, actor="city-office.desk-1")
    assert refused(Docket().hear(every, OFFICE)) == [("nobody-hears-appeals", "units")]
    one = record(units=units[:1], post=None, actor="city-office.desk-1")
    assert heard_by(Docket().hear(one, OFFICE), FindingRecorded) == [units[0], OFFICE]


def test_an_appeal_waits_for_its_body_until_it_is_decided_and_has_its_limit() -> None:
    docket = Docket((record(), BODY))
    concerned = [f"concerns/{BODY}", f"concerns/{UNIT}"]
    assert isinstance(docket.finding, Finding)
    assert list(docket.finding.filed) == concerned
    decision = docket.hear(APPEAL, UNIT, days=10)
    facts = [event for event in read(decision.events) if isinstance(event, FindingAppealed)]
    assert {fact.decide_until for fact in facts} == {AT + 40 * DAY}
    assert isinstance(docket.finding, Finding)
    assert docket.finding.waits_for == OFFICE
    assert list(docket.finding.filed) == [*concerned, f"waits/{OFFICE}"]
    docket.hear(UPHOLD, OFFICE, days=12)
    assert isinstance(docket.finding, Finding)
    assert list(docket.finding.filed) == concerned, "it waits for no decision any more"


def test_a_finding_that_is_reversed_counts_no_more() -> None:
    docket = Docket((record(), BODY))
    docket.hear(Due(), days=15)
    decision = docket.hear(REVERSE, OFFICE, days=40)
    assert heard_by(decision, FindingReversed) == [UNIT, BODY]
    assert against(decision, FindingUncounted) == [("unit", UNIT), ("post", POST)]
    assert docket.hear(REVERSE, OFFICE, days=41).events == ()


def test_the_same_finding_twice_is_one_and_another_under_its_reference_is_refused() -> None:
    docket = Docket((record(), BODY))
    assert docket.hear(record(issued_at=AT + DAY), BODY).events == ()
    assert refused(docket.hear(record(verdict=Verdict.PARTLY), BODY)) == [("finding-exists", None)]


@pytest.mark.parametrize(
    ("changes", "speaker", "code", "field"),
    [
        ({}, "housing", RefusalCode.NOT_FINDING_BODY, None),
        ({"units": ("housing", BODY)}, BODY, RefusalCode.JUDGES_ITSELF, "units"),
        ({"units": ("atlantis",)}, BODY, RefusalCode.UNIT_UNKNOWN, "units"),
        ({"post": "beicheng-centre.nobody"}, BODY, RefusalCode.POST_UNKNOWN, "post"),
        ({"units": ("housing",)}, BODY, RefusalCode.POST_UNKNOWN, "post"),
        ({"happened_on": date(2026, 11, 24)}, BODY, RefusalCode.HAPPENED_IN_FUTURE, "happened_on"),
        ({"problem": "charm"}, BODY, RefusalCode.CODE_UNKNOWN, "problem"),
        ({"ban": "tea"}, BODY, RefusalCode.CODE_UNKNOWN, "ban"),
        ({"case_id": "0" * 8 + CASE[8:]}, BODY, RefusalCode.CASE_UNKNOWN, "case_id"),
    ],
)
def test_what_must_not_be_found_is_refused_and_leaves_nothing(
    changes: dict[str, Any], speaker: str, code: RefusalCode, field: str | None
) -> None:
    docket = Docket()
    answer = docket.hear(record(**changes), speaker)
    assert refused(answer) == [(str(code), field)]
    assert only(ConductRefused, answer.events).topic == f"conduct.{speaker}"
    assert docket.finding is None


def test_happened_today_is_not_the_future() -> None:
    assert heard_by(Docket().hear(record(happened_on=date(2026, 11, 23)), BODY), FindingRecorded)


@pytest.mark.parametrize(
    ("before", "command", "speaker", "days", "code"),
    [
        ((), APPEAL, UNIT, 0, RefusalCode.FINDING_UNKNOWN),
        ((), UPHOLD, OFFICE, 0, RefusalCode.FINDING_UNKNOWN),
        (("record",), APPEAL, "housing", 0, RefusalCode.NOT_CONCERNED),
        (("record",), APPEAL, UNIT, 16, RefusalCode.APPEAL_WINDOW_CLOSED),
        (("record", "appeal"), APPEAL, UNIT, 0, RefusalCode.APPEAL_PENDING),
        (("record", "final"), APPEAL, UNIT, 15, RefusalCode.FINDING_FINAL),
        (("record",), UPHOLD, OFFICE, 0, RefusalCode.NOT_APPEALED),
        (("record", "appeal"), UPHOLD, BODY, 0, RefusalCode.NOT_APPEAL_BODY),
        (("record",), REVERSE, OFFICE, 0, RefusalCode.FINDING_NOT_FINAL),
        (("record", "final"), REVERSE, BODY, 15, RefusalCode.NOT_APPEAL_BODY),
    ],
)
def test_what_is_out_of_turn_is_refused(
    before: tuple[str, ...], command: Subject, speaker: str, days: int, code: RefusalCode
) -> None:
    docket = Docket()
    for each in before:
        match each:
            case "record":
                docket.hear(record(), BODY)
            case "appeal":
                docket.hear(APPEAL, UNIT)
            case _:
                docket.hear(Due(), days=15)
    held = docket.finding
    assert [each for each, _ in refused(docket.hear(command, speaker, days=days))] == [str(code)]
    assert docket.finding == held


def test_a_place_without_accountability_takes_no_findings() -> None:
    decision = decided(FindingRules(None).decide(None, record(), context(BODY)))
    assert refused(decision) == [("not-finding-body", None)]


def test_what_cannot_be_read_is_answered_to_whoever_said_it() -> None:
    spoilt = Unreadable(RecordFinding.TYPE, (Problem("units", "too_short"),))
    answer = only(ConductRefused, decided(RULES.decide(None, spoilt, context(BODY))).events)
    assert told(answer.reasons) == [("malformed", "units: too_short")]


def test_a_finding_is_that_of_the_body_that_the_topic_proves() -> None:
    assert key_of_oversight(record(unit="housing"), BODY) == KEY
    assert key_of_oversight(APPEAL, UNIT) == KEY


def test_a_kind_of_subject_is_in_the_key() -> None:
    assert subject_key(SubjectKind.UNIT, "x") != subject_key(SubjectKind.POST, "x")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"unit": OFFICE, "actor": None}, "actor-missing"),  # it decides about measures
        ({"actor": "police-beicheng.desk-1"}, "actor-unknown"),
    ],
)
def test_who_found_is_named_where_the_body_may_decide_what_follows(changes: dict[str, Any], code: str) -> None:
    command = record(**changes)
    assert refused(Docket().hear(command, command.unit)) == [(code, "actor")]


def test_a_body_that_decides_nothing_need_not_name_its_post() -> None:
    assert heard_by(Docket().hear(record(actor=None), BODY), FindingRecorded) == [UNIT, BODY]


@pytest.mark.parametrize(
    ("actor", "code"), [(POST, "actor-recused"), ("city-12345.desk-1", "actor-unknown"), ("city-office.director", None)]
)
def test_the_post_that_found_does_not_decide_about_the_appeal(actor: str, code: str | None) -> None:
    docket = Docket((record(), BODY), (APPEAL, UNIT))
    decision = docket.hear(UPHOLD.model_copy(update={"actor": actor}), OFFICE)
    assert type(decision.events[0]) is (ConductRefused if code else FindingFinal)
    if code:
        assert refused(decision) == [(code, "actor")]
