"""What a system is sent about its items: watched, steps, each change of the clock once, finished. Source: S2, S3."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contracts.codes import Rung
from contracts.items import (
    ItemEscalated,
    ItemFact,
    ItemFinished,
    ItemMoved,
    ItemRungReached,
    ItemWatched,
    StepRecorded,
    WatchItem,
)
from infra.decision import Context
from services.scoring.domain.clock import Clock
from services.scoring.domain.clock_facts import alarm, end_moved, end_of, fallen_since
from services.scoring.domain.item import Item
from services.scoring.domain.item_pauses import lapses_at
from services.scoring.domain.item_steps import StepDone
from services.scoring.domain.limits import Limits


class ItemFacts:
    """The events about one item."""

    def __init__(self, item: Item, context: Context, limits: Limits) -> None:
        self._item, self._limits = item, limits
        self._of: dict[str, Any] = {"system": item.system, "external_id": item.external_id, "occurred_at": context.at}

    def watched(self, watch: WatchItem) -> ItemWatched:
        """Its clock has begun."""
        clock = self._item.clock
        return ItemWatched(
            **self._of,
            **end_of(clock),
            unit=clock.unit,
            matter=self._item.matter,
            limit=clock.limit,
            started_at=clock.started_at,
            policy=self._limits.version,
            type=watch.type,
            co_handlers=watch.co_handlers,
            forwarded_to=watch.forwarded_to,
        )

    def step_recorded(self, done: StepDone) -> StepRecorded:
        """A step of its procedure is done, with the error found in it."""
        return StepRecorded(
            **self._of,
            unit=self._item.clock.unit,
            matter=self._item.matter,
            step=done.step,
            done_at=done.at,
            post=done.post,
            error=done.error,
            policy=self._limits.version,
        )

    def changes(self, new: Clock, missing: tuple[str, ...] = ()) -> Iterator[ItemFact]:
        """Everything between its clock as it was and the new one. The red card of a cancelled item is left out."""
        old = self._item.clock
        for step in fallen_since(old, new):
            fields = alarm(new, step, self._limits, None)
            if fields is None or (self._item.cancelled and step.rung is Rung.RED):
                continue
            yield ItemEscalated(**self._of, **fields) if step.level else ItemRungReached(**self._of, **fields)
        if new.stopped_at is not None and old.running:
            yield self._finished(new)
        elif new.running and (why := _moved(old, new, self._limits)) is not None:
            yield ItemMoved(**self._of, **end_of(new), why=why, types=self._item.types, missing=missing)

    def _finished(self, clock: Clock) -> ItemFinished:
        assert clock.stopped_at is not None  # noqa: S101 - who calls has looked
        item = self._item
        return ItemFinished(
            **self._of,
            unit=clock.unit,
            matter=item.matter,
            finished_at=clock.stopped_at,
            due_at=clock.due_at,
            on_time=clock.on_time,
            cancelled=item.cancelled,
            types=item.types,
            reason=item.reason,
        )


def _moved(old: Clock, new: Clock, limits: Limits) -> str | None:
    """Why its end is another, or why it rests; None when neither has changed."""
    if len(new.pauses) > len(old.pauses):
        return "paused"
    if len(new.open_pauses) < len(old.open_pauses):
        over_at, ended_at = lapses_at(old, limits), max(each.until for each in new.pauses if each.until is not None)
        return "lapsed" if over_at is not None and ended_at >= over_at else "resumed"
    return "calendar" if end_moved(old, new) else None
