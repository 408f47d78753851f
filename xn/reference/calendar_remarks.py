"""Remarks of `xn reference check` on a place's calendar: missing or incomplete holiday notices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from services.scoring.domain.calendar import DAYS_OF_NEXT_NOTICE, Calendar, china
from services.scoring.domain.holiday_notices import notices_of

FIRST_YEAR = 2004
"""The first year that the calendar package covers."""


def calendar_remarks(tables: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Yield a remark for each reason why time limits are provisional. `tables` must be validated."""
    if tables["place"].get("calendar", "china") != "china":
        return
    notices = notices_of(tables.get("calendar", {}))
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


def _last_published(calendar: Calendar) -> int:
    year = FIRST_YEAR
    while calendar.is_published(year + 1):
        year += 1
    return year
