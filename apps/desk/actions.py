"""Commands as forms: each command that a post may give is one `Action`, and all of them share one page.

The page's path is `/cases/<case id>/<action>` for commands about a case and `/do/<action>` for all others. The service
decides; the page waits for its decision and shows the reasons of a refusal beside the fields. The form holds the
version of the case that the person saw: where another post has acted since, the page lists what it did, and sends
the form only when it is submitted again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from apps.desk.action import Action, FieldFaultError
from apps.desk.assessment_actions import ASSESSMENT
from apps.desk.centre_actions import CENTRE
from apps.desk.changes import Change, changes_of
from apps.desk.clerk_actions import CLERK
from apps.desk.department_actions import DEPARTMENT
from apps.desk.evidence import EVIDENCE, take_evidence
from apps.desk.files import IMAGES
from apps.desk.finding_actions import FINDING
from apps.desk.inspection_actions import INSPECTION
from apps.desk.joint_actions import JOINT
from apps.desk.measure_actions import MEASURE
from apps.desk.parts import document
from apps.desk.publicity_actions import PUBLICITY
from apps.desk.replies import replies_for
from apps.desk.superior_actions import SUPERIOR
from apps.desk.survey_actions import SURVEY
from apps.web import words
from apps.web.forms import Form, Spec, build, read
from apps.web.services import ServiceProblem
from apps.web.site import Page
from apps.web.uploads import FILES_BYTES
from apps.web.view import View

OVERSIGHT = (*FINDING, *MEASURE, *INSPECTION, *SURVEY, *ASSESSMENT, *PUBLICITY)
ACTIONS: Mapping[str, Action] = {
    each.name: each for each in (*DEPARTMENT, *JOINT, *SUPERIOR, *CENTRE, *CLERK, *OVERSIGHT)
}
"""By their names in paths; each role has a table in a module of its own."""
CONFLICT = 409


async def show(view: View) -> Response:
    """The form of an action."""
    action, case_id = _asked(view)
    case = await _case(view, action, case_id)
    form = build(view, await _specs(view, action, case), action.model, _given(view))
    return await _page(view, action, case, form)


async def take(view: View) -> Response:
    """Send the command, and show what the service decided."""
    action, case_id = _asked(view)
    sent = await view.form()
    case = await _case_if_there(view, action, case_id) if action.only else None
    form, data = read(view, await _specs(view, action, case), sent, action.model)
    seen = str(sent.get("seen-version", ""))
    if any(each is EVIDENCE for each in action.specs):
        await take_evidence(view, case_id, sent, form, data)
    if not form.faults and action.finish:
        try:
            data = action.finish(data)
        except FieldFaultError as fault:
            form.fail(view.t(fault.zh, fault.en), fault.name)
    if form.faults:
        return await _page(view, action, case or await _case_if_there(view, action, case_id), form, 422, seen=seen)
    body: dict[str, Any] = {"type": action.model.TYPE, "data": data}
    if case_id:
        body["case_id"] = case_id
    headers = {"If-Match": f'"{seen}"'} if seen.isdigit() and "anyway" not in sent else None
    try:
        answer = await view.send(action.service, action.path, body, once=form.once, headers=headers)
    except ServiceProblem as problem:
        return await _refused(view, action, case_id, form, problem, seen)
    back = _address(action.after or action.back, case_id, form)
    if answer.get("accepted"):
        return view.redirect(back, f"{action.zh}：已完成。", f"{action.en}: done.")
    return view.redirect(
        back,
        f"{action.zh}：已提交，正在处理，结果稍后显示。",
        f"{action.en}: submitted; the outcome will appear shortly.",
    )


async def _refused(
    view: View, action: Action, case_id: str, form: Form, problem: ServiceProblem, seen: str
) -> Response:
    """The form again, with the reasons and with what others have done meanwhile."""
    form.refuse(view, problem)
    changes = changes_of(view, problem.document.get("since") or ())
    case = await _case_if_there(view, action, case_id)
    return await _page(view, action, case, form, problem.status, seen=seen, changes=changes)


async def _page(
    view: View,
    action: Action,
    case: Mapping[str, Any] | None,
    form: Form,
    status: int = 200,
    *,
    seen: str = "",
    changes: list[Change] | None = None,
) -> Response:
    values = {each.name: each.value for each in form.fields}
    version = seen or str(case.get("version", "") if case else "")
    return view.render(
        action.template,
        status,
        action=action,
        case=case,
        case_id=view.request.path_params.get("case_id", ""),
        form=form,
        seen=version,
        changes=changes or [],
        conflict=status == CONFLICT,
        words=words,
        images=IMAGES,
        replies=replies_for(view, case) if action.replies and case else [],
        back=_address(action.back, view.request.path_params.get("case_id", ""), form),
        **(await action.beside(view, values) if action.beside else {}),
    )


async def _specs(view: View, action: Action, case: Mapping[str, Any] | None) -> tuple[Spec, ...]:
    """The fields of this case, with what services list for them."""
    specs = action.specs_for(case)
    return await action.fill(view, specs) if action.fill else specs


def _given(view: View) -> dict[str, Any]:
    """Values of the query; a name that is given several times has all of them."""
    query = view.request.query_params
    return {name: found if len(found := query.getlist(name)) > 1 else found[0] for name in query}


def _address(pattern: str, case_id: str, form: Form) -> str:
    """A page of the case, or of what the values of the form name."""
    values = {each.name: quote(each.value, safe="") for each in form.fields}
    return pattern.format_map({**values, "case_id": case_id})


async def _case(view: View, action: Action, case_id: str) -> Mapping[str, Any] | None:
    if not case_id:
        return None
    found = await view.get(action.reads, action.read_path.format(case_id=case_id), reason="handling")
    shown: Mapping[str, Any] = document(found)
    return shown


async def _case_if_there(view: View, action: Action, case_id: str) -> Mapping[str, Any] | None:
    """The case beside a form that was sent: without it, the form is shown all the same."""
    try:
        return await _case(view, action, case_id)
    except ServiceProblem:
        return None


def _asked(view: View) -> tuple[Action, str]:
    """The action and case of the path. Raises `ServiceProblem` where there is no such action."""
    name = view.request.path_params["action"]
    case_id = view.request.path_params.get("case_id", "")
    action = ACTIONS.get(name)
    if action is None or action.about_case != bool(case_id):
        raise ServiceProblem(404, "not-found", "没有这个操作。", "There is no such action.")
    return action, case_id


PAGES = (
    Page("/cases/{case_id}/{action}", show),
    Page("/cases/{case_id}/{action}", take, ("POST",), most_bytes=FILES_BYTES),
    Page("/do/{action}", show),
    Page("/do/{action}", take, ("POST",)),
)
