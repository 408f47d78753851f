"""On which line of a TOML text each value stands: the standard library's reader forgets it, and an error must say it.

Source: TOML 1.0.0.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any

Path = tuple[str | int, ...]
"""Where a value stands: ``("unit", 3, "areas", 0)`` is the first area of the fourth `[[unit]]`."""

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_PART = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*'""")
_TEXT = re.compile(
    r'"""(?:[^\\]|\\[\s\S])*?"""(?:"{0,2}(?!"))'
    r"|'''[\s\S]*?'''(?:'{0,2}(?!'))"
    r'|"(?:[^"\\]|\\.)*"'
    r"|'[^']*'"
)
_SEVERAL = re.compile(r"=[ \t]*(?:\"{3}|'{3})($)?")
_WORD = re.compile(r"[^,\]}#\n]+")


def lines_of(text: str) -> dict[Path, int]:
    """The line, counted from 1, of every table, key and array element. Raises `tomllib.TOMLDecodeError`."""
    tomllib.loads(text)  # from here on the text is known to be TOML
    scanner = _Scanner(text.replace("\r\n", "\n"))
    scanner.document()
    return scanner.found


def headers_of(text: str) -> list[tuple[int, Path]]:
    """The line, counted from 1, and the path of every table header, in order. Raises `tomllib.TOMLDecodeError`."""
    tomllib.loads(text)
    scanner = _Scanner(text.replace("\r\n", "\n"))
    scanner.document()
    return scanner.headers


def line_of(lines: Mapping[Path, int], path: Path) -> int:
    """The line of what stands there, or of the nearest thing around it when it is missing; 1 for the file itself."""
    for length in range(len(path), 0, -1):
        if (line := lines.get(path[:length])) is not None:
            return line
    return 1


def line_within(text: str, lines: Mapping[Path, int], path: Path, nth: int) -> int:
    """The line of the file on which the nth line of the text at `path` stands; where that begins when it has no lines.

    Too early by the lines that end with a backslash before it.
    """
    start = line_of(lines, path)
    opening = _SEVERAL.search(text.replace("\r\n", "\n").split("\n")[start - 1])
    if nth < 1 or opening is None:
        return start
    return start + (nth if opening[1] is not None else nth - 1)


class _Scanner:
    def __init__(self, text: str) -> None:
        self.found: dict[Path, int] = {}
        self.headers: list[tuple[int, Path]] = []
        self._text = text
        self._at = 0
        self._line = 1
        self._counts: dict[Path, int] = {}

    def document(self) -> None:
        """Everything is found."""
        prefix: Path = ()
        while self._pass(_BLANK) is not None and self._at < len(self._text):
            if self._text[self._at] == "[":
                prefix = self._header()
            else:
                self._pair(prefix)

    def _header(self) -> Path:
        line, many = self._line, self._text.startswith("[[", self._at)
        self._at += 2 if many else 1
        keys = self._keys()
        self._at += 2 if many else 1
        path: Path = ()
        for position, key in enumerate(keys):
            path = (*path, key)
            self.found.setdefault(path, line)
            if many and position == len(keys) - 1:
                self._counts[path] = self._counts.get(path, 0) + 1
            if path in self._counts:
                path = (*path, self._counts[path] - 1)
                self.found.setdefault(path, line)
        self.headers.append((line, path))
        return path

    def _pair(self, prefix: Path) -> None:
        line, path = self._line, prefix
        for key in self._keys():
            path = (*path, key)
            self.found.setdefault(path, line)
        self._at += 1  # the equals sign
        self._pass(_SPACE)
        self._value(path)

    def _keys(self) -> list[str]:
        keys: list[str] = []
        while True:
            self._pass(_SPACE)
            part = self._pass(_PART) or ""
            keys.append(_plain(part))
            self._pass(_SPACE)
            if not self._text.startswith(".", self._at):
                return keys
            self._at += 1

    def _value(self, path: Path) -> None:
        self.found.setdefault(path, self._line)
        match self._text[self._at]:
            case "[":
                self._elements(path)
            case "{":
                self._members(path)
            case '"' | "'":
                self._pass(_TEXT)
            case _:
                self._pass(_WORD)

    def _elements(self, path: Path) -> None:
        self._at += 1
        index = 0
        while self._next() != "]":
            self._value((*path, index))
            index += 1
        self._at += 1

    def _members(self, path: Path) -> None:
        self._at += 1
        while self._next() != "}":
            self._pair(path)
        self._at += 1

    def _next(self) -> str:
        """The first character that is neither blank nor comment nor comma."""
        self._pass(_BLANK)
        while self._text[self._at] == ",":
            self._at += 1
            self._pass(_BLANK)
        return self._text[self._at]

    def _pass(self, pattern: re.Pattern[str]) -> str | None:
        match = pattern.match(self._text, self._at)
        if match is None:
            return None
        self._at = match.end()
        self._line += match[0].count("\n")
        return match[0]


def _plain(part: str) -> str:
    """A key as it is meant: without quotes, escapes resolved."""
    if part[:1] not in ('"', "'"):
        return part
    value: dict[str, Any] = tomllib.loads(f"key = {part}")
    return str(value["key"])
