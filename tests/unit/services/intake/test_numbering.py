"""Case numbers: centre, day, position; unique, and never reused."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.intake import CaseRegistered
from contracts.message import case_id_for
from infra.reading import Arrival
from infra.store import Store
from services.intake.app import Pantry
from services.intake.domain.numbering import Numbers, series
from services.intake.domain.registration import Registration
from services.intake.uploads import UploadDesk
from tests.support.memory_objects import MemoryObjects
from tests.unit.services.intake.test_submission import RULES, decide, submission
from tests.unit.services.speaking import AT, context, only

TODAY, TOMORROW = "SL-20261123", "SL-20261124"


def test_a_series_is_named_by_centre_and_day() -> None:
    assert series("SL", date(2026, 1, 2)) == "SL-20260102"


def test_a_number_can_be_read_over_the_telephone() -> None:
    numbers = Numbers()
    numbers.add(TODAY, [42])
    assert numbers.take(TODAY) == "SL-20261123-000042"


def test_numbers_are_taken_in_order_and_each_once() -> None:
    numbers = Numbers()
    numbers.add(TODAY, range(1, 4))
    numbers.add(TODAY, range(7, 9))
    assert [numbers.take(TODAY)[-1] for _ in range(5)] == ["1", "2", "3", "7", "8"]
    with pytest.raises(LookupError, match=TODAY):
        numbers.take(TODAY)


def test_after_a_million_numbers_a_day_goes_on() -> None:
    numbers = Numbers()
    numbers.add(TODAY, [999_999, 1_000_000])
    assert [numbers.take(TODAY) for _ in range(2)] == ["SL-20261123-999999", "SL-20261123-1000000"]


def test_what_is_lacking_is_what_is_wanted_less_what_is_reserved() -> None:
    numbers = Numbers()
    assert numbers.lacking(TODAY, 3) == 3
    numbers.add(TODAY, range(1, 3))
    assert (numbers.lacking(TODAY, 3), numbers.lacking(TODAY, 2), numbers.lacking(TODAY, 1)) == (1, 0, 0)


def test_yesterdays_series_is_forgotten_and_other_centres_are_not() -> None:
    numbers = Numbers()
    for name in (TODAY, "BC-20261123", "SL-X-20261123"):
        numbers.add(name, [1])
    numbers.add(TOMORROW, [1])
    assert numbers.lacking(TODAY, 1) == 1
    assert numbers.lacking("BC-20261123", 1) == 0
    assert numbers.lacking("SL-X-20261123", 1) == 0


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2026, 11, 23, 15, 59, 59, tzinfo=UTC), "20261123"),
        (datetime(2026, 11, 23, 16, 0, 0, tzinfo=UTC), "20261124"),
        (datetime(2026, 12, 31, 16, 0, 0, tzinfo=UTC), "20270101"),
    ],
)
def test_the_day_of_a_number_is_the_local_day_of_its_registration(at: datetime, day: str) -> None:
    assert RULES.series_of(submission(), at) == f"BC-{day}"


def test_a_submission_from_nowhere_needs_no_number() -> None:
    assert RULES.series_of(submission(area="atlantis"), AT) is None


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["SL", "BC", "NC"]), st.integers(0, 3), st.integers(1, 4)), max_size=20))
def test_no_number_is_handed_out_twice(steps: list[tuple[str, int, int]]) -> None:
    numbers, counters, taken = Numbers(), dict[str, int](), list[str]()
    for prefix, day, wanted in sorted(steps, key=lambda step: step[1]):
        name = f"{prefix}-2026112{day}"
        lacking = numbers.lacking(name, wanted)
        first = counters.get(name, 1)
        counters[name] = first + lacking
        numbers.add(name, range(first, first + lacking))
        taken += [numbers.take(name) for _ in range(wanted)]
    assert len(set(taken)) == len(taken)
    assert all(re.fullmatch(r"[A-Z]{2}-\d{8}-\d{6}", number) for number in taken)


# ---- the reservation for a batch


class Counters(Store):
    """Counters without a database: the only part of the store that a reservation uses."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []

    async def reserve(self, counter: str, count: int) -> int:
        first = 1 + sum(each for name, each in self.asked if name == counter)
        self.asked.append((counter, count))
        return first

    async def states(self, wanted: Any, **_: Any) -> list[tuple[str, dict[str, Any]]]:
        return []


def pantry(counters: Counters) -> Pantry:
    desk = UploadDesk(counters, MemoryObjects(), lambda: AT, most_bytes=1, uncited=timedelta(hours=1))
    return Pantry(lambda: RULES, counters, desk)


Batch = dict[str, tuple[Registration | None, list[Arrival]]]


def arrivals(*submissions: Any) -> list[Arrival]:
    return [Arrival(case_id_for("web", each.external_id), "i", each, "m", each.TYPE, "web") for each in submissions]


async def test_a_batch_reserves_once_per_series() -> None:
    counters = Counters()
    batch: Batch = {f"k{n}": (None, arrivals(submission(external_id=f"x{n}"))) for n in range(5)}
    batch["far"] = (None, arrivals(submission(area="qingshan")))
    await pantry(counters).prepare(batch, AT)
    assert sorted(counters.asked) == [("BC-20261123", 5), ("QS-20261123", 1)]


async def test_what_is_registered_already_or_cannot_be_needs_no_number() -> None:
    counters = Counters()
    state = decide(submission()).state
    batch: Batch = {"known": (state, arrivals(submission())), "nowhere": (None, arrivals(submission(area="atlantis")))}
    await pantry(counters).prepare(batch, AT)
    assert counters.asked == []


async def test_a_second_look_at_the_same_batch_reserves_nothing_more() -> None:
    counters = Counters()
    reserve = pantry(counters)
    batch: Batch = {"k": (None, arrivals(submission()))}
    assert (await reserve.prepare(batch, AT)).numbers is (await reserve.prepare(batch, AT)).numbers
    assert counters.asked == [("BC-20261123", 1)]


async def test_a_refused_submission_and_its_mended_one_for_another_centre_may_share_a_batch() -> None:
    first, mended = submission(text=""), submission(area="qingshan")
    supplies = await pantry(Counters()).prepare({"k": (None, arrivals(first, mended))}, AT)
    assert RULES.decide(None, first, context("web", supplies=supplies)).state is None
    registered = only(CaseRegistered, RULES.decide(None, mended, context("web", supplies=supplies)).events)
    assert registered.number == "QS-20261123-000001"
