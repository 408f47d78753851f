"""When a limit ends, and when somebody is alarmed: arithmetic of budgets, standstills, extensions and days off.

The day on which a limit starts is day 0 and is not counted; a limit in days ends with its last day, at midnight.
A limit in hours is counted from the instant, in elapsed time: the day on which the clocks go back has 25 hours. Days
are counted on local dates. Source: S0, S1¶3, S2; 民法典 §201, §203.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_CEILING, Decimal

from contracts.codes import Rung, Stage, TimeUnit
from contracts.instants import elapsed_after, wall_instant
from contracts.limits import TimeLimit
from services.scoring.domain.calendar import ONE_DAY, WorkingDay
from services.scoring.domain.limits import Limits

Interval = tuple[datetime, datetime]


@dataclass(frozen=True)
class Reckoned:
    """The result: the instant a limit ends, and whether a year on the way is not published yet."""

    due_at: datetime
    provisional: bool


@dataclass(frozen=True)
class Alarm:
    """Somebody is told: `rung` at this instant; with a level, the red card that has gone so many levels up."""

    rung: Rung
    level: int
    at: datetime


@dataclass(frozen=True)
class Budget:
    """How long something may take, with everything that its end depends on."""

    started_at: datetime
    limit: TimeLimit
    still: tuple[Interval, ...] = ()
    """From when to when it stood still; what overlaps counts once."""
    extension_working_days: int = 0

    @property
    def days(self) -> int:
        """Of which the rungs are shares; an extension lengthens what is counted in working days."""
        return self.limit.amount + (self.extension_working_days if self.limit.unit is TimeUnit.WORKING_DAYS else 0)


def reckon(budget: Budget, limits: Limits) -> Reckoned:
    """The end. What is not counted in working days is lengthened by working days after its end."""
    limit, calendar = budget.limit, limits.calendar
    if limit.unit is TimeUnit.HOURS:
        end = elapsed_after(budget.started_at, timedelta(hours=limit.amount) + time_still(budget), limits.timezone)
        if not budget.extension_working_days:
            return Reckoned(end, False)
        return _lengthened(WorkingDay(local_date(end, limits), False), budget.extension_working_days, limits)
    day0 = local_date(budget.started_at, limits)
    if limit.unit is TimeUnit.WORKING_DAYS:
        count = budget.days + working_days_still(budget.still, limits)
        last = calendar.nth_working_day(day0, count) if count else calendar.working_day_from(day0)
        return Reckoned(midnight_after(last.on, limits), last.provisional)
    on = day0 + timedelta(days=limit.amount + calendar_days_still(budget.still, limits))
    last = calendar.working_day_from(on) if limits.day_off_rolls else WorkingDay(on, False)
    return _lengthened(last, budget.extension_working_days, limits)


def alarms(budget: Budget, due_at: datetime, stage: Stage, limits: Limits) -> tuple[Alarm, ...]:
    """Every alarm of a limit, in order, shifted into working hours. One that would come with the next is left out."""
    rules = limits.alarms
    wanted = [
        Alarm(Rung.REMINDER, 0, _share(budget, rules.reminder_ratio, limits)),
        Alarm(Rung.YELLOW, 0, _share(budget, rules.yellow_ratio, limits)),
        Alarm(Rung.RED, 0, due_at),
    ]
    if stage in rules.escalated:
        wanted += [
            Alarm(Rung.RED, level, _overrun(due_at, after, limits))
            for level, after in enumerate(rules.escalate_after, 1)
        ]
    found = [Alarm(each.rung, each.level, _in_working_hours(each.at, stage, limits)) for each in wanted]
    return tuple(
        each
        for n, each in enumerate(found)
        if each.rung is Rung.RED or all(each.at < later.at for later in found[n + 1 :])
    )


def union(intervals: Sequence[Interval]) -> list[Interval]:
    """The same time without counting any of it twice."""
    merged: list[Interval] = []
    for start, end in sorted((start.astimezone(UTC), end.astimezone(UTC)) for start, end in intervals):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def time_still(budget: Budget) -> timedelta:
    """How long it stood still in all."""
    return sum((end - start for start, end in union(budget.still)), timedelta())


def working_days_still(still: Sequence[Interval], limits: Limits) -> int:
    """Working days that are not counted: those after the first day of a standstill, up to and including its last."""
    return sum(
        limits.calendar.working_days_between(local_date(start, limits), local_date(end, limits))
        for start, end in union(still)
    )


def calendar_days_still(still: Sequence[Interval], limits: Limits) -> int:
    """The same for a limit in calendar days."""
    return sum((local_date(end, limits) - local_date(start, limits)).days for start, end in union(still))


def local_date(instant: datetime, limits: Limits) -> date:
    """The calendar day that it is then in this place."""
    return instant.astimezone(limits.timezone).date()


def last_day(due_at: datetime, limits: Limits) -> date:
    """The day with which a limit ends that ends then; midnight belongs to the day before."""
    return local_date(_just_before(due_at), limits)


def midnight_after(on: date, limits: Limits) -> datetime:
    """The end of that day."""
    return wall_instant(on + ONE_DAY, time.min, limits.timezone)


def _lengthened(last: WorkingDay, working_days: int, limits: Limits) -> Reckoned:
    """The end of the day that comes so many working days after."""
    later = limits.calendar.nth_working_day(last.on, working_days)
    return Reckoned(midnight_after(later.on, limits), last.provisional or later.provisional)


def _share(budget: Budget, ratio: Decimal, limits: Limits) -> datetime:
    """When that share of the budget is used up: an instant, or the beginning of work on that day."""
    if budget.limit.unit is TimeUnit.HOURS:
        used = timedelta(seconds=int(budget.limit.amount * 3600 * ratio))
        return elapsed_after(budget.started_at, used + time_still(budget), limits.timezone)
    days = max(1, int((budget.days * ratio).to_integral_value(ROUND_CEILING)))
    day0 = local_date(budget.started_at, limits)
    if budget.limit.unit is TimeUnit.WORKING_DAYS:
        on = limits.calendar.nth_working_day(day0, days + working_days_still(budget.still, limits)).on
    else:
        on = day0 + timedelta(days=days + calendar_days_still(budget.still, limits))
    return wall_instant(on, limits.alarms.work_begins, limits.timezone)


def _overrun(due_at: datetime, after: TimeLimit, limits: Limits) -> datetime:
    """When a limit has been over for so long; the day on which it ended is day 0."""
    started_at = due_at if after.unit is TimeUnit.HOURS else _just_before(due_at)
    return reckon(Budget(started_at, after), limits).due_at


def _in_working_hours(instant: datetime, stage: Stage, limits: Limits) -> datetime:
    """That instant, or the next beginning of work: nobody is alarmed at night or on a day off."""
    rules = limits.alarms
    if stage in rules.at_any_hour:
        return instant
    here = instant.astimezone(limits.timezone)
    worked = limits.calendar.is_worked(here.date())
    if worked and rules.work_begins <= here.time() < rules.work_ends:
        return instant
    on = here.date()
    if not worked or here.time() >= rules.work_ends:
        on = limits.calendar.nth_working_day(on, 1).on
    return wall_instant(on, rules.work_begins, limits.timezone, not_before=instant)


def _just_before(instant: datetime) -> datetime:
    return instant.astimezone(UTC) - timedelta(microseconds=1)
