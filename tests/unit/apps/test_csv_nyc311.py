"""New York's open data: good rows become complaints, bad ones are refused with a reason."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.channel.csv_nyc311 import complaint_of, read_csv, read_lines, slug
from apps.channel.rows import Refusal, Row, RowRead, RowRefused
from contracts.codes import AppealType, Channel

COLUMNS = (
    "Unique Key",
    "Created Date",
    "Complaint Type",
    "Descriptor",
    "Location Type",
    "Incident Zip",
    "Incident Address",
    "City",
    "Borough",
    "Open Data Channel Type",
)
GOOD = {
    "Unique Key": "1000001",
    "Created Date": "07/04/2023 09:15:00 PM",
    "Complaint Type": "Noise - Street/Sidewalk",
    "Descriptor": "Loud Talking",
    "Location Type": "Street/Sidewalk",
    "Incident Zip": "00000",
    "Incident Address": "1 EXAMPLE  STREET",
    "City": "EXAMPLEVILLE",
    "Borough": "STATEN ISLAND",
    "Open Data Channel Type": "MOBILE",
}


def text(*rows: dict[str, str], columns: tuple[str, ...] = COLUMNS) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, columns)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def read(content: str) -> list[Row]:
    return list(read_lines(io.StringIO(content, newline="")))


def refused(row: Row) -> RowRefused:
    assert isinstance(row, RowRefused)
    return row


def test_a_row_becomes_a_complaint() -> None:
    complaint = complaint_of(GOOD)
    assert complaint.channel == Channel.WEB
    assert complaint.external_id == "1000001"
    assert complaint.category == "noise-street-sidewalk"
    assert complaint.area == "staten-island"
    assert complaint.appeal is AppealType.COMPLAINT
    assert complaint.title == "Noise - Street/Sidewalk"
    assert complaint.text == "Loud Talking. Street/Sidewalk. 1 EXAMPLE STREET, EXAMPLEVILLE, 00000"
    assert complaint.received_at == datetime(2023, 7, 5, 1, 15, tzinfo=UTC)
    assert complaint.received_at.utcoffset() == timedelta(hours=-4)
    assert complaint.contact is None


@pytest.mark.parametrize(
    ("told", "channel"),
    [
        ("ONLINE", Channel.WEB),
        ("PHONE", Channel.HOTLINE_12345),
        ("UNKNOWN", Channel.PARTNER),
        ("", Channel.PARTNER),
    ],
)
def test_the_channel_follows_the_data(told: str, channel: Channel) -> None:
    assert complaint_of(GOOD | {"Open Data Channel Type": told}).channel == channel


@pytest.mark.parametrize("kind", ["Missed Collection", "Street Sign - Missing", "Dead Animal", "HEAT/HOT WATER"])
def test_a_type_that_asks_for_something_is_a_request(kind: str) -> None:
    assert complaint_of(GOOD | {"Complaint Type": kind}).appeal is AppealType.REQUEST


def test_a_borough_that_is_not_told_is_unspecified() -> None:
    assert complaint_of(GOOD | {"Borough": ""}).area == "unspecified"
    assert complaint_of(GOOD | {"Borough": "Unspecified"}).area == "unspecified"


def test_without_an_address_the_crossing_tells_where() -> None:
    row = GOOD | {"Incident Address": "", "Intersection Street 1": "A STREET", "Intersection Street 2": "B STREET"}
    assert complaint_of(row).text.endswith("A STREET & B STREET, EXAMPLEVILLE, 00000")


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("Unique Key", "", "empty"),
        ("Unique Key", "x" * 121, "120"),
        ("Complaint Type", "  ", "empty"),
        ("Complaint Type", "???", "pattern"),
        ("Created Date", "", "empty"),
        ("Created Date", "2023-07-04", "not a date like"),
        ("Created Date", "02/30/2023 01:00:00 AM", "no such day"),
        ("Created Date", "07/04/2023 13:00:00 PM", "no such day"),
        ("Created Date", "03/12/2023 02:30:00 AM", "skipped"),
    ],
)
def test_a_faulty_field_is_named(field: str, value: str, why: str) -> None:
    with pytest.raises(Refusal, match=why) as caught:
        complaint_of(GOOD | {field: value})
    assert caught.value.field == field


def test_of_an_hour_that_came_twice_the_first_is_meant() -> None:
    complaint = complaint_of(GOOD | {"Created Date": "11/05/2023 01:30:00 AM"})
    assert complaint.received_at.astimezone(UTC) == datetime(2023, 11, 5, 5, 30, tzinfo=UTC)


def test_a_bad_row_does_not_touch_its_neighbours() -> None:
    rows = read(text(GOOD, GOOD | {"Created Date": "soon"}, GOOD | {"Unique Key": "2"}))
    assert [type(row) for row in rows] == [RowRead, RowRefused, RowRead]
    assert [row.line for row in rows] == [2, 3, 4]
    assert refused(rows[1]).field == "Created Date"


def test_a_row_with_too_few_or_too_many_columns_is_refused() -> None:
    rows = read(text(GOOD) + "1,2\r\n" + ",".join("x" * 11) + "\r\n")
    assert isinstance(rows[0], RowRead)
    assert [refused(row).why for row in rows[1:]] == [f"{n} columns where the header has 10" for n in (2, 11)]


def test_a_line_break_inside_quotes_belongs_to_the_cell() -> None:
    rows = read(text(GOOD | {"Descriptor": "one\r\ntwo"}, GOOD))
    assert [row.line for row in rows] == [2, 4]
    assert isinstance(rows[0], RowRead)
    assert rows[0].complaint.text.startswith("one two.")


def test_an_open_quotation_mark_costs_its_own_line_only() -> None:
    lines = text(*(GOOD | {"Unique Key": str(n)} for n in range(300))).splitlines(keepends=True)
    lines[150] = '"' + lines[150]
    rows = read("".join(lines))
    assert len(rows) == 300
    assert [row.line for row in rows if isinstance(row, RowRefused)] == [151]
    assert "quotation mark" in refused(rows[149]).why


@pytest.mark.parametrize(
    ("columns", "field", "why"),
    [
        (COLUMNS[1:], "Unique Key", "missing"),
        ((*COLUMNS, "Borough"), "Borough", "more than once"),
    ],
)
def test_a_faulty_header_refuses_the_file_once(columns: tuple[str, ...], field: str, why: str) -> None:
    header = ",".join(columns)
    row = ",".join("x" for _ in columns)
    rows = read(f"{header}\n{row}\n{row}\n")
    assert len(rows) == 1
    assert refused(rows[0]).line == 1
    assert refused(rows[0]).field == field
    assert why in refused(rows[0]).why


def test_an_empty_file_is_refused() -> None:
    assert "empty" in refused(read("")[0]).why


def test_bytes_that_are_not_utf_8_refuse_their_row_alone(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    latin = text(GOOD | {"Descriptor": "Cafe"}).replace("Cafe", "Café").encode("latin-1")
    path.write_bytes(b"\xef\xbb\xbf" + latin + text(GOOD).encode().split(b"\n", 1)[1])
    first, second = read_csv(path)
    assert refused(first).field == "Descriptor"
    assert refused(first).why == "not UTF-8"
    assert isinstance(second, RowRead)


def test_lines_between_rows_may_be_empty() -> None:
    rows = read(text(GOOD).replace("\r\n", "\r\n\r\n"))
    assert [type(row) for row in rows] == [RowRead]


@given(st.text())
def test_a_slug_is_a_code_or_nothing(name: str) -> None:
    code = slug(name)
    assert slug(code) == code
    assert complaint_of(GOOD | {"Borough": code[:60].strip("-")}).area


@given(st.lists(st.text(max_size=40), max_size=30))
def test_whatever_stands_in_the_file_every_row_is_read_or_refused(lines: list[str]) -> None:
    rows = read(text(GOOD) + "\n".join(lines))
    assert isinstance(rows[0], RowRead)
    assert all(isinstance(row, RowRead | RowRefused) for row in rows)
    assert [row.line for row in rows] == sorted({row.line for row in rows})
