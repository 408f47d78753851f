"""Every command of a unit is an action with a whole form."""

from __future__ import annotations

from collections import Counter
from typing import Any

from pydantic import BaseModel

from apps.desk.actions import ACTIONS
from apps.web.forms import _plain
from apps.web.words import PAUSES, RESULTS
from contracts.codes import HandlingResult, PauseReason
from contracts.message import Message
from contracts.topics import REGISTRY

GIVEN_OTHERWISE = {"unit", "actor", "case_id", "issued_at"}
"""By the token, the path and the clock."""
COMMANDS = REGISTRY["handling.{unit}"].messages


def fields_of(model: type[BaseModel], prefix: str = "") -> set[str]:
    """Names of all fields, those of inner objects with a dot."""
    found: set[str] = set()
    for name, info in model.model_fields.items():
        inner = _plain(info.annotation)
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            found |= fields_of(inner, f"{prefix}{name}.")
        else:
            found.add(prefix + name)
    return found


def test_each_command_of_a_unit_has_exactly_one_action() -> None:
    actions: Counter[type[Message]] = Counter(each.model for each in ACTIONS.values())
    assert {kind: actions[kind] for kind in COMMANDS} == dict.fromkeys(COMMANDS, 1)


def test_each_field_of_a_command_is_in_its_form() -> None:
    for action in ACTIONS.values():
        if action.model in COMMANDS:
            wanted = fields_of(action.model) - GIVEN_OTHERWISE
            assert {spec.name for spec in action.specs} == wanted, action.name


def test_every_action_has_both_languages_and_a_shortcut_of_its_own() -> None:
    keys = Counter(each.key for each in ACTIONS.values() if each.about_case and each.reads == "routing")
    assert [key for key, count in keys.items() if count > 1 or key in {"j", "k", "g", "?"}] == []
    for action in ACTIONS.values():
        texts = [(action.zh, action.en), action.group, *((spec.zh, spec.en) for spec in action.specs)]
        assert all(zh and en for zh, en in texts), action.name


def test_codes_have_names() -> None:
    assert set(RESULTS) == {each.value for each in HandlingResult}
    assert set(PAUSES) == {each.value for each in PauseReason}


def test_an_action_is_offered_where_the_service_would_accept_it() -> None:
    sign, report = ACTIONS["sign"], ACTIONS["report"]
    can: list[dict[str, Any]] = [{"type": sign.model.TYPE}, {"type": report.model.TYPE, "why_not": {"code": "x"}}]
    assert [sign.is_offered({"can": can}), report.is_offered({"can": can})] == [True, False]
    assert [sign.is_offered({"can": []}), sign.is_offered({})] == [False, True]


def test_adoption_is_asked_for_in_suggestions_alone() -> None:
    report = ACTIONS["report"]
    names = [{spec.name for spec in report.specs_for({"appeal": appeal})} for appeal in ("suggestion", "complaint")]
    assert ["adopted" in each for each in names] == [True, False]
