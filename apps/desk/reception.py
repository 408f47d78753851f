"""The reception of a centre (受理): the held queue, a held case, and the erasure of an identity."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from apps.desk.choices import HOLDS, answers_of, code_names
from apps.desk.clerk_actions import CLERK
from apps.desk.parts import document
from apps.web.forms import Spec, build, read
from apps.web.services import Service, ServiceProblem
from apps.web.site import Link, Page, Site
from apps.web.view import View, page_number
from contracts.clerking import EraseIdentity, MergeCase
from contracts.message import Command
from contracts.typed_codes import read_number


def is_centre(view: View) -> bool:
    """Whether the post's unit is a centre with a reception and a dispatcher."""
    unit = view.place.units.get(view.unit)
    return unit is not None and unit.dispatches


LINK = Link("/reception", "受理", "Reception", "g r", shown=is_centre)
NUMBER = (
    Spec(
        "number",
        "输入案件编号以确认",
        "Type the number of the case to confirm",
        "text",
        help=("删除后无法恢复。", "What is erased cannot be restored."),
        required=True,
        autocomplete="off",
        most=40,
    ),
)


async def queue(view: View) -> Response:
    """Held cases, the oldest first."""
    hold = view.request.query_params.get("hold", "")
    page = page_number(view.request.query_params)
    wanted = hold if hold in HOLDS else None
    found = document(await view.get("intake", "/v1/reception", hold=wanted, page=page, page_size=50))
    return view.render("desk/reception.html", held=found, hold=hold, holds=HOLDS, page=page, code=code_names(view))


async def case(view: View) -> Response:
    """One case of the centre, with what its clerk may do now."""
    case_id = view.request.path_params["case_id"]
    found = document(await view.get("intake", f"/v1/reception/{case_id}", reason="reception"))
    acts = [each for each in CLERK if each.is_offered(found)]
    return view.render(
        "desk/reception_case.html",
        case=found,
        case_id=case_id,
        acts=acts,
        answers=answers_of(view, found),
        can_merge=is_possible(found, MergeCase),
        can_erase=is_possible(found, EraseIdentity),
        code=code_names(view),
    )


def is_possible(case: Mapping[str, Any], command: type[Command]) -> bool:
    """Whether the service would accept such a command of this post now."""
    return any(each["type"] == command.TYPE and not each["why_not"] for each in case["can"] or ())


async def confirm_erasure(view: View) -> Response:
    """The form that erases who the complainant is."""
    return await _erasure(view)


async def erase(view: View) -> Response:
    """Erase it, if the number that was typed is that of the case."""
    case_id = view.request.path_params["case_id"]
    sent = await view.form()
    form, data = read(view, NUMBER, sent)
    found = document(await view.get("intake", f"/v1/reception/{case_id}", reason="reception"))
    if not form.faults and read_number(data["number"]) != found["number"]:
        form.fail(view.t("与案件编号不一致。", "This is not the number of the case."), "number")
    if not form.faults:
        try:
            body = {"type": EraseIdentity.TYPE, "case_id": case_id, "data": {}}
            answer = await view.send("intake", "/v1/clerking", body, once=form.once)
        except ServiceProblem as problem:
            if problem.away:
                raise
            form.refuse(view, problem)
            return view.render(
                "desk/erase.html", problem.status, case=found, case_id=case_id, form=form, code=code_names(view)
            )
        done = ("个人信息已删除。", "The identity is erased.")
        later = ("删除已提交，结果稍后显示。", "The erasure is submitted; the outcome will appear shortly.")
        return view.redirect(f"/reception/{case_id}", *(done if answer.get("accepted") else later))
    return view.render("desk/erase.html", 422, case=found, case_id=case_id, form=form, code=code_names(view))


async def _erasure(view: View) -> Response:
    case_id = view.request.path_params["case_id"]
    found = document(await view.get("intake", f"/v1/reception/{case_id}", reason="reception"))
    return view.render("desk/erase.html", case=found, case_id=case_id, form=build(view, NUMBER), code=code_names(view))


async def attachment(view: View) -> Response:
    """A stored file of such a case, as a download."""
    params = view.request.path_params
    path = f"/v1/reception/{params['case_id']}/attachments/{params['file_id']}"
    found = await view.services.request("GET", "intake", path, view.who, reason="reception")
    headers = {"Content-Disposition": found.headers.get("content-disposition", "attachment")}
    return Response(found.content, media_type=found.headers.get("content-type"), headers=headers)


def events(site: Callable[[], Site]) -> Route:
    """`/reception/events`: hints that something at the reception of the unit has changed."""
    return Route("/reception/events", hints(site, "intake", "/v1/reception/changes"))


def hints(site: Callable[[], Site], service: Service, path: str) -> Callable[[Request], Awaitable[Response]]:
    """The handler of a stream of hints that follows a stream of a service, shared by the unit's browsers."""

    async def stream(request: Request) -> Response:
        try:
            view = await site().view(request)
        except ServiceProblem as problem:
            return PlainTextResponse(problem.en, problem.status)
        if view.session is None:
            return PlainTextResponse("signed out", 401)
        who = view.who
        return site().live.response(
            request, (path, view.unit), lambda headers: site().services.stream(service, path, who, headers=headers)
        )

    return stream


PAGES = (
    Page("/reception", queue),
    Page("/reception/{case_id}", case),
    Page("/reception/{case_id}/erase", confirm_erasure),
    Page("/reception/{case_id}/erase", erase, ("POST",)),
    Page("/reception/{case_id}/attachments/{file_id}", attachment),
)
