"""The fields of a complaint, and the submission made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from apps.citizen.words import APPEALS
from apps.web.forms import Choice, Field, Form, Kind, Spec, build
from apps.web.language import name_in
from apps.web.place import Category, Entry, Question
from apps.web.services import ServiceProblem
from apps.web.view import View
from contracts.channel import MAX_ANSWER, MAX_TEXT

NONE, EMAIL, SMS = "none", "email", "sms"
FEW = 6
"""So many answers are shown as buttons to choose from; more are a list."""
_KINDS: Mapping[str, Kind] = {
    "string": "text",
    "text": "area",
    "number": "text",
    "datetime": "datetime-local",
    "multivaluelist": "checks",
}


def appeals(view: View) -> list[Choice]:
    """What a complainant may want, each with what it means."""
    listed: Sequence[Entry] = view.place.document.appeals or tuple(Entry(code=code) for code in APPEALS)
    found = []
    for each in listed:
        name, note = APPEALS.get(each.code, (("", ""), ("", "")))
        found.append(Choice(each.code, view.t(*name) or name_in(view.language, each), view.t(*note)))
    return found


def entries(view: View, listed: Sequence[Entry]) -> list[Choice]:
    """A tree as a list, indented by depth."""
    return [
        Choice(each.code, "　" * depth + name_in(view.language, each) or each.code)
        for depth, each in view.place.tree(listed)
    ]


def ways(view: View) -> list[Choice]:
    """How the complainant wants to be notified."""
    return [
        Choice(
            NONE, view.t("不留联系方式", "No contact"), view.t("凭编号和查询码查询", "use the number and receipt code")
        ),
        Choice(EMAIL, view.t("发送电子邮件", "By e-mail")),
        Choice(SMS, view.t("发送短信", "By text message")),
    ]


FIELDS: tuple[Spec, ...] = (
    Spec(
        "appeal", "您要做什么", "What do you want to do", "radio", choices=appeals, required=True, default="complaint"
    ),
    Spec(
        "category",
        "事项类别",
        "Category",
        "select",
        choices=lambda view: entries(view, view.place.document.categories),
        required=True,
    ),
    Spec(
        "area",
        "所在区域",
        "Area",
        "select",
        choices=lambda view: entries(view, view.place.document.areas),
        required=True,
    ),
    Spec(
        "text",
        "事情经过",
        "What happened",
        "area",
        ("何时、何地、发生了什么，希望怎样解决。", "When, where, what, and what you wish to be done."),
        required=True,
        rows=6,
        most=MAX_TEXT,
    ),
    Spec(
        "address",
        "具体地点",
        "Exact place",
        "text",
        ("如：人民路 12 号院 3 号楼旁。", "Such as: beside building 3, 12 Renmin Road."),
        most=300,
    ),
)
WHOM: tuple[Spec, ...] = (
    Spec(
        "about",
        "反映哪个单位或其工作人员",
        "Unit complained about",
        "select",
        ("这一单位不会办理本件诉求。", "This unit will not handle your case."),
        choices=lambda view: [Choice(each.id, name_in(view.language, each)) for each in view.place.document.units],
        empty=("不针对某个单位", "No particular unit"),
    ),
    Spec(
        "confidential",
        "请为我保密：不让被反映单位知道是谁反映的",
        "Keep me confidential: the unit complained about must not learn who I am",
        "check",
    ),
)
CONTACT: tuple[Spec, ...] = (
    Spec("told", "怎样把结果告诉您", "How to tell you", "radio", choices=ways, required=True, default=NONE),
    Spec("contact.name", "称呼", "Your name", "text", most=100, autocomplete="name"),
    Spec("contact.email", "电子邮箱", "E-mail", "email", most=254, autocomplete="email", inputmode="email"),
    Spec("contact.phone", "手机号码", "Mobile number", "tel", most=40, autocomplete="tel", inputmode="tel"),
)
PHOTOS = Field("attachments", "file", "")


@dataclass(frozen=True)
class Asked:
    """The questions of one category, as fields."""

    category: str
    fields: tuple[Field, ...]


def question_specs(category: Category, *, required: bool = True) -> list[Spec]:
    """The questions of a category."""
    return [question_spec(f"attributes.{category.code}", each, required=required) for each in category.questions]


def question_spec(prefix: str, question: Question, *, required: bool) -> Spec:
    """The field of a question."""
    kind = _KINDS.get(question.datatype, "radio" if len(question.values) <= FEW else "select")
    return Spec(
        f"{prefix}.{question.code}",
        question.zh,
        question.en,
        kind,
        choices=(lambda view: [Choice(v.key, name_in(view.language, v)) for v in question.values])
        if question.values
        else None,
        required=question.required and required,
        most=MAX_ANSWER if kind in {"text", "area"} else None,
        rows=3,
        inputmode="decimal" if question.datatype == "number" else "",
    )


def specs(category: Category | None) -> list[Spec]:
    """All fields that count for a complaint of this category."""
    return [*FIELDS, *(question_specs(category) if category else ()), *WHOM, *CONTACT]


def questions(view: View, form: Form, given: Any = None) -> list[Asked]:
    """The questions of every category that has some; those of the form's category are the form's own fields."""
    found = []
    own = {each.name: each for each in form.fields}
    for category in view.place.document.categories:
        if category.questions:
            fields = build(view, question_specs(category), given=given).fields
            found.append(Asked(category.code, tuple(own.get(each.name, each) for each in fields)))
    return found


def check_contact(view: View, form: Form, values: Mapping[str, Any]) -> None:
    """Record that the address is missing for the way that was chosen."""
    contact = values.get("contact", {})
    if values.get("told") == EMAIL and not contact.get("email"):
        form.fail(view.t("请填写电子邮箱。", "The e-mail address is missing."), "contact.email")
    if values.get("told") == SMS and not contact.get("phone"):
        form.fail(view.t("请填写手机号码。", "The mobile number is missing."), "contact.phone")


def submission(view: View, values: Mapping[str, Any], files: Sequence[str]) -> dict[str, Any]:
    """The body of `POST /v1/complaints`."""
    body = {name: values[name] for name in ("appeal", "category", "area", "text", "address", "about") if name in values}
    body["receipt_wanted"] = True
    body["title"] = view.place.named("category", str(values.get("category", "")), "zh")
    if values.get("confidential"):
        body["confidential"] = True
    if answers := answers_of(values.get("attributes", {}).get(values.get("category"), {})):
        body["attributes"] = answers
    if values.get("told") in {EMAIL, SMS}:
        way = values["told"]
        reply_by = EMAIL if way == EMAIL else "channel"
        body["contact"] = {
            **values.get("contact", {}),
            "reply_by": reply_by,
            "ways": [way],
            "language": view.language,
        }
    if files:
        body["attachments"] = [{"file_id": each} for each in files]
    return body


def answers_of(given: Mapping[str, Any]) -> list[dict[str, str]]:
    """Answers by question as `attributes`; several answers of one question are an entry each."""
    return [
        {"code": code, "value": str(one)}
        for code, value in given.items()
        for one in (value if isinstance(value, list) else [value])
    ]


def beside_fields(problem: ServiceProblem, category: str) -> ServiceProblem:
    """The problem with the paths of the form: `attributes.CODE` is a question of the category."""
    reasons = tuple(
        replace(each, field=f"attributes.{category}.{each.field.partition('.')[2]}")
        if each.field and each.field.startswith("attributes.")
        else each
        for each in problem.reasons
    )
    return replace(problem, reasons=reasons)
