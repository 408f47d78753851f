"""Refusals: a command that a rule forbids is answered to the unit that spoke, and changes nothing."""

from __future__ import annotations

from contracts.codes import RefusalCode
from contracts.message import Command
from contracts.refusals import Reason, reason, unreadable
from contracts.routing import CommandRefused
from infra.decision import Context, Decision, Unreadable
from services.routing.domain.case import Case


def refuse(
    case: Case | None,
    command: Command,
    context: Context,
    code: RefusalCode,
    field: str | None = None,
    **figures: object,
) -> Decision[Case]:
    """The unit learns the rule; the case stays as it is."""
    return Decision(case, (_refused(context, command.TYPE, (reason(code, field, **figures),)),))


def refuse_unreadable(case: Case | None, subject: Unreadable, context: Context) -> Decision[Case]:
    """Refusal of a unit's record that does not match its contract."""
    refused = _refused(context, subject.type, unreadable(subject))
    return Decision(case, (refused.model_copy(update={"record": subject.origin}),))


def _refused(context: Context, command: str, reasons: tuple[Reason, ...]) -> CommandRefused:
    return CommandRefused(
        case_id=context.key,
        occurred_at=context.at,
        unit=context.speaker,
        command_id=context.message_id,
        command=command,
        reasons=reasons,
    )
