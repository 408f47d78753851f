"""New York City's open 311 data as complaints. Source: NYC Open Data, 311 Service Requests, CSV export.

Lines end anywhere in UTF-8 text; a cell may hold line breaks in quotes. Dates are local to New York.
"""

from __future__ import annotations

import csv
import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from apps.channel.rows import Refusal, Row, RowRead
from contracts.channel import SubmitComplaint
from contracts.codes import AppealType, Channel

NEW_YORK = ZoneInfo("America/New_York")
KEY, CREATED, TYPE = "Unique Key", "Created Date", "Complaint Type"
REQUIRED = (KEY, CREATED, TYPE)
"""Columns without which nothing can be read; the others may be absent."""

_CHANNELS = {"ONLINE": Channel.WEB, "MOBILE": Channel.WEB, "PHONE": Channel.HOTLINE_12345}
_DATE = re.compile(r"\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d{2}:\d{2} [AP]M")
_REQUESTS = re.compile(
    r"\b(appointment|assistance|collection|condition|conservation|damaged|dead|dying|heat|light|lost|maintenance"
    r"|matter|meter|missing|request|signal|snow|sweeping|system|tree|water)\b"
)
"""Words of a complaint type that ask for something to be done, rather than complain about what somebody does."""
_MOST_LINES = 100
"""Lines one row may span before its opening quotation mark counts as stray."""


def read_csv(path: Path) -> Iterator[Row]:
    """Every row of the file as a complaint or a refusal, in order. A faulty header refuses the file in one row."""
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        yield from read_lines(file)


def read_lines(lines: Iterable[str]) -> Iterator[Row]:
    """The same for lines; bytes that are not UTF-8 come as lone surrogates."""
    records = _records(iter(lines))
    header = next(records, (1, None))[1]
    if (fault := _header_fault(header)) is not None:
        yield fault.at(1)
        return
    columns = [name.strip() for name in header or ()]
    for line, cells in records:
        try:
            yield RowRead(line, complaint_of(_named(columns, cells)))
        except Refusal as refusal:
            yield refusal.at(line)


def complaint_of(row: Mapping[str, str]) -> SubmitComplaint:
    """One service request as a complaint. Raises `Refusal` with the column at fault."""
    kind = _needed(row, TYPE)
    category = slug(kind)
    try:
        return SubmitComplaint(
            channel=_CHANNELS.get(_cell(row, "Open Data Channel Type").upper(), Channel.PARTNER),
            external_id=_needed(row, KEY),
            received_at=_local(_needed(row, CREATED)),
            appeal=AppealType.REQUEST if _REQUESTS.search(category.replace("-", " ")) else AppealType.COMPLAINT,
            category=category,
            area=slug(_cell(row, "Borough")) or "unspecified",
            title=kind,
            text=_text(row),
        )
    except ValidationError as error:
        raise _refusal_of(error) from None


def slug(text: str) -> str:
    """A code for a name: lower case, everything else one hyphen (``Noise - Street/Sidewalk``)."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _records(lines: Iterator[str]) -> Iterator[tuple[int, list[str] | None]]:
    """Each record with its first line; None for one that is no CSV. Only that line is lost, not those after it."""
    window: deque[str] = deque(islice(lines, _MOST_LINES))
    line = 1
    while window:
        reader = csv.reader(iter(window), strict=True)
        try:
            cells: list[str] | None = next(reader)
            taken = reader.line_num
        except csv.Error:
            cells, taken = None, 1
        if cells != []:
            yield line, cells
        for _ in range(taken):
            window.popleft()
        window.extend(islice(lines, taken))
        line += taken


def _header_fault(header: list[str] | None) -> Refusal | None:
    if header is None:
        return Refusal("", "no header: the file is empty, or its first line is no CSV")
    counts = Counter(name.strip() for name in header)
    if twice := [name for name, count in counts.items() if count > 1]:
        return Refusal(twice[0], "this column appears more than once; no row was read")
    if missing := [name for name in REQUIRED if name not in counts]:
        return Refusal(missing[0], "this column is missing; no row was read")
    return None


def _named(columns: list[str], cells: list[str] | None) -> Mapping[str, str]:
    """Cells by column. Raises `Refusal` where they do not fit the header or are not text."""
    if cells is None:
        raise Refusal("", "no CSV: a quotation mark is not closed or stands within a cell, or a cell is far too long")
    if len(cells) != len(columns):
        raise Refusal("", f"{len(cells)} columns where the header has {len(columns)}")
    for name, cell in zip(columns, cells, strict=True):
        if any("\ud800" <= letter <= "\udfff" for letter in cell):
            raise Refusal(name, "not UTF-8")
        if "\0" in cell:
            raise Refusal(name, "holds a NUL character")
    return dict(zip(columns, cells, strict=True))


def _cell(row: Mapping[str, str], name: str) -> str:
    return " ".join(row.get(name, "").split())


def _needed(row: Mapping[str, str], name: str) -> str:
    if not (cell := _cell(row, name)):
        raise Refusal(name, "empty")
    return cell


def _local(text: str) -> datetime:
    """The instant of a New York wall-clock time; of an hour that came twice (autumn), the first.

    Raises `Refusal` for a time that never was: 30 February, or the hour skipped in spring.
    """
    if not _DATE.fullmatch(text):
        raise Refusal(CREATED, "not a date like 05/01/2022 12:00:03 AM")
    try:
        naive = datetime.strptime(text, "%m/%d/%Y %I:%M:%S %p")  # noqa: DTZ007 - its zone is the next line's business
    except ValueError:
        raise Refusal(CREATED, "no such day or time") from None
    local = naive.replace(tzinfo=NEW_YORK)
    if local.astimezone(UTC).astimezone(NEW_YORK).replace(tzinfo=None) != naive:
        raise Refusal(CREATED, "this hour was skipped: the clocks went forward")
    return local


def _text(row: Mapping[str, str]) -> str:
    """What, at what kind of place, where."""
    crossing = " & ".join(filter(None, (_cell(row, f"Intersection Street {number}") for number in (1, 2))))
    where = _cell(row, "Incident Address") or crossing or _cell(row, "Street Name") or _cell(row, "Landmark")
    place = ", ".join(filter(None, (where, _cell(row, "City") or _cell(row, "Borough"), _cell(row, "Incident Zip"))))
    return ". ".join(filter(None, (_cell(row, "Descriptor"), _cell(row, "Location Type"), place)))


_COLUMN_OF = {"external_id": KEY, "category": TYPE, "area": "Borough"}


def _refusal_of(error: ValidationError) -> Refusal:
    first = error.errors(include_input=False, include_url=False)[0]
    field = ".".join(str(part) for part in first["loc"])
    return Refusal(_COLUMN_OF.get(field, field), first["msg"])
