"""Which documents of a case, a measure and a unit there are (三表一单一书一卡, S1¶4), and who may have them.

They follow from what is known: 登记表 from the registration, a 呈批表 for each approval form, a 转办单 for each
assignment, a 反馈表 for each answer that a unit gave, a 效能告诫书 for each measure that stands, a 服务联系卡 for each
unit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from contracts.document_tables import DocumentCode
from services.notify.domain.case import Answer, Case, Registered, Step
from services.notify.domain.co_handling import CoHandler, answered_with, helping_at
from services.notify.domain.measure import Decided
from services.notify.domain.policy import Policy
from services.notify.printing.forms import Forms, number_of


@dataclass(frozen=True)
class PaperOf:
    """One document of a case. What it was made from is what `approval`, `transfer` or `answer` names."""

    number: str
    code: DocumentCode
    issued_at: datetime
    """When what it says came to be."""
    nth: int = 1
    unit: str | None = None
    """Whom it is for, or who gave the answer."""
    proposal: Step | None = None
    assignment: Step | None = None
    consultation: Step | None = None
    """The consultation (会商) on which the assignment rests."""
    answer: Answer | None = None
    co_handlers: tuple[CoHandler, ...] = ()
    """Who works on it beside the unit; on a 反馈表, who declined, too."""


def papers_of(case: Case, forms: Forms) -> tuple[PaperOf, ...]:
    """Every document of a case that the place has a form for, in the order in which they came to be."""
    registered = case.registered
    if registered is None:
        return ()
    first = PaperOf(_number(forms, "registration", registered.number, 1), "registration", registered.registered_at)
    found = [first, *_approvals(case), *_transfers(case, registered.number, forms)]
    found += _feedback(case, registered.number, forms)
    listed = [each for each in found if each.code in forms.documents]
    return tuple(sorted(listed, key=lambda each: each.issued_at))


def _number(forms: Forms, code: DocumentCode, number: str, nth: int) -> str:
    return number_of(forms.documents[code], number, nth) if code in forms.documents else ""


def _approvals(case: Case) -> Iterator[PaperOf]:
    """By the numbers that routing gave the forms; approved, and by whom, where an assignment names the same form."""
    proposals: dict[str, Step] = {}
    assignments: dict[str, Step] = {}
    for step in case.steps:
        if step.form is not None:
            (proposals if step.what == "proposed" else assignments).setdefault(step.form, step)
    for nth, form in enumerate(dict.fromkeys((*proposals, *assignments)), 1):
        proposal, assignment = proposals.get(form), assignments.get(form)
        begun = proposal or assignment
        if begun is not None:
            yield PaperOf(
                form,
                "approval",
                begun.at,
                nth,
                begun.unit,
                proposal=proposal,
                assignment=assignment,
                consultation=_consultation(case, assignment),
            )


def _consultation(case: Case, assignment: Step | None) -> Step | None:
    """Routing publishes the minutes with the assignment that rests on them: at the same instant, to the same unit."""
    if assignment is None:
        return None
    held = (step for step in case.steps if step.what == "consulted")
    return next((step for step in held if (step.at, step.unit) == (assignment.at, assignment.unit)), None)


def _transfers(case: Case, number: str, forms: Forms) -> Iterator[PaperOf]:
    steps = [each for each in case.steps if each.what == "assigned"]
    for nth, step in enumerate(steps, 1):
        paper = _number(forms, "transfer", number, nth)
        beside = helping_at(case, step.at, steps[nth].at if nth < len(steps) else None)
        yield PaperOf(
            paper,
            "transfer",
            step.at,
            nth,
            step.unit,
            assignment=step,
            consultation=_consultation(case, step),
            co_handlers=beside,
        )


def _feedback(case: Case, number: str, forms: Forms) -> Iterator[PaperOf]:
    for nth, answer in enumerate(case.answers, 1):
        if answer.unit is not None:
            paper = _number(forms, "feedback", number, nth)
            beside = answered_with(case, nth)
            yield PaperOf(paper, "feedback", answer.at, nth, answer.unit, answer=answer, co_handlers=beside)


def may_have_case(unit: str, case: Case, policy: Policy) -> bool:
    """Whether a unit is given all documents of a case.

    Who answers or answered for it, its centre, and those above either; never the unit complained about, nor any below
    it: what a case says may tell who complained (回避, domain §7).
    """
    registered = case.registered
    if registered is None or _is_recused(unit, registered, policy):
        return False
    answering = {case.owner, registered.centre, *(s.unit for s in case.steps), *(a.unit for a in case.answers)}
    return any(unit in policy.line(each) for each in answering if each is not None)


def may_have_paper(unit: str, paper: PaperOf, case: Case, policy: Policy) -> bool:
    """Whether a unit is given one document of a case: a co-handler that stands on a 转办单 is given that one."""
    if may_have_case(unit, case, policy):
        return True
    if paper.code != "transfer" or case.registered is None or _is_recused(unit, case.registered, policy):
        return False
    return any(unit in policy.line(each.unit) for each in paper.co_handlers)


def _is_recused(unit: str, registered: Registered, policy: Policy) -> bool:
    return registered.about is not None and registered.about in policy.line(unit)


def may_have_letter(unit: str, decided: Decided, policy: Policy) -> bool:
    """Whether a unit is given a letter: the one it is about, the one that decided, and those above either."""
    return any(unit in policy.line(each) for each in (decided.unit, decided.by))


def unit_of_card(number: str, forms: Forms, units: Mapping[str, object]) -> str | None:
    """The unit whose card has this number; None: it is no card's."""
    card = forms.documents.get("contact-card")
    if card is None:
        return None
    unit = number.removesuffix(number_of(card, "", 1))
    return unit if unit != number and unit in units else None
