"""Joint handling (联办): the lead invites, co-handlers report or decline their part."""

from __future__ import annotations

from apps.desk.action import Action, table
from apps.desk.choices import units
from apps.desk.evidence import EVIDENCE
from apps.web.forms import Spec
from contracts.handling import CancelSubtask, DeclineSubtask, InviteCoHandler, ReportSubtask

GROUP = ("联办", "Joint handling")

JOINT = table(
    Action(
        "invite",
        InviteCoHandler,
        "请其他单位协办",
        "Ask another unit for its part",
        (
            Spec("to", "协办单位", "Unit", kind="select", choices=units),
            Spec("task", "协办事项", "Its part"),
        ),
        hint=(
            "协办单位全部反馈之后，才能办结。",
            "The case cannot be reported before every co-handler has answered.",
        ),
        key="c",
    ),
    Action(
        "part",
        ReportSubtask,
        "反馈协办结果",
        "Report your part",
        (Spec("reply", "协办结果", "Result of your part", rows=7), EVIDENCE),
        hint=("反馈给牵头单位。", "The lead reads it."),
        key="p",
        replies="reply",
    ),
    Action(
        "decline-part",
        DeclineSubtask,
        "不承担协办",
        "Decline your part",
        (Spec("reason", "理由", "Reason"),),
        hint=("牵头单位和中心会看到理由。", "The lead and the centre read the reason."),
        key="u",
    ),
    Action(
        "cancel-part",
        CancelSubtask,
        "取消协办",
        "Cancel a part",
        (
            Spec("of", "协办单位", "Co-handler", kind="select", choices=units),
            Spec("reason", "理由", "Reason"),
        ),
        key="x",
    ),
    group=GROUP,
)
