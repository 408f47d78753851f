"""Replay of service window items of each type (S3), and of the steps of a procedure (S2)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from contracts.codes import PauseReason, RefusalCode
from contracts.items import (
    FinishItem,
    ItemFinished,
    ItemMoved,
    ItemRefused,
    ItemWatched,
    PauseItem,
    RecordStep,
    StepRecorded,
    WatchItem,
)
from contracts.limits import TimeLimit
from tests.places.replay import Replay

SYSTEM, UNIT = "e-supervision", "tangqi-window"
ITEMS: dict[str, dict[str, Any]] = {
    "immediate": {"limit": TimeLimit.parse("0 working days")},
    "promised": {},
    "joint": {"co_handlers": ("commerce", "planning")},
    "forwarded": {"forwarded_to": "yuhang-centre"},
    "returned": {},
    "supplement": {},
}
"""For each type, an item that meets its obligation."""


async def windows(replay: Replay) -> None:
    """Items of each type are watched and finished; an item that violates its obligation is refused with the rule."""
    await replay.people.say(*(watch(type, type, **given) for type, given in ITEMS.items()))
    await replay.people.say(watch("alone", "joint"), watch("slow", "immediate"))
    for type in ITEMS:
        watched = await replay.hears(ItemWatched, lambda each, type=type: each.external_id == type)  # type: ignore[misc]
        assert watched.type == type
    assert await refused(replay, "alone") == [RefusalCode.ITEM_NOT_COORDINATED]
    assert await refused(replay, "slow") == [RefusalCode.ITEM_LIMIT_TOO_LONG]
    await replay.people.say(about(FinishItem, "returned"))
    assert await refused(replay, "returned") == [RefusalCode.REASON_MISSING]
    await replay.people.say(
        about(PauseItem, "supplement", reason=PauseReason.SUPPLEMENT, missing=("身份证复印件", "房产证")),
        about(FinishItem, "returned", reason="不属于本窗口受理范围"),
        *(about(FinishItem, type) for type in ITEMS if type not in {"returned", "supplement"}),
    )
    moved = await replay.hears(ItemMoved, lambda each: each.external_id == "supplement")
    assert (moved.why, moved.missing) == ("paused", ("身份证复印件", "房产证"))
    for type in ITEMS:
        if type != "supplement":
            ended = await replay.hears(ItemFinished, lambda each, type=type: each.external_id == type)  # type: ignore[misc]
            assert (ended.types, ended.on_time) == ((type,), True)


async def procedure(replay: Replay) -> None:
    """办理领导批示件 in five steps with an error in one: a point is deducted, and the score cites the item."""
    name, unit, steps = "instruction", "planning", ("registered", "assigned", "handled", "reviewed", "reported")
    item = {"unit": unit, "matter": "leader-instruction", "started_at": datetime.now(UTC)}
    await replay.people.say(about(WatchItem, name, limit=TimeLimit.parse("5 working days"), **item))
    await replay.hears(ItemWatched, lambda each: each.external_id == name)
    await replay.people.say(about(FinishItem, name))
    assert await refused(replay, name) == [RefusalCode.STEPS_OPEN]
    for step in steps:
        error = "shelved" if step == "assigned" else None
        await replay.people.say(about(RecordStep, name, step=step, error=error))
        recorded = await replay.hears(StepRecorded, lambda each, step=step: each.step == step)  # type: ignore[misc]
        assert (recorded.unit, recorded.error) == (unit, error)
    await replay.people.say(about(FinishItem, name))
    await replay.hears(ItemFinished, lambda each: each.external_id == name)
    cards = {card.unit.id: card for card in (await replay.scores(replay.this_month)).cards["public-facing"]}
    assert [line.adds for line in cards[unit].lines if line.id == "procedure-errors"] == [-1]


def watch(external_id: str, type: str, **given: Any) -> Any:
    """A command to watch an item that was just submitted at the window."""
    now = datetime.now(UTC)
    limit = given.pop("limit", TimeLimit.parse("5 working days"))
    return about(
        WatchItem, external_id, unit=UNIT, matter="certificate", started_at=now, limit=limit, type=type, **given
    )


def about(model: type[Any], external_id: str, **given: Any) -> Any:
    """Publish a command of the system."""
    return model(system=SYSTEM, external_id=external_id, issued_at=datetime.now(UTC), **given)


async def refused(replay: Replay, external_id: str) -> list[str]:
    """The codes with which an item was refused."""
    found = await replay.hears(ItemRefused, lambda each: each.external_id == external_id)
    return [each.code for each in found.reasons]
