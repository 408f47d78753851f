"""`xn dead-letters`: what services have put aside, and sending it round again in order. Needs no database."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated
from uuid import uuid4

import typer
from aiokafka import AIOKafkaProducer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from contracts.dead_letters import DeadLettered, DeadLetterReason, DeadLetterResolved, Redrive
from contracts.envelope import encode
from contracts.registry import MEBIBYTE
from contracts.roles import SERVICES
from contracts.topics import REGISTRY
from contracts.typed_codes import read_case_id
from infra.clock import system_clock
from infra.exits import Exit, Fault
from infra.sealing import Opener, SealingError
from infra.topics import create_no_topics
from xn.observe import Observed, Observer
from xn.options import Bootstrap

app = typer.Typer(name="dead-letters", no_args_is_help=True, help="Messages that could not be applied.")

ServiceName = StrEnum("ServiceName", {name: name for name in SERVICES})  # type: ignore[misc]

KEY_VARIABLE = "XN_DEAD_LETTER_KEY"
"""A key is named, never given on the command line, where every process of the machine can read it."""

_OPEN_TO_STRANGERS = ("complaints.", "handling.", "feedback.")


@dataclass(frozen=True)
class Letters:
    """All letters of some services in the order they were written, and which are resolved."""

    all: tuple[DeadLettered, ...]
    resolved: frozenset[tuple[str, str, str]]

    @classmethod
    def of(cls, observed: Sequence[Observed]) -> Letters:
        """From what stands on the topics; a letter that was published again counts once."""
        letters: dict[tuple[str, str, str], DeadLettered] = {}
        resolved: set[tuple[str, str, str]] = set()
        for _, _, message in observed:
            if isinstance(message, DeadLettered):
                letters.setdefault(_name(message), message)
            elif isinstance(message, DeadLetterResolved):
                resolved.add(_name(message))
        return cls(tuple(letters.values()), frozenset(resolved))

    def open(self) -> list[DeadLettered]:
        """Those that wait for a redrive; a message that was answered with a refusal does not."""
        return [letter for letter in self.all if self.state(letter) == "open"]

    def state(self, letter: DeadLettered) -> str:
        """`open`, `resolved`, or `answered`: its sender was given a refusal, so that nothing is left to do."""
        if _name(letter) in self.resolved:
            return "resolved"
        strange = letter.origin.topic.startswith(_OPEN_TO_STRANGERS)
        return "answered" if strange and letter.reason is DeadLetterReason.UNREADABLE else "open"


def _name(letter: DeadLettered | DeadLetterResolved) -> tuple[str, str, str]:
    """A letter's id is unique within its case and service: timers of two cases may share one."""
    return letter.service, letter.case_id, letter.letter_id


async def read(bootstrap: str, services: Sequence[str]) -> Letters:
    """Every letter of these services. Raises `LookupError` when one has no topic on this broker."""
    async with Observer(bootstrap, [f"dead-letters.{service}" for service in services]) as observer:
        return Letters.of(await _rest(observer))


async def _rest(observer: Observer) -> list[Observed]:
    if observer.missing:
        raise LookupError(f"this broker has no {', '.join(observer.missing)}: run `xn topics ensure` first")
    return await observer.rest()


def _read(bootstrap: str, services: Sequence[str]) -> Letters:
    try:
        return asyncio.run(read(bootstrap, services))
    except LookupError as error:
        raise Fault(Exit.AWAY, str(error)) from error


@app.command("list")
def show_all(
    bootstrap: Bootstrap,
    service: Annotated[ServiceName | None, typer.Option(help="one service only")] = None,
    every: Annotated[bool, typer.Option("--all", help="also what is resolved or was answered")] = False,
) -> None:
    """Open letters, by key and in order."""
    letters = _read(bootstrap, [service.value] if service else SERVICES)
    found = letters.open()
    chosen = list(letters.all) if every else found
    if chosen:
        console = Console()
        wide = Console(width=None if console.is_terminal else 320)
        wide.print(table(letters, chosen))
    typer.echo(f"{len(found)} open, {len(letters.all)} in all")


def table(letters: Letters, chosen: Sequence[DeadLettered]) -> Table:
    """Letters by service and key; those of one key in their order; each line tells its key."""
    grid = Table("service", "key", "letter", "state", "reason", "error", "from", "trace")
    before = None
    for letter in sorted(chosen, key=lambda each: (each.service, each.case_id)):
        key = (letter.service, letter.case_id)
        if before is not None and key != before:
            grid.add_section()
        place = f"{letter.origin.topic}/{letter.origin.partition}/{letter.origin.offset}"
        cells = (letter.letter_id, letters.state(letter), letter.reason, letter.error, place, trace_id(letter))
        grid.add_row(*key, *(escape(cell) for cell in cells))
        before = key
    return grid


def trace_id(letter: DeadLettered) -> str:
    """The trace to look for; empty when the message came without one."""
    parts = (letter.traceparent or "").split("-")
    return parts[1] if len(parts) > 1 else ""


@app.command()
def show(
    letter: Annotated[str, typer.Argument(help="letter id, as listed")],
    bootstrap: Bootstrap,
    key: Annotated[str | None, typer.Option(help="the case, where two have a letter of that id")] = None,
    key_env: Annotated[
        str,
        typer.Option(help="environment variable that holds the dead-letter key; where it is set, the box is opened"),
    ] = KEY_VARIABLE,
) -> None:
    """One letter; opened, also what is in its box, which may hold somebody's identity."""
    found = [
        each for each in _read(bootstrap, SERVICES).all if each.letter_id == letter and key in (None, each.case_id)
    ]
    if not found:
        raise Fault(Exit.NO, f"no letter {letter}")
    private = os.environ.get(key_env)
    if key_env != KEY_VARIABLE and not private:
        raise typer.BadParameter(f"{key_env} is not set", param_hint="--key-env")
    for each in found:
        typer.echo(each.model_dump_json(indent=2, exclude={"box"}))
        typer.echo(_opened(each, private) if private else f"sealed: set {KEY_VARIABLE} to open it")


def _opened(letter: DeadLettered, private: str) -> str:
    """Headers, an empty line, the body. Raises `typer.BadParameter` when the key is another one."""
    from infra.reading import unpack  # it brings all of telemetry, which nothing else here needs

    try:
        headers, value = unpack(Opener(private).open(letter.box))
    except (SealingError, ValueError) as error:
        raise typer.BadParameter(str(error), param_hint="--key-env") from error
    lines = [f"{name}: {(raw or b'').decode(errors='replace')}" for name, raw in headers]
    return "\n".join([*lines, "", (value or b"").decode(errors="replace")])


@app.command()
def redrive(
    bootstrap: Bootstrap,
    service: Annotated[ServiceName, typer.Option(help="whose letters")],
    key: Annotated[str | None, typer.Option(help="the letters of this case alone")] = None,
    every: Annotated[bool, typer.Option("--all", help="every open letter, as without --key")] = False,
    wait: Annotated[float, typer.Option(help="seconds to wait for the service to have taken them")] = 30.0,
) -> None:
    """Open letters go round again, those of each key in their order. Fails when some could not be applied."""
    if key is not None and every:
        raise typer.BadParameter("either --key CASE or --all")
    wanted = read_case_id(key) if key is not None else None
    if key is not None and wanted is None:
        raise typer.BadParameter(f"{key!r} is not the id of a case", param_hint="--key")
    try:
        sent, left = asyncio.run(send_round(bootstrap, service.value, wanted, wait))
    except LookupError as error:
        raise Fault(Exit.AWAY, str(error)) from error
    stuck = {_name(letter) for letter in left}
    for letter in sent:
        verdict = "not applied" if _name(letter) in stuck else "applied"
        typer.echo(f"{verdict}: {letter.letter_id} of {letter.case_id} ({letter.error})")
    typer.echo(f"{len(sent)} sent round again, {len(sent) - len(left)} applied, {len(left)} not")
    if left:
        raise typer.Exit(1)


async def send_round(
    bootstrap: str, service: str, key: str | None, wait: float
) -> tuple[list[DeadLettered], list[DeadLettered]]:
    """What was sent, and what of it is still open when all has been taken or the time is up."""
    async with Observer(bootstrap, [f"dead-letters.{service}"]) as observer:
        observed = await _rest(observer)
        chosen = [each for each in Letters.of(observed).open() if key in (None, each.case_id)]
        await _publish(bootstrap, chosen)
        names = {_name(each) for each in chosen}
        deadline = time.monotonic() + wait
        while True:
            left = [each for each in Letters.of(observed).open() if _name(each) in names]
            if not left or time.monotonic() > deadline:
                return chosen, left
            observed += await observer.poll()


async def _publish(bootstrap: str, letters: Sequence[DeadLettered]) -> None:
    largest = REGISTRY[Redrive.TOPIC].max_message_bytes
    producer = create_no_topics(
        AIOKafkaProducer(
            bootstrap_servers=bootstrap,
            enable_idempotence=False,
            acks="all",
            max_request_size=largest + MEBIBYTE,
            request_timeout_ms=15_000,
        )
    )
    try:
        await producer.start()
        for letter in letters:
            record = encode(again(letter), id=str(uuid4()), source="/operators/xn", traceparent=letter.traceparent)
            await producer.send_and_wait(record.topic, record.value, record.key, headers=record.headers)
    finally:
        await producer.stop()


def again(letter: DeadLettered) -> Redrive:
    """The letter as it goes round again: still sealed, under the key it was filed under, on with its trace."""
    return Redrive(
        case_id=letter.case_id,
        occurred_at=system_clock(),
        service=letter.service,
        letter_id=letter.letter_id,
        origin=letter.origin,
        traceparent=letter.traceparent,
        box=letter.box,
    )
