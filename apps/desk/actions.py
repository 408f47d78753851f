"""Commands as forms: each command that a post may give is one `Action`, and all of them share one page.

The page's path is `/cases/<case id>/<action>` for commands about a case and `/do/<action>` for all others. The service
decides; the page waits for its decision and shows the reasons of a refusal beside the fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from apps.desk.action import Action
from apps.desk.clerk_actions import CLERK
from apps.desk.department_actions import DEPARTMENT
from apps.web.forms import Form, build, read
from apps.web.services import ServiceProblem
from apps.web.site import Page
from apps.web.view import View

ACTIONS: Mapping[str, Action] = {each.name: each for each in (*DEPARTMENT, *CLERK)}
"""By their names in paths; each role has a table in a module of its own."""


async def show(view: View) -> Response:
    """The form of an action."""
    action, case_id = _asked(view)
    form = build(view, action.specs, action.model, dict(view.request.query_params))
    return await _page(view, action, case_id, form)


async def take(view: View) -> Response:
    """Send the command, and say what the service decided."""
    action, case_id = _asked(view)
    sent = await view.form()
    form, data = read(view, action.specs, sent, action.model)
    if form.faults:
        return await _page(view, action, case_id, form, 422)
    body: dict[str, Any] = {"type": action.model.TYPE, "data": action.finish(data) if action.finish else data}
    if case_id:
        body["case_id"] = case_id
    seen = str(sent.get("seen", ""))
    headers = {"If-Match": f'"{seen}"'} if seen else None
    try:
        answer = await view.send(action.service, action.path, body, once=form.once, headers=headers)
    except ServiceProblem as problem:
        form.refuse(view, problem)
        return await _page(view, action, case_id, form, problem.status)
    back = action.back.format(case_id=case_id)
    if answer.get("accepted"):
        return view.redirect(back, f"{action.zh}：已完成。", f"{action.en}: done.")
    return view.redirect(
        back,
        f"{action.zh}：已提交，正在处理，结果稍后显示。",
        f"{action.en}: submitted; the outcome will appear shortly.",
    )


async def _page(view: View, action: Action, case_id: str, form: Form, status: int = 200) -> Response:
    case: Mapping[str, Any] | None = None
    if case_id:
        case = await view.get(action.reads, action.read_path.format(case_id=case_id), reason="handling")
    return view.render("desk/action.html", status, action=action, case=case, case_id=case_id, form=form)


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
    Page("/cases/{case_id}/{action}", take, ("POST",)),
    Page("/do/{action}", show),
    Page("/do/{action}", take, ("POST",)),
)
