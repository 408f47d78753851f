"""One case of the dispatcher: dispatch with co-handlers, ruling after a consultation, approval, reassignment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.datastructures import FormData
from starlette.responses import Response

from apps.desk.changes import Change, changes_of
from apps.desk.choices import code_names, units
from apps.desk.parts import document
from apps.desk.reception import is_possible
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

DISPATCHED = (
    "已派单；需要审批的，审批后派出。",
    "Dispatched; where the place wants an approval, it goes out once approved.",
)


async def case(view: View) -> Response:
    """The case with the forms that fit it."""
    return await _page(view)


async def dispatch(view: View) -> Response:
    """Send it to a unit, with co-handlers."""
    sent = await view.form()
    form, data = read(view, DISPATCH, sent, DispatchCase)
    return await _send(view, sent, "dispatch", form, DispatchCase.TYPE, data, DISPATCHED)


async def rule(view: View) -> Response:
    """Send it by a binding ruling, with the consultation on which it rests."""
    sent = await view.form()
    form, data = read(view, RULING, sent, DispatchCase)
    for name in ("participants", "minutes"):
        if name not in data.get("consultation", {}):
            each = form[f"consultation.{name}"]
            form.fail(view.t(f"请填写“{each.label}”。", f"“{each.label}” is missing."), each.name)
    ruling = {**data, "binding": True}
    return await _send(view, sent, "rule", form, DispatchCase.TYPE, ruling, ("已裁定派单。", "Dispatched by ruling."))


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
    return await _send(view, sent, "approve", form, ApproveDispatch.TYPE, {"approved": approved, **data}, done)


async def reassign(view: View) -> Response:
    """Take it from the unit that has it and ask another."""
    sent = await view.form()
    form, data = read(view, REASSIGN, sent, ReassignCase)
    return await _send(view, sent, "reassign", form, ReassignCase.TYPE, data, ("已改派。", "Reassigned."))


async def _send(
    view: View,
    sent: FormData,
    act: str,
    form: Form,
    type: str,
    data: Mapping[str, Any],
    done: tuple[str, str],
) -> Response:
    """Send the command for the version of the case that the page showed; a conflict shows what others did."""
    seen = str(sent.get("seen", ""))
    if form.faults:
        return await _page(view, {act: form}, 422, seen=seen)
    case_id = view.request.path_params["case_id"]
    body = {"type": type, "case_id": case_id, "data": data}
    headers = {"If-Match": f'"{seen}"'} if seen.isdigit() else None
    try:
        answer = await view.send("routing", "/v1/commands", body, once=form.once, headers=headers)
    except ServiceProblem as problem:
        if problem.away:
            raise
        form.refuse(view, problem)
        changes = changes_of(view, problem.document.get("since") or ())
        return await _page(view, {act: form}, problem.status, changes=changes)
    if answer.get("accepted"):
        return view.redirect("/queue", *done)
    return view.redirect(f"/queue/{case_id}", "已提交，结果稍后显示。", "Submitted; the outcome will appear shortly.")


async def _page(
    view: View,
    sent: Mapping[str, Form] | None = None,
    status: int = 200,
    *,
    seen: str = "",
    changes: Sequence[Change] = (),
) -> Response:
    """The case as it is now. After a conflict its forms are for the new version: the person decides again."""
    case_id = view.request.path_params["case_id"]
    found = document(await view.get("routing", f"/v1/cases/{case_id}", reason="dispatch"))
    suggested = await _suggested(view, case_id) if found["stage"] == "queued" else []
    forms = {**_forms(view, found), **(sent or {})}
    return view.render(
        "desk/queue_case.html",
        status,
        case=found,
        case_id=case_id,
        seen=seen or found["version"] or "",
        changes=changes,
        suggested=suggested,
        forms=forms,
        faults=[fault for form in forms.values() for fault in form.faults],
        own_proposal=is_own_proposal(view.post, found),
        code=code_names(view),
    )


def is_own_proposal(post: str, case: Mapping[str, Any]) -> bool:
    """Whether this post made the proposal, so that another has to approve it."""
    proposal = case.get("proposal") or {}
    return bool(post) and proposal.get("by") == post


def _forms(view: View, case: Mapping[str, Any]) -> dict[str, Form]:
    """The forms of the commands that the service would accept now."""
    forms = {}
    if is_possible(case, ApproveDispatch):
        forms["approve"] = build(view, APPROVAL, ApproveDispatch)
    if is_possible(case, DispatchCase) and case["stage"] in {"queued", "proposed"}:
        parties = [each for each in case["refusers"] if each != case["centre"]]
        forms["dispatch"] = build(view, DISPATCH, DispatchCase)
        forms["rule"] = build(view, RULING, DispatchCase, {"consultation.participants": parties})
    if is_possible(case, ReassignCase):
        forms["reassign"] = build(view, REASSIGN, ReassignCase)
    return forms


async def _suggested(view: View, case_id: str) -> list[Mapping[str, Any]]:
    """The ranked units, which only the queue has."""
    queue = document(await view.get("routing", "/v1/queue", page_size=200))
    return next((each["suggested"] for each in queue["cases"] if each["case_id"] == case_id), [])


PAGES = (
    Page("/queue/{case_id}", case),
    *(
        Page(f"/queue/{{case_id}}/{name}", handle, methods)
        for name, take in (("dispatch", dispatch), ("rule", rule), ("approve", approve), ("reassign", reassign))
        for handle, methods in ((case, ("GET",)), (take, ("POST",)))
    ),
)
