"""The form of a complaint that an agent files during a call, and the submission that is made of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from starlette.datastructures import FormData

from apps.desk.choices import areas, category_of, coded, units
from apps.desk.evidence import ATTACHMENTS
from apps.desk.parts import document
from apps.web.forms import Choice, Form, Spec, build, read
from apps.web.place import Question
from apps.web.services import Reason, ServiceProblem
from apps.web.view import View
from apps.web.words import APPEALS, Names
from contracts.channel import SubmitComplaint

WAYS: Names = {
    "channel": ("由热线回电", "a call from the hotline"),
    "sms": ("短信", "SMS"),
    "email": ("电子邮件", "e-mail"),
}
LANGUAGES: Names = {"zh": ("中文", "Chinese"), "en": ("英文", "English")}
NUMBER_SECONDS = 6.0
"""How long the page waits for the number of the case."""

SPECS = (
    Spec(
        "contact.phone",
        "来电号码",
        "Caller's telephone",
        "tel",
        help=("来电人不愿留号码时留空。", "Leave empty for a caller who stays anonymous."),
        autocomplete="off",
        inputmode="tel",
        most=40,
    ),
    Spec("contact.name", "姓名", "Name", "text", autocomplete="off", most=100),
    Spec("appeal", "诉求类型", "Kind of appeal", labels=APPEALS, default="complaint"),
    Spec(
        "category",
        "类别",
        "Category",
        "search",
        help=("输入名称中的几个字，从列表中选择。", "Type part of its name and choose from the list."),
        autocomplete="off",
        required=True,
    ),
    Spec("area", "地区", "Area", "select", choices=areas, required=True),
    Spec("address", "详细地址", "Address", "text", autocomplete="off"),
    Spec("text", "诉求内容", "What the caller reports", "area", rows=6),
    ATTACHMENTS,
)
MORE = (
    Spec("contact.ways", "愿意接受的答复方式", "Ways of being answered", "checks", choices=coded(WAYS)),
    Spec("contact.email", "电子邮件", "E-mail", "email", autocomplete="off", most=254),
    Spec("contact.language", "答复语言", "Language of the answer", "radio", choices=coded(LANGUAGES), default="zh"),
    Spec("urgent", "紧急", "Urgent", "check"),
    Spec("about", "被投诉单位", "Unit complained about", "select", choices=units, empty=("无", "None")),
    Spec("confidential", "对被投诉单位保密", "Confidential towards the unit complained about", "check"),
    Spec(
        "external_id",
        "话务编号",
        "Reference of the call",
        "text",
        help=("话务系统中的编号，可留空。", "As in the telephone system; may be left empty."),
        autocomplete="off",
        required=False,
        most=200,
    ),
)
_KINDS = {
    "string": "text",
    "text": "area",
    "number": "number",
    "datetime": "datetime-local",
    "singlevaluelist": "radio",
    "multivaluelist": "checks",
}


def question_specs(view: View, category: str) -> Sequence[Spec]:
    """The questions of a category as fields `answers.<code>`."""
    found = view.place.categories.get(category)
    return [_spec(each) for each in found.questions] if found else ()


def _spec(question: Question) -> Spec:
    def choices(view: View) -> Sequence[Choice]:
        return [Choice(each.key, view.t(each.zh, each.en)) for each in question.values]

    return Spec(
        f"answers.{question.code}",
        question.zh,
        question.en,
        _KINDS.get(question.datatype, "text"),  # type: ignore[arg-type]
        choices=choices if question.values else None,
        required=question.required,
        most=1000,
    )


def empty_form(view: View, given: Mapping[str, Any] | None = None) -> Form:
    """The form before it was sent."""
    return build(view, (*SPECS, *MORE), SubmitComplaint, given)


def read_complaint(view: View, sent: FormData) -> tuple[Form, dict[str, Any]]:
    """The form that was sent, and the body of the submission; complete only where the form has no faults."""
    category = category_of(view, str(sent.get("category", "")))
    questions = question_specs(view, category)
    form, data = read(view, (*SPECS, *MORE, *questions), sent, SubmitComplaint)
    if not category and str(sent.get("category", "")).strip():
        form.fail(
            view.t("没有这个类别，请从列表中选择。", "There is no such category: choose from the list."), "category"
        )
    return form, body_of(category, data)


def body_of(category: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """The body of `POST /v1/complaints` for the values of the form."""
    body = {name: value for name, value in data.items() if name not in {"answers", "contact", "category"}}
    contact = dict(data.get("contact", {}))
    answers = [
        {"code": code, "value": str(one)}
        for code, value in data.get("answers", {}).items()
        for one in (value if isinstance(value, list) else [value])
    ]
    body |= {"category": category, "receipt_wanted": True}
    if answers:
        body["attributes"] = answers
    if any(contact.get(name) for name in ("name", "phone", "email")):
        body["contact"] = contact
    return body


async def submit(view: View, channel: str, body: Mapping[str, Any], once: str) -> Mapping[str, Any]:
    """Submit for the caller; the answer has the case id and the receipt code. Raises `ServiceProblem`."""
    who = view.acting("channel", channel)
    try:
        answer: Mapping[str, Any] = document(await view.services.post("intake", "/v1/complaints", body, who, once=once))
    except ServiceProblem as problem:
        problem.reasons = [as_field(each) for each in problem.reasons]
        raise
    return answer


def as_field(reason: Reason) -> Reason:
    """The reason with the name of the form's field: answers are `attributes.<code>` in the service."""
    field = reason.field or ""
    return replace(reason, field="answers" + field[10:]) if field.startswith("attributes.") else reason


async def number_of(view: View, channel: str, case_id: str, seconds: float = NUMBER_SECONDS) -> str:
    """The number of the case as soon as it is registered; empty when it is not by then. Raises `ServiceProblem`."""
    until, pause = time.monotonic() + seconds, 0.1
    while True:
        try:
            status = document(
                await view.services.get("intake", f"/v1/complaints/{case_id}", view.acting("channel", channel))
            )
            return str(status["number"])
        except ServiceProblem as problem:
            if problem.status != 404:
                raise
        if time.monotonic() + pause > until:
            return ""
        await asyncio.sleep(pause)
        pause = min(0.8, pause * 1.5)
