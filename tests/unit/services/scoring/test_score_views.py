"""Numbers by a dimension: the row of a unit is what is told of the unit itself, rate by rate."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.store import Store
from services.scoring.domain.scores.counting import RATES, Rate, Tally
from services.scoring.domain.scores.handling import Handling, HandlingRules, handling_key
from services.scoring.score_views import BY, ScoreViews
from tests.unit.services.scoring.score_makers import NOVEMBER, handling, policy
from tests.unit.services.scoring.test_counting import any_handling

POLICY = policy()
RETURNED = handling(returned_by=("housing",), supplements=2)


class Kept(Store):
    """Handlings without a database: the only part of the store that numbers are made from."""

    def __init__(self, handlings: Sequence[Handling]) -> None:
        kept = [HandlingRules(POLICY.zone).filed(each) for each in handlings]
        self._kept = [(handling_key(each.case_id, n), each.model_dump(mode="json")) for n, each in enumerate(kept)]

    async def every(
        self, wanted: Mapping[str, Any], fields: Sequence[str] = ()
    ) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        asked = wanted.get("filed", "")
        places = set(asked["$in"]) if isinstance(asked, dict) else {asked}
        for key, state in self._kept:
            if not places.isdisjoint(state["filed"]):
                yield key, {name: state[name] for name in fields}


async def numbers(by: str, *handlings: Handling, units: Sequence[str] | None = None) -> dict[str, Tally]:
    return await ScoreViews(Kept(handlings)).numbers(NOVEMBER, POLICY, by, units)


async def test_a_return_is_in_the_row_of_who_returned_and_asking_twice_in_that_of_the_centre() -> None:
    rows = await numbers("unit", RETURNED)
    assert {unit: row.rates["return"] for unit, row in rows.items()} == {
        "city-12345": Rate(),
        "housing": Rate(1, 1),
        "police": Rate(0, 1),
    }
    assert {unit: row.rates["supplement"].denominator for unit, row in rows.items()} == {
        "city-12345": 1,
        "housing": 0,
        "police": 0,
    }


@given(handlings=st.lists(any_handling(), max_size=8))
@settings(max_examples=200)
async def test_the_row_of_a_unit_is_what_is_told_of_the_unit(handlings: list[Handling]) -> None:
    rows = await numbers("unit", *handlings)
    scores = await ScoreViews(Kept(handlings)).scores(NOVEMBER, POLICY)
    for unit in ("police", "housing", "city-12345"):
        told = scores.tallies.by_unit.get(unit) or Tally()
        row = rows.get(unit, Tally())
        assert row.counts == told.counts
        assert {rate: row.rates[rate] for rate in RATES} == {rate: told.rates[rate] for rate in RATES}


async def test_a_level_is_its_units_together() -> None:
    station = handling("s", unit="police-beicheng", centre="beicheng-centre", returned_by=("police",))
    rows = await numbers("level", RETURNED, station)
    level = {unit: member.level for unit, member in POLICY.members.items()}
    own = await numbers("unit", RETURNED, station)
    for name, row in rows.items():
        members = [tally for unit, tally in own.items() if level[unit] == name]
        assert row.counts["closed"] == sum(tally.counts["closed"] for tally in members)
        assert row.rates["return"].numerator == sum(tally.rates["return"].numerator for tally in members)
    assert rows[level["police-beicheng"]].rates["return"] == Rate(0, 1)
    assert rows[level["police"]].rates["return"] == Rate(2, 3)


async def test_who_sees_some_units_sees_their_rows_alone() -> None:
    assert set(await numbers("unit", RETURNED, units=["police"])) == {"police"}
    assert (await numbers("level", RETURNED, units=["police"]))["city"].rates["return"] == Rate(0, 1)


@pytest.mark.parametrize("by", [each for each in BY if each not in {"unit", "level"}])
async def test_by_anything_else_a_case_that_was_returned_counts_once(by: str) -> None:
    (row,) = (await numbers(by, RETURNED)).values()
    assert (row.rates["return"], row.rates["supplement"]) == (Rate(1, 1), Rate(1, 1))


async def test_by_what_is_no_dimension_nothing_is_counted() -> None:
    with pytest.raises(KeyError):
        await numbers("charm", RETURNED)
