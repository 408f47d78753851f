"""What a clerk of a centre does with a case: judge its scope, ask for a supplement, undo a merger."""

from __future__ import annotations

from apps.desk.action import Action, table
from apps.desk.choices import AUTHORITIES, ENDINGS, coded
from apps.web.forms import Spec
from contracts.clerking import JudgeScope, RequestSupplement, UnmergeCase

CLERK = table(
    Action(
        "accept",
        JudgeScope,
        "受理",
        "Accept",
        hint=("案件属于受理范围，转入派单。", "The case is in scope and goes on to be dispatched."),
        key="a",
    ),
    Action(
        "decline",
        JudgeScope,
        "不予受理或转告",
        "Decline or divert",
        (
            Spec("ending", "决定", "Decision", "radio", choices=coded(ENDINGS), required=True),
            Spec(
                "authority",
                "应向哪个机关提出",
                "Competent authority",
                "radio",
                choices=coded(AUTHORITIES),
                help=("仅用于转告。", "Only where the case is diverted."),
            ),
            Spec(
                "reply",
                "给诉求人的答复",
                "Reply to the complainant",
                rows=6,
                required=True,
                help=("说明理由和依据，诉求人会收到。", "Give the reason; the complainant receives it."),
            ),
        ),
        danger=True,
        key="d",
    ),
    Action(
        "request-supplement",
        RequestSupplement,
        "一次性告知补办",
        "Request a supplement",
        (
            Spec(
                "missing",
                "需要补充的材料",
                "What is missing",
                rows=5,
                help=(
                    "每行一项，用诉求人使用的语言，一次告知全部。",
                    "One item a line, all at once, in the complainant's language.",
                ),
            ),
        ),
        key="b",
    ),
    Action(
        "unmerge",
        UnmergeCase,
        "撤销并案",
        "Undo the merger",
        hint=("案件重新单独派单。", "The case is dispatched by itself again."),
        key="n",
    ),
    service="intake",
    path="/v1/clerking",
    reads="intake",
    read_path="/v1/reception/{case_id}",
    back="/reception/{case_id}",
)
