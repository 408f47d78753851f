"""Every refusal can be told to whoever asked, in both languages."""

from __future__ import annotations

import re
from typing import Any

import pytest

from contracts.codes import RefusalCode
from contracts.refusals import reason

FIGURES: dict[str, Any] = {
    "limit": 10_000,
    "number": "SL-20261102-000042",
    "known_at": "2026-11-02 09:00",
    "hours": 24,
    "most": 10,
    "question": "the site",
    "nearest": "service_code",
    "days": 31,
    "times": 7,
    "count": 5,
    "known": "immediate, promised",
    "expected": "acceptance",
    "type": "immediate",
    "told_on": "2026-11-02",
    "came": "a.type",
    "taken": "b.type",
    "until": "2026-10-31",
    "unit": "housing-beicheng",
}

codes = pytest.mark.parametrize("code", RefusalCode)


@codes
def test_a_refusal_has_a_sentence_in_chinese_and_in_english(code: RefusalCode):
    told = reason(code, **FIGURES)
    assert re.search(r"[\u4e00-\u9fff]", told.zh)
    assert told.zh.endswith("。")
    assert re.fullmatch(r"[A-Z][ -~]+\.", told.en)
    assert "{" not in told.zh + told.en


@codes
def test_both_sentences_of_a_refusal_name_the_same_figures(code: RefusalCode):
    told = reason(code, **FIGURES)
    for figure in map(str, FIGURES.values()):
        assert (figure in told.zh) == (figure in told.en)


def test_no_two_refusals_say_the_same():
    told = [reason(code, **FIGURES) for code in RefusalCode]
    assert len({each.zh for each in told}) == len({each.en for each in told}) == len(told)


def test_a_refusal_names_its_code_and_the_field_at_fault():
    told = reason(RefusalCode.TEXT_TOO_LONG, "text", limit=200)
    assert (told.code, told.field) == (RefusalCode.TEXT_TOO_LONG, "text")
    assert "200" in told.zh


def test_a_sentence_that_lacks_its_figure_is_not_told():
    with pytest.raises(KeyError, match="limit"):
        reason(RefusalCode.TEXT_TOO_LONG)
