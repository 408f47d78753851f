"""`xn audit`: the promise is checked on a bus that runs, by whoever holds the list of what was submitted."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from contracts.message import case_id_for
from contracts.topics import all_topics
from xn.audit.ledger import Ledger
from xn.audit.verdict import Audit
from xn.observe import Observer
from xn.options import Bootstrap

app = typer.Typer()

_UNHEARD = ("complaints.", "redrive.", "contacts")
"""Identity in clear or sealed, and what only operators send: they prove nothing."""


@app.command("audit")
def audit(
    bootstrap: Bootstrap,
    submitted: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, help="a case id a line, or complaints as JSON lines")
    ],
    quiet: Annotated[float, typer.Option(help="seconds without a new event after which the bus counts as read")] = 2.0,
) -> None:
    """Reads the bus from its beginning and prints the figures as JSON. Fails when something was lost or done twice."""
    try:
        case_ids = list(read_submitted(submitted.read_text(encoding="utf-8").splitlines()))
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--submitted") from error
    found = asyncio.run(audited(bootstrap, case_ids, quiet))
    figures = asdict(found)
    typer.echo(
        json.dumps({**figures, "reasons": dict(found.reasons), "passed": found.passed}, ensure_ascii=False, indent=2)
    )
    raise typer.Exit(0 if found.passed else 1)


async def audited(bootstrap: str, case_ids: Iterable[str], quiet_seconds: float) -> Audit:
    """The figures of everything that stands on the bus now."""
    ledger = Ledger()
    for case_id in case_ids:
        ledger.submit(case_id, datetime.now(UTC))
    topics = [name for name in all_topics(units=()) if not name.startswith(_UNHEARD)]
    async with Observer(bootstrap, topics) as observer:
        for _, envelope, message in await observer.rest(quiet_seconds):
            ledger.see(envelope.id, message)
    return ledger.audit()


def read_submitted(lines: Iterable[str]) -> Iterator[str]:
    """The case ids of a list: each line begins with one, or is a complaint in JSON. Raises `ValueError` by line."""
    for number, line in enumerate(lines, 1):
        if line.lstrip().startswith("{"):
            yield _case_of(number, line)
        elif words := line.split():
            yield _case_id(number, words[0])


def _case_of(number: int, line: str) -> str:
    try:
        complaint = json.loads(line)
        return case_id_for(complaint["channel"], complaint["external_id"])
    except (ValueError, KeyError) as error:
        raise ValueError(f"line {number} is no complaint with channel and external_id") from error


def _case_id(number: int, word: str) -> str:
    try:
        return str(UUID(word))
    except ValueError as error:
        raise ValueError(f"line {number} begins with no case id") from error
