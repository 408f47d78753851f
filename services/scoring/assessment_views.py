"""What a body has entered into scores, and what waits for its approval: read from scoring's state."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from contracts.codes import AssessmentKind
from infra.http.problems import HttpProblem
from infra.http.publishing import SOON
from infra.store import StoreError
from services.scoring.domain.scores.assessment import Assessment
from services.scoring.domain.scores.period import Period
from services.scoring.domain.scores.policy import ScorePolicy


class ShownAssessment(BaseModel):
    """One entry into the score of a unit."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    assessor: str
    """The body that entered it."""
    reference: str
    """The body's own reference."""
    kind: AssessmentKind
    item: str
    """Component, deduction, bonus or veto of the place's scores."""
    about: str
    """Whose score."""
    period: str
    points: Decimal
    basis: str
    recorded_at: datetime
    counts: bool
    """A bonus counts once it is approved."""
    waits_for: str | None
    """The body that has to approve it."""
    approved_by: str | None
    withdrawn: bool


class ShownAssessments(BaseModel):
    """Some entries for a period, the newest first."""

    period: str
    assessments: list[ShownAssessment]
    next_page: int | None = None


class AssessmentViews:
    """Assessments as bodies see them: their own, and those that they approve."""

    def __init__(
        self, entries: Callable[[Period], Awaitable[list[Assessment]]], policy: Callable[[], ScorePolicy | None]
    ) -> None:
        """`entries` are those for a period, the oldest first; `policy` is the current one, which names approvers."""
        self._entries = entries
        self._policy = policy

    async def concerning(
        self, body: str, period: Period, page: int, size: int, *, waiting_only: bool = False
    ) -> ShownAssessments:
        """Entries of the body, and of others where the body approves them. Raises `HttpProblem`."""
        try:
            entries = await self._entries(period)
        except StoreError:
            raise HttpProblem("unavailable", headers=SOON) from None
        policy, first = self._policy(), (page - 1) * size
        shown = [shown_assessment(each, policy) for each in reversed(entries)]
        own = [each for each in shown if body == each.waits_for or (not waiting_only and _concerns(each, body))]
        more = len(own) > first + size
        return ShownAssessments(
            period=str(period), assessments=own[first : first + size], next_page=page + 1 if more else None
        )


def shown_assessment(entry: Assessment, policy: ScorePolicy | None) -> ShownAssessment:
    """The entry as bodies see it."""
    open_bonus = entry.does is AssessmentKind.BONUS and not entry.withdrawn and entry.approved_by is None
    return ShownAssessment(
        assessor=entry.assessor,
        reference=entry.reference,
        kind=entry.does,
        item=entry.item,
        about=entry.about,
        period=entry.entered_for,
        points=entry.points,
        basis=entry.basis,
        recorded_at=entry.recorded_at,
        counts=entry.counts,
        waits_for=policy.approver(entry.item) if policy is not None and open_bonus else None,
        approved_by=entry.approved_by,
        withdrawn=entry.withdrawn,
    )


def _concerns(each: ShownAssessment, body: str) -> bool:
    return body in {each.assessor, each.approved_by}
