"""Assessments (考核): what bodies enter into scores, withdraw and approve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from apps.desk.action import Action, table
from apps.desk.choices import coded, units
from apps.desk.oversight_fields import NO_NAMES, REFERENCE_HELP
from apps.desk.parts import document
from apps.desk.survey_actions import PERIOD_HELP
from apps.web.forms import Choice, Spec
from apps.web.view import View
from apps.web.words import Names
from contracts.assessments import ApproveAssessment, RecordAssessment, WithdrawAssessment

GROUP = ("考核", "Assessment")
BACK = "/assessments"
KINDS: Names = {
    "rating": ("评议", "rating"),
    "deduction": ("扣分", "deduction"),
    "bonus": ("加分", "bonus"),
    "veto": ("一票否决", "veto"),
}


async def with_items(view: View, specs: tuple[Spec, ...]) -> tuple[Spec, ...]:
    """The fields with the items that the unit may enter."""
    items = document(await view.get("scoring", "/v1/assessments/items"))["items"]

    def choices(view: View) -> Sequence[Choice]:
        own = [each for each in items if view.unit in each["assessed_by"]]
        return [
            Choice(each["id"], f"{view.t(*KINDS[each['kind']])}{view.t('：', ': ')}{view.t(each['zh'], each['en'])}")
            for each in own
        ]

    return tuple(replace(each, choices=choices) if each.name == "item" else each for each in specs)


ASSESSMENT = table(
    Action(
        "record-assessment",
        RecordAssessment,
        "录入考核",
        "Enter an assessment",
        (
            Spec("reference", "考核编号", "Number", help=REFERENCE_HELP),
            Spec("kind", "种类", "Kind", choices=coded(KINDS)),
            Spec("item", "项目", "Item", "select"),
            Spec("about", "被考核单位", "About", "select", choices=units),
            Spec("period", "考核期", "Period", help=PERIOD_HELP),
            Spec(
                "points",
                "分数",
                "Points",
                "text",
                inputmode="decimal",
                help=("最多两位小数；一票否决填 0。", "Two decimals at most; 0 for a veto."),
            ),
            Spec("basis", "依据", "Basis", help=NO_NAMES),
        ),
        hint=("加分经审定后计入；其他立即计入。", "A bonus counts once it is approved, everything else at once."),
        fill=with_items,
    ),
    Action(
        "approve-assessment",
        ApproveAssessment,
        "审定加分",
        "Approve the bonus",
        (
            Spec("assessor", "录入单位", "Entered by", "select", choices=units),
            Spec("reference", "考核编号", "Number"),
        ),
        hint=("审定后计入考核。", "It counts once it is approved."),
    ),
    Action(
        "withdraw-assessment",
        WithdrawAssessment,
        "撤回考核",
        "Withdraw the assessment",
        (Spec("reference", "考核编号", "Number"), Spec("reason", "理由", "Reason")),
        hint=("撤回后不再计入，记录保留。", "It does not count any more; that it was there stays on record."),
        danger=True,
    ),
    service="scoring",
    path="/v1/assessments",
    about_case=False,
    back=BACK,
    group=GROUP,
)
