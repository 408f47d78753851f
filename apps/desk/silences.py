"""Cases that lack something past its limit (件件有回音、事事有着落), and what to do about each."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from starlette.responses import Response

from apps.desk.parts import document
from apps.web.services import ServiceProblem
from apps.web.site import Page
from apps.web.view import View
from apps.web.words import Names

WHAT: Names = {
    "acknowledgement": ("没有告知诉求人已受理", "no acknowledgement"),
    "owner": ("没有承办单位", "no responsible unit"),
    "deadline": ("没有办理时限", "no limit"),
    "answer": ("到期没有答复", "no answer"),
    "reply": ("答复没有送达诉求人", "answer not delivered"),
}
ADVICE: Mapping[str, tuple[str, str]] = {
    "acknowledgement": (
        "回执没有发出：查看“没有送达的通知”并重发，或由渠道直接告知诉求人。",
        "The receipt did not go out: see the notices not delivered and send it again, or inform by the channel.",
    ),
    "owner": ("尚未派单：在派单队列中派往承办单位。", "It was not dispatched: send it to a unit from the queue."),
    "deadline": (
        "时限没有算出：检查考核服务是否运行；恢复后会自动补上。",
        "No limit was calculated: check whether the scoring service runs; it is added once it does.",
    ),
    "answer": (
        "催办承办单位；必要时改派或由上级督办。",
        "Urge the unit; reassign it or have it supervised where needed.",
    ),
    "reply": (
        "答复没有送达：查看“没有送达的通知”并重发，或由渠道直接告知诉求人。",
        "The answer did not arrive: see the notices not delivered and send it again, or inform by the channel.",
    ),
}


async def silences(view: View) -> Response:
    """The list, those that lack it longest first; for centres and those above them."""
    query = view.request.query_params
    what, page = query.get("what", ""), query.get("page", "1")
    asked = {"page": page if page.isdigit() else "1", **({"what": what} if what in WHAT else {})}
    try:
        found = document(await view.get("notify", "/v1/silences", **asked))
    except ServiceProblem as problem:
        if problem.status != 403:
            raise
        found = None
    return view.render(
        "desk/silences.html",
        found=found,
        what=what if what in WHAT else "",
        names=WHAT,
        advice=ADVICE,
        page=int(asked["page"]),
        href=lambda n: "?" + urlencode({**asked, "page": n}),
    )


PAGES = (Page("/silences", silences),)
