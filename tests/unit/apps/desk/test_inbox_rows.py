"""Rows of the inbox and countdowns in words."""

from __future__ import annotations

from typing import Any

import pytest

from apps.desk.countdown import countdown_of, most_urgent
from apps.desk.inbox_rows import PAGE, Filter, OpenCases, inbox_of, joined


def limit(clock: str, due_at: str, unit: str = "u", light: str = "green", **changes: Any) -> dict[str, Any]:
    usual = {"clock": clock, "unit": unit, "due_at": due_at, "light": light, "over": False, "provisional": False}
    return {**usual, "working_days": 2, "seconds": 3 * 3600 + 60, **changes}


def case(id: str, **changes: Any) -> dict[str, Any]:
    usual = {"case_id": id, "stage": "signed", "category": "noise", "urgent": False}
    return {**usual, "received_at": "2026-11-23T10:00:00+08:00", **changes}


@pytest.mark.parametrize(
    ("changes", "zh", "en"),
    [
        ({}, "剩 2 工作日 3 小时", "2 working days 3 h left"),
        ({"working_days": 1, "seconds": 0}, "剩 1 工作日", "1 working day left"),
        ({"working_days": 0, "seconds": 59 * 60 + 59}, "剩 59 分钟", "59 min left"),
        ({"working_days": 0, "seconds": 0}, "剩 0 分钟", "0 min left"),
        ({"over": True, "light": "red"}, "超期 2 工作日 3 小时", "2 working days 3 h over"),
        ({"light": "paused"}, "暂停，剩 2 工作日 3 小时", "paused, 2 working days 3 h left"),
    ],
)
def test_what_is_left_is_written_in_working_days_and_hours(changes: dict[str, Any], zh: str, en: str) -> None:
    found = countdown_of(limit("close", "2026-11-30T00:00:00Z", **changes))
    assert (found.zh, found.en) == (zh, en)


def test_the_limit_to_watch_is_the_soonest_that_the_unit_has_to_keep() -> None:
    limits = [
        limit("close", "2026-12-14T00:00:00Z"),
        limit("verify", "2026-11-24T00:00:00Z", unit="centre"),
        limit("sign-2", "2026-11-25T00:00:00Z"),
        limit("callback", "2026-11-20T00:00:00Z"),
    ]
    found = most_urgent(limits, "u")
    assert found is not None
    assert (found.clock, found.name_zh) == ("sign-2", "签收（第2次）期限")
    other = most_urgent(limits[1:2], "u")
    assert other is not None
    assert other.clock == "verify"
    assert most_urgent([], "u") is None


def test_instants_with_different_offsets_sort_by_time() -> None:
    cases = [case("late"), case("soon"), case("none"), case("paused")]
    clocks = {
        "late": {"countdowns": [limit("close", "2026-11-30T10:00:00+08:00")]},
        "soon": {"countdowns": [limit("close", "2026-11-30T01:00:00Z")]},
        "paused": {"countdowns": [limit("close", "2026-11-01T00:00:00Z", light="paused")]},
    }
    found = inbox_of(OpenCases(joined(cases, clocks, "u")), Filter())
    assert [row.case["case_id"] for row in found.rows] == ["soon", "late", "none", "paused"]
    assert found.lights == {"green": 2, "paused": 1}


def test_filters_leave_what_fits_and_count_everything() -> None:
    cases = [case("a", stage="offered", urgent=True), case("b", category="water"), case("c", stage="offered")]
    rows = joined(cases, {"c": {"countdowns": [limit("close", "2026-11-30T00:00:00Z", light="red")]}}, "u")

    def ids(**asked: str) -> list[str]:
        return [row.case["case_id"] for row in inbox_of(OpenCases(rows), Filter.of(asked)).rows]

    assert sorted(ids()) == ["a", "b", "c"]
    assert sorted(ids(stage="offered")) == ["a", "c"]
    assert ids(stage="offered", urgent="true") == ["a"]
    assert ids(category="water") == ["b"]
    assert ids(light="red") == ["c"]
    found = inbox_of(OpenCases(rows), Filter.of({"stage": "offered"}))
    assert (found.total, found.everything, found.stages, found.urgent) == (2, 3, {"offered": 2, "signed": 1}, 1)


def test_a_page_behind_the_last_is_the_last() -> None:
    rows = joined(
        [case(f"{n:03}", received_at=f"2026-11-23T10:00:{n % 60:02}+08:00") for n in range(PAGE + 1)], {}, "u"
    )
    first, last = (inbox_of(OpenCases(rows), Filter.of({"page": page})) for page in ("1", "99"))
    assert (len(first.rows), first.page, first.more) == (PAGE, 1, True)
    assert (len(last.rows), last.page, last.more) == (1, 2, False)
    assert inbox_of(OpenCases([]), Filter()).page == 1


@pytest.mark.parametrize("asked", [{"page": "x"}, {"page": "0"}, {"page": "²"}, {"sort": "x"}, {"light": "blue"}])
def test_a_query_that_does_not_fit_is_the_usual_one(asked: dict[str, str]) -> None:
    assert Filter.of(asked) == Filter()
    assert Filter(stage="offered", page=3).query(page=1) == {"stage": "offered"}


def test_the_latest_arrival_comes_first_where_that_is_asked_for() -> None:
    rows = joined([case("old"), case("new", received_at="2026-11-23T03:00:00Z")], {}, "u")
    assert [row.case["case_id"] for row in inbox_of(OpenCases(rows), Filter(sort="received")).rows] == ["new", "old"]
