"""Names of codes in Chinese and English: stages, results, clocks, decisions that are awaited."""

from __future__ import annotations

from collections.abc import Mapping

from apps.web.words import RESULTS, SATISFACTION, Names, name_of
from contracts.code_names import APPEAL_NAMES

__all__ = ["RESULTS", "SATISFACTION", "Names", "name_of"]

STAGES: Names = {
    "held": ("受理审核中", "held at the reception"),
    "queued": ("待派单", "waits for dispatch"),
    "merged": ("已并案", "merged"),
    "proposed": ("待审批", "waits for approval"),
    "offered": ("待签收", "waits to be signed"),
    "signed": ("办理中", "in hand"),
    "suspended": ("挂账", "suspended"),
    "reported": ("待审核", "waits to be verified"),
    "closed": ("已办结", "closed"),
}
"""Of routing."""
FOUND_STAGES: Names = {
    **STAGES,
    "scope": ("受理审核中", "scope is examined"),
    "awaits-complainant": ("待诉求人补充", "waits for the complainant"),
    "ended": ("已终结", "ended without an answer"),
}
"""Of the search."""
STAGE_TONES: Mapping[str, str] = {"offered": "info", "suspended": "warn", "reported": "good"}
APPEALS: Names = {code: (each["zh"], each["en"]) for code, each in APPEAL_NAMES.items()}
PAUSES: Names = {
    "supplement": ("等待补充材料", "the complainant has been asked for something"),
    "third-party": ("等待第三方", "a third party has to act first"),
    "shelved": ("挂账", "cannot be done now"),
}
CLOCKS: Names = {
    "close": ("办结", "answer"),
    "approve": ("审批", "approval"),
    "dispatch": ("派单", "dispatch"),
    "sign": ("签收", "signature"),
    "reply": ("答复", "report"),
    "verify": ("审核", "verification"),
    "part": ("协办", "part"),
    "instruction": ("批示", "instruction"),
    "callback": ("回访", "call-back"),
    "review": ("复核", "review"),
}
WAITS: Names = {
    "verification": ("待审核办结", "Reports to verify"),
    "extension": ("待审批延期", "Extensions to decide"),
    "review": ("待复核", "Appeals to review"),
    "part": ("待协办", "Parts to do"),
    "dispatch": ("待派单", "Cases to dispatch"),
    "approval": ("待审批派单", "Dispatches to approve"),
    "supplement": ("等待诉求人补充", "Waits for complainants"),
}
RULES: Names = {
    "dispatcher": ("派单员派单", "sent by the dispatcher"),
    "ruling": ("裁定，不得退单", "a ruling: it may not be returned"),
    "transfer": ("移交", "passed on by another unit"),
    "reassigned": ("改派", "reassigned by the centre"),
    "reopened": ("重新办理", "opened again"),
}


def clock_name(clock: str) -> tuple[str, str]:
    """The name of a clock such as `sign-2`, with its number from the second on."""
    stem, _, number = clock.partition("-") if clock not in CLOCKS else (clock, "", "")
    zh, en = CLOCKS.get(stem, (clock, clock))
    return (f"{zh}（第{number}次）", f"{en} {number}") if number else (zh, en)
