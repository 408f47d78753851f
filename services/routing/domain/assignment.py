"""Assignments: a case is offered to a unit, or put into the dispatcher's queue; every move goes through here."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.intake import CaseRegistered, CaseReleased
from contracts.message import Event
from contracts.routing import (
    AssignmentOffered,
    AssignmentWithdrawn,
    CaseAssigned,
    CaseQueued,
    DispatchRequested,
)
from infra.decision import Context, Decision
from services.routing.domain.asking import with_supplement
from services.routing.domain.case import Case, Proposal
from services.routing.domain.consulting import recorded
from services.routing.domain.dispatch import DispatchPolicy, Matter
from services.routing.domain.evidence import without_evidence
from services.routing.domain.followers import released
from services.routing.domain.joint import opened
from services.routing.domain.joint import withdrawn as parts_withdrawn
from services.routing.domain.supervision import TRANSFERS, escalate

APPROVAL = "approval"
"""Why a case waits that somebody has to approve."""


def open_case(registered: CaseRegistered, policy: DispatchPolicy, context: Context) -> Decision[Case]:
    """The case has a responsible unit from this moment: the one a rule names, or the centre, which also answers for
    what intake still holds.
    """
    centre = policy.centre_for(registered.jurisdiction, registered.about)
    case = Case(
        number=registered.number,
        channel=registered.channel,
        appeal=registered.appeal,
        category=registered.category,
        area=registered.area,
        title=registered.title,
        text=registered.text,
        received_at=registered.received_at,
        urgent=registered.urgent,
        about=registered.about,
        about_person=registered.about_person,
        address=registered.address,
        latitude=registered.latitude,
        longitude=registered.longitude,
        attributes=registered.attributes,
        attachments=registered.attachments,
        confidential=registered.confidential,
        problem=registered.problem,
        instruction=registered.instruction,
        centre=centre,
        responsible=centre,
        held=registered.held is not None,
    )
    return Decision(case) if case.held else dispatch_by_rule(case, policy, context)


def release(case: Case, released: CaseReleased, policy: DispatchPolicy, context: Context) -> Decision[Case]:
    """A held case is dispatched, with what the complainant has added."""
    if not case.held or case.closed:
        return Decision(case)
    known = with_supplement(case, released).model_copy(update={"held": False})
    return dispatch_by_rule(known, policy, context)


def without_files(case: Case, context: Context) -> Decision[Case]:
    """The complainant was forgotten: intake deletes the stored attachments, and routing the evidence."""
    left = tuple(each for each in case.attachments if each.url)
    return without_evidence(case.model_copy(update={"attachments": left}), context)


def end(case: Case, context: Context) -> Decision[Case]:
    """Intake has ended the case: nobody works on it any more."""
    if case.closed:
        return Decision(case)
    end = {
        "closed": True,
        "held": False,
        "proposal": None,
        "rest": None,
        "extension": None,
        "question": None,
        "subtasks": (),
        "merged_into": None,
        "followers": (),
    }
    return Decision(case.model_copy(update=end), (*withdrawn(case, context), *released(case, context)))


def withdrawn(case: Case, context: Context) -> tuple[Event, ...]:
    """Whoever has the case or a part of it is told that it is theirs no more."""
    units = {case.asked, case.responsible if case.signed else None} - {None}
    told = tuple(
        AssignmentWithdrawn(case_id=context.key, occurred_at=context.at, unit=unit)
        for unit in sorted(units, key=str)
        if unit
    )
    return (*told, *parts_withdrawn(case, context))


def dispatch_by_rule(case: Case, policy: DispatchPolicy, context: Context) -> Decision[Case]:
    """The first rule that fits names the unit; where none does, the case waits for the dispatcher."""
    route = policy.route(Matter(case.category, case.area, case.appeal, case.about))
    sent = case.model_copy(update={"responsible": route.unit or case.centre})
    if route.unit is None:
        return queue(sent, policy, context, why=route.rule)
    if needs_approval(case, policy):
        held_back = case.model_copy(update={"responsible": case.centre})
        return propose(held_back, Proposal(to=route.unit, rule=route.rule), policy, context)
    return offer(sent, Proposal(to=route.unit, rule=route.rule), policy, context)


def needs_approval(case: Case, policy: DispatchPolicy) -> bool:
    """Whether somebody says first that it may go (呈批)."""
    return policy.approved(case.category, case.appeal, instructed=case.instruction is not None)


def is_ruling_due(case: Case, policy: DispatchPolicy) -> bool:
    """Whether the next dispatch is a ruling: the case was returned as often as the place allows (会商, S3)."""
    return len(case.refusers) >= policy.returns_before_ruling


def offer(
    case: Case, to: Proposal, policy: DispatchPolicy, context: Context, *, by: str | None = None, why: str = ""
) -> Decision[Case]:
    """The unit is asked. Who was responsible stays so until it signs. Sent on too often, the case is supervised."""
    unit, named = to.to, policy.named(to.to, context.at, case.about_person)
    moved = case.sent_to is not None and case.sent_to != unit
    asked = case.model_copy(
        update={
            "asked": unit,
            "asked_at": context.at,
            "sent_to": unit,
            "transfers": case.transfers + moved,
            "rule": to.rule,
            "signed": False,
            "binding": to.binding,
            "proposal": None,
        }
    )
    events: list[Event] = [
        CaseAssigned(
            case_id=context.key,
            occurred_at=context.at,
            unit=unit,
            responsible=asked.responsible,
            rule=to.rule,
            binding=to.binding,
            by=by,
            why=why,
            leader=named.leader,
            staff=named.staff,
            form=to.form,
            policy=policy.version,
        ),
        AssignmentOffered(
            case_id=context.key,
            occurred_at=context.at,
            unit=unit,
            number=case.number,
            channel=case.channel,
            appeal=case.appeal,
            category=case.category,
            area=case.area,
            title=case.title,
            text=case.text,
            received_at=case.received_at,
            urgent=case.urgent,
            address=case.address,
            latitude=case.latitude,
            longitude=case.longitude,
            attributes=case.attributes,
            confidential=case.confidential,
            problem=case.problem,
            instruction=case.instruction,
            rule=to.rule,
            binding=to.binding,
            leader=named.leader,
            staff=named.staff,
            co_handlers=(*(task.unit for task in case.subtasks), *to.co_handlers),
            attachments=case.attachments,
        ),
    ]
    if case.asked is not None and case.asked != unit:
        events.append(AssignmentWithdrawn(case_id=context.key, occurred_at=context.at, unit=case.asked))
    if moved and asked.transfers >= policy.transfers_before_escalation:
        asked, told = escalate(asked, TRANSFERS, asked.transfers, policy, context)
        events += told
    asked, parts = opened(asked, unit, to.co_handlers, case.title, by, context)
    asked, minutes = recorded(asked, to.consultation, to.by or by, context)
    return Decision(asked, (*events, *parts, *minutes))


def propose(
    case: Case, proposal: Proposal, policy: DispatchPolicy, context: Context, earlier: Sequence[Event] = ()
) -> Decision[Case]:
    """The case waits until somebody else says that it may go there: on a numbered form (呈批表, S1¶4)."""
    count = case.forms + 1
    on_form = proposal.model_copy(update={"form": f"{case.number}-C{count}"})
    filled_in = case.model_copy(update={"forms": count})
    return queue(filled_in, policy, context, why=APPROVAL, proposal=on_form, earlier=earlier)


def queue(
    case: Case,
    policy: DispatchPolicy,
    context: Context,
    *,
    why: str,
    returned_by: str | None = None,
    return_reason: str | None = None,
    reported_to: str | None = None,
    proposal: Proposal | None = None,
    form: str | None = None,
    by: str | None = None,
    earlier: Sequence[Event] = (),
) -> Decision[Case]:
    """The case waits for the centre's dispatcher; never for a default unit."""
    waiting = case.model_copy(
        update={
            "asked": None,
            "asked_at": None,
            "signed": False,
            "binding": False,
            "rule": why,
            "proposal": proposal,
        }
    )
    proposed = None
    if proposal is not None:
        proposed, form, by = proposal.to, proposal.form, proposal.by
    return Decision(
        waiting,
        (
            *earlier,
            CaseQueued(
                case_id=context.key,
                occurred_at=context.at,
                centre=case.centre,
                responsible=case.responsible,
                why=why,
                returned_by=returned_by,
                return_reason=return_reason,
                proposed=proposed,
                co_handlers=proposal.co_handlers if proposal is not None else (),
                by=by,
                form=form,
                reported_to=reported_to,
                policy=policy.version,
            ),
            DispatchRequested(
                case_id=context.key,
                occurred_at=context.at,
                unit=case.centre,
                number=case.number,
                category=case.category,
                area=case.area,
                title=case.title,
                text=case.text,
                why=why,
                about=case.about,
                returned_by=returned_by,
                return_reason=return_reason,
                refusers=case.refusers,
                ruling_due=is_ruling_due(case, policy),
                proposed=proposed,
                proposed_by=by if proposal else None,
                form=form,
                attachments=case.attachments,
            ),
        ),
    )
