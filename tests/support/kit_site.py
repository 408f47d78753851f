"""A small staff app made of the kit alone: `python -m tests.support.kit_site`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from starlette.responses import JSONResponse, PlainTextResponse, Response

from apps.web.forms import Choice, Spec, build, read
from apps.web.running import serve
from apps.web.services import Services
from apps.web.settings import StaffSettings
from apps.web.site import Link, Page, Site, now
from apps.web.staff import staff_site
from apps.web.view import View


def areas(view: View) -> Sequence[Choice]:
    """Two areas of the place."""
    return [Choice(each.code, view.named("area", each.code)) for each in view.place.document.areas[:2]]


SPECS = (
    Spec("title", "标题", "Title", required=True, most=80, help=("一句话说明。", "One sentence.")),
    Spec("words", "内容", "Words", "area", required=True),
    Spec("area", "区域", "Area", "select", choices=areas),
    Spec("agreed", "已核实", "Checked", "check"),
    Spec("photo", "照片", "Photograph", "file"),
)


async def home(view: View) -> Response:
    """Who has signed in."""
    return view.render("kit/home.html")


async def form(view: View) -> Response:
    """The empty form, or what was typed before the session ended."""
    return view.render("kit/form.html", form=build(view, SPECS))


async def sent(view: View) -> Response:
    """The form with its faults, or the first page with what was sent."""
    found, data = read(view, SPECS, await view.form())
    if found.faults:
        return view.render("kit/form.html", 422, form=found)
    return view.redirect("/", f"收到：{data['words']}", f"Received: {data['words']}")


async def seen(view: View) -> Response:
    """How routing sees who asks: the answer of a route that needs a unit, and what it was asked with."""
    inbox = await view.get("routing", "/v1/inbox", page_size=1)
    return JSONResponse({"inbox": inbox, "unit": view.unit, "post": view.post})


async def broken(_: View) -> Response:
    """A page that fails."""
    raise RuntimeError("of the test")


async def public(_: View) -> Response:
    """A page for everybody."""
    return PlainTextResponse("public")


def build_site(settings: StaffSettings, services: Services | None = None, clock: Callable[[], datetime] = now) -> Site:
    """The app, ready to be served."""
    pages = (
        Page("/", home),
        Page("/form", form),
        Page("/form", sent, ("POST",)),
        Page("/seen", seen),
        Page("/broken", broken),
        Page("/public", public, open=True),
    )
    return staff_site(
        "kit",
        ("试用", "Trial"),
        Path(__file__).parent / "kit",
        settings,
        pages,
        navigation=(Link("/", "首页", "Home", "g h"), Link("/form", "填写", "Form", "g f")),
        services=services,
        clock=clock,
    )


def main() -> None:
    """Serve it."""
    settings = StaffSettings()
    serve(build_site(settings), settings)


if __name__ == "__main__":
    main()
