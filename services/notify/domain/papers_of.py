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
from services.notify.domain.case import Answer, Case, Step
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
    answer: Answer | None = None


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
            yield PaperOf(form, "approval", begun.at, nth, begun.unit, proposal=proposal, assignment=assignment)


def _transfers(case: Case, number: str, forms: Forms) -> Iterator[PaperOf]:
    for nth, step in enumerate((each for each in case.steps if each.what == "assigned"), 1):
        paper = _number(forms, "transfer", number, nth)
        yield PaperOf(paper, "transfer", step.at, nth, step.unit, assignment=step)


def _feedback(case: Case, number: str, forms: Forms) -> Iterator[PaperOf]:
    for nth, answer in enumerate(case.answers, 1):
        if answer.unit is not None:
            paper = _number(forms, "feedback", number, nth)
            yield PaperOf(paper, "feedback", answer.at, nth, answer.unit, answer=answer)


def may_have_case(unit: str, case: Case, policy: Policy) -> bool:
    """Whether a unit is given the documents of a case.

    Who answers or answered for it, its centre, and those above either; never the unit complained about, nor any below
    it: what a case says may tell who complained (回避, domain §7).
    """
    registered = case.registered
    if registered is None or (registered.about is not None and registered.about in policy.line(unit)):
        return False
    answering = {case.owner, registered.centre, *(s.unit for s in case.steps), *(a.unit for a in case.answers)}
    return any(unit in policy.line(each) for each in answering if each is not None)


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
