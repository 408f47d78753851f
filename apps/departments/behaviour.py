"""Simulated staff: what they answer follows from the seed, the case and the unit alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from apps.departments.answers import Approve, Dispatch, Handle, Return, Verdict
from contracts.codes import AppealType, HandlingResult
from contracts.routing import (
    AssignmentOffered,
    CommandRefused,
    DispatchRequested,
    ExtensionApprovalRequested,
    RedoRequested,
    SubtaskRequested,
    VerificationRequested,
)

Choose = Callable[[DispatchRequested], Dispatch | Approve | None]

_REASONS = (
    "经核实，该事项不属于本单位职责范围，建议转交有管辖权的单位办理。",
    "该地点不在本单位辖区内，建议转交属地单位办理。",
    "该事项涉及其他部门的审批权限，本单位无处置权，现按否定报备制说明情况并退回。",
)
_REPLIES = {
    HandlingResult.RESOLVED: (
        "您反映的“{title}”问题已派人到现场核实并处理完毕，后续将加强日常巡查。感谢您的监督。",
        "经调查，您反映的“{title}”情况属实，现已整改到位。如再次出现，请及时与我们联系。",
    ),
    HandlingResult.EXPLAINED: (
        "关于“{title}”，现将有关政策规定向您说明：请持本人身份证件到就近的服务窗口办理，材料清单已在网上公布。",
        "经核查，您反映的“{title}”符合现行规定，我们已安排工作人员向您说明情况，敬请理解。",
    ),
    HandlingResult.NOT_RESOLVED: (
        "您反映的“{title}”问题因涉及管线改造，目前暂不具备处理条件，已列入下一年度计划，届时将及时告知您。",
    ),
}


_ADOPTED = "您提出的“{title}”建议，经研究予以采纳，已列入近期工作安排，落实情况将及时公布。感谢您的支持。"
_NOT_ADOPTED = (
    "您提出的“{title}”建议，经研究暂不采纳：现有规划和资金安排已定，将在下一轮规划编制时再行研究。感谢您的支持。"
)


def _no_choice(request: DispatchRequested) -> Dispatch | Approve | None:
    return None


@dataclass(frozen=True)
class Behaviour:
    """Most cases are handled, some are returned; a ruling never is. Answers `apps.departments.answers.Decide`."""

    seed: int
    return_ratio: float = 0.05
    explained_ratio: float = 0.12
    """Of the matters that are no questions; questions are always explained."""
    not_resolved_ratio: float = 0.05
    adopted_ratio: float = 0.6
    """Of the suggestions."""
    redo_ratio: float = 0.1
    """Of the reports that are verified."""
    choose: Choose = _no_choice
    """Where a centre sends what waits for it; by default nowhere."""

    def offered(self, offer: AssignmentOffered) -> Handle | Return:
        """A return with a reason, or a result with a reply."""
        dice = self._dice(offer.case_id, offer.unit, "offered")
        if dice.random() < self.return_ratio and not offer.binding:
            return Return(dice.choice(_REASONS), _post(offer))
        if offer.appeal is AppealType.SUGGESTION:
            return self._consider(dice, offer.title)
        return self._handle(dice, offer.title, question=offer.appeal is AppealType.CONSULT)

    def return_refused(self, refusal: CommandRefused) -> Handle:
        """The case is handled after all."""
        return self._handle(self._dice(refusal.case_id, refusal.unit, "kept"), "有关诉求", question=False)

    def adoption_missing(self, refusal: CommandRefused) -> Handle:
        """The suggestion is adopted, or not for a reason."""
        return self._consider(self._dice(refusal.case_id, refusal.unit, "adoption"), "有关")

    def verification_requested(self, request: VerificationRequested) -> Verdict:
        """Most reports are accepted; nothing has to be done twice again."""
        dice = self._dice(request.case_id, request.unit, "verified")
        if dice.random() < self.redo_ratio and not request.redos:
            return Verdict(False, "现场核查问题仍然存在，请重新办理。")
        return Verdict(True)

    def redo_requested(self, request: RedoRequested) -> Handle:
        """It is done, this time."""
        dice = self._dice(request.case_id, request.unit, f"redo {request.count}")
        if request.appeal is AppealType.SUGGESTION:
            return self._consider(dice, request.title)
        return self._handle(dice, request.title, question=False)

    def subtask_requested(self, request: SubtaskRequested) -> str:
        """The part is done."""
        return f"“{request.title}”涉及我单位的部分已办理完毕。"

    def extension_requested(self, request: ExtensionApprovalRequested) -> Verdict:
        """Whoever asks in time gets it."""
        return Verdict(True)

    def dispatch_requested(self, request: DispatchRequested) -> Dispatch | Approve | None:
        """Where `choose` says."""
        return self.choose(request)

    def _handle(self, dice: Random, title: str, *, question: bool) -> Handle:
        drawn = dice.random()
        if question or drawn < self.explained_ratio:
            result = HandlingResult.EXPLAINED
        elif drawn < self.explained_ratio + self.not_resolved_ratio:
            result = HandlingResult.NOT_RESOLVED
        else:
            result = HandlingResult.RESOLVED
        return Handle(result, dice.choice(_REPLIES[result]).format(title=title))

    def _consider(self, dice: Random, title: str) -> Handle:
        adopted = dice.random() < self.adopted_ratio
        if adopted:
            return Handle(HandlingResult.RESOLVED, _ADOPTED.format(title=title), adopted)
        return Handle(HandlingResult.EXPLAINED, _NOT_ADOPTED.format(title=title), adopted)

    def _dice(self, case_id: str, unit: str, question: str) -> Random:
        return Random(f"{self.seed}/{case_id}/{unit}/{question}")  # noqa: S311 - dice, not secrets


def _post(offer: AssignmentOffered) -> str:
    """The post that works on the case; a unit that names no posts has a desk of its own."""
    return next(filter(None, (*offer.staff, offer.leader)), f"{offer.unit}.desk-1")
