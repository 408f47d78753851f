"""Suggestions: what the weights say of a case, and who is never suggested."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.routing.app import suggester
from services.routing.domain.case import Case
from services.routing.suggestions import Suggestion, SuggestionsError, Weights, terms_of
from tests.unit.services.routing.desk import POLICY, Desk

WEIGHTS = Weights(
    units={"health": 0.0, "ecology": 0.0, "police": 0.0, "housing": 0.0},
    terms={"category=other": {"ecology": 2.0}, "臭气": {"ecology": 1.0}, "狗": {"police": 4.0}},
    cases=100,
    accuracy=0.9,
)


def case(**changes: object) -> Case:
    return Desk.of(**{"category": "other", "area": "beicheng", "title": "臭气", "text": "臭气熏天", **changes}).held


def test_a_case_is_known_by_where_what_and_its_pairs_of_characters() -> None:
    assert terms_of("臭气", "Ｔｅｌ 熏天了", "other", "beicheng") == {
        "category=other",
        "area=beicheng",
        "other@beicheng",
        "臭气",
        "tel",
        "熏天",
        "天了",
    }


def test_the_likeliest_three_come_first_with_their_shares() -> None:
    ranked = WEIGHTS.rank(case(), lambda _: True)
    assert [each.unit for each in ranked] == ["ecology", "health", "housing"]
    assert ranked[0].share == pytest.approx(0.870, abs=0.001)
    assert ranked[1] == Suggestion(unit="health", share=0.043)


def test_nobody_is_suggested_who_may_not_get_it_or_has_returned_it() -> None:
    returned = case().model_copy(update={"refusers": ("health",)})
    assert [each.unit for each in WEIGHTS.rank(returned, lambda unit: unit != "ecology")] == ["housing", "police"]


def test_what_is_learned_is_read_and_a_bad_file_suggests_nothing(tmp_path: Path) -> None:
    file = tmp_path / "weights.json"
    file.write_text(WEIGHTS.model_dump_json(), encoding="utf-8")
    assert Weights.read(file) == WEIGHTS
    about = case(about="ecology")
    assert next(each.unit for each in suggester(file, lambda: POLICY)(about)) == "health", "recusal holds here, too"
    file.write_text("{}")
    with pytest.raises(SuggestionsError, match="was not written by"):
        Weights.read(file)
    for path in (file, tmp_path / "none.json", None):
        assert suggester(path, lambda: POLICY)(case()) == ()
