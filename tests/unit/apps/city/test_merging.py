"""Two people change one version: what only one has changed is taken, what both have changed waits for a decision."""

from __future__ import annotations

import tomllib

import pytest

from apps.city.merging import merge
from tests.support.deployment import DEMO

UNITS = (DEMO / "units.toml").read_text()
LIMITS = (DEMO / "limits.toml").read_text()
DISPATCH = (DEMO / "dispatch.toml").read_text()


def limits(**changed: str) -> dict[str, str]:
    text = LIMITS
    for appeal, limit in changed.items():
        line = next(line for line in text.splitlines() if line.startswith(f"{appeal} = "))
        text = text.replace(line, f'{appeal} = "{limit}"', 1)
    return {"limits": text}


def appeals(texts: dict[str, str]) -> dict[str, str]:
    found: dict[str, str] = tomllib.loads(texts["limits"])["close"]["appeals"]
    return found


def test_changes_of_different_values_come_together_and_comments_stay():
    base = limits()
    merged = merge(base, limits(complaint="9 working days"), limits(consult="1 working day"), {})
    assert merged.conflicts == []
    assert (appeals(merged.texts)["complaint"], appeals(merged.texts)["consult"]) == ("9 working days", "1 working day")
    assert merged.texts["limits"].count("#") == LIMITS.count("#")


def test_the_same_change_of_both_is_no_conflict():
    both = limits(complaint="9 working days")
    assert merge(limits(), both, both, {}).conflicts == []


@pytest.mark.parametrize(("side", "wanted"), [("mine", "9 working days"), ("theirs", "7 working days")])
def test_a_value_that_both_have_changed_is_decided(side: str, wanted: str):
    base, mine, theirs = limits(), limits(complaint="9 working days"), limits(complaint="7 working days")
    undecided = merge(base, mine, theirs, {})
    assert [each.id for each in undecided.undecided] == ["limits/close/appeals/complaint"]
    assert appeals(undecided.texts)["complaint"] == "7 working days"
    decided = merge(base, mine, theirs, {"limits/close/appeals/complaint": side})  # type: ignore[dict-item]
    assert (decided.undecided, appeals(decided.texts)["complaint"]) == ([], wanted)


def test_entries_added_and_removed_by_both_come_together():
    one = UNITS + '\n[[unit]]\nid = "one"\nzh = "甲"\nen = "A"\nlevel = "city"\nareas = ["city"]\n'
    two = UNITS.replace('id = "water-company"', 'id = "water-works"') + '\n[[unit]]\nid = "two"\nzh = "乙"\nen = "B"\n'
    merged = merge({"units": UNITS}, {"units": one}, {"units": two}, {})
    ids = [unit["id"] for unit in tomllib.loads(merged.texts["units"])["unit"]]
    assert merged.conflicts == []
    assert {"one", "two", "water-works"} <= set(ids)
    assert "water-company" not in ids


def test_an_entry_that_one_removes_and_another_changes_is_a_conflict():
    rules = tomllib.loads(DISPATCH)["rule"]
    start = DISPATCH.index('[[rule]]\nid = "market"')
    without = DISPATCH[:start] + DISPATCH[DISPATCH.index("[[rule]]", start + 1) :]
    changed = DISPATCH.replace('to = "market-regulation"', 'to = "ecology"')
    merged = merge({"dispatch": DISPATCH}, {"dispatch": without}, {"dispatch": changed}, {})
    assert [each.id for each in merged.conflicts] == ["dispatch/rule/[market]"]
    kept = merge({"dispatch": DISPATCH}, {"dispatch": without}, {"dispatch": changed}, {merged.conflicts[0].id: "mine"})
    assert len(tomllib.loads(kept.texts["dispatch"])["rule"]) == len(rules) - 1


def test_an_order_that_one_has_changed_is_taken():
    rules = DISPATCH.index('[[rule]]\nid = "market"')
    end = DISPATCH.index("[[rule]]", rules + 1)
    moved = DISPATCH[:rules] + DISPATCH[end:].rstrip() + "\n\n" + DISPATCH[rules:end]
    theirs = DISPATCH.replace('to = "market-regulation"', 'to = "ecology"')
    merged = merge({"dispatch": DISPATCH}, {"dispatch": moved}, {"dispatch": theirs}, {})
    found = tomllib.loads(merged.texts["dispatch"])["rule"]
    assert merged.conflicts == []
    assert [rule["id"] for rule in found] == [rule["id"] for rule in tomllib.loads(moved)["rule"]]
    assert next(rule["to"] for rule in found if rule["id"] == "market") == "ecology"


def test_a_table_that_one_removes_and_another_changes_is_a_conflict():
    both = {"limits": LIMITS, "units": UNITS}
    merged = merge(both, {"units": UNITS}, {**both, **limits(complaint="9 working days")}, {})
    assert [each.id for each in merged.undecided] == ["limits"]
    assert merge(both, {"units": UNITS}, both, {}).texts == {"units": UNITS}
