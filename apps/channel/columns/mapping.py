"""Conversion of a city's file to submissions by a column map; faulty rows are refused with line, column and reason."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from apps.channel.columns import cells
from apps.channel.columns.column_map import (
    WHERE,
    Alternatives,
    Coded,
    ColumnMap,
    Joined,
    filled,
    names_in,
    value_key,
)
from apps.channel.columns.files import WIDE, encoding_of, foreign_kind, lines_of, named_encoding, not_of
from apps.channel.columns.headers import INVISIBLE, folded, loosely_folded, slug
from apps.channel.columns.records import Record, records_of
from apps.channel.rows import Refusal, Row, RowRead, RowRefused, both
from contracts.channel import Attribute, SubmitComplaint
from contracts.codes import AppealType
from contracts.text import is_visible

T = TypeVar("T")
V = TypeVar("V")

_SURROGATE = re.compile("[\ud800-\udfff]")
_NO_TEXT = re.compile("[\0\ufffd\ud800-\udfff]")


def read_file(path: Path, columns: ColumnMap) -> Iterator[Row]:
    """Every row of the file as a complaint or a refusal, in order. A faulty header refuses the file in one row."""
    if (why := foreign_kind(path)) is not None:
        yield RowRefused(1, "", why)
        return
    encoding = columns.encoding or encoding_of(path)
    try:
        yield from read_lines(lines_of(path, encoding), columns, encoding)
    except UnicodeError:  # a byte order mark without text behind it, or none where the encoding needs one
        yield RowRefused(1, "", not_of(named_encoding(encoding)))


def read_lines(lines: Iterable[str], columns: ColumnMap, encoding: str = "utf-8") -> Iterator[Row]:
    """The same for lines of text."""
    records = _records(lines, columns)
    first = next(records, Record(1, None))
    try:
        mapper = RowMapper(columns, first.cells, named_encoding(encoding))
    except Refusal as refusal:
        yield refusal.at(first.line)
        return
    for record in records:
        if record.cells == first.cells:  # files that were put together, each with its header
            continue
        try:
            yield RowRead(record.line, mapper.complaint_of(record.cells))
        except Refusal as refusal:
            yield refusal.at(record.line)


def count_rows(path: Path, columns: ColumnMap) -> int:
    """How many records come after the header, or 1 for a file that is refused as a whole; they are not read."""
    if foreign_kind(path) is not None:
        return 1
    try:
        records = _records(lines_of(path, columns.encoding or encoding_of(path)), columns)
        header = next(records, None)
        return sum(1 for _ in records) if header is not None else 1
    except UnicodeError:
        return 1


def _records(lines: Iterable[str], columns: ColumnMap) -> Iterator[Record]:
    names = {folded(header) for headers in columns.columns.values() for header in headers}
    return records_of(iter(lines), lambda header: sum(folded(name) in names for name in header))


class RowMapper:
    """Converts the rows below one header to submissions."""

    def __init__(self, columns: ColumnMap, header: Sequence[str] | None, encoding: str = "UTF-8") -> None:
        """Raises `Refusal` when a required column is missing, or a column that is read occurs twice."""
        if header is None:
            raise Refusal(
                "",
                both(
                    "no header: the file is empty, or its first line is not CSV", "没有表头：文件为空，或第一行不是CSV"
                ),
            )
        self._map = columns
        self._zone = columns.zone
        self._encoding = encoding
        self._located: tuple[Sequence[str], str] = (), ""
        self._header = [" ".join(INVISIBLE.sub("", name).split()) for name in header]
        self._empty = frozenset(value_key(each) for each in columns.empty)
        self._positions = {
            name: [n for alias in aliases for n in self._places(alias)] for name, aliases in columns.columns.items()
        }
        joined = [part for each in (columns.text, columns.address) if each is not None for part in each.parts]
        self._names = {template: names_in(template) for part in (columns.title, *joined) for template in part}
        self._values = {id(each): _folded_values(each.values) for each in (columns.category, columns.area)}
        self._channels = _folded_values(columns.channel.values)
        for name in columns.needed:
            if not self._positions[name]:
                aliases = columns.columns[name]
                also = f" (nor is {' or '.join(aliases[1:])})" if aliases[1:] else ""
                raise Refusal(
                    aliases[0],
                    both(
                        f"this column is missing{also}; no row was read: name the file's own map with --columns, or "
                        f"add the column's name to `columns.{name}` of the map",
                        f"缺少该列，未读取任何行：请用--columns指定该文件的映射，或在映射的columns.{name}中加上列名",
                    ),
                )

    def complaint_of(self, record: Sequence[str] | None) -> SubmitComplaint:
        """Convert one row to a submission. Raises `Refusal` with the faulty column."""
        row = self._checked(record)
        of = self._map
        kind = self._value(row, of.category.column)
        category = self._code(row, of.category)
        latitude, longitude = self._position(row)
        fields: dict[str, Any] = {
            "channel": self._channels.get(value_key(self._value(row, of.channel.column)), of.channel.default),
            "external_id": self._read(row, of.external_id.column, lambda text: cells.external_id(text, of.external_id)),
            "received_at": self._read(
                row, of.received_at.column, lambda text: cells.instant(text, of.received_at.formats, self._zone)
            ),
            "appeal": self._appeal(kind),
            "category": category,
            "area": self._code(row, of.area),
            "title": self._first(row, of.title),
            "text": self._joined(row, of.text),
            "address": self._where(row),
            "latitude": latitude,
            "longitude": longitude,
            "attributes": tuple(
                Attribute(code=code, value=text) for code, text in of.attributes.get(category, {}).items()
            ),
        }
        try:
            complaint = SubmitComplaint.model_validate(fields)
        except ValidationError as error:
            raise self._refusal_of(error) from None
        if not is_visible(complaint.text):  # intake would refuse it
            raise Refusal("text", both("no column of `text` in the map has visible words", "没有可见的正文"))
        return complaint

    def _places(self, alias: str) -> list[int]:
        """The positions of a header. Raises `Refusal` when it occurs twice."""
        found = [n for n, name in enumerate(self._header) if folded(name) == folded(alias)]
        if not found and (loose := loosely_folded(alias)):
            found = [n for n, name in enumerate(self._header) if loosely_folded(name) == loose]
        if len(found) > 1:
            raise Refusal(
                self._header[found[0]],
                both("this column appears more than once; no row was read", "该列重复，未读取任何行"),
            )
        return found

    def _checked(self, record: Sequence[str] | None) -> Sequence[str]:
        """The cells of a record. Raises `Refusal` when they do not match the header or are not valid text."""
        if record is None:
            raise Refusal(
                "",
                both(
                    "not CSV: a quotation mark is not closed or stands within a cell, or a cell has more than "
                    f"{csv.field_size_limit()} characters",
                    f"不是CSV：引号未闭合或在单元格中间，或单元格超过{csv.field_size_limit()}个字符",
                ),
            )
        width = len(self._header)
        if len(record) < width or any(cell.strip() for cell in record[width:]):
            raise Refusal(
                "", both(f"{len(record)} columns where the header has {width}", f"有{len(record)}列，表头有{width}列")
            )
        joined = "".join(record)
        if ("\0" in joined or not joined.isascii()) and _NO_TEXT.search(joined):
            for name, cell in zip(self._header, record, strict=False):
                self._check_letters(name, cell)
        return record

    def _check_letters(self, name: str, cell: str) -> None:
        if "\0" in cell:
            raise Refusal(name, both("holds a NUL character", "含有NUL字符"))
        wide = self._encoding.lower().startswith(WIDE)
        if _SURROGATE.search(cell) or ("\ufffd" in cell and wide):
            raise Refusal(name, not_of(self._encoding))

    def _cell(self, row: Sequence[str], name: str) -> tuple[str, str]:
        """The first value of a column with its header; an empty text with the first header when there is none."""
        positions = self._positions[name]
        for n in positions:
            text = " ".join(row[n].split())
            if text and text.casefold() not in self._empty:
                return text, self._header[n]
        return "", self._header_of(name)

    def _value(self, row: Sequence[str], name: str | None) -> str:
        if name == WHERE:
            return self._where(row)
        return self._cell(row, name)[0] if name is not None else ""

    def _read(self, row: Sequence[str], name: str, reading: Callable[[str], T]) -> T:
        """Parse a required cell. Raises `Refusal` when it is empty or invalid."""
        text, header = self._cell(row, name)
        if not text:
            raise Refusal(header, both("empty", "空白"))
        try:
            return reading(text)
        except ValueError as error:
            raise Refusal(header, str(error)) from None

    def _code(self, row: Sequence[str], coded: Coded) -> str:
        if coded.column is None:
            return coded.fallback or ""
        text, header = self._cell(row, coded.column)
        if (code := self._values[id(coded)].get(value_key(text))) is not None:
            return code
        if text and coded.slug:
            return slug(text) or text
        if coded.fallback is not None:
            return coded.fallback
        if not text:
            raise Refusal(header, both("empty", "空白"))
        why = both("this value is not in the map, and the map names no fallback", "映射中没有这个值，也没有fallback")
        raise Refusal(header, why)

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
        if found is None or not any(found):
            return None, None
        if of.within is not None and not of.within.holds(*found):
            swapped = of.within.holds(found[1], found[0])
            why = both("outside the area in `position.within` of the map", "不在映射position.within的范围内")
            if swapped:
                why = both("latitude and longitude are exchanged", "经纬度颠倒")
            raise Refusal(self._header_of(of.latitude or of.point or ""), why)
        return found

    def _where(self, row: Sequence[str]) -> str:
        """The address, which the text has as well: joined once for each row."""
        if self._located[0] is not row:
            self._located = row, self._joined(row, self._map.address)
        return self._located[1]

    def _joined(self, row: Sequence[str], joined: Joined | None) -> str:
        parts = (self._first(row, part) for part in joined.parts) if joined is not None else ()
        return joined.between.join(filter(None, parts)) if joined is not None else ""

    def _first(self, row: Sequence[str], alternatives: Alternatives) -> str:
        """Fill the first alternative whose columns all have values."""
        for template in alternatives:
            values = {name: self._value(row, name) for name in self._names[template]}
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


def _folded_values(values: Mapping[str, V]) -> dict[str, V]:
    return {value_key(value): code for value, code in values.items()}
