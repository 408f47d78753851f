"""`xn dead-letters`: what services have put aside, and sending it round again in order."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import uuid4

import typer
from aiokafka import AIOKafkaProducer
from rich.console import Console
from rich.table import Table

from contracts.dead_letters import DeadLettered, DeadLetterReason, DeadLetterResolved, Redrive
from contracts.envelope import encode
from contracts.topics import SERVICES
from infra.clock import system_clock
from infra.reading import unpack
from infra.sealing import Opener, SealingError
from xn.observe import Observed, Observer

app = typer.Typer(name="dead-letters", no_args_is_help=True, help="Messages that could not be applied.")

Bootstrap = Annotated[str, typer.Option(envvar="XN_KAFKA_BOOTSTRAP", help="Kafka, host:port")]


@dataclass(frozen=True)
class Letters:
    """All letters of some services in the order they were written, and which are resolved."""

    all: tuple[DeadLettered, ...]
    resolved: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, observed: Sequence[Observed]) -> Letters:
        """From what stands on the topics; a letter that was published again counts once."""
        letters: dict[str, DeadLettered] = {}
        resolved: set[tuple[str, str]] = set()
        for _, envelope, message in observed:
            if isinstance(message, DeadLettered):
                letters.setdefault(envelope.id, message)
            elif isinstance(message, DeadLetterResolved):
                resolved.add((message.service, message.letter_id))
        return cls(tuple(letters.values()), frozenset(resolved))

    def open(self) -> list[DeadLettered]:
        """Those that wait for a redrive; a message that was answered with a refusal does not."""
        return [each for each in self.all if not answered(each) and (each.service, each.letter_id) not in self.resolved]


def answered(letter: DeadLettered) -> bool:
    """Whether its sender was given a refusal, so that nothing is left to do."""
    from_outside = letter.origin.topic.startswith(("complaints.", "handling.", "feedback."))
    return letter.reason is DeadLetterReason.UNREADABLE and from_outside


async def read(bootstrap: str, services: Sequence[str]) -> Letters:
    """Every letter of these services."""
    async with Observer(bootstrap, [f"dead-letters.{service}" for service in services]) as observer:
        return Letters.of(await observer.rest())


@app.command("list")
def show_all(
    bootstrap: Bootstrap,
    service: Annotated[str | None, typer.Option(help="one service only")] = None,
    every: Annotated[bool, typer.Option("--all", help="also what is resolved or was answered")] = False,
) -> None:
    """Open letters, by key and in order."""
    letters = asyncio.run(read(bootstrap, [service] if service else SERVICES))
    chosen = list(letters.all) if every else letters.open()
    table = Table("service", "key", "letter", "reason", "error", "from", "trace")
    for each in sorted(chosen, key=lambda letter: (letter.service, letter.case_id)):
        place = f"{each.origin.topic}/{each.origin.partition}/{each.origin.offset}"
        trace = (each.traceparent or "--").split("-")[1]
        table.add_row(each.service, each.case_id, each.letter_id, each.reason, each.error, place, trace)
    Console(width=None if Console().is_terminal else 240).print(table)
    typer.echo(f"{len(letters.open())} open, {len(letters.all)} in all")


@app.command()
def show(
    letter: Annotated[str, typer.Argument(help="letter id, as listed")],
    bootstrap: Bootstrap,
) -> None:
    """One letter; with the key also what is in its box, which may hold somebody's identity."""
    letters = asyncio.run(read(bootstrap, SERVICES))
    found = next((each for each in letters.all if each.letter_id == letter), None)
    if found is None:
        typer.echo(f"no letter {letter}", err=True)
        raise typer.Exit(1)
    typer.echo(found.model_dump_json(indent=2, exclude={"box"}))
    key = os.environ.get("XN_DEAD_LETTER_KEY")  # never an argument: every process may read those
    if key is None:
        typer.echo("sealed: set XN_DEAD_LETTER_KEY to open it")
        return
    try:
        headers, value = unpack(Opener(key).open(found.box))
    except SealingError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    for name, raw in headers:
        typer.echo(f"{name}: {(raw or b'').decode(errors='replace')}")
    typer.echo((value or b"").decode(errors="replace"))


@app.command()
def redrive(
    bootstrap: Bootstrap,
    service: Annotated[str, typer.Option(help="whose letters")],
    key: Annotated[str | None, typer.Option(help="one key only; without it every open letter")] = None,
    wait: Annotated[float, typer.Option(help="seconds to wait for the service to have taken them")] = 30.0,
) -> None:
    """Open letters go round again, those of each key in their order. Fails when some could not be applied."""
    left = asyncio.run(send_round(bootstrap, service, key, wait))
    for each in left:
        typer.echo(f"not applied: {each.letter_id} of {each.case_id}: {each.error}", err=True)
    if left:
        raise typer.Exit(1)


async def send_round(bootstrap: str, service: str, key: str | None, wait: float) -> list[DeadLettered]:
    """The letters that are still open when all have been taken, or when the time is up."""
    async with Observer(bootstrap, [f"dead-letters.{service}"]) as observer:
        observed = await observer.rest()
        chosen = [each for each in Letters.of(observed).open() if key in (None, each.case_id)]
        await _publish(bootstrap, chosen)
        typer.echo(f"{len(chosen)} sent round again")
        deadline = time.monotonic() + wait
        names = {each.letter_id for each in chosen}
        while True:
            observed += await observer.poll()
            left = [each for each in Letters.of(observed).open() if each.letter_id in names]
            if not left or time.monotonic() > deadline:
                typer.echo(f"{len(chosen) - len(left)} applied")
                return left


async def _publish(bootstrap: str, letters: Sequence[DeadLettered]) -> None:
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, enable_idempotence=False, acks="all", max_request_size=6 * 1024 * 1024
    )
    await producer.start()
    try:
        for letter in letters:
            again = Redrive(
                case_id=letter.case_id,
                occurred_at=system_clock(),
                service=letter.service,
                letter_id=letter.letter_id,
                origin=letter.origin,
                traceparent=letter.traceparent,
                box=letter.box,
            )
            record = encode(again, id=str(uuid4()), source="/operators/xn", traceparent=letter.traceparent)
            await producer.send_and_wait(record.topic, record.value, record.key, headers=record.headers)
    finally:
        await producer.stop()
