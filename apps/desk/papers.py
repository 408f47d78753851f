"""Documents about a unit, and whether a printed paper is genuine."""

from __future__ import annotations

from starlette.responses import Response

from apps.desk.choices import units
from apps.desk.parts import Document, document, part, problems_of
from apps.web.forms import Form, Spec, build, read
from apps.web.services import ServiceProblem
from apps.web.site import Page
from apps.web.view import View

PAPER = (
    Spec("number", "文书编号", "Number of the paper", required=True, most=120, autocomplete="off"),
    Spec("code", "验证码", "Code on it", required=True, most=100, autocomplete="off"),
)
UNIT = (Spec("unit", "单位", "Unit", "select", choices=units, required=True),)


async def papers(view: View) -> Response:
    """Documents about a unit, the own one unless another is chosen; and the form of a paper."""
    return await _page(view, build(view, PAPER, None, {}))


async def verify(view: View) -> Response:
    """Whether the paper is genuine. Number and code are in no address."""
    form, data = read(view, PAPER, await view.form())
    genuine, status = None, 422 if form.faults else 200
    if not form.faults:
        try:
            genuine = document(await view.services.get("notify", "/v1/documents/verify", params=data))
        except ServiceProblem as problem:
            form.refuse(view, problem)
            status = problem.status
    return await _page(view, form, genuine, status)


async def _page(view: View, form: Form, genuine: Document | None = None, status: int = 200) -> Response:
    unit = view.request.query_params.get("unit") or view.unit
    found = await part(lambda: view.get("notify", f"/v1/units/{unit}/documents")) if unit in view.place.units else None
    return view.render(
        "desk/papers.html",
        status,
        unit=unit,
        choice=build(view, UNIT, None, {"unit": unit}),
        found=found.value if found else None,
        problems=problems_of((found,)) if found else [],
        form=form,
        genuine=genuine,
    )


PAGES = (Page("/papers", papers), Page("/papers/verify", papers), Page("/papers/verify", verify, ("POST",)))
