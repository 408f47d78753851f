"""One watched item as its system sees it: read from scoring's state."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from contracts.codes import PauseReason, Rung
from contracts.items import item_key
from infra.clock import Clock
from infra.http.problems import HttpProblem
from infra.http.publishing import SOON
from infra.store import Store, StoreError
from services.scoring.domain.aggregate import Aggregate
from services.scoring.domain.clock import Step
from services.scoring.domain.explaining import Line, explain
from services.scoring.domain.item import Item
from services.scoring.domain.limits import Limits


class ItemCard(BaseModel):
    """A reminder, a yellow card or a red card of an item."""

    rung: Rung
    level: int
    at: datetime


class ItemPause(BaseModel):
    """A pause of an item; without `until` it has not ended."""

    reason: PauseReason
    since: datetime
    until: datetime | None


class ItemStep(BaseModel):
    """A completed step of the item's procedure."""

    step: str
    at: datetime
    post: str | None
    error: str | None


class ItemStatus(BaseModel):
    """One item."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    system: str
    external_id: str
    unit: str
    """Who has to keep the limit."""
    matter: str
    types: tuple[str, ...]
    started_at: datetime
    limit: str
    due_at: datetime
    provisional: bool
    """The end may still change: the calendar of a year on the way is not published yet."""
    on_time: bool
    """False once the end has passed; a pause that began before it keeps the limit."""
    paused: bool
    finished_at: datetime | None
    cancelled: bool
    reason: str
    """Why the item was returned."""
    cards: list[ItemCard]
    """Those that have fallen."""
    pauses: list[ItemPause]
    steps: list[ItemStep]
    lines: tuple[Line, ...]
    """How the end was calculated, day by day."""


class ItemStatusViews:
    """Items, each for the system that has it watched."""

    def __init__(self, store: Store, limits: Callable[[], Limits], clock: Clock) -> None:
        """`limits` are the current ones."""
        self._store = store
        self._limits = limits
        self._clock = clock

    async def item(self, system: str, external_id: str) -> ItemStatus | None:
        """The system's item with this reference; None when there is none. Raises `HttpProblem`."""
        try:
            state = await self._store.state_of(item_key(system, external_id))
        except StoreError:
            raise HttpProblem("unavailable", headers=SOON) from None
        item = None if state is None else Aggregate.model_validate(state)
        return item_status(item, self._limits(), self._clock()) if isinstance(item, Item) else None


def item_status(item: Item, limits: Limits, at: datetime) -> ItemStatus:
    """The item as its system sees it at that instant."""
    clock = item.clock
    return ItemStatus(
        **{name: getattr(item, name) for name in ("system", "external_id", "matter", "types", "cancelled", "reason")},
        **{name: getattr(clock, name) for name in ("unit", "started_at", "due_at", "provisional")},
        limit=str(clock.limit),
        on_time=clock.on_time if clock.stopped_at is not None else not clock.over_at(at),
        paused=clock.still_since is not None,
        finished_at=clock.stopped_at,
        cards=[_card(step) for step in clock.fallen],
        pauses=[ItemPause(reason=each.reason, since=each.since, until=each.until) for each in clock.pauses],
        steps=[ItemStep(**each.model_dump()) for each in item.steps],
        lines=explain(clock, limits),
    )


def _card(step: Step) -> ItemCard:
    return ItemCard(rung=step.rung, level=step.level, at=step.at)
