"""Working days: holidays, make-up workdays, and years that nobody has published yet."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scoring.domain.calendar import WorkingDay, china, weekends_only
from services.scoring.domain.holiday_notices import HOLIDAYS, Notice, notices_of
from tests.unit.services.scoring.notices import complete

CHINA, WEEKENDS = china(), weekends_only()


@pytest.mark.parametrize(
    ("start", "count", "on"),
    [
        (date(2026, 9, 18), 15, date(2026, 10, 15)),
        (date(2026, 2, 9), 15, date(2026, 3, 6)),
        (date(2026, 2, 9), 0, date(2026, 2, 9)),
        (date(2026, 2, 13), 1, date(2026, 2, 14)),
        (date(2026, 2, 14), 1, date(2026, 2, 24)),
        (date(2026, 2, 27), 1, date(2026, 2, 28)),
        (date(2026, 11, 21), 1, date(2026, 11, 23)),
    ],
)
def test_the_check_values_of_the_domain_come_out(start: date, count: int, on: date) -> None:
    assert CHINA.nth_working_day(start, count) == WorkingDay(on, provisional=False)


@pytest.mark.parametrize(
    ("start", "on"), [(date(2026, 9, 18), date(2026, 10, 9)), (date(2026, 2, 9), date(2026, 3, 2))]
)
def test_weekends_alone_would_say_otherwise(start: date, on: date) -> None:
    assert WEEKENDS.nth_working_day(start, 15) == WorkingDay(on, provisional=False)


@pytest.mark.parametrize(
    ("on", "worked"),
    [
        (date(2026, 2, 14), True),
        (date(2026, 2, 28), True),
        (date(2026, 9, 20), True),
        (date(2026, 10, 10), True),
        (date(2026, 2, 17), False),
        (date(2026, 10, 1), False),
        (date(2026, 11, 21), False),
        (date(2026, 11, 23), True),
    ],
)
def test_make_up_workdays_are_worked_and_holidays_are_not(on: date, worked: bool) -> None:
    assert CHINA.working_days_between(on - timedelta(days=1), on) == worked


@pytest.mark.parametrize(
    ("start", "count", "provisional"),
    [
        (date(2026, 12, 10), 10, False),
        (date(2026, 12, 10), 11, True),
        (date(2026, 12, 10), 16, True),
        (date(2026, 12, 31), 1, True),
        (date(2026, 12, 31), 0, False),
        (date(2027, 3, 1), 1, True),
    ],
)
def test_what_reaches_into_an_unpublished_year_is_provisional(start: date, count: int, provisional: bool) -> None:
    found = CHINA.nth_working_day(start, count)
    assert found.provisional == provisional
    assert provisional == (count > 0 and found.on >= date(2026, 12, 25)), "the notice for 2027 may name such days"


def test_a_notice_may_name_days_of_the_december_before_and_of_the_january_after() -> None:
    """The real notice for 2019, which named 29 and 31 December 2018."""
    for_2019 = Notice(frozenset({date(2018, 12, 31), date(2019, 1, 1)}), frozenset({date(2018, 12, 29)}))
    calendar = weekends_only({2019: for_2019})
    assert calendar.is_worked(date(2018, 12, 29))
    assert not calendar.is_worked(date(2018, 12, 31))
    assert not calendar.is_worked(date(2019, 1, 1))
    assert calendar.nth_working_day(date(2018, 12, 28), 2).on == date(2019, 1, 2)
    after = china({2027: complete(2027, off=(date(2028, 1, 3),), worked=(date(2026, 12, 26),))})
    assert after.is_worked(date(2026, 12, 26))
    assert not after.is_worked(date(2028, 1, 3))


def test_the_later_of_two_notices_that_name_a_day_is_right() -> None:
    first = Notice(frozenset({date(2018, 12, 31)}), frozenset())
    second = Notice(frozenset(), frozenset({date(2018, 12, 31)}))
    assert weekends_only({2018: first, 2019: second}).is_worked(date(2018, 12, 31))
    assert not weekends_only({2018: second, 2019: first}).is_worked(date(2018, 12, 31))


def test_a_notice_cancels_a_holiday_and_a_working_weekend_of_the_package() -> None:
    cancelled = Notice(frozenset({date(2026, 10, 10)}), frozenset({date(2026, 10, 7)}))
    calendar = china({2026: cancelled})
    assert (CHINA.is_worked(date(2026, 10, 7)), CHINA.is_worked(date(2026, 10, 10))) == (False, True)
    assert (calendar.is_worked(date(2026, 10, 7)), calendar.is_worked(date(2026, 10, 10))) == (True, False)
    assert calendar.version != CHINA.version
    assert calendar.nth_working_day(date(2026, 9, 30), 1) == WorkingDay(date(2026, 10, 7), provisional=False)
    assert calendar.nth_working_day(date(2026, 10, 9), 1) == WorkingDay(date(2026, 10, 12), provisional=False)


def test_a_second_notice_of_a_year_corrects_the_first() -> None:
    """The notices for 2020: Spring Festival was prolonged to 2 February, and the working Saturday cancelled."""
    table = {
        "year": [
            {"year": 2020, "source": "a", "days_off": [date(2020, 1, 30)], "days_worked": [date(2020, 2, 1)]},
            {"year": 2020, "source": "b", "days_off": [date(2020, 1, 31), date(2020, 2, 1)]},
            {"year": 2020, "source": "c", "days_worked": [date(2020, 1, 30)]},
        ]
    }
    notice = notices_of(table)[2020]
    assert notice == Notice(frozenset({date(2020, 1, 31), date(2020, 2, 1)}), frozenset({date(2020, 1, 30)}))
    assert not weekends_only({2020: notice}).is_worked(date(2020, 2, 1))


def test_a_complete_notice_has_weekdays_off_and_may_give_new_year_in_december() -> None:
    """New Year's Day 2028 is a Saturday: the Friday before may be given for it."""
    notice = complete(2028)
    new_year = {date(2028, 1, 3), date(2028, 1, 4), date(2028, 1, 5)}
    without = Notice(notice.days_off - new_year, frozenset())
    assert [en for _, en in without.missing(2028)] == ["New Year"]
    assert [en for _, en in without.corrected([date(2028, 1, 1)], []).missing(2028)] == ["New Year"]
    assert without.corrected([date(2027, 12, 31)], []).missing(2028) == ()


def test_an_incomplete_notice_leaves_the_other_days_as_they_were() -> None:
    january = china({2026: Notice(frozenset({date(2026, 1, 5)}), frozenset())})
    changed = {
        day
        for n in range(365)
        if january.is_worked(day := date(2026, 1, 1) + timedelta(days=n)) != CHINA.is_worked(day)
    }
    assert changed == {date(2026, 1, 5)}
    assert january.nth_working_day(date(2026, 9, 18), 15) == WorkingDay(date(2026, 10, 15), provisional=False)


def test_an_incomplete_notice_of_a_year_that_is_not_published_leaves_it_provisional() -> None:
    notice = Notice(frozenset({date(2027, 1, 1)}), frozenset())
    calendar = china({2027: notice})
    assert not calendar.is_worked(date(2027, 1, 1))
    assert calendar.nth_working_day(date(2027, 3, 1), 1).provisional
    assert calendar.is_provisional(date(2026, 12, 28))
    assert "Spring Festival" in [en for _, en in notice.missing(2027)]
    assert "New Year" not in [en for _, en in notice.missing(2027)]


def test_the_last_days_of_december_are_final_when_the_next_notice_is_there() -> None:
    calendar = china({2027: complete(2027)})
    assert not calendar.is_provisional(date(2026, 12, 28))
    assert not calendar.nth_working_day(date(2027, 3, 1), 1).provisional
    assert not calendar.is_provisional(date(2027, 12, 24))
    assert calendar.is_provisional(date(2027, 12, 25))
    assert calendar.is_provisional(date(2028, 1, 3))


@pytest.mark.parametrize("year", range(2025, 2027))
def test_the_years_of_the_package_are_complete(year: int) -> None:
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(365)]
    notice = Notice(frozenset(day for day in days if day.weekday() < 5 and not CHINA.is_worked(day)), frozenset())
    assert notice.missing(year) == ()
    assert sum(least for *_, least in HOLIDAYS) == 13
    for _, en, first, last, _ in HOLIDAYS:
        without = Notice(
            frozenset(day for day in notice.days_off if not date(year, *first) <= day <= date(year, *last)), frozenset()
        )
        assert [name for _, name in without.missing(year)] == [en]


def test_weekends_are_never_provisional() -> None:
    assert not WEEKENDS.nth_working_day(date(2030, 12, 31), 5).provisional


def test_a_calendar_says_which_version_it_is() -> None:
    assert CHINA.version.startswith("chinesecalendar-1.")
    assert WEEKENDS.version == "weekends"


days = st.dates(date(2004, 1, 1), date(2027, 6, 1))


@settings(max_examples=80, deadline=None)
@given(start=days, count=st.integers(0, 60))
def test_the_nth_working_day_is_n_working_days_away(start: date, count: int) -> None:
    for calendar in (CHINA, WEEKENDS):
        found = calendar.nth_working_day(start, count).on
        assert calendar.working_days_between(start, found) == count
        if count:
            assert calendar.working_days_between(start, found - timedelta(days=1)) == count - 1


@settings(max_examples=80, deadline=None)
@given(start=days, first=st.integers(0, 60), second=st.integers(0, 60))
def test_counting_on_is_counting_once(start: date, first: int, second: int) -> None:
    on = CHINA.nth_working_day(start, first).on
    assert CHINA.nth_working_day(on, second).on == CHINA.nth_working_day(start, first + second).on


@settings(max_examples=50, deadline=None)
@given(start=days, days=st.integers(-400, 0))
def test_nothing_has_been_used_before_the_day_after_receipt(start: date, days: int) -> None:
    assert CHINA.working_days_between(start, start + timedelta(days=days)) == 0
