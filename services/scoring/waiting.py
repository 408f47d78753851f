"""How much waits for a unit in accountability and in scores, by what has to be done."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict

from contracts.codes import AssessmentKind
from infra.http.problems import HttpProblem
from infra.http.publishing import SOON
from infra.store import Store, StoreError
from services.scoring.conduct_views import ConductViews
from services.scoring.domain.conduct.policy import ConductPolicy
from services.scoring.domain.conduct.proposing import reviewer
from services.scoring.domain.conduct.record import ConductRecord, concerning, waiting_for
from services.scoring.domain.scores.assessment import entered_for
from services.scoring.domain.scores.period import Period
from services.scoring.domain.scores.policy import ScorePolicy

What = Literal[
    "measure",
    "measure-review",
    "finding-appeal",
    "inspection",
    "rectification",
    "rectification-check",
    "survey",
    "bonus",
]
WHATS: tuple[What, ...] = get_args(What)
_READ = ("kind", "body", "reported_at", "closed_at", "clock.unit", "clock.stopped_at")


class OversightWaiting(BaseModel):
    """How much waits for a unit, by what it has to do."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    unit: str
    counts: dict[What, int]
    """Every kind, also with 0: proposed measures to decide, measures and findings to decide on appeal, an inspection of
    the current period, things to put right and to verify, surveys to close, bonuses of this year to approve."""


class WaitingViews:
    """Reads scoring's state by what is filed under the unit."""

    def __init__(
        self,
        store: Store,
        conduct: ConductViews,
        policy: Callable[[], ConductPolicy | None],
        scores: Callable[[], ScorePolicy | None],
    ) -> None:
        """`policy` and `scores` are those in force; None: the place has no accountability, or no scores."""
        self._store = store
        self._conduct = conduct
        self._policy = policy
        self._scores = scores

    async def of(self, unit: str, at: datetime) -> OversightWaiting:
        """The numbers. Raises `HttpProblem`."""
        found: Counter[What] = Counter()
        policy, scores = self._policy(), self._scores()
        try:
            if policy is not None:
                found.update([each async for each in self._decisions(unit, policy)])
                found.update([each async for each in self._tasks(unit)])
                duties = await self._conduct.inspections(unit, at)
                found["inspection"] = (
                    sum(each.body == unit and not each.done for each in duties.bodies) if duties else 0
                )
            if scores is not None:
                found["bonus"] = await self._bonuses(unit, scores, at)
        except StoreError:
            raise HttpProblem("unavailable", headers=SOON) from None
        return OversightWaiting(unit=unit, counts={what: found[what] for what in WHATS})

    async def _decisions(self, unit: str, policy: ConductPolicy) -> AsyncIterator[What]:
        async for _, state in self._store.every({"filed": {"$in": [waiting_for(unit)]}}):
            if state["kind"] == "finding":
                yield "finding-appeal"
            if state["kind"] != "conduct":
                continue
            record = ConductRecord.model_validate(state, strict=False)
            for each in record.proposals:
                if each.stage == "open" and policy.decides(record.of, record.unit) == unit:
                    yield "measure"
                if each.under_review and reviewer(record, each, policy) == unit:
                    yield "measure-review"

    async def _tasks(self, unit: str) -> AsyncIterator[What]:
        """What the unit itself has to do about rectifications and surveys that are not closed."""
        async for _, state in self._store.every({"filed": {"$in": [concerning(unit)]}}, _READ):
            if state["kind"] == "survey" and state["body"] == unit and not state.get("closed_at"):
                yield "survey"
            if state["kind"] != "rectification" or state["clock"].get("stopped_at"):
                continue
            if state["clock"]["unit"] == unit and not state.get("reported_at"):
                yield "rectification"
            if state["body"] == unit and state.get("reported_at"):
                yield "rectification-check"

    async def _bonuses(self, unit: str, scores: ScorePolicy, at: datetime) -> int:
        items = [each.id for each in scores.table.bonus if each.approved_by == unit]
        if not items:
            return 0
        year = Period.parse(f"{at.astimezone(scores.zone):%Y}")
        return await self._store.count(
            {
                "filed": {"$in": [entered_for(str(part)) for part in year.parts()]},
                "does": AssessmentKind.BONUS,
                "item": {"$in": items},
                "approved_by": None,
                "withdrawn": False,
            }
        )
