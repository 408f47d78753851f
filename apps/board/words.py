"""Names of codes that the board alone shows: services, states of notices, rates, fields of events."""

from __future__ import annotations

from apps.web.language import Language
from apps.web.words import Names, name_of

SERVICES: Names = {
    "channel": ("受理渠道", "channel"),
    "intake": ("受理", "intake"),
    "routing": ("派单", "routing"),
    "scoring": ("时限与考核", "scoring"),
    "notify": ("通知", "notify"),
}
NOTICE_STATUS: Names = {
    "pending": ("发送中", "under way"),
    "sent": ("已发出", "sent"),
    "delivered": ("已送达", "delivered"),
    "failed": ("未送达", "given up"),
}
RATES: Names = {
    "response": ("响应率", "response rate"),
    "on-time": ("按时办结率", "on-time rate"),
    "satisfaction": ("满意率", "satisfaction rate"),
}
"""The three rates of the cockpit, in the order of a case's life."""
DETAILS: Names = {
    "unit": ("单位", "unit"),
    "responsible": ("责任单位", "responsible"),
    "to": ("上报至", "reported to"),
    "supervisor": ("督办单位", "supervisor"),
    "verifier": ("核查单位", "verifier"),
    "by": ("经办岗位", "post"),
    "rule": ("依据", "rule"),
    "why": ("原因", "why"),
    "reason": ("理由", "reason"),
    "result": ("结果", "result"),
    "reply": ("答复", "reply"),
    "due_at": ("期限至", "due"),
    "until": ("至", "until"),
    "working_days": ("工作日", "working days"),
    "granted": ("同意", "granted"),
    "on_time": ("按时", "on time"),
    "rung": ("提示", "alarm"),
    "count": ("次数", "count"),
    "satisfaction": ("评价", "rating"),
    "solved": ("解决", "solved"),
}
"""Fields of events that the course of a case shows."""


def word(names: Names, code: str, language: Language) -> str:
    """The name; the code itself where there is none."""
    return name_of(names, code)[language == "en"]
