"""What a superior or verifier decides: reports, extensions, appeals, instructions, reopening."""

from __future__ import annotations

from apps.desk.action import Action, table
from apps.desk.choices import coded
from apps.web.forms import Spec
from contracts.handling import DecideAnswerAppeal, DecideExtension, InstructCase, ReopenCase, VerifyReport

DECIDE = ("核查与审批", "Decide")

SUPERIOR = table(
    Action(
        "verify",
        VerifyReport,
        "核查办结",
        "Verify the report",
        (
            Spec(
                "accepted",
                "核查意见",
                "Decision",
                kind="radio",
                choices=coded(
                    {"true": ("通过，销号", "accept and close"), "false": ("退回返工", "have it done again")}
                ),
            ),
            Spec("reason", "意见", "Remarks", help=("退回时必须填写。", "Required where it is done again.")),
        ),
        hint=("通过后，答复告知诉求人。", "Once accepted, the answer goes to the complainant."),
        key="v",
        after="/waiting/verification",
        template="desk/decide.html",
    ),
    Action(
        "decide-extension",
        DecideExtension,
        "审批延期",
        "Decide on the extension",
        (
            Spec(
                "granted",
                "审批意见",
                "Decision",
                kind="radio",
                choices=coded({"true": ("同意", "grant"), "false": ("不同意", "decline")}),
            ),
            Spec("reason", "意见", "Remarks", help=("不同意时必须填写。", "Required where it is declined.")),
        ),
        hint=("同意后，新的期限告知诉求人。", "Where it is granted, the complainant is informed of the new limit."),
        key="h",
        after="/waiting/extension",
        template="desk/decide.html",
    ),
    Action(
        "decide-review",
        DecideAnswerAppeal,
        "复核决定",
        "Decide on the appeal",
        (
            Spec(
                "upheld",
                "复核决定",
                "Decision",
                kind="radio",
                choices=coded({"true": ("维持原答复", "uphold the answer"), "false": ("重办", "reopen it")}),
            ),
            Spec("reason", "理由", "Reason", help=("原样告知诉求人。", "The complainant reads it as it is.")),
        ),
        key="y",
        after="/waiting/review",
        template="desk/decide.html",
    ),
    Action(
        "instruct",
        InstructCase,
        "批示",
        "Give an instruction",
        (
            Spec("text", "批示内容", "Instruction"),
            Spec(
                "working_days",
                "时限（工作日）",
                "Limit in working days",
                inputmode="numeric",
                help=("不填时按本市规定。", "Left empty: the limit of the place."),
            ),
        ),
        hint=(
            "批示有单独的时限，由责任单位落实。",
            "It has a limit of its own, which the responsible unit has to keep.",
        ),
        key="m",
    ),
    Action(
        "reopen",
        ReopenCase,
        "重办",
        "Reopen",
        (Spec("reason", "理由", "Reason"),),
        hint=("重新计算时限，重新答复。", "The case gets a new limit and a new answer."),
        key="o",
    ),
    group=DECIDE,
)
