"""What the unit that has a case does with it: sign, return, answer, ask for time, ask the complainant."""

from __future__ import annotations

from apps.desk.action import Action
from apps.desk.choices import YES_NO, coded, units
from apps.desk.evidence import EVIDENCE, EVIDENCE_SHOWN
from apps.web.forms import Spec
from apps.web.words import RESULTS
from contracts.handling import (
    AddNote,
    AskComplainant,
    ExplainDelay,
    ReportHandling,
    RequestExtension,
    RequestReturn,
    RequestTransfer,
    ResumeCase,
    SignCase,
    SuspendCase,
)

TIME = ("时限", "Time")
SUSPENSIONS = {
    "third-party": ("等待第三方", "a third party has to act first"),
    "shelved": ("暂时无法办理（挂账）", "cannot be done now"),
}

DEPARTMENT = (
    Action(
        "sign",
        SignCase,
        "签收",
        "Sign for the case",
        hint=("签收后由本单位负责办理，办理时限照常计算。", "Your unit takes the case on; its limits run on."),
        key="s",
    ),
    Action(
        "report",
        ReportHandling,
        "办结答复",
        "Report the result",
        (
            Spec("result", "办理结果", "Result", labels=RESULTS),
            Spec(
                "adopted",
                "是否采纳建议",
                "Is the suggestion adopted?",
                kind="radio",
                choices=coded(YES_NO),
                help=("答复中说明理由。", "Give the reason in the answer."),
            ),
            Spec(
                "reply",
                "给诉求人的答复",
                "Answer to the complainant",
                rows=9,
                help=(
                    "写明调查情况、处理依据和结果，原样告知诉求人。",
                    "What was found, the grounds of the decision, and the result. The complainant reads it as it is.",
                ),
            ),
            EVIDENCE,
            EVIDENCE_SHOWN,
        ),
        hint=(
            "需要核查的，核查通过后才告知诉求人；不需要核查的，提交即办结。",
            "Where reports are verified, the complainant is informed after that; otherwise the case is closed at once.",
        ),
        key="a",
        only={"adopted": lambda case: case["appeal"] == "suggestion"},
        replies="reply",
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
                help=(
                    "写明不属于本单位职责的依据，并建议承办单位。",
                    "Name the rule by which the matter is not yours, and the unit you suggest.",
                ),
            ),
        ),
        hint=(
            "退单须在规定时间内提出；重新派单前，原责任单位继续负责。",
            "Possible within the time for returns only. Until another unit is asked, responsibility stays as it is.",
        ),
        key="r",
    ),
    Action(
        "transfer",
        RequestTransfer,
        "移交",
        "Pass on to another unit",
        (
            Spec("to", "接收单位", "To", kind="select", choices=units),
            Spec("reason", "移交理由", "Reason"),
        ),
        hint=(
            "接收单位签收之前，仍由本单位负责（首问负责制）。",
            "Your unit stays responsible until the other has signed.",
        ),
        key="t",
    ),
    Action(
        "ask",
        AskComplainant,
        "请诉求人补充",
        "Ask the complainant",
        (
            Spec(
                "missing",
                "需要补充的内容",
                "What is missing",
                kind="area",
                help=(
                    "每行一项，一次列全；诉求人原样看到。每次办理只能要求补充一次。",
                    "One thing a line, everything at once, as the complainant will read it. Once per handling.",
                ),
            ),
        ),
        hint=("等待补充期间，时限暂停。", "The limits pause until the complainant answers or the time for it is over."),
        key="q",
    ),
    Action(
        "extension",
        RequestExtension,
        "申请延期",
        "Ask for more time",
        (
            Spec("working_days", "延长的工作日", "Working days", inputmode="numeric"),
            Spec("reason", "延期理由", "Reason"),
        ),
        hint=(
            "到期前申请才有效；批准前时限照常计算。",
            "Only before the limit ends. The limit runs on until it is granted.",
        ),
        key="e",
        group=TIME,
    ),
    Action(
        "delay",
        ExplainDelay,
        "说明延误",
        "Explain the delay",
        (
            Spec("reason", "向诉求人的说明", "Explanation to the complainant"),
            Spec("promised_at", "承诺办结时间", "Promised for"),
        ),
        hint=("说明原样告知诉求人；时限不因此改变。", "The complainant reads it as it is. No limit changes."),
        key="l",
        group=TIME,
    ),
    Action(
        "suspend",
        SuspendCase,
        "挂账",
        "Suspend",
        (
            Spec("reason", "原因", "Reason", kind="radio", choices=coded(SUSPENSIONS)),
            Spec("note", "向诉求人的说明", "Explanation to the complainant"),
        ),
        hint=(
            "时限暂停，最长不超过规定的时间，之后自动恢复。",
            "The limits pause, for as long as the rules allow; then the case goes on by itself.",
        ),
        key="z",
        group=TIME,
    ),
    Action(
        "resume", ResumeCase, "恢复办理", "Resume", hint=("时限继续计算。", "The limits run on."), key="w", group=TIME
    ),
    Action(
        "note",
        AddNote,
        "添加内部备注",
        "Add an internal note",
        (
            Spec(
                "text",
                "备注",
                "Note",
                help=(
                    "诉求人看不到；电话号码和门牌号会自动隐去。",
                    "The complainant does not see it. Telephone numbers and addresses of people are masked.",
                ),
            ),
        ),
        key="n",
    ),
)
