"""The days of a year that differ from the ordinary week, as scoring serves them."""

from __future__ import annotations

from datetime import date

from services.scoring.calendar_api import year_of
from services.scoring.domain.calendar import china, weekends_only
from services.scoring.domain.holiday_notices import notices_of


def test_a_year_of_the_package_has_its_holidays_and_worked_weekends():
    year = year_of(china(), 2026)
    assert date(2026, 10, 1) in year.days_off
    assert all(day.weekday() < 5 for day in year.days_off)
    assert year.days_worked
    assert all(day.weekday() >= 5 for day in year.days_worked)
    assert (year.published, year.provisional_from) == (True, date(2026, 12, 25))


def test_the_notices_of_the_place_go_first():
    notice = {"year": 2027, "source": "x", "days_off": [date(2027, 3, 1)], "days_worked": [date(2027, 3, 6)]}
    year = year_of(weekends_only(notices_of({"year": [notice]})), 2027)
    assert (year.days_off, year.days_worked) == ([date(2027, 3, 1)], [date(2027, 3, 6)])
    assert year.version != year_of(weekends_only(), 2027).version
