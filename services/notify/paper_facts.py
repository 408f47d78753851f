"""What stands on the six documents: codes in words, in the language of the paper. Nothing of who complained."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from contracts.codes import Language, SubjectKind
from services.notify.domain.case import Answer, Case, Registered
from services.notify.domain.co_handling import DECLINED, CoHandler
from services.notify.domain.directory import Directory
from services.notify.domain.facts import name_of, shown_date
from services.notify.domain.measure import Decided, Measure
from services.notify.domain.occasion import ADOPTED, NOT_ADOPTED
from services.notify.domain.papers_of import PaperOf
from services.notify.domain.policy import Policy
from services.notify.printing.facts import AdmonitionFacts, CardFacts, CaseFacts


@dataclass(frozen=True)
class Wording:
    """A place's words in one language."""

    policy: Policy
    language: Language

    def says(self, zh: str, en: str) -> str:
        """The one of the two that is in its language."""
        return zh if self.language is Language.CHINESE else en

    def unit(self, unit: str | None) -> str | None:
        """What a unit is called."""
        return self.policy.names.unit(unit, self.language)

    def code(self, of: str, code: str) -> str:
        """A code in words."""
        return name_of(of, code, self.language)

    def case(self, case: Case, registered: Registered, paper: PaperOf) -> CaseFacts:
        """For one document of a case. Confidential or not, the complainant is never named: notify cannot read who."""
        step, answer = paper.assignment or paper.proposal, paper.answer
        unit = paper.unit or case.owner
        rated = case.outcome if answer is not None and case.outcome and case.outcome.answer == paper.nth else None
        rating = rated.satisfaction if rated else None
        solved = rated.solved if rated else None
        return CaseFacts(
            number=registered.number,
            channel=self.policy.names.channel(registered.channel, self.language),
            appeal=self.code("appeal", registered.appeal),
            category=self.policy.names.category(registered.category, self.language),
            area=self.policy.names.area(registered.area, self.language),
            title=registered.title or None,
            text=registered.text or None,
            attachments=self._attachments(registered),
            complainant=self.says("保密", "Confidential") if registered.confidential else None,
            about=self.unit(registered.about),
            urgent=registered.urgent,
            received_at=registered.received_at,
            registered_at=registered.registered_at,
            due_at=self._within(case.limit.due_at) if case.limit else None,
            mode=self._mode(unit, registered, paper),
            unit=self.unit(unit),
            **self._of_co_handlers(paper),
            **self._of_approval(paper),
            **self._of_consultation(paper),
            dispatched_at=step.at if step and paper.assignment else None,
            dispatched_by=step.by if step and paper.assignment else None,
            result=self.code("result", answer.result) if answer else None,
            adopted=self._adopted(answer),
            reply=answer.reply if answer else None,
            answered_at=answer.at if answer else None,
            handled_by=answer.by if answer else None,
            satisfaction=self.code("satisfaction", rating) if rating is not None else None,
            solved=None if solved is None else self.says("是", "yes") if solved else self.says("否", "no"),
        )

    def _attachments(self, registered: Registered) -> tuple[str, ...]:
        """None where nothing came with it. A stored file is opened in the system, so that its type and size do."""
        attached = registered.attachments
        if not attached:
            return ()
        stored = (
            each.url
            or self.says(
                f"系统内文件：{each.media_type}，{each.size_bytes} 字节",
                f"stored file: {each.media_type}, {each.size_bytes} bytes",
            )
            for each in attached
        )
        return (self.says(f"共 {len(attached)} 个", f"{len(attached)} in all"), *stored)

    def _within(self, end: datetime) -> datetime:
        """The end of a limit as a day and hour within it: one that ends at midnight ends with the day before."""
        midnight = end.astimezone(self.policy.zone).time() == time()
        return end - timedelta(microseconds=1) if midnight else end

    def _mode(self, unit: str | None, registered: Registered, paper: PaperOf) -> str | None:
        """自办, 转办 or 联办."""
        if unit is None:
            return None
        if _beside(paper):
            return self.says("联办", "jointly")
        return self.says("自办", "by the centre") if unit == registered.centre else self.says("转办", "transferred")

    def _of_co_handlers(self, paper: PaperOf) -> dict[str, Any]:
        answered = paper.answer is not None
        return {
            "co_handlers": tuple(self.unit(each) or each for each in _beside(paper)),
            "tasks": tuple(self._task(each) for each in paper.co_handlers),
            "reports": tuple(self._report(each) for each in paper.co_handlers) if answered else (),
        }

    def _task(self, part: CoHandler) -> str:
        unit = self.unit(part.unit)
        if part.due_at is None:
            return self.says(f"{unit}：{part.task}", f"{unit}: {part.task}")
        day = shown_date(self.policy.last_day(part.due_at), self.language)
        return self.says(f"{unit}（限{day}）：{part.task}", f"{unit} (by {day}): {part.task}")

    def _report(self, part: CoHandler) -> str:
        unit = self.unit(part.unit)
        if part.ending == DECLINED:
            return self.says(f"{unit}（未承接）：{part.words}", f"{unit} (declined): {part.words}")
        return self.says(f"{unit}：{part.words}", f"{unit}: {part.words}")

    def _of_approval(self, paper: PaperOf) -> dict[str, Any]:
        proposal, approved = paper.proposal, paper.assignment
        found: dict[str, Any] = {}
        if proposal is not None:
            found |= {
                "proposed_unit": self.unit(proposal.unit),
                "proposed_by": proposal.by,
                "proposed_at": proposal.at,
                "proposal": proposal.words or None,
            }
        if approved is not None and approved.form is not None:
            found |= {
                "approved_by": approved.by,
                "approved_at": approved.at,
                "approval": approved.words or self.says("同意", "approved"),
                "approval_form": approved.form,
            }
        return found

    def _of_consultation(self, paper: PaperOf) -> dict[str, Any]:
        held = paper.consultation
        if held is None:
            return {}
        return {"consulted": tuple(self.unit(each) or each for each in held.units), "minutes": held.words}

    def _adopted(self, answer: Answer | None) -> str | None:
        if answer is None or answer.adopted is None:
            return None
        return self.code("adoption", ADOPTED if answer.adopted else NOT_ADOPTED)

    def letter(self, measure: Measure, decided: Decided, basis: str | None, directory: Directory) -> AdmonitionFacts:
        """For a measure. A post is named by its id, as everywhere."""
        names = self.policy.names
        named = [names.measures.get(each, {}).get(self.language, each) for each in decided.measures]
        return AdmonitionFacts(
            number=decided.number,
            unit=self.unit(decided.unit) or decided.unit,
            post=measure.subject if measure.of is SubjectKind.POST else None,
            findings=(decided.reason,),
            basis=basis
            or self.says("本地机关效能建设的有关规定", "the rules of this place on administrative efficiency"),
            measure=self.says("、", ", ").join(named),
            decided_by=decided.actor,
            decided_at=decided.decided_at,
            appeal_to=self.unit(directory.appeals_to),
            appeal_days=directory.appeal_days,
        )

    def card(self, unit: str, number: str, directory: Directory) -> CardFacts:
        """For a unit: what the place's tables say of it."""
        names = self.policy.names
        return CardFacts(
            number=number,
            unit=self.unit(unit) or unit,
            unit_en=names.units.get(unit, {}).get("en"),
            duties=tuple(names.category(each, self.language) for each in directory.duties(self.policy.line(unit))),
            posts=tuple(directory.posts.get(unit, ())),
            hotline=self.policy.receivers[unit].phone if unit in self.policy.receivers else None,
            complaint_line=directory.complaint_line,
        )


def _beside(paper: PaperOf) -> tuple[str, ...]:
    """Who works on it beside the unit, or is to."""
    if paper.code == "approval":
        return paper.proposal.co_handlers if paper.proposal is not None else ()
    return tuple(dict.fromkeys(each.unit for each in paper.co_handlers if each.helps))
