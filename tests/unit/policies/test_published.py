"""Publications of the places from the sources: reviewers of measures, and series."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from contracts.codes import SubjectKind
from services.notify.domain.policy import Policy
from services.notify.domain.publication_rules import PublicationRules
from services.notify.domain.series import edition_of
from tests.unit.policies.opened import opened


def notify_of(name: str) -> Policy:
    """Notify's policy of a place."""
    files = opened(name).files
    return Policy.from_tables(files.version, files.tables)


@pytest.mark.parametrize("name", ["ningbo-2004", "jiangmen-2008", "hangzhou-2004"])
def test_every_measure_has_a_reviewer_that_neither_decided_it_nor_is_named(name: str) -> None:
    """S4 “一律向社会公开”; S2 “公开道歉”; S3 “在新闻媒体上曝光”."""
    rules, conduct = PublicationRules(notify_of(name)), opened(name).conduct
    for unit in opened(name).units:
        for kind in SubjectKind:
            decides = conduct.decides(kind, unit)
            assert decides is not None
            reviewer = rules.reviewer(decides, unit)
            assert reviewer is not None
            assert reviewer not in {decides, unit}


@pytest.mark.parametrize("name", ["yibin-lingang", "jiaozuo-2006"])
def test_the_bulletin_comes_every_ten_days_and_later_every_seven(name: str) -> None:
    """“由每10天提速为每7天通报一次” (S1¶6)."""
    series = notify_of(name).series("bulletin")
    assert series is not None
    before, after = edition_of(series, date(2010, 8, 1)), edition_of(series, date(2010, 9, 12))
    assert (before.length.days, after.length.days) == (10, 7)
    assert (after.first_day, after.last_day) == (date(2010, 9, 6), date(2010, 9, 12))
    assert edition_of(series, date(2026, 11, 29)).length.days == 7


def test_what_enterprises_say_goes_to_the_leader_in_charge_each_day_and_to_the_mayor_each_week() -> None:
    """“每天还将‘企政通’收集到的企业诉求报送市分管领导,每星期汇总报送给市长” (S2)."""
    policy = notify_of("jiangmen-2008")
    found: dict[str, Any] = {each.id: (each.every_days, each.channels, each.to) for each in policy.table.series}
    assert found == {
        "daily": (1, ["enterprise-link"], ["city-government.leader-in-charge"]),
        "weekly": (7, ["enterprise-link"], ["city-government.mayor"]),
    }
    assert policy.unit_and_post("city-government.mayor") == ("city-government", "city-government.mayor")


def test_the_eight_systems_of_hangzhou_are_the_rules_that_a_finding_may_name() -> None:
    """“…等8项制度,以制度管人管事” (S3)."""
    named = [each.zh for each in opened("hangzhou-2004").conduct.table.codes.rule]
    assert named == [
        "岗位责任制",
        "服务承诺制",
        "首问责任制",
        "限时办结制",
        "AB岗工作制",
        "失职追究制",
        "否定报备制",
        "窗口部门一次性告知制",
    ]
    assert {each.id for each in opened("ningbo-2004").conduct.table.codes.rule} == {
        each.id for each in opened("hangzhou-2004").conduct.table.codes.rule
    }, "S3 and S4 have the same eight"
