"""Why each limit of a case ends when it ends, by the tables of the version that set it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts.scoring import ClockStarted
from infra.store import Store
from services.scoring.domain.aggregate import Aggregate
from services.scoring.domain.case import Case
from services.scoring.domain.clock import Clock
from services.scoring.domain.explaining import Line, explain
from services.scoring.domain.limits import Limits

Explained = tuple[str, Clock, tuple[Line, ...]]


class NoTablesError(LookupError):
    """The version that set the limits is not published any more; `str()` names it."""


async def deadlines_of(
    uri: str, prefix: str, case_id: str, versions: Mapping[str, Mapping[str, Mapping[str, Any]]]
) -> list[Explained]:
    """Name, clock and lines of each limit. `versions` are the tables that were published, by version.

    Raises `NoTablesError`, `StoreError`.
    """
    store = Store(uri, f"{prefix}_scoring")
    try:
        state, history = await store.state_of(case_id), await store.history(case_id)
    finally:
        await store.close()
    case = None if state is None else Aggregate.model_validate(state)
    if not isinstance(case, Case):
        return []
    started = [ClockStarted.model_validate_json(each.body) for each in history if each.type == ClockStarted.TYPE]
    set_by = {event.clock: event.policy for event in started}
    found = []
    for name, clock in case.clocks.items():
        version = set_by.get(name, started[0].policy)
        if version not in versions:
            raise NoTablesError(f"version {version}, which set the limit {name}, is not published any more")
        found.append((name, clock, explain(clock, Limits.from_tables(version, versions[version]))))
    return found
