"""The life of a case is drawn whole, and a dispatch is explained by the rule that made it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from contracts.envelope import decode
from contracts.handling import ReassignCase
from contracts.routing import CaseAssigned, CaseQueued
from services.routing.domain.case import Stage
from services.routing.domain.decide import COMMANDS
from tests.support.deployment import ROOT
from tests.unit.services.speaking import CASE, demo
from xn.cases.command import CHART
from xn.cases.explaining import because
from xn.cases.life import explore, page
from xn.cases.redispatching import Move, command

AT = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)


def assigned(rule: str, **more: Any) -> CaseAssigned:
    return CaseAssigned(
        case_id=CASE, occurred_at=AT, unit="housing", responsible="housing", rule=rule, policy="demo-1", **more
    )


def test_the_page_in_docs_is_what_the_rules_do() -> None:
    assert (ROOT / CHART).read_text("utf-8") == page()


def test_every_stage_is_reached_and_every_command_leads_somewhere_and_is_refused_somewhere() -> None:
    life = explore()
    assert {end for ends in life.moves.values() for end in ends} == set(Stage)
    for kind in COMMANDS:
        assert [stage for stage in Stage if (stage, kind.TYPE) in life.moves]
        assert [stage for stage in Stage if (stage, kind.TYPE) in life.refusals]


def test_a_closed_case_is_only_appealed_noted_and_opened_again() -> None:
    life = explore()
    moves = {
        name.removeprefix("cn.xiaoneng."): ends for (stage, name), ends in life.moves.items() if stage is Stage.CLOSED
    }
    again = {Stage.OFFERED}
    assert moves == {
        "case.reopen.v1": again,
        "reopening.requested.v1": again,
        "answer.appealed.v1": {Stage.CLOSED},
        "review.decide.v1": {Stage.CLOSED, *again},
        "case.add-note.v1": {Stage.CLOSED},
    }


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (assigned("housing"), ["rule `housing`", "demo-1", "property-service", "covers the area"]),
        (assigned("housing/recusal"), ["not complained about"]),
        (assigned("dispatcher", by="beicheng-centre.desk-1"), ["dispatcher's choice", "beicheng-centre.desk-1"]),
        (assigned("transfer", why="属住建职责"), ["passed on", "属住建职责"]),
        (
            CaseQueued(
                case_id=CASE,
                occurred_at=AT,
                centre="city-12345",
                responsible="city-12345",
                why="no-rule",
                policy="demo-1",
            ),
            ["queue of city-12345", "no rule covers it"],
        ),
    ],
)
def test_a_dispatch_is_explained_by_its_rule(event: CaseAssigned | CaseQueued, words: list[str]) -> None:
    sentence = because(event, demo().tables)
    assert [word for word in words if word not in sentence] == []
    assert because(event, None), "also where the version is not known"


def test_a_case_is_moved_in_the_name_of_its_own_centre_under_the_same_id_each_time() -> None:
    state: dict[str, object] = {"centre": "beicheng-centre", "asked_at": "2026-11-23T01:30:00Z", "asked": "housing"}
    first, again = (command(CASE, state, Move("housing", "ecology", "机构改革"), AT) for _ in range(2))
    envelope, body = decode(first.headers, first.value)
    said = ReassignCase.model_validate_json(body)
    assert (first.topic, said.unit, said.to) == ("handling.beicheng-centre", "beicheng-centre", "ecology")
    assert envelope.id == decode(again.headers, again.value)[0].id
    assert UUID(envelope.id).version == 5
    sent_back = command(CASE, {**state, "asked_at": "2026-11-24T01:30:00Z"}, Move("housing", "ecology", "机构改革"), AT)
    assert decode(sent_back.headers, sent_back.value)[0].id != envelope.id
