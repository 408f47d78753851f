"""Each command of accountability, assessments and publications is one form with all of its fields."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from apps.desk.action import FieldFaultError
from apps.desk.actions import ACTIONS, OVERSIGHT
from apps.desk.conduct_record import joined
from apps.desk.dead_notices import cause_of, code_of
from apps.desk.oversight_fields import answers_of, fen_of, questions_of, rectify_of
from apps.desk.silences import ADVICE, WHAT
from apps.web import words
from contracts.conduct import DecideMeasure
from contracts.inspections import RecordVisit, Rectify
from contracts.notice_tables import COMPLAINANT_NOTICES, StaffNotice
from contracts.surveys import AnswerCount, Question
from contracts.topics import REGISTRY

TOPICS = ("oversight.{unit}", "assessments.{body}", "publicity.{unit}")
FROM_THE_KEY = {
    "oversight.{unit}": {"unit", "issued_at", "actor"},
    "assessments.{body}": {"body", "issued_at", "actor"},
    "publicity.{unit}": {"unit", "issued_at", "actor"},
}
EXCEPT = {DecideMeasure: {"consent"}}
"""A second post gives its consent by deciding the same itself; only a body's own system names it, on Kafka."""
COMMANDS = [(topic, kind) for topic in TOPICS for kind in REGISTRY[topic].messages]


def test_every_command_has_one_action() -> None:
    given = Counter(each.model for each in OVERSIGHT)
    assert given == Counter(kind for _, kind in COMMANDS)
    assert all(ACTIONS[each.name] is each for each in OVERSIGHT)


def test_no_field_has_the_name_of_a_field_that_every_form_has() -> None:
    own = {"once", "acting", "anyway", "seen-version"}
    assert [each.name for action in ACTIONS.values() for each in action.specs if each.name in own] == []


@pytest.mark.parametrize(("topic", "kind"), COMMANDS)
def test_every_field_of_a_command_is_in_its_form(topic: str, kind: Any) -> None:
    (action,) = (each for each in OVERSIGHT if each.model is kind)
    determined = FROM_THE_KEY[topic] - ({"actor"} if kind is RecordVisit else set())
    expected = set(kind.model_fields) - determined - EXCEPT.get(kind, set())
    assert [each.name for each in action.specs if each.name not in expected] == []
    assert {each.name for each in action.specs} == expected


def test_lines_become_things_to_put_right() -> None:
    found = rectify_of({"rectify": ["5 工作日 | 更换标牌", "2 hours｜clean | sweep", "10个天|重新粉刷"]})["rectify"]
    read = [Rectify.model_validate_json(json.dumps(each)) for each in found]
    assert [(each.amount, str(each.unit), each.what) for each in read] == [
        (5, "working-days", "更换标牌"),
        (2, "hours", "clean | sweep"),
        (10, "calendar-days", "重新粉刷"),
    ]
    assert rectify_of({})["rectify"] == []


@pytest.mark.parametrize("line", ["更换标牌", "5 工作日", "5 工作日 |  ", "五工作日 | 更换", "5 个月 | 更换"])
def test_a_line_without_limit_or_words_is_refused_with_its_number(line: str) -> None:
    with pytest.raises(FieldFaultError) as refused:
        rectify_of({"rectify": ["5 工作日 | 好", line]})
    assert refused.value.name == "rectify"
    assert "第 2 行" in refused.value.zh
    assert "Line 2" in refused.value.en


def test_lines_become_questions_and_counts_of_answers() -> None:
    question = questions_of({"questions": ["attitude | 40 | 服务态度 | Attitude", "speed|60|办事效率"]})["questions"]
    assert [Question(**each).weight for each in question] == [40, 60]
    assert Question(**question[1]).en == ""
    counts = answers_of({"answers": ["attitude | 12 | 8 | 0 | 1 | 0"]})["answers"]
    read = [AnswerCount.model_validate_json(json.dumps(each)) for each in counts]
    assert [(str(each.grade), each.count) for each in read] == [
        ("very-satisfied", 12),
        ("satisfied", 8),
        ("dissatisfied", 1),
    ]


def test_questions_and_answers_that_do_not_fit_are_refused() -> None:
    with pytest.raises(FieldFaultError):
        questions_of({"questions": ["attitude | viel | 服务态度"]})
    with pytest.raises(FieldFaultError):
        answers_of({"answers": ["attitude | 12 | 8"]})


@pytest.mark.parametrize(("text", "fen"), [("1200", 120_000), ("1,200.50", 120_050), ("0", 0)])
def test_yuan_become_fen(text: str, fen: int) -> None:
    assert fen_of({"amount_fen": text}, "amount_fen", "unlawful_fen") == {"amount_fen": fen}
    assert Decimal(fen) == Decimal(text.replace(",", "")) * 100


@pytest.mark.parametrize("text", ["-1", "1.005", "many", "NaN", "Infinity"])
def test_an_amount_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(FieldFaultError, match="amount"):
        fen_of({"amount_fen": text}, "amount_fen")


def test_a_proposal_has_the_findings_that_it_rests_on() -> None:
    findings = [{"key": key, "finding": {"reference": key}} for key in ("a", "b", "c")]
    names = {"steps": [{"id": "s", "zh": "步", "en": "step", "basis": "b"}], "measures": [], "outcomes": []}
    proposals = [{"id": "1", "step": "s", "findings": ["c", "a"]}, {"id": "2", "step": "gone", "findings": ["b"]}]
    record = joined({"proposals": proposals, "counted": [{"finding": "b"}, {"finding": "x"}]}, findings, names)
    assert [each.id for each in record.proposals] == ["2", "1"], "the newest first"
    assert [each["reference"] for each in record.proposals[1].evidence] == ["a", "c"]
    assert record.proposals[0].step["zh"] == "gone"
    assert [each["reference"] for each in record.counted] == ["b"]
    assert record.named("measures", "unknown") == ("unknown", "unknown")


def test_everything_that_may_be_given_up_or_missing_has_names() -> None:
    assert set(words.COMPLAINANT_NOTICES) >= set(COMPLAINANT_NOTICES)
    assert set(words.STAFF_NOTICES) >= set(StaffNotice.__args__)  # type: ignore[attr-defined]
    assert set(WHAT) == set(ADVICE)


@pytest.mark.parametrize(
    ("why", "zh"),
    [
        ("contact: no address", "没有这种联系方式"),
        ("sms: no provider", "没有配置发送服务"),
        ("http 503", "服务商拒收"),
        ("email: smtp 550", "服务商拒收"),
        ("strange", "发送失败"),
    ],
)
def test_a_reason_is_put_in_words(why: str, zh: str) -> None:
    assert cause_of(why)[0] == zh


def test_only_what_words_do_not_say_of_a_reason_is_shown_as_a_code() -> None:
    reasons = ("contact: no phone", "sms: http 503 busy", "smtp 550", "something else")
    assert [code_of(why) for why in reasons] == ["", "http 503 busy", "smtp 550", "something else"]
