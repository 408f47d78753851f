"""What happened to a case, in words: for the timeline, and for the second of two people who act on one case."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from apps.web.view import View
from apps.web.words import PAUSES, RESULTS, RULES, Names, name_of

EVENTS: Names = {
    "case.assigned": ("已派单", "sent to a unit"),
    "case.queued": ("转入待派单", "waits for dispatch"),
    "case.signed": ("已签收", "signed"),
    "case.closed": ("已办结", "closed with an answer"),
    "case.joined": ("已并案", "merged into another case"),
    "handling.reported": ("已提交办结，待核查", "reported, to be verified"),
    "redo.ordered": ("已退回返工", "to be done again"),
    "case.escalated": ("已提级督办", "supervised one level up"),
    "case.suspended": ("已挂账", "suspended"),
    "case.resumed": ("已恢复办理", "resumed"),
    "extension.requested": ("已申请延期", "more time was asked for"),
    "extension.decided": ("延期已审批", "the extension was decided on"),
    "delay.explained": ("已说明延误", "the delay was explained"),
    "case.reopened": ("已重办", "reopened"),
    "case.instructed": ("已批示", "an instruction was given"),
    "note.added": ("已添加内部备注", "an internal note was added"),
    "consultation.held": ("已会商", "a consultation was held"),
    "complainant.asked": ("已请诉求人补充", "the complainant was asked"),
    "asking.ended": ("补充已结束", "the request to the complainant ended"),
    "review.opened": ("诉求人申请复核", "the complainant appealed"),
    "review.decided": ("复核已决定", "the appeal was decided"),
    "subtask.opened": ("已请单位协办", "a unit was asked for its part"),
    "subtask.ended": ("协办已结束", "a co-handler's part ended"),
}
"""Of routing, by the type without prefix and version."""
_WORDS = ("reply", "reason", "return_reason", "why", "text", "note", "task", "words", "minutes", "added_text")


@dataclass(frozen=True)
class Change:
    """One thing that happened."""

    instant: str
    at: str
    text: str
    note: str = ""
    open: bool = False


def stem_of(type: str) -> str:
    """`case.signed` of `cn.xiaoneng.case.signed.v1`."""
    return type.removeprefix("cn.xiaoneng.").rpartition(".v")[0] or type


def changes_of(view: View, since: Iterable[Mapping[str, Any]]) -> list[Change]:
    """From the `since` of a conflict."""
    return [
        _change(view, each["at"], name_of(EVENTS, stem_of(each["type"])), {**each["facts"], **_sender(each)})
        for each in since
    ]


def timeline_of(view: View, steps: Iterable[Mapping[str, Any]]) -> list[Change]:
    """From the timeline of intake, the latest first."""
    found = [_change(view, each["at"], (each["zh"], each["en"]), each["details"]) for each in steps]
    return found[::-1]


def _sender(change: Mapping[str, Any]) -> dict[str, Any]:
    return {key: change[name] for key, name in (("unit", "unit"), ("by", "post")) if change.get(name)}


def _change(view: View, at: str, title: tuple[str, str], facts: Mapping[str, Any]) -> Change:
    who = view.named("post", facts["by"]) if facts.get("by") else view.named("unit", facts.get("unit"))
    said = [view.t(*title), who, *_particulars(view, facts)]
    words = [facts[name] for name in _WORDS if isinstance(facts.get(name), str) and not _is_code(name, facts[name])]
    rule = view.t(*name_of(RULES, facts.get("rule"))) if facts.get("rule") in RULES else ""
    return Change(at, view.instant(at), " · ".join(each for each in (*said, rule) if each), "\n".join(words))


def _is_code(name: str, text: str) -> bool:
    """Whether the field has a code of a rule or reason, or nothing, instead of words of a person."""
    return not text or text in PAUSES or (name == "why" and re.fullmatch(r"[a-z0-9.-]+", text) is not None)


def _particulars(view: View, facts: Mapping[str, Any]) -> list[str]:
    """Codes, numbers and dates of an event in words."""
    found = []
    if facts.get("result") in RESULTS:
        found.append(view.t(*RESULTS[facts["result"]]))
    if facts.get("reason") in PAUSES:
        found.append(view.t(*PAUSES[facts["reason"]]))
    if "granted" in facts:
        found.append(view.t("同意", "granted") if facts["granted"] else view.t("不同意", "declined"))
    if days := facts.get("working_days"):
        found.append(view.t(f"{days} 个工作日", f"{days} working days"))
    for name, zh, en in (
        ("to", "至", "to"),
        ("verifier", "核查单位", "verifier"),
        ("reviewer", "复核单位", "reviewer"),
        ("supervisor", "督办单位", "supervisor"),
    ):
        if facts.get(name):
            found.append(view.t(f"{zh}：{view.named('unit', facts[name])}", f"{en}: {view.named('unit', facts[name])}"))
    for name, zh, en in (
        ("due_at", "期限", "due"),
        ("until", "至", "until"),
        ("promised_at", "承诺", "promised for"),
        ("answer_by", "补充期限", "answer by"),
    ):
        if facts.get(name):
            found.append(view.t(f"{zh} {view.deadline(facts[name])}", f"{en} {view.deadline(facts[name])}"))
    return found
