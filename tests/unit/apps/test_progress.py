"""The position of a feed: it never passes a row that is not settled, and refused rows stand in the file once."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from apps.channel.progress import Progress
from apps.channel.rows import Row, RowRead, RowRefused
from contracts.channel import SubmitComplaint
from contracts.codes import AppealType, Channel


def read(line: int) -> RowRead:
    return RowRead(
        line,
        SubmitComplaint(
            channel=Channel.WEB,
            external_id=str(line),
            received_at=datetime(2026, 9, 18, tzinfo=UTC),
            appeal=AppealType.REQUEST,
            category="heating",
            area="city",
            text="x",
        ),
    )


def refused(line: int) -> RowRefused:
    return RowRefused(line, "area", "unknown")


def opened(folder: Path | None = None, fingerprint: str = "f") -> Progress:
    path = folder / "keep" / "progress.json" if folder else None
    refusals_path = folder / "keep" / "refused.jsonl" if folder else None
    return Progress(path, refusals_path, fingerprint, lambda sent, refused: None)


def lines_in(folder: Path) -> list[int]:
    return [json.loads(line)["line"] for line in (folder / "keep" / "refused.jsonl").read_text().splitlines()]


@given(st.permutations(range(12)), st.sets(st.integers(0, 11)))
def test_the_position_is_the_last_row_before_which_all_are_settled(order: list[int], bad: set[int]) -> None:
    progress = opened()
    rows: list[Row] = [refused(line + 1) if line in bad else read(line + 1) for line in range(12)]
    entries = [progress.begin(row) for row in rows]
    settled: set[int] = set()
    for index in order:
        progress.settle(entries[index])
        settled.add(index)
        expected = next((i for i in range(12) if i not in settled), 12)
        assert progress.position.line == expected
        assert progress.position.refused == len([i for i in range(expected) if i in bad])
        assert progress.position.sent + progress.position.refused == expected


def test_a_second_run_goes_on_where_the_first_stopped(tmp_path: Path) -> None:
    first = opened(tmp_path)
    for row in (read(2), refused(3), read(4)):
        first.settle(first.begin(row))
    first.save()
    assert opened(tmp_path).position == first.position
    assert (first.position.line, first.position.sent, first.position.refused) == (4, 2, 1)
    assert lines_in(tmp_path) == [3]


def test_another_input_starts_at_its_first_line(tmp_path: Path) -> None:
    first = opened(tmp_path)
    first.settle(first.begin(refused(2)))
    first.save()
    assert opened(tmp_path, "other").position.line == 0
    assert lines_in(tmp_path) == []


def test_a_refused_row_behind_the_position_is_not_written_yet(tmp_path: Path) -> None:
    progress = opened(tmp_path)
    progress.begin(read(2))
    progress.settle(progress.begin(refused(3)))
    progress.save()
    assert lines_in(tmp_path) == []


def test_refusals_written_before_a_crash_are_not_written_twice(tmp_path: Path) -> None:
    first = opened(tmp_path)
    first.settle(first.begin(refused(2)))
    first.save()
    with (tmp_path / "keep" / "refused.jsonl").open("a") as file:
        file.write(json.dumps({"line": 3, "field": "", "why": ""}) + "\n" + '{"line": 4, "fie')
    again = opened(tmp_path)
    assert lines_in(tmp_path) == [2]
    again.settle(again.begin(refused(3)))
    again.save()
    assert lines_in(tmp_path) == [2, 3]


def test_a_row_the_broker_never_takes_counts_as_refused() -> None:
    progress = opened()
    progress.settle(progress.begin(read(1)), RowRefused(1, "", "larger than the broker takes"))
    assert (progress.position.sent, progress.position.refused) == (0, 1)
