"""When issues are due, of which days they tell, and how they are numbered."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.notice_tables import Series
from services.notify.domain.series import MOST_BACK, edition_of, editions_due, out_at

ZONE = ZoneInfo("Asia/Shanghai")
LONG_AGO = date(2020, 1, 1)


def series(every_days: int = 7, at: str = "08:00", id: str = "bulletin") -> Series:
    return Series.model_validate(
        {"id": id, "zh": "效能通报", "en": "Bulletin", "every_days": every_days, "at": at, "to": ["city-12345"]}
    )


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def last_days(at: str, every_days: int = 7, since: date = LONG_AGO) -> list[str]:
    due = editions_due(series(every_days), since, local(at), ZONE)
    return [each.last_day.isoformat() for each in due]


def test_a_week_begins_on_monday_and_is_numbered_in_the_year_of_its_sunday() -> None:
    found = edition_of(series(), date(2026, 11, 25))
    assert (found.first_day, found.last_day) == (date(2026, 11, 23), date(2026, 11, 29))
    assert (found.year, found.nth) == (2026, 48)
    assert found.number("〔{year}〕第{n}期") == "〔2026〕第48期"


@pytest.mark.parametrize(
    ("day", "first", "last", "number"),
    [
        (date(2026, 12, 27), date(2026, 12, 21), date(2026, 12, 27), (2026, 52)),
        (date(2026, 12, 28), date(2026, 12, 28), date(2027, 1, 3), (2027, 1)),
        (date(2027, 1, 3), date(2026, 12, 28), date(2027, 1, 3), (2027, 1)),
        (date(2027, 1, 4), date(2027, 1, 4), date(2027, 1, 10), (2027, 2)),
        (date(2023, 12, 31), date(2023, 12, 25), date(2023, 12, 31), (2023, 53)),
        (date(2024, 1, 1), date(2024, 1, 1), date(2024, 1, 7), (2024, 1)),
    ],
)
def test_a_week_over_the_end_of_the_year_is_the_first_of_the_next(
    day: date, first: date, last: date, number: tuple[int, int]
) -> None:
    found = edition_of(series(), day)
    assert (found.first_day, found.last_day, (found.year, found.nth)) == (first, last, number)


def test_a_daily_issue_has_the_number_of_its_day_in_the_year() -> None:
    assert edition_of(series(1), date(2026, 1, 1)).nth == 1
    assert edition_of(series(1), date(2024, 12, 31)).nth == 366


@given(st.integers(1, 31), st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_issues_follow_each_other_without_gap_and_their_numbers_without_leap(every_days: int, day: date) -> None:
    one = edition_of(series(every_days), day)
    other = edition_of(series(every_days), one.last_day + timedelta(days=1))
    assert one.first_day <= day <= one.last_day
    assert other.first_day == one.last_day + timedelta(days=1)
    assert other.before == one.id
    assert other.length == one.length == timedelta(days=every_days)
    follows = (one.year, one.nth + 1) if other.year == one.year else (one.year + 1, 1)
    assert (other.year, other.nth) == follows


def changing(*intervals: tuple[date, int], every_days: int = 10) -> Series:
    later = [{"since": since, "every_days": every} for since, every in intervals]
    return Series.model_validate({**series(every_days).model_dump(), "interval": later})


def test_every_ten_days_becomes_every_seven_from_a_day_on() -> None:
    """“由每10天提速为每7天通报一次” (S1¶6): one issue is cut short, none is left out, numbers go on."""
    found, day = [], date(2026, 11, 20)
    while day < date(2026, 12, 21):
        one = edition_of(changing((date(2026, 12, 7), 7)), day)
        found.append((one.first_day.isoformat(), one.last_day.isoformat(), one.nth))
        day = one.last_day + timedelta(days=1)
    assert found == [
        ("2026-11-11", "2026-11-20", 33),
        ("2026-11-21", "2026-11-30", 34),
        ("2026-12-01", "2026-12-06", 35),
        ("2026-12-07", "2026-12-13", 36),
        ("2026-12-14", "2026-12-20", 37),
    ]


@given(
    st.integers(1, 31),
    st.lists(st.tuples(st.dates(date(2025, 1, 1), date(2027, 1, 1)), st.integers(1, 31)), max_size=3),
    st.dates(date(2024, 6, 1), date(2027, 6, 1)),
)
def test_intervals_leave_no_gap_and_no_number_out(every_days: int, later: list[tuple[date, int]], day: date) -> None:
    rhythm = changing(*sorted(dict(later).items()), every_days=every_days)
    one = edition_of(rhythm, day)
    other = edition_of(rhythm, one.last_day + timedelta(days=1))
    assert one.first_day <= day <= one.last_day
    assert edition_of(rhythm, one.first_day) == edition_of(rhythm, one.last_day) == one
    assert (other.first_day, other.before) == (one.last_day + timedelta(days=1), one.id)
    assert (other.year, other.nth) == ((one.year, one.nth + 1) if other.year == one.year else (one.year + 1, 1))


def test_an_issue_is_due_at_its_hour_on_the_day_after_its_last() -> None:
    assert out_at(series(), edition_of(series(), date(2026, 11, 29)), ZONE) == local("2026-11-30T08:00")
    assert last_days("2026-11-30T07:59")[-1] == "2026-11-22"
    assert last_days("2026-11-30T08:00")[-1] == "2026-11-29"


def test_the_day_is_the_place_s_own_wherever_the_clock_stands() -> None:
    midnight = datetime(2026, 11, 29, 16, tzinfo=UTC)
    due = editions_due(series(at="00:00"), LONG_AGO, midnight, ZONE)
    assert due[-1].last_day == date(2026, 11, 29)
    assert editions_due(series(at="00:00"), LONG_AGO, midnight - timedelta(seconds=1), ZONE)[-1].last_day == date(
        2026, 11, 22
    )


def test_after_a_stand_still_a_few_are_made_up_for_the_oldest_first() -> None:
    found = last_days("2026-11-30T12:00", every_days=1)
    assert found == ["2026-11-25", "2026-11-26", "2026-11-27", "2026-11-28", "2026-11-29"]
    assert len(found) == MOST_BACK


def test_no_issue_ended_before_the_series_was_first_seen() -> None:
    assert last_days("2026-11-30T12:00", every_days=1, since=date(2026, 11, 28)) == ["2026-11-28", "2026-11-29"]
    assert last_days("2026-11-30T12:00", since=date(2026, 11, 30)) == []
    assert last_days("2026-12-07T12:00", since=date(2026, 11, 30)) == ["2026-12-06"]


def test_the_same_issue_has_the_same_key_and_no_other_has() -> None:
    one = edition_of(series(), date(2026, 11, 23))
    assert one.id == edition_of(series(), date(2026, 11, 29)).id
    others = {edition_of(series(), date(2026, 11, 30)).id, edition_of(series(id="weekly"), date(2026, 11, 29)).id}
    assert one.id not in others
    assert len(others) == 2
