"""Forms made from the models: every field has a control and a name, and a form sent back unchanged changes nothing."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from apps.city.choices import REFERENCES, choices_of
from apps.city.editing import value_at
from apps.city.fields import FormField, Kind, fields_of, leaves, model_at
from apps.city.forms import raw_of, read
from apps.city.names import Names
from contracts import toml_lines
from contracts.reference_tables import MODELS, Category, CloseLimit, LimitsTable, PlaceTable, Rule, Unit
from tests.support.deployment import ROOT

NAMES = Names()
FILES = sorted((ROOT / "policies").glob("*/*.toml"))
TABLES = {path.stem: tomllib.loads(path.read_text()) for path in (ROOT / "policies/demo").glob("*.toml")}


def models() -> list[type[BaseModel]]:
    found: dict[str, type[BaseModel]] = {}

    def look(model: type[BaseModel]) -> None:
        if model.__name__ + model.__module__ not in found:
            found[model.__name__ + model.__module__] = model
            for each in leaves(fields_of(model, NAMES)):
                if each.model is not None:
                    look(each.model)

    for model in MODELS.values():
        look(model)
    return list(found.values())


def by_key(model: type[BaseModel]) -> dict[str, FormField]:
    return {each.key: each for each in fields_of(model, NAMES)}


def test_every_table_and_every_field_has_a_name_in_both_languages():
    assert [name for name in MODELS if NAMES.table(name).zh == f"{name}.toml"] == []
    assert [
        f"{model.__name__}.{each.key}"
        for model in models()
        for each in fields_of(model, NAMES)
        if not NAMES.has_field(model, each.key)
    ] == []


def test_every_fixed_value_has_a_chinese_name():
    fields = [each for model in models() for each in fields_of(model, NAMES)]
    values = {value for each in fields for value in (*each.values, *each.key_values)}
    assert sorted(value for value in values if NAMES.value(value).zh == value) == []


def test_every_reference_is_to_a_field_that_there_is():
    known = {(model.__name__, each.key) for model in models() for each in fields_of(model, NAMES)}
    assert sorted(set(REFERENCES) - known - {("Post", "channels")}) == []


def test_the_kind_of_a_field_follows_from_its_type():
    unit, close = by_key(Unit), by_key(CloseLimit)
    assert {key: each.kind for key, each in unit.items()} == {
        "id": Kind.TEXT,
        "zh": Kind.TEXT,
        "en": Kind.TEXT,
        "level": Kind.CHOICE,
        "class": Kind.CHOICE,
        "parent": Kind.CHOICE,
        "areas": Kind.CHOICES,
        "dispatches": Kind.YES_NO,
        "since": Kind.DATE,
    }
    assert (unit["parent"].optional, unit["parent"].source, unit["class"].free) == (True, "units", True)
    assert (close["appeals"].kind, close["appeals"].item, close["appeals"].key_source) == (
        Kind.MAP,
        Kind.LIMIT,
        "appeals",
    )
    assert [each.key for each in close["rungs"].fields] == ["reminder_ratio", "yellow_ratio"]
    assert by_key(Category)["question"].kind is Kind.ENTRIES
    assert by_key(PlaceTable)["open311"].optional
    assert by_key(LimitsTable)["close"].help.en == ""
    assert "As every" not in by_key(Rule)["to"].help.en


@pytest.mark.parametrize("place", sorted({path.parent.name for path in FILES}))
def test_a_form_sent_back_unchanged_changes_nothing(place: str):
    for file in sorted((ROOT / "policies" / place).glob("*.toml")):
        table = tomllib.loads(file.read_text())
        for path in nodes(table, ()):
            try:
                model = model_at(MODELS[file.stem], path)
            except LookupError:
                continue  # a map
            fields, node = fields_of(model, NAMES), value_at(table, path)
            submitted = read(fields, raw_of(fields, node), node)
            assert submitted.faults == (), (file, path)
            assert submitted.value == node, (file, path)


def test_values_are_read_as_their_types():
    fields = fields_of(Unit, NAMES)
    raw = {
        "id": ["x"],
        "zh": [" 甲 "],
        "en": ["A"],
        "level": ["city"],
        "areas": ["south", "north"],
        "dispatches": ["on"],
        "since": ["2027-01-04"],
        "parent": [""],
    }
    assert read(fields, raw, {}).value == {
        "id": "x",
        "zh": "甲",
        "en": "A",
        "level": "city",
        "areas": ["south", "north"],
        "dispatches": True,
        "since": date(2027, 1, 4),
    }


def test_what_cannot_be_read_is_named_beside_its_field():
    unit = read(fields_of(Unit, NAMES), {"since": ["soon"]}, {})
    assert [(each.path, each.en) for each in unit.faults] == [(("since",), "'soon' is no date: such as 2027-01-04")]
    fields = fields_of(CloseLimit, NAMES)
    cases: list[tuple[list[str], list[str]]] = [
        (["complaint"], ["many"]),
        (["complaint"], [""]),
        ([""], ["5"]),
        (["complaint", "complaint"], ["5", "6"]),
        (["complaint"], ["99999"]),
    ]
    for keys, amounts in cases:
        raw = {"appeals#key": keys, "appeals#amount": amounts, "appeals#unit": ["hours"] * len(amounts)}
        assert [each.path for each in read(fields, raw, {}).faults if each.path[0] == "appeals"] == [("appeals",)], keys


def test_a_default_is_not_written_into_a_file_that_did_not_have_it():
    fields = fields_of(PlaceTable, NAMES)
    node: dict[str, Any] = {"zh": "市", "en": "City", "timezone": "Asia/Shanghai"}
    assert read(fields, raw_of(fields, node), node).value == node
    assert read(fields, {**raw_of(fields, node), "country": ["HK"]}, node).value == {**node, "country": "HK"}
    shown = {**raw_of(fields, node), "open311#present": ["on"], "open311.contact": ["x"]}
    assert read(fields, shown, node).value["open311"] == {"contact": "x"}


def test_the_choices_of_a_field_come_from_the_draft():
    assert "city-office" in {each.code for each in choices_of(TABLES, "units")}
    assert {each.code for each in choices_of({}, "appeals")} >= {"complaint", "praise"}
    assert choices_of(TABLES, "posts")[0].zh == "示例市人民政府办公室 director"
    assert choices_of({"units": {"unit": [{"id": 7}, "x"]}}, "units") == []


def nodes(value: Any, at: toml_lines.Path) -> list[toml_lines.Path]:
    found = [at] if isinstance(value, dict) else []
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return found + [each for key, child in children for each in nodes(child, (*at, key))]


def test_places_are_found():
    assert Path(FILES[0]).name.endswith(".toml")
    assert len(FILES) > 80
