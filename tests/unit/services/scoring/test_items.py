"""Items of other systems: watched by the same clocks, told to the system that owns them, refused with a reason."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from contracts.codes import PauseReason, RefusalCode, Rung
from contracts.items import (
    FinishItem,
    ItemEscalated,
    ItemFinished,
    ItemMoved,
    ItemRefused,
    ItemRungReached,
    ItemWatched,
    PauseItem,
    ResumeItem,
    WatchItem,
    item_key,
)
from contracts.limits import TimeLimit
from infra.decision import Decision, Due, Problem, Subject, Unreadable
from services.scoring.domain.aggregate import Aggregate
from services.scoring.domain.decide import Rules
from services.scoring.domain.item import Item, key_of_item
from tests.unit.services.speaking import AT, context, decided, demo, only, read, told

SYSTEM, ID, UNIT = "e-supervision", "SP-1", "police-beicheng"
RULES = Rules.from_tables(demo().version, demo().tables)
DAY = timedelta(days=1)


def watch(**changes: Any) -> WatchItem:
    given = {
        "system": SYSTEM,
        "external_id": ID,
        "issued_at": AT,
        "unit": UNIT,
        "matter": "business-licence",
        "started_at": AT,
        "limit": TimeLimit.parse("5 working days"),
    }
    return WatchItem(**{**given, **changes})


def said(kind: type[Any], at: datetime, **fields: Any) -> Any:
    return kind(system=SYSTEM, external_id=ID, issued_at=at, **fields)


class Watcher:
    """One item in scoring."""

    def __init__(self, *heard: Subject, rules: Rules = RULES) -> None:
        self.rules = rules
        self.item: Aggregate | None = None
        for subject in heard:
            self.hear(subject)

    def hear(self, subject: Subject, at: datetime = AT, speaker: str = SYSTEM) -> list[Any]:
        around = context(speaker, at=at, key=item_key(SYSTEM, ID))
        decision: Decision[Aggregate] = decided(self.rules.decide(self.item, subject, around))
        saved = None if decision.state is None else decision.state.model_dump(mode="json")
        self.item = None if saved is None else Aggregate.model_validate(saved)
        return read(decision.events)

    @property
    def held(self) -> Item:
        assert isinstance(self.item, Item)
        return self.item

    def refusal(self, subject: Subject, at: datetime = AT) -> str:
        """The code, and nothing has changed."""
        before = self.item
        refused = only(ItemRefused, self.hear(subject, at))
        assert (self.item, refused.system, refused.command_id) == (before, SYSTEM, "m1")
        ((code, _),) = told(refused.reasons)
        return code


def test_an_item_is_watched_from_its_start_to_its_end_on_its_own_limit() -> None:
    watcher = Watcher()
    watched = only(ItemWatched, watcher.hear(watch()))
    assert (watched.system, watched.external_id, watched.unit) == (SYSTEM, ID, UNIT)
    assert watched.due_at == AT.replace(hour=16, minute=0) + 7 * DAY  # midnight after the fifth working day
    assert RULES.is_open(watcher.held)
    finished = only(ItemFinished, watcher.hear(said(FinishItem, AT + 3 * DAY), AT + 3 * DAY))
    assert (finished.on_time, finished.cancelled, finished.finished_at) == (True, False, AT + 3 * DAY)
    assert not RULES.is_open(watcher.held)
    assert RULES.due(watcher.held) is None


def test_each_card_falls_once_and_what_is_over_goes_up_where_the_place_says_so() -> None:
    watcher = Watcher(watch())
    rungs: list[Rung] = []
    while (at := RULES.due(watcher.held)) is not None:
        events = watcher.hear(Due(), at)
        rungs += [event.rung for event in events if isinstance(event, ItemRungReached)]
        assert watcher.hear(Due(), at) == []
    assert rungs == [Rung.REMINDER, Rung.YELLOW, Rung.RED]
    tables = {**demo().tables, "limits": {**demo().tables["limits"], "alarms": {"escalate": ["item"], **LEVELS}}}
    rules = Rules.from_tables("v", tables)
    item = decided(rules.decide(None, watch(), context(SYSTEM))).state
    late = decided(rules.decide(item, Due(), context(SYSTEM, at=AT + 60 * DAY)))
    assert [(each.level, each.to) for each in read(late.events) if isinstance(each, ItemEscalated)] == [(1, "police")]


LEVELS = {"escalate_after": ["1 working day"]}


def test_a_pause_moves_the_end_and_says_so() -> None:
    watcher = Watcher(watch())
    end = watcher.held.clock.due_at
    paused = only(ItemMoved, watcher.hear(said(PauseItem, AT + DAY, reason=PauseReason.THIRD_PARTY), AT + DAY))
    assert (paused.why, paused.due_at) == ("paused", end)
    assert watcher.refusal(said(PauseItem, AT + DAY, reason=PauseReason.THIRD_PARTY), AT + DAY) == "item-paused"
    resumed = only(ItemMoved, watcher.hear(said(ResumeItem, AT + 2 * DAY), AT + 2 * DAY))
    assert (resumed.why, resumed.due_at) == ("resumed", end + DAY)
    assert watcher.refusal(said(ResumeItem, AT + 2 * DAY), AT + 2 * DAY) == "item-not-paused"


def due(watcher: Watcher) -> datetime:
    at = RULES.due(watcher.held)
    assert at is not None
    return at


@pytest.mark.parametrize(
    ("reason", "days"), [(PauseReason.THIRD_PARTY, 30), (PauseReason.SHELVED, 90), (PauseReason.SUPPLEMENT, 7)]
)
def test_a_pause_that_nobody_ends_is_over_when_the_place_says_so_and_the_item_goes_red(
    reason: PauseReason, days: int
) -> None:
    watcher = Watcher(watch())
    watcher.hear(said(PauseItem, AT + DAY, reason=reason), AT + DAY)
    over_at = AT + (1 + days) * DAY
    assert due(watcher) == over_at
    assert watcher.hear(Due(), over_at - DAY) == []
    lapsed = only(ItemMoved, watcher.hear(Due(), over_at + timedelta(hours=1)))
    assert (lapsed.why, watcher.held.clock.pauses[0].until) == ("lapsed", over_at)
    assert not watcher.held.clock.open_pauses
    told_ = watcher.hear(Due(), AT + 200 * DAY)
    assert [each.rung for each in told_ if isinstance(each, ItemRungReached)][-1] is Rung.RED
    assert not only(ItemFinished, watcher.hear(said(FinishItem, AT + 200 * DAY), AT + 200 * DAY)).on_time


def test_pauses_for_one_reason_together_are_not_longer_than_the_list_says() -> None:
    watcher, at = Watcher(watch(limit=TimeLimit.parse("60 working days"))), AT
    for days in (10, 15):
        watcher.hear(said(PauseItem, at, reason=PauseReason.THIRD_PARTY), at)
        at += days * DAY
        watcher.hear(said(ResumeItem, at), at)
    watcher.hear(said(PauseItem, at, reason=PauseReason.THIRD_PARTY), at)
    assert due(watcher) == at + 5 * DAY
    resumed = only(ItemMoved, watcher.hear(said(ResumeItem, at + 9 * DAY), at + 9 * DAY))
    assert (resumed.why, watcher.held.clock.pauses[-1].until) == ("lapsed", at + 5 * DAY)
    again = said(PauseItem, at + 10 * DAY, reason=PauseReason.THIRD_PARTY)
    assert watcher.refusal(again, at + 10 * DAY) == "suspension-used-up"
    shelved = only(ItemMoved, watcher.hear(said(PauseItem, at + 11 * DAY, reason=PauseReason.SHELVED), at + 11 * DAY))
    assert shelved.why == "paused"


def test_an_item_stands_still_for_no_reason_that_the_place_does_not_list() -> None:
    limits = {name: table for name, table in demo().tables["limits"].items() if name != "suspension"}
    rules = Rules.from_tables("v", {**demo().tables, "limits": limits})
    item = decided(rules.decide(None, watch(), context(SYSTEM))).state
    refused = decided(rules.decide(item, said(PauseItem, AT, reason=PauseReason.SHELVED), context(SYSTEM)))
    assert told(only(ItemRefused, refused.events).reasons) == [("suspension-not-listed", "reason")]


@pytest.mark.parametrize("kind", [PauseItem, ResumeItem, FinishItem])
def test_what_is_said_to_have_happened_is_not_taken_on_trust(kind: type[Any]) -> None:
    fields = {"reason": PauseReason.SHELVED} if kind is PauseItem else {}
    watcher, late = Watcher(watch()), AT + 60 * DAY
    assert watcher.refusal(said(kind, AT - DAY, **fields)) == "issued-too-early", "before its start"
    assert watcher.refusal(said(kind, AT + DAY, **fields)) == "issued-in-future"
    watcher.hear(said(PauseItem, AT + DAY, reason=PauseReason.THIRD_PARTY), AT + DAY)
    assert watcher.refusal(said(kind, AT + DAY / 2, **fields), AT + 2 * DAY) == "issued-too-early", "before its pause"
    watcher.hear(said(ResumeItem, AT + 3 * DAY), AT + 3 * DAY)
    assert watcher.refusal(said(kind, AT + 2 * DAY, **fields), AT + 4 * DAY) == "issued-too-early", "before its end"
    watcher.hear(Due(), late)
    red = watcher.held.clock.fallen[-1].at
    assert watcher.refusal(said(kind, red - timedelta(seconds=1), **fields), late) == "issued-too-early"


def test_a_system_whose_clock_is_a_little_ahead_is_believed_up_to_now() -> None:
    watcher = Watcher(watch())
    finished = only(ItemFinished, watcher.hear(said(FinishItem, AT + timedelta(minutes=4)), AT))
    assert finished.finished_at == AT
    assert Watcher().refusal(watch(issued_at=AT + timedelta(minutes=6))) == "issued-in-future"


def test_an_item_is_found_as_open_and_then_in_each_month_from_its_start_to_its_end() -> None:
    watcher = Watcher(watch())
    assert watcher.held.filed == ("items/open", f"items/open/{UNIT}")
    january = AT + 50 * DAY
    watcher.hear(said(FinishItem, january), january)
    months = ("2026-11", "2026-12", "2027-01")
    assert watcher.held.filed == tuple(f"items/{month}{unit}" for month in months for unit in ("", f"/{UNIT}"))


def test_what_comes_late_is_late_and_what_is_cancelled_is_nothing() -> None:
    late, cancelled = Watcher(watch()), Watcher(watch())
    over = late.held.clock.due_at
    events = late.hear(said(FinishItem, over), over)
    assert Rung.RED in [event.rung for event in events if isinstance(event, ItemRungReached)]
    assert not only(ItemFinished, [each for each in events if isinstance(each, ItemFinished)]).on_time
    told_ = cancelled.hear(said(FinishItem, over + DAY, cancelled=True), over + DAY)
    assert Rung.RED not in [event.rung for event in told_ if isinstance(event, ItemRungReached)]
    assert told_[-1].cancelled


@pytest.mark.parametrize(
    ("subject", "code"),
    [
        (watch(unit="nobody"), RefusalCode.UNIT_UNKNOWN),
        (watch(started_at=AT + DAY), RefusalCode.STARTED_IN_FUTURE),
        (said(FinishItem, AT), RefusalCode.ITEM_UNKNOWN),
        (Unreadable(WatchItem.TYPE, (Problem("limit", "missing"),)), RefusalCode.MALFORMED),
    ],
)
def test_what_cannot_be_watched_is_refused(subject: Subject, code: RefusalCode) -> None:
    assert Watcher().refusal(subject) == code


def test_the_same_item_again_changes_nothing_and_another_under_its_name_is_refused() -> None:
    watcher = Watcher(watch())
    assert watcher.hear(watch()) == []
    assert watcher.refusal(watch(matter="other")) == "item-watched"
    watcher.hear(said(FinishItem, AT))
    assert watcher.refusal(said(FinishItem, AT)) == "item-finished"


def test_a_system_cannot_speak_for_another() -> None:
    assert key_of_item(watch(system="other"), SYSTEM) == item_key(SYSTEM, ID)
    watched = only(ItemWatched, Watcher().hear(watch(system="other")))
    assert watched.topic == f"watch.{SYSTEM}"
