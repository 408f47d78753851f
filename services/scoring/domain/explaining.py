"""Why a limit ends when it ends, line by line: each day with its number or the reason why it is not counted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from pydantic import BaseModel, ConfigDict

from contracts.codes import PauseReason, Rung, TimeUnit
from services.scoring.domain.calendar import ONE_DAY
from services.scoring.domain.clock import Clock, Step
from services.scoring.domain.limits import Limits
from services.scoring.domain.reckoning import last_day, local_date, midnight_after

PAUSES = {
    PauseReason.SUPPLEMENT: ("等待补充材料", "waiting for what the complainant was asked for"),
    PauseReason.THIRD_PARTY: ("等待第三方", "waiting for a third party"),
    PauseReason.SHELVED: ("挂账", "shelved"),
}
RUNGS = {Rung.REMINDER: ("提醒", "reminder"), Rung.YELLOW: ("黄牌", "yellow card"), Rung.RED: ("红牌", "red card")}
DAYS = ("一", "二", "三", "四", "五", "六", "日")
LONGEST = 800
"""Days that are listed one by one; a clock that ran for longer is explained by its ledger alone."""


class Line(BaseModel):
    """One line of an explanation."""

    model_config = ConfigDict(frozen=True)

    on: date
    counted: int | None = None
    """Which day of the budget it is; None for a day that is not counted, and for lines that are no day."""
    zh: str
    en: str


def explain(clock: Clock, limits: Limits) -> tuple[Line, ...]:
    """From the start to the end, and the alarms on the way."""
    body = _hours(clock, limits) if clock.limit.unit is TimeUnit.HOURS else _days(clock, limits)
    return (_start(clock, limits), *body, _end(clock, limits), *(_alarms(clock, limits)))


def _start(clock: Clock, limits: Limits) -> Line:
    on = local_date(clock.started_at, limits)
    return Line(
        on=on,
        zh=f"{_at(clock.started_at, limits)} 起算，限{_limit(clock)}（{clock.basis}）；"
        f"当日不计。日历：{clock.calendar}",
        en=f"starts at {_at(clock.started_at, limits)}; the limit is {clock.limit} ({clock.basis}); "
        f"this day is day 0. Calendar: {clock.calendar}",
    )


def _days(clock: Clock, limits: Limits) -> Iterator[Line]:
    first, last = local_date(clock.started_at, limits), last_day(clock.due_at, limits)
    if (last - first).days > LONGEST:
        yield from _ledger(clock, limits)
        return
    wanted, counted, on = clock.budget.days, 0, first
    while on < last:
        on += ONE_DAY
        why = _not_counted(clock, on, limits) if counted < wanted else None
        if why is None and counted < wanted:
            counted += 1
            yield _counted(on, counted, limits)
        elif why is not None:
            yield Line(on=on, zh=f"{_day(on)} 不计：{why[0]}", en=f"{on:%A} is not counted: {why[1]}")
        else:
            yield _after(clock, on, limits)
    yield from _extensions(clock, last)


def _counted(on: date, number: int, limits: Limits) -> Line:
    zh, en = "", ""
    if limits.calendar.is_worked(on) and on.weekday() > 4:
        zh, en = "（调休上班）", " (a make-up workday)"
    zh, en = (a + b for a, b in zip((zh, en), _provisional(on, limits), strict=True))
    return Line(on=on, counted=number, zh=f"{_day(on)} 第{number}日{zh}", en=f"{on:%A} is day {number}{en}")


def _provisional(on: date, limits: Limits) -> tuple[str, str]:
    """What is added to a day that a notice may change; nothing to others."""
    if not limits.calendar.is_provisional(on):
        return "", ""
    return "（放假安排尚未公布，暂计）", " (provisional: a notice of holidays is not published yet)"


def _after(clock: Clock, on: date, limits: Limits) -> Line:
    """A day behind the last that is counted: the end rolls over days off, or comes later by an extension."""
    if not limits.calendar.is_worked(on):
        return Line(on=on, zh=f"{_day(on)} 休息日，期限顺延", en=f"{on:%A} is a day off: the end moves on")
    return Line(
        on=on, zh=f"{_day(on)} 顺延或延期的工作日", en=f"{on:%A} is a working day of the extension, or the last"
    )


def _extensions(clock: Clock, on: date) -> Iterator[Line]:
    for each in clock.extensions:
        yield Line(
            on=on,
            zh=f"其中批准延期{each.working_days}个工作日：{each.reason}",
            en=f"{each.working_days} working days of it were granted as an extension: {each.reason}",
        )


def _not_counted(clock: Clock, on: date, limits: Limits) -> tuple[str, str] | None:
    if clock.limit.unit is TimeUnit.WORKING_DAYS and not limits.calendar.is_worked(on):
        zh, en = ("周末", "a weekend") if on.weekday() > 4 else ("放假", "a holiday")
        later_zh, later_en = _provisional(on, limits)
        return zh + later_zh, en + later_en
    for pause in clock.pauses:
        if pause.until is not None and local_date(pause.since, limits) < on <= local_date(pause.until, limits):
            return PAUSES[pause.reason]
    return None


def _hours(clock: Clock, limits: Limits) -> Iterator[Line]:
    yield from _ledger(clock, limits)
    yield from _extensions(clock, last_day(clock.due_at, limits))


def _ledger(clock: Clock, limits: Limits) -> Iterator[Line]:
    for pause in clock.pauses:
        zh, en = PAUSES[pause.reason]
        until_zh = "至今" if pause.until is None else f"至{_at(pause.until, limits)}"
        until_en = "until now" if pause.until is None else f"until {_at(pause.until, limits)}"
        since = _at(pause.since, limits)
        yield Line(
            on=local_date(pause.since, limits), zh=f"{since} {until_zh}不计：{zh}", en=f"{since} {until_en}: {en}"
        )


def _end(clock: Clock, limits: Limits) -> Line:
    on = last_day(clock.due_at, limits)
    whole_day = clock.due_at == midnight_after(on, limits)
    at_zh = f"{on} 24时" if whole_day else _at(clock.due_at, limits)
    at_en = f"the end of {on}" if whole_day else _at(clock.due_at, limits)
    zh, en = ("（暂定）", " (provisional)") if clock.provisional else ("", "")
    if clock.open_pauses:
        pause = clock.open_pauses[0]
        why_zh, why_en = PAUSES[pause.reason]
        since = _at(pause.since, limits)
        zh, en = f"（{since}起停算：{why_zh}）", f" (it stands still since {since}: {why_en})"
    return Line(on=on, zh=f"到期：{at_zh}{zh}", en=f"ends with {at_en}{en}")


def _alarms(clock: Clock, limits: Limits) -> Iterator[Line]:
    for has_fallen, steps in ((True, clock.fallen), (False, clock.steps)):
        for step in steps:
            zh, en = _rung(step)
            done = ("已发", "fallen") if has_fallen else ("将发", "to come")
            yield Line(
                on=local_date(step.at, limits),
                zh=f"{zh}：{_at(step.at, limits)} {done[0]}",
                en=f"{en}: {_at(step.at, limits)}, {done[1]}",
            )


def _rung(step: Step) -> tuple[str, str]:
    zh, en = RUNGS[step.rung]
    return (f"上报第{step.level}级", f"escalation to level {step.level}") if step.level else (zh, en)


def _at(instant: datetime, limits: Limits) -> str:
    return f"{instant.astimezone(limits.timezone):%Y-%m-%d %H:%M}"


def _day(on: date) -> str:
    return f"周{DAYS[on.weekday()]}"


def _limit(clock: Clock) -> str:
    unit = {TimeUnit.HOURS: "小时", TimeUnit.WORKING_DAYS: "个工作日", TimeUnit.CALENDAR_DAYS: "日"}[clock.limit.unit]
    return f"{clock.limit.amount}{unit}"
