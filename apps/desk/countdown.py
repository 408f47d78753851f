"""What is left of a limit in words: `剩 2 工作日 3 小时`. Scoring counts, this only writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from apps.web.words import clock_name

Light = Literal["green", "yellow", "red", "paused"]
RANKS: Mapping[str, int] = {"red": 0, "yellow": 1, "green": 2, "paused": 3}


@dataclass(frozen=True)
class Countdown:
    """A limit as a page shows it, in two languages."""

    light: Light
    due_at: str
    over: bool
    clock: str
    zh: str
    en: str
    name_zh: str
    name_en: str


def countdown_of(found: Mapping[str, Any]) -> Countdown:
    """From a `countdown` of scoring."""
    zh, en = _words(found)
    name_zh, name_en = clock_name(found["clock"])
    return Countdown(
        found["light"],
        found["due_at"],
        found["over"],
        found["clock"],
        zh,
        en,
        f"{name_zh}期限",
        f"{name_en} due by",
    )


def most_urgent(found: Iterable[Mapping[str, Any]], unit: str) -> Countdown | None:
    """The limit to watch: the soonest end of those that the unit has to keep, else the soonest of all."""
    every = sorted(found, key=lambda each: str(each["due_at"]))
    own = [each for each in every if each["unit"] == unit and not each["clock"].startswith("callback")]
    first = next(iter(own or every), None)
    return countdown_of(first) if first else None


def _words(found: Mapping[str, Any]) -> tuple[str, str]:
    days, minutes = int(found["working_days"]), int(found["seconds"]) // 60
    hours, minutes = divmod(minutes, 60)
    zh, en = [], []
    if days:
        zh.append(f"{days} 工作日")
        en.append(f"{days} working day{'s' if days > 1 else ''}")
    if hours:
        zh.append(f"{hours} 小时")
        en.append(f"{hours} h")
    if not days and not hours:
        zh.append(f"{minutes} 分钟")
        en.append(f"{minutes} min")
    if found["light"] == "paused":
        return f"暂停，剩 {' '.join(zh)}", f"paused, {' '.join(en)} left"
    if found["over"]:
        return f"超期 {' '.join(zh)}", f"{' '.join(en)} over"
    return f"剩 {' '.join(zh)}", f"{' '.join(en)} left"
