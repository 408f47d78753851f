"""Outcomes of commands, read from the documents in which the small service of `bench` decided them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from contracts.dead_letters import DeadLettered
from contracts.message import Message
from infra.document import APPLIED_KEPT, Entry
from infra.outcomes import CommandOfAnotherError, Outcome, Outcomes
from infra.recent import Recent
from tests.unit.infra.bench import HOUR, INPUTS, Rules, Shelf, Tally, added, ask, key_of, opened, said, shelf

A, ID = key_of("a"), "5f0c5b16-6a0f-5c0e-9a57-2d6b8e1f7a10"
POLICE, ECOLOGY = "asks.police", "asks.ecology"


class Saved:
    """A shelf as the store that outcomes are read from; counts what is read."""

    def __init__(self, it: Shelf[Tally]) -> None:
        self.it = it
        self.looks = self.histories = 0
        self.third_look = asyncio.Event()

    async def applied(self, key: str) -> tuple[list[str], list[str]]:
        self.looks += 1
        if self.looks == 3:
            self.third_look.set()
        row = self.it.rows.get(key)
        return (row["applied"], [held["id"] for held in row["waiting"]]) if row else ([], [])

    async def history(self, key: str, start: int = 0) -> list[Entry]:
        self.histories += 1
        return self.it.histories.get(key, [])


async def outcome(it: Shelf[Tally], *, topic: str = POLICE, id: str = ID, seconds: float = 0) -> Outcome | None:
    return await Outcomes(Saved(it), INPUTS, it.decider.unchanged).wait(A, topic, id, seconds)


@pytest.mark.parametrize("before", [(), (said(opened(A), "1"),)], ids=["no document", "a document"])
async def test_a_command_is_accepted_or_refused_with_reasons(before: tuple[Any, ...]) -> None:
    it = shelf()
    it.take(*before, said(ask(A), ID))
    assert await outcome(it) == Outcome(accepted=True)
    refused = shelf()
    refused.take(*before, said(ask(A, -1), ID))
    found = await outcome(refused)
    assert found is not None
    assert (found.accepted, [each["code"] for each in found.reasons]) == (False, ["not-responsible"])


async def test_a_command_that_was_not_read_yet_is_not_decided() -> None:
    it = shelf()
    assert await outcome(it) is None
    it.take(said(opened(A), "1"), said(ask(A), "another-id"))
    assert await outcome(it) is None


async def test_a_command_that_waits_for_its_cause_is_not_decided() -> None:
    it = shelf()
    it.take(said(ask(A, 0), ID))
    assert await outcome(it) is None
    it.take(said(opened(A), "1"))
    assert await outcome(it) == Outcome(accepted=True)


async def test_a_command_whose_cause_never_comes_is_refused_in_the_end() -> None:
    it = shelf()
    it.take(said(ask(A, 0), ID))
    it.tick(2 * HOUR)
    found = await outcome(it)
    assert found is not None
    assert [each["code"] for each in found.reasons] == ["case-unknown"]


async def test_a_repetition_that_changes_nothing_is_accepted_by_the_process_that_decided_it() -> None:
    it = shelf()
    it.take(said(opened(A), "1"))
    it.take(said(ask(A, 0), ID))
    assert it.rows[A]["version"] == 1, "nothing is written for it"
    assert await outcome(it) == Outcome(accepted=True)
    assert await outcome(it, topic=ECOLOGY) is None
    elsewhere = Outcomes(Saved(it), INPUTS, Recent())
    assert await elsewhere.wait(A, POLICE, ID, 0) is None


async def test_a_dead_letter_is_not_decided_until_it_is_redriven() -> None:
    rules = Rules()
    it = shelf(rules)
    it.take(said(opened(A), "1"), said(ask(A, 13), ID))
    (letter,) = it.events(A, DeadLettered)
    assert await outcome(it) is None
    rules.mended = True
    it.redrive(letter)
    assert await outcome(it) == Outcome(accepted=True)


@pytest.mark.parametrize("amount", [1, -1])
async def test_a_command_of_another_is_not_found(amount: int) -> None:
    it = shelf()
    it.take(said(opened(A), "1"), said(ask(A, amount), ID))
    assert await outcome(it) is not None
    with pytest.raises(CommandOfAnotherError):
        await outcome(it, topic=ECOLOGY)
    forgotten(it)
    if amount < 0:
        with pytest.raises(CommandOfAnotherError):
            await outcome(it, topic=ECOLOGY)


def forgotten(it: Shelf[Tally]) -> None:
    """So many messages came since that the ring has dropped the id."""
    it.take(*(said(added(A, 1), f"later-{n}") for n in range(APPLIED_KEPT)))


async def test_a_refusal_is_found_as_long_as_the_history_lasts() -> None:
    it = shelf()
    it.take(said(opened(A), "1"), said(ask(A, -1), ID), said(ask(A), key_of("accepted")))
    forgotten(it)
    found = await outcome(it)
    assert found is not None
    assert not found.accepted
    assert await outcome(it, id=key_of("accepted")) is None, "nothing proves any more who sent it"


async def test_waiting_looks_at_the_ring_alone_until_the_command_is_decided() -> None:
    it = shelf()
    it.take(said(opened(A), "1"))
    saved = Saved(it)
    waiting = asyncio.create_task(Outcomes(saved, INPUTS, Recent()).wait(A, POLICE, ID, 30))
    await asyncio.wait_for(saved.third_look.wait(), 10)
    assert saved.histories == 0
    it.take(said(ask(A), ID))
    assert await asyncio.wait_for(waiting, 10) == Outcome(accepted=True)
    assert saved.histories == 1


async def test_waiting_ends_after_the_seconds_that_were_given() -> None:
    found = await asyncio.wait_for(outcome(shelf(), seconds=0.12), 10)
    assert found is None


def test_the_key_of_a_command_is_that_of_the_services_input() -> None:
    def key(message: Message, sender: str | None) -> str:
        return f"{message.key}/{sender}"

    outcomes = Outcomes(Saved(shelf()), [replace(INPUTS[1], key=key)], ())
    assert outcomes.key_of(ask(A), "police") == f"{A}/police"
