"""Remarks of `xn reference check` on a place's calendar: notices that are missing, incomplete or change known days."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from services.scoring.domain.calendar import DAYS_OF_NEXT_NOTICE, Calendar, china
from services.scoring.domain.holiday_notices import Notice, notices_of
from services.scoring.domain.limits import CALENDARS

_SATURDAY = 5
FIRST_YEAR = 2004
"""The first year that the calendar package covers."""


def calendar_remarks(tables: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """What limits of this place are provisional for. `tables` fit their models."""
    notices = notices_of(tables.get("calendar", {}))
    name = tables["place"].get("calendar", "china")
    yield from _named_days(notices, CALENDARS[name])
    if name != "china":
        return
    calendar = china(notices)
    for year, notice in sorted(notices.items()):
        if (missing := notice.missing(year)) and not calendar.is_published(year):
            zh, en = ("、".join(each[0] for each in missing), ", ".join(each[1] for each in missing))
            yield (
                f"calendar.toml: the notice for {year} is incomplete, it lacks {en}: limits that reach into {year} are "
                f"provisional · {year}年的放假安排不完整，缺少{zh}：涉及该年的期限均为暂定"
            )
    last = _last_published(calendar)
    since = date(last + 1, 1, 1) - timedelta(days=DAYS_OF_NEXT_NOTICE)
    yield (
        f"calendar.toml: no complete notice for {last + 1} yet, which may name days of December {last} too: limits "
        f"that end on or after {since} are provisional · 尚无{last + 1}年的完整放假安排（它也可能涉及{last}年12月）："
        f"{since}及以后到期的期限均为暂定"
    )


def _named_days(notices: Mapping[int, Notice], made: Callable[[Mapping[int, Notice]], Calendar]) -> Iterator[str]:
    """Days that a notice gives back to the ordinary week: some were known otherwise, the others change nothing."""
    for year, notice in sorted(notices.items()):
        before = made({each: notices[each] for each in notices if each < year})
        back = [day for day in notice.days_off if day.weekday() >= _SATURDAY]
        back += [day for day in notice.days_worked if day.weekday() < _SATURDAY]
        if cancelled := sorted(day for day in back if before.is_worked(day) != (day in notice.days_worked)):
            days = _listed(cancelled)
            yield (
                f"calendar.toml: the notice for {year} cancels holidays or working weekends that were known: {days} · "
                f"{year}年的放假安排取消了已知的休息日或调休上班日：{days}"
            )
        if idle := sorted({*back} - {*cancelled}):
            days = _listed(idle)
            yield (
                f"calendar.toml: the notice for {year} names days that are so anyway, is a date wrong? {days} · "
                f"{year}年的放假安排中这些日期本来如此，请核对：{days}"
            )


def _listed(days: Sequence[date]) -> str:
    return ", ".join(str(day) for day in days)


def _last_published(calendar: Calendar) -> int:
    year = FIRST_YEAR
    while calendar.is_published(year + 1):
        year += 1
    return year
