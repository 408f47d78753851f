"""What a centre's clerks decide: only the centre that answers for the case, and but for an erasure while it is open."""

from __future__ import annotations

from contracts.clerking import EraseIdentity, JudgeScope, MergeCase, RequestSupplement, UnmergeCase
from contracts.codes import Ending, Hold, RefusalCode
from contracts.intake import ClerkingRefused
from contracts.refusals import Reason, malformed, reason
from contracts.text import is_visible
from infra.decision import Context, Decision
from services.intake.domain.catalogue import Catalogue
from services.intake.domain.ending import end
from services.intake.domain.erasure import erase
from services.intake.domain.merging import merge, unmerge
from services.intake.domain.registration import Registration
from services.intake.domain.releasing import release
from services.intake.domain.supplement import ask

FromClerk = JudgeScope | RequestSupplement | MergeCase | UnmergeCase | EraseIdentity


def clerk(
    case: Registration | None, command: FromClerk, catalogue: Catalogue, context: Context
) -> Decision[Registration]:
    """The clerk's decision, or the rule that forbids it."""
    why = _forbidden(case, command, catalogue, context)
    if case is None or why is not None:
        return _refuse(case, command, context, why or reason(RefusalCode.CASE_UNKNOWN, "case_id"))
    match command:
        case JudgeScope():
            return _judge(case, command, catalogue, context)
        case RequestSupplement():
            missing = tuple(reason(RefusalCode.CLERK_ASKS, question=each) for each in command.missing)
            asked, told = ask(case, missing, catalogue, context, command.actor)
            return Decision(asked, (told,))
        case MergeCase() | UnmergeCase():
            found = merge(case, command, context) if isinstance(command, MergeCase) else unmerge(case, command, context)
            return found if isinstance(found, Decision) else _refuse(case, command, context, found)
        case EraseIdentity():
            return erase(case, command.actor, context)


def sent_by_clerk(context: Context) -> bool:
    """Whether the topic is one of those that only centres' clerks may write."""
    return context.topic == JudgeScope.TOPIC.format(unit=context.speaker)


def refused(type: str, reasons: tuple[Reason, ...], context: Context) -> ClerkingRefused:
    """To the centre that spoke."""
    return ClerkingRefused(
        case_id=context.key,
        occurred_at=context.at,
        unit=context.speaker,
        command_id=context.message_id,
        command=type,
        reasons=reasons,
    )


def _forbidden(case: Registration | None, command: FromClerk, catalogue: Catalogue, context: Context) -> Reason | None:
    if case is None:
        return reason(RefusalCode.CASE_UNKNOWN, "case_id")
    if context.speaker != case.centre:
        return reason(RefusalCode.NOT_YOUR_CENTRE)
    if not catalogue.directory.may_act(context.speaker, command.actor):
        return reason(RefusalCode.ACTOR_UNKNOWN, "actor")
    if isinstance(command, EraseIdentity):
        return None
    if case.over:
        return reason(RefusalCode.CASE_CLOSED)
    examined = case.held is Hold.SCOPE or isinstance(command, MergeCase | UnmergeCase)
    return None if examined else reason(RefusalCode.NOT_HELD)


def _judge(case: Registration, command: JudgeScope, catalogue: Catalogue, context: Context) -> Decision[Registration]:
    if command.ending is None:
        return release(case, catalogue.version, context, command.actor)
    if command.ending not in {Ending.DECLINED, Ending.DIVERTED}:
        return _refuse(case, command, context, malformed("ending", "not_a_judgement"))
    if not is_visible(command.reply):
        return _refuse(case, command, context, reason(RefusalCode.REPLY_MISSING, "reply"))
    if (command.ending is Ending.DIVERTED) != (command.authority is not None):
        return _refuse(case, command, context, reason(RefusalCode.AUTHORITY_MISSING, "authority"))
    ended, told = end(
        case,
        command.ending,
        catalogue.version,
        context,
        reply=command.reply,
        authority=command.authority,
        by=command.actor,
    )
    return Decision(ended, (told,))


def _refuse(case: Registration | None, command: FromClerk, context: Context, why: Reason) -> Decision[Registration]:
    return Decision(case, (refused(command.TYPE, (why,), context),))
