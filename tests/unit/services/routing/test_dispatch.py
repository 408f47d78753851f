"""Dispatch rules: in order, to the lowest competent unit, and never to the unit complained about."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.codes import AppealType
from contracts.routing import AssignmentOffered, CaseAssigned, CaseQueued, DispatchRequested
from services.routing.domain.dispatch import DispatchPolicy, Matter, Route
from services.routing.domain.organisation import Organisation
from tests.unit.services.routing.desk import AREAS, CATEGORIES, CENTRES, POLICY, UNITS, Desk, line, recused
from tests.unit.services.speaking import AT, demo, only, types


def matter(category: str, area: str, appeal: str = "complaint", about: str | None = None) -> Matter:
    return Matter(category, area, appeal, about)


@pytest.mark.parametrize(
    ("category", "area", "unit", "rule"),
    [
        ("noise-residential", "city", "police", "public-order"),
        ("noise-residential", "beicheng", "police-beicheng", "public-order"),
        ("noise-residential", "beicheng-shuangqiao", "police-shuangqiao", "public-order"),
        ("noise-residential", "nancheng", "police", "public-order"),
        ("noise-residential", "qingshan-shangwan", "police-qingshan", "public-order"),
        ("food-safety", "nancheng", "market-regulation-nancheng", "market"),
        ("food-safety", "beicheng", "market-regulation", "market"),
        ("rural-road", "qingshan", "qingshan-office", "rural"),
        ("rural-road", "qingshan-qingshi", "qingshi-town", "rural"),
        ("rural-road", "qingshan-shangwan", "shangwan-village", "rural"),
        ("rural-road", "qingshan-liushu", "liushu-town", "rural"),
        ("rural-road", "beicheng", "transport", "rural-roads-elsewhere"),
        ("garbage-collection", "qingshan-liushu", "liushu-town", "county-refuse"),
        ("garbage-collection", "beicheng", "urban-management-beicheng", "city-appearance"),
        ("water-bill", "qingshan-shangwan", "water-company", "water"),
    ],
)
def test_a_matter_goes_to_the_lowest_competent_unit_by_the_first_rule_that_fits(
    category: str, area: str, unit: str, rule: str
) -> None:
    assert POLICY.route(matter(category, area)) == Route(unit, rule)


@pytest.mark.parametrize(
    ("appeal", "unit", "rule"),
    [
        ("praise", "city-12345", "praise"),
        ("consult", "human-resources", "social-insurance-consult"),
        ("complaint", "human-resources", "labour"),
    ],
)
def test_an_earlier_rule_wins_over_a_later_one(appeal: str, unit: str, rule: str) -> None:
    route = POLICY.route(matter("wage-arrears", "city", appeal))
    assert route.rule == rule
    assert unit in line(str(route.unit))


def test_the_order_of_the_rules_decides() -> None:
    rules = POLICY.rules
    backwards = DispatchPolicy("v", POLICY.organisation, rules[::-1], 24, 2)
    consult = matter("wage-arrears", "city", "consult")
    assert POLICY.route(consult).rule == "social-insurance-consult"
    assert backwards.route(consult).rule == "labour"


def test_of_two_units_that_cover_an_area_the_first_in_the_file_is_asked() -> None:
    table = {
        "unit": [
            {"id": "top", "areas": ["a"]},
            {"id": "one", "parent": "top", "areas": ["a"]},
            {"id": "two", "parent": "top", "areas": ["a"]},
        ]
    }
    assert Organisation.from_table(table).lowest_covering("top", "a") == "one"


@pytest.mark.parametrize(
    ("category", "area"),
    [("official-conduct", "beicheng"), ("other", "city"), ("land-contract", "nancheng"), ("stray-dogs", "qingshan")],
)
def test_what_no_rule_covers_waits_for_the_dispatcher_of_its_area(category: str, area: str) -> None:
    desk = Desk.of(category=category, area=area, jurisdiction=CENTRES[area])
    queued = only(CaseQueued, desk.events)
    asked = only(DispatchRequested, desk.events)
    assert (queued.centre, queued.responsible, queued.why) == (CENTRES[area], CENTRES[area], "no-rule")
    assert (asked.unit, asked.topic, asked.why) == (CENTRES[area], f"assignments.{CENTRES[area]}", "no-rule")
    assert types(desk.last) == ["CaseQueued", "DispatchRequested"]


def test_a_unit_that_is_asked_gets_all_it_needs_to_handle_the_case() -> None:
    desk = Desk.of(urgent=True)
    assigned = only(CaseAssigned, desk.events)
    offered = only(AssignmentOffered, desk.events)
    assert (assigned.unit, assigned.responsible, assigned.binding) == ("police-beicheng", "police-beicheng", False)
    assert assigned.policy == demo().version
    assert offered.topic == "assignments.police-beicheng"
    assert (offered.number, offered.title, offered.text) == ("BC-20261123-000001", "夜间噪声", "楼下凌晨仍在营业。")
    assert (offered.received_at, offered.urgent, offered.rule) == (AT, True, "public-order")


# ---- recusal


@pytest.mark.parametrize(
    ("about", "unit"),
    [
        ("police-shuangqiao", "police-beicheng"),
        ("police-beicheng", "police"),
        ("police", "city-office"),
        ("police-qingshan", "police-shuangqiao"),
    ],
)
def test_where_the_competent_unit_is_recused_its_superior_is_asked(about: str, unit: str) -> None:
    route = POLICY.route(matter("noise-residential", "beicheng-shuangqiao", about=about))
    assert route == Route(unit, "public-order" if about == "police-qingshan" else "public-order/recusal")


def test_where_everybody_is_recused_the_matter_waits_for_the_dispatcher() -> None:
    assert POLICY.route(matter("heating", "city", about="city-office")) == Route(None, "housing/recusal")


def test_a_unit_nobody_knows_recuses_nobody() -> None:
    assert POLICY.route(matter("heating", "city", about="nobody")) == POLICY.route(matter("heating", "city"))


@pytest.mark.parametrize("about", UNITS)
def test_no_matter_about_a_unit_is_routed_to_it_or_below_it(about: str) -> None:
    for category in CATEGORIES:
        for area in AREAS:
            for appeal in AppealType:
                unit = POLICY.route(matter(category, area, appeal, about)).unit
                assert unit is None or not recused(unit, about)


@pytest.mark.parametrize("about", [unit for unit in UNITS if "parent" in UNITS[unit]])
def test_no_case_about_a_unit_is_answered_for_by_it_or_below_it(about: str) -> None:
    for area in AREAS:
        for category in ("noise-residential", "official-conduct", "rural-road", "heating"):
            for appeal in (AppealType.COMPLAINT, AppealType.PRAISE):
                case = Desk.of(
                    area=area, category=category, appeal=appeal, about=about, jurisdiction=CENTRES[area]
                ).held
                assert not recused(case.responsible, about)
                assert not recused(case.centre, about)
                assert case.asked is None or not recused(case.asked, about)


@pytest.mark.parametrize(
    ("about", "centre"),
    [
        (None, "beicheng-centre"),
        ("police", "beicheng-centre"),
        ("beicheng-centre", "city-12345"),
        ("city-12345", "city-office"),
        ("city-office", "beicheng-centre"),
    ],
)
def test_a_case_about_the_centre_itself_waits_for_the_centres_superior(about: str | None, centre: str) -> None:
    desk = Desk.of(category="official-conduct", about=about)
    queued = only(CaseQueued, desk.events)
    assert (queued.centre, queued.responsible) == (centre, centre)
    assert only(DispatchRequested, desk.events).topic == f"assignments.{centre}"


def test_a_case_about_the_root_of_the_tree_can_still_be_dispatched_to_the_centre_and_to_nobody_else() -> None:
    desk = Desk.of(category="official-conduct", about="city-office")
    for unit in UNITS:
        if unit != "beicheng-centre":
            desk.dispatch("beicheng-centre", unit)
            assert desk.refusal == ("recused", "to")
    desk.dispatch("beicheng-centre", "beicheng-centre")
    assert desk.refusal is None
    assert desk.held.asked == "beicheng-centre"


# ---- trees of any shape

names = st.integers(2, 12)


@settings(max_examples=80, deadline=None)
@given(
    parents=names.flatmap(lambda n: st.tuples(*(st.integers(0, max(0, k - 1)) for k in range(1, n)))),
    about=st.integers(0, 12),
    start=st.integers(0, 12),
    areas=st.data(),
)
def test_recusal_holds_in_a_tree_of_any_shape(
    parents: tuple[int, ...], about: int, start: int, areas: st.DataObject
) -> None:
    units = [{"id": "u0", "areas": ["a"]}]
    for n, parent in enumerate(parents, 1):
        held = areas.draw(st.sampled_from([[], ["a"]]))
        units.append({"id": f"u{n}", "parent": f"u{parent}", "areas": held})
    rule = {"id": "all", "to": f"u{start % len(units)}"}
    place = {"timezone": "Asia/Shanghai"}
    limits = {"return": {"window_hours": 24, "returns_before_ruling": 2}}
    policy = DispatchPolicy.from_tables(
        "v", {"units": {"unit": units}, "dispatch": {"rule": [rule]}, "limits": limits, "place": place}
    )
    blamed = f"u{about % len(units)}"
    unit = policy.route(Matter("c", "a", "complaint", blamed)).unit
    above = {f"u{n}": f"u{parent}" for n, parent in enumerate(parents, 1)}
    climb = unit
    while climb is not None:
        assert climb != blamed
        climb = above.get(climb)
    if unit is None:
        assert blamed == "u0", "only about the root there is nobody to go to"
