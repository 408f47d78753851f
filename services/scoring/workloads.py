"""Open cases of units in numbers: how many, and of which colour their limit is."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from contracts.codes import Stage
from infra.http.problems import HttpProblem
from infra.http.publishing import SOON
from infra.store import Store, StoreError
from services.scoring.domain.aggregate import Aggregate
from services.scoring.domain.case import Case
from services.scoring.domain.limits import Limits
from services.scoring.domain.remaining import Light, light_of

BREATH = 50
"""Cases between two yields to the event loop."""


class Workload(BaseModel):
    """Open cases that one unit answers for, by the limit of the whole case."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    unit: str
    open: int
    overdue: int
    """Red: the limit has passed, or the red card has fallen."""
    soon: int
    """Yellow: the yellow card has fallen."""
    paused: int
    """The limit does not run at present."""


class Workloads(BaseModel):
    """A row for each unit that was asked about."""

    units: list[Workload]


class WorkloadViews:
    """Open cases as scoring watches them."""

    def __init__(self, store: Store, limits: Callable[[], Limits]) -> None:
        """`limits` have the tree in force."""
        self._store = store
        self._limits = limits

    async def of(self, units: Iterable[str], asking: str, at: datetime) -> Workloads:
        """Numbers of these units as the asking unit may see them. Raises `HttpProblem`."""
        try:
            return Workloads(units=[await self._workload(unit, asking, at) for unit in units])
        except StoreError:
            raise HttpProblem("unavailable", headers=SOON) from None

    async def _workload(self, unit: str, asking: str, at: datetime) -> Workload:
        found: Counter[Light] = Counter()
        n = 0
        async for _, state in self._store.every({"unit": unit, "due_at": {"$gt": ""}}):
            n += 1
            if n % BREATH == 0:
                await asyncio.sleep(0)
            case = Aggregate.model_validate(state)
            if isinstance(case, Case) and not self._recused(case, asking):
                found[_light(case, at)] += 1
        return Workload(
            unit=unit,
            open=found.total(),
            overdue=found[Light.RED],
            soon=found[Light.YELLOW],
            paused=found[Light.PAUSED],
        )

    def _recused(self, case: Case, asking: str) -> bool:
        return case.about is not None and self._limits().sees(case.about, asking)


def _light(case: Case, at: datetime) -> Light:
    """The colour of the whole case's limit; green while none runs."""
    lights = [light_of(clock, at) for clock in case.clocks.values() if clock.running and clock.stage is Stage.CLOSE]
    return next((each for each in (Light.RED, Light.PAUSED, Light.YELLOW) if each in lights), Light.GREEN)
