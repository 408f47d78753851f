"""`xn audit`: the promise is checked on a bus that runs, by whoever holds the list of what was submitted."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from contracts.instants import parse_instant
from contracts.message import case_id_for
from contracts.notice_tables import SilenceLimits
from contracts.topics import REGISTRY, all_topics
from infra.exits import Exit, Fault
from infra.store import Store
from infra.topics import topic_names
from services.notify.domain.silence import WHAT
from xn.audit.ledger import Ledger
from xn.audit.silence import Instants, all_at, limits_of, silent_cases
from xn.audit.verdict import Audit
from xn.observe import Observer
from xn.options import DEMO, Bootstrap, Database, Place, mongo_uri

app = typer.Typer(name="audit")

_UNHEARD = ("complaints.", "redrive.", "contacts")
"""Identity in clear or sealed, and what only operators send: they prove nothing."""


@app.callback(invoke_without_command=True)
def audit(
    context: typer.Context,
    bootstrap: Bootstrap = "",
    submitted: Annotated[Path | None, typer.Option(help="a case id a line, or complaints as JSON lines")] = None,
    quiet: Annotated[float, typer.Option(help="seconds without a new event after which the bus counts as read")] = 2.0,
) -> None:
    """Read the bus from its beginning and print the figures as JSON; ends with 1 when something was lost or done twice.

    `xn audit silence` looks for cases that lack something, in notify's database.
    """
    if context.invoked_subcommand is not None:
        return
    for given, name in ((bootstrap, "--bootstrap"), (submitted, "--submitted")):
        if not given:
            raise typer.BadParameter("has to be named", param_hint=name)
    _audit_bus(bootstrap, submitted or Path(), quiet)


@app.command("silence")
def silence(
    at: Annotated[str, typer.Option(help="an instant such as 2026-11-23T09:30:00+08:00; now when absent")] = "",
    what: Annotated[list[str] | None, typer.Option(help=f"of {', '.join(WHAT)}; any when absent")] = None,
    place: Place = DEMO,
    database: Database = "xn",
) -> None:
    """Print each case that lacks something past its limit: what, since when, and who has to see to it.

    Every case of notify's database is looked at. Ends with 1 when one is silent.
    """
    if strangers := set(what or ()) - set(WHAT):
        raise typer.BadParameter(f"no such thing: {', '.join(sorted(strangers))}", param_hint="--what")
    try:
        instant = parse_instant(at) if at else datetime.now(UTC)
    except ValueError:
        raise typer.BadParameter("write an instant with its time zone", param_hint="--at") from None
    found = asyncio.run(_silence(mongo_uri(), database, limits_of(place), all_at(instant, what or WHAT)))
    print(f"{found} silences at {instant.isoformat(timespec='seconds')}")
    raise typer.Exit(1 if found else 0)


async def _silence(uri: str, database: str, limits: SilenceLimits, instants: Instants) -> int:
    """Each is printed as it is found; how many there were."""
    store, found = Store(uri, f"{database}_notify"), 0
    try:
        async for each in silent_cases(store, limits, instants):
            print(each)
            found += 1
    finally:
        await store.close()
    return found


def _audit_bus(bootstrap: str, submitted: Path, quiet: float) -> None:
    try:
        case_ids = list(read_submitted(submitted.read_text(encoding="utf-8").splitlines()))
    except ValueError as error:
        raise Fault(Exit.CONTENT, f"{submitted}: {error}") from error
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
    found = {name for name in await topic_names(bootstrap) if re.fullmatch(REGISTRY["replies.{channel}"].pattern, name)}
    topics = [name for name in sorted({*all_topics(units=()), *found}) if not name.startswith(_UNHEARD)]
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
