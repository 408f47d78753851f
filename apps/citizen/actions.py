"""What a complainant may do about the own case: a form for each action, and its body."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from apps.citizen.complaint import answers_of, question_spec
from apps.citizen.requests import Awaited
from apps.citizen.words import GRADES
from apps.web.forms import Choice, Spec
from apps.web.place import Place, Question
from apps.web.services import ServiceProblem
from apps.web.view import View
from contracts.channel import MAX_TEXT


def grades(view: View) -> list[Choice]:
    """The five grades."""
    return [Choice(code, view.t(*names)) for code, names in GRADES.items()]


def yes_no(view: View) -> list[Choice]:
    """Whether the matter is settled."""
    return [Choice("true", view.t("已解决", "Yes")), Choice("false", view.t("没有解决", "No"))]


@dataclass(frozen=True)
class Action:
    """An action with its words."""

    name: str
    """As in the service's route and in `can`."""
    title: tuple[str, str]
    help: tuple[str, str]
    submit: tuple[str, str]
    done: tuple[str, str]
    fields: tuple[Spec, ...]
    files: bool = False
    danger: bool = False

    def specs(self, asked: Sequence[Question] = ()) -> tuple[Spec, ...]:
        """The fields, named `ACTION.FIELD`: several forms are on one page. A supplement has the questions first."""
        own = tuple(replace(each, name=f"{self.name}.{each.name}") for each in self.fields)
        if not self.files:
            return own
        return (*(question_spec(f"{self.name}.attributes", each, required=False) for each in asked), *own)


def _reason(zh: str, en: str) -> Spec:
    return Spec("reason", zh, en, "area", required=True, rows=4, most=MAX_TEXT)


ACTIONS: Mapping[str, Action] = {
    each.name: each
    for each in (
        Action(
            "supplement",
            ("补充材料", "Add what was missing"),
            ("补充后，办理时限继续计算。", "The limit runs on once it has arrived."),
            ("提交补充材料", "Send it"),
            ("补充材料已收到。", "What you added has arrived."),
            (
                Spec("text", "补充说明", "In words", "area", rows=4, most=MAX_TEXT),
                Spec("address", "具体地点", "Exact place", "text", most=300),
            ),
            files=True,
        ),
        Action(
            "rate",
            ("评价这次办理", "Rate the answer"),
            ("每次答复只能评价一次。", "Each answer can be rated once."),
            ("提交评价", "Send the rating"),
            ("感谢您的评价，已记录。", "Thank you: your rating is recorded."),
            (
                Spec(
                    "satisfaction",
                    "您对办理结果满意吗",
                    "How satisfied are you",
                    "radio",
                    choices=grades,
                    required=True,
                ),
                Spec("solved", "问题解决了吗", "Is the matter settled", "radio", choices=yes_no, required=True),
            ),
        ),
        Action(
            "reopen",
            ("申请重新办理", "Ask for it to be handled again"),
            ("问题又出现了，或者没有真正解决。", "If it came back, or was not really settled."),
            ("提交重新办理申请", "Ask for it"),
            ("重新办理申请已收到。", "Your request has been accepted."),
            (_reason("为什么需要重新办理", "Why it has to be handled again"),),
        ),
        Action(
            "appeal",
            ("申请复核答复", "Appeal the answer"),
            ("由上一级单位复核答复是否正确。", "A superior unit reviews whether the answer is right."),
            ("提交复核申请", "Appeal"),
            ("复核申请已收到。", "Your appeal has been accepted."),
            (_reason("答复哪里不对", "What is wrong with the answer"),),
        ),
        Action(
            "withdraw",
            ("撤回诉求", "Withdraw"),
            ("撤回后不再办理，也不能恢复。", "It will not be handled any more; this cannot be undone."),
            ("确认撤回", "Withdraw it"),
            ("诉求已撤回。", "Your complaint has been withdrawn."),
            (Spec("reason", "撤回原因（可不填）", "Reason (optional)", "area", rows=2, most=2000),),
            danger=True,
        ),
    )
}
"""By name, in the order of the page."""


def body_of(action: Action, values: Mapping[str, Any], files: Sequence[str]) -> dict[str, Any]:
    """The body of the request, without the proof."""
    body: dict[str, Any] = dict(values.get(action.name, {}))
    if "solved" in body:
        body["solved"] = body["solved"] == "true"
    if "attributes" in body:
        body["attributes"] = answers_of(body["attributes"])
    if files:
        body["attachments"] = [{"file_id": each} for each in files]
    return body


def asked_questions(place: Place, awaited: Iterable[Awaited]) -> list[Question]:
    """Questions of the catalogue that the case waits for, by their code. The status does not name the category: a
    question that two categories ask differently is answered in words.
    """
    found = []
    for each in awaited:
        code = (each.field or "").removeprefix("attributes.") if (each.field or "").startswith("attributes.") else ""
        known = {q for category in place.document.categories for q in category.questions if q.code == code}
        if len(known) == 1:
            found.append(known.pop())
    return found


def offered(can: Sequence[str], done: str, *, rates_only: bool) -> list[Action]:
    """Actions to show: those that are possible, without the one that was just done."""
    allowed = [name for name in ACTIONS if name in can and name != done]
    return [ACTIONS[name] for name in allowed if not rates_only or name == "rate"]


def beside_fields(problem: ServiceProblem, action: Action) -> ServiceProblem:
    """The problem with the names of the form's fields."""
    reasons = tuple(
        replace(each, field=f"{action.name}.{each.field}") if each.field else each for each in problem.reasons
    )
    return replace(problem, reasons=reasons)
