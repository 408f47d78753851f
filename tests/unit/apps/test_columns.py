"""Column maps: reading a city's file, detection of encoding and delimiter, refusal of an invalid map by line."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.channel.columns.cells import degrees, external_id, instant
from apps.channel.columns.column_map import ColumnMap, ExternalId
from apps.channel.columns.files import encoding_of
from apps.channel.columns.loading import BrokenMapError, load
from apps.channel.columns.mapping import count_rows, read_file, read_lines
from apps.channel.rows import Row, RowRead, RowRefused
from contracts.channel import SubmitComplaint
from contracts.codes import AppealType, Channel

MAP = """
city = "示例市"
place = "demo"
timezone = "Asia/Shanghai"
title = ["subject"]

[columns]
number = ["工单编号", "受理编号"]
spoken = ["受理时间"]
kind = ["诉求类别"]
area = ["区域"]
subject = ["标题"]
words = ["诉求内容"]
street = ["地址"]
way = ["渠道"]
point = ["坐标"]

[external_id]
column = "number"
pattern = 'S[0-9]+'

[received_at]
column = "spoken"
formats = ["%Y-%m-%d %H:%M", "iso"]

[category]
column = "kind"
values = { "噪音 扰民" = "noise-residential", "其他" = "other" }

[area]
column = "area"
values = { "北城区" = "beicheng" }
fallback = "city"

[channel]
column = "way"
default = "partner"
values = { "电话" = "hotline-12345" }

[text]
between = "。"
parts = [["words"], ["where"]]

[address]
between = ""
parts = [["street"]]

[position]
point = "point"
"""
HEADER = "工单编号,受理时间,诉求类别,区域,标题,诉求内容,地址,渠道,坐标\n"
ROW = 'S1,2026-09-18 09:30,噪音 扰民,北城区,夜间施工,"每天夜里,很吵",人民路1号,电话,"(31.2, 121.5)"\n'


def made(tmp_path: Path, text: str = MAP) -> ColumnMap:
    path = tmp_path / "map.toml"
    path.write_text(text, encoding="utf-8")
    return load(str(path)).map


def read(tmp_path: Path, content: str | bytes, encoding: str = "utf-8", text: str = MAP) -> list[Row]:
    path = tmp_path / "old.csv"
    path.write_bytes(content.encode(encoding) if isinstance(content, str) else content)
    return list(read_file(path, made(tmp_path, text)))


def only(rows: list[Row]) -> SubmitComplaint:
    assert len(rows) == 1, rows
    assert isinstance(rows[0], RowRead), rows[0]
    return rows[0].complaint


def refusal(rows: list[Row]) -> RowRefused:
    assert len(rows) == 1, rows
    assert isinstance(rows[0], RowRefused), rows[0]
    return rows[0]


def test_a_chinese_file_is_read_by_its_map(tmp_path: Path) -> None:
    complaint = only(read(tmp_path, HEADER + ROW))
    assert complaint.external_id == "S1"
    assert complaint.received_at == datetime(2026, 9, 18, 1, 30, tzinfo=UTC)
    assert (complaint.category, complaint.area) == ("noise-residential", "beicheng")
    assert complaint.channel == Channel.HOTLINE_12345
    assert complaint.appeal is AppealType.COMPLAINT
    assert complaint.title == "夜间施工"
    assert complaint.text == "每天夜里,很吵。人民路1号"
    assert complaint.address == "人民路1号"
    assert (complaint.latitude, complaint.longitude) == (31.2, 121.5)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encoding_delimiter_and_line_ends_are_detected(tmp_path: Path, encoding: str, delimiter: str, end: str) -> None:
    content = (HEADER + ROW.replace('"每天夜里,很吵"', "每天夜里").replace('"(31.2, 121.5)"', "")).replace(
        ",", delimiter
    )
    if encoding in ("utf-16-le", "utf-16-be"):  # without a mark they are known by the zeros of ASCII text
        content = content.replace("夜间施工", "night" * 30)
    complaint = only(read(tmp_path, content.replace("\n", end), encoding))
    assert complaint.text == "每天夜里。人民路1号"


def test_the_line_that_tells_excel_the_delimiter_is_passed_over(tmp_path: Path) -> None:
    content = "sep=;\r\n" + (HEADER + "S1,2026-09-18 09:30,其他,,,很吵,,,").replace(",", ";")
    assert only(read(tmp_path, content)).area == "city"


def test_one_row_of_latin_1_does_not_make_a_file_chinese(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"a,b\n" + "caf\xe9s,M\xfcller\n".encode("latin-1"))
    assert encoding_of(path) == "utf-8"
    path.write_bytes("字,字\n字,字\n".encode() + "\xe9,1\n".encode("latin-1"))
    assert encoding_of(path) == "utf-8"


def test_a_map_names_an_encoding_that_cannot_be_detected(tmp_path: Path) -> None:
    text = 'encoding = "windows-1252"\n' + MAP
    content = HEADER.replace("标题", "Straße").encode("gb18030")  # any header: columns are declared by name
    assert "missing" in refusal(read(tmp_path, content, text=text)).why
    renamed = text.replace('"标题"', '"Straße"').replace('"工单编号"', '"Nr"').replace('"受理时间"', '"Zeit"')
    renamed = (
        renamed.replace('"诉求类别"', '"Art"')
        .replace('"诉求内容"', '"Text"')
        .replace('values = { "噪音 扰民"', 'values = { "Lärm"')
    )
    row = only(
        read(tmp_path, "Nr;Zeit;Art;Straße;Text\nS7;2026-09-18 09:30;LÄRM;Süd;x\n".encode("cp1252"), text=renamed)
    )
    assert row.title == "Süd"
    assert row.category == "noise-residential"


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"PK\x03\x04", "workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "workbook"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"BZh91", "bzip2"),
        (b"%PDF-1.7", "PDF"),
        (b"SQLite format 3", "SQLite"),
        (b'<?xml version="1.0"?><Workbook/>', "HTML or XML"),
        (b"\xef\xbb\xbf\r\n<!DOCTYPE html>", "HTML or XML"),
        (b'[{"id": 1}]', "JSON"),
        (b"\xff\xd8\xff\xe0", "no text"),
    ],
)
def test_a_workbook_is_refused_by_name(tmp_path: Path, start: bytes, kind: str) -> None:
    assert kind in refusal(read(tmp_path, start + b"\0" * 100)).why


def test_a_file_of_a_mark_alone_is_refused(tmp_path: Path) -> None:
    assert "no header" in refusal(read(tmp_path, b"\xff\xfe")).why
    assert refusal(read(tmp_path, b"\xff\xfea")).line == 1


@pytest.mark.parametrize(
    ("cells", "field", "why"),
    [
        ("X1,2026-09-18 09:30,其他,,,,,,", "工单编号", "form"),
        ("1.0E+11,2026-09-18 09:30,其他,,,,,,", "工单编号", "exponent"),
        (",2026-09-18 09:30,其他,,,,,,", "工单编号", "empty"),
        ("S1,2026-09-18 09:30,天气,,,,,,", "诉求类别", "not in the map"),
        ("S1,2026-09-18 09:30,,,,,,,", "诉求类别", "empty"),
        ("S1,46283.4,其他,,,,,,", "受理时间", "day number"),
        ("S1,2026-09-18 09:30,其他,,夜间施工,\u200b,,,", "text", "visible words"),
        ('S1,2026-09-18 09:30,其他,,,,,,"31.2"', "坐标", "point"),
        ('S1,2026-09-18 09:30,其他,,,,,,"(31.2, 271.5)"', "坐标", "180"),
        ('S1,2026-09-18 09:30,其他,,,,,,"(nan, inf)"', "坐标", "degrees"),
        ("S1,2026-09-18 09:30,其他,,,a\0b,,,", "诉求内容", "NUL"),
        ("S1,2026-09-18 09:30,其他", "", "3 columns where the header has 9"),
        ("S1,2026-09-18 09:30,其他,,,,,,,x", "", "10 columns where the header has 9"),
        ('S1,"2026-09-18"09:30,其他,,,,,,', "", "not CSV"),
    ],
)
def test_a_row_that_cannot_be_read_is_refused_and_its_neighbours_are_not(
    tmp_path: Path, cells: str, field: str, why: str
) -> None:
    first, second, third = read(tmp_path, HEADER + ROW + cells + "\n" + ROW)
    assert isinstance(first, RowRead)
    assert isinstance(third, RowRead)
    assert isinstance(second, RowRefused), second
    assert (second.line, second.field) == (3, field)
    assert why in second.why


def test_rows_of_delimiters_alone_are_passed_over(tmp_path: Path) -> None:
    rows = read(tmp_path, "\n,,,\n" + HEADER + ",,,,,,,,\n   \n" + ROW + "\n\n,,,\n")
    assert [(type(row), row.line) for row in rows] == [(RowRead, 6)]


def test_empty_cells_behind_the_last_column_do_no_harm(tmp_path: Path) -> None:
    assert only(read(tmp_path, HEADER + ROW.rstrip("\n") + ",,,\n")).external_id == "S1"


def test_a_value_is_compared_without_letter_case_and_repeated_spaces(tmp_path: Path) -> None:
    row = ROW.replace("噪音 扰民", " 噪音   扰民 ")
    assert only(read(tmp_path, HEADER + row)).category == "noise-residential"


def test_the_first_of_several_headers_that_has_a_value_is_taken(tmp_path: Path) -> None:
    rows = read(tmp_path, "受理编号," + HEADER + "S9," + ROW + "S9," + ROW.replace("S1", "", 1))
    assert [row.complaint.external_id for row in rows if isinstance(row, RowRead)] == ["S1", "S9"]


def test_a_column_that_is_there_twice_refuses_the_file_only_where_the_map_reads_it(tmp_path: Path) -> None:
    twice = refusal(read(tmp_path, "标题," + HEADER + "x," + ROW))
    assert (twice.line, twice.field) == (1, "标题")
    assert "more than once" in twice.why
    assert only(read(tmp_path, "备注,备注," + HEADER + "x,y," + ROW)).external_id == "S1"


def test_a_missing_column_names_the_map_and_what_to_do(tmp_path: Path) -> None:
    found = refusal(read(tmp_path, HEADER.replace("工单编号", "编号") + ROW))
    assert (found.line, found.field) == (1, "工单编号")
    assert "受理编号" in found.why
    assert "--columns" in found.why


def test_coordinates_of_zero_are_none(tmp_path: Path) -> None:
    complaint = only(read(tmp_path, HEADER + ROW.replace("(31.2, 121.5)", "(0, 0.0)")))
    assert (complaint.latitude, complaint.longitude) == (None, None)


def test_a_point_may_be_well_known_text(tmp_path: Path) -> None:
    complaint = only(read(tmp_path, HEADER + ROW.replace("(31.2, 121.5)", "POINT (121.5 31.2)")))
    assert (complaint.latitude, complaint.longitude) == (31.2, 121.5)


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "what"),
    [
        ('column = "number"', 'column = "nummer"', 19, "external_id.column", "not in [columns]"),
        ('parts = [["words"], ["where"]]', 'parts = [["words"], ["{street} {no}"]]', 42, "text.parts[1][0]", "'no'"),
        ('timezone = "Asia/Shanghai"', 'timezone = "Asia/Nowhere"', 4, "timezone", "no time zone"),
        ("pattern = 'S[0-9]+'", "pattern = 'S[0-9'", 20, "external_id.pattern", "regular expression"),
        ('"%Y-%m-%d %H:%M", "iso"', '"%H:%M"', 24, "received_at.formats[0]", "year, month and day"),
        ('"其他" = "other"', '"其他" = "Other Things"', 28, "category.values.其他", "must be lower"),
        ('default = "partner"', 'default = "Tele X"', 37, "channel.default", "must be lower"),
        ('between = "。"', "between = 1", 41, "text.between", "must be a text"),
        ('city = "示例市"', 'city = "示例市"\nciti = 1', 3, "citi", "unknown"),
        ('title = ["subject"]', "title = []", 5, "title", "must not be empty"),
        ('way = ["渠道"]', 'way = ["渠道"', 16, "map", "is not TOML"),
        ('point = ["坐标"]', 'point = ["坐标"]\nwhere = ["x"]', 17, "columns.where", "another"),
        ('[position]\npoint = "point"', '[position]\nlatitude = "point"', 48, "position", "go together"),
        ('city = "示例市"', 'city = "示例市"\nencoding = "klingon"', 3, "encoding", "no encoding"),
        ('city = "示例市"', 'city = "示例市"\nencoding = "base64"', 3, "encoding", "no encoding"),
        ('"%Y-%m-%d %H:%M", "iso"', '"%Y-%m-%d %I:%M"', 24, "received_at.formats[0]", "needs %p"),
        ('"%Y-%m-%d %H:%M", "iso"', '"iso", "%Y-%m-%d %H:%M %Z"', 24, "received_at.formats[1]", "write %z"),
        ('"其他" = "other"', '"其他" = "other", " 其他 " = "weather"', 28, "category.values. 其他 ", "the same as"),
        ('spoken = ["受理时间"]', 'spoken = ["受理时间", "受理时间"]', 9, "columns.spoken[1]", "there twice"),
        ('parts = [["words"], ["where"]]', 'parts = [["words"], ["{street"]]', 42, "text.parts[1][0]", "not closed"),
        (
            '[position]\npoint = "point"',
            '[position]\nlatitude = "point"\nlongitude = "point"',
            50,
            "position.longitude",
            "is the column of latitude",
        ),
        (
            '[position]\npoint = "point"',
            '[position]\npoint = "point"\nwithin = { south = 2, north = 1, west = 1, east = 2 }',
            50,
            "position.within",
            "south is below north",
        ),
        ('column = "area"\nvalues = { "北城区" = "beicheng" }\nfallback = "city"', "", 30, "area", "`fallback`"),
    ],
)
def test_a_broken_map_is_refused_with_file_line_and_field(
    tmp_path: Path, old: str, new: str, line: int, field: str, what: str
) -> None:
    assert old in MAP
    with pytest.raises(BrokenMapError) as caught:
        made(tmp_path, MAP.replace(old, new))
    words = str(caught.value)
    assert f"map.toml:{line}: {field}: " in words
    assert what in words
    assert "\n" in words, "the second line is Chinese"


def test_a_map_that_does_not_exist_is_refused_with_the_known_ones() -> None:
    with pytest.raises(BrokenMapError, match=r"boston.*chicago.*new-york.*san-francisco"):
        load("gotham")


def test_a_map_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "map.toml").write_bytes('city = "Z\xfcrich"'.encode("latin-1"))
    with pytest.raises(BrokenMapError, match="UTF-8"):
        load(str(tmp_path / "map.toml"))


@given(st.binary(max_size=400), st.sampled_from(["", "utf-8", "utf-16", "gb18030"]))
def test_whatever_bytes_a_file_has_every_row_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, start: str
) -> None:
    folder = tmp_path_factory.mktemp("any")
    rows = read(folder, ((HEADER + ROW).encode(start) if start else b"") + content)
    assert all(isinstance(row, RowRead | RowRefused) for row in rows)
    assert [row.line for row in rows] == sorted({row.line for row in rows})


@given(st.text(max_size=60), st.sampled_from(["number", "spoken", "kind", "area", "point"]))
def test_whatever_a_cell_holds_its_row_is_read_or_refused(cell: str, column: str) -> None:
    columns = load("chicago").map
    names = {"number": "SR_NUMBER", "spoken": "CREATED_DATE", "kind": "SR_TYPE", "area": "WARD", "point": "LOCATION"}
    cells = {
        "SR_NUMBER": "SR24-00000001",
        "CREATED_DATE": "01/02/2024 03:04:05 PM",
        "SR_TYPE": "x",
        "WARD": "",
        "LOCATION": "",
    }
    cells[names[column]] = cell.replace('"', '""')
    lines = [",".join(cells) + "\n", ",".join(f'"{each}"' for each in cells.values()) + "\n"]
    assert len([*read_lines(lines, columns)]) <= 1


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("9.00E+07", "exponent"),
        ("9,0E+07", "exponent"),
        ("1,23457e+15", "exponent"),
        ("90000005.0", "decimal"),
        ("90000005,00", "decimal"),
        ("90 000 005", "grouped"),
        ("90'000'005", "grouped"),
        ("9,00,00,005", "grouped"),
        ("90.000.005", "grouped"),
        ('="007"', "mark"),
        ("'007", "mark"),
        ("12-Mar", "date"),
        ("Mar-12", "date"),
        ("12. Mrz", None),
        ("3月12日", "date"),
        ("1905年7月", "date"),
        ("2025/3/12", "date"),
        ("2025-03-12 00:00:00", "date"),
        ("3/12/2025", "date"),
        ("0:00", "date"),
        ("#REF!", "error"),
        ("#SPILL!", "error"),
        ("#BEZUG!", "error"),
        ("#NAME?", "error"),
        ("#NV", "error"),
        ("#####", "narrow"),
        ("TRUE", "truth value"),
        ("None", "no id"),
        ("n/a", "no id"),
        ("-", "no id"),
        ("无", "no id"),
        ("1234567890123450000", "rounded"),
        ("3-12", None),
        ("007", None),
        ("2E05", None),
        ("SR24-00000001", None),
        ("2025-0312", None),
        ("20250312001", None),
        ("#1234", None),
    ],
)
def test_what_a_spreadsheet_has_made_of_an_id_is_refused_by_name(text: str, why: str | None) -> None:
    rule = ExternalId(column="number")
    if why is None:
        assert external_id(text, rule) == text
    else:
        with pytest.raises(ValueError, match=why):
            external_id(text, rule)


def test_a_pattern_of_the_map_decides_on_ids_that_only_may_be_spoiled() -> None:
    for text in ("2025-03-12", "12.345.678", "12-Mar"):
        assert external_id(text, ExternalId(column="number", pattern=r"[0-9]+[-.]\S+")) == text
    with pytest.raises(ValueError, match="exponent"):
        external_id("9.00E+07", ExternalId(column="number", pattern=r".*"))


@pytest.mark.parametrize("value", ["NULL", "(null)", r"\N", "#N/A", "nan"])
def test_what_a_database_writes_for_an_empty_cell_is_empty(tmp_path: Path, value: str) -> None:
    row = ROW.replace("人民路1号", value).replace("(31.2, 121.5)", value)
    complaint = only(read(tmp_path, HEADER + row))
    assert (complaint.address, complaint.latitude) == ("", None)
    found = refusal(read(tmp_path, HEADER + ROW.replace("S1", value)))
    assert (found.field, found.why) == ("工单编号", "empty · 空白")
    assert only(read(tmp_path, HEADER + row, text="empty = []\n" + MAP.replace('point = "point"', ""))).address == value


@pytest.mark.parametrize(
    ("text", "form", "instant_"),
    [
        ("2025-11-28 08:15:00 UTC", "iso", "2025-11-28T08:15:00+00:00"),
        ("2025-11-28T08:15:00.123456789z", "iso", "2025-11-28T08:15:00.123456+00:00"),
        ("2025-12-31T23:59:60Z", "iso", "2026-01-01T00:00:00+00:00"),
        ("2025-11-28 08:15+08", "iso", "2025-11-28T00:15:00+00:00"),
        ("2025-11-28 08:15 +0530", "%Y-%m-%d %H:%M %z", "2025-11-28T02:45:00+00:00"),
        ("2018-11-04", "%Y-%m-%d", "2018-11-04T03:00:00+00:00"),
        ("2018-02-17 23:30", "%Y-%m-%d %H:%M", "2018-02-18T01:30:00+00:00"),
    ],
)
def test_an_instant_is_read_as_it_is_written(text: str, form: str, instant_: str) -> None:
    """In São Paulo, where the first hour of 4 November 2018 was skipped, and the last of 17 February came twice."""
    assert instant(text, [form], ZoneInfo("America/Sao_Paulo")) == datetime.fromisoformat(instant_)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("1899-12-30 00:00", "no date"),
        ("0001-01-01 00:00", "no date"),
        ("9999-12-31T23:59:59-05:00", "no such day"),
        ("2018-11-04 00:30", "skipped"),
        ("1764335700", "since 1970"),
        ("1764335700000", "since 1970"),
        ("#VALUE!", "error"),
        ("45989,34", "day number"),
    ],
)
def test_a_date_that_is_none_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        instant(text, ["%Y-%m-%d %H:%M", "iso"], ZoneInfo("America/Sao_Paulo"))


def test_titles_before_the_header_and_repeated_headers_are_passed_over(tmp_path: Path) -> None:
    title = "2026年9月工单明细,,,,,,,,\n\n制表：中心,标题\n"
    rows = read(tmp_path, title + HEADER + ROW + HEADER + ROW)
    assert [(type(row), row.line) for row in rows] == [(RowRead, 5), (RowRead, 7)]


@pytest.mark.parametrize(
    "header",
    [
        "工单编号 ",
        "\u200b工单编号",
        "\u00a0工单编号\u00a0",
        "* 工单编号",
        "工单编号：",
        '"工单\u00ad编号"',
        "【工单编号】",
    ],
)
def test_a_header_is_found_without_its_marks(tmp_path: Path, header: str) -> None:
    assert only(read(tmp_path, HEADER.replace("工单编号", header) + ROW)).external_id == "S1"


def test_an_exact_header_goes_before_one_that_differs_in_marks(tmp_path: Path) -> None:
    assert only(read(tmp_path, "工单编号*," + HEADER + "S9," + ROW)).external_id == "S1"
    assert "more than once" in refusal(read(tmp_path, "工单编号*,(工单编号)," + HEADER.split(",", 1)[1] + ROW)).why


def test_lines_of_a_long_cell_are_no_rows_of_their_own(tmp_path: Path) -> None:
    """A citizen's text of many lines, one of which looks like a row."""
    words = "很吵\n" * 300 + "S9,2026-09-18 09:30,其他,,,,,,\n" + "很吵\n" * 300
    rows = read(tmp_path, HEADER + ROW.replace("每天夜里,很吵", words) + ROW)
    assert [row.complaint.external_id for row in rows if isinstance(row, RowRead)] == ["S1", "S1"]
    assert [row.line for row in rows] == [2, 604]


def test_a_blank_before_a_quotation_mark_does_no_harm(tmp_path: Path) -> None:
    assert only(read(tmp_path, HEADER + ROW.replace(",", ", ").replace('", ', '", '))).text.startswith("每天夜里")


@pytest.mark.parametrize(
    ("point", "found"),
    [
        ("(31.2, 121.5)", (31.2, 121.5)),
        ("(121.5, 31.2)", "exchanged"),
        ("(40.7, -73.9)", "outside"),
        ("(0, 0)", (None, None)),
    ],
)
def test_a_position_is_in_the_area_of_the_map(tmp_path: Path, point: str, found: object) -> None:
    text = MAP + "within = { south = 30, north = 32, west = 120, east = 123 }\n"
    (row,) = read(tmp_path, HEADER + ROW.replace("(31.2, 121.5)", point), text=text)
    if isinstance(row, RowRead):
        assert (row.complaint.latitude, row.complaint.longitude) == found
    else:
        assert row.field == "坐标"
        assert str(found) in row.why


def test_a_comma_may_stand_for_the_point_in_degrees() -> None:
    assert (degrees("40,7128"), degrees("−73.9")) == (40.7128, -73.9)
    with pytest.raises(ValueError, match="degrees"):
        degrees("40,712,8")


def test_rows_are_counted_without_being_read(tmp_path: Path) -> None:
    path = tmp_path / "old.csv"
    path.write_text("标题一\n\n" + HEADER + ROW + "x\n,,\n" + ROW, encoding="utf-8")
    assert count_rows(path, made(tmp_path)) == len(read(tmp_path, path.read_bytes())) == 3
    path.write_bytes(b"PK\x03\x04")
    assert count_rows(path, made(tmp_path)) == 1


def test_the_map_in_the_documentation_reads_a_file_of_a_chinese_excel(tmp_path: Path) -> None:
    words = (Path(__file__).resolve().parents[3] / "docs" / "import.md").read_text(encoding="utf-8")
    text = words.split("```toml\n")[1].split("```")[0]
    content = (
        "工单编号;受理时间;诉求类别;所属区域;诉求内容;事发地址;来源;经度;纬度\r\n"
        "BC2026;2026/9/18 9:05;噪音扰民;北城区;夜间施工;人民路1号;网站;121.5;31.2\r\n"
    )
    complaint = only(read(tmp_path, content, "gb18030", text))
    assert complaint.received_at == datetime(2026, 9, 18, 1, 5, tzinfo=UTC)
    assert complaint.title == "噪音扰民（北城区）"
    assert complaint.text == "夜间施工。北城区人民路1号"
    assert (complaint.area, complaint.channel, complaint.latitude) == ("beicheng", Channel.WEB, 31.2)
