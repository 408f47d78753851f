"""Native submissions: a line is a complaint, or a refusal that names the fields and none of their values."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from apps.channel.jsonl import read_jsonl, read_lines
from apps.channel.rows import Row, RowRead, RowRefused
from contracts.codes import Channel, ReplyBy

GOOD: dict[str, Any] = {
    "channel": "web",
    "external_id": "W-1",
    "received_at": "2026-09-18T09:00:00+08:00",
    "appeal": "complaint",
    "category": "heating",
    "area": "beicheng",
    "title": "暖气不热",
    "text": "家里只有十四度。",
    "contact": {"name": "王伟", "phone": "12000000000", "email": "w@example.invalid", "reply_by": "email"},
}
MARKER = "MARKER-8071"


def one(line: object) -> Row:
    (row,) = read_lines([line if isinstance(line, bytes) else json.dumps(line, ensure_ascii=False).encode()])
    return row


def refused(line: object) -> RowRefused:
    row = one(line)
    assert isinstance(row, RowRefused)
    return row


def test_a_line_becomes_a_complaint() -> None:
    row = one(GOOD)
    assert isinstance(row, RowRead)
    assert row.complaint.channel == Channel.WEB
    assert row.complaint.contact is not None
    assert row.complaint.contact.reply_by is ReplyBy.EMAIL


def test_what_the_generator_makes_can_be_written_and_read_again() -> None:
    row = one(GOOD)
    assert isinstance(row, RowRead)
    assert one(row.complaint.model_dump_json().encode()) == row


def test_all_faults_of_a_line_are_told_at_once() -> None:
    row = refused(GOOD | {"channel": "carrier pigeon", "received_at": "2026-09-18T09:00:00", "text": 7})
    assert row.field == "channel, received_at, text"
    assert row.why.count(";") == 2


def test_a_nested_field_is_named_by_its_path() -> None:
    assert refused(GOOD | {"contact": {"email": 5}}).field == "contact.email"


def test_no_value_of_the_contact_is_repeated() -> None:
    contact = {"name": MARKER * 20, "phone": [MARKER], "email": {"a": MARKER}, "reply_by": MARKER, "language": MARKER}
    row = refused(GOOD | {"contact": contact, "category": f"{MARKER}!", "received_at": MARKER})
    assert MARKER not in f"{row.field} {row.why}"


def test_a_line_that_is_no_json_says_so_without_repeating_it() -> None:
    row = refused(f'{{"contact": {{"phone": "{MARKER}"'.encode())
    assert "Invalid JSON" in row.why
    assert MARKER not in row.why


def test_a_line_that_is_not_utf_8_is_refused() -> None:
    assert refused(b'{"title": "\xff"}').why == "not UTF-8 · 编码不是UTF-8"


def test_a_half_of_a_surrogate_pair_is_refused() -> None:
    assert refused(json.dumps(GOOD | {"text": "\ud800"}).encode()).why


def test_lines_are_counted_with_the_empty_ones_and_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "native.jsonl"
    good = json.dumps(GOOD).encode()
    path.write_bytes(b"\xef\xbb\xbf" + good + b"\n\n  \r\n[]\n" + good)
    rows = list(read_jsonl(path))
    assert [(row.line, type(row)) for row in rows] == [(1, RowRead), (4, RowRefused), (5, RowRead)]
