"""Conversion of a city's file to submissions by a column map; faulty rows are refused with line, column and reason."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from apps.channel.columns import cells
from apps.channel.columns.column_map import WHERE, Alternatives, Coded, ColumnMap, Joined, filled, names_in
from apps.channel.columns.records import Record, encoding_of, foreign_kind, lines_of, records_of
from apps.channel.rows import Refusal, Row, RowRead, RowRefused
from contracts.channel import Attribute, SubmitComplaint
from contracts.codes import AppealType

T = TypeVar("T")
V = TypeVar("V")

_SPOILED_HEADER = "\ufeff\u200b"


def read_file(path: Path, columns: ColumnMap) -> Iterator[Row]:
    """Yield each row of the file, in order, as a submission or a refusal. A faulty header yields one refusal only."""
    if (kind := foreign_kind(path)) is not None:
        yield RowRefused(1, "", f"the file is {kind}: save it as CSV (UTF-8)")
        return
    encoding = columns.encoding or encoding_of(path)
    try:
        yield from read_lines(lines_of(path, encoding), columns, encoding)
    except UnicodeError:  # a byte order mark and nothing else
        yield RowRefused(1, "", f"the file is not {_named_encoding(encoding)}")


def read_lines(lines: Iterable[str], columns: ColumnMap, encoding: str = "utf-8") -> Iterator[Row]:
    """Yield the rows of lines of text in the same way."""
    names = {folded(header) for headers in columns.columns.values() for header in headers}
    records = records_of(iter(lines), lambda header: sum(folded(name) in names for name in header))
    first = next(records, Record(1, None))
    try:
        mapper = RowMapper(columns, first.cells, _named_encoding(encoding))
    except Refusal as refusal:
        yield refusal.at(first.line)
        return
    for record in records:
        try:
            yield RowRead(record.line, mapper.complaint_of(record.cells))
        except Refusal as refusal:
            yield refusal.at(record.line)


def slug(text: str) -> str:
    """Derive a code from a name: lower case, every other run of characters one hyphen."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def folded(header: str) -> str:
    """Normalise a header for comparison: ``complaint_type`` equals ``Complaint Type``."""
    return " ".join(header.strip(_SPOILED_HEADER).replace("_", " ").split()).casefold()


class RowMapper:
    """Converts the rows below one header to submissions."""

    def __init__(self, columns: ColumnMap, header: Sequence[str] | None, encoding: str = "UTF-8") -> None:
        """Raises `Refusal` when a required column is missing, or a column that is read occurs twice."""
        if header is None:
            raise Refusal("", "no header: the file is empty, or its first line is not CSV")
        self._map = columns
        self._zone = columns.zone
        self._encoding = encoding
        self._header = [name.strip(_SPOILED_HEADER).strip() for name in header]
        self._positions = {
            name: [n for alias in aliases for n in self._places(alias)] for name, aliases in columns.columns.items()
        }
        self._values = {id(each): _folded_values(each.values) for each in (columns.category, columns.area)}
        self._channels = _folded_values(columns.channel.values)
        for name in columns.needed:
            if not self._positions[name]:
                aliases = columns.columns[name]
                also = f" (nor is {' or '.join(aliases[1:])})" if aliases[1:] else ""
                raise Refusal(
                    aliases[0],
                    f"this column is missing{also}; no row was read: name the file's own map with --columns, or add "
                    f"the column's name to `columns.{name}` of the map",
                )

    def complaint_of(self, record: Sequence[str] | None) -> SubmitComplaint:
        """Convert one row to a submission. Raises `Refusal` with the faulty column."""
        row = self._checked(record)
        of = self._map
        kind = self._value(row, of.category.column)
        category = self._code(row, of.category)
        latitude, longitude = self._position(row)
        fields: dict[str, Any] = {
            "channel": self._channels.get(_key(self._value(row, of.channel.column)), of.channel.default),
            "external_id": self._read(row, of.external_id.column, lambda text: cells.external_id(text, of.external_id)),
            "received_at": self._read(
                row, of.received_at.column, lambda text: cells.instant(text, of.received_at.formats, self._zone)
            ),
            "appeal": self._appeal(kind),
            "category": category,
            "area": self._code(row, of.area),
            "title": self._first(row, of.title),
            "text": self._joined(row, of.text),
            "address": self._joined(row, of.address),
            "latitude": latitude,
            "longitude": longitude,
            "attributes": tuple(
                Attribute(code=code, value=text) for code, text in of.attributes.get(category, {}).items()
            ),
        }
        try:
            return SubmitComplaint.model_validate(fields)
        except ValidationError as error:
            raise self._refusal_of(error) from None

    def _places(self, alias: str) -> list[int]:
        """The positions of a header. Raises `Refusal` when it occurs twice."""
        found = [n for n, name in enumerate(self._header) if folded(name) == folded(alias)]
        if len(found) > 1:
            raise Refusal(self._header[found[0]], "this column appears more than once; no row was read")
        return found

    def _checked(self, record: Sequence[str] | None) -> Sequence[str]:
        """The cells of a record. Raises `Refusal` when they do not match the header or are not valid text."""
        if record is None:
            raise Refusal("", "not CSV: a quotation mark is not closed or is inside a cell, or a cell is far too long")
        width = len(self._header)
        if len(record) < width or any(cell.strip() for cell in record[width:]):
            raise Refusal("", f"{len(record)} columns where the header has {width}")
        for name, cell in zip(self._header, record, strict=False):
            if "\0" in cell:
                raise Refusal(name, "holds a NUL character")
            if any("\ud800" <= letter <= "\udfff" for letter in cell) or (
                "\ufffd" in cell and self._encoding == "UTF-16"
            ):
                raise Refusal(name, f"not {self._encoding}")
        return record

    def _cell(self, row: Sequence[str], name: str) -> tuple[str, str]:
        """The first value of a column with its header; an empty text with the first header when there is none."""
        positions = self._positions[name]
        for n in positions:
            if text := " ".join(row[n].split()):
                return text, self._header[n]
        return "", self._header_of(name)

    def _value(self, row: Sequence[str], name: str | None) -> str:
        if name == WHERE:
            return self._joined(row, self._map.address)
        return self._cell(row, name)[0] if name is not None else ""

    def _read(self, row: Sequence[str], name: str, reading: Callable[[str], T]) -> T:
        """Parse a required cell. Raises `Refusal` when it is empty or invalid."""
        text, header = self._cell(row, name)
        if not text:
            raise Refusal(header, "empty")
        try:
            return reading(text)
        except ValueError as error:
            raise Refusal(header, str(error)) from None

    def _code(self, row: Sequence[str], coded: Coded) -> str:
        if coded.column is None:
            return coded.fallback or ""
        text, header = self._cell(row, coded.column)
        if (code := self._values[id(coded)].get(_key(text))) is not None:
            return code
        if text and coded.slug:
            return slug(text) or text
        if coded.fallback is not None:
            return coded.fallback
        raise Refusal(header, "this value is not in the map, and the map names no fallback" if text else "empty")

    def _appeal(self, kind: str) -> AppealType:
        spoken = set(slug(kind).split("-"))
        found = (appeal for appeal, words in self._map.appeal.words.items() if not spoken.isdisjoint(words))
        return next(found, self._map.appeal.default)

    def _position(self, row: Sequence[str]) -> tuple[float | None, float | None]:
        """Latitude and longitude; None when the cells are empty or zero, which cities write for "unknown"."""
        of = self._map.position
        found: tuple[float, float] | None = None
        if of.latitude is not None and of.longitude is not None and self._value(row, of.latitude):
            found = self._read(row, of.latitude, cells.degrees), self._read(row, of.longitude, cells.degrees)
        elif of.point is not None and self._value(row, of.point):
            found = self._read(row, of.point, cells.point)
        return found if found is not None and any(found) else (None, None)

    def _joined(self, row: Sequence[str], joined: Joined | None) -> str:
        parts = (self._first(row, part) for part in joined.parts) if joined is not None else ()
        return joined.between.join(filter(None, parts)) if joined is not None else ""

    def _first(self, row: Sequence[str], alternatives: Alternatives) -> str:
        """Fill the first alternative whose columns all have values."""
        for template in alternatives:
            values = {name: self._value(row, name) for name in names_in(template)}
            if all(values.values()):
                return filled(template, values)
        return ""

    def _refusal_of(self, error: ValidationError) -> Refusal:
        first = error.errors(include_input=False, include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        column = {
            "external_id": self._map.external_id.column,
            "received_at": self._map.received_at.column,
            "category": self._map.category.column,
            "area": self._map.area.column,
            "latitude": self._map.position.latitude or self._map.position.point,
            "longitude": self._map.position.longitude or self._map.position.point,
        }.get(field)
        return Refusal(self._header_of(column) if column else field, first["msg"])

    def _header_of(self, name: str) -> str:
        positions = self._positions[name]
        return self._header[positions[0]] if positions else self._map.columns[name][0]


def _key(value: str) -> str:
    """Normalise a value for comparison."""
    return " ".join(value.split()).casefold()


def _folded_values(values: Mapping[str, V]) -> dict[str, V]:
    return {_key(value): code for value, code in values.items()}


def _named_encoding(encoding: str) -> str:
    return "UTF-16" if encoding.startswith("utf-16") else encoding.removesuffix("-sig").upper()
