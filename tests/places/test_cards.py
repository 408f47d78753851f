"""Cards of a limit that nobody keeps fall one after the other: a place whose clock runs a month in a minute."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from contracts.channel import SubmitComplaint
from contracts.codes import AppealType, Channel, Rung
from contracts.scoring import ClockEscalated, ClockRungReached
from infra.clock import accelerated_clock
from infra.local.engines import Engines
from infra.place import read_place
from services.scoring.domain.calendar import ONE_DAY
from services.scoring.domain.limits import Limits
from tests.places.months import Lot, Said
from tests.places.replay import SECONDS, Departments
from tests.support.deployment import ROOT, Deployment
from tests.support.waiting import wait_until

PLACE = ROOT / "policies" / "preset-12345"
SPEED = 43_200.0
"""Twelve hours in a second."""
STARTING = timedelta(days=4)
"""How far the clock runs while the services start."""
LOT = Lot(2, "school-fees", "city", "education", left_open=2, channel=Channel.HOTLINE_12345, appeal=AppealType.CONSULT)


def whole_week(limits: Limits, after: datetime) -> datetime:
    """Nine in the morning of the next Monday that begins a week without a day off, as far as is known."""
    on = after.astimezone(limits.timezone).date() + timedelta(days=1)
    while on.weekday() != 0 or not all(limits.calendar.is_worked(on + n * ONE_DAY) for n in range(5)):
        on += ONE_DAY
    return datetime.combine(on, time(9), limits.timezone)


def said(at: datetime) -> list[Said]:
    """Two questions that nobody answers."""
    return [
        Said(
            LOT,
            SubmitComplaint(
                channel=LOT.channel,
                external_id=f"cards-{n}",
                received_at=at,
                appeal=LOT.appeal,
                category=LOT.category,
                area=LOT.area,
                title="教育收费咨询",
                text="学校收费标准在哪里公布？",
            ),
            left_open=True,
            unhappy=False,
        )
        for n in range(LOT.count)
    ]


@pytest.mark.timeout(240)
async def test_a_question_that_nobody_answers_is_reminded_of_then_yellow_then_red_then_goes_up(
    own_embedded: Engines, tmp_path: Path
) -> None:
    """Domain §4: 2 working days for a question; a card near the end, one at the end, then level by level."""
    files = read_place(PLACE)
    limits = Limits.from_tables(files.version, files.tables)
    wall = datetime.now(UTC)
    monday = whole_week(limits, wall + STARTING)
    origin = wall - (monday - STARTING - wall) / (SPEED - 1)
    settings = {"XN_CLOCK_ORIGIN": origin.isoformat(), "XN_CLOCK_SPEED": str(SPEED)}
    now = accelerated_clock(origin, SPEED)
    async with Deployment(
        own_embedded, tmp_path / "services", place=PLACE, partitions=1, settings=settings
    ) as deployment:
        people = Departments(deployment, said(monday))
        deployment.silent |= {each.complaint.case_id: "nobody answers it" for each in said(monday)}
        work = asyncio.create_task(people.work())
        try:

            async def begun() -> bool:
                return now() >= monday

            await wait_until(begun, SECONDS, "it is Monday")
            await people.submit([each.complaint for each in said(monday)])

            async def gone_up() -> bool:
                levels = [each.level for each in people.heard if isinstance(each, ClockEscalated)]
                return levels.count(1) == LOT.count

            await wait_until(gone_up, SECONDS, "the next level was told")
        finally:
            people.stop()
            await work
    for each in said(monday):
        fell(people, each.complaint.case_id, monday)


def fell(people: Departments, case_id: str, monday: datetime) -> None:
    """Each card of the case once, in order, and none before its time."""
    rungs: Sequence[ClockRungReached] = [
        each
        for each in dict.fromkeys(people.heard)
        if isinstance(each, ClockRungReached) and (each.case_id, each.clock) == (case_id, "close")
    ]
    (up,) = [
        each
        for each in dict.fromkeys(people.heard)
        if isinstance(each, ClockEscalated) and (each.case_id, each.level) == (case_id, 1)
    ]
    end = (monday + 3 * ONE_DAY).replace(hour=0)
    assert [each.rung for each in rungs] == [Rung.REMINDER, Rung.YELLOW, Rung.RED]
    assert {each.due_at for each in rungs} == {end}
    earliest = [monday + ONE_DAY, monday + 2 * ONE_DAY, monday + 3 * ONE_DAY]
    assert all(each.occurred_at >= at for each, at in zip(rungs, earliest, strict=True))
    assert (up.unit, up.to) == ("education", "government")
    assert up.occurred_at >= monday + 4 * ONE_DAY
