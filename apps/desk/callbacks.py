"""Call-backs (回访): answered cases of the channel that are not rated yet, and a record of each attempt."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from starlette.datastructures import FormData
from starlette.responses import Response

from apps.desk.choices import OUTCOMES, YES_NO, code_names, coded
from apps.desk.hotline_search import channel_of, channels_of
from apps.desk.parts import document
from apps.web.forms import Form, Spec, build, read
from apps.web.services import ServiceProblem
from apps.web.site import Link, Page
from apps.web.view import View, page_number
from apps.web.words import SATISFACTION
from contracts.channel import RecordCallback

LINK = Link("/callbacks", "回访", "Call-backs", "g b", shown=lambda view: bool(channels_of(view)))
PAGE_SIZE = 25
DAYS = 30
"""Answers older than this are not listed: a call-back ends after so long."""
SPECS = (
    Spec("outcome", "通话结果", "Result of the call", labels=OUTCOMES),
    Spec("satisfaction", "满意度（按来电人口头答复）", "Satisfaction, by word of mouth", labels=SATISFACTION),
    Spec("solved", "问题是否解决", "Whether it is solved", "radio", choices=coded(YES_NO)),
    Spec("note", "记录", "Note", "area", rows=3, help=("个人信息会被遮盖。", "Personal details are masked.")),
)


@dataclass(frozen=True, slots=True)
class Due:
    """An answered case to call back about, with the attempts so far."""

    case: Mapping[str, Any]
    attempts: Sequence[Mapping[str, Any]] = ()
    ended: bool = False
    """Whether it must not be called again."""


def with_course(case: Mapping[str, Any], steps: Sequence[Mapping[str, Any]]) -> Due:
    """The attempts since the latest answer, from the course of the case."""
    due = Due(case)
    for step in steps:
        if step["event"] in {"case.closed", "case.reopened"}:
            due = Due(case)
        elif step["event"] == "callback.recorded":
            due = replace(due, attempts=(*due.attempts, {**step["details"], "at": step["at"]}))
        elif step["event"] == "callback.ended":
            due = replace(due, ended=True)
    return due


async def listed(view: View) -> Response:
    """Cases to call back about, those answered first at the top."""
    channel = channel_of(view, view.request.query_params.get("channel", ""))
    page = page_number(view.request.query_params)
    since = (view.site.clock().astimezone(view.place.zone) - timedelta(days=DAYS)).date()
    asked = {"stage": ["closed"], "rated": False, "closed_from": since.isoformat(), "sort": "updated", "order": "asc"}
    body = {**asked, "page": page, "page_size": PAGE_SIZE}
    found = document(await view.services.post("intake", "/v1/cases/search", body, view.acting("channel", channel)))
    every = await asyncio.gather(*(_with_attempts(view, case) for case in found["cases"]))
    return view.render(
        "desk/callbacks.html",
        channel=channel,
        channels=channels_of(view),
        due=[each for each in every if not each.ended],
        page=page,
        more=found["next_page"] is not None,
        code=code_names(view),
    )


async def _with_attempts(view: View, case: Mapping[str, Any]) -> Due:
    """With its attempts, where the agent's unit may see the course of the case."""
    try:
        course = document(await view.get("intake", f"/v1/cases/{case['case_id']}/timeline", reason="callback"))
    except ServiceProblem as problem:
        if problem.away:
            raise
        return Due(case)
    return with_course(case, course["steps"])


async def show(view: View) -> Response:
    """The form of an attempt, beside the answer that it is about."""
    return await _page(view, build(view, SPECS, RecordCallback))


async def take(view: View) -> Response:
    """Record the attempt; the next case to call comes back."""
    sent = await view.form()
    form, data = read_record(view, sent)
    if form.faults:
        return await _page(view, form, 422)
    channel, case_id = channel_of(view, str(sent.get("channel", ""))), view.request.path_params["case_id"]
    path, who = f"/v1/complaints/{case_id}/callback", view.acting("channel", channel)
    try:
        answer = document(await view.services.post("intake", path, data, who, once=form.once, wait=5))
    except ServiceProblem as problem:
        if problem.away:
            raise
        form.refuse(view, problem)
        return await _page(view, form, problem.status)
    if answer.get("accepted"):
        return view.redirect("/callbacks", "回访已记录。", "The call-back is recorded.")
    return view.redirect(
        "/callbacks", "回访已提交，稍后从列表中消失。", "The call-back is submitted and leaves the list shortly."
    )


def read_record(view: View, sent: FormData) -> tuple[Form, dict[str, Any]]:
    """The form that was sent: a rating belongs to a call that was answered, and to no other."""
    form, data = read(view, SPECS, sent, RecordCallback)
    if data.get("outcome") == "reached":
        for name in ("satisfaction", "solved"):
            if name not in data:
                form.fail(view.t("接通后请记录这一项。", "Needed where the person was reached."), name)
    elif "satisfaction" in data or "solved" in data:
        form.fail(view.t("没有接通时不能记录评价。", "Only a person who was reached can rate."), "outcome")
    return form, data


async def _page(view: View, form: Form, status: int = 200) -> Response:
    case_id = view.request.path_params["case_id"]
    for channel in channels_of(view):
        path = f"/v1/complaints/{case_id}"
        try:
            case = document(await view.services.get("intake", path, view.acting("channel", channel), reason="callback"))
        except ServiceProblem as problem:
            if problem.status == 404:
                continue
            raise
        return view.render(
            "desk/callback.html", status, case=case, case_id=case_id, channel=channel, form=form, code=code_names(view)
        )
    raise ServiceProblem(404, "not-found", "您的渠道没有这个工单。", "Your channel has no such case.")


PAGES = (
    Page("/callbacks", listed),
    Page("/callbacks/{case_id}", show),
    Page("/callbacks/{case_id}", take, ("POST",)),
)
