"""Dates of an Open311 query: instants in every standard form, and whole days in the place's time zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.open311_dates import DateFault, bounds_of, span_of

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
NINE = datetime(2026, 11, 20, 1, tzinfo=UTC)
"""Nine in the morning at Shanghai."""


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-20T09:00:00+08:00",
        "2026-11-20T09:00:00 08:00",
        "2026-11-20 09:00:00 08:00",
        "2026-11-20t09:00:00.000000000+08:00",
        "2026-11-20T01:00:00Z",
        "2026-11-20t01:00:00z",
        "2026-11-20T01:00z",
        "2026-11-20T09:00+08:00",
        "2026-11-20T09:00:00",
        "2026-11-20 09:00",
        "20261120T090000+0800",
        "20261120T090000+08",
        "2026-11-20T09:00:00 08",
        "2026-11-20T09:00:00,0 0800",
    ],
)
def test_an_instant_is_read_in_any_form(text: str) -> None:
    assert bounds_of(text, SHANGHAI) == (NINE, NINE)


def test_a_leap_second_is_the_first_instant_of_the_next_day() -> None:
    first, last = bounds_of("2016-12-31T23:59:60Z", SHANGHAI)
    assert first == last == datetime(2017, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "first", "after"),
    [
        ("2026-11-20", (2026, 11, 20), (2026, 11, 21)),
        ("20261120", (2026, 11, 20), (2026, 11, 21)),
        ("2026-11", (2026, 11, 1), (2026, 12, 1)),
        ("2026-12", (2026, 12, 1), (2027, 1, 1)),
        ("2026", (2026, 1, 1), (2027, 1, 1)),
        ("2024-02-29", (2024, 2, 29), (2024, 3, 1)),
    ],
)
def test_a_date_without_time_is_the_whole_of_it_in_the_zone_of_the_place(
    text: str, first: tuple[int, int, int], after: tuple[int, int, int]
) -> None:
    found = bounds_of(text, SHANGHAI)
    assert found == (
        datetime(*first, tzinfo=SHANGHAI),
        datetime(*after, tzinfo=SHANGHAI) - timedelta(microseconds=1),
    )
    assert found[0].astimezone(UTC).hour == 16


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("2026-11-20Z", "2026-11-20T00:00:00+00:00"),
        ("2026-11-20z", "2026-11-20T00:00:00+00:00"),
        ("2026-11-20+08:00", "2026-11-20T00:00:00+08:00"),
        ("2026-11-20-08:00", "2026-11-20T00:00:00-08:00"),
        ("2024-02-29+14:00", "2024-02-29T00:00:00+14:00"),
    ],
)
def test_a_day_with_an_offset_is_the_whole_day_of_that_offset(text: str, first: str) -> None:
    begin = datetime.fromisoformat(first)
    assert bounds_of(text, NEW_YORK) == (begin, begin + timedelta(days=1) - timedelta(microseconds=1))


@pytest.mark.parametrize(("day", "hours"), [("2026-03-08", 23), ("2026-11-01", 25), ("2026-11-02", 24)])
def test_a_day_on_which_clocks_change_is_whole(day: str, hours: int) -> None:
    first, last = (each.astimezone(UTC) for each in bounds_of(day, NEW_YORK))
    assert last - first == timedelta(hours=hours) - timedelta(microseconds=1)


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "2026-13",
        "2026-02-30",
        "2026-11-20T25:00:00Z",
        "2026-11-20T12:00:60Z",
        "1899-12-31",
        "9001-01-01",
        "9999-12-31",
        "9999",
        "9999-12-31T23:59:59Z",
        "0000",
        "２026-11-20",
        "２０２６-１１-２０",
        "2026-11-20T09:00:00+99:00",
        "20.11.2026",
        "2026-11-20x09:00",
        "2026-11-20_09:00:00Z",
        "2026-11-20+99:00",
        "2026-02-30+08:00",
        "2026-11-20T09:00:00Z[Asia/Shanghai]",
        "1795150800000",
        "-2026-11-20",
    ],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the message is not used
        bounds_of(text, SHANGHAI)


@pytest.mark.parametrize(
    ("query", "start", "end"),
    [
        ({"start_date": "2026-11-20", "end_date": "2026-11-20"}, "2026-11-20T00:00:00", "2026-11-20T23:59:59.999999"),
        ({"start_date": "2026-09-01", "end_date": "2026-11-30"}, "2026-09-01T00:00:00", "2026-11-30T23:59:59.999999"),
        ({"start_date": "2026-11-20"}, "2026-11-20T00:00:00", "2027-02-18T00:00:00"),
        ({"end_date": "2026-11-20"}, "2026-08-22T00:00:00", "2026-11-20T23:59:59.999999"),
        ({"start_date": "2026-11", "end_date": " "}, "2026-11-01T00:00:00", "2027-01-30T00:00:00"),
        ({}, "2026-08-22T09:00:00", "2026-11-20T09:00:00"),
    ],
)
def test_a_span_is_from_the_beginning_of_the_one_to_the_end_of_the_other(
    query: dict[str, str], start: str, end: str
) -> None:
    first, last = (datetime.fromisoformat(each).replace(tzinfo=SHANGHAI) for each in (start, end))
    assert span_of(query, SHANGHAI, NINE) == (first, last)


@pytest.mark.parametrize(
    ("start", "end", "field", "detail"),
    [
        ("2026-11-21", "2026-11-20", "start_date", "after_end_date"),
        ("2026-08-31", "2026-11-30", "start_date", "span_over_90_days"),
        ("2026-08-22T08:59:59+08:00", "2026-11-20T09:00:00+08:00", "start_date", "span_over_90_days"),
        ("soon", "2026-11-20", "start_date", "datetime"),
        ("2026-11-20", "2026-11-31", "end_date", "datetime"),
    ],
)
def test_a_span_that_cannot_be_used_is_refused_by_field(start: str, end: str, field: str, detail: str) -> None:
    with pytest.raises(DateFault) as raised:
        span_of({"start_date": start, "end_date": end}, SHANGHAI, NINE)
    assert (raised.value.field, raised.value.detail) == (field, detail)


@given(st.text("0123456789-:.TtZz+ ", max_size=30) | st.text(max_size=30))
def test_any_text_is_a_date_or_a_value_error(text: str) -> None:
    try:
        first, last = bounds_of(text, NEW_YORK)
    except ValueError:
        return
    assert first <= last


@given(st.integers(-2_000_000_000, 200_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)))
def test_any_instant_is_read_as_it_was_written(instant: datetime) -> None:
    text = instant.isoformat()
    for each in (text, text.replace("+", " "), text.replace("+00:00", "z"), text.lower()):
        assert bounds_of(each, SHANGHAI) == (instant, instant)


def test_ninety_days_are_counted_on_the_wall_where_clocks_change_among_them() -> None:
    query = {"start_date": "2026-08-22", "end_date": "2026-11-20T00:00:00-05:00"}
    first, last = span_of(query, NEW_YORK, NINE)
    assert last - first.astimezone(UTC) == timedelta(days=90, hours=1)
    with pytest.raises(DateFault, match="start_date"):
        span_of({**query, "end_date": "2026-11-20T00:00:01-05:00"}, NEW_YORK, NINE)
