"""A TOML text as blocks: each table header with the lines below it, and the comment directly above it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO

from contracts.toml_lines import Path, headers_of


@dataclass(frozen=True)
class Block:
    """The lines of one table; the first block, of path ``()``, has no header."""

    path: Path
    """``("unit", 3)`` for the fourth `[[unit]]`."""
    above: str
    """Comment lines directly above the header."""
    header: str
    body: str

    @property
    def text(self) -> str:
        """All of its lines."""
        return self.above + self.header + self.body


def split(text: str) -> list[Block]:
    """The blocks of a text; joined, they are the same text. Raises `tomllib.TOMLDecodeError`."""
    lines = lines_in(text.replace("\r\n", "\n"))
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    headers = headers_of(text)
    starts = [line - 1 for line, _ in headers]
    firsts = [_first_comment(lines, start) for start in starts]
    ends = [*firsts[1:], len(lines)] if firsts else []
    blocks = [Block((), "", "", "".join(lines[: firsts[0] if firsts else len(lines)]))]
    for (_, path), start, first, end in zip(headers, starts, firsts, ends, strict=True):
        blocks.append(Block(path, "".join(lines[first:start]), lines[start], "".join(lines[start + 1 : end])))
    return blocks


def lines_in(text: str) -> list[str]:
    """The lines of a text with their line feeds; other characters that end lines in Unicode end none in TOML."""
    return list(StringIO(text, newline="\n"))


def join(blocks: Sequence[Block]) -> str:
    """The text of the blocks."""
    return "".join(block.text for block in blocks)


def is_below(path: Path, above: Path) -> bool:
    """Whether a path is that one, or lies inside it."""
    return path[: len(above)] == above


def _first_comment(lines: Sequence[str], header: int) -> int:
    first = header
    while first > 0 and lines[first - 1].lstrip().startswith("#"):
        first -= 1
    return first
