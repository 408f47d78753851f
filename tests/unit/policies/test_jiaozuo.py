"""S0 as the place `jiaozuo-2006` has it: the red card for the last two, stations apart, and what was given back."""

from __future__ import annotations

from datetime import date

import pytest

from contracts.codes import AssessmentKind, FindingSource
from contracts.conduct import OutcomeRecorded, RecordOutcome
from contracts.routing import VerificationRequested
from services.scoring.domain.scores.assessment import Assessment
from tests.unit.policies.opened import entry, opened, points, rated
from tests.unit.policies.records import of_post, of_unit
from tests.unit.services.routing.desk import Desk
from tests.unit.services.speaking import only, registered, types

PLACE = opened("jiaozuo-2006")
STATIONS = PLACE.peers("station")
DEPARTMENTS = PLACE.peers("department")


def appraised(units: list[str], best: int = 95) -> list[Assessment]:
    """万人评议: each unit a little less than the one before."""
    return rated("ten-thousand", {unit: str(best - n) for n, unit in enumerate(units)})


@pytest.mark.parametrize("group", ["department", "station"])
def test_the_last_two_of_each_group_and_no_others_get_the_red_card(group: str) -> None:
    """“对综合测评得分排名最后两位的给予红牌警告”."""
    units = PLACE.peers(group)
    cards = PLACE.compared(group, appraised(units))
    assert [unit for unit in units if "red-card" in cards[unit].consequences] == units[-2:]
    assert [cards[unit].rank for unit in units] == list(range(1, len(units) + 1))
    assert len(units) > 4


def test_a_second_red_card_running_goes_as_far_as_resignation() -> None:
    """“直至责令主要党政领导辞职”."""
    last, better = STATIONS[-1], [*STATIONS[:-2], STATIONS[-1], STATIONS[-2]]
    cards = PLACE.compared("station", appraised(STATIONS), appraised([*STATIONS[-2:], *STATIONS[:-2]]))
    assert cards[last].consequences == ("red-card",)
    assert PLACE.compared("station", appraised(STATIONS), appraised(better))[last].consequences == (
        "red-card",
        "resignation",
    )


def test_a_covert_visit_takes_points_off() -> None:
    """“百家暗访”."""
    unit = DEPARTMENTS[0]
    off = [entry(AssessmentKind.DEDUCTION, "hundred-visits", unit, each) for each in ("15", "10")]
    card = PLACE.card(unit, entries=[*rated("ten-thousand", {unit: "90"}), *rated("taxpayers", {unit: "90"}), *off])
    assert (points(card)["hundred-visits"], card.total) == (-20, 70)


def test_a_unit_that_a_visit_found_out_may_get_the_card_and_the_leader_may_have_to_go() -> None:
    proposed = of_unit(PLACE, "road-transport").counts(date(2026, 5, 5), FindingSource.INSPECTION)
    assert (proposed.measures, proposed.unit) == (("red-card",), "discipline")
    assert "resignation" in {measure.id for measure in PLACE.conduct.table.measure}
    assert PLACE.conduct.table.inspections.by == ["revolution-office"]


@pytest.mark.parametrize(
    ("outcome", "yuan"),
    [
        ("fees-returned", 200_000_000),
        ("wages-paid", 65_260_000),
        ("works-paid", 498_070_000),
        ("school-fees-returned", 1_682_000),
    ],
)
def test_what_was_given_back_is_recorded_as_the_source_counts_it(outcome: str, yuan: int) -> None:
    """“退免…2亿元;清欠农民工工资6526万元;清欠工程款49807万元;…清退违规金额168.2万元”."""
    record = of_post(PLACE, "construction")
    proposed = record.counts(date(2026, 5, 5))
    record.decided(proposed)
    decision = record.say(RecordOutcome, "construction", proposed.proposal_id, outcome=outcome, amount_fen=yuan * 100)
    assert {each.amount_fen for each in decision.events if isinstance(each, OutcomeRecorded)} == {yuan * 100}


@pytest.mark.parametrize(
    ("area", "station"),
    [("wenxian", "zhangqiang-commerce"), ("qinyang", "wangzhao-police"), ("boai", "qinghua-police")],
)
def test_a_matter_of_a_county_goes_down_to_its_station(area: str, station: str) -> None:
    """“群众往往是通过基层站所人员的具体行为,来认识和评判党和政府的”."""
    assert PLACE.routed("service-attitude", area) == station
    assert PLACE.units[station]["level"] == "town"
    assert PLACE.routed("service-attitude", area, about=station) == "stations-office"


def test_each_matter_is_struck_off_by_another() -> None:
    """“层层建立台账,逐件实行销号”."""
    desk = Desk(rules=PLACE.routing)
    desk.say(registered(category="road-transport", area="city", jurisdiction="heart-net"), "")
    desk.sign("road-transport")
    desk.report("road-transport")
    assert types(desk.last) == ["HandlingReported", "VerificationRequested"]
    assert only(VerificationRequested, desk.last.events).unit == "heart-net"
    desk.verify("heart-net")
    assert "CaseClosed" in types(desk.last)


def test_a_certificate_takes_fifteen_days_by_the_calendar_and_other_matters_fifteen_working_days() -> None:
    """“过去一个房产证要办上50个工作日,现在压缩到15天”."""
    assert PLACE.due_on(date(2026, 9, 18), category="housing-certificate") == date(2026, 10, 3)
    assert PLACE.due_on(date(2026, 9, 18)) == date(2026, 10, 15)
