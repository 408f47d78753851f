"""Which rule answers which message."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from contracts.codes import RefusalCode
from contracts.handling import (
    AddNote,
    ApproveDispatch,
    AskComplainant,
    CancelSubtask,
    DecideAnswerAppeal,
    DecideExtension,
    DeclineSubtask,
    DispatchCase,
    ExplainDelay,
    InstructCase,
    InviteCoHandler,
    ReassignCase,
    ReopenCase,
    ReportHandling,
    ReportSubtask,
    RequestExtension,
    RequestReturn,
    RequestTransfer,
    ResumeCase,
    SignCase,
    SuspendCase,
    UnitCommand,
    VerifyReport,
)
from contracts.intake import (
    AnswerAppealed,
    CaseEnded,
    CaseMerged,
    CaseRegistered,
    CaseReleased,
    CaseUnmerged,
    FollowerAdded,
    FollowerRemoved,
    IdentityErased,
    ReopeningRequested,
    RepeatLinked,
    SupplementReceived,
)
from contracts.routing import LeadingCaseClosed, LeadingCaseEnded
from infra.decision import Context, Decision, Due, Forget, Forgotten, Subject, Unreadable, Wait
from services.routing.domain.asking import ask_complainant, lapse_question, supplement
from services.routing.domain.assignment import end, open_case, release, without_files
from services.routing.domain.case import Case
from services.routing.domain.dispatch import DispatchPolicy
from services.routing.domain.dispatching import approve, dispatch, reassign, transfer
from services.routing.domain.handling import report, sign
from services.routing.domain.instructing import instruct
from services.routing.domain.joint import cancel_subtask, decline_subtask, invite, report_subtask
from services.routing.domain.merging import add_follower, follow, join, part, remove_follower
from services.routing.domain.noting import add_note
from services.routing.domain.postponement import (
    decide_extension,
    explain_delay,
    lapse,
    request_extension,
    resume,
    suspend,
)
from services.routing.domain.refusal import refuse, refuse_unreadable
from services.routing.domain.reopening import reopen
from services.routing.domain.requests import request_reopening
from services.routing.domain.returns import request_return
from services.routing.domain.reviewing import appeal, decide_appeal
from services.routing.domain.supervision import REPEATS, escalate
from services.routing.domain.verification import verifier_of, verify

FROM_INTAKE = (
    CaseRegistered,
    CaseReleased,
    CaseEnded,
    RepeatLinked,
    CaseMerged,
    CaseUnmerged,
    FollowerAdded,
    FollowerRemoved,
    IdentityErased,
    SupplementReceived,
    ReopeningRequested,
    AnswerAppealed,
)
"""Intake's facts that are decided upon."""
OfComplainant = SupplementReceived | ReopeningRequested | AnswerAppealed
Merging = CaseMerged | CaseUnmerged | FollowerAdded | FollowerRemoved | LeadingCaseClosed | LeadingCaseEnded

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
            case CaseReleased() | CaseEnded() | RepeatLinked() | CaseMerged() | CaseUnmerged() | IdentityErased():
                return self._goes_on(case, subject, context)
            case FollowerAdded() | FollowerRemoved() | LeadingCaseClosed() | LeadingCaseEnded():
                return self._goes_on(case, subject, context)
            case SupplementReceived() | ReopeningRequested() | AnswerAppealed():
                return self._goes_on(case, subject, context)
            case Unreadable():
                return refuse_unreadable(case, subject, context)
            case UnitCommand():
                return self._command(case, subject, context)
            case Forgotten() if case is not None:
                return Decision(case.model_copy(update={"forgetting_since": None}))
            case Due():
                return Decision(None) if case is None else _time_over(case, context)
            case _:
                raise TypeError(f"routing does not decide on {type(subject).__name__}")

    @staticmethod
    def due(case: Case) -> datetime | None:
        """When the longest rest or the complainant's time to answer is over; at once while evidence must go."""
        if case.forgetting_since is not None:
            return case.forgetting_since
        if case.closed:
            return None
        rest = case.rest.until if case.rest is not None else None
        answer_by = case.question.answer_by if case.question is not None else None
        return min((each for each in (rest, answer_by) if each is not None), default=None)

    def _goes_on(
        self,
        case: Case | None,
        subject: CaseReleased | CaseEnded | RepeatLinked | IdentityErased | OfComplainant | Merging,
        context: Context,
    ) -> Decision[Case] | Wait:
        if case is None:
            if context.patience_over:
                raise LookupError("something happened to a case that was never registered here")
            return Wait(PATIENCE)
        match subject:
            case CaseReleased():
                return release(case, subject, self.policy, context)
            case RepeatLinked():
                return self._brought_again(case, subject, context)
            case CaseEnded():
                return end(case, context)
            case IdentityErased():
                return without_files(case, context)
            case SupplementReceived():
                return supplement(case, subject, context)
            case ReopeningRequested():
                return request_reopening(case, subject, self.policy, context)
            case AnswerAppealed():
                return appeal(case, subject, self.policy, context)
            case _:
                return self._merging(case, subject, context)

    def _merging(self, case: Case, subject: Merging, context: Context) -> Decision[Case] | Wait:
        match subject:
            case CaseMerged():
                return join(case, subject, context)
            case CaseUnmerged() | LeadingCaseEnded():
                return part(case, subject, self.policy, context)
            case FollowerAdded():
                return add_follower(case, subject, context)
            case FollowerRemoved():
                return remove_follower(case, subject)
            case LeadingCaseClosed():
                return follow(case, subject, self.policy, context)

    def _brought_again(self, case: Case, linked: RepeatLinked, context: Context) -> Decision[Case]:
        """A matter that comes back often enough is watched from above."""
        if case.closed or linked.count < self.policy.repeats_before_escalation:
            return Decision(case)
        return Decision(*escalate(case, REPEATS, linked.count, self.policy, context))

    def _command(self, case: Case | None, command: UnitCommand, context: Context) -> Decision[Case]:
        if case is None:
            return refuse(None, command, context, RefusalCode.CASE_UNKNOWN)
        if fault := self._forbidden(case, command, context):
            return refuse(case, command, context, fault, "actor" if fault in _ABOUT_THE_ACTOR else None)
        return COMMANDS[type(command)](case, command, self.policy, context)

    def _forbidden(self, case: Case, command: UnitCommand, context: Context) -> RefusalCode | None:
        """What holds for every command."""
        if command.actor is not None:
            if command.actor == case.about_person:
                return RefusalCode.ACTOR_RECUSED
            if not self.policy.posts.has(context.speaker, command.actor):
                return RefusalCode.ACTOR_UNKNOWN
        if case.closed and not isinstance(command, _ALSO_CLOSED):
            return RefusalCode.CASE_CLOSED
        if case.merged_into is not None:
            return RefusalCode.CASE_MERGED
        if case.rest is not None and not isinstance(command, _ALSO_AT_REST):
            concerned = {case.asked, case.responsible, case.centre, *(task.unit for task in case.subtasks)}
            concerned.add(verifier_of(case, self.policy))
            return RefusalCode.CASE_SUSPENDED if context.speaker in concerned else RefusalCode.NOT_RESPONSIBLE
        return None


_ABOUT_THE_ACTOR = {RefusalCode.ACTOR_RECUSED, RefusalCode.ACTOR_UNKNOWN}
_ALSO_CLOSED = (ReopenCase, DecideAnswerAppeal, AddNote)
_ALSO_AT_REST = (
    *(ResumeCase, ReassignCase, ExplainDelay, ReportSubtask, DeclineSubtask, ReopenCase),
    *(InstructCase, AddNote),
)


def _time_over(case: Case, context: Context) -> Decision[Case]:
    """A rest, or the complainant's time to answer, is over; or evidence is still to be deleted."""
    woken = lapse(case, context)
    asked = lapse_question(woken.state or case, context)
    effects = (Forget(context.key),) if case.forgetting_since is not None else ()
    return Decision(asked.state, (*woken.events, *asked.events), effects)


COMMANDS: Mapping[type[UnitCommand], Callable[[Case, Any, DispatchPolicy, Context], Decision[Case]]] = {
    SignCase: sign,
    RequestReturn: request_return,
    ReportHandling: report,
    VerifyReport: verify,
    DispatchCase: dispatch,
    ApproveDispatch: approve,
    ReassignCase: reassign,
    RequestTransfer: transfer,
    SuspendCase: suspend,
    ResumeCase: resume,
    RequestExtension: request_extension,
    DecideExtension: decide_extension,
    ExplainDelay: explain_delay,
    ReopenCase: reopen,
    InviteCoHandler: invite,
    ReportSubtask: report_subtask,
    DeclineSubtask: decline_subtask,
    CancelSubtask: cancel_subtask,
    InstructCase: instruct,
    AddNote: add_note,
    AskComplainant: ask_complainant,
    DecideAnswerAppeal: decide_appeal,
}
"""The rule for each command. A new command: one line here."""
