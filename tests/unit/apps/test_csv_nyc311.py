"""New York's open data: good rows become complaints, bad ones are refused with a reason."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.channel.columns.headers import slug
from apps.channel.columns.loading import load
from apps.channel.columns.mapping import read_lines
from apps.channel.csv_nyc311 import read_csv
from apps.channel.rows import Refusal, Row, RowRead, RowRefused
from contracts.channel import SubmitComplaint
from contracts.codes import AppealType, Channel

NEW_YORK = load("new-york").map

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
    return list(read_lines(io.StringIO(content, newline=""), NEW_YORK))


def complaint_of(row: dict[str, str]) -> SubmitComplaint:
    (read_row,) = read(text(row, columns=tuple(row)))
    if isinstance(read_row, RowRefused):
        raise Refusal(read_row.field, read_row.why)
    return read_row.complaint


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
    assert complaint.address == "1 EXAMPLE STREET, EXAMPLEVILLE, 00000"


TODAY = {
    "Unique Key": "2000002",
    "Created Date": "12/02/2025 07:05:00 PM",
    "Agency": "DEP",
    "Problem (formerly Complaint Type)": "Water System",
    "Problem Detail (formerly Descriptor)": "Hydrant Running",
    "Additional Details": "Since yesterday",
    "Location Type": "Street",
    "Incident Zip": "00000",
    "Incident Address": "2 EXAMPLE ROAD",
    "City": "EXAMPLEVILLE",
    "Borough": "QUEENS",
    "Open Data Channel Type": "PHONE",
    "Latitude": "40.5",
    "Longitude": "-73.5",
}


def test_the_export_with_renamed_columns_is_read() -> None:
    complaint = complaint_of(TODAY)
    assert complaint.category == "water-system"
    assert complaint.appeal is AppealType.REQUEST
    assert complaint.text == "Hydrant Running. Since yesterday. Street. 2 EXAMPLE ROAD, EXAMPLEVILLE, 00000"
    assert (complaint.latitude, complaint.longitude) == (40.5, -73.5)


def test_the_columns_of_the_api_give_the_same_complaint() -> None:
    of_api = {
        "unique_key": "1000001",
        "created_date": "2023-07-04T21:15:00.000",
        "complaint_type": "Noise - Street/Sidewalk",
        "descriptor": "Loud Talking",
        "location_type": "Street/Sidewalk",
        "incident_zip": "00000",
        "incident_address": "1 EXAMPLE STREET",
        "city": "EXAMPLEVILLE",
        "borough": "STATEN ISLAND",
        "open_data_channel_type": "MOBILE",
    }
    assert complaint_of(of_api) == complaint_of(GOOD)


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("9.00E+07", "exponent"),
        ("5,4E+07", "not a whole number"),
        ("90000005.0", "decimal"),
        ("1,234", "grouped"),
        ("90 000 005", "grouped"),
        ("'90000005", "mark"),
        ('="90000005"', "mark"),
        ("########", "too narrow"),
        ("#REF!", "error"),
        ("-90000005", "not a whole number"),
        ("９０００", "not a whole number"),
        ("900000050000000000", "rounded"),
        ("NY-1", "not a whole number"),
    ],
)
def test_an_id_that_a_spreadsheet_has_changed_is_refused(cell: str, why: str) -> None:
    with pytest.raises(Refusal, match=why) as caught:
        complaint_of(GOOD | {"Unique Key": cell})
    assert caught.value.field == "Unique Key"


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("45989.34375", "day number"),
        ("00:03.0", "the day is lost"),
        ("########", "too narrow"),
        ("28/11/2025 08:15:00 AM", "no such day"),
        ("2025-02-30T08:15:00.000", "no such day"),
        ("28 November", "not a date like 05/01/2022 12:00:03 AM"),
    ],
)
def test_a_date_that_a_spreadsheet_has_changed_is_refused(cell: str, why: str) -> None:
    with pytest.raises(Refusal, match=why) as caught:
        complaint_of(GOOD | {"Created Date": cell})
    assert caught.value.field == "Created Date"


@pytest.mark.parametrize(
    "cell",
    [
        "07/04/2023 09:15:00 PM",
        "2023 Jul 04 09:15:00 PM",
        "2023-07-04T21:15:00.000",
        "2023-07-04 21:15:00",
        "2023-07-05T01:15:00Z",
        "2023-07-05T01:15:00.000z",
        "2023-07-04 18:15:00-07",
        "7/4/2023 21:15",
    ],
)
def test_each_form_of_a_date_is_the_same_instant(cell: str) -> None:
    assert complaint_of(GOOD | {"Created Date": cell}).received_at == datetime(2023, 7, 5, 1, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("named", "channel"),
    [
        ("ONLINE", Channel.WEB),
        ("PHONE", Channel.HOTLINE_12345),
        ("UNKNOWN", Channel.PARTNER),
        ("", Channel.PARTNER),
    ],
)
def test_the_channel_follows_the_data(named: str, channel: Channel) -> None:
    assert complaint_of(GOOD | {"Open Data Channel Type": named}).channel == channel


@pytest.mark.parametrize("kind", ["Missed Collection", "Street Sign - Missing", "Dead Animal", "HEAT/HOT WATER"])
def test_a_type_that_asks_for_something_is_a_request(kind: str) -> None:
    assert complaint_of(GOOD | {"Complaint Type": kind}).appeal is AppealType.REQUEST


def test_a_missing_borough_is_unspecified() -> None:
    assert complaint_of(GOOD | {"Borough": ""}).area == "unspecified"
    assert complaint_of(GOOD | {"Borough": "Unspecified"}).area == "unspecified"


def test_without_an_address_the_crossing_is_the_address() -> None:
    row = GOOD | {"Incident Address": "", "Intersection Street 1": "A STREET", "Intersection Street 2": "B STREET"}
    assert complaint_of(row).text.endswith("A STREET & B STREET, EXAMPLEVILLE, 00000")


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("Unique Key", "", "empty"),
        ("Unique Key", "1" * 121, "120"),
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
    assert [refused(row).why for row in rows[1:]] == [
        f"{n} columns where the header has 10 · 有{n}列，表头有10列" for n in (2, 11)
    ]


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
    assert refused(first).why.startswith("not UTF-8: ")
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
