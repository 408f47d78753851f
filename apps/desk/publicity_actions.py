"""Publications (公开): propose, review by a post of another unit, withdraw. The words are beside the form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.desk.action import Action, table
from apps.desk.choices import coded, units
from apps.desk.oversight_fields import NO_NAMES, REFERENCE_HELP
from apps.desk.parts import document
from apps.web.forms import Spec
from apps.web.view import View
from apps.web.words import Names
from contracts.publicity import ProposePublication, ReviewPublication, WithdrawPublication

GROUP = ("公开", "Publications")
BACK = "/publications"
KINDS: Names = {
    "apology": ("公开道歉", "apology"),
    "exposure": ("曝光", "exposure"),
    "commendation": ("表扬", "commendation"),
    "bulletin": ("通报", "bulletin"),
}
ABOUT = (
    Spec("by", "提出单位", "Proposed by", "hidden"),
    Spec("reference", "编号", "Number", "hidden"),
)


async def beside(view: View, values: Mapping[str, str]) -> Mapping[str, Any]:
    """The publication that the form is about; None where the unit has none of this number."""
    found = document(await view.get("notify", "/v1/publicity"))
    wanted = (values.get("by"), values.get("reference"))
    own = (each for each in (*found["to_review"], *found["others"]) if (each["by"], each["reference"]) == wanted)
    return {"publication": next(own, None), "kinds": KINDS}


PUBLICITY = table(
    Action(
        "propose-publication",
        ProposePublication,
        "提出公开",
        "Propose a publication",
        (
            Spec("reference", "编号", "Number", help=REFERENCE_HELP),
            Spec("what", "种类", "Kind", "radio", choices=coded(KINDS)),
            Spec(
                "about", "点名单位", "Unit named in it", "select", choices=units, required=False, empty=("无", "None")
            ),
            Spec("title_zh", "标题（中文）", "Title in Chinese"),
            Spec("text_zh", "正文（中文）", "Text in Chinese", rows=8, help=NO_NAMES),
            Spec("title_en", "标题（英文）", "Title in English"),
            Spec("text_en", "正文（英文）", "Text in English", rows=8),
        ),
        hint=("由另一单位的岗位审核后公开。", "A post of another unit reviews it before it is public."),
    ),
    Action(
        "review-publication",
        ReviewPublication,
        "审核公开",
        "Review the publication",
        (
            *ABOUT,
            Spec(
                "approved",
                "审核意见",
                "Decision",
                "radio",
                choices=coded({"true": ("同意公开", "publish it"), "false": ("不同意", "do not publish it")}),
            ),
            Spec("reason", "理由", "Reason"),
            Spec("public_at", "公开时间", "Public from", help=("不填即立即公开。", "Left empty: at once.")),
        ),
        beside=beside,
        template="desk/publication_action.html",
    ),
    Action(
        "withdraw-publication",
        WithdrawPublication,
        "撤下公开",
        "Withdraw the publication",
        (*ABOUT, Spec("reason", "理由", "Reason")),
        danger=True,
        beside=beside,
        template="desk/publication_action.html",
    ),
    service="notify",
    path="/v1/publicity",
    about_case=False,
    back=BACK,
    group=GROUP,
)
