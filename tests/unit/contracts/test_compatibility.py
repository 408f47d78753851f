"""Within a version, a field that nobody has to send may be added; every other change is found and named."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from contracts.asyncapi import document
from contracts.compatibility import breaking_changes, breaking_releases, breaking_topics
from contracts.json_schemas import schema_of, schemas
from contracts.topics import REGISTRY

OLD: dict[str, Any] = {
    "$defs": {
        "Colour": {"enum": ["red", "green"], "type": "string"},
        "Reason": {"properties": {"code": {"type": "string", "maxLength": 9}}, "required": ["code"], "type": "object"},
    },
    "title": "Painted",
    "properties": {
        "id": {"type": "string", "pattern": "^[a-z]+$", "maxLength": 60},
        "count": {"type": "integer", "minimum": 0},
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None, "description": "old words"},
        "colour": {"$ref": "#/$defs/Colour"},
        "reasons": {"type": "array", "items": {"$ref": "#/$defs/Reason"}},
    },
    "required": ["id", "count", "colour", "reasons"],
    "type": "object",
}


def changed(*path: str | int, to: Any = None) -> dict[str, Any]:
    """The old schema with the value at a path replaced, or removed when nothing is given instead."""
    new = deepcopy(OLD)
    place: Any = new
    for part in path[:-1]:
        place = place[part]
    if to is None:
        del place[path[-1]]
    else:
        place[path[-1]] = to
    return new


def test_an_unchanged_schema_breaks_nobody():
    assert breaking_changes(OLD, deepcopy(OLD)) == []


@pytest.mark.parametrize(
    "new",
    [
        changed("properties", "added", to={"type": "string", "default": ""}),
        changed("properties", "added", to={"$ref": "#/$defs/Colour", "default": "red"}),
        changed("$defs", "Reason", "properties", "field", to={"type": "string", "default": ""}),
        changed("$defs", "Unused", to={"type": "string"}),
        changed("title", to="PaintedAgain"),
        changed("properties", "note", "description", to="new words"),
        changed("required", to=["reasons", "colour", "count", "id"]),
    ],
    ids=["field", "field of a code list", "field of an inner model", "unused", "title", "description", "order"],
)
def test_a_field_with_a_default_and_other_words_break_nobody(new: dict[str, Any]):
    assert breaking_changes(OLD, new) == []


@pytest.mark.parametrize(
    ("new", "told"),
    [
        (changed("properties", "note"), "`note` was removed"),
        (changed("required", to=["id", "count", "colour", "reasons", "note"]), "`note` is now required"),
        (changed("required", to=["id", "count", "colour"]), "`reasons` is no longer required"),
        (changed("properties", "count", "type", to="number"), "`count` had type 'integer', has type 'number'"),
        (changed("properties", "count", "minimum", to=1), "`count` had minimum 0, has minimum 1"),
        (changed("properties", "count", "minimum"), "`count` had minimum 0, has no minimum"),
        (changed("properties", "count", "maximum", to=9), "`count` had no maximum, has maximum 9"),
        (changed("properties", "id", "maxLength", to=40), "`id` had maxLength 60, has maxLength 40"),
        (changed("properties", "id", "maxLength", to=80), "`id` had maxLength 60, has maxLength 80"),
        (changed("properties", "id", "pattern", to="^[a-z]$"), "`id` had pattern '^[a-z]+$', has pattern '^[a-z]$'"),
        (changed("properties", "id", "format", to="uuid"), "`id` had no format, has format 'uuid'"),
        (changed("properties", "note", "default", to="-"), "`note` meant None when absent, means '-'"),
        (changed("properties", "note", "anyOf", 0, "type", to="integer"), "`note` had type 'string'"),
        (changed("properties", "note", "anyOf", 1), "`note` has 1 alternative forms, had 2"),
        (changed("$defs", "Colour", "enum", to=["red"]), "`colour` no longer allows 'green'"),
        (changed("$defs", "Colour", "enum", to=["red", "green", "blue"]), "`colour` now allows 'blue'"),
        (changed("$defs", "Colour", "enum"), "`colour` is no longer a closed list of values"),
        (changed("properties", "id", "enum", to=["a"]), "`id` is now a closed list of values"),
        (changed("$defs", "Reason", "properties", "code", "maxLength", to=5), "`reasons[].code` had maxLength 9"),
        (changed("$defs", "Reason", "properties", "code"), "`reasons[].code` was removed"),
        (changed("properties", "reasons", "items"), "`reasons` holds other items"),
        (changed("type", to="array"), "the message had type 'object', has type 'array'"),
        (changed("additionalProperties", to=False), "the message had no additionalProperties"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_any_other_change_is_named(new: dict[str, Any], told: str):
    assert any(each.startswith(told) for each in breaking_changes(OLD, new)), breaking_changes(OLD, new)


def test_a_new_field_that_must_be_sent_is_named():
    new = changed("properties", "added", to={"type": "string"})
    new["required"].append("added")
    assert breaking_changes(OLD, new) == ["`added` is new and required: older records lack it"]


def test_a_field_made_optional_in_the_model_is_named():
    new = changed("properties", "id", to={"anyOf": [OLD["properties"]["id"], {"type": "null"}]})
    assert any(each.startswith("`id` has 2 alternative forms") for each in breaking_changes(OLD, new))


def test_a_code_list_named_otherwise_with_the_same_values_breaks_nobody():
    new = changed("$defs", "Shade", to=OLD["$defs"]["Colour"])
    new["properties"]["colour"] = {"$ref": "#/$defs/Shade"}
    assert breaking_changes(OLD, new) == []


def test_a_request_may_offer_a_new_value_but_not_withdraw_one():
    more = changed("$defs", "Colour", "enum", to=["red", "green", "blue"])
    assert breaking_changes(OLD, more, request=True) == []
    less = changed("$defs", "Colour", "enum", to=["red"])
    assert breaking_changes(OLD, less, request=True) == ["`colour` no longer allows 'green': older records may hold it"]


CODE = {"type": "string", "pattern": "^[a-z]+$", "maxLength": 5, "x-reference-table": "colours"}


def test_a_closed_list_may_become_a_code_of_reference_data_that_all_its_values_fit():
    assert breaking_changes(OLD, changed("$defs", "Colour", to=CODE)) == []


@pytest.mark.parametrize(
    "to",
    [
        {name: value for name, value in CODE.items() if name != "x-reference-table"},
        {**CODE, "maxLength": 4},
        {**CODE, "pattern": "^[a-f]+$"},
    ],
    ids=["of no table", "too short", "another form"],
)
def test_a_closed_list_may_not_become_anything_else(to: dict[str, Any]):
    found = breaking_changes(OLD, changed("$defs", "Colour", to=to))
    assert "`colour` is no longer a closed list of values" in found


def test_a_code_of_reference_data_may_not_be_closed_again():
    opened = changed("$defs", "Colour", to=CODE)
    assert "`colour` is now a closed list of values" in breaking_changes(opened, OLD)


def test_a_removed_type_is_named_and_a_new_one_breaks_nobody():
    found = breaking_releases({"a.v1": OLD, "b.v1": OLD}, {"b.v1": OLD, "b.v2": {}}, is_request=lambda _: False)
    assert found == ["a.v1: the type was removed"]


def test_a_change_is_told_with_its_type_and_judged_as_request_or_not():
    more = changed("$defs", "Colour", "enum", to=["red", "green", "blue"])
    old, new = {"ask.v1": OLD, "told.v1": OLD}, {"ask.v1": more, "told.v1": more}
    found = breaking_releases(old, new, is_request=lambda type: type == "ask.v1")
    assert found == ["told.v1: `colour` now allows 'blue': older readers refuse it"]


def test_the_contracts_as_they_are_break_nobody():
    """Every construction that pydantic writes for our models is understood."""
    now = schemas(REGISTRY)
    assert breaking_releases(now, deepcopy(now), is_request=lambda _: False) == []
    assert breaking_topics(document(), document()) == []


@pytest.mark.parametrize("type", REGISTRY.messages)
def test_a_field_that_disappears_from_a_real_type_is_named(type: str):
    old = schema_of(REGISTRY.messages[type])
    for name in old["properties"]:
        new = deepcopy(old)
        del new["properties"][name]
        new["required"] = [each for each in new["required"] if each != name]
        assert breaking_changes(old, new) == [f"`{name}` was removed"]


def test_a_topic_that_goes_or_is_renamed_is_named():
    new = document()
    del new["channels"]["contacts"]
    new["channels"]["cases.events"]["address"] = "cases.facts"
    assert breaking_topics(document(), new) == [
        "topic cases.events: was removed or renamed",
        "topic contacts: was removed or renamed",
    ]


def test_a_message_that_leaves_its_topic_and_other_partitions_are_named():
    new = document()
    del new["channels"]["cases.events"]["messages"]["SubmissionRefused"]
    new["channels"]["contacts"]["bindings"]["kafka"]["partitions"] = 24
    assert breaking_topics(document(), new) == [
        "topic cases.events: SubmissionRefused no longer travels on it",
        "topic contacts: had 12 partitions, has 24",
    ]


def test_before_the_first_release_there_is_no_topic_to_break():
    assert breaking_topics({}, document()) == []
