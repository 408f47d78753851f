"""When an issue of a series (日报、周报、简报) is due, of which days it tells, and its number. Source: S1¶6, S4, S2.

Days and numbers follow from the calendar alone: any instance finds the same issues with the same numbers, now or later.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from contracts.instants import wall_instant
from contracts.notice_tables import Series

ISSUES = uuid5(NAMESPACE_URL, "urn:xiaoneng:issues")
"""Namespace of issue ids. Never changes: an issue must be the same wherever it is reckoned."""
MOST_BACK = 5
"""Issues of one series that are made up for after days of stand-still; older ones are not issued any more."""


@dataclass(frozen=True, slots=True)
class Edition:
    """One issue of a series, before anything is counted."""

    series: str
    first_day: date
    last_day: date
    nth: int
    """Which it is among those whose last day lies in the same year."""

    @property
    def id(self) -> str:
        """Key of its document."""
        return issue_id(self.series, self.last_day)

    @property
    def before(self) -> str:
        """Key of the issue that tells of the days before."""
        return issue_id(self.series, self.first_day - timedelta(days=1))

    @property
    def length(self) -> timedelta:
        """Of the days it tells about."""
        return self.last_day - self.first_day + timedelta(days=1)

    @property
    def year(self) -> int:
        """Of its number."""
        return self.last_day.year

    def number(self, form: str) -> str:
        """As the place writes it: ``〔{year}〕第{n}期``."""
        return form.replace("{year}", str(self.year)).replace("{n}", str(self.nth))


def issue_id(series: str, last_day: date) -> str:
    """The same for the same series and last day, whoever reckons it."""
    return str(uuid5(ISSUES, f"{series}/{last_day.isoformat()}"))


def edition_of(series: Series, day: date) -> Edition:
    """The issue that tells of this day. Seven days begin on a Monday; other lengths are counted from one, too."""
    every = series.every_days
    first = day - timedelta(days=(day.toordinal() - 1) % every)  # the first day of all was a Monday
    last = first + timedelta(days=every - 1)
    return Edition(series.id, first, last, (last.timetuple().tm_yday - 1) // every + 1)


def out_at(series: Series, edition: Edition, zone: ZoneInfo) -> datetime:
    """When it comes out: the day after its last, at the hour of the series."""
    return wall_instant(edition.last_day + timedelta(days=1), time.fromisoformat(series.at), zone)


def editions_due(series: Series, since: date, at: datetime, zone: ZoneInfo) -> tuple[Edition, ...]:
    """Those that should be out by now, the oldest first: none that ended before `since`, and not more than a few."""
    latest = edition_of(series, at.astimezone(zone).date())
    found: list[Edition] = []
    while len(found) < MOST_BACK:
        if out_at(series, latest, zone) <= at:
            found.append(latest)
        latest = edition_of(series, latest.first_day - timedelta(days=1))
        if latest.last_day < since:
            break
    return tuple(each for each in reversed(found) if each.last_day >= since)
