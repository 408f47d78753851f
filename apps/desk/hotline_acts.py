"""What an agent does for a caller about a case: supplement, urge, withdraw, reopen, appeal; and the case's page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from starlette.responses import Response

from apps.desk.choices import code_names
from apps.desk.evidence import ATTACHMENTS, take_attachments
from apps.desk.hotline_search import Found, channel_of, channels_of, history
from apps.desk.parts import document
from apps.web.forms import Form, Spec, build, read
from apps.web.services import Reason, ServiceProblem
from apps.web.site import Page
from apps.web.uploads import FILES_BYTES
from apps.web.view import View
from contracts.channel import AppealAnswer, ReopenComplaint, SupplementComplaint, WithdrawComplaint
from contracts.handling import AddNote

ADDED = ("来电人补充：", "Added by the caller: ")
URGED = ("来电人催办：", "The caller asks for progress: ")


@dataclass(frozen=True)
class Act:
    """A request of the caller as a form."""

    name: str
    zh: str
    en: str
    specs: tuple[Spec, ...]
    model: type[BaseModel]
    key: str
    path: str = ""
    """Of intake, after the case; empty for a note of the agent's unit."""
    can: str = ""
    """As the status of the case lists it; empty for what is possible while the case is open."""
    prefix: tuple[str, str] = ("", "")
    """What the note begins with."""
    danger: bool = False
    hint: tuple[str, str] = ("", "")


ACTS = (
    Act(
        "supplement",
        "补充材料",
        "Give what was asked for",
        (
            Spec("text", "补充内容", "What the caller adds", "area", required=True),
            Spec("address", "详细地址", "Address", "text", autocomplete="off"),
            ATTACHMENTS,
        ),
        SupplementComplaint,
        "b",
        "supplement",
        "supplement",
    ),
    Act(
        "add",
        "补充情况",
        "Add information",
        (Spec("text", "来电人补充的情况", "What the caller adds", "area"),),
        AddNote,
        "i",
        prefix=ADDED,
        hint=(
            "作为内部备注交给承办单位；电话号码等个人信息会被遮盖。",
            "Reaches the unit as an internal note; telephone numbers and the like are masked.",
        ),
    ),
    Act(
        "urge",
        "催办",
        "Urge",
        (Spec("text", "来电人的要求", "What the caller asks for", "area", default="请尽快办理并答复。", rows=3),),
        AddNote,
        "u",
        prefix=URGED,
        hint=("承办单位和受理中心都能看到。", "The unit and its centre see it."),
    ),
    Act(
        "withdraw",
        "撤回诉求",
        "Withdraw",
        (Spec("reason", "撤回原因", "Reason", "area", rows=3),),
        WithdrawComplaint,
        "x",
        "withdraw",
        "withdraw",
        danger=True,
        hint=("撤回后不再办理。", "The case is not handled any further."),
    ),
    Act(
        "reopening",
        "申请重办",
        "Ask to reopen",
        (Spec("reason", "对答复有什么意见", "Why the answer does not do", "area"),),
        ReopenComplaint,
        "o",
        "reopening",
        "reopen",
    ),
    Act(
        "appeal",
        "申请复核",
        "Appeal the answer",
        (Spec("reason", "申请复核的理由", "Why the answer is appealed", "area"),),
        AppealAnswer,
        "p",
        "appeal",
        "appeal",
    ),
)


def possible(status: Mapping[str, Any]) -> list[Act]:
    """What the caller may ask for now; the services decide."""
    over = status["stage"] in {"closed", "ended"}
    return [each for each in ACTS if (each.can in status["can"] if each.can else not over)]


async def case(view: View) -> Response:
    """A case of the channel: where it is, its course, and what the caller may ask for."""
    case_id = view.request.path_params["case_id"]
    channel, status = await _status(view, case_id)
    if status is None:
        return view.render("desk/hotline_waiting.html", 202, case_id=case_id, code=code_names(view))
    others = await history(view, channel, case_id)
    return view.render(
        "desk/hotline_case.html",
        case_id=case_id,
        channel=channel,
        case=status,
        found=others,
        acts=possible(status),
        code=code_names(view),
    )


async def show(view: View) -> Response:
    """The form of an act."""
    act, case_id = _asked(view)
    return await _page(view, act, case_id, build(view, act.specs, act.model))


async def take(view: View) -> Response:
    """Send it, with the outcome or the refusal in words."""
    act, case_id = _asked(view)
    sent = await view.form()
    form, data = read(view, act.specs, sent, act.model)
    channel, _ = await _status(view, case_id)
    if ATTACHMENTS in act.specs:
        await take_attachments(view, channel, sent, form, data)
    if form.faults:
        return await _page(view, act, case_id, form, 422)
    try:
        answer = await perform(view, act, channel, case_id, data, form.once)
    except ServiceProblem as problem:
        if problem.away:
            raise
        form.refuse(view, problem)
        return await _page(view, act, case_id, form, problem.status)
    return _done(view, act, case_id, answer)


async def perform(view: View, act: Act, channel: str, case_id: str, data: Mapping[str, Any], once: str) -> Any:
    """Send an act as the channel, or as a note of the agent's unit. Raises `ServiceProblem`."""
    if act.path:
        path = f"/v1/complaints/{case_id}/{act.path}"
        return document(
            await view.services.post("intake", path, data, view.acting("channel", channel), once=once, wait=5)
        )
    note = {"text": f"{view.t(*act.prefix)}{data['text']}"[:2000]}
    body = {"type": AddNote.TYPE, "case_id": case_id, "data": note}
    return await view.send("routing", "/v1/commands", body, once=once)


async def add_for_caller(view: View, channel: str, found: Found, body: Mapping[str, Any], once: str) -> Response:
    """Add what the caller reports to a case that exists: as a supplement where one is awaited, else as a note.

    Raises `ServiceProblem`, also for files where only a note is possible.
    """
    status = await _try_status(view, channel, found.case_id)
    name = "supplement" if status and "supplement" in status["can"] else "add"
    act = next(each for each in ACTS if each.name == name)
    data = {each: body[each] for each in ("text", ATTACHMENTS.name) if each in body}
    if ATTACHMENTS.name in data and not act.path:
        raise _words_only()
    answer = await perform(view, act, channel, found.case_id, data, once)
    return _done(view, act, found.case_id, answer)


def _words_only() -> ServiceProblem:
    zh = "这件诉求现在只能补充文字。请取消勾选文件，或选择登记为新诉求。"
    en = "Only words can be added to that case now: untick the files, or file a new complaint."
    return ServiceProblem(422, "words-only", zh, en, (Reason("words-only", zh, en, ATTACHMENTS.name),))


def _done(view: View, act: Act, case_id: str, answer: Mapping[str, Any]) -> Response:
    to = f"/hotline/cases/{case_id}"
    if answer.get("accepted"):
        return view.redirect(to, f"{act.zh}：已完成。", f"{act.en}: done.")
    return view.redirect(
        to, f"{act.zh}：已提交，结果稍后显示。", f"{act.en}: submitted; the outcome will appear shortly."
    )


async def _page(view: View, act: Act, case_id: str, form: Form, status: int = 200) -> Response:
    _, found = await _status(view, case_id)
    if found is None:
        return view.render("desk/hotline_waiting.html", 404, case_id=case_id, code=code_names(view))
    return view.render(
        "desk/hotline_act.html", status, act=act, case=found, case_id=case_id, form=form, code=code_names(view)
    )


async def _status(view: View, case_id: str) -> tuple[str, Mapping[str, Any] | None]:
    """The post's channel that has the case, and its status there; without one, the first channel and None."""
    for channel in channels_of(view):
        if (found := await _try_status(view, channel, case_id)) is not None:
            return channel, found
    return channel_of(view), None


async def _try_status(view: View, channel: str, case_id: str) -> Mapping[str, Any] | None:
    try:
        found: Mapping[str, Any] = document(
            await view.services.get(
                "intake", f"/v1/complaints/{case_id}", view.acting("channel", channel), reason="handling"
            )
        )
    except ServiceProblem as problem:
        if problem.status == 404:
            return None
        raise
    return found


def _asked(view: View) -> tuple[Act, str]:
    act = next((each for each in ACTS if each.name == view.request.path_params["act"]), None)
    if act is None:
        raise ServiceProblem(404, "not-found", "没有这个操作。", "There is no such action.")
    return act, view.request.path_params["case_id"]


PAGES = (
    Page("/hotline/cases/{case_id}", case),
    Page("/hotline/cases/{case_id}/{act}", show),
    Page("/hotline/cases/{case_id}/{act}", take, ("POST",), most_bytes=FILES_BYTES),
)
