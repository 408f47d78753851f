"""Item types of a service window, and the obligation that each type puts on the unit. Source: S3.

“对即办件,现场办结;承诺件,限时办结;联办件,协调办理;上报件,服务;退办件,说明理由;补办件,一次性告知”.
An item accumulates types: a promised item with missing documents is also a supplement item, and both obligations apply.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts.codes import PauseReason, RefusalCode, TimeUnit
from contracts.items import FinishItem, PauseItem, WatchItem
from contracts.limits import TimeLimit
from contracts.reference_tables import ItemType, Obligation
from contracts.refusals import Reason, reason
from contracts.text import is_visible
from services.scoring.domain.limits import Limits, Tables


@dataclass(frozen=True)
class ItemTypes:
    """The item types of a place, by id."""

    by_id: Mapping[str, ItemType]

    @classmethod
    def from_tables(cls, tables: Tables) -> ItemTypes:
        """Build from `systems.toml`. Raises `ValidationError`."""
        listed = tables.get("systems", {}).get("type", ())
        return cls({each["id"]: ItemType.model_validate(each) for each in listed})

    def unknown(self, type: str | None) -> Reason | None:
        """The refusal of a type that the place does not have; None for a known type and for no type."""
        if type is None or type in self.by_id:
            return None
        known = ", ".join(self.by_id) or "-"
        return reason(RefusalCode.ITEM_TYPE_UNKNOWN, "type", type=type, known=known)

    def fault_of_watch(self, watch: WatchItem, limits: Limits) -> Reason | None:
        """The obligation of its type that a new item violates; None when it violates none."""
        fault = self.unknown(watch.type)
        if fault is not None or watch.type is None:
            return fault
        type = self.by_id[watch.type]
        if type.limit is not None and _longer(watch.limit, most := TimeLimit.parse(type.limit)):
            return _fault(RefusalCode.ITEM_LIMIT_TOO_LONG, "limit", type, limit=most)
        others = set(watch.co_handlers)
        if not others <= limits.units:
            return reason(RefusalCode.UNIT_UNKNOWN, "co_handlers")
        match type.obligation:
            case "coordinated" if not others or watch.unit in others:
                return _fault(RefusalCode.ITEM_NOT_COORDINATED, "co_handlers", type)
            case "forwarded" if watch.forwarded_to not in limits.above(watch.unit):
                return _fault(RefusalCode.ITEM_NOT_FORWARDED, "forwarded_to", type)
            case _:
                return None

    def fault_of_pause(
        self, pause: PauseItem, types: Sequence[str], told_at: datetime | None, limits: Limits
    ) -> Reason | None:
        """The obligation of the item's types, including the new one, that forbids the pause."""
        if fault := self.unknown(pause.type):
            return fault
        if type := self._with("on-the-spot", types):
            return _fault(RefusalCode.ITEM_ON_THE_SPOT, "reason", type)
        if pause.reason is not PauseReason.SUPPLEMENT or not self._with("told-once", with_type(types, pause.type)):
            return None
        if told_at is not None:
            told_on = told_at.astimezone(limits.timezone).date()
            return reason(RefusalCode.ITEM_TOLD_ALREADY, "missing", told_on=told_on)
        return None if pause.missing else reason(RefusalCode.ITEM_MISSING_UNNAMED, "missing")

    def fault_of_finish(self, finish: FinishItem, types: Sequence[str]) -> Reason | None:
        """The obligation of the item's types, including the new one, that forbids this way of finishing."""
        if fault := self.unknown(finish.type):
            return fault
        if self._with("with-reason", with_type(types, finish.type)) and not is_visible(finish.reason):
            return reason(RefusalCode.REASON_MISSING, "reason")
        return None

    def _with(self, obligation: Obligation, types: Sequence[str]) -> ItemType | None:
        """The first of these types with this obligation; types that the place no longer lists are ignored."""
        known = (self.by_id[each] for each in types if each in self.by_id)
        return next((each for each in known if each.obligation == obligation), None)


def with_type(types: Sequence[str], type: str | None) -> tuple[str, ...]:
    """Append a type unless it is None or already present."""
    return tuple(dict.fromkeys((*types, *filter(None, (type,)))))


def _longer(limit: TimeLimit, most: TimeLimit) -> bool:
    """Whether the limit may exceed `most`. Across units, only up to 8 hours counts as shorter than any days."""
    if limit.unit is most.unit:
        return limit.amount > most.amount
    return not (limit.unit is TimeUnit.HOURS and limit.amount <= 8)


def _fault(code: RefusalCode, field: str, type: ItemType, **figures: Any) -> Reason:
    return reason(code, field, type=type.id, **figures)
