"""Every value of a TOML text is found on the line where it stands."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.toml_lines import Path, line_of, line_within, lines_of
from tests.support.deployment import ROOT

PLACES = sorted((ROOT / "policies").rglob("*.toml"))


def paths_of(value: Any, at: Path = ()) -> set[Path]:
    """Every path of a parsed text."""
    found = {at} if at else set()
    if isinstance(value, dict):
        return found.union(*(paths_of(each, (*at, key)) for key, each in value.items()))
    if isinstance(value, list):
        return found.union(*(paths_of(each, (*at, n)) for n, each in enumerate(value)))
    return found


def test_tables_keys_and_elements_are_on_their_lines():
    text = (
        "# first\n"
        'zh = "城" # a # comment\n'
        "[[unit]]\n"
        'id = "a"\n'
        "areas = [ # [[unit]]\n"
        '  "x",\n'
        "\n"
        '  "y"\n'
        "]\n"
        "[[unit]]\n"
        'id = """\n[[unit]]\n"""\n'
        "inline = { one = 1, two = [2, 3] }\n"
        "[close.working_days]\n"
        '"re quest".x = 1\n'
    )
    lines = lines_of(text)
    assert lines["zh",] == 2
    assert lines["unit",] == 3
    assert lines["unit", 0] == 3
    assert (lines["unit", 0, "areas"], lines["unit", 0, "areas", 0], lines["unit", 0, "areas", 1]) == (5, 6, 8)
    assert (lines["unit", 1], lines["unit", 1, "id"]) == (10, 11)
    assert lines["unit", 1, "inline", "two", 1] == 14
    assert lines["close", "working_days", "re quest", "x"] == 16


def test_what_is_missing_is_on_the_line_of_what_it_is_missing_from():
    lines = lines_of('a = 1\n[[unit]]\nid = "x"\n')
    assert line_of(lines, ("unit", 0, "zh")) == 2
    assert line_of(lines, ("nothing",)) == 1


@pytest.mark.parametrize(
    ("text", "nth", "line"),
    [
        ('a = 1\nx = """\none\ntwo\n"""\n', 2, 4),
        ('a = 1\r\nx = """  \r\none\r\ntwo\r\n"""\r\n', 2, 2 + 1),  # the blanks are its first line
        ('a = 1\r\nx = """\r\none\r\ntwo\r\n"""\r\n', 2, 4),
        ('a = 1\nx = """one\ntwo\n"""\n', 2, 3),
        ("a = 1\nx = '''\none\ntwo'''\n", 2, 4),
        ('a = 1\nx = """one"""\n', 1, 2),
        ('a = 1\nx = "one"\n', 1, 2),
        ('a = 1\nx = """\none\n"""\n', 0, 2),
    ],
)
def test_a_line_of_a_text_is_found_in_the_file(text, nth, line):
    assert line_within(text, lines_of(text), ("x",), nth) == line


def test_what_is_not_toml_is_refused_as_ever():
    with pytest.raises(tomllib.TOMLDecodeError):
        lines_of("a = \n")


@pytest.mark.parametrize("path", PLACES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_in_the_real_files_everything_is_found_and_nothing_else(path):
    text = path.read_text("utf-8")
    assert set(lines_of(text)) == paths_of(tomllib.loads(text))


words = st.text(st.sampled_from("ab c\"'\\#[]{}=,城\n"), max_size=8)
keys = st.text(st.sampled_from("abc_-. \"'#=[]城"), min_size=1, max_size=5)
scalars = st.one_of(words, st.integers(-9, 9), st.booleans(), st.just(1.5))
blanks = st.sampled_from(["", "\n", "# [[a]] 'x' \"\n", "\n\n  \n"])


class Writer:
    """Writes TOML as a person might, and notes the line of everything."""

    def __init__(self, draw: Any) -> None:
        self.draw = draw
        self.text = ""
        self.lines: dict[Path, int] = {}

    @property
    def line(self) -> int:
        return self.text.count("\n") + 1

    def note(self, path: Path) -> None:
        self.lines.setdefault(path, self.line)

    def key(self, key: str) -> str:
        return key if key.isascii() and key.replace("_", "").isalnum() else json.dumps(key, ensure_ascii=False)

    def pairs(self, prefix: Path) -> None:
        for key in self.draw(st.lists(keys, max_size=3, unique=True)):
            self.text += self.draw(blanks)
            self.note((*prefix, key))
            self.text += f"{self.key(key)} = "
            self.value((*prefix, key))
            self.text += self.draw(st.sampled_from(["\n", ' # ] } = "\n']))

    def value(self, path: Path) -> None:
        self.note(path)
        match self.draw(st.sampled_from(["scalar", "array", "literal", "long", "long-literal", "inline"])):
            case "scalar":
                value = self.draw(scalars)
                self.text += json.dumps(value, ensure_ascii=False)
            case "array":
                self.array(path)
            case "literal":
                self.text += "'" + self.draw(words).replace("'", "").replace("\n", "") + "'"
            case "long":
                body = self.draw(words).replace("\\", "").replace('"', "")
                self.text += '"""' + body + self.draw(st.sampled_from(["", '"', '""', "\\\\", '\\"'])) + '"""'
            case "long-literal":
                self.text += "'''" + self.draw(words).replace("'", "") + self.draw(st.sampled_from(["", "'"])) + "'''"
            case _:
                self.text += "{ "
                for n, key in enumerate(self.draw(st.lists(keys, max_size=2, unique=True))):
                    self.text += ", " if n else ""
                    self.note((*path, key))
                    self.text += f"{self.key(key)} = {json.dumps(self.draw(st.integers(0, 9)))}"
                self.text += " }"

    def array(self, path: Path) -> None:
        self.text += "["
        for n in range(self.draw(st.integers(0, 3))):
            self.text += self.draw(blanks)
            self.note((*path, n))
            self.text += json.dumps(self.draw(scalars), ensure_ascii=False) + ","
        self.text += self.draw(blanks) + "]"


@given(st.data())
def test_every_line_is_the_one_the_writer_wrote_it_on(data):
    writer = Writer(data.draw)
    writer.pairs(())
    top = set(tomllib.loads(writer.text))
    for table in data.draw(st.lists(keys.filter(lambda key: key not in top), max_size=2, unique=True)):
        for n in range(data.draw(st.integers(1, 3))):
            writer.text += data.draw(blanks)
            writer.note((table,))
            writer.note((table, n))
            writer.text += f"[[ {writer.key(table)} ]]\n"
            writer.pairs((table, n))
            writer.note((table, n, "sub-table!"))
            writer.text += f"[{writer.key(table)}.'sub-table!']\n"
            writer.pairs((table, n, "sub-table!"))
    assert lines_of(writer.text) == writer.lines
    assert set(writer.lines) == paths_of(tomllib.loads(writer.text))
