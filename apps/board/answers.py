"""Answers of services and names of codes, as templates use them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from apps.board.words import RATES, SERVICES, word
from apps.web.view import View
from apps.web.words import COUNTS, SATISFACTION, STAGES, WAITS, clock_name


class Answer(dict[str, Any]):
    """A JSON object; a field that the service left out because it is empty is None."""

    def __missing__(self, _: str) -> None:
        return None


def answer(document: Any) -> Any:
    """The document with `Answer` for each object."""
    if isinstance(document, Mapping):
        return Answer({name: answer(value) for name, value in document.items()})
    return [answer(each) for each in document] if isinstance(document, list) else document


class Words:
    """Names of codes in the reader's language, for templates."""

    def __init__(self, view: View) -> None:
        self._view = view

    def stage(self, code: str) -> str:
        """A stage of a case."""
        return word(STAGES, code, self._view.language)

    def service(self, code: str) -> str:
        """A service, or the channel."""
        return word(SERVICES, code, self._view.language)

    def clock(self, name: str) -> str:
        """A limit, by its name such as ``close`` or ``close-2``."""
        return self._view.t(*clock_name(name))

    def grade(self, code: str) -> str:
        """A grade of satisfaction."""
        return word(SATISFACTION, code, self._view.language)

    def rate(self, code: str) -> str:
        """A rate of the scores."""
        return word(RATES, code, self._view.language)

    def count(self, code: str) -> str:
        """A count of the scores."""
        return word(COUNTS, code, self._view.language)

    def criterion(self, name: str, value: str) -> str:
        """A criterion of a list."""
        return criterion(self._view, name, value)

    def duration(self, micros: int) -> str:
        """A length of time."""
        return duration(micros, self._view)


def criterion(view: View, name: str, value: str) -> str:
    """A criterion of a list in words."""
    named: Mapping[str, Callable[[str], str]] = {
        "stage": lambda each: word(STAGES, each, view.language),
        "what": lambda each: word(WAITS, each, view.language),
        "satisfaction": lambda each: word(SATISFACTION, each, view.language),
        "state": lambda each: {"open": view.t("在办", "open"), "closed": view.t("已结", "closed")}.get(each, each),
    }
    if name in {"area", "category", "channel"}:
        text = view.named(name, value)
    elif name in {"unit", "responsible", "waits_for"}:
        text = view.named("unit", value)
    elif name.endswith(("_from", "_to")):
        text = view.day(value) if len(value) == 10 else view.instant(value)
    elif value in {"true", "false"}:
        text = view.t("是", "yes") if value == "true" else view.t("否", "no")
    else:
        text = named.get(name, str)(value)
    zh, en = _CRITERIA.get(name, (name, name))
    return view.t(f"{zh}：{text}", f"{en}: {text}")


_CRITERIA = {
    "state": ("状态", "state"),
    "stage": ("环节", "stage"),
    "area": ("区域", "area"),
    "unit": ("单位", "unit"),
    "responsible": ("责任单位", "responsible"),
    "received_from": ("受理自", "received from"),
    "received_to": ("受理至", "received until"),
    "due_from": ("到期自", "due from"),
    "due_to": ("到期至", "due until"),
    "overdue": ("超期", "overdue"),
    "paused": ("停表", "paused"),
    "urgent": ("紧急", "urgent"),
    "rated": ("已评价", "rated"),
    "satisfaction": ("评价", "rating"),
    "category": ("类别", "category"),
    "channel": ("渠道", "channel"),
    "what": ("等待", "waits for"),
    "waits_for": ("等待单位", "waits for unit"),
    "number": ("编号", "number"),
}


def duration(micros: int, view: View) -> str:
    """A length of time with two units at most."""
    if micros < 1_000:
        return f"{micros} µs"
    if micros < 1_000_000:
        return f"{micros / 1_000:.1f} ms"
    seconds = micros / 1_000_000
    if seconds < 60:
        return view.t(f"{seconds:.1f} 秒", f"{seconds:.1f} s")
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return view.t(f"{minutes} 分 {rest} 秒", f"{minutes} min {rest} s")
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return view.t(f"{hours} 小时 {minutes} 分", f"{hours} h {minutes} min")
    days, hours = divmod(hours, 24)
    return view.t(f"{days} 天 {hours} 小时", f"{days} d {hours} h")
