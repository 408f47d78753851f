"""The public screen: what of a case everybody sees, in which words, and where too few cases come from to say so."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.board import BoardEntryPosted, entry_id_for
from contracts.codes import AppealType, Channel, Ending, Hold, Satisfaction
from contracts.intake import CaseEnded, CaseRegistered
from contracts.message import Message, case_id_for
from contracts.routing import CaseAssigned
from contracts.scoring import CaseMeasured, CaseRated
from infra.decision import Context
from services.notify.crowds import MOST, KnownCrowds
from services.notify.domain.board import Board, ShownCases, masked
from services.notify.domain.case import Case
from services.notify.domain.case_rules import CaseRules
from services.notify.domain.notice import LEASE
from services.notify.domain.policy import Policy
from services.notify.screen import Screen
from tests.unit.contracts.golden import GOLDEN
from tests.unit.services.notify.place import POLICY, policy
from tests.unit.services.speaking import AT, CASE, closed, context, decided, demo, registered

MARK = "欧阳某某13912345678"


@dataclass(frozen=True)
class Crowded:
    """Many come from these areas."""

    areas: frozenset[str]

    def many(self, area: str, _at: datetime) -> bool:
        return area in self.areas


EVERYWHERE = Crowded(frozenset({"beicheng", "beicheng-shuangqiao", "nancheng", "city"}))
BOARD = Board.from_tables(POLICY, demo().tables)
RULES = ShownCases(CaseRules(POLICY, LEASE), BOARD)


def assigned(**changes: Any) -> CaseAssigned:
    given = {
        "case_id": CASE,
        "occurred_at": AT,
        "unit": "police-beicheng",
        "responsible": "beicheng-centre",
        "rule": "noise",
        "policy": "demo",
    }
    return CaseAssigned(**{**given, **changes})


def rated() -> tuple[Message, ...]:
    sample = GOLDEN[CaseMeasured.TYPE]
    measured = CaseMeasured.model_validate_json(sample.body)
    measures = measured.measures.model_copy(update={"answer": 1})
    counted = CaseRated.model_validate_json(GOLDEN[CaseRated.TYPE].body)
    return (
        measured.model_copy(update={"case_id": CASE, "measures": measures}),
        counted.model_copy(update={"case_id": CASE, "satisfaction": Satisfaction.SATISFIED, "answer": 1}),
    )


def shown(*messages: Message, crowds: object = EVERYWHERE, rules: ShownCases = RULES) -> list[BoardEntryPosted]:
    """What the screen says of a case to which this happens."""
    case: Case | None = None
    found: list[BoardEntryPosted] = []
    for n, message in enumerate(messages):
        decision = decided(rules.decide(case, message, during(n, crowds)))
        case = decision.state
        found += [each for each in decision.events if isinstance(each, BoardEntryPosted)]
    return found


def during(days: int, crowds: object = EVERYWHERE) -> Context:
    return replace(context(at=AT + timedelta(days=days)), supplies=crowds)


def test_a_case_is_shown_when_it_is_registered_assigned_answered_and_rated():
    entries = shown(registered(), assigned(), closed(), *rated())
    assert [each.stage for each in entries] == ["registered", "assigned", "answered", "rated"]
    assert {each.entry_id for each in entries} == {entry_id_for(CASE)}
    first, last = entries[0], entries[-1]
    assert (first.unit, first.result, first.days) == (None, None, 0)
    assert (last.unit, last.result, last.satisfaction) == ("police-beicheng", "resolved", Satisfaction.SATISFIED)
    assert (last.area, last.category, last.days) == ("beicheng", "noise-residential", 4)


def test_no_word_of_a_case_is_shown():
    said = registered(title=MARK, text=MARK, address=MARK)
    entries = shown(said, assigned(why=MARK), closed(reply=MARK), *rated())
    assert len(entries) == 4
    written = "".join(each.model_dump_json() for each in entries)
    assert MARK not in written
    assert CASE not in written
    assert "BC-20261123-000001" not in written


def test_the_last_digits_of_a_number_are_masked():
    assert masked("BC-20261123-000001") == "BC-20261123-00****"
    assert masked("7") == "*"
    assert masked("BC-20261123-000001", centre=True) == "**-20261123-00****"


@pytest.mark.parametrize("case", [registered(confidential=True), registered(confidential=True, held=Hold.SCOPE)])
def test_a_confidential_case_is_never_shown(case: CaseRegistered):
    assert shown(case, assigned(), closed(), *rated()) == []


def test_a_held_case_is_shown_once_somebody_handles_it():
    held = registered(held=Hold.SCOPE)
    assert shown(held) == []
    assert [each.stage for each in shown(held, assigned())] == ["assigned"]


def test_of_a_held_case_that_is_not_taken_nothing_is_ever_shown():
    ended = CaseEnded(case_id=CASE, occurred_at=AT, ending=Ending.DECLINED, policy="demo")
    assert shown(registered(held=Hold.SCOPE), ended) == []
    (_, entry) = shown(registered(), ended)
    assert (entry.stage, entry.result, entry.unit) == ("answered", "declined", None)


def test_the_same_is_not_said_twice():
    assert len(shown(registered(), assigned(), assigned())) == 2


def test_a_place_without_a_screen_shows_nothing():
    quiet = policy(notices={"board": {"cases": False}})
    rules = ShownCases(CaseRules(quiet, LEASE), Board.from_tables(quiet, demo().tables))
    assert shown(registered(), assigned(), rules=rules) == []


@pytest.mark.parametrize(
    ("areas", "named"),
    [
        ({"beicheng-shuangqiao", "beicheng"}, "beicheng-shuangqiao"),
        ({"beicheng"}, "beicheng"),
        (set(), None),
    ],
)
def test_an_area_from_which_few_cases_come_is_hidden_in_the_one_around_it(areas: set[str], named: str | None):
    (entry,) = shown(registered(area="beicheng-shuangqiao"), crowds=Crowded(frozenset(areas)))
    assert entry.area == named


def test_where_nothing_is_known_of_numbers_no_area_is_named():
    (entry,) = shown(registered(), crowds=None)
    assert entry.area is None


@pytest.mark.parametrize(
    ("areas", "unit", "number"),
    [
        ({"beicheng-shuangqiao", "beicheng"}, "police-beicheng", "BC-20261123-00****"),
        ({"beicheng"}, "police-beicheng", "BC-20261123-00****"),
        (set(), "police", "**-20261123-00****"),
    ],
)
def test_neither_unit_nor_number_tells_more_of_where_than_the_area_does(areas: set[str], unit: str, number: str):
    entries = shown(registered(area="beicheng-shuangqiao"), assigned(), crowds=Crowded(frozenset(areas)))
    assert (entries[1].unit, entries[1].number) == (unit, number)


def test_a_unit_with_none_above_it_that_covers_as_much_is_not_named():
    alone = replace(BOARD, covered={"police-beicheng": frozenset({"beicheng"})})
    assert alone.unit("police-beicheng", None) is None
    assert alone.unit("police-beicheng", "beicheng") == "police-beicheng"
    assert alone.unit(None, "beicheng") is None


# ---- numbers


def known(least: int = 5, days: int = 30) -> KnownCrowds:
    few: Policy = policy(notices={"board": {"least_cases": least, "least_days": days}})
    board = Board.from_tables(few, demo().tables)
    return KnownCrowds(None, lambda: board)  # type: ignore[arg-type]  # nothing is read from it here


def test_as_many_cases_as_the_policy_wants_name_an_area_and_those_around_it():
    crowds = known(least=3)
    for n in range(3):
        assert not crowds.many("beicheng-shuangqiao", AT)
        crowds.saw(case_id_for("web", str(n)), "beicheng-shuangqiao", AT)
    assert crowds.many("beicheng-shuangqiao", AT)
    assert crowds.many("beicheng", AT)
    assert not crowds.many("nancheng", AT)


def test_the_same_case_counts_once_and_an_old_one_not_any_more():
    crowds = known(least=2, days=30)
    for _ in range(5):
        crowds.saw(CASE, "beicheng", AT)
    assert not crowds.many("beicheng", AT)
    crowds.saw(case_id_for("web", "2"), "beicheng", AT)
    assert crowds.many("beicheng", AT + timedelta(days=29))
    assert not crowds.many("beicheng", AT + timedelta(days=30))


def test_no_more_is_remembered_of_an_area_than_a_policy_may_ask_for():
    crowds = known(least=MOST)
    for n in range(3 * MOST):
        crowds.saw(case_id_for("web", str(n)), "beicheng", AT + timedelta(days=n // 100))
    newest = crowds._newest["beicheng"]
    assert len(newest) == MOST
    assert min(newest.values()) == POLICY.day(AT + timedelta(days=2))


def test_a_case_that_is_registered_counts_for_itself():
    crowds = known(least=1)
    deciding = crowds.watching(RULES.decide)  # type: ignore[arg-type]  # cases are what is kept here
    decision = decided(deciding(None, registered(), context()))
    (entry,) = [each for each in decision.events if isinstance(each, BoardEntryPosted)]
    assert entry.area == "beicheng"


# ---- the screen


def entry(name: str, **changes: Any) -> BoardEntryPosted:
    given = {
        "entry_id": case_id_for("web", name),
        "occurred_at": AT,
        "stage": "registered",
        "number": "BC-20261123-00****",
        "channel": Channel.WEB,
        "category": "noise-residential",
        "area": "beicheng",
        "registered_on": AT.date(),
        "days": 0,
    }
    return BoardEntryPosted(**{**given, **changes})


def screen(*entries: BoardEntryPosted) -> Screen:
    found = Screen(lambda: POLICY)
    for each in entries:
        found.post(each)
    return found


def test_a_newer_line_takes_the_place_of_the_one_a_case_had():
    later = entry("a", stage="answered", result="resolved", occurred_at=AT + timedelta(hours=1))
    lines = screen(entry("a"), entry("b"), later, entry("a")).shown(AT, 10).lines
    assert [(line.stage.code, line.entry_id) for line in lines] == [
        ("answered", later.entry_id),
        ("registered", entry("b").entry_id),
    ]
    assert lines[0].result is not None
    assert (lines[0].result.zh, lines[0].stage.en) == ("已解决", "answered")


def test_the_numbers_of_today_begin_anew_at_midnight_of_the_place():
    midnight = datetime(2026, 11, 23, 16, tzinfo=UTC)
    found = screen(entry("a"), entry("a"), entry("b"), entry("c", occurred_at=midnight))
    today = found.shown(midnight, 10).today
    assert (str(today.day), today.registered, today.answered) == ("2026-11-24", 1, 0)
    assert screen(entry("a"), entry("a"), entry("b")).shown(AT, 10).today.registered == 2
    assert screen(entry("a")).shown(midnight, 10).today.registered == 0


def test_no_more_lines_are_shown_than_asked_for():
    found = screen(*(entry(str(n), occurred_at=AT + timedelta(seconds=n)) for n in range(700)))
    shown_lines = found.shown(AT, 3).lines
    assert [line.posted_at for line in shown_lines] == [AT + timedelta(seconds=n) for n in (699, 698, 697)]
    assert len(found.shown(AT, 500).lines) == POLICY.table.board.listed


def test_every_channel_and_appeal_has_words_in_both_languages():
    words = screen(*(entry(str(each), channel=each) for each in Channel)).shown(AT, 100).lines
    assert {line.channel.code for line in words} == set(Channel)
    assert all(line.channel.zh != line.channel.code for line in words)
    assert len(set(AppealType)) == 6


def test_a_channel_is_called_what_the_place_calls_it_else_by_its_well_known_name_else_by_its_code():
    own = policy(channels={"channel": [{"code": "web", "zh": "连心网", "en": "network"}]})
    found = Screen(lambda: own)
    for each in ("web", "radio", "pigeon-post"):
        found.post(entry(each, channel=each))
    names = {line.channel.code: line.channel.zh for line in found.shown(AT, 10).lines}
    assert names == {"web": "连心网", "radio": "民生热线（广播）", "pigeon-post": "pigeon-post"}
    names = {line.channel.code: line.channel.en for line in screen(entry("a", channel="wechat")).shown(AT, 1).lines}
    assert names == {"wechat": "WeChat"}
