"""What follows from findings: decide on measures, appeal, review, record the outcome; with the evidence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.desk.action import Action, table
from apps.desk.choices import coded
from apps.desk.conduct_record import record_of
from apps.desk.finding_actions import OVERSIGHT
from apps.desk.oversight_fields import VERDICTS, fen_of, with_codes
from apps.web.forms import Spec
from apps.web.view import View
from contracts.conduct import AppealMeasure, DecideMeasure, RecordOutcome, ReviewMeasure

RECORD = "/conduct/{kind}/{subject}"
ABOUT = (
    Spec("kind", "对象类别", "Kind", "hidden"),
    Spec("subject", "对象", "Subject", "hidden"),
    Spec("proposal_id", "建议编号", "Proposal", "hidden"),
)


async def beside(view: View, values: Mapping[str, str]) -> Mapping[str, Any]:
    """The proposal and its evidence."""
    record = await record_of(view, values.get("kind", ""), values.get("subject", ""))
    chosen = next((each for each in record.proposals if each.id == values.get("proposal_id")), None)
    return {"record": record, "proposal": chosen, "verdicts": VERDICTS}


def _measures(data: dict[str, Any]) -> dict[str, Any]:
    return {"measures": [], **data}


MEASURE = table(
    Action(
        "decide-measure",
        DecideMeasure,
        "决定处理",
        "Decide on measures",
        (
            *ABOUT,
            Spec(
                "measures",
                "采取的处理",
                "Measures taken",
                "checks",
                required=False,
                help=(
                    "已按建议勾选，可以改动；都不勾选即不予处理。",
                    "As proposed; you may change it. None ticked: none is taken.",
                ),
            ),
            Spec("reason", "理由", "Reason"),
        ),
        hint=(
            "系统只提出建议，由您决定。作出认定的岗位和当事岗位不能决定。不采取所建议的处理的，可能需要本单位另一岗位同意。",
            "The system proposes, you decide. Leaving out what is proposed may need the consent of a second post.",
        ),
        fill=with_codes,
        finish=_measures,
        beside=beside,
        template="desk/measure_action.html",
    ),
    Action(
        "appeal-measure",
        AppealMeasure,
        "对处理申诉",
        "Appeal against the measure",
        (*ABOUT, Spec("grounds", "申诉理由", "Grounds", rows=6)),
        beside=beside,
        template="desk/measure_action.html",
    ),
    Action(
        "review-measure",
        ReviewMeasure,
        "复核处理",
        "Review the measure",
        (
            *ABOUT,
            Spec(
                "stands",
                "复核决定",
                "Decision",
                "radio",
                choices=coded({"true": ("维持", "it stands"), "false": ("撤销", "it is reversed")}),
            ),
            Spec("reason", "理由", "Reason"),
        ),
        beside=beside,
        template="desk/measure_action.html",
    ),
    Action(
        "record-outcome",
        RecordOutcome,
        "登记落实情况",
        "Record the outcome",
        (
            *ABOUT,
            Spec("outcome", "落实方式", "What was done", "radio"),
            Spec(
                "amount_fen",
                "金额（元）",
                "Amount in yuan",
                "text",
                inputmode="decimal",
                help=("退还或罚款，没有的留空。", "Returned or fined; empty without any."),
            ),
            Spec("unlawful_fen", "其中违规金额（元）", "Of it taken unlawfully, in yuan", "text", inputmode="decimal"),
            Spec("note", "说明", "Note"),
        ),
        fill=with_codes,
        finish=lambda data: fen_of(data, "amount_fen", "unlawful_fen"),
        beside=beside,
        template="desk/measure_action.html",
    ),
    **OVERSIGHT,
    back=RECORD,
)
