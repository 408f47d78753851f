"""What a category asks, and what is an answer to it."""

from __future__ import annotations

import pytest

from contracts.channel import Attribute
from services.intake.domain.questions import LONGEST_LINE, Datatype, Named, Offer, Question, offers_of
from tests.unit.services.speaking import demo

VALUES = (Named("a", "甲", "A"), Named("b", "乙", "B"))


def question(datatype: str, *, required: bool = False) -> Question:
    return Question("q", "问", "Asked", Datatype(datatype), required, VALUES if datatype.endswith("list") else ())


@pytest.mark.parametrize(
    ("datatype", "answers", "fault"),
    [
        ("string", ["一行"], None),
        ("string", ["two\nlines"], "line_break"),
        ("string", ["x" * (LONGEST_LINE + 1)], "string_too_long"),
        ("string", ["a", "b"], "too_many_values"),
        ("text", ["two\nlines"], None),
        ("number", ["-3.5"], None),
        ("number", ["1e9"], None),
        ("number", ["+.5"], None),
        ("number", ["1e16"], "not_a_number"),
        ("number", ["٣"], "not_a_number"),
        ("number", ["nan"], "not_a_number"),
        ("number", ["9" * 16], "not_a_number"),
        ("datetime", ["2026-09-18T09:00:00+08:00"], None),
        ("datetime", ["2026-09-18"], None),
        ("datetime", ["2026-09-18t01:00:00z"], None),
        ("datetime", ["2016-12-31T23:59:60Z"], None),
        ("datetime", ["18.9.2026"], "not_a_datetime"),
        ("singlevaluelist", ["a"], None),
        ("singlevaluelist", ["甲"], "not_a_value"),
        ("singlevaluelist", ["a", "b"], "too_many_values"),
        ("multivaluelist", ["a", "b"], None),
        ("multivaluelist", ["a", "c"], "not_a_value"),
        ("string", [], None),
        ("string", [" "], None),
    ],
)
def test_an_answer_is_one_or_says_why_not(datatype: str, answers: list[str], fault: str | None) -> None:
    assert question(datatype).fault(answers) == fault


@pytest.mark.parametrize("datatype", list(Datatype))
def test_what_is_required_must_be_given(datatype: Datatype) -> None:
    assert question(datatype, required=True).fault([" "]) == "missing"


def test_all_faults_are_told_at_once() -> None:
    offer = Offer("c", "类", "C", (question("number", required=True),))
    told = offer.faults((Attribute(code="x", value="1"), Attribute(code="y", value="2")))
    assert [(each.field, each.detail) for each in told] == [
        ("attributes.x", "unknown"),
        ("attributes.y", "unknown"),
        ("attributes.q", "missing"),
    ]
    assert offer.faults((Attribute(code="q", value="4"),)) == ()


def test_names_come_in_both_languages() -> None:
    assert (VALUES[0].name("en"), VALUES[0].name("zh")) == ("A", "甲")


def test_the_demonstration_place_asks_with_every_kind_of_list() -> None:
    offers = offers_of(demo().tables)
    asked = [question for offer in offers.values() for question in offer.questions]
    assert {each.datatype for each in asked} == set(Datatype)
    assert any(each.required for each in asked)
    assert all(bool(each.values) is each.datatype.endswith("list") for each in asked)
