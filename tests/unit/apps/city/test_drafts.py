"""Drafts survive a restart, checks name the fields, the calendar holds what was chosen, names come out as words."""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from apps.city.changes import compared
from apps.city.checking import path_of_field, within
from apps.city.city import parsed
from apps.city.drafts import Draft, Drafts, Proposal
from apps.city.names import Names
from apps.city.nodes import Gone, find, node_of, parse_at
from apps.city.publishing import WrongTime, instant_of
from apps.city.words import Language, Words
from apps.city.year import Known, days_of, in_months, with_days
from contracts.administration import administrators_of, may_administer
from contracts.place_checking import faults_of_texts
from contracts.toml_faults import Fault
from tests.support.deployment import DEMO

TEXTS = {path.stem: path.read_text() for path in DEMO.glob("*.toml")}
TABLES = {name: tomllib.loads(text) for name, text in TEXTS.items()}
AT = datetime(2026, 11, 30, 2, tzinfo=UTC)


def draft(**changed: str) -> Draft:
    return Draft("city-office.director", "p-1", "demo-1", TEXTS, {**TEXTS, **changed}, AT.isoformat())


def faults(**changed: str) -> tuple[Fault, ...]:
    return faults_of_texts({name: text.encode() for name, text in {**TEXTS, **changed}.items()})


def test_a_draft_is_there_after_a_restart(tmp_path: Path):
    first = draft(limits=TEXTS["limits"].replace("15 working days", "9 working days"))
    Drafts(tmp_path).save(first)
    Drafts(tmp_path).save(draft_of_another := Draft("a.b", "p-2", "demo-1", {}, {"x": "y = 1"}, AT.isoformat()))
    again = Drafts(tmp_path)
    assert again.of("city-office.director") == first
    assert first.changed_tables == ["limits"]
    assert [each.post for each in again.all()] == [draft_of_another.post, first.post]
    again.delete("a.b")
    assert again.of("a.b") is None


def test_a_proposal_ends_with_the_next_edit(tmp_path: Path):
    proposed = Draft("a.b", "p", "v", {}, {"x": ""}, AT.isoformat(), Proposal(AT.isoformat(), None, "demo-2"))
    Drafts(tmp_path).save(proposed)
    found = Drafts(tmp_path).of("a.b")
    assert found == proposed
    assert found.with_texts({"x": "y = 1"}, AT).proposal is None


@pytest.mark.parametrize("post", ["../x", "", "A", "a/b", "a..b"])
def test_a_post_is_no_path(tmp_path: Path, post: str):
    with pytest.raises(ValueError, match="no post"):
        Drafts(tmp_path).of(post)


def test_faults_are_found_by_the_path_of_their_field():
    found = faults(limits=TEXTS["limits"].replace('dispatch_urgent = "2 hours"', 'dispatch_urgent = "48 hours"'))
    assert [path_of_field(each.field) for each in within(found, ("stages",))] == [("stages", "dispatch_urgent")]
    assert within(found, ("close",)) == []
    missing = faults(dispatch=TEXTS["dispatch"].replace('to = "ecology"', 'to = "ecologie"'))
    assert [each.file for each in missing] == ["dispatch.toml"]
    number = next(n for n, rule in enumerate(TABLES["dispatch"]["rule"]) if rule["to"] == "ecology")
    assert path_of_field(missing[0].field) == ("rule", number, "to")


def test_a_form_finds_its_entry_after_others_were_removed_and_not_after_it_was_changed():
    node = node_of("units", TABLES, ("unit", 5))
    shorter = {"units": {"unit": TABLES["units"]["unit"][3:]}}
    assert find("units", shorter, ("unit", 5), node.stamp).path == ("unit", 2)
    changed = {"units": {"unit": [{**each, "zh": "改"} for each in TABLES["units"]["unit"]]}}
    with pytest.raises(Gone):
        find("units", changed, ("unit", 5), node.stamp)
    for at in ("unit.3", "a.b.0.c"):
        assert parse_at(at)
    for wrong in ("unit..3", "unit[3]", "a" * 500, "unit.3/../x"):
        with pytest.raises(LookupError):
            parse_at(wrong)
    with pytest.raises(LookupError):
        node_of("units", TABLES, ("unit", 999))
    with pytest.raises(LookupError):
        node_of("units", TABLES, ("nothing",))


@pytest.mark.parametrize(
    ("language", "where", "after"),
    [
        ("zh", ("办结时限", "按诉求类型", "投诉"), "9个工作日"),
        ("en", ("Limit of the whole case", "By type of appeal", "complaint"), "9 working days"),
    ],
)
def test_a_change_is_shown_in_words(language: Language, where: tuple[str, ...], after: str):
    changed = {**TEXTS, "limits": TEXTS["limits"].replace('complaint = "15', 'complaint = "9')}
    [table] = compared(TEXTS, changed, Words(Names(), parsed(changed), language))
    [change] = table.changes
    assert (change.where, change.after) == (where, after)


def test_an_entry_is_shown_by_its_name_also_when_it_is_gone():
    start = TEXTS["categories"].index("[[category]]")
    end = TEXTS["categories"].index("[[category]]", start + 1)
    name = TABLES["categories"]["category"][0]["zh"]
    changed = {**TEXTS, "categories": TEXTS["categories"][:start] + TEXTS["categories"][end:]}
    [table] = compared(TEXTS, changed, Words(Names(), parsed(changed), "zh"))
    assert [(each.kind, each.where[-1]) for each in table.changes] == [("removed", name)]
    assert (
        compared(TEXTS, {**TEXTS, "limits": TEXTS["limits"] + "# x\n"}, Words(Names(), TABLES, "zh"))[0].changes == ()
    )


def test_a_day_is_moved_by_naming_it_in_a_notice():
    known = Known(frozenset({date(2027, 1, 1)}), frozenset({date(2027, 1, 9)}))
    table = with_days({}, None, {"year": 2027, "source": "号"}, {date(2027, 1, 1): True, date(2027, 1, 4): False})
    assert table == {
        "year": [{"year": 2027, "source": "号", "days_off": [date(2027, 1, 4)], "days_worked": [date(2027, 1, 1)]}]
    }
    days = {each.on: each for each in days_of(2027, known, table, {})}
    assert [days[date(2027, 1, n)].worked for n in (1, 4, 5, 9, 10)] == [True, False, True, True, False]
    assert (days[date(2027, 1, 4)].source, days[date(2027, 1, 4)].ordinary) == ("号", False)
    back = with_days(table, 0, {}, {date(2027, 1, 4): True})
    assert back["year"][0]["days_worked"] == [date(2027, 1, 1), date(2027, 1, 4)]
    assert "days_off" not in back["year"][0]
    months = in_months(list(days.values()))
    assert [len(weeks[0]) for weeks in months] == [7] * 12
    assert sum(cell is not None for weeks in months for week in weeks for cell in week) == 365


def test_the_time_of_validity_is_that_of_the_city():
    zone = ZoneInfo("Asia/Shanghai")
    assert instant_of("2027-01-01T00:00", zone) == datetime(2026, 12, 31, 16, tzinfo=UTC)
    assert instant_of("  ", zone) is None
    for wrong in ("soon", "2027-13-01T00:00", "0001-01-01T00:00"):
        with pytest.raises(WrongTime):
            instant_of(wrong, zone)


def test_posts_of_the_root_and_posts_with_the_right_administer():
    root = {post["id"] for post in TABLES["posts"]["post"] if post["unit"] == "city-office"}
    assert administrators_of(TABLES) == {*root, "city-12345.director"}
    assert may_administer(TABLES, "city-12345", "city-12345.director")
    assert not may_administer(TABLES, "city-12345", "city-12345.desk-1")
    assert may_administer(TABLES, "city-office", "city-office.director")
    assert not may_administer(TABLES, "police-beicheng", "police-beicheng.desk-1")
    assert not may_administer(TABLES, "city-office", "police-beicheng.desk-1")
    without = {name: table for name, table in TABLES.items() if name != "posts"}
    assert may_administer(without, "city-office", "city-office.anybody")
    assert not may_administer(without, "police-beicheng", "police-beicheng.anybody")


def test_a_second_post_needs_two_that_may_publish():
    place = TEXTS["place"].replace("\n[", "\npublished_by_second_post = true\n\n[", 1)
    if "published_by_second_post" not in place:
        place += "published_by_second_post = true\n"
    assert faults(place=place) == ()
    root = next(unit["id"] for unit in TABLES["units"]["unit"] if "parent" not in unit)
    blocks = TEXTS["posts"].split("[[post]]")
    others = "[[post]]".join(block for block in blocks if f'unit = "{root}"' not in block)
    others = others.replace("administers = true\n", "")
    assert "published_by_second_post" in {each.field for each in faults(place=place, posts=others)}
