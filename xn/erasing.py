"""`xn erase`: a complainant is forgotten, and it is shown that they are."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID, uuid5

import typer
from rich.console import Console
from rich.table import Table

from contracts.clerking import EraseIdentity
from contracts.envelope import encode
from contracts.intake import ClerkingRefused, ContactErased, IdentityErased
from contracts.topics import REGISTRY
from infra.document import Entry, verify_chain
from infra.exits import Exit, Fault
from infra.publisher import Publisher
from infra.store import Store
from services.intake.domain.erasure import FORGETTABLE
from xn.cases.explaining import case_of
from xn.observe import Observer
from xn.options import Bootstrap, Database, mongo_uri

app = typer.Typer(help="Forget who a complainant is, and show that nothing is left.")

SOURCE = "/operators/erase"
CONTACTS = ContactErased.TOPIC


@dataclass(frozen=True)
class Proof:
    """One place where something could be left."""

    place: str
    what: str
    holds: bool


@app.command()
def erase(
    case: Annotated[str, typer.Argument(help="its id, or its number")],
    actor: Annotated[str, typer.Option(help="the clerk's post that decided, such as beicheng-centre.desk-2")],
    bootstrap: Bootstrap,
    database: Database = "xn",
    patience: Annotated[float, typer.Option(help="seconds until it must be shown")] = 30.0,
) -> None:
    """Forget who the complainant of a case is; the matter goes on.

    Ends with 1 when there is no such case, when intake refuses, or when something is left after the time given.
    """
    uri = mongo_uri()
    case_id = asyncio.run(case_of(uri, database, case))
    if case_id is None:
        raise Fault(Exit.NO, f"there is no case {case}")
    state, proofs = asyncio.run(erased(uri, database, bootstrap, case_id, actor, patience))
    table = Table("where", "what", "", title=f"Case {case_id}", title_justify="left")
    for proof in proofs:
        table.add_row(proof.place, proof.what, "[green]yes" if proof.holds else "[red]not yet")
    Console().print(table)
    channel = f"complaints.{state['channel']}"
    days = REGISTRY.matching(channel).retention_days
    gone = datetime.fromisoformat(str(state["registered_at"])) + timedelta(days=days)
    if gone > datetime.now(UTC):
        print(f"{channel} still holds what the channel sent; the broker deletes it by {gone:%Y-%m-%d %H:%M} UTC.")
    if not all(proof.holds for proof in proofs):
        raise typer.Exit(1)


async def erased(
    uri: str, prefix: str, bootstrap: str, case_id: str, actor: str, patience: float
) -> tuple[Mapping[str, Any], list[Proof]]:
    """The command is given; what intake knows of the case, and what is shown when all is gone or time is up.

    Raises `KafkaError`, `StoreError`, and `Fault` where intake refuses the command.
    """
    since = datetime.now(UTC)
    intake, notify = Store(uri, f"{prefix}_intake"), Store(uri, f"{prefix}_notify")
    try:
        before = await intake.state_of(case_id) or {}
        command = str(uuid5(UUID(case_id), since.isoformat()))
        await _ask(bootstrap, case_id, str(before["centre"]), actor, since, command)
        until = time.monotonic() + patience
        while True:
            proofs = await _in_databases(intake, notify, case_id)
            if why := _refusal(await intake.history(case_id), command):
                raise Fault(Exit.NO, why)
            if all(proof.holds for proof in proofs) or time.monotonic() > until:
                break
            await asyncio.sleep(0.2)
        last = await last_contact(bootstrap, case_id)
        gone = last in {None, ContactErased.TYPE}
        return before, [*proofs, Proof(CONTACTS, "the last word of the case is that it was erased", gone)]
    finally:
        await intake.close()
        await notify.close()


async def _ask(bootstrap: str, case_id: str, centre: str, actor: str, at: datetime, id: str) -> None:
    said = EraseIdentity(case_id=case_id, issued_at=at, unit=centre, actor=actor)
    publisher = Publisher(bootstrap, SOURCE)
    try:
        await publisher.send([encode(said, id=id, source=SOURCE)])
    finally:
        await publisher.stop()


def _refusal(history: Sequence[Entry], command: str) -> str | None:
    """Why intake refused the command; None while it has not."""
    refused = (
        ClerkingRefused.model_validate_json(entry.body) for entry in history if entry.type == ClerkingRefused.TYPE
    )
    found = next((each for each in refused if each.command_id == command), None)
    return None if found is None else "; ".join(f"{each.code}: {each.en}" for each in found.reasons)


async def _in_databases(intake: Store, notify: Store, case_id: str) -> list[Proof]:
    state, told = await intake.state_of(case_id) or {}, await notify.state_of(case_id) or {}
    history = await intake.history(case_id)
    return [
        Proof("intake", "the erasure is on record", any(entry.type == IdentityErased.TYPE for entry in history)),
        Proof("intake", "no contact is left in the history", not any(map(_holds_contact, history))),
        Proof("intake", "the history is whole all the same", verify_chain(history, FORGETTABLE) is None),
        Proof("intake", "nothing links the case to its complainant", not _links(state)),
        Proof("notify", "no contact is left", not told.get("contact_box")),
    ]


def _holds_contact(entry: Entry) -> bool:
    return entry.type in FORGETTABLE and bool(entry.body)


def _links(state: Mapping[str, Any]) -> bool:
    return any(state.get(name) for name in ("complainant", "traces", "matter"))


async def last_contact(bootstrap: str, case_id: str) -> str | None:
    """The type of the last record about the case on `contacts`; None when there is none. Reads the whole topic."""
    async with Observer(bootstrap, [CONTACTS]) as observer:
        said = [envelope.type for _, envelope, message in await observer.rest() if message.key == case_id]
    return said[-1] if said else None
