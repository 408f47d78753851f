"""What reading one row of an input gives: a complaint to submit, or the reason why there is none."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from contracts.channel import SubmitComplaint


def both(en: str, zh: str) -> str:
    """A reason in both languages."""
    return f"{en} · {zh}"


@dataclass(frozen=True, slots=True)
class RowRead:
    """A row that can be submitted. `line` is the first line of the row, counted from 1."""

    line: int
    complaint: SubmitComplaint


@dataclass(frozen=True, slots=True)
class RowRefused:
    """A row that cannot be submitted. `field` is empty where the whole row is at fault."""

    line: int
    field: str
    why: str
    """What is wrong and what to do, in English and Chinese; never a value that may identify a person."""


Row = RowRead | RowRefused


class Refusal(Exception):
    """A field of the row in hand is at fault; whoever knows the line makes a `RowRefused` of it."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field}: {why}")
        self.field = field
        self.why = why

    def at(self, line: int) -> RowRefused:
        """The same, with its place."""
        return RowRefused(line, self.field, self.why)


def numbered(complaints: Iterable[SubmitComplaint]) -> Iterator[Row]:
    """Complaints that come from no file, as rows."""
    for line, complaint in enumerate(complaints, 1):
        yield RowRead(line, complaint)


def fingerprint(path: Path) -> str:
    """A hash of the file's bytes: the same input, or not."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
