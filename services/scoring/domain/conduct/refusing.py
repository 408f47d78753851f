"""How a command about conduct is refused: to whoever gave it, on its own topic."""

from __future__ import annotations

from contracts.conduct import ConductRefused
from contracts.refusals import Reason, unreadable
from infra.decision import Context, Unreadable


def refused(context: Context, command: str, reasons: tuple[Reason, ...]) -> ConductRefused:
    """The answer to the command that is being decided."""
    return ConductRefused(
        unit=context.speaker,
        occurred_at=context.at,
        about=context.key,
        command_id=context.message_id,
        command=command,
        reasons=reasons,
    )


def refused_unreadable(context: Context, subject: Unreadable) -> ConductRefused:
    """Refusal of a client's record that does not match its contract."""
    return refused(context, subject.type, unreadable(subject)).model_copy(update={"record": subject.origin})
