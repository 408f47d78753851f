"""What a centre's dispatcher decides: dispatch, ruling after a consultation (会商), approval, reassignment."""

from __future__ import annotations

from apps.desk.action import Action, table
from apps.desk.choices import coded, listed_units, units
from apps.web.forms import Spec
from contracts.handling import ApproveDispatch, DispatchCase, ReassignCase

GROUP = ("派单", "Dispatch")


CONSULTATION = (
    Spec(
        "consultation.participants",
        "会商参加单位",
        "Units consulted",
        kind="checks",
        choices=listed_units,
        help=(
            "裁定前会商的，填写参加单位和纪要；退过单的单位都要参加。",
            "For a ruling after a consultation. All units that have returned the case take part.",
        ),
        required=False,
    ),
    Spec(
        "consultation.minutes",
        "会商纪要",
        "Minutes",
        help=("各单位的意见和裁定理由。", "What each unit holds, and the reason for the ruling."),
        required=False,
    ),
    Spec("consultation.held_on", "会商日期", "Held on", required=False),
)
BINDING = Spec("binding", "裁定（承办单位不得退单）", "Ruling: the unit may not return the case", kind="check")

CENTRE = table(
    Action(
        "dispatch",
        DispatchCase,
        "派单",
        "Dispatch",
        (
            Spec("to", "承办单位", "Unit", kind="select", choices=units),
            Spec("co_handlers", "协办单位", "Co-handlers", kind="checks", choices=listed_units, required=False),
            BINDING,
            *CONSULTATION,
        ),
        hint=(
            "按本市规定需要审批的，由另一岗位批准后派出。",
            "Where the place requires it, another post approves the dispatch first.",
        ),
        key="f",
    ),
    Action(
        "approve-dispatch",
        ApproveDispatch,
        "审批派单",
        "Approve the dispatch",
        (
            Spec(
                "approved",
                "审批意见",
                "Decision",
                kind="radio",
                choices=coded({"true": ("同意", "approve"), "false": ("不同意", "decline")}),
            ),
            Spec("reason", "意见", "Remarks", help=("不同意时必须填写。", "Required where it is declined.")),
        ),
        key="b",
    ),
    Action(
        "reassign",
        ReassignCase,
        "改派",
        "Reassign",
        (
            Spec("to", "新的承办单位", "New unit", kind="select", choices=units),
            Spec("reason", "改派理由", "Reason"),
            BINDING,
            *CONSULTATION,
        ),
        key="d",
    ),
    group=GROUP,
)
