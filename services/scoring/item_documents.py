"""Items as they are told over HTTP: each with what it adds to a number, and the events that say so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from services.scoring.domain.scores.items import ItemAddend


class AddedItem(BaseModel):
    """An item of another system, and what it adds to a number."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    system: str
    external_id: str
    matter: str
    started_at: datetime
    at: datetime | None
    """When it ended."""
    red_at: datetime | None
    adds: int
    events: list[str]
    """CloudEvents ids on `watch.{system}`."""


def added_item(each: ItemAddend, events: Mapping[str, list[str]]) -> AddedItem:
    """As it is told."""
    item = each.item
    return AddedItem(
        system=item.system,
        external_id=item.external_id,
        matter=item.matter,
        started_at=item.started_at,
        at=item.ended_at,
        red_at=item.red_at,
        adds=each.adds,
        events=events.get(item.key, []),
    )
