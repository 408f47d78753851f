"""The course of a case as steps: in plain words for the complainant, with everything for units.

The complainant's steps have no internal note, no post, and no name of a unit where the case is confidential or is a
complaint about a unit: who examines it must not be learned from a status page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from contracts.codes import TimeUnit
from contracts.limits import TimeLimit
from services.intake.index.facts import Body, Fact, in_order, instant, micros
from services.intake.index.place import IndexPlace


class Step(BaseModel):
    """Something that happened to the case, for its complainant."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    code: str
    """One of the steps in docs/search.md."""
    at: datetime
    until: datetime | None = None
    """The date that the step names: the new end of the limit, or until when the complainant may answer."""
    zh: str
    en: str


class StaffStep(BaseModel):
    """One event of the case, for the units that may see it."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    event: str
    """The event's type without prefix and version, such as ``case.assigned``."""
    at: datetime
    zh: str
    en: str
    details: dict[str, Any]
    """Fields of the event, such as `unit`, `by`, `reason`, `text`."""


def complainant_steps(facts: Iterable[Fact], place: IndexPlace) -> list[Step]:
    """The steps that the complainant sees, in order; the same step twice in a row is one."""
    ordered = in_order(facts)
    first = next((fact.body for fact in ordered if fact.name == "case.registered"), None)
    if first is None:
        return []
    hidden = bool(first.get("confidential") or first.get("about"))
    found: list[Step] = []
    for fact in ordered:
        step = _step(fact, place, hidden=hidden)
        if step is not None and not (found and (found[-1].code, found[-1].zh) == (step.code, step.zh)):
            found.append(step)
    return found


def staff_steps(facts: Iterable[Fact]) -> list[StaffStep]:
    """All events of the case, in order. The complainant's opaque reference and the full text are left out."""
    found = []
    for fact in in_order(facts):
        if (names := STAFF_NAMES.get(fact.name)) is not None:
            left_out = _LEFT_OUT if fact.name == "case.registered" else ()
            details = {name: value for name, value in fact.body.items() if name not in left_out}
            at = instant(fact.at)
            found.append(StaffStep(event=fact.name, at=at, zh=names[0], en=names[1], details=details))
    return found


_LEFT_OUT = frozenset({"complainant", "text", "title", "address"})


def _step(fact: Fact, place: IndexPlace, *, hidden: bool) -> Step | None:
    sentence = _SENTENCES.get(fact.name)
    made = sentence(fact.body) if sentence is not None else None
    if made is None:
        return None
    code, zh, en, until = made
    unit = str(fact.body.get("unit", ""))
    names = {
        "zh": "有关单位" if hidden else place.name("unit", unit, "zh"),
        "en": "the competent unit" if hidden else place.name("unit", unit, "en"),
    }
    day = instant(micros(until)).astimezone(place.zone) if until else None
    on = f"{day:%Y-%m-%d}" if day else ""
    return Step(
        code=code,
        at=instant(fact.at),
        until=day,
        zh=zh.format(unit=names["zh"], day=on),
        en=en.format(unit=names["en"], day=on),
    )


_Made = tuple[str, str, str, str | None]


def _always(code: str, zh: str, en: str, until: str | None = None) -> Callable[[Body], _Made | None]:
    return lambda body: (code, zh, en, body.get(until) if until else None)


def _when(field: str, made: Callable[[Body], _Made | None]) -> Callable[[Body], _Made | None]:
    return lambda body: made(body) if body.get(field) else None


def _ended(body: Body) -> _Made:
    zh, en = _ENDINGS.get(body["ending"], ("办理终结。", "The case has ended."))
    return "ended", zh, en, None


def _reviewed(body: Body) -> _Made:
    if body.get("upheld"):
        return "appeal-decided", "复核结果：维持原答复。", "The review upheld the answer.", None
    return "appeal-decided", "复核结果：重新办理。", "The review ordered the case to be handled again.", None


_ENDINGS: Mapping[str, tuple[str, str]] = {
    "declined": ("不属于受理范围，已答复。", "Not within the scope; the reply gives the reason."),
    "diverted": ("应由其他机关处理，已告知。", "Another authority is competent; the reply names it."),
    "lapsed": ("未在期限内补充材料，办理终结。", "What was missing was not given in time; the case has ended."),
    "withdrawn": ("您已撤回诉求。", "You have withdrawn the complaint."),
}

_SENTENCES: Mapping[str, Callable[[Body], _Made | None]] = {
    "case.registered": _always("registered", "诉求已登记。", "Registered."),
    "supplement.requested": _always(
        "supplement-asked", "请您补充材料，截止 {day}。", "You are asked for what is missing, by {day}.", "answer_by"
    ),
    "complainant.asked": _always(
        "supplement-asked", "请您补充材料，截止 {day}。", "You are asked for what is missing, by {day}.", "answer_by"
    ),
    "supplement.received": _always("supplement-received", "已收到补充材料。", "Your supplement has arrived."),
    "case.merged": _always("merged", "与同类诉求合并办理。", "Handled together with others of the same matter."),
    "case.unmerged": _always("unmerged", "恢复单独办理。", "Handled by itself again."),
    "case.assigned": _always("with-unit", "已交{unit}办理。", "Sent to {unit}."),
    "case.signed": _always("signed", "{unit}已签收，正在办理。", "{unit} has accepted the case and works on it."),
    "case.suspended": _always("rests", "暂缓办理，至迟 {day}。", "The case rests, until {day} at the latest.", "until"),
    "case.resumed": _always("resumed", "恢复办理。", "Work goes on."),
    "clock.extended": _always("extended", "办理期限延长至 {day}。", "The limit was extended until {day}.", "due_at"),
    "delay.explained": _always(
        "delayed", "未能按时办结，承诺 {day} 前答复。", "Late; an answer is promised by {day}.", "promised_at"
    ),
    "case.closed": _always("answered", "已答复。", "Answered."),
    "case.stored": _when("result", _always("answered", "已答复。", "Answered.")),
    "case.ended": _ended,
    "reopening.requested": _always("reopening-requested", "您申请重新办理。", "You asked to have it handled again."),
    "case.reopened": _always("reopened", "重新办理。", "The case is handled again."),
    "review.opened": _always("appealed", "您申请复核，正在复核。", "You appealed the answer; it is being reviewed."),
    "review.decided": _reviewed,
    "case.rated": _always("rated", "您已评价。", "You have rated the answer."),
    "identity.erased": _always("erased", "您的个人信息已删除。", "Your personal details have been erased."),
}

STAFF_NAMES: Mapping[str, tuple[str, str]] = {
    "case.registered": ("登记", "registered"),
    "case.released": ("放行派遣", "released for dispatch"),
    "case.ended": ("未经办理终结", "ended without an answer"),
    "supplement.requested": ("要求补办", "supplement requested"),
    "supplement.received": ("收到补办", "supplement received"),
    "repeat.linked": ("重复投诉", "repeat of an earlier case"),
    "case.merged": ("并案", "merged"),
    "case.unmerged": ("取消并案", "merger undone"),
    "follower.added": ("并入案件", "another case merged into it"),
    "follower.removed": ("移出案件", "merger of another case undone"),
    "identity.erased": ("删除个人信息", "identity erased"),
    "reopening.requested": ("诉求人申请重办", "complainant asks to reopen"),
    "answer.appealed": ("诉求人申请复核", "complainant appeals the answer"),
    "case.assigned": ("派单", "assigned"),
    "case.queued": ("待派单", "queued for the dispatcher"),
    "case.signed": ("签收", "signed"),
    "handling.reported": ("上报办结", "reported"),
    "redo.ordered": ("退回返工", "sent back"),
    "case.escalated": ("提级督办", "escalated"),
    "case.suspended": ("挂账", "suspended"),
    "case.resumed": ("恢复办理", "resumed"),
    "extension.requested": ("申请延期", "extension requested"),
    "extension.decided": ("延期审批", "extension decided"),
    "extension.refused": ("延期无效", "extension without effect"),
    "delay.explained": ("说明逾期", "delay explained"),
    "subtask.opened": ("协办", "co-handler invited"),
    "subtask.ended": ("协办结束", "part of a co-handler ended"),
    "case.closed": ("办结答复", "answered"),
    "case.reopened": ("重办", "reopened"),
    "case.joined": ("随主案办理", "handled with the leading case"),
    "case.instructed": ("领导批示", "instruction"),
    "note.added": ("内部备注", "internal note"),
    "consultation.held": ("会商", "consultation"),
    "complainant.asked": ("要求诉求人补充", "complainant asked"),
    "asking.ended": ("补充结束", "asking ended"),
    "review.opened": ("复核", "review opened"),
    "review.decided": ("复核决定", "review decided"),
    "clock.started": ("开始计时", "limit started"),
    "clock.rung-reached": ("时限提醒", "reminder or card"),
    "clock.paused": ("停表", "limit paused"),
    "clock.resumed": ("续表", "limit resumed"),
    "clock.extended": ("延长期限", "limit extended"),
    "clock.reckoned": ("重算期限", "limit calculated again"),
    "clock.escalated": ("逐级上报", "delay reported upwards"),
    "clock.stopped": ("停止计时", "limit stopped"),
    "callback.recorded": ("回访", "call-back"),
    "callback.ended": ("回访结束", "call-back ended"),
    "case.rated": ("评价", "rated"),
    "case.stored": ("已办结（仅存登记库）", "answered (from intake's own record)"),
}
"""What each event is called for units, in Chinese and English."""


def limit_of(facts: Iterable[Fact]) -> TimeLimit | None:
    """The limit of the whole case that began last; None where its event does not name it."""
    begun = [fact.body.get("limit") for fact in in_order(facts) if fact.name == "clock.started"]
    return TimeLimit(amount=begun[-1]["amount"], unit=TimeUnit(begun[-1]["unit"])) if begun and begun[-1] else None


def possible(row: Mapping[str, Any], windows: Any, now: int, *, awaits_reception: bool) -> list[str]:
    """Which requests of the complainant are likely to be accepted now. The services decide, not this list."""
    day = 86_400_000_000
    found = ["supplement"] if awaits_reception or row["asked_complainant"] else []
    if row["open"]:
        return [*found, "withdraw"]
    if row["closed"] is None or row["ending"] is not None:
        return found
    age = now - row["closed"]
    if row["rated"] is None and age < windows.rate_days * day:
        found.append("rate")
    free = not row["reviewing"] and age < windows.reopen_days * day
    if free and row["reopened_by_complainant"] < windows.reopenings:
        found.append("reopen")
    appealable = windows.appeal_days is not None and age < windows.appeal_days * day
    if appealable and row["appealed"] != row["answers"]:
        found.append("appeal")
    return found
