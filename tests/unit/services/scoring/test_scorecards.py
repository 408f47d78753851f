"""Scores: S2's weights, deductions, vetoes and bonuses; bands, ranks, awards, and what follows for first and last."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.codes import AssessmentKind, Satisfaction
from services.scoring.domain.scores.assessment import Assessment
from services.scoring.domain.scores.comparing import differences
from services.scoring.domain.scores.grading import graded, needs_the_year_before, with_consequences
from services.scoring.domain.scores.handling import Handling
from services.scoring.domain.scores.period import Period
from services.scoring.domain.scores.policy import Member, ScorePolicy
from services.scoring.domain.scores.scorecard import Scorecard, ScoreLine, scorecard
from tests.unit.services.scoring.score_makers import NOVEMBER, assessment, handling, policy, tallies
from tests.unit.services.speaking import demo

POLICY = policy()
YEAR = Period.parse("2026")
RATING, DEDUCTION, BONUS, VETO = AssessmentKind


def score(
    handlings: Sequence[Handling] = (),
    entries: Sequence[Assessment] = (),
    unit: str = "police",
    by: ScorePolicy = POLICY,
) -> Any:
    """A card, whose exact numbers are compared with whole ones."""
    return scorecard(by.members[unit], tallies(handlings, by), entries, by)


def platforms(grade: Satisfaction, count: int = 40, channel: str = "hotline-12345") -> list[Handling]:
    return [handling(n, satisfaction=grade, channel=channel) for n in range(count)]


def rated_by_bodies(superior: str = "90", objects: str = "70", about: str = "police") -> list[Assessment]:
    return [
        assessment(RATING, "superior", superior, about=about),
        assessment(RATING, "service-objects", objects, about=about),
    ]


def line(card: Scorecard, id: str) -> Any:
    (found,) = [each for each in card.lines if each.id == id]
    return found


def test_a_department_is_weighed_eighty_ten_ten() -> None:
    """S2: 6大平台服务对象直接评议占到总成绩的80%，上级对口评议和服务对象评议各占10%."""
    card = score(platforms(Satisfaction.SATISFIED), rated_by_bodies())
    assert card.total == Fraction(85 * 80 + 90 * 10 + 70 * 10, 100)
    assert [(each.id, each.weight, each.value) for each in card.lines] == [
        ("direct-rating", 80, 85),
        ("superior", 10, 90),
        ("service-objects", 10, 70),
    ]


@pytest.mark.parametrize("unit", ["city-office", "water-company"])
def test_party_bodies_and_stationed_ones_are_weighed_eighty_twenty(unit: str) -> None:
    """S2: 服务对象和上级对口评议分别占80%和20%."""
    assert score(entries=rated_by_bodies(about=unit), unit=unit).total == Fraction(70 * 80 + 90 * 20, 100)


def test_only_the_six_platforms_count_for_direct_rating() -> None:
    own = platforms(Satisfaction.VERY_SATISFIED)
    others = [handling(n, satisfaction=Satisfaction.VERY_DISSATISFIED, channel="web") for n in range(100, 160)]
    assert line(score([*own, *others]), "direct-rating").value == 100


def test_several_ratings_of_a_component_are_averaged_exactly() -> None:
    entries = [*rated_by_bodies("90", "70"), assessment(RATING, "superior", "80.01")]
    assert line(score(entries=entries), "superior").value == Fraction(17001, 200)


def test_deductions_are_taken_off_up_to_their_most() -> None:
    """S2: 电子监察、明察暗访、行政过错等实行扣分制."""
    entries = [*rated_by_bodies(), *(assessment(DEDUCTION, "inspection", each) for each in ("4", "3.5", "5"))]
    card = score(platforms(Satisfaction.SATISFIED), entries)
    assert (line(card, "inspection").adds, card.total) == (-10, 84 - 10)


def test_a_bonus_counts_once_it_is_approved() -> None:
    """S2: 经市作风建设领导小组审定，可予一定加分."""
    waiting = assessment(BONUS, "merit", "3", assessor="city-12345")
    cases = platforms(Satisfaction.SATISFIED)
    card = score(cases, [*rated_by_bodies(), waiting])
    assert (line(card, "merit").adds, len(line(card, "merit").entries), card.total) == (0, 1, 84)
    approved = waiting.model_copy(update={"approved_by": "city-office"})
    assert score(cases, [*rated_by_bodies(), approved]).total == 87


def test_what_was_withdrawn_does_not_count() -> None:
    gone = assessment(DEDUCTION, "fault", "9").model_copy(update={"withdrawn": True})
    assert score(platforms(Satisfaction.SATISFIED), [*rated_by_bodies(), gone]).total == 84


def test_as_long_as_a_component_is_missing_there_is_no_score_rather_than_a_guess() -> None:
    card = score(platforms(Satisfaction.SATISFIED), [assessment(RATING, "superior", "90")])
    assert (card.total, card.missing) == (None, ("service-objects",))


def test_where_the_place_wants_it_the_others_weigh_more() -> None:
    by = policy(missing="reweigh")
    card = score(platforms(Satisfaction.SATISFIED), [assessment(RATING, "superior", "90")], by=by)
    assert (card.total, card.missing) == (Fraction(85 * 80 + 90 * 10, 90), ("service-objects",))
    assert score(by=by).total is None


@pytest.mark.parametrize(("count", "small"), [(1, True), (29, True), (30, False), (0, True)])
def test_what_rests_on_few_or_on_none_is_flagged(count: int, small: bool) -> None:
    card = score(platforms(Satisfaction.SATISFIED, count), rated_by_bodies())
    assert (line(card, "direct-rating").small_sample, card.small_sample) == (small, small)


@given(
    st.lists(st.sampled_from(Satisfaction), min_size=1, max_size=9),
    st.decimals(0, 100, places=2),
    st.decimals(0, 30, places=2),
)
def test_a_score_is_the_sum_of_its_parts(grades: list[Satisfaction], superior: Any, off: Any) -> None:
    cases = [handling(n, satisfaction=grade) for n, grade in enumerate(grades)]
    card = score(cases, [*rated_by_bodies(str(superior)), assessment(DEDUCTION, "fault", str(off))])
    assert card.total == sum(each.adds for each in card.lines)
    for each in card.lines:
        if each.numerator is not None and each.denominator:
            assert each.value == Fraction(each.numerator, each.denominator)


# ---- beside peers


def card(unit: str, total: str | None, **changes: Any) -> Scorecard:
    member = Member(unit, unit, unit, "city", "public-facing")
    return Scorecard(unit=member, lines=(), total=None if total is None else Fraction(total), **changes)


def ranking(**changes: Any) -> ScorePolicy:
    return policy(grading="ranking", **changes)


def peers(cards: Sequence[Scorecard], by: ScorePolicy) -> list[Scorecard]:
    return graded(cards, by)["public-facing"]


@pytest.mark.parametrize(
    ("total", "band"),
    [("90", "excellent"), ("89.99", "good"), ("80", "good"), ("60", "fair"), ("59.999", "poor"), ("-3", "poor")],
)
def test_a_band_begins_with_its_points(total: str, band: str) -> None:
    assert peers([card("a", total)], POLICY)[0].band == band


def test_bands_alone_rank_nobody() -> None:
    assert {each.rank for each in peers([card("a", "90"), card("b", "80")], POLICY)} == {None}


def test_equal_scores_share_a_rank_and_the_next_is_passed_over() -> None:
    cards = [card("a", "70"), card("b", "90"), card("c", "90"), card("d", "80"), card("e", None)]
    found = [(each.unit.id, each.rank) for each in peers(cards, ranking())]
    assert found == [("b", 1), ("c", 1), ("d", 3), ("a", 4), ("e", None)]


def test_chance_is_not_ranked() -> None:
    few = ScoreLine("x", "component", "x", "x", Fraction(1), small_sample=True)
    found = peers([card("a", "99").__class__(**{**vars(card("a", "99")), "lines": (few,)}), card("b", "80")], ranking())
    assert [(each.unit.id, each.rank, each.award) for each in found] == [("a", None, "no"), ("b", 1, "yes")]


@pytest.mark.parametrize(("count", "rank"), [(0, None), (1, None), (29, None), (30, 1)])
def test_few_ratings_are_not_ranked_and_neither_are_none(count: int, rank: int | None) -> None:
    by = ranking(missing="reweigh")
    (found,) = peers([score(platforms(Satisfaction.SATISFIED, count), rated_by_bodies(), by=by)], by)
    assert found.total is not None
    assert (found.rank, found.small_sample) == (rank, rank is None)


def test_a_veto_is_the_last_band_and_no_award() -> None:
    """S2: 综合治理、计划生育等实行一票否决制."""
    veto = assessment(VETO, "public-order")
    vetoed = score(platforms(Satisfaction.VERY_SATISFIED), [*rated_by_bodies(), veto])
    (found, *_) = peers([vetoed], POLICY)
    assert (found.vetoed, found.band, found.award) == (("public-order",), "poor", "no")


@pytest.mark.parametrize(
    ("totals", "awards"),
    [
        (["95", "94", "93", "92"], ["yes", "yes", "yes", "no"]),
        (["95", "94", "93", "93"], ["yes", "yes", "tied", "tied"]),
        (["95", "95", "95", "95"], ["tied"] * 4),
        (["95", "94"], ["yes", "yes"]),
    ],
)
def test_so_many_are_honoured_and_equals_are_never_parted(totals: list[str], awards: list[str]) -> None:
    """S2: 按比例评优评先. The group has three."""
    assert [each.award for each in peers([card(str(n), t) for n, t in enumerate(totals)], POLICY)] == awards


@pytest.mark.parametrize(
    ("percent", "units", "honoured"),
    [(0, 9, 0), (15, 9, 1), (33, 9, 2), (34, 9, 3), (50, 9, 4), (100, 9, 9), (15, 5, 0)],
)
def test_a_share_of_the_group_is_honoured_and_never_more(percent: int, units: int, honoured: int) -> None:
    """S2: 按比例评优评先."""
    (group, *others) = [dict(each) for each in demo().tables["scores"]["group"]]
    del group["awards"]
    by = policy(group=[{**group, "awards_percent": percent}, *others])
    found = peers([card(str(n), str(90 - n)) for n in range(units)], by)
    assert [each.award for each in found] == ["yes"] * honoured + ["no"] * (units - honoured)


def rule(id: str, **changes: Any) -> dict[str, Any]:
    return {"id": id, "zh": id, "en": id, "basis": "S2", **changes}


TALK = rule("talk", bottom=3, band_at_most="fair")
REPLACED = rule("replaced", bottom=3, band_at_most="fair", years=2, growth_below=5)
RED_CARD = rule("red-card", bottom=2)
PLAQUE = rule("plaque", top=3)
STATEMENT = rule("statement", bottom=3)


def following(
    rules: list[dict[str, Any]], now: Sequence[Scorecard], before: Sequence[Scorecard] = (), period: Period = YEAR
) -> dict[str, tuple[str, ...]]:
    by = ranking(consequence=rules)
    found = with_consequences(graded(now, by), graded(before, by), by, period)
    return {each.unit.id: each.consequences for each in found["public-facing"]}


FIVE = [card("a", "92"), card("b", "85"), card("c", "70"), card("d", "65"), card("e", "81")]


def test_the_last_two_get_a_red_card() -> None:
    """S0: 红牌."""
    found = following([RED_CARD], FIVE)
    assert {unit for unit, follows in found.items() if follows} == {"c", "d"}


def test_the_first_three_get_a_plaque() -> None:
    """S1¶4."""
    assert {unit for unit, follows in following([PLAQUE], FIVE).items() if follows} == {"a", "b", "e"}


def test_a_vetoed_unit_gets_no_plaque() -> None:
    """S2: 一票否决."""
    cards = [card("a", "92", vetoed=("public-order",)), *FIVE[1:]]
    assert {unit for unit, follows in following([PLAQUE], cards).items() if follows} == {"b", "e"}


def test_nobody_is_among_the_first_and_the_last() -> None:
    """S1¶4: 排位前三名…排位后三名. In a group of five the third is both."""
    found = following([PLAQUE, STATEMENT], FIVE)
    assert found == {"a": ("plaque",), "b": ("plaque",), "e": ("plaque",), "c": ("statement",), "d": ("statement",)}


def test_who_is_honoured_is_not_among_the_last() -> None:
    cards = [card("a", "69"), card("b", "68"), card("c", "67"), card("d", "66")]
    assert {unit for unit, follows in following([TALK], cards).items() if follows} == {"d"}


@pytest.mark.parametrize(("count", "last"), [(1, 0), (3, 0), (4, 1), (6, 3)])
def test_where_all_would_be_among_the_last_nobody_is(count: int, last: int) -> None:
    """The group honours three; whoever is not ranked is no peer."""
    cards = [card(str(n), str(69 - n)) for n in range(count)] + [card("x", None)]
    assert sum(bool(follows) for follows in following([TALK], cards).values()) == last


def test_a_rule_of_one_group_says_nothing_about_another() -> None:
    assert set(following([{**RED_CARD, "groups": ["party-and-masses"]}], FIVE).values()) == {()}
    assert {u for u, follows in following([{**RED_CARD, "groups": ["public-facing"]}], FIVE).items() if follows} == {
        "c",
        "d",
    }


def test_the_last_three_are_talked_to_if_they_are_no_better_than_fair() -> None:
    """S2: 被评为“基本满意”以下(含基本满意)且成绩排名末3位."""
    assert {unit for unit, follows in following([TALK], FIVE).items() if follows} == {"c", "d"}


@pytest.mark.parametrize(
    ("last_year", "replaced"),
    [("68", True), ("67", True), ("66.67", True), ("66.666", False), ("60", False), (None, False), ("90", False)],
)
def test_a_second_year_without_growth_and_the_leader_is_replaced(last_year: str | None, replaced: bool) -> None:
    """S2: 若连续第二年仍然…且考核分数增幅低于5%. From 66.666… to 70 is exactly 5 %: not below."""
    before = [card("a", "92"), card("b", "91"), card("e", "91"), card("c", last_year), card("d", "99")]
    if last_year == "66.666":
        before[3] = card("c", "200/3")
    assert ("replaced" in following([REPLACED], FIVE, before)["c"]) == replaced


def test_who_is_equal_to_the_last_of_them_shares_their_lot() -> None:
    cards = [*(card(f"a{n}", "92") for n in range(4)), card("b", "70"), card("c", "70"), card("d", "65")]
    assert {unit for unit, follows in following([RED_CARD], cards).items() if follows} == {"b", "c", "d"}


def test_a_rule_of_the_year_says_nothing_about_a_month() -> None:
    assert set(following([TALK], FIVE, period=NOVEMBER).values()) == {()}


def test_the_year_before_is_looked_up_only_where_a_rule_asks_for_it() -> None:
    assert needs_the_year_before(ranking(consequence=[REPLACED]), YEAR)
    assert not needs_the_year_before(ranking(consequence=[REPLACED]), NOVEMBER)
    assert not needs_the_year_before(ranking(consequence=[RED_CARD]), YEAR)


def test_another_policy_shows_what_it_changes_and_because_of_what() -> None:
    cases = [*platforms(Satisfaction.SATISFIED), *platforms(Satisfaction.VERY_DISSATISFIED, 10, "radio")]
    other = policy(
        ratings={"points": {"very-satisfied": 100, "satisfied": 95, "fairly-satisfied": 70}},
        band=[{"id": "good", "zh": "x", "en": "x", "points": 0}],
    )
    one, two = (peers([score(cases, rated_by_bodies(), by=by)], by) for by in (POLICY, other))
    (change,) = differences(one, two)
    assert (change.unit, change.because) == ("police", ("direct-rating",))
    assert change.totals == (Fraction(68 * 80 + 1600, 100), Fraction(76 * 80 + 1600, 100))
    assert change.bands == ("fair", "good")
    assert differences(one, one) == []
