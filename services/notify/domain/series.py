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


@dataclass(frozen=True, slots=True)
class _Rhythm:
    """Issues of one length, from a day on until the day before the next interval; days are proleptic ordinals."""

    since: int
    every_days: int
    until: int

    def issue(self, day: int) -> tuple[int, int]:
        """First and last day of the issue of this day; the last issue before another interval may be short."""
        first = day - (day - self.since) % self.every_days
        return first, min(first + self.every_days - 1, self.until)

    def ended_by(self, day: int) -> int:
        """How many issues have their last day on this day or before."""
        days = max(min(day, self.until) - self.since + 1, 0)
        short = day >= self.until and days % self.every_days > 0
        return days // self.every_days + short


def _rhythms(series: Series) -> list[_Rhythm]:
    """One after the other, the first from the first day of all, which was a Monday."""
    begun = [(1, series.every_days), *((each.since.toordinal(), each.every_days) for each in series.interval)]
    ends = [*(since - 1 for since, _ in begun[1:]), date.max.toordinal()]
    return [_Rhythm(since, every_days, until) for (since, every_days), until in zip(begun, ends, strict=True)]


def edition_of(series: Series, day: date) -> Edition:
    """The issue that covers this day. Issues are counted from the first day of their interval, or from a Monday."""
    rhythms, on = _rhythms(series), day.toordinal()
    first, last = next(each for each in rhythms if on <= each.until).issue(on)
    year_before = date(date.fromordinal(last).year, 1, 1).toordinal() - 1
    nth = sum(each.ended_by(last) - each.ended_by(year_before) for each in rhythms)
    return Edition(series.id, date.fromordinal(first), date.fromordinal(last), nth)


def lengths_of(series: Series, until: date = date.max) -> dict[str, int]:
    """Lengths of its issues that have begun by this day, by their first day; the first length has always been there."""
    begun = {each.since.isoformat(): each.every_days for each in series.interval if each.since <= until}
    return {date.min.isoformat(): series.every_days, **begun}


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
