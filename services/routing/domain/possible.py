"""Which commands a post may give about a case now: an example of each is tried by the rules that decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from contracts.codes import AppealType, HandlingResult, PauseReason
from contracts.handling import (
    AddNote,
    ApproveDispatch,
    AskComplainant,
    CancelSubtask,
    Consultation,
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
from infra.decision import Context
from infra.possible import Possible, by_examples
from services.routing.domain.case import Case
from services.routing.domain.decide import COMMANDS, Rules
from services.routing.domain.dispatch import DispatchPolicy
from services.routing.domain.guards import is_recused, may_get, may_help

Fields = Mapping[str, Any]
WORDS = "…"


def possible(rules: Rules, case_id: str, case: Case, unit: str, post: str | None, at: datetime) -> tuple[Possible, ...]:
    """One answer for each type of command of the unit, decided by this post; None: by the unit's desk."""
    examples = examples_of(case, rules.policy, at)
    context = Context(key=case_id, at=at, message_id="", speaker=unit)
    sent: Fields = {"case_id": case_id, "issued_at": at, "unit": unit, "actor": post}
    return tuple(
        by_examples(kind, (rules.decide(case, kind(**sent, **fields), context) for fields in examples[kind]))
        for kind in COMMANDS
    )


def examples_of(case: Case, policy: DispatchPolicy, at: datetime) -> Mapping[type[UnitCommand], Sequence[Fields]]:
    """Fields for each type of command that fit this case, if any fit; several where a rule depends on a choice."""
    to = _first(case, policy)
    moved = {"to": to, "consultation": Consultation(participants=_parties(case, policy, to), minutes=WORDS)}
    reason: Fields = {"reason": WORDS}
    return {
        SignCase: ({},),
        RequestReturn: (reason,),
        ReportHandling: ({"result": HandlingResult.RESOLVED, "reply": WORDS, "adopted": _adopted(case)},),
        VerifyReport: ({"accepted": True}, {"accepted": False, **reason}),
        DispatchCase: (moved,),
        ApproveDispatch: ({"approved": True}, {"approved": False, **reason}),
        ReassignCase: ({**moved, **reason},),
        RequestTransfer: ({"to": to, **reason},),
        SuspendCase: tuple({"reason": each, "note": WORDS} for each in policy.suspensions or PauseReason),
        ResumeCase: ({},),
        RequestExtension: ({"working_days": 1, **reason},),
        DecideExtension: ({"granted": True}, {"granted": False, **reason}),
        ExplainDelay: ({"promised_at": at + timedelta(days=1), **reason},),
        ReopenCase: (reason,),
        InviteCoHandler: ({"to": _helper(case, policy), "task": WORDS},),
        ReportSubtask: ({"reply": WORDS},),
        DeclineSubtask: (reason,),
        CancelSubtask: ({"of": case.subtasks[0].unit if case.subtasks else case.centre, **reason},),
        InstructCase: ({"text": WORDS},),
        AddNote: ({"text": WORDS},),
        AskComplainant: ({"missing": (WORDS,)},),
        DecideAnswerAppeal: ({"upheld": True, **reason}, {"upheld": False, **reason}),
    }


def _adopted(case: Case) -> bool | None:
    return True if case.appeal is AppealType.SUGGESTION else None


def _first(case: Case, policy: DispatchPolicy) -> str:
    """A unit to which the case may be sent; the centre where there is none."""
    others = (unit for unit in policy.organisation if unit != case.asked)
    return next((unit for unit in others if may_get(case, unit, policy) is None), case.centre)


def _helper(case: Case, policy: DispatchPolicy) -> str:
    """A unit that may be invited; the centre where there is none."""
    units = (unit for unit in policy.organisation if may_help(case, case.asked, unit, policy) is None)
    return next(units, case.centre)


def _parties(case: Case, policy: DispatchPolicy, to: str) -> tuple[str, ...]:
    """Units whose consultation suffices for a ruling."""
    returned = (unit for unit in case.refusers if unit in policy.organisation and not is_recused(case, unit, policy))
    return tuple(dict.fromkeys(returned)) or (to,)
