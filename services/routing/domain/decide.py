"""Which rule answers which message."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from contracts.codes import RefusalCode
from contracts.handling import DispatchCase, ReportHandling, RequestReturn, SignCase, VerifyReport
from contracts.intake import CaseEnded, CaseRegistered, CaseReleased
from contracts.message import Command
from infra.decision import Context, Decision, Subject, Unreadable, Wait
from services.routing.domain.assignment import dispatch, end, open_case, release
from services.routing.domain.case import Case
from services.routing.domain.dispatch import DispatchPolicy
from services.routing.domain.handling import report, sign
from services.routing.domain.refusal import refuse, refuse_unreadable
from services.routing.domain.returns import request_return
from services.routing.domain.verification import verify

PATIENCE = timedelta(days=1)
"""How long what follows a registration waits for it before somebody is called to look."""


@dataclass(frozen=True)
class Rules:
    """The rules of one place."""

    policy: DispatchPolicy

    def decide(self, case: Case | None, subject: Subject, context: Context) -> Decision[Case] | Wait:
        """The next state of a case and what is announced."""
        match subject:
            case CaseRegistered():
                return open_case(subject, self.policy, context) if case is None else Decision(case)
            case CaseReleased() | CaseEnded():
                return self._from_intake(case, subject, context)
            case Unreadable():
                return refuse_unreadable(case, subject, context)
            case Command():
                return self._command(case, subject, context)
            case _:
                raise TypeError(f"routing does not decide on {type(subject).__name__}")

    def _from_intake(
        self, case: Case | None, subject: CaseReleased | CaseEnded, context: Context
    ) -> Decision[Case] | Wait:
        if case is None:
            if context.patience_over:
                raise LookupError("something happened to a case that was never registered here")
            return Wait(PATIENCE)
        if isinstance(subject, CaseReleased):
            return release(case, subject, self.policy, context)
        return end(case, context)

    def _command(self, case: Case | None, command: Command, context: Context) -> Decision[Case]:
        if case is None:
            return refuse(None, command, context, RefusalCode.CASE_UNKNOWN)
        if case.closed:
            return refuse(case, command, context, RefusalCode.CASE_CLOSED)
        match command:
            case SignCase():
                return sign(case, command, context)
            case RequestReturn():
                return request_return(case, command, self.policy, context)
            case ReportHandling():
                return report(case, command, self.policy, context)
            case VerifyReport():
                return verify(case, command, self.policy, context)
            case DispatchCase():
                return dispatch(case, command, self.policy, context)
            case _:
                raise TypeError(f"routing does not know the command {type(command).__name__}")
