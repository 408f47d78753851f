"""The fact of one answer (考核): everything that scores are computed from, as it was when the case was closed."""

from __future__ import annotations

from contracts.intake import CaseEnded
from contracts.routing import CaseClosed
from contracts.scoring import ClockResult, Measures
from services.scoring.domain.case import Case
from services.scoring.domain.clock import Clock


def measured(case: Case, closed: CaseClosed | CaseEnded) -> Measures:
    """Of a case whose clocks have all stopped. A clock counts for the answer before which it stopped."""
    counted = {result.clock for answer in case.answers for result in answer.clocks}
    results = tuple(_result(name, clock) for name, clock in case.clocks.items() if name not in counted)
    return Measures(
        answer=len(case.answers) + 1,
        unit=closed.unit if isinstance(closed, CaseClosed) else case.unit,
        centre=case.centre,
        channel=case.channel,
        appeal=case.appeal,
        category=case.category,
        area=case.area,
        received_at=case.received_at,
        ended_at=closed.occurred_at,
        result=closed.result if isinstance(closed, CaseClosed) else None,
        ending=None if isinstance(closed, CaseClosed) else closed.ending,
        on_time=all(result.on_time for result in results if result.stage == "close"),
        clocks=results,
        returned_by=case.counts.returned_by,
        transfers=case.counts.transfers,
        redos=case.counts.redos,
        supplements=case.counts.supplements,
        extensions=case.counts.extensions,
        repeats=case.counts.repeats,
    )


def _result(name: str, clock: Clock) -> ClockResult:
    if clock.stopped_at is None:
        raise ValueError(f"clock {name} has not stopped")
    return ClockResult(
        clock=name,
        stage=str(clock.stage),
        unit=clock.unit,
        limit=clock.limit,
        started_at=clock.started_at,
        due_at=clock.due_at,
        stopped_at=clock.stopped_at,
        on_time=clock.on_time,
        counts=clock.counts,
    )
