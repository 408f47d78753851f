"""Names that pages of the board show for codes: stages, kinds of waits, services, notices, events."""

from __future__ import annotations

from apps.web.language import Language
from apps.web.words import Names, name_of

STAGES: Names = {
    "scope": ("待核范围", "scope to be judged"),
    "awaits-complainant": ("待当事人补充", "waits for the complainant"),
    "queued": ("待派单", "to be dispatched"),
    "proposed": ("派单待批", "dispatch to be approved"),
    "merged": ("并案办理", "merged"),
    "offered": ("待签收", "to be signed"),
    "signed": ("办理中", "being handled"),
    "suspended": ("挂账", "suspended"),
    "reported": ("待核实", "to be verified"),
    "closed": ("已答复", "answered"),
    "ended": ("未经办理终结", "ended without an answer"),
}
WAITS: Names = {
    "verification": ("待核实办结", "answers to verify"),
    "extension": ("待批延期", "extensions to decide"),
    "review": ("待复核", "appeals to review"),
    "part": ("待协办", "parts to report"),
    "dispatch": ("待派单", "cases to dispatch"),
    "approval": ("待批派单", "dispatches to approve"),
    "supplement": ("待当事人补充", "supplements awaited"),
}
SERVICES: Names = {
    "channel": ("受理渠道", "channel"),
    "intake": ("受理", "intake"),
    "routing": ("派单", "routing"),
    "scoring": ("时限与考核", "scoring"),
    "notify": ("通知", "notify"),
}
NOTICES: Names = {
    "acknowledgement": ("受理告知", "acknowledgement"),
    "supplement": ("补充告知", "request for a supplement"),
    "answer": ("办理结果告知", "answer"),
    "extended": ("延期告知", "extension"),
    "suspended": ("挂账告知", "suspension"),
    "delayed": ("逾期说明", "explained delay"),
    "reopened": ("重办告知", "reopening"),
    "appealed": ("复核告知", "appeal"),
    "appeal-upheld": ("维持答复告知", "answer upheld"),
    "merged": ("并案告知", "merger"),
    "unmerged": ("取消并案告知", "merger undone"),
}
NOTICE_STATUS: Names = {
    "pending": ("发送中", "under way"),
    "sent": ("已发出", "sent"),
    "delivered": ("已送达", "delivered"),
    "failed": ("未送达", "given up"),
}
CLOCKS: Names = {
    "approve": ("审批", "approval"),
    "dispatch": ("派单", "dispatch"),
    "sign": ("签收", "signature"),
    "reply": ("办理", "handling"),
    "close": ("整案办理", "whole case"),
    "verify": ("核实", "verification"),
    "part": ("协办", "part of a co-handler"),
    "instruction": ("领导批示", "instruction"),
    "callback": ("回访", "call-back"),
}
"""Stages of limits; a second limit of the same stage has a number after it."""
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
    "verifier": ("核实单位", "verifier"),
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
