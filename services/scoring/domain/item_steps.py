"""Procedure steps of an item, and the errors recorded in them (ISO9000 过程控制). Source: S2, S0.

An item follows the procedure whose id equals its matter. Steps are done in order; a step may be repeated, and every
recorded error counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from contracts.codes import RefusalCode
from contracts.items import FinishItem, RecordStep
from contracts.procedure_tables import Procedure, ProceduresTable
from contracts.refusals import Reason, reason
from services.scoring.domain.limits import Tables


class StepDone(BaseModel):
    """One execution of a step."""

    model_config = ConfigDict(frozen=True)

    step: str
    at: datetime
    post: str | None = None
    error: str | None = None


@dataclass(frozen=True)
class Procedures:
    """The procedures of a place, by the matter of the items that follow them."""

    by_matter: Mapping[str, Procedure]
    errors: frozenset[str] = frozenset()
    posts: Mapping[str, str] | None = None
    """The unit of each post."""

    @classmethod
    def from_tables(cls, tables: Tables) -> Procedures:
        """Build from `procedures.toml` and `posts.toml`. Raises `ValidationError`."""
        table = ProceduresTable.model_validate(tables.get("procedures", {}))
        posts = {post["id"]: post["unit"] for post in tables.get("posts", {}).get("post", ())}
        return cls({each.id: each for each in table.procedure}, frozenset(each.id for each in table.error), posts)

    def steps(self, matter: str) -> tuple[str, ...]:
        """The step ids of a matter in order; empty when it has no procedure."""
        found = self.by_matter.get(matter)
        return tuple(each.id for each in found.step) if found else ()

    def next_step(self, matter: str, done: Sequence[StepDone]) -> str | None:
        """The first step that has not been done; None when all are done."""
        before = {each.step for each in done}
        return next((each for each in self.steps(matter) if each not in before), None)

    def done(self, record: RecordStep, matter: str, at: datetime) -> StepDone:
        """The stored form of a record; a missing post is taken from the procedure."""
        return StepDone(
            step=record.step, at=at, post=record.post or self._post(matter, record.step), error=record.error
        )

    def fault_of_step(self, record: RecordStep, matter: str, unit: str, done: Sequence[StepDone]) -> Reason | None:
        """Why the step may not be recorded; None when it may."""
        steps = self.steps(matter)
        if record.step not in steps:
            return reason(RefusalCode.STEP_UNKNOWN, "step", known=", ".join(steps) or "-")
        expected = self.next_step(matter, done)
        if expected is not None and steps.index(record.step) > steps.index(expected):
            return reason(RefusalCode.STEP_OUT_OF_ORDER, "step", expected=expected)
        named = self._post(matter, record.step)
        allowed = record.post == named if named else (self.posts or {}).get(record.post or "") == unit
        if record.post is not None and not allowed:
            return reason(RefusalCode.STEP_POST_WRONG, "post")
        if record.error is not None and record.error not in self.errors:
            return reason(RefusalCode.STEP_ERROR_UNKNOWN, "error", known=", ".join(sorted(self.errors)) or "-")
        return None

    def fault_of_finish(self, finish: FinishItem, matter: str, done: Sequence[StepDone]) -> Reason | None:
        """Why the item may not finish: a step is open and the item is neither cancelled nor returned with a reason."""
        expected = self.next_step(matter, done)
        if expected is None or finish.cancelled or finish.reason.strip():
            return None
        return reason(RefusalCode.STEPS_OPEN, expected=expected)

    def _post(self, matter: str, step: str) -> str | None:
        found = self.by_matter.get(matter)
        return next((each.post for each in found.step if each.id == step), None) if found else None
