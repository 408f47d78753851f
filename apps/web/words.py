"""The vocabulary of the pages: the names of stages, waits, limits, results and notices, in Chinese and English.

Desk and board show the same names; the terms are those of docs/glossary.md. Complainants read the tables whose names
begin with `COMPLAINANT`, which are simpler by intent: who has the case inside the administration does not concern them.
"""

from __future__ import annotations

from collections.abc import Mapping

from contracts.code_names import APPEAL_NAMES

Names = Mapping[str, tuple[str, str]]
"""By code: the Chinese and the English name."""
STAGES: Names = {
    "scope": ("受理审查", "at the reception"),
    "held": ("受理审查", "at the reception"),
    "awaits-complainant": ("待诉求人补充", "waits for the complainant"),
    "queued": ("待派单", "to be dispatched"),
    "proposed": ("待审批", "to be approved"),
    "merged": ("已并案", "merged"),
    "offered": ("待签收", "to be signed"),
    "signed": ("办理中", "in hand"),
    "suspended": ("挂账", "suspended"),
    "reported": ("待核查", "to be verified"),
    "closed": ("已办结", "closed"),
    "ended": ("已终结", "ended without an answer"),
}
"""In the order of a case's life. Routing has `held` where the search tells `scope` from `awaits-complainant`."""
STAGE_TONES: Mapping[str, str] = {"offered": "info", "suspended": "warn", "reported": "good"}
COMPLAINANT_STAGES: Names = {
    "in-hand": ("正在办理", "In hand"),
    "scope": ("正在审核是否受理", "Being examined"),
    "awaits-complainant": ("等待您补充材料", "Waiting for you"),
    "ended": ("已终结", "Ended"),
    "closed": ("已答复", "Answered"),
}
"""As complainants read them: all stages of handling are one."""
WAITS: Names = {
    "verification": ("待核查办结", "Reports to verify"),
    "extension": ("待审批延期", "Extensions to decide"),
    "review": ("待复核答复", "Appeals to review"),
    "part": ("待办协办", "Parts to do"),
    "dispatch": ("待派单", "Cases to dispatch"),
    "approval": ("待审批派单", "Dispatches to approve"),
    "supplement": ("待诉求人补充", "Waiting for complainants"),
}
"""What a case waits for."""
CLOCKS: Names = {
    "close": ("办结", "whole case"),
    "approve": ("审批", "approval"),
    "dispatch": ("派单", "dispatch"),
    "sign": ("签收", "signature"),
    "reply": ("反馈", "report"),
    "verify": ("核查", "verification"),
    "part": ("协办", "part of a co-handler"),
    "instruction": ("领导批示", "instruction"),
    "callback": ("回访", "call-back"),
    "review": ("答复复核", "review of the answer"),
}
"""What a limit is for."""
PAUSES: Names = {
    "supplement": ("等待补充材料", "the complainant has been asked for something"),
    "third-party": ("等待第三方", "a third party has to act first"),
    "shelved": ("挂账", "cannot be done now"),
}
RULES: Names = {
    "dispatcher": ("派单员派单", "sent by the dispatcher"),
    "ruling": ("裁定，不得退单", "a ruling: it may not be returned"),
    "transfer": ("移交", "passed on by another unit"),
    "reassigned": ("改派", "reassigned by the centre"),
    "reopened": ("重办", "reopened"),
}
"""Why a unit has a case."""
APPEALS: Names = {code: (each["zh"], each["en"]) for code, each in APPEAL_NAMES.items()}
RESULTS: Names = {
    "resolved": ("已解决", "resolved"),
    "explained": ("已解释说明", "explained"),
    "not-resolved": ("未解决", "not resolved"),
}
COMPLAINANT_RESULTS: Names = {
    "resolved": ("已解决", "Resolved"),
    "explained": ("已解释说明", "Explained"),
    "not-resolved": ("暂未解决", "Not resolved"),
}
"""The words of the notices."""
SATISFACTION: Names = {
    "very-satisfied": ("很满意", "very satisfied"),
    "satisfied": ("满意", "satisfied"),
    "fairly-satisfied": ("基本满意", "fairly satisfied"),
    "dissatisfied": ("不满意", "dissatisfied"),
    "very-dissatisfied": ("很不满意", "very dissatisfied"),
}
COUNTS: Names = {
    "carried-in": ("上期结转", "carried in"),
    "received": ("受理", "received"),
    "reopened": ("重办", "reopened"),
    "closed": ("办结", "closed"),
    "carried-out": ("结转下期", "carried out"),
    "answered": ("已答复", "answered"),
    "ended": ("未经答复终结", "ended without an answer"),
    "rated": ("已评价", "rated"),
    "unrated": ("未评价", "not rated"),
    "unanswered": ("回访未答", "call-back not answered"),
    "declined": ("回访拒评", "call-back declined"),
    "unreachable": ("回访无法联系", "call-back unreachable"),
    "called": ("已回访", "called back"),
}
"""Counts of cases behind a score."""
COMPLAINANT_NOTICES: Names = {
    "acknowledgement": ("受理告知", "acknowledgement"),
    "supplement": ("补充告知", "request for a supplement"),
    "answer": ("答复告知", "answer"),
    "ended": ("终结告知", "end without an answer"),
    "extended": ("延期告知", "extension"),
    "suspended": ("挂账告知", "suspension"),
    "delayed": ("逾期说明", "explained delay"),
    "reopened": ("重办告知", "reopening"),
    "merged": ("并案告知", "merger"),
    "unmerged": ("撤销并案告知", "merger undone"),
    "appealed": ("复核受理告知", "appeal"),
    "appeal-upheld": ("维持答复告知", "answer upheld"),
}
STAFF_NOTICES: Names = {
    "assignment": ("派单通知", "assignment"),
    "ruling": ("裁定通知", "ruling"),
    "instruction": ("批示通知", "instruction"),
    "return-reported": ("退单通知", "return"),
    "subtask": ("协办通知", "part of a co-handler"),
    "subtask-ended": ("协办结束通知", "end of a part"),
    "redo": ("返工通知", "redo"),
    "reminder": ("时限提醒", "reminder"),
    "yellow": ("黄牌", "yellow card"),
    "red": ("红牌", "red card"),
    "escalation": ("逐级上报", "escalation of a limit"),
    "supervision": ("督办通知", "supervision"),
    "answer-appeal": ("复核通知", "appeal against an answer"),
    "extension-refused": ("延期未批准", "extension declined"),
    "rectification": ("整改通知", "rectification"),
    "item": ("事项通知", "item"),
    "proposal": ("处理建议", "proposed measures"),
    "finding": ("认定通知", "finding"),
    "publication-review": ("公开审核", "review of a publication"),
    "silence": ("无回音告警", "silence"),
    "daily": ("日报", "daily report"),
    "weekly": ("周报", "weekly report"),
    "bulletin": ("简报", "bulletin"),
}


def name_of(names: Names, code: str | None) -> tuple[str, str]:
    """The names of a code; the code itself where it has none."""
    found = code or ""
    return names.get(found, (found, found))


def clock_name(clock: str) -> tuple[str, str]:
    """The name of a limit such as `sign-2`, with its number from the second on."""
    stem, _, number = clock.partition("-") if clock not in CLOCKS else (clock, "", "")
    zh, en = CLOCKS.get(stem, (clock, clock))
    return (f"{zh}（第{number}次）", f"{en} {number}") if number else (zh, en)
