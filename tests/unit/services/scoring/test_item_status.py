"""A watched item as its system reads it over HTTP."""

from __future__ import annotations

from datetime import timedelta

from contracts.codes import PauseReason
from contracts.items import FinishItem, PauseItem, ResumeItem
from services.scoring.item_status import item_status
from tests.unit.services.scoring.test_items import RULES, Watcher, said, watch
from tests.unit.services.speaking import AT

DAY = timedelta(days=1)


def test_a_running_item_is_on_time_until_its_end() -> None:
    it = Watcher(watch())
    end = it.held.clock.due_at
    before, after = (item_status(it.held, RULES.limits, at) for at in (end - DAY, end))
    assert (before.on_time, after.on_time) == (True, False)
    assert (before.limit, before.due_at, before.finished_at) == ("5 working days", end, None)
    assert before.lines


def test_a_pause_before_the_end_keeps_the_limit_and_is_listed() -> None:
    it = Watcher(watch())
    it.hear(said(PauseItem, AT + DAY, reason=PauseReason.SUPPLEMENT), AT + DAY)
    late = item_status(it.held, RULES.limits, it.held.clock.due_at + DAY)
    assert (late.paused, late.on_time, late.pauses[0].until) == (True, True, None)
    it.hear(said(ResumeItem, AT + 2 * DAY), AT + 2 * DAY)
    resumed = item_status(it.held, RULES.limits, AT + 2 * DAY)
    assert (resumed.paused, resumed.pauses[0].until) == (False, AT + 2 * DAY)


def test_an_item_that_ended_late_stays_late_and_shows_its_cards() -> None:
    it = Watcher(watch())
    end = it.held.clock.due_at + DAY
    it.hear(said(FinishItem, end), end)
    shown = item_status(it.held, RULES.limits, end + DAY)
    assert (shown.on_time, shown.finished_at, shown.cancelled) == (False, end, False)
    assert [card.rung for card in shown.cards] == ["reminder", "yellow", "red"]
