"""Publications of the places from the sources: reviewers of measures, and series."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from contracts.codes import Language, SubjectKind
from services.notify.domain.policy import Policy
from services.notify.domain.publication_rules import PublicationRules
from services.notify.domain.series import edition_of
from tests.unit.policies.opened import opened


def notify_of(name: str) -> Policy:
    """Notify's policy of a place."""
    files = opened(name).files
    return Policy.from_tables(files.version, files.tables)


@pytest.mark.parametrize("name", ["ningbo-2004", "jiangmen-2008", "hangzhou-2004", "jian-county"])
def test_every_measure_has_a_reviewer_that_neither_decided_it_nor_is_named(name: str) -> None:
    """S4 “一律向社会公开”; S2 “公开道歉”; S3 “在新闻媒体上曝光”; S1¶4 “公布处理结果”."""
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


def test_a_county_that_issued_seven_bulletins_in_four_months_has_seven() -> None:
    """“从4月20日以来”; “中心编发简报7期” (S1¶4)."""
    series = notify_of("jian-county").series("bulletin")
    assert series is not None
    last_days = {edition_of(series, date(2004, 4, 20) + timedelta(days=n)).last_day for n in range(122)}
    assert sum(each < date(2004, 8, 20) for each in last_days) == 7


def test_the_source_of_ningbo_is_an_issue_of_its_bulletin() -> None:
    """“市效能建设工作简报(一)” (S4)."""
    series = notify_of("ningbo-2004").series("bulletin")
    assert series is not None
    assert (series.zh, "{n}" in series.number) == ("市效能建设工作简报", True)


@pytest.mark.parametrize(
    ("place", "codes", "words"),
    [
        ("ningbo-2004", "problem", ["执行梗阻", "办事拖拉", "作风漂浮", "因循守旧"]),
        ("jiaozuo-2006", "problem", ["乱检查", "乱收费", "乱摊派", "乱罚款", "门难进", "有法不依", "思想封闭"]),
        (
            "jian-county",
            "problem",
            ["乱收费", "粗暴执法", "推诿拖拉", "不规范", "不在状态", "门难进", "吃、拿、卡、要"],
        ),
        ("hangzhou-2004", "problem", ["态度不好", "纪律不严", "形象不佳", "本领恐慌", "作风浮躁"]),
        ("yibin-lingang", "rule", ["首问负责制", "限时办结制", "责任追究制"]),
        ("ningbo-2004", "ban", ["饮酒", "玩电脑游戏", "搓麻将", "公款旅游"]),
    ],
)
def test_a_finding_may_be_classified_by_the_words_of_the_source(place: str, codes: str, words: list[str]) -> None:
    named = "\n".join(each.zh for each in getattr(opened(place).conduct.table.codes, codes))
    assert [each for each in words if each not in named] == []


@pytest.mark.parametrize(
    ("place", "listed", "words"),
    [
        ("jian-county", "outcome", ["赔礼道歉", "书面检查", "治安拘留", "治安处罚", "就地免职", "重点提醒谈话"]),
        ("hangzhou-2004", "outcome", ["相应处理"]),
        ("jiangmen-2008", "measure", ["诫勉谈话", "强制性培训", "辞退", "全市范围通报批评"]),
        ("yibin-lingang", "measure", ["限期解决或整改", "效能通报", "诫勉谈话", "目标考核"]),
    ],
)
def test_measures_and_outcomes_are_those_of_the_source(place: str, listed: str, words: list[str]) -> None:
    named = "\n".join(each.zh for each in getattr(opened(place).conduct.table, listed))
    assert [each for each in words if each not in named] == []


def test_channels_are_those_of_the_source() -> None:
    """S2 “政协委员提案”, “侨乡论坛”; S4 “设立舆论监督热线”; S1¶4 “投诉电话2610110”; S0 “效能服务连心网”."""
    for place, code, zh in (
        ("jiangmen-2008", "committee-proposal", "政协委员提案"),
        ("jiangmen-2008", "overseas-forum", "侨乡论坛"),
        ("ningbo-2004", "media", "舆论监督热线"),
        ("jian-county", "centre-96666", "2610110投诉电话"),
        ("jiaozuo-2006", "web", "效能服务连心网"),
    ):
        assert notify_of(place).names.channel(code, Language.CHINESE) == zh


def test_the_procedures_of_jiaozuo_have_its_control_points_and_from_three_to_fifteen_steps() -> None:
    """“增加了‘听证’、‘会审’两个关键控制点”; “最少的仅3个环节,最多的也只有15个环节” (S0)."""
    procedures = opened("jiaozuo-2006").files["procedures"]["procedure"]
    steps = {each["id"]: [step["zh"] for step in each["step"]] for each in procedures}
    assert all(3 <= len(each) <= 15 for each in steps.values())
    appraisal, trial = steps["value-appraisal"], steps["trial"]
    assert appraisal.index("检验") < appraisal.index("听证") < appraisal.index("会审") < len(appraisal) - 1
    assert trial == ["开庭", "听取双方当事人意见", "判决"]


def test_the_score_of_jiaozuo_is_made_of_the_three_appraisals_that_it_names() -> None:
    """“‘公仆行为主人评说’、‘纳税人评议职能部门’…”, “万人评议” (S0)."""
    assert {each.zh for each in opened("jiaozuo-2006").scores.table.component} == {
        "公仆行为主人评说",
        "纳税人评议职能部门",
        "万人评议",
    }
