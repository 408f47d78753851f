"""The days of a year that deviate from Monday to Friday, as apps draw them."""

from __future__ import annotations

from datetime import date

import httpx

from infra.http.key_file import KeyFile
from infra.http.serving import HttpSide
from infra.telemetry import Metrics, Tracing
from services.scoring.calendar_api import CalendarApi, calendar_year, working_days
from services.scoring.domain.calendar import china, weekends_only
from services.scoring.domain.holiday_notices import notices_of

WORKED_SUNDAY, DAY_OFF = date(2027, 2, 14), date(2027, 1, 4)
NOTICES = notices_of({"year": [{"year": 2027, "days_off": [DAY_OFF], "days_worked": [WORKED_SUNDAY]}]})


def test_holidays_and_makeup_workdays_of_a_published_year() -> None:
    """Source: 国办发明电〔2024〕12号: 28 January 2025 is off, Sunday 26 January is worked."""
    found = calendar_year(china(), 2025)
    assert {date(2025, 1, 1), date(2025, 1, 28), date(2025, 10, 8)} <= set(found.days_off)
    assert date(2025, 1, 26) in found.days_worked
    assert date(2025, 1, 25) not in found.days_off, "a Saturday is off in any week"
    assert found.provisional_from is None


def test_a_year_without_notice_is_provisional_from_its_first_day() -> None:
    assert calendar_year(china(), 2099).provisional_from == date(2099, 1, 1)


def test_the_days_that_a_place_names_are_shown() -> None:
    found = calendar_year(weekends_only(NOTICES), 2027)
    assert (found.days_off, found.days_worked) == ([DAY_OFF], [WORKED_SUNDAY])


async def test_only_years_of_notices_are_answered() -> None:
    side = HttpSide(
        "Test",
        "1",
        (working_days(CalendarApi(lambda: weekends_only(NOTICES))),),
        keys=KeyFile(None, None),
        tracing=Tracing("test", None, "test"),
        metrics=Metrics.create(),
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(side), base_url="http://test") as client:
        answer = await client.get("/v1/calendar/2027")
        assert answer.json()["days_off"] == [DAY_OFF.isoformat()]
        assert answer.headers["cache-control"] == "public, max-age=60"
        for year in ("2003", "2101", "02027", "x", "２０２７"):
            assert (await client.get(f"/v1/calendar/{year}")).status_code == 404
