"""Pages for everybody: the first page, what is published, figures, whether a paper is genuine, help."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from apps.citizen.requests import Requests, address_of
from apps.citizen.settings import CitizenSettings
from apps.citizen.words import APPEALS, PUBLICATIONS, limit_words
from apps.web.forms import Spec, build, read
from apps.web.language import name_in
from apps.web.services import ServiceProblem
from apps.web.view import View

PAPER: tuple[Spec, ...] = (
    Spec(
        "number",
        "文书编号",
        "Number of the paper",
        "text",
        ("印在文书右上方", "Printed at its head"),
        required=True,
        most=140,
    ),
    Spec(
        "code", "验证码", "Verification code", "text", ("印在文书末尾", "Printed at its end"), required=True, most=100
    ),
)
TODAY = (
    ("registered", "今日受理", "Registered today"),
    ("assigned", "今日派单", "Assigned today"),
    ("answered", "今日答复", "Answered today"),
    ("rated", "今日评价", "Rated today"),
)


class PublicPages:
    """The handlers."""

    def __init__(self, settings: CitizenSettings, requests: Requests) -> None:
        self._settings = settings
        self._requests = requests

    async def home(self, view: View) -> Response:
        """Three ways: complain, follow a case, see what is published."""
        return view.render("citizen/home.html", hotline=self._settings.citizen_hotline)

    async def help(self, view: View) -> Response:
        """What is taken, limits, privacy, accessibility."""
        names = {code: view.t(*words[0]) for code, words in APPEALS.items()}
        limits = [
            (names.get(each.code) or name_in(view.language, each), limit_words(each.limit))
            for each in view.place.document.appeals
            if each.limit
        ]
        return view.render("citizen/help.html", hotline=self._settings.citizen_hotline, limits=limits)

    async def published(self, view: View) -> Response:
        """Publications that are public now, by kind. Raises `ServiceProblem`."""
        found: list[dict[str, Any]] = (await self._requests.publications.get())["publications"]
        kinds = [
            (code, words, [each for each in found if each["what"] == code]) for code, words in PUBLICATIONS.items()
        ]
        return view.render("citizen/published.html", kinds=kinds)

    async def figures(self, view: View) -> Response:
        """How many cases moved today, and the newest lines of the public screen. Raises `ServiceProblem`."""
        return view.render("citizen/figures.html", board=await self._requests.board.get(), today=TODAY)

    async def paper(self, view: View) -> Response:
        """The form for number and code of a paper."""
        return view.render("citizen/paper.html", form=build(view, PAPER), found=None)

    async def check(self, view: View) -> Response:
        """Whether a paper with this number and code was issued."""
        form, values = read(view, PAPER, await view.form())
        found, status = None, 422
        if not form.faults:
            try:
                found = await self._requests.genuine(str(values["number"]), str(values["code"]), address_of(view))
                status = 200
            except ServiceProblem as problem:
                form.refuse(view, problem)
                status = problem.status
        return view.render("citizen/paper.html", status, form=form, found=found)
