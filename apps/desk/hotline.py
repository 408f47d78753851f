"""The hotline agent's screen during a call: find the caller's cases, file a complaint, act on a case for the caller."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from apps.desk.choices import category_of, code_names
from apps.desk.evidence import take_attachments
from apps.desk.filing import MORE, empty_form, number_of, question_specs, read_complaint, submit
from apps.desk.hotline_acts import add_for_caller
from apps.desk.hotline_search import Found, alike, channel_of, channels_of, criterion_of, find
from apps.web.forms import Form, build
from apps.web.services import ServiceProblem
from apps.web.site import Link, Page
from apps.web.uploads import FILES_BYTES
from apps.web.view import View

LINK = Link("/hotline", "来电受理", "Calls", "g c", shown=lambda view: bool(channels_of(view)))


async def screen(view: View) -> Response:
    """The screen before anything was looked for."""
    channel = channel_of(view, view.request.query_params.get("channel", ""))
    return _screen(view, channel, empty_form(view))


async def look(view: View) -> Response:
    """The cases that fit what was typed; after a telephone number, the form has it."""
    sent = await view.form()
    channel = channel_of(view, str(sent.get("channel", "")))
    text = str(sent.get("find", "")).strip()[:400]
    if not text:
        return _screen(view, channel, empty_form(view))
    criterion = criterion_of(text)
    given = {"contact.phone": text} if criterion == "telephone" else {}
    form = empty_form(view, given)
    try:
        found = await find(view, channel, {criterion: text})
    except ServiceProblem as problem:
        if problem.away:
            raise
        first = problem.reasons[0] if problem.reasons else problem
        return _screen(view, channel, form, find=text, fault=view.t(first.zh, first.en), status=problem.status)
    return _screen(view, channel, form, find=text, criterion=criterion, found=found)


async def file(view: View) -> Response:
    """Submit the complaint, or attach it to an open case of the caller; answered with number and receipt code."""
    sent = await view.form()
    channel = channel_of(view, str(sent.get("channel", "")))
    form, body = read_complaint(view, sent)
    await take_attachments(view, channel, sent, form, body)
    found = await _cases_of_caller(view, channel, form, body)
    if form.faults:
        return _screen(view, channel, form, found=found, status=422)
    target = str(sent.get("instead", ""))
    similar = alike(found or (), body["category"], body["area"])
    if similar and not target:
        return _screen(view, channel, form, found=found, similar=similar, status=409)
    try:
        if case := next((each for each in similar if each.case_id == target), None):
            return await add_for_caller(view, channel, case, body, form.once)
        accepted = await submit(view, channel, body, form.once)
    except ServiceProblem as problem:
        if problem.away:
            raise
        form.refuse(view, problem)
        return _screen(view, channel, form, found=found, similar=similar, target=target, status=problem.status)
    return await _receipt(view, channel, accepted)


async def _cases_of_caller(view: View, channel: str, form: Form, body: Mapping[str, Any]) -> Sequence[Found] | None:
    """The cases of the telephone number of the form, with a fault beside it where it is none."""
    telephone = body.get("contact", {}).get("phone")
    if not telephone:
        return None
    try:
        return await find(view, channel, {"telephone": telephone})
    except ServiceProblem as problem:
        if problem.away:
            raise
        for each in problem.reasons:
            form.fail(view.t(each.zh, each.en), "contact.phone")
        return None


async def _receipt(view: View, channel: str, accepted: Mapping[str, Any]) -> Response:
    case_id = str(accepted["case_id"])
    number = accepted.get("number") or await number_of(view, channel, case_id)
    code = str(accepted.get("receipt_code") or "")
    groups = " ".join(code[at : at + 4] for at in range(0, len(code), 4))
    return view.render("desk/hotline_receipt.html", case_id=case_id, number=number, receipt=groups)


async def questions(view: View) -> Response:
    """The questions of a category, which the page's script puts into the form."""
    specs = question_specs(view, category_of(view, view.request.query_params.get("category", "")))
    return view.render("desk/hotline_questions.html", fields=build(view, specs).fields, code=code_names(view))


def _screen(
    view: View,
    channel: str,
    form: Form,
    *,
    find: str = "",
    criterion: str = "",
    fault: str = "",
    found: Sequence[Found] | None = None,
    similar: Sequence[Found] = (),
    target: str = "",
    status: int = 200,
) -> Response:
    more = [form[each.name] for each in MORE]
    return view.render(
        "desk/hotline.html",
        status,
        more=more,
        faulty=any(each.fault for each in more),
        channel=channel,
        channels=channels_of(view),
        form=form,
        find=find,
        criterion=criterion,
        fault=fault,
        found=found,
        similar=similar,
        target=target,
        code=code_names(view),
    )


PAGES = (
    Page("/hotline", screen),
    Page("/hotline", look, ("POST",)),
    Page("/hotline/file", screen),
    Page("/hotline/file", file, ("POST",), most_bytes=FILES_BYTES),
    Page("/hotline/questions", questions),
)
