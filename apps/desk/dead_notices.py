"""Notices that were not delivered by any way that was chosen, each with its reasons, to be sent again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlencode

from starlette.responses import Response

from apps.desk.parts import document
from apps.web.services import ServiceProblem
from apps.web.site import Page
from apps.web.view import View
from apps.web.words import COMPLAINANT_NOTICES, STAFF_NOTICES, Names

WHOSE: Names = {"complainants": ("给诉求人的", "to complainants"), "staff": ("给工作人员的", "to staff")}
WAYS: Names = {
    "sms": ("短信", "text message"),
    "email": ("电子邮件", "e-mail"),
    "webhook": ("接口推送", "webhook"),
    "channel": ("受理渠道", "the channel"),
    "inbox": ("收件箱", "the inbox"),
}
_CAUSES: Sequence[tuple[str, tuple[str, str]]] = (
    (r"contact: no .*", ("没有这种联系方式", "there is no such contact")),
    (r"contact.*", ("联系方式有误", "the contact is wrong")),
    (r".*no provider", ("没有配置发送服务", "no provider is configured")),
    (r"template.*", ("没有合适的文字模板", "no template fits")),
    (r"(http|smtp) [45]\d\d.*", ("服务商拒收", "the provider has refused it")),
    (r"smtp: the server takes no such address", ("邮件服务器不接受这个地址", "the mail server takes no such address")),
    (r"file.*", ("附件无法读取", "a file cannot be read")),
)


UNKNOWN = ("发送失败", "it failed")


def cause_of(why: str) -> tuple[str, str]:
    """A reason in words."""
    text = why.partition(": ")[2] if why.partition(": ")[0] in WAYS else why
    found = next(
        (words for pattern, words in _CAUSES if re.fullmatch(pattern, why) or re.fullmatch(pattern, text)), None
    )
    return found or UNKNOWN


def code_of(why: str) -> str:
    """What the words of a reason do not have: the provider's own code, or an unknown reason as it is."""
    found = re.search(r"(http|smtp) [0-9].*", why)
    return found[0] if found else "" if cause_of(why) != UNKNOWN else why


async def dead(view: View) -> Response:
    """The list; for centres and those above them."""
    query = view.request.query_params
    whose, page = query.get("whose", "complainants"), query.get("page", "1")
    whose = whose if whose in WHOSE else "complainants"
    asked = {"whose": whose, "page": page if page.isdigit() else "1"}
    try:
        found = document(await view.get("notify", "/v1/dead-notices", **asked))
    except ServiceProblem as problem:
        if problem.status != 403:
            raise
        found = None
    return view.render(
        "desk/dead_notices.html",
        found=found,
        whose=whose,
        names=WHOSE,
        ways=WAYS,
        cause=cause_of,
        provider_code=code_of,
        what={**COMPLAINANT_NOTICES, **STAFF_NOTICES},
        page=int(asked["page"]),
        href=lambda n: "?" + urlencode({**asked, "page": n}),
    )


async def redrive(view: View) -> Response:
    """Send one again, by its first way."""
    sent = await view.form()
    notice_id, whose = view.request.path_params["notice_id"], str(sent.get("whose", ""))
    back = f"/notices/dead?whose={whose if whose in WHOSE else 'complainants'}"
    try:
        await view.services.post("notify", f"/v1/notices/{notice_id}/redrive", {}, view.who)
    except ServiceProblem as problem:
        if problem.status != 409:
            raise
        return view.redirect(
            back,
            "没有重发：这条通知正在发送、已经送达，或联系方式已经删除。",
            "Not sent again: it is on its way, was delivered, or the contact was erased.",
        )
    return view.redirect(
        back, "已提交重发；送达后不再列出。", "It is sent again, and leaves the list once it is delivered."
    )


async def back(view: View) -> Response:
    """After a sign-in in mid-form."""
    return view.redirect("/notices/dead")


PAGES = (
    Page("/notices/dead", dead),
    Page("/notices/dead/{notice_id}", redrive, ("POST",)),
    Page("/notices/dead/{notice_id}", back),
)
