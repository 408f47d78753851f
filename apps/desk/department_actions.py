"""What a department does with a case: sign, return, answer, ask for time."""

from __future__ import annotations

from apps.desk.action import Action
from apps.web.forms import Spec
from contracts.handling import ReportHandling, RequestReturn, SignCase

DEPARTMENT = (
    Action(
        "sign",
        SignCase,
        "签收",
        "Sign for the case",
        hint=("签收后由本单位负责办理。", "Your unit takes the case on."),
        key="s",
    ),
    Action(
        "return",
        RequestReturn,
        "退单",
        "Return the case",
        (
            Spec(
                "reason",
                "退单理由",
                "Reason",
                help=("写明依据和建议的承办单位。", "Name the rule and the unit you suggest."),
            ),
        ),
        key="r",
    ),
    Action(
        "report",
        ReportHandling,
        "办结答复",
        "Report the result",
        (
            Spec(
                "result",
                "办理结果",
                "Result",
                labels={"resolved": ("已解决", "resolved"), "explained": ("已解释", "explained")},
            ),
            Spec("reply", "给诉求人的答复", "Answer to the complainant", rows=8),
        ),
        key="a",
    ),
)
