"""Every folder of `policies/` is complete and consistent in itself."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import TypeAdapter

from contracts.codes import AppealType
from contracts.limits import TimeLimit
from contracts.message import Code, UnitId
from contracts.topics import REGISTRY, all_topics

POLICIES = Path(__file__).parents[3] / "policies"
OPTIONAL = {
    "accountability",
    "channels",
    "documents",
    "notices",
    "posts",
    "procedures",
    "receivers",
    "replies",
    "scores",
    "systems",
    "templates",
}
FILES = {"areas", "categories", "dispatch", "intake", "limits", "place", "units"}
DATATYPES = {"string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"}
LEVELS = {"city", "district", "town", "village"}

Tables = dict[str, Any]


@pytest.fixture(params=sorted(folder.name for folder in POLICIES.iterdir() if folder.is_dir()))
def place(request: pytest.FixtureRequest) -> Tables:
    folder = POLICIES / request.param
    return {path.stem: tomllib.loads(path.read_text("utf-8")) for path in folder.glob("*.toml")}


def by_id(entries: list[dict[str, Any]], field: str) -> dict[str, dict[str, Any]]:
    """The entries by their code; two of the same are a fault."""
    twice = [code for code, count in Counter(entry[field] for entry in entries).items() if count > 1]
    assert not twice
    return {entry[field]: entry for entry in entries}


def superiors(units: dict[str, dict[str, Any]], unit: str) -> list[str]:
    """From the unit to the root; a cycle ends in an assertion."""
    line = [unit]
    while (above := units[line[-1]].get("parent")) is not None:
        assert above not in line
        line.append(above)
    return line


def test_every_file_is_there_and_begins_with_a_comment(place: Tables) -> None:
    assert FILES <= set(place) <= FILES | OPTIONAL
    for path in POLICIES.rglob("*.toml"):
        assert path.read_text("utf-8").startswith("# "), path


def test_the_place_has_names_and_a_time_zone(place: Tables) -> None:
    assert place["place"]["zh"]
    assert place["place"]["en"]
    ZoneInfo(place["place"]["timezone"])


def test_codes_fit_the_contracts_and_appear_once(place: Tables) -> None:
    code, unit_id = TypeAdapter(Code), TypeAdapter(UnitId)
    for entries, field, kind in (
        (place["areas"]["area"], "code", code),
        (place["categories"]["category"], "code", code),
        (place["units"]["unit"], "id", unit_id),
        (place["dispatch"]["rule"], "id", code),
        (place["areas"]["jurisdiction"], "unit", unit_id),
        (place["areas"]["jurisdiction"], "prefix", TypeAdapter(str)),
    ):
        for each in by_id(entries, field):
            kind.validate_python(each)


def test_everything_has_a_chinese_and_an_english_name(place: Tables) -> None:
    for entry in (*place["areas"]["area"], *place["categories"]["category"], *place["units"]["unit"]):
        assert entry["zh"].strip(), entry
        assert entry["en"].strip(), entry


def test_questions_are_of_a_known_kind_and_named_in_both_languages(place: Tables) -> None:
    code = TypeAdapter(Code)
    for category in place["categories"]["category"]:
        for question in by_id(category.get("question", []), "code").values():
            code.validate_python(question["code"])
            assert question["zh"].strip(), question
            assert question["en"].strip(), question
            assert question["datatype"] in DATATYPES
            values = by_id(question.get("values", []), "key")
            assert bool(values) is question["datatype"].endswith("list")
            for value in values.values():
                code.validate_python(value["key"])
                assert value["zh"].strip(), value
                assert value["en"].strip(), value


def test_city_apps_are_told_of_an_area_that_exists(place: Tables) -> None:
    open311 = place["place"]["open311"]
    assert open311["area"] in by_id(place["areas"]["area"], "code")
    assert open311["appeal"] in set(AppealType)
    assert open311["jurisdiction_id"]
    assert open311["contact"]
    assert open311["key_service"]


def test_units_form_one_tree(place: Tables) -> None:
    units = by_id(place["units"]["unit"], "id")
    assert len({superiors(units, unit)[-1] for unit in units}) == 1
    assert all(unit["level"] in LEVELS for unit in units.values())


def test_a_unit_answers_for_no_area_its_superior_does_not(place: Tables) -> None:
    units = by_id(place["units"]["unit"], "id")
    areas = by_id(place["areas"]["area"], "code")
    for unit in units.values():
        assert set(unit["areas"]) <= set(areas)
        assert len(set(unit["areas"])) == len(unit["areas"])
        if parent := unit.get("parent"):
            assert set(unit["areas"]) <= set(units[parent]["areas"]), unit["id"]


def test_a_unit_that_covers_an_area_covers_its_parts(place: Tables) -> None:
    for area in place["areas"]["area"]:
        if parent := area.get("parent"):
            assert parent in by_id(place["areas"]["area"], "code")
            for unit in place["units"]["unit"]:
                assert area["code"] in unit["areas"] or parent not in unit["areas"], (unit["id"], area["code"])


def test_every_area_belongs_to_a_centre_that_dispatches_and_covers_it(place: Tables) -> None:
    units = by_id(place["units"]["unit"], "id")
    centres = by_id(place["areas"]["jurisdiction"], "unit")
    for area in place["areas"]["area"]:
        centre = units[area["jurisdiction"]]
        assert centre["dispatches"]
        assert area["jurisdiction"] in centres
        assert area["code"] in centre["areas"]


def test_case_number_prefixes_are_two_to_four_capital_letters(place: Tables) -> None:
    for centre in place["areas"]["jurisdiction"]:
        prefix = centre["prefix"]
        assert 2 <= len(prefix) <= 4
        assert prefix.isascii()
        assert prefix.isalpha()
        assert prefix.isupper()
    by_id(place["areas"]["jurisdiction"], "prefix")


def test_rules_name_what_exists(place: Tables) -> None:
    units = by_id(place["units"]["unit"], "id")
    areas = by_id(place["areas"]["area"], "code")
    categories = by_id(place["categories"]["category"], "code")
    for rule in place["dispatch"]["rule"]:
        assert rule["to"] in units
        assert set(rule.get("categories", ())) <= set(categories), rule["id"]
        assert set(rule.get("areas", ())) <= set(areas), rule["id"]
        assert set(rule.get("appeals", ())) <= set(AppealType), rule["id"]
        assert rule.get("categories") or rule.get("areas") or rule.get("appeals"), (
            "a rule for everything hides the queue"
        )


def test_some_categories_wait_for_the_dispatcher(place: Tables) -> None:
    ruled = {category for rule in place["dispatch"]["rule"] for category in rule.get("categories", ())}
    categories = {category["code"] for category in place["categories"]["category"]}
    assert 0 < len(categories - ruled) <= len(categories) / 4


def test_no_two_branches_of_a_rules_unit_cover_the_same_area(place: Tables) -> None:
    units = by_id(place["units"]["unit"], "id")
    targets = {rule["to"] for rule in place["dispatch"]["rule"]}
    for parent in units:
        if targets & set(superiors(units, parent)):
            children = [unit for unit in units.values() if unit.get("parent") == parent]
            covered = Counter(area for unit in children for area in unit["areas"])
            assert all(count == 1 for count in covered.values()), parent


def test_a_complaint_about_any_unit_below_the_root_has_a_superior_to_go_to(place: Tables) -> None:
    units = by_id(place["units"]["unit"], "id")
    targets = {rule["to"] for rule in place["dispatch"]["rule"]}
    for target in targets:
        assert units[target].get("parent"), f"{target} would have nobody to take a complaint about it"


def test_limits_cover_every_appeal_and_their_rungs_rise(place: Tables) -> None:
    close = place["limits"]["close"]
    assert set(close["appeals"]) == set(AppealType)
    assert all(TimeLimit.parse(text).amount > 0 for text in close["appeals"].values())
    assert 0 < close["rungs"]["reminder_ratio"] < close["rungs"]["yellow_ratio"] < 1
    assert place["limits"]["return"]["window_hours"] > 0
    assert place["limits"]["return"]["returns_before_ruling"] > 0


def test_every_unit_has_its_two_topics(place: Tables) -> None:
    units = [unit["id"] for unit in place["units"]["unit"]]
    names = all_topics(units, bodies=units[:1])
    assert all(f"assignments.{unit}" in names and f"handling.{unit}" in names for unit in units)
    assert {topic.name for topic in names.values()} == {topic.name for topic in REGISTRY.topics}
