"""Replay of the calls in S2 at a scale of 1 to 27,890: the share that departments handled."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from infra.local.engines import Engines
from services.scoring.domain.scores.counting import Rate, shown
from tests.places.months import CALLS
from tests.places.replay import Replay
from tests.places.test_months import everything_has_its_answer, figures_come_out, lived
from tests.support.deployment import ROOT, Deployment


@pytest.mark.timeout(240)
async def test_thirteen_of_a_hundred_calls_are_handled_by_departments_scaled_from_362500_of_2789000(
    own_embedded: Engines, tmp_path: Path
) -> None:
    """A call answered on the spot has no message type of its own; the hotline answers a consultation instead."""
    now = datetime.now(ZoneInfo("Asia/Shanghai")) - timedelta(minutes=1)
    place = ROOT / "policies" / CALLS.place
    async with Deployment(own_embedded, tmp_path / "services", place=place, partitions=1) as deployment:
        replay = Replay.of(CALLS, deployment, now)
        work = asyncio.create_task(replay.people.work())
        try:
            tallies = await lived(replay)
        finally:
            replay.people.stop()
            await work
    everything_has_its_answer(replay)
    figures_come_out(replay, tallies)
    answered = {unit: tally.counts["answered"] for unit, tally in tallies.items() if tally.counts["answered"]}
    handled = Rate(sum(answered.values()) - answered["city-12345"], sum(answered.values()))
    assert answered["city-12345"] == 87
    assert str(shown(handled.value())) == str(shown(Fraction(362_500 * 100, 2_789_000))) == "13.00"
