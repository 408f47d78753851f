"""An inspection (明察暗访): planned, visit by visit recorded; what has to be put right is opened with each visit.

Of a covert monitor only the hash of a random code is kept, so that the body can say later that it was the same one.
Source: S2 (暗查每季度至少一次), S1¶4, S3, S4.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from contracts.codes import RefusalCode
from contracts.inspections import InspectionPlanned, PlanInspection, RecordVisit, RectificationOpened, VisitRecorded
from contracts.message import Fact
from contracts.refusals import Reason, reason
from infra.decision import Context, Decision, Subject, Unreadable
from services.scoring.domain.aggregate import Aggregate
from services.scoring.domain.conduct.policy import ConductPolicy
from services.scoring.domain.conduct.record import concerning
from services.scoring.domain.conduct.refusing import refused, refused_unreadable

COMMANDS = (PlanInspection, RecordVisit)


class Visit(BaseModel):
    """One visit."""

    model_config = ConfigDict(frozen=True)

    visit: str
    about: str
    visited_on: date
    monitor_hash: str | None
    digest: str
    """Of all that was said, to tell it from another under the same reference."""
    ordered: int
    """How much has to be put right."""


class Inspection(Aggregate):
    """One inspection."""

    kind: Literal["inspection"] = "inspection"
    body: str
    reference: str
    covert: bool
    units: tuple[str, ...]
    first_day: date
    last_day: date
    purpose: str
    visits: tuple[Visit, ...] = ()
    filed: tuple[str, ...] = ()
    """Under which it is found: the body, each unit that knows of it, each month in which a unit was visited."""


def visited_in(month: str) -> str:
    """Under which the inspections are found of which a unit was visited in a month."""
    return f"visits/{month}"


@dataclass(frozen=True)
class InspectionRules:
    """By the accountability of one place; None: it has none, and everything is refused."""

    policy: ConductPolicy | None

    def decide(self, state: Inspection | None, subject: Subject, context: Context) -> Decision[Inspection]:
        """Planned, visited, or refused with the rule."""
        match subject:
            case Unreadable():
                return Decision(state, (refused_unreadable(context, subject),))
            case PlanInspection() | RecordVisit() if self.policy is None:
                return _refuse(state, subject, context, reason(RefusalCode.NOT_INSPECTION_BODY))
            case PlanInspection() if self.policy is not None:
                return _plan(state, subject, context, self.policy)
            case RecordVisit() if self.policy is not None:
                return _visit(state, subject, context, self.policy)
            case _:
                return Decision(state)

    @staticmethod
    def due(_state: Inspection) -> datetime | None:
        """Never."""
        return None

    @staticmethod
    def is_open(_state: Inspection) -> bool:
        """What is owed after a visit is owed by its rectifications."""
        return False


def _plan(
    state: Inspection | None, command: PlanInspection, context: Context, policy: ConductPolicy
) -> Decision[Inspection]:
    planned = Inspection(
        body=context.speaker,
        reference=command.reference,
        covert=command.covert,
        units=tuple(dict.fromkeys(command.units)),
        first_day=command.first_day,
        last_day=command.last_day,
        purpose=command.purpose,
        filed=tuple(map(concerning, (context.speaker, *(() if command.covert else dict.fromkeys(command.units))))),
    )
    if state is not None:
        same = planned.model_copy(update={"visits": state.visits, "filed": state.filed}) == state
        return Decision(state) if same else _refuse(state, command, context, reason(RefusalCode.INSPECTION_EXISTS))
    fault = _unplannable(planned, policy)
    if fault is not None:
        return _refuse(None, command, context, fault)
    told = (planned.body,) if planned.covert else (*planned.units, planned.body)
    return Decision(
        planned,
        tuple(
            InspectionPlanned(
                **_told(planned, unit, context),
                covert=planned.covert,
                units=planned.units,
                first_day=planned.first_day,
                last_day=planned.last_day,
                purpose=planned.purpose,
                policy=policy.version,
            )
            for unit in told
        ),
    )


def _unplannable(planned: Inspection, policy: ConductPolicy) -> Reason | None:
    if planned.body not in policy.table.inspections.by:
        return reason(RefusalCode.NOT_INSPECTION_BODY)
    if planned.body in planned.units:
        return reason(RefusalCode.JUDGES_ITSELF, "units")
    if not policy.limits.units.issuperset(planned.units):
        return reason(RefusalCode.UNIT_UNKNOWN, "units")
    if planned.last_day < planned.first_day:
        return reason(RefusalCode.ENDS_BEFORE_IT_BEGINS, "last_day")
    too_early = any(policy.since(unit) > planned.last_day for unit in planned.units)
    return reason(RefusalCode.UNIT_DID_NOT_EXIST, "units") if too_early else None


def _visit(
    state: Inspection | None, command: RecordVisit, context: Context, policy: ConductPolicy
) -> Decision[Inspection]:
    if state is None:
        return _refuse(None, command, context, reason(RefusalCode.INSPECTION_UNKNOWN))
    said = command.model_dump_json(exclude={"issued_at", "unit"})
    visit = Visit(
        visit=command.visit,
        about=command.about,
        visited_on=command.visited_on,
        monitor_hash=hashlib.sha256(command.monitor.encode()).hexdigest() if command.monitor else None,
        digest=hashlib.sha256(said.encode()).hexdigest(),
        ordered=len(command.rectify),
    )
    before = next((each for each in state.visits if each.visit == visit.visit), None)
    if before is not None:
        return (
            Decision(state) if before == visit else _refuse(state, command, context, reason(RefusalCode.VISIT_EXISTS))
        )
    fault = _unvisitable(state, command, context, policy)
    if fault is not None:
        return _refuse(state, command, context, fault)
    filed = dict.fromkeys((*state.filed, concerning(command.about), visited_in(f"{visit.visited_on:%Y-%m}")))
    after = state.model_copy(update={"visits": (*state.visits, visit), "filed": tuple(filed)})
    return Decision(after, tuple(_visited(state, command, context)))


def _unvisitable(state: Inspection, command: RecordVisit, context: Context, policy: ConductPolicy) -> Reason | None:
    if command.about not in state.units:
        return reason(RefusalCode.NOT_PLANNED, "about")
    if command.visited_on > context.at.astimezone(policy.limits.timezone).date():
        return reason(RefusalCode.HAPPENED_IN_FUTURE, "visited_on")
    if not state.first_day <= command.visited_on <= state.last_day:
        return reason(RefusalCode.NOT_PLANNED, "visited_on")
    if policy.since(command.about) > command.visited_on:
        return reason(RefusalCode.UNIT_DID_NOT_EXIST, "visited_on")
    if state.covert and command.actor is not None:
        return reason(RefusalCode.MONITOR_NAMED, "actor")
    return reason(RefusalCode.MONITOR_NAMED, "monitor") if command.monitor and not state.covert else None


def _visited(state: Inspection, command: RecordVisit, context: Context) -> Iterator[Fact]:
    for unit in (command.about, state.body):
        yield VisitRecorded(
            **_told(state, unit, context),
            visit=command.visit,
            about=command.about,
            visited_on=command.visited_on,
            covert=state.covert,
            seen=command.seen,
            rectify=command.rectify,
        )
    for number, rectify in enumerate(command.rectify, 1):
        yield RectificationOpened(
            **_told(state, command.about, context), visit=command.visit, number=number, rectify=rectify
        )


def _told(state: Inspection, unit: str, context: Context) -> dict[str, Any]:
    return {"unit": unit, "occurred_at": context.at, "body": state.body, "reference": state.reference}


def _refuse(
    state: Inspection | None, command: PlanInspection | RecordVisit, context: Context, why: Reason
) -> Decision[Inspection]:
    return Decision(state, (refused(context, command.TYPE, (why,)),))
