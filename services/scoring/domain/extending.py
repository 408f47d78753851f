"""More time (延期): what was granted counts where it was asked for before the limit of the case ended.

Where it was not, whoever asked and whoever granted it are told so. Source: S2.
"""

from __future__ import annotations

from contracts.codes import RefusalCode, Stage
from contracts.refusals import reason
from contracts.routing import ExtensionDecided
from contracts.scoring import ExtensionRefused
from infra.decision import Context
from services.scoring.domain import clock as clocks
from services.scoring.domain.case import Case
from services.scoring.domain.clock import Clock, Extension
from services.scoring.domain.limits import Limits

LENGTHENED = frozenset({Stage.CLOSE, Stage.REPLY})
"""Clocks that have the time."""


def extended(case: Case, decided: ExtensionDecided, limits: Limits) -> Case:
    """The whole case and the reply have the time; nothing has where it was declined, or asked for too late."""
    if not decided.granted or _too_late(case, decided) is not None:
        return case
    more = Extension(working_days=decided.working_days, requested_at=decided.requested_at, reason=decided.reason)
    longer = {
        name: clocks.extend(clock, more, limits) if clock.stage in LENGTHENED else clock
        for name, clock in case.clocks.items()
    }
    counts = case.counts.model_copy(update={"extensions": case.counts.extensions + 1})
    return case.model_copy(update={"clocks": longer, "counts": counts})


def refusal(case: Case | None, decided: ExtensionDecided, context: Context) -> ExtensionRefused | None:
    """Granted time that counts for nothing, with the rule; None where it counts, and of a case that is over."""
    late = _too_late(case, decided) if case is not None and case.closed_at is None else None
    if not decided.granted or late is None:
        return None
    name, clock = late
    return ExtensionRefused(
        case_id=context.key,
        occurred_at=context.at,
        clock=name,
        unit=decided.unit,
        approver=decided.approver,
        working_days=decided.working_days,
        requested_at=decided.requested_at,
        due_at=clock.due_at,
        reasons=(reason(RefusalCode.EXTENSION_TOO_LATE, "requested_at"),),
    )


def _too_late(case: Case, decided: ExtensionDecided) -> tuple[str, Clock] | None:
    """The clock of the whole case, where it had ended before the time was asked for."""
    running = ((name, each) for name, each in case.clocks.items() if each.running and each.stage is Stage.CLOSE)
    return next(((name, each) for name, each in running if each.over_at(decided.requested_at)), None)
