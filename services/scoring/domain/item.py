"""Items of other systems (电子监察) as they are kept: any piece of work with a limit, watched by a clock like a case's.

Source: S2, S1¶3.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from contracts.items import ItemCommand, WatchItem, item_key
from contracts.message import Message, field_of
from infra.decision import Identity
from services.scoring.domain.aggregate import Aggregate
from services.scoring.domain.clock import Clock
from services.scoring.domain.item_steps import StepDone
from services.scoring.domain.limits import Limits
from services.scoring.domain.scores.period import month_of, months_between

OPEN = "open"
"""Where items are found that have not ended; the others are found in their months."""


def found_under(place: str, unit: str | None) -> str:
    """Under which items are found that are open, or of a month; with `unit`, its own."""
    return f"items/{place}" if unit is None else f"items/{place}/{unit}"


def key_of_item(message: Message, speaker: str | None) -> str:
    """The key of the item, whose system the topic proves; what the message says of it does not count."""
    assert isinstance(message, ItemCommand)  # noqa: S101 - the topic carries nothing else
    return item_key(speaker or message.system, message.external_id)


def identify_item(body: Mapping[str, object], system: str | None) -> Identity | None:
    """The item that a body names by its system's reference, though something else of it does not fit."""
    external_id = field_of(WatchItem, "external_id", body)
    return Identity(item_key(system, external_id), external_id) if system and external_id else None


class Item(Aggregate):
    """One item of one system."""

    kind: Literal["item"] = "item"
    system: str
    external_id: str
    matter: str
    clock: Clock
    cancelled: bool = False
    types: tuple[str, ...] = ()
    """All types of the item, in the order in which they were added."""
    told_at: datetime | None = None
    """When the missing documents were listed."""
    reason: str = ""
    """Why the item was returned."""
    steps: tuple[StepDone, ...] = ()
    """Steps of the procedure, in the order in which they were done."""
    filed: tuple[str, ...] = ()
    """Under which it is found: as open, or each month from its start to its end; with its unit, and without."""

    @property
    def known_at(self) -> datetime:
        """The last that is known of it: nothing that happened before can be told any more."""
        pauses = (at for each in self.clock.pauses for at in (each.since, each.until) if at is not None)
        steps = (each.at for each in self.steps)
        return max((self.clock.started_at, *(step.at for step in self.clock.fallen), *pauses, *steps))


def filed(item: Item, limits: Limits) -> Item:
    """Found where its numbers are counted: one that has ended never changes again."""
    clock = item.clock
    if clock.stopped_at is None:
        places: tuple[str, ...] = (OPEN,)
    else:
        first, last = (month_of(at, limits.timezone) for at in (clock.started_at, clock.stopped_at))
        places = months_between(first, last)
    under = tuple(found_under(place, unit) for place in places for unit in (None, clock.unit))
    return item if under == item.filed else item.model_copy(update={"filed": under})
