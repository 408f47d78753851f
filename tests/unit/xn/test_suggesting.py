"""`xn suggest`: what is learned from, and that later dispatches are foretold better than by habit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from contracts.message import Event, case_id_for
from contracts.routing import CaseAssigned, CaseSigned
from infra.document import Document, Entry
from services.routing.suggestions import terms_of
from xn.suggesting import Example, TooLittleError, chosen, foretell, learn

AT = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
CASE = case_id_for("web", "x1")
WORDS = {
    "urban-management": ("流浪狗在小区里乱跑", "遛狗不牵绳还随地大小便", "狗叫扰民"),
    "health": ("被狗咬伤后打不到疫苗", "狂犬疫苗没有货", "犬伤门诊晚上没有人"),
    "police": ("禁养犬伤人没人管", "大型犬扑倒老人要求立案", "养犬证办不了"),
}


def history(*events: Event) -> list[Entry]:
    document = Document(CASE)
    document.announce("routing", events, at=AT, traceparent=None, cause="1")
    return document.entries


def assigned(unit: str, rule: str) -> CaseAssigned:
    return CaseAssigned(case_id=CASE, occurred_at=AT, unit=unit, responsible=unit, rule=rule, policy="v")


def signed(unit: str) -> CaseSigned:
    return CaseSigned(case_id=CASE, occurred_at=AT, unit=unit)


@pytest.mark.parametrize(
    ("events", "unit"),
    [
        ((), None),
        ((assigned("health", "rule-1"), signed("health")), None),
        ((assigned("health", "dispatcher"),), None),
        ((assigned("health", "dispatcher"), signed("health")), "health"),
        ((assigned("health", "dispatcher"), assigned("police", "ruling"), signed("police")), "police"),
        ((assigned("health", "rule-1"), signed("health"), assigned("police", "transfer"), signed("police")), "police"),
    ],
)
def test_only_what_somebody_chose_and_a_unit_accepted_is_learned_from(
    events: tuple[Event, ...], unit: str | None
) -> None:
    assert chosen(history(*events)) == unit


def examples(count: int, seed: int = 1) -> list[Example]:
    """Dispatchers who read the words, and err one time in ten."""
    dice, made = Random(seed), []
    for n in range(count):
        unit = dice.choice(sorted(WORDS))
        terms = terms_of("养犬问题", dice.choice(WORDS[unit]), "stray-dogs", dice.choice(["beicheng", "nancheng"]))
        sent = dice.choice(sorted(WORDS)) if dice.random() < 0.1 else unit
        made.append(Example((AT + timedelta(hours=n)).isoformat(), "stray-dogs", terms, sent))
    return made


def test_later_dispatches_are_foretold_better_than_by_habit() -> None:
    report = foretell(examples(400))
    assert (report.learned, report.foretold) == (320, 80)
    assert report.first > 0.85
    assert report.among_three == 1.0
    assert report.first > report.habit + 0.3


def test_two_units_are_told_apart_too() -> None:
    two = [example for example in examples(200) if example.unit != "police"]
    weights = learn(two, 0.9)
    assert sorted(weights.units) == ["health", "urban-management"]
    assert "疫苗" in weights.terms
    assert foretell(two).first > 0.85


@pytest.mark.parametrize("few", [examples(10), [each for each in examples(100) if each.unit == "health"]])
def test_what_is_too_little_to_learn_from_is_said(few: list[Example]) -> None:
    with pytest.raises(TooLittleError, match="too little"):
        learn(few, 0.0)
