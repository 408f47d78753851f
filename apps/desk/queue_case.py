"""One case of the dispatcher: dispatch with co-handlers, ruling after a consultation, approval, reassignment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from apps.desk.names import code_names, units
from apps.desk.queue import WHY
from apps.web.forms import Form, Spec, build, read
from apps.web.services import ServiceProblem
from apps.web.site import Page
from apps.web.view import View
from contracts.handling import ApproveDispatch, DispatchCase, ReassignCase

TO = Spec("to", "派往单位", "Unit", "select", choices=units)
CONSULTATION = (
    Spec(
        "consultation.participants",
        "参加会商的单位",
        "Units that took part",
        "checks",
        choices=units,
        help=("退过单的单位必须参加。", "Every unit that returned the case has to be among them."),
        required=False,
    ),
    Spec("consultation.held_on", "会商日期", "Date of the consultation", "date", required=False),
    Spec(
        "consultation.minutes",
        "会商纪要",
        "Minutes",
        "area",
        rows=8,
        help=("各单位意见和裁定理由。", "The units' positions and the reason for the ruling."),
        required=False,
    ),
)
DISPATCH = (TO, Spec("co_handlers", "协办单位", "Co-handlers", "checks", choices=units, required=False))
RULING = (TO, *CONSULTATION)
REASSIGN = (TO, Spec("reason", "改派理由", "Reason", "area", rows=3))
APPROVAL = (Spec("reason", "意见", "Reason", "area", rows=3, help=("不同意时必填。", "Needed for a rejection.")),)


async def case(view: View) -> Response:
    """The case with the forms that fit it."""
    return await _page(view)


async def dispatch(view: View) -> Response:
    """Send it to a unit, with co-handlers."""
    form, data = read(view, DISPATCH, await view.form(), DispatchCase)
    return await _send(view, "dispatch", form, DispatchCase.TYPE, data, ("已派单。", "Dispatched."))


async def rule(view: View) -> Response:
    """Send it by a binding ruling, with the consultation on which it rests."""
    form, data = read(view, RULING, await view.form(), DispatchCase)
    for name in ("participants", "minutes"):
        if name not in data.get("consultation", {}):
            each = form[f"consultation.{name}"]
            form.fail(view.t(f"请填写“{each.label}”。", f"“{each.label}” is missing."), each.name)
    ruling = {**data, "binding": True}
    return await _send(view, "rule", form, DispatchCase.TYPE, ruling, ("已裁定派单。", "Dispatched by ruling."))


async def approve(view: View) -> Response:
    """Approve or reject what another post, or a rule, has proposed."""
    sent = await view.form()
    form, data = read(view, APPROVAL, sent, ApproveDispatch)
    approved = sent.get("approved") == "true"
    if not approved and not data.get("reason"):
        form.fail(view.t("不同意时请写明意见。", "Give the reason of a rejection."), "reason")
    done = (
        ("已同意，案件已派出。", "Approved and sent.") if approved else ("已退回派单。", "Sent back to the dispatcher.")
    )
    return await _send(view, "approve", form, ApproveDispatch.TYPE, {"approved": approved, **data}, done)


async def reassign(view: View) -> Response:
    """Take it from the unit that has it and ask another."""
    form, data = read(view, REASSIGN, await view.form(), ReassignCase)
    return await _send(view, "reassign", form, ReassignCase.TYPE, data, ("已改派。", "Reassigned."))


async def _send(
    view: View, act: str, form: Form, type: str, data: Mapping[str, Any], done: tuple[str, str]
) -> Response:
    if form.faults:
        return await _page(view, {act: form}, 422)
    case_id = view.request.path_params["case_id"]
    body = {"type": type, "case_id": case_id, "data": data}
    try:
        answer = await view.send("routing", "/v1/commands", body, once=form.once)
    except ServiceProblem as problem:
        if problem.away:
            raise
        form.refuse(view, problem)
        return await _page(view, {act: form}, problem.status)
    if answer.get("accepted"):
        return view.redirect("/queue", *done)
    return view.redirect(f"/queue/{case_id}", "已提交，结果稍后显示。", "Submitted; the outcome will appear shortly.")


async def _page(view: View, sent: Mapping[str, Form] | None = None, status: int = 200) -> Response:
    case_id = view.request.path_params["case_id"]
    found = await view.get("routing", f"/v1/cases/{case_id}", reason="dispatch")
    suggested = await _suggested(view, case_id) if found["stage"] == "queued" else []
    forms = {**_forms(view, found), **(sent or {})}
    return view.render(
        "desk/queue_case.html",
        status,
        case=found,
        case_id=case_id,
        suggested=suggested,
        forms=forms,
        faults=[fault for form in forms.values() for fault in form.faults],
        why=WHY,
        own_proposal=is_own_proposal(view.post, found),
        code=code_names(view),
    )


def is_own_proposal(post: str, case: Mapping[str, Any]) -> bool:
    """Whether this post made the proposal, so that another has to approve it."""
    proposal = case.get("proposal") or {}
    return bool(post) and proposal.get("by") == post


def _forms(view: View, case: Mapping[str, Any]) -> dict[str, Form]:
    """The forms that fit the stage of the case."""
    centre = case["centre"] == view.unit
    if not centre:
        return {}
    match case["stage"]:
        case "queued" | "proposed":
            parties = [each for each in case["refusers"] if each != case["centre"]]
            forms = {
                "dispatch": build(view, DISPATCH, DispatchCase),
                "rule": build(view, RULING, DispatchCase, {"consultation.participants": parties}),
            }
            own = is_own_proposal(view.post, case)
            with_approval = case["stage"] == "proposed" and not own
            return {**({"approve": build(view, APPROVAL, ApproveDispatch)} if with_approval else {}), **forms}
        case "offered" | "signed" | "suspended":
            return {"reassign": build(view, REASSIGN, ReassignCase)}
        case _:
            return {}


async def _suggested(view: View, case_id: str) -> list[Mapping[str, Any]]:
    """The ranked units, which only the queue has."""
    queue = await view.get("routing", "/v1/queue", page_size=200)
    return next((each["suggested"] for each in queue["cases"] if each["case_id"] == case_id), [])


PAGES = (
    Page("/queue/{case_id}", case),
    *(
        Page(f"/queue/{{case_id}}/{name}", handle, methods)
        for name, take in (("dispatch", dispatch), ("rule", rule), ("approve", approve), ("reassign", reassign))
        for handle, methods in ((case, ("GET",)), (take, ("POST",)))
    ),
)
