"""S4 as the place `ningbo-2004` has it: four bans, a ladder of five, 四个一律, eight areas, both levels."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from contracts.codes import SubjectKind
from contracts.conduct import ConductRefused, FindingCounted, FindingRecorded
from infra.decision import Decision
from tests.unit.policies.opened import opened
from tests.unit.policies.records import Finding, of_post, of_unit
from tests.unit.services.routing.desk import Desk
from tests.unit.services.speaking import only, registered, told, types

PLACE = opened("ningbo-2004")
AREAS = {
    "land-requisition": "land",
    "demolition": "demolition",
    "restructuring": "economy",
    "migrant-wages": "labour",
    "school-fees": "education",
    "medicine": "health",
    "farmers-burden": "agriculture",
    "work-safety": "work-safety",
}
BANS = ("lunchtime-alcohol", "games-at-work", "mahjong", "public-money")
RULES = (
    "岗位责任制",
    "AB岗工作制",
    "服务承诺制",
    "首问责任制",
    "窗口部门一次性告知制",
    "限时办结制",
    "否定报备制",
    "失职追究制",
)


@pytest.mark.parametrize("ban", BANS)
def test_a_breach_of_each_of_the_four_bans_is_found_under_its_name(ban: str) -> None:
    """“禁止工作日午餐饮酒,禁止上班时间上网聊天、玩电脑游戏,禁止…搓麻将,禁止公款旅游度假…”."""
    facts = Finding(PLACE, "inspectors", "labour").record(ban=ban, post="labour.officer-a")
    assert {each.ban for each in facts if isinstance(each, FindingRecorded)} == {ban}


def test_there_are_four_bans_and_no_fifth() -> None:
    assert tuple(each.id for each in PLACE.conduct.table.codes.ban) == BANS
    refused = only(ConductRefused, Finding(PLACE, "inspectors", "labour").record(ban="smoking"))
    assert told(refused.reasons) == [("code-unknown", "ban")]


def test_the_ladder_of_five_is_climbed_from_admonition_to_dismissal() -> None:
    """“分别予以效能告诫、通报批评、离岗培训、调离岗位、直至辞退等处理”."""
    record = of_post(PLACE, "labour")
    proposed = [record.counts(date(2026, month, 5)) for month in range(1, 7)]
    names = {measure.id: measure.zh for measure in PLACE.conduct.table.measure}
    assert [names[measure] for each in proposed for measure in each.measures] == [
        "效能告诫",
        "通报批评",
        "离岗培训",
        "调离岗位",
        "辞退",
        "辞退",
    ]
    assert {each.unit for each in proposed} == {"supervision"}


def test_whatever_counts_against_a_unit_counts_against_its_leader() -> None:
    """“对效能建设不力的,一律追究领导责任”."""
    finding = Finding(PLACE, "city-centre", "labour")
    finding.record(post="labour.officer-a")
    finding.appealed()
    counted = [each for each in finding.upheld("leading-group") if isinstance(each, FindingCounted)]
    assert {(each.kind, each.subject) for each in counted} == {
        (SubjectKind.UNIT, "labour"),
        (SubjectKind.POST, "labour.officer-a"),
        (SubjectKind.POST, "labour.director"),
    }
    leader = of_post(PLACE, "labour")
    leader.subject = "labour.director"
    decision: Decision[Any] = leader.hear(next(each for each in counted if each.subject == "labour.director"))
    assert types(decision) == ["MeasureProposed"]


def test_every_unit_that_may_be_found_against_has_a_leader_who_can_be_held() -> None:
    handling = {unit for unit, each in PLACE.units.items() if "parent" in each}
    assert {unit for unit in handling if PLACE.conduct.leader_of(unit) is None} == set()


def test_it_is_pursued_to_the_end_dealt_with_severely_and_made_public() -> None:
    """“一律追查到底;…一律严肃处理;…一律向社会公开”."""
    assert PLACE.conduct.table.pursuit.pursue_to_the_end
    record = of_unit(PLACE, "demolition")
    proposed = record.counts(date(2026, 5, 5))
    assert proposed.measures == ("leader-held",)
    assert record.state is not None
    assert PLACE.scoring.is_open(record.state)
    record.decided(proposed)
    assert not PLACE.scoring.is_open(record.state)


@pytest.mark.parametrize(("category", "unit"), AREAS.items())
@pytest.mark.parametrize("area", ["city", "yuyao", "cixi", "xiangshan"])
def test_each_of_the_eight_areas_has_its_department_at_both_levels(category: str, unit: str, area: str) -> None:
    """“围绕解决损害群众利益的八个方面突出问题进行专项治理”."""
    assert PLACE.routed(category, area) == unit
    facts = Finding(PLACE, "city-centre", unit).record(area=category)
    assert {each.area for each in facts if isinstance(each, FindingRecorded)} == {category}


def test_there_are_eight_areas_and_eight_rules() -> None:
    codes = PLACE.conduct.table.codes
    assert tuple(each.id for each in codes.area) == tuple(AREAS)
    assert tuple(sorted(each.zh for each in codes.rule)) == tuple(sorted(RULES))


def test_a_breach_of_the_bans_goes_to_the_inspectors() -> None:
    assert PLACE.routed("four-bans", "city") == "inspectors"
    assert PLACE.routed("four-bans", "city", about="inspectors") == "leading-group"


def test_city_and_counties_have_centres_and_a_complaint_about_one_goes_to_the_other_level() -> None:
    """“建立市、县两级机关效能投诉中心,统一受理机关效能问题投诉”."""
    centres = PLACE.catalogue.jurisdictions
    assert centres == {
        "city": "city-centre",
        "yuyao": "yuyao-centre",
        "cixi": "cixi-centre",
        "xiangshan": "xiangshan-centre",
    }
    assert PLACE.dispatch.centre_for("yuyao-centre", "yuyao-centre") == "city-centre"


def test_whatever_is_complained_about_is_verified() -> None:
    """“对有群众投诉的,一律追查到底”."""
    desk = Desk(rules=PLACE.routing)
    desk.say(registered(category="migrant-wages", area="yuyao", jurisdiction="yuyao-centre"), "")
    desk.sign("labour")
    desk.report("labour")
    assert types(desk.last) == ["HandlingReported", "VerificationRequested"]
    desk.verify("yuyao-centre", accepted=False, reason="工资仍未发放")
    assert "CaseClosed" not in types(desk.last)
    assert desk.held.redos == 1
