"""What may be told of clocks: read from scoring's state. Whoever has to do with a case may see why it is due."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from contracts.codes import Stage
from infra.http.problems import HttpProblem
from infra.http.publishing import SOON
from infra.parsed_states import ParsedStates
from infra.store import StateQuery, Store, StoreError
from infra.yielding import in_slices
from services.scoring.domain.aggregate import Aggregate
from services.scoring.domain.case import Case
from services.scoring.domain.clock import Clock
from services.scoring.domain.explaining import Line, explain
from services.scoring.domain.limits import Limits
from services.scoring.domain.remaining import Countdown, countdown

INDEXES = (("unit", "due_at"),)
"""Fields of the state by which open cases are looked up."""
ANY_INSTANT = ""
"""Not later than any stored instant; a case without a limit has none."""


class DueCase(BaseModel):
    """An open case and the limits that run."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    case_id: str
    unit: str
    """Who answers for it."""
    due_at: datetime
    """The end of the whole."""
    on_time: bool
    """False once it is over; what stands still from before its end is not."""
    still_since: datetime | None
    """Since when it stands still, and its end moves on; None when it does not."""
    promised_at: datetime | None
    running: dict[str, datetime]
    """End of each clock that runs, by its name."""
    countdowns: tuple[Countdown, ...] = ()
    """The same clocks with what is left of them in working time and their colour, the soonest end first."""


class DueCases(BaseModel):
    """Open cases of a unit, the soonest end first."""

    cases: list[DueCase]
    more: bool
    """There are others; ask with a later `since`."""


class ExplainedClock(BaseModel):
    """A limit, and why it ends when it ends."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    clock: str
    unit: str
    due_at: datetime
    provisional: bool
    stopped_at: datetime | None
    on_time: bool
    lines: tuple[Line, ...]


class ExplainedCase(BaseModel):
    """Every clock of a case, in the order in which they started."""

    case_id: str
    promised_at: datetime | None
    clocks: list[ExplainedClock]


class ClockViews:
    """Scoring's clocks as units and those above them see them."""

    def __init__(self, store: Store, limits: Callable[[], Limits]) -> None:
        """`limits` are those of the moment: whatever they say is how it would be explained now."""
        self._store = store
        self._states = ParsedStates(store, _read)
        self._limits = limits

    async def due(
        self, unit: str, asking: str, since: datetime | None, before: datetime | None, at: datetime, limit: int
    ) -> DueCases:
        """Open cases for which the unit answers and whose limit ends in that span, as the asking unit may see them."""
        bounds = ("due_at", _stored(since) if since else ANY_INSTANT, _stored(before) if before else None)
        try:
            rows = await self._states.listed(StateQuery({"unit": unit}, bounds, limit=limit + 1, least_first=True))
        except StoreError:
            raise HttpProblem("unavailable", headers=SOON) from None
        cases = [
            due_case(row.key, row.value, at, self._limits())
            async for row in in_slices(rows[:limit])
            if isinstance(row.value, Case) and not self._recused(row.value, asking)
        ]
        return DueCases(cases=cases, more=len(rows) > limit)

    async def of(self, case_ids: Sequence[str], asking: str, at: datetime) -> DueCases:
        """These cases, as far as they are open and the asking unit may see their clocks; in the order given."""
        try:
            states = await self._store.states_of(case_ids)
        except StoreError:
            raise HttpProblem("unavailable", headers=SOON) from None
        found = [(key, states[key]) for key in dict.fromkeys(case_ids) if key in states]
        cases = [
            due_case(key, case, at, self._limits())
            async for key, state in in_slices(found)
            if isinstance(case := _read(state), Case) and case.due_at is not None and self._concerned(case, asking)
        ]
        return DueCases(cases=cases, more=False)

    async def explained(self, case_id: str, unit: str) -> ExplainedCase | None:
        """All clocks of a case, for a unit that has to do with it or is above one that has; None otherwise.

        None as well for the unit complained about and those below it.
        """
        try:
            state = await self._store.state_of(case_id)
        except StoreError:
            raise HttpProblem("unavailable", headers=SOON) from None
        case = None if state is None else _read(state)
        if not isinstance(case, Case) or not self._concerned(case, unit):
            return None
        clocks = [self._explained(name, clock) for name, clock in case.clocks.items()]
        return ExplainedCase(case_id=case_id, promised_at=case.promised_at, clocks=clocks)

    def _concerned(self, case: Case, unit: str) -> bool:
        if self._recused(case, unit):
            return False
        involved = {case.unit, case.centre, *(clock.unit for clock in case.clocks.values())}
        return any(self._limits().sees(unit, each) for each in involved)

    def _recused(self, case: Case, unit: str) -> bool:
        return case.about is not None and self._limits().sees(case.about, unit)

    def _explained(self, name: str, clock: Clock) -> ExplainedClock:
        return ExplainedClock(
            clock=name,
            unit=clock.unit,
            due_at=clock.due_at,
            provisional=clock.provisional,
            stopped_at=clock.stopped_at,
            on_time=clock.on_time,
            lines=explain(clock, self._limits()),
        )


def _read(state: Mapping[str, Any]) -> Aggregate:
    return Aggregate.model_validate(state)


def due_case(case_id: str, case: Case, at: datetime, limits: Limits) -> DueCase:
    """An open case at that instant. It is over when the clock of the whole is."""
    running = {name: clock for name, clock in case.clocks.items() if clock.running}
    left = [countdown(name, clock, at, limits) for name, clock in running.items()]
    assert case.due_at is not None  # noqa: S101 - looked up by it
    return DueCase(
        case_id=case_id,
        unit=case.unit,
        due_at=case.due_at,
        on_time=not any(clock.over_at(at) for clock in running.values() if clock.stage is Stage.CLOSE),
        still_since=min(
            (since for clock in running.values() if (since := clock.still_since) is not None), default=None
        ),
        promised_at=case.promised_at,
        running={name: clock.due_at for name, clock in running.items()},
        countdowns=tuple(sorted(left, key=lambda each: each.due_at.astimezone(UTC))),
    )


def _stored(instant: datetime) -> str:
    """As the state holds instants: in UTC, so that their texts sort as they do."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
