"""Another system's items (电子监察): published by a stranger, watched by the clocks of cases, answered to it."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from contracts.codes import Rung
from contracts.items import (
    FinishItem,
    ItemFinished,
    ItemRefused,
    ItemRungReached,
    ItemWatched,
    WatchItem,
    item_key,
)
from contracts.limits import TimeLimit
from tests.support.city import City, attribute

pytestmark = pytest.mark.parametrize("engines", ["embedded"], indirect=True, scope="session")
"""What is tested here asks nothing of the broker that the other files do not."""

SYSTEM = "e-supervision"


def watch(external_id: str, started_at: datetime, unit: str = "education") -> WatchItem:
    return WatchItem(
        system=SYSTEM,
        external_id=external_id,
        issued_at=datetime.now(UTC),
        unit=unit,
        matter="school-licence",
        started_at=started_at,
        limit=TimeLimit.parse("15 calendar days"),
    )


async def test_an_item_that_is_over_has_every_card_and_is_late_when_it_is_finished(city: City) -> None:
    id = uuid4().hex
    key = item_key(SYSTEM, id)
    await city.say(watch(id, datetime(2026, 3, 2, 2, tzinfo=UTC)))
    watched = await city.seen(ItemWatched, key)
    assert watched.topic == f"watch.{SYSTEM}"
    assert watched.message.due_at == datetime(2026, 3, 17, 16, tzinfo=UTC)
    for rung in Rung:
        await city.heard(ItemRungReached, key, attribute(rung=rung))
    await city.say(FinishItem(system=SYSTEM, external_id=id, issued_at=datetime.now(UTC)))
    assert not (await city.heard(ItemFinished, key)).on_time
    assert len(city.all(ItemRungReached, key)) == len(Rung)


async def test_what_cannot_be_watched_is_refused_to_the_system_that_asked(city: City) -> None:
    id = uuid4().hex
    command = await city.say(watch(id, datetime(2026, 3, 2, 2, tzinfo=UTC), unit="atlantis"))
    refused = await city.heard(ItemRefused, item_key(SYSTEM, id))
    (reason,) = refused.reasons
    assert (refused.command_id, reason.code, reason.field) == (command, "unit-unknown", "unit")
    await city.put(
        f"items.{SYSTEM}",
        b"{}",
        [
            ("ce_specversion", b"1.0"),
            ("ce_id", id.encode()),
            ("ce_source", b"/x"),
            ("ce_type", WatchItem.TYPE.encode()),
        ],
    )
    malformed = await city.heard(ItemRefused, where=attribute(command_id=id))
    assert {each.code for each in malformed.reasons} == {"malformed"}
