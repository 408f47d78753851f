"""How far an input is safely with the broker, kept in a file, so that a second run goes on where the first stopped."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import monotonic

from apps.channel.rows import Row, RowRefused

OnProgress = Callable[[int, int], None]
"""Called with complaints sent and rows refused, as often as either changes."""

_SAVE_EVERY_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Position:
    """Every row up to `line` is settled: acknowledged by the broker, or written down as refused."""

    fingerprint: str
    line: int = 0
    sent: int = 0
    refused: int = 0


class Entry:
    """A row that is under way."""

    __slots__ = ("outcome", "row", "settled")

    def __init__(self, row: Row) -> None:
        self.row = row
        self.settled = False
        self.outcome: RowRefused | None = row if isinstance(row, RowRefused) else None


class Progress:
    """The position, moved on only past rows whose predecessors are all settled.

    A position of another input is worth nothing: the run then starts at the first line. Sending a row twice does no
    harm, leaving one out would.
    """

    def __init__(
        self, path: Path | None, refusals_path: Path | None, fingerprint: str, on_progress: OnProgress
    ) -> None:
        self._path = path
        self._refusals_path = refusals_path
        self._on_progress = on_progress
        self._under_way: deque[Entry] = deque()
        self._unwritten: list[RowRefused] = []
        self._saved_at = monotonic()
        self.position = _read(path, fingerprint)
        _forget_refusals_after(refusals_path, self.position.line)

    def begin(self, row: Row) -> Entry:
        """The row is under way; rows begin in the order of the input."""
        entry = Entry(row)
        self._under_way.append(entry)
        return entry

    def settle(self, entry: Entry, refused: RowRefused | None = None) -> None:
        """The row needs no more attention; `refused` where the broker would never take it."""
        entry.settled = True
        entry.outcome = refused or entry.outcome
        before = self.position
        while self._under_way and self._under_way[0].settled:
            self._pass(self._under_way.popleft())
        if self.position != before:
            self._on_progress(self.position.sent, self.position.refused)
        if monotonic() - self._saved_at > _SAVE_EVERY_SECONDS:
            self.save()

    def save(self) -> None:
        """The position is on disk, and every refused row before it."""
        if self._refusals_path is not None and self._unwritten:
            with self._refusals_path.open("a", encoding="utf-8") as file:
                file.writelines(json.dumps(asdict(row), ensure_ascii=False) + "\n" for row in self._unwritten)
        self._unwritten.clear()
        if self._path is not None:
            beside = self._path.with_name(self._path.name + ".new")
            beside.write_text(json.dumps(asdict(self.position)), encoding="utf-8")
            beside.replace(self._path)
        self._saved_at = monotonic()

    def _pass(self, entry: Entry) -> None:
        at = self.position
        if entry.outcome is not None:
            self._unwritten.append(entry.outcome)
            self.position = replace(at, line=entry.row.line, refused=at.refused + 1)
        else:
            self.position = replace(at, line=entry.row.line, sent=at.sent + 1)


def _read(path: Path | None, fingerprint: str) -> Position:
    """The saved position, or the very beginning where there is none for this input."""
    if path is not None and path.exists():
        saved = json.loads(path.read_text(encoding="utf-8"))
        if saved.get("fingerprint") == fingerprint:
            return Position(**saved)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
    return Position(fingerprint)


def _forget_refusals_after(path: Path | None, line: int) -> None:
    """Rows after the position will be refused again; each stands in the file once."""
    if path is None:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    old = path.read_text(encoding="utf-8").splitlines(keepends=True) if path.exists() else []
    kept = [row for row in old if row.endswith("\n") and json.loads(row)["line"] <= line]
    path.write_text("".join(kept), encoding="utf-8")
