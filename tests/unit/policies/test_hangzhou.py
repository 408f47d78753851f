"""S3 as the place `hangzhou-2004` has it: what is in scope, three levels of service, AB posts, returns in writing."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from contracts.codes import AppealType, FindingSource
from services.intake.domain.scope import Verdict as Scope
from services.routing.domain.posts import Posts
from services.scoring.domain.scores.counting import shown
from tests.unit.policies.opened import opened
from tests.unit.policies.records import of_post, of_unit
from tests.unit.services.routing.desk import Desk
from tests.unit.services.speaking import registered, types

PLACE = opened("hangzhou-2004")


@pytest.mark.parametrize(
    ("category", "verdict"),
    [
        ("service-attitude", Scope.IN),
        ("buck-passing", Scope.IN),
        ("approvals", Scope.IN),
        ("noise", Scope.OUT),
        ("water-supply", Scope.OUT),
        ("other", Scope.REVIEW),
    ],
)
def test_the_conduct_of_offices_is_in_scope_and_other_matters_are_told_where_they_belong(
    category: str, verdict: Scope
) -> None:
    """“属于反映机关作风与效能问题的投诉”."""
    assert PLACE.scope(category) is verdict


def test_whoever_is_out_of_scope_reads_why_in_both_languages() -> None:
    told = [rule.reason for rule in PLACE.catalogue.scope if rule.verdict is Scope.OUT]
    assert all("不属于机关效能投诉" in reason.zh and "not about the conduct" in reason.en for reason in told)
    assert len(told) == 2


def test_the_share_that_was_in_scope_is_not_what_the_source_prints() -> None:
    """“共受理群众投诉7039件,属于反映机关作风与效能问题的投诉2029件,占2883%”: a misprint for 28.83 %."""
    assert str(shown(Fraction(2029 * 100, 7039))) == "28.83"


@pytest.mark.parametrize(
    ("area", "unit", "level"),
    [
        ("yuhang-tangqi-village", "tangqi-village", "village"),
        ("yuhang-tangqi", "tangqi-window", "town"),
        ("yuhang", "yuhang-centre", "district"),
        ("tonglu", "tonglu-centre", "district"),
    ],
)
def test_an_errand_is_settled_at_the_lowest_level_that_covers_it(area: str, unit: str, level: str) -> None:
    """“小事不出村、大事不出镇”."""
    assert PLACE.routed("service-attitude", area) == unit
    assert PLACE.units[unit]["level"] == level


def test_a_complaint_about_a_level_goes_to_the_one_above_it() -> None:
    about = ["tangqi-village", "tangqi-window", "yuhang-centre"]
    found = [PLACE.routed("service-attitude", "yuhang-tangqi-village", about=each) for each in about]
    assert found == ["tangqi-window", "yuhang-centre", "service-centre"]


@pytest.mark.parametrize("unit", ["commerce", "tangqi-window", "centre-96666"])
def test_b_acts_when_a_is_away(unit: str) -> None:
    """“AB岗工作制”."""
    table = PLACE.files["posts"]["post"]
    a, b = (post["id"] for post in table if post["unit"] == unit and post["duty"] == "staff")
    on = date(2026, 11, 25)
    away = [{**post, "away": [{"since": on, "until": on}]} if post["id"] == a else post for post in table]
    assert Posts.from_table({"post": table}).named(unit, on, None).staff == (a, b)
    assert Posts.from_table({"post": away}).named(unit, on, None).staff == (b,)
    assert Posts.from_table({"post": table}).named(unit, on, a).staff == (b,), "nor who is complained about"


def test_a_window_that_is_alone_still_has_a_leader_and_two_posts() -> None:
    assert {
        unit: (PLACE.dispatch.posts.named(unit, date(2026, 11, 25), None).leader is not None)
        for unit in PLACE.units
        if unit != "leading-group"
    } == dict.fromkeys(set(PLACE.units) - {"leading-group"}, True)


def test_what_two_have_returned_in_writing_is_ruled_upon_and_not_returned_again() -> None:
    """“机关职责交叉、职能不清,工作推诿扯皮”; 否定报备制; the centre answers for it meanwhile (首问责任制)."""
    desk = Desk(rules=PLACE.routing)
    desk.say(registered(category="unclear-jurisdiction", area="city", jurisdiction="centre-96666"), "")
    for unit in ("planning", "housing"):
        desk.dispatch("centre-96666", unit)
        desk.give_back(unit)
        assert types(desk.last) == ["CaseQueued", "DispatchRequested", "ReturnReported"]
        assert desk.held.responsible == "centre-96666"
    desk.dispatch("centre-96666", "land")
    desk.give_back("land")
    assert desk.refuses("ruling-binds")
    desk.sign("land")
    assert desk.held.responsible == "land"


def test_a_return_says_why_and_comes_within_a_day() -> None:
    desk = Desk(rules=PLACE.routing)
    desk.say(registered(category="planning", area="city", jurisdiction="centre-96666"), "")
    desk.later(hours=24, minutes=1)
    desk.give_back("planning")
    assert desk.refuses("return-window-closed")


def test_approvals_take_two_working_days_instead_of_twelve() -> None:
    """“审批时间由12个工作日缩短为2个工作日以内”."""
    assert PLACE.due_on(date(2026, 9, 18), category="approvals") == date(2026, 9, 21), "Sunday the 20th is worked"
    assert PLACE.due_on(date(2026, 9, 18)) == date(2026, 10, 15)
    assert PLACE.due_on(date(2026, 9, 18), AppealType.CONSULT) == date(2026, 9, 21)


def test_officials_are_admonished_and_units_circulated_and_exposed() -> None:
    """“末位告诫”; “对一些典型的问题进行通报,并在新闻媒体上曝光”."""
    post = of_post(PLACE, "transport").counts(date(2026, 5, 5))
    unit = of_unit(PLACE, "transport").counts(date(2026, 5, 5), FindingSource.INSPECTION)
    assert (post.measures, post.unit) == (("admonition",), "personnel")
    assert (unit.measures, unit.unit) == (("circulated-criticism", "exposure"), "efficiency-office")
