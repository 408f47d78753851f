"""What is counted of the items that other systems have watched, and what scores make of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.items import FinishItem, WatchItem
from contracts.limits import TimeLimit
from infra.decision import Due
from services.scoring.domain.decide import Rules
from services.scoring.domain.item import Item
from services.scoring.domain.scores.counting import shown
from services.scoring.domain.scores.items import ITEM_RATES, ItemTallies, ItemTally, WatchedItem, item_addends
from services.scoring.domain.scores.period import Period
from services.scoring.domain.scores.policy import ScorePolicy
from services.scoring.domain.scores.scorecard import Scorecard, scorecard
from tests.unit.services.scoring.score_makers import NOVEMBER, on, policy, tallies
from tests.unit.services.speaking import context, decided, demo

YEAR = Period.parse("2008")
DAY = timedelta(days=1)
RULES = Rules.from_tables(demo().version, demo().tables)
UNIT = "police"
WATCHED, FINISHED, CARRIED_IN = 22_746, 28_260, 6_630
"""S2: “全程监控审批业务22746笔，其中办结28260笔(含上年未办结事项)，办结率达到96.2%”: so many came over from 2007."""


def item(name: object = "x", **changes: Any) -> WatchedItem:
    """One that was started on the 2nd and finished in time on the 5th of November."""
    given_: dict[str, Any] = {
        "key": str(name),
        "system": "e-supervision",
        "external_id": str(name),
        "matter": "business-licence",
        "unit": UNIT,
        "started_at": on(2),
        "ended_at": on(5),
        "on_time": True,
    }
    return WatchedItem(**{**given_, **changes})


def counted(items: Iterable[WatchedItem], period: Period = NOVEMBER) -> ItemTally:
    tally, span = ItemTally(), policy().span(period)
    for each in items:
        tally.add(each, span)
    return tally


def numbers(tally: ItemTally) -> tuple[int, ...]:
    names = ("carried-in", "watched", "finished", "cancelled", "carried-out", "yellow", "red")
    return tuple(tally.counts[f"item.{name}"] for name in names)


def rate(tally: ItemTally, name: str) -> str:
    return str(shown(tally.rates[name].value()))


def year_of_jiangmen() -> Iterable[WatchedItem]:
    """2008 in Jiangmen: whatever was carried in is finished first, the last of the year is not."""
    before, within = datetime(2007, 12, 20, tzinfo=UTC), datetime(2008, 6, 2, tzinfo=UTC)
    for n in range(CARRIED_IN + WATCHED):
        ended_at = within + DAY if n < FINISHED else None
        yield item(n, started_at=before if n < CARRIED_IN else within, ended_at=ended_at)


def test_more_was_finished_than_watched_and_the_rate_is_that_of_the_source() -> None:
    tally = counted(year_of_jiangmen(), YEAR)
    assert numbers(tally) == (CARRIED_IN, WATCHED, FINISHED, 0, CARRIED_IN + WATCHED - FINISHED, 0, 0)
    assert tally.counts["item.finished"] > tally.counts["item.watched"]
    assert rate(tally, "item.finished-rate") == "96.20"  # S2: 96.2 %


def kept(n: int, started_at: datetime, finished_at: datetime | None) -> WatchedItem:
    """An item as scoring keeps it, by its own rules."""
    said = WatchItem(
        system="e-supervision",
        external_id=str(n),
        issued_at=started_at,
        unit=UNIT,
        matter="business-licence",
        started_at=started_at,
        limit=TimeLimit.parse("5 working days"),
    )
    state = decided(RULES.decide(None, said, context("e-supervision", at=started_at))).state
    if finished_at is not None:
        done = FinishItem(system="e-supervision", external_id=str(n), issued_at=finished_at)
        state = decided(RULES.decide(state, done, context("e-supervision", at=finished_at))).state
    assert isinstance(state, Item)
    return WatchedItem.of_kept(str(n), state.model_dump(mode="json"))


def test_a_sixth_of_that_year_comes_to_a_sixth_of_its_figures_through_the_rules_themselves() -> None:
    before, within = datetime(2007, 12, 27, 2, tzinfo=UTC), datetime(2008, 6, 2, 2, tzinfo=UTC)
    carried, watched, finished = (figure // 6 for figure in (CARRIED_IN, WATCHED, FINISHED))
    starts = [before] * carried + [within] * watched
    tally = counted((kept(n, at, at + 6 * DAY if n < finished else None) for n, at in enumerate(starts)), YEAR)
    assert numbers(tally)[:5] == (carried, watched, finished, 0, carried + watched - finished)
    assert (rate(tally, "item.finished-rate"), rate(tally, "item.on-time")) == ("96.20", "100.00")


def test_a_card_counts_in_the_period_in_which_it_fell_and_what_is_cancelled_in_none() -> None:
    red = item("red", ended_at=on(3, 12), on_time=False, yellow_at=on(6), red_at=on(9))
    cancelled = item("cancelled", ended_at=on(9), cancelled=True, yellow_at=on(6))
    november = counted([red, cancelled])
    assert numbers(november) == (0, 2, 0, 1, 1, 2, 1)
    assert (november.rates["item.finished-rate"].denominator, rate(november, "item.on-time")) == (1, "None")
    december = counted([red, cancelled], Period.parse("2026-12"))
    assert numbers(december) == (1, 0, 1, 0, 0, 0, 0)
    assert rate(december, "item.on-time") == "0.00"


def test_what_ended_late_before_anybody_was_alarmed_has_a_red_card_all_the_same() -> None:
    friday = datetime(2026, 11, 20, 2, tzinfo=UTC)
    over = kept(1, friday, datetime(2026, 11, 28, 1, tzinfo=UTC))  # over with Friday the 27th; nobody works on the 28th
    assert not over.on_time
    assert over.red_at == over.ended_at


def test_an_item_that_is_cancelled_has_no_red_card() -> None:
    at = datetime(2026, 11, 2, 2, tzinfo=UTC)
    state: Any = decided(RULES.decide(None, watch(at), context("e-supervision", at=at))).state
    late = at + 20 * DAY
    state = decided(RULES.decide(state, Due(), context("e-supervision", at=late))).state
    assert WatchedItem.of_kept("k", state.model_dump(mode="json")).red_at is not None
    gone = FinishItem(system="e-supervision", external_id="x", issued_at=late, cancelled=True)
    state = decided(RULES.decide(state, gone, context("e-supervision", at=late))).state
    assert WatchedItem.of_kept("k", state.model_dump(mode="json")).red_at is None


def watch(at: datetime) -> WatchItem:
    return WatchItem(
        system="e-supervision",
        external_id="x",
        issued_at=at,
        unit=UNIT,
        matter="business-licence",
        started_at=at,
        limit=TimeLimit.parse("5 working days"),
    )


days = st.integers(0, 120)


@settings(max_examples=100, deadline=None)
@given(
    lives=st.lists(st.tuples(days, st.none() | days, st.booleans()), max_size=30),
    month=st.integers(9, 12),
)
def test_whatever_comes_and_goes_the_items_of_a_period_add_up(
    lives: list[tuple[int, int | None, bool]], month: int
) -> None:
    origin = datetime(2026, 8, 20, tzinfo=UTC)
    items = [
        item(
            n,
            started_at=origin + start * DAY,
            ended_at=None if lasts is None else origin + (start + lasts) * DAY,
            cancelled=cancelled and lasts is not None,
        )
        for n, (start, lasts, cancelled) in enumerate(lives)
    ]
    carried_in, watched, finished, cancelled, carried_out, _, _ = numbers(counted(items, Period(2026, month, 1)))
    assert carried_in + watched == finished + cancelled + carried_out
    tally = counted(items, Period(2026, month, 1))
    assert all(0 <= tally.rates[name].numerator <= tally.rates[name].denominator for name in ITEM_RATES)


def test_numbers_are_of_a_unit_and_of_the_systems_that_are_asked_for() -> None:
    items = [item(1), item(2, system="approvals"), item(3, unit="housing"), item(4, on_time=False)]
    found = ItemTallies(policy().span(NOVEMBER), items)
    assert [found.count(UNIT, "item.finished", systems) for systems in ((), ("approvals",), ("none",))] == [3, 1, 0]
    assert found.rate(UNIT, "item.on-time").value() == pytest.approx(200 / 3)
    assert found.rate("nobody", "item.on-time").value() is None
    behind = list(item_addends("item.on-time", policy().span(NOVEMBER), items[:2] + items[3:]))
    assert sorted((each.item.key, each.adds) for each in behind) == [("1", 1), ("2", 1), ("4", 0)]
    with pytest.raises(KeyError):
        list(item_addends("nothing", policy().span(NOVEMBER), items))


def by_red_cards(**changes: Any) -> ScorePolicy:
    return policy(
        deduction=[
            {"id": "e-supervision", "zh": "电子监察扣分", "en": "electronic supervision", "red_card": 2, **changes}
        ]
    )


def card(by: ScorePolicy, items: Iterable[WatchedItem]) -> Scorecard:
    found = ItemTallies(by.span(NOVEMBER), items)
    return scorecard(by.members[UNIT], tallies([], by), [], by, found)


@pytest.mark.parametrize(
    ("cards", "systems", "adds"), [(3, [], -6), (3, ["approvals"], 0), (9, ["e-supervision"], -10)]
)
def test_red_cards_are_deducted_up_to_the_most_and_nobody_enters_them(
    cards: int, systems: list[str], adds: int
) -> None:
    by = by_red_cards(most=10, systems=systems)
    made = card(by, [item(n, red_at=on(4), on_time=False) for n in range(cards)])
    assert sum(line.adds for line in made.lines if line.does == "deduction") == adds
    assert [line.numerator for line in made.lines if line.does == "deduction"] == ([cards] if adds else [])


def test_a_component_may_be_a_rate_of_items() -> None:
    own = {"id": "items", "zh": "审批按时办结率", "en": "items on time", "items": "item.on-time"}
    groups = [{**group, "weights": {"items": 100}} for group in demo().tables["scores"]["group"]]
    by = policy(component=[own], group=groups, deduction=[])
    made = card(by, [item(1), item(2), item(3), item(4, on_time=False)])
    (line,) = [each for each in made.lines if each.id == "items"]
    assert (line.value, made.total) == (Fraction(75), Fraction(75))
    assert (line.numerator, line.denominator, line.small_sample) == (3, 4, True)
    assert card(by, []).missing == ("items",)
