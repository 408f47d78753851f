"""The commands that a post may give agree with what the rules decide on them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from contracts.channel import Instruction
from contracts.codes import AppealType
from contracts.handling import (
    ApproveDispatch,
    DispatchCase,
    InstructCase,
    ReassignCase,
    ReportHandling,
    RequestReturn,
    SignCase,
    SuspendCase,
    UnitCommand,
    VerifyReport,
)
from contracts.routing import CommandRefused
from infra.decision import Context, Decision, Subject
from services.routing.domain.case import Case
from services.routing.domain.decide import COMMANDS, Rules
from services.routing.domain.dispatch import DispatchPolicy
from services.routing.domain.possible import examples_of, possible
from tests.unit.services.routing.desk import POLICY, RULES, Desk
from tests.unit.services.speaking import AT, CASE
from xn.cases import life

CENTRE, UNIT = "beicheng-centre", "police-beicheng"


def why_not(desk: Desk, unit: str, post: str | None = None) -> dict[type[UnitCommand], str | None]:
    """The code of the refusal by type; None: possible."""
    by_type = {each.type: each.why_not for each in possible(RULES, CASE, desk.held, unit, post, desk.at)}
    assert by_type.keys() == {kind.TYPE for kind in COMMANDS}
    return {kind: why.code if (why := by_type[kind.TYPE]) else None for kind in COMMANDS}


def test_every_command_has_an_example() -> None:
    assert examples_of(Desk.of().held, POLICY, AT).keys() == COMMANDS.keys()


def test_whatever_the_rules_accept_in_any_state_is_named_as_possible(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command of the chart of a case's life, in each state that is reached in three steps."""
    states: list[Case] = []
    subjects = life._subjects

    def seen(case: Case) -> Iterator[tuple[Subject, str]]:
        states.append(case)
        return subjects(case)

    monkeypatch.setattr(life, "DEEPEST", 3)
    monkeypatch.setattr(life, "_subjects", seen)
    life.explore()
    rules = Rules(DispatchPolicy.from_tables("life", life._TABLES))
    accepted = 0
    for case in states:
        given: dict[tuple[str, str | None], dict[str, Any]] = {}
        for subject, speaker in subjects(case):
            if not isinstance(subject, UnitCommand):
                continue
            who = (speaker, subject.actor)
            if who not in given:
                found = possible(rules, life.CASE, case, *who, life.AT)
                given[who] = {each.type: each.why_not for each in found}
            decision = rules.decide(case, subject, Context(life.CASE, life.AT, "m", speaker))
            assert isinstance(decision, Decision)
            if not any(isinstance(event, CommandRefused) for event in decision.events):
                accepted += 1
                assert given[who][subject.TYPE] is None, f"{subject.TYPE} by {who} in {case.stage}"
    assert accepted > 500


def test_a_unit_signs_or_returns_what_it_was_sent_and_reports_what_it_signed() -> None:
    desk = Desk.of()
    offered = why_not(desk, UNIT)
    assert [offered[kind] for kind in (SignCase, RequestReturn, ReportHandling)] == [None, None, "not-signed"]
    assert why_not(desk, CENTRE)[SignCase] == "not-responsible"
    desk.sign(UNIT)
    signed = why_not(desk, UNIT)
    assert [signed[kind] for kind in (SignCase, RequestReturn, ReportHandling)] == ["already-signed", None, None]
    desk.later(days=2)
    assert why_not(desk, UNIT)[RequestReturn] == "return-window-closed"


def test_a_suggestion_can_be_reported_though_its_answer_needs_a_field_more() -> None:
    desk = Desk.of(appeal=AppealType.SUGGESTION)
    unit = desk.held.asked or ""
    desk.sign(unit)
    assert why_not(desk, unit)[ReportHandling] is None


def test_a_choice_of_content_is_possible_as_long_as_one_choice_is_accepted() -> None:
    desk = Desk.of()
    desk.sign(UNIT)
    assert why_not(desk, UNIT)[SuspendCase] is None
    assert why_not(desk, CENTRE)[ReassignCase] is None
    assert why_not(desk, UNIT)[ReassignCase] == "not-dispatcher"


def test_the_post_counts_and_not_the_unit_alone() -> None:
    desk = Desk.of(instruction=Instruction(by="mayor", text="速办"))
    one, other = f"{CENTRE}.desk-1", f"{CENTRE}.director"
    assert why_not(desk, CENTRE)[ApproveDispatch] == "actor-missing"
    desk.ask(DispatchCase, CENTRE, to="ecology", actor=one)
    assert [why_not(desk, CENTRE, post)[ApproveDispatch] for post in (one, other)] == ["same-actor", None]
    assert why_not(desk, UNIT)[InstructCase] == "actor-missing"
    assert why_not(desk, UNIT)[VerifyReport] == "not-verifier"
