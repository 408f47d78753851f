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
from tests.support.app import app_of
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


async def test_items_count_for_their_unit_and_a_red_card_opens_into_the_item_and_its_events(city: City) -> None:
    ids = [uuid4().hex for _ in range(3)]
    for id in ids:
        await city.say(watch(id, datetime(2026, 3, 2, 2, tzinfo=UTC), "transport"))
        await city.heard(ItemRungReached, item_key(SYSTEM, id), attribute(rung=Rung.RED))
    await city.say(FinishItem(system=SYSTEM, external_id=ids[0], issued_at=datetime.now(UTC)))
    await city.heard(ItemFinished, item_key(SYSTEM, ids[0]))
    async with app_of(
        city.deployment.fleet.url("scoring"), {"X-API-Key": city.deployment.api_keys["city-office"]}
    ) as client:
        year, march = [await client.get(f"/v1/scores/{period}/items?by=unit") for period in ("2026", "2026-03")]
        opened = (await client.get("/v1/scores/2026-03/units/transport/item.red")).json()
        assert (await client.get("/v1/scores/2026/items?by=colour")).status_code == 422
    row = next(each for each in year.json()["rows"] if each["of"] == "transport")
    counts = {name.removeprefix("item."): count for name, count in row["counts"].items() if count}
    assert counts == {"watched": 3, "finished": 1, "carried-out": 2, "yellow": 3, "red": 3}
    assert (row["rates"]["item.finished-rate"]["value"], row["rates"]["item.on-time"]["value"]) == ("33.33", "0.00")
    assert {each["of"]: each["counts"]["item.carried-out"] for each in march.json()["rows"]}["transport"] == 3
    assert {each["external_id"] for each in opened["items"]} == set(ids)
    assert all(len(each["events"]) >= 2 for each in opened["items"])
    code, printed = await city.xn("scores", "show", "2026", "--items", "unit")
    assert (code, "transport" in printed) == (0, True), printed
    code, printed = await city.xn("scores", "explain", "transport", "item.red", "2026-03")
    assert (code, "3 / 3" in printed) == (0, True), printed


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
