"""An edit in a form changes the values that were edited, and leaves comments, order and layout alone."""

from __future__ import annotations

import tomllib
from copy import deepcopy
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.city.blocks import join, split
from apps.city.editing import EditError, add_entry, move_entry, put, remove_entry, remove_key, replace, value_at
from contracts.toml_lines import Path
from tests.support.deployment import ROOT

PLACES = sorted((ROOT / "policies").glob("*/*.toml"))
POSTS = (ROOT / "policies/demo/posts.toml").read_text()
LIMITS = (ROOT / "policies/demo/limits.toml").read_text()
UNITS = (ROOT / "policies/demo/units.toml").read_text()


def changed_lines(before: str, after: str) -> tuple[set[str], set[str]]:
    """Lines that are gone, and lines that are new."""
    old, new = set(before.splitlines()), set(after.splitlines())
    return old - new, new - old


def test_the_blocks_of_a_text_are_the_text():
    for file in PLACES:
        text = file.read_text()
        assert join(split(text)) == text, file


def test_replacing_a_table_by_itself_changes_nothing():
    for file in sorted((ROOT / "policies/demo").glob("*.toml")):
        text = file.read_text()
        for path in _tables(tomllib.loads(text), ()):
            if len(path) < 3:
                assert replace(text, path, value_at(tomllib.loads(text), path)) == text, (file, path)


def test_a_changed_limit_changes_one_line():
    limits = tomllib.loads(LIMITS)["close"]
    limits["appeals"]["complaint"] = "9 working days"
    after = replace(LIMITS, ("close",), limits)
    assert changed_lines(LIMITS, after) == ({'complaint = "15 working days"'}, {'complaint = "9 working days"'})


def test_a_value_at_the_end_of_a_line_with_a_comment_keeps_the_comment():
    assert replace('a = 1 # why\nb = "x"\n', (), {"a": 2, "b": "x"}) == 'a = 2 # why\nb = "x"\n'


def test_a_new_key_stands_before_the_comment_of_the_next_entry():
    text = '[[unit]]\nid = "a"\n\n# about b\n[[unit]]\nid = "b"\n'
    after = replace(text, ("unit", 0), {"id": "a", "dispatches": True})
    assert after == '[[unit]]\nid = "a"\ndispatches = true\n\n# about b\n[[unit]]\nid = "b"\n'


def test_a_list_keeps_the_lines_and_comments_of_values_that_stay():
    text = 'areas = [\n    "north", # the old town\n    "south",\n]\n'
    assert replace(text, (), {"areas": ["north", "west"]}) == 'areas = [\n    "north", # the old town\n    "west",\n]\n'
    assert tomllib.loads(replace(text, (), {"areas": ["south", "north"]}))["areas"] == ["south", "north"]


def test_the_part_that_was_absent_gets_a_header_of_its_own():
    after = replace('zh = "市"\n', (), {"zh": "市", "open311": {"contact": "x"}})
    assert tomllib.loads(after) == {"zh": "市", "open311": {"contact": "x"}}
    assert tomllib.loads(replace(LIMITS, ("alarms",), {}))["alarms"] == {}


def test_a_long_part_that_was_absent_gets_headers():
    words = {"zh": {"subject": "登记", "text": "第一行\n第二行\n"}, "en": {"subject": "Registered", "text": "x" * 200}}
    after = put("# words\n", ("acknowledgement",), words)
    assert tomllib.loads(after) == {"acknowledgement": words}
    assert "[acknowledgement.zh]\n" in after
    assert '"""第一行\n第二行\n"""' in after
    assert put(after, ("answer", "zh"), {"subject": "a"}).count("answer") == 1
    assert remove_key(after, ("acknowledgement",)) == "# words\n\n"


def test_an_entry_in_one_line_is_edited_where_it_stands():
    posts = tomllib.loads(POSTS)["post"]
    number = next(n for n, post in enumerate(posts) if "away" in post)
    assert posts[number]["away"] == [{"since": date(2026, 10, 26), "until": date(2026, 10, 30)}]
    path: Path = ("post", number, "away", 0)
    after = replace(POSTS, path, {"since": date(2026, 10, 26), "until": date(2026, 11, 2)})
    gone, new = changed_lines(POSTS, after)
    assert gone == {"away = [{ since = 2026-10-26, until = 2026-10-30 }]"}
    assert [line.replace(" }", "}") for line in new] == ["away = [{ since = 2026-10-26, until = 2026-11-02}]"]
    assert "away" not in tomllib.loads(remove_entry(POSTS, path))["post"][number]


def test_an_entry_is_added_behind_the_last_one_and_removed_with_its_comment():
    text = (
        '# all units\n\n[[unit]]\nid = "a"\n\n# about b\n[[unit]]\nid = "b"\n\n[[unit.sub]]\nx = 1\n\n'
        '# about c\n[[unit]]\nid = "c"\n'
    )
    assert add_entry(text, ("unit",), {"id": "d", "on": date(2027, 1, 1)}).endswith(
        '\n[[unit]]\nid = "d"\non = 2027-01-01\n'
    )
    assert remove_entry(text, ("unit", 1)) == '# all units\n\n[[unit]]\nid = "a"\n\n# about c\n[[unit]]\nid = "c"\n'
    assert add_entry(text, ("unit", 0, "sub"), {"x": 2}).index("x = 2") < text.index("# about b") + 20


def test_an_entry_moves_with_its_comment_and_its_parts():
    text = '[[rule]]\nid = "a"\n\n# about b\n[[rule]]\nid = "b"\n[rule.more]\nx = 1\n\n[[rule]]\nid = "c"\n'
    up = move_entry(text, ("rule", 1), 0)
    assert [each["id"] for each in tomllib.loads(up)["rule"]] == ["b", "a", "c"]
    assert up.startswith('# about b\n[[rule]]\nid = "b"\n[rule.more]\nx = 1\n')
    down = move_entry(text, ("rule", 0), 2)
    assert [each["id"] for each in tomllib.loads(down)["rule"]] == ["b", "c", "a"]


def test_words_of_people_are_written_as_text_whatever_they_hold():
    name = '"]]\n[[unit]]\nid = \\"x\\"\n<script>alert(1)</script> # \'\'\' """ \\'
    after = replace(UNITS, ("unit", 0), {**tomllib.loads(UNITS)["unit"][0], "zh": name})
    assert tomllib.loads(after)["unit"][0]["zh"] == name
    assert len(tomllib.loads(after)["unit"]) == len(tomllib.loads(UNITS)["unit"])


def test_characters_that_end_lines_elsewhere_end_none_here():
    text = add_entry("", ("unit",), {"zh": "a\u2028b\x85c", "en": "x"})
    assert (
        tomllib.loads(replace(text, ("unit", 0), {"zh": "a\u2028b\x85c", "en": "y", "more": 1}))["unit"][0]["en"] == "y"
    )


def test_what_is_not_there_cannot_be_edited():
    with pytest.raises(LookupError):
        replace(UNITS, ("unit", 999), {})
    with pytest.raises((LookupError, EditError)):
        remove_entry(UNITS, ("unit", 999))


VALUES = st.one_of(st.booleans(), st.integers(-99, 99), st.dates(), st.text(max_size=8), st.lists(st.text(max_size=4)))
NODES = st.dictionaries(st.sampled_from("abcd"), VALUES, max_size=4)


@settings(max_examples=40, deadline=None)
@given(st.lists(NODES, min_size=1, max_size=4), NODES, st.data())
def test_any_sequence_of_edits_holds_what_was_asked_for(entries: list[Any], new: Any, data: Any):
    text, wanted = "# head\n", {"x": []}
    for each in entries:
        text = add_entry(text, ("x",), each)
        wanted["x"].append(each)
    at = data.draw(st.integers(0, len(entries) - 1))
    text, wanted = replace(text, ("x", at), new), deepcopy(wanted)
    wanted["x"][at] = new
    to = data.draw(st.integers(0, len(entries) - 1))
    text = move_entry(text, ("x", at), to)
    wanted["x"].insert(to, wanted["x"].pop(at))
    assert tomllib.loads(text) == wanted
    assert text.startswith("# head\n")


def _tables(value: Any, at: Path) -> list[Path]:
    found = [at] if isinstance(value, dict) else []
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return found + [each for key, child in children for each in _tables(child, (*at, key))]
