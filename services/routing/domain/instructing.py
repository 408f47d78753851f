"""Instructions (批示): a leader above the unit that handles a case says what has to be done about it. Source: S2.

An instruction changes neither who handles the case nor what has been dispatched. Where the place approves the dispatch
of instructed cases (呈批), the next dispatch of this one is approved first; an offer that is already out stays out.
"""

from __future__ import annotations

from contracts.channel import Instruction
from contracts.codes import RefusalCode
from contracts.handling import InstructCase
from contracts.message import Event
from contracts.routing import CaseInstructed, InstructionGiven
from infra.decision import Context, Decision
from services.routing.domain.case import Case
from services.routing.domain.dispatch import DispatchPolicy
from services.routing.domain.refusal import refuse


def instruct(case: Case, command: InstructCase, policy: DispatchPolicy, context: Context) -> Decision[Case]:
    """The instruction is given to the unit that handles the case and to the centre; its clock starts in scoring."""
    if command.actor is None:
        return refuse(case, command, context, RefusalCode.ACTOR_MISSING, "actor")
    if context.speaker in policy.organisation and policy.recused(context.speaker, case.about):
        return refuse(case, command, context, RefusalCode.RECUSED)
    listed = policy.instructs(context.speaker, command.actor, context.at, case.about_person)
    if not listed or not _is_above(context.speaker, case, policy):
        return refuse(case, command, context, RefusalCode.NOT_INSTRUCTOR, "actor")
    instruction = Instruction(by=command.actor, text=command.text, working_days=command.working_days)
    informed = tuple(dict.fromkeys(unit for unit in (case.responsible, case.asked, case.centre) if unit))
    instructed = CaseInstructed(
        case_id=context.key,
        occurred_at=context.at,
        instruction=instruction,
        unit=context.speaker,
        responsible=case.responsible,
        informed=informed,
    )
    given: tuple[Event, ...] = tuple(
        InstructionGiven(
            case_id=context.key,
            occurred_at=context.at,
            unit=unit,
            number=case.number,
            title=case.title,
            instruction=instruction,
            given_by=context.speaker,
        )
        for unit in informed
    )
    return Decision(case.model_copy(update={"instruction": instruction}), (instructed, *given))


def _is_above(unit: str, case: Case, policy: DispatchPolicy) -> bool:
    """Whether the unit is the centre or above it, or above the unit that is responsible or asked."""
    tree = policy.organisation
    handling = (each for each in (case.responsible, case.asked) if each is not None and each != unit)
    return tree.is_under(case.centre, unit) or any(tree.is_under(each, unit) for each in handling)
