"""The month of each place of the sources, replayed through the four services: its rules hold, its figures come out."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from infra.local.engines import Engines
from services.scoring.domain.scores.counting import Rate, Tally, shown
from tests.places.months import MONTHS, Month
from tests.places.replay import SECONDS, Replay
from tests.places.shown import SHOWN
from tests.support.deployment import ROOT, Deployment
from tests.support.waiting import wait_until


@pytest.mark.timeout(240)
@pytest.mark.parametrize("month", MONTHS, ids=lambda month: month.place)
async def test_the_month_of_a_place_comes_out_as_its_source_says(
    month: Month, own_embedded: Engines, tmp_path: Path
) -> None:
    now = datetime.now(ZoneInfo("Asia/Shanghai")) - timedelta(minutes=1)
    place = ROOT / "policies" / month.place
    async with Deployment(own_embedded, tmp_path / "services", place=place, partitions=1) as deployment:
        replay = Replay.of(month, deployment, now)
        left_open = (each.complaint.case_id for each in replay.said if each.left_open)
        deployment.silent |= dict.fromkeys(left_open, "the source leaves it open at the end of the month")
        work = asyncio.create_task(replay.people.work())
        try:
            tallies = await lived(replay)
            await SHOWN[month.place](replay)
        finally:
            replay.people.stop()
            await work
    everything_has_its_answer(replay)
    figures_come_out(replay, tallies)


async def lived(replay: Replay) -> dict[str, Tally]:
    """The month is over: everything was said and answered, and scoring has counted it. Its numbers by unit.

    Nothing is lost only once everybody who is told of an end has been: who closes, counts and tells do so one after
    another.
    """
    month, people = replay.month, replay.people
    await people.submit([each.complaint for each in replay.said])
    answered = month.closed - month.out_of_scope

    async def done() -> bool:
        audit = people.ledger.audit()
        return (audit.registered, audit.refused, audit.closed, audit.answered, audit.rated, audit.lost) == (
            month.received,
            0,
            month.closed,
            month.closed,
            answered,
            0,
        )

    try:
        await wait_until(done, SECONDS, "the month is over")
    except AssertionError as error:
        raise AssertionError(f"{error}: {people.ledger.audit()}, {people.describe()}") from None
    tallies: dict[str, Tally] = {}

    async def scored() -> bool:
        tallies.update(await replay.numbers())
        return sum(tally.counts["rated"] for tally in tallies.values()) == answered

    await wait_until(scored, SECONDS, "scoring has counted every rating")
    return tallies


def everything_has_its_answer(replay: Replay) -> None:
    """件件有回音, and each case was last sent to the unit of its lot."""
    audit = replay.people.ledger.audit()
    assert (audit.lost, audit.duplicated, audit.dead_letters) == (0, 0, 0)
    assert audit.registered + audit.refused == len(replay.said)
    expected = {each.complaint.case_id: each.lot.unit for each in replay.said if each.lot.unit is not None}
    assert {case_id: replay.people.asked.get(case_id) for case_id in expected} == expected


def figures_come_out(replay: Replay, tallies: dict[str, Tally]) -> None:
    """The counts of the month are the source's, and each unit's are those of its lots."""
    month = replay.month
    totals: Counter[str] = Counter()
    for tally in tallies.values():
        totals.update(tally.counts)
    assert (totals["received"], totals["closed"], totals["carried-out"]) == (
        month.received,
        month.closed,
        month.received - month.closed,
    )
    assert (totals["answered"], totals["ended"]) == (month.closed - month.out_of_scope, month.out_of_scope)
    if month.closing_rate is not None:
        assert shown(Rate(totals["closed"], totals["received"]).value()) == Decimal(month.closing_rate)
    in_scope = totals["received"] - totals["ended"]
    assert shown(Rate(in_scope, totals["received"]).value()) == Decimal(month.in_scope_rate)
    for unit in {each.lot.unit for each in replay.said if each.lot.unit is not None}:
        closed = [each for each in replay.said if each.lot.unit == unit and not each.left_open]
        assert tallies[unit].counts["closed"] == len(closed)
        assert tallies[unit].rates["satisfaction"].numerator == sum(not each.unhappy for each in closed)
