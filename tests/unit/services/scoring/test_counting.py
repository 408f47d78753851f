"""Numbers of cases and rates: the seeds' own figures, what counts for whom, and in which period."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.codes import Satisfaction
from services.scoring.domain.scores.counting import COUNTS, RATES, Rate, Tally, addends, counted, shown
from services.scoring.domain.scores.handling import Handling
from services.scoring.domain.scores.period import Period
from tests.unit.services.scoring.score_makers import DAY, NOVEMBER, handling, on, policy, tallies, unrated

POLICY = policy()
SPAN = POLICY.span(NOVEMBER)


@pytest.mark.parametrize(
    ("part", "whole", "percent"),
    [
        (158, 161, "98.14"),  # S1¶4: closed of received
        (2_029, 7_039, "28.83"),  # S3: in scope of heard; the seed misprints 2883%
        (460, 468, "98.29"),  # S2: items of leaders' mobiles
        (362_500, 2_789_000, "13.00"),  # S2: cases of calls
        (1, 3, "33.33"),
        (2, 3, "66.67"),
        (1, 800, "0.13"),  # 0.125: halves are rounded up
        (0, 7, "0.00"),
        (7, 7, "100.00"),
    ],
)
def test_a_rate_is_shown_with_two_decimals_halves_up(part: int, whole: int, percent: str) -> None:
    assert str(shown(Rate(part, whole).value())) == percent


def test_a_rate_of_nothing_is_not_a_number() -> None:
    assert Rate().value() is None
    assert shown(None) is None


@given(st.fractions(min_value=0, max_value=1000))
def test_what_is_shown_is_never_more_than_half_a_hundredth_off(value: Fraction) -> None:
    told = shown(value)
    assert told is not None
    assert -Fraction(1, 200) < Fraction(told) - value <= Fraction(1, 200)
    assert told == told.quantize(Decimal("0.01"))


def month_like_jian_county() -> list[Handling]:
    """S1¶4: 161 received, 158 of them closed."""
    return [handling(n) for n in range(158)] + [unrated(n, ended_at=None, answered=False) for n in range(158, 161)]


def test_the_figures_of_the_county_centre_come_out_of_its_cases() -> None:
    tally = tallies(month_like_jian_county(), POLICY).by_unit["police"]
    counts = tally.counts
    assert (counts["received"], counts["closed"], counts["carried-out"]) == (161, 158, 3)
    assert shown(Rate(counts["closed"], counts["received"]).value()) == Decimal("98.14")


def test_a_case_carried_over_the_year_is_received_in_one_and_closed_in_the_other() -> None:
    """S2: 22,746 watched and 28,260 finished in a year, those of the year before included; in hundredths here."""
    old = [handling(n, started_at=on(20, 12, 2007), ended_at=on(9, 1, 2008)) for n in range(63)]
    own = [handling(n, started_at=on(9, 3, 2008), ended_at=on(19, 3, 2008)) for n in range(100, 320)]
    late = [handling(n, started_at=on(20, 12, 2008), ended_at=on(9, 1, 2009)) for n in range(400, 408)]
    year = tallies([*old, *own, *late], POLICY, Period.parse("2008")).by_unit["police"].counts
    assert (year["carried-in"], year["received"], year["closed"], year["carried-out"]) == (63, 228, 283, 8)
    assert year["closed"] > year["received"]
    before = tallies([*old, *own, *late], POLICY, Period.parse("2007")).by_unit["police"].counts
    assert (before["received"], before["closed"], before["carried-out"]) == (63, 0, 63)


def test_call_backs_are_counted_by_their_end_and_reached_of_those_called() -> None:
    ends = [("rated", 0, False), ("rated", 1, True), ("declined", 2, True), ("unreachable", 1, False)]
    ends += [("unanswered", 5, False), ("unanswered", 0, False), ("reopened", 1, True)]
    found = [
        handling(n, callback=result, called_back_at=on(20, 11), attempts=attempts, reached=reached)
        for n, (result, attempts, reached) in enumerate(ends)
    ]
    tally = tallies(found, POLICY, Period.parse("2026-11")).by_unit["police"]
    wanted = {"called": 5, "declined": 1, "unreachable": 1, "unanswered": 2}
    assert {name: tally.counts[name] for name in wanted} == wanted
    assert tally.rates["reach"] == Rate(3, 5)
    before = tallies(found, POLICY, Period.parse("2026-10")).by_unit["police"]
    assert {before.counts[name] for name in wanted} == {0}


instants = st.integers(0, 200).map(lambda n: on(1, 9) + n * timedelta(hours=17))


@st.composite
def any_handling(draw: st.DrawFn) -> Handling:
    started = draw(instants)
    ended = draw(st.none() | st.integers(0, 90).map(lambda n: started + n * DAY))
    answered = ended is not None and draw(st.booleans())
    rated = answered and draw(st.booleans())
    return handling(
        draw(st.integers(0, 99)),
        answer=draw(st.integers(1, 3)),
        unit=draw(st.sampled_from(["police", "housing"])),
        started_at=started,
        ended_at=ended,
        answered=answered,
        on_time=draw(st.booleans()),
        rated_at=ended + draw(st.integers(0, 40)) * DAY if rated and ended else None,
        satisfaction=draw(st.sampled_from(Satisfaction)) if rated else None,
        solved=draw(st.booleans()) if rated else None,
        returned_by=draw(st.sampled_from([(), ("housing",), ("police", "housing", "police")])),
        supplements=draw(st.integers(0, 3)),
    )


@given(st.lists(any_handling(), max_size=12), st.sampled_from(["2026-10", "2026-11", "2026-Q4", "2026"]))
def test_what_comes_in_goes_out_or_is_carried_over(handlings: list[Handling], text: str) -> None:
    for tally in tallies(handlings, POLICY, Period.parse(text)).by_unit.values():
        n = tally.counts
        assert n["carried-in"] + n["received"] + n["reopened"] == n["closed"] + n["carried-out"]
        assert n["closed"] == n["answered"] + n["ended"]


@given(st.lists(any_handling(), max_size=12))
def test_what_is_carried_out_of_a_month_is_carried_into_the_next(handlings: list[Handling]) -> None:
    now, then = (tallies(handlings, POLICY, Period.parse(text)).by_unit for text in ("2026-10", "2026-11"))
    for unit in ("police", "housing"):
        assert now[unit].counts["carried-out"] == then[unit].counts["carried-in"]


@given(
    st.lists(any_handling(), max_size=12), st.sampled_from([*COUNTS, *RATES]), st.sampled_from(["police", "housing"])
)
def test_every_number_is_the_sum_of_its_addends(handlings: list[Handling], name: str, unit: str) -> None:
    found = list(addends(name, unit, SPAN, handlings))
    tally = tallies(handlings, POLICY).by_unit[unit]
    if name in COUNTS:
        assert (len(found), sum(each.adds for each in found)) == (tally.counts[name], tally.counts[name])
    else:
        rate = tally.rates[name]
        assert (len(found), sum(each.adds for each in found)) == (rate.denominator, rate.numerator)


@given(st.lists(any_handling(), max_size=12))
def test_counted_by_anything_else_each_case_counts_once(handlings: list[Handling]) -> None:
    whole = Tally()
    for each in handlings:
        whole.add(each, SPAN)
    assert whole.counts == {name: sum(name in counted(each, SPAN) for each in handlings) for name in COUNTS}
    assert all(rate.denominator == whole.counts[RATES[name].of] for name, rate in whole.rates.items())


def rates(*handlings: Handling, unit: str = "police", **changes: Any) -> dict[str, tuple[int, int]]:
    tally = tallies(handlings, replace(POLICY, table=policy(**changes).table)).by_unit[unit]
    return {name: (rate.numerator, rate.denominator) for name, rate in tally.rates.items() if rate.denominator}


def test_who_has_not_answered_is_not_satisfied_and_is_counted_apart() -> None:
    tally = tallies([handling(1), unrated(2)], POLICY).by_unit["police"]
    assert (tally.counts["answered"], tally.counts["rated"], tally.counts["unrated"]) == (2, 1, 1)
    assert tally.rates["satisfaction"] == Rate(1, 1)


@pytest.mark.parametrize(
    ("grade", "satisfied", "points"),
    [
        (Satisfaction.VERY_SATISFIED, 1, 100),
        (Satisfaction.SATISFIED, 1, 85),
        (Satisfaction.FAIRLY_SATISFIED, 1, 70),
        (Satisfaction.DISSATISFIED, 0, 40),
        (Satisfaction.VERY_DISSATISFIED, 0, 0),
    ],
)
def test_each_grade_counts_as_the_place_says(grade: Satisfaction, satisfied: int, points: int) -> None:
    found = rates(handling(satisfaction=grade))
    assert (found["satisfaction"], found["points"]) == ((satisfied, 1), (points, 1))


def test_a_return_counts_against_who_returned_and_not_against_who_answered() -> None:
    case = handling(returned_by=("housing",))
    assert rates(case)["return"] == (0, 1)
    assert rates(case, unit="housing") == {"return": (1, 1)}


def test_asking_a_second_time_counts_against_the_centre() -> None:
    assert rates(handling(supplements=1), unit="city-12345") == {"supplement": (0, 1)}
    assert rates(handling(supplements=2), unit="city-12345") == {"supplement": (1, 1)}
    assert "supplement" not in rates(handling(supplements=2))


def test_what_ended_without_a_unit_is_closed_and_neither_late_nor_rated() -> None:
    found = rates(unrated(answered=False))
    assert not {"on-time", "response"} & set(found)


def test_what_was_withdrawn_lowers_nobodys_response_but_where_any_answer_is_one() -> None:
    cases = [handling(1), unrated(2, answered=False)]
    assert rates(*cases)["response"] == (1, 1)
    assert rates(*cases, ratings={"response": "answered"})["response"] == (1, 2)


@pytest.mark.parametrize(
    ("how", "signed", "counts"),
    [("signed-in-time", True, 1), ("signed-in-time", None, 1), ("signed-in-time", False, 0), ("answered", False, 1)],
)
def test_a_response_is_what_the_place_calls_one(how: str, signed: bool | None, counts: int) -> None:
    assert rates(handling(signed_on_time=signed), ratings={"response": how})["response"] == (counts, 1)


@pytest.mark.parametrize(
    ("counted_in", "november", "december"),
    [("month-of-rating", None, (1, 1)), ("month-of-answer", (1, 1), None)],
)
def test_a_rating_counts_in_its_own_month_or_in_that_of_the_answer(
    counted_in: str, november: tuple[int, int] | None, december: tuple[int, int] | None
) -> None:
    by = replace(POLICY, table=policy(ratings={"counted_in": counted_in}).table)
    late = handling(rated_at=on(3, 12))
    for text, wanted in (("2026-11", november), ("2026-12", december)):
        rate = tallies([late], by, Period.parse(text)).by_unit["police"].rates["resolution"]
        assert ((rate.numerator, rate.denominator) if rate.denominator else None) == wanted


def test_a_case_opened_again_leaves_the_month_that_is_over_as_it_was() -> None:
    first = handling()
    again = unrated(answer=2, started_at=on(3, 12), ended_at=on(9, 12), on_time=False, redos=1)
    before, after = tallies([first], POLICY).by_unit["police"], tallies([first, again], POLICY).by_unit["police"]
    assert after == before
    december = tallies([first, again], POLICY, Period.parse("2026-12")).by_unit["police"].counts
    assert (december["received"], december["reopened"], december["closed"], december["unrated"]) == (0, 1, 1, 1)


@pytest.mark.parametrize(
    ("at", "counts"),
    [
        (datetime.fromisoformat("2026-11-01T00:00:00+08:00"), True),
        (datetime.fromisoformat("2026-10-31T23:59:59+08:00"), False),
        (datetime.fromisoformat("2026-11-30T23:59:59+08:00"), True),
        (datetime.fromisoformat("2026-12-01T00:00:00+08:00"), False),
    ],
)
def test_a_period_holds_its_first_instant_and_not_that_of_the_next(at: datetime, counts: bool) -> None:
    assert ("closed" in counted(handling(started_at=on(1, 10), ended_at=at), SPAN)) == counts
