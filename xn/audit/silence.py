"""`xn audit silence`: the promise 件件有回音、事事有着落, case by case, by the rules of notify and at any instant."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from contracts.notice_tables import NoticesTable, SilenceLimits
from infra.place import read_place
from infra.store import Store
from services.notify.domain.case import Case
from services.notify.domain.silence import WHAT, silences

FIELDS = ("kind", "registered", "answers", "reopened", "notices", "owner", "limit")
"""Of a case: what its silence is judged by. Who the complainant is stays in the database."""
AHEAD = timedelta(days=1)
"""What has a limit of hours must have come by then, whenever the case began."""
BY_THE_HOUR = frozenset({"acknowledgement", "owner", "deadline"})

Instants = Mapping[str, datetime]
"""At which instant each of the things that may be missing is looked for."""


@dataclass(frozen=True, slots=True)
class Silent:
    """A case that lacks something past its limit."""

    case_id: str
    number: str
    what: str
    since: datetime
    unit: str
    """Who has to see to it."""

    def __str__(self) -> str:
        since = self.since.isoformat(timespec="seconds")
        return f"{self.number}  {self.case_id}  {self.what}  since {since}  {self.unit}"


def all_at(at: datetime, what: Collection[str] = WHAT) -> Instants:
    """Everything, or some of it, at one instant."""
    return {each: at for each in WHAT if each in what}


def promised(now: datetime) -> Instants:
    """What a run has to leave behind: no answer is late now, and a day from now nothing else is missing."""
    return {each: now + AHEAD if each in BY_THE_HOUR else now for each in WHAT}


def limits_of(place: Path) -> SilenceLimits:
    """The limits of a place. Raises `PlaceError` and `ValidationError`."""
    return NoticesTable.model_validate(read_place(place).tables.get("notices", {})).silence


async def silent_cases(store: Store, limits: SilenceLimits, instants: Instants) -> AsyncIterator[Silent]:
    """Every case of notify's database that lacks something, as it is read: however many there are, few are held."""
    async for case_id, state in store.open_states({"kind": "case"}, FIELDS, closed_too=True):
        for each in missing(case_id, state, limits, instants):
            yield each


def missing(case_id: str, state: Mapping[str, Any], limits: SilenceLimits, instants: Instants) -> list[Silent]:
    """What one case lacks, each at its instant."""
    case = Case.model_validate(state, strict=False)
    registered = case.registered
    if registered is None:
        return []
    unit = case.owner or registered.centre
    return [
        Silent(case_id, registered.number, each.what, each.since, unit)
        for at in sorted(set(instants.values()))
        for each in silences(case, limits, at)
        if instants.get(each.what) == at
    ]


async def kept(
    uri: str,
    database: str,
    limits: SilenceLimits,
    now: datetime,
    *,
    except_for: Collection[str] = (),
    seconds: float = 30.0,
) -> list[Silent]:
    """Who is silent, in spite of the promise, when what is under way has had so many seconds; empty: it was kept."""
    store = Store(uri, f"{database}_notify")
    deadline = asyncio.get_running_loop().time() + seconds
    try:
        while True:
            silent = silent_cases(store, limits, promised(now))
            found = [each async for each in silent if each.case_id not in except_for]
            if not found or asyncio.get_running_loop().time() > deadline:
                return found
            await asyncio.sleep(0.5)
    finally:
        await store.close()
