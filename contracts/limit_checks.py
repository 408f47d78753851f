"""What must hold of limits of time: `limits.toml`, and the limits of types of items in `systems.toml`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from contracts.codes import AppealType, TimeUnit
from contracts.limits import TimeLimit
from contracts.reference_findings import Check, Finding, Tables
from contracts.toml_lines import Path

SPOT_HOURS = 8
"""The longest limit in hours that ends within a working day."""


def limits_are_complete(tables: Tables) -> Iterator[Finding]:
    """Each appeal type has its limit, and no other has one; limits of categories are of categories that there are."""
    close = tables["limits"]["close"]
    for appeal in AppealType:
        if appeal not in close["appeals"]:
            yield Finding(
                "limits",
                ("close", "appeals", str(appeal)),
                f'缺少“{appeal}”的时限：请加上一行，如 "15 working days"',
                f"no limit for '{appeal}': add a line such as \"15 working days\"",
            )
    for name in close["appeals"]:
        if name not in {str(appeal) for appeal in AppealType}:
            yield Finding(
                "limits",
                ("close", "appeals", name),
                f"没有“{name}”这种诉求：请改正或删去",
                f"'{name}' is no appeal type: correct or remove it",
            )
    known = {category["code"] for category in tables["categories"]["category"]}
    for name in close.get("categories", {}):
        if name not in known:
            yield Finding(
                "limits",
                ("close", "categories", name),
                f"没有“{name}”这个事项类别：请改正或删去",
                f"'{name}' is no category: correct or remove it",
            )


def extensions_have_room(tables: Tables) -> Iterator[Finding]:
    """A category whose time is bounded with its extensions has a shorter limit of its own, both in working days."""
    limits = tables["limits"]
    own = limits["close"].get("categories", {})
    for name, text in limits.get("extension", {}).get("most", {}).items():
        at: Path = ("extension", "most", name)
        if name not in own:
            yield Finding(
                "limits",
                at,
                f"“{name}”在 [close.categories] 中没有时限：请先加上",
                f"'{name}' has no limit in [close.categories]: add it first",
            )
            continue
        limit, most = TimeLimit.parse(own[name]), TimeLimit.parse(text)
        if not limit.unit is most.unit is TimeUnit.WORKING_DAYS or most.amount <= limit.amount:
            yield Finding(
                "limits",
                at,
                f"“{most}”必须长于“{name}”的时限“{limit}”，且两者都以工作日计：请改正",
                f"'{most}' must be longer than '{limit}' of '{name}', and both in working days: correct it",
            )


def types_of_items_are_complete(tables: Tables) -> Iterator[Finding]:
    """What is done on the spot ends with the same working day, or within the hours of one."""
    for n, each in enumerate(tables.get("systems", {}).get("type", ())):
        if each["obligation"] != "on-the-spot":
            continue
        limit = TimeLimit.parse(each["limit"]) if "limit" in each else None
        if limit is None or not (limit.amount <= SPOT_HOURS if limit.unit is TimeUnit.HOURS else limit.amount == 0):
            yield Finding(
                "systems",
                ("type", n, "limit"),
                f'当场办结的事项，时限应为不超过 {SPOT_HOURS} 小时，或 "0 working days"（当日）：请改正 limit',
                f'what is done on the spot has a limit of {SPOT_HOURS} hours at most, or "0 working days" (the same '
                "day): correct `limit`",
            )


def alarms_come_in_order(tables: Tables) -> Iterator[Finding]:
    """The yellow card follows the reminder, working hours are not empty, and each level of escalation is later."""
    rungs, alarms = tables["limits"]["close"]["rungs"], tables["limits"].get("alarms", {})
    if not rungs["reminder_ratio"] < rungs["yellow_ratio"]:
        yield Finding(
            "limits",
            ("close", "rungs", "yellow_ratio"),
            "黄牌必须晚于提醒：yellow_ratio 要大于 reminder_ratio",
            "the yellow card must come after the reminder: make yellow_ratio greater than reminder_ratio",
        )
    if not alarms.get("work_begins", "09:00") < alarms.get("work_ends", "17:30"):
        yield Finding(
            "limits",
            ("alarms", "work_ends"),
            "下班必须晚于上班：请改正 work_begins 或 work_ends",
            "work must end after it begins: correct work_begins or work_ends",
        )
    after = [TimeLimit.parse(text) for text in alarms.get("escalate_after", ())]
    for n, (one, next_) in enumerate(pairwise(after), 1):
        if one.unit is not next_.unit or one.amount >= next_.amount:
            yield Finding(
                "limits",
                ("alarms", "escalate_after", n),
                f"逐级上报要一级比一级晚，且用同一单位：“{next_}”不晚于“{one}”",
                f"each level is told later than the last, in the same unit: '{next_}' is not after '{one}'",
            )


def limits_last(tables: Tables) -> Iterator[Finding]:
    """No limit is over when it begins; ``0 working days``, the same working day, is for stages and items alone."""
    limits, systems = tables["limits"], tables.get("systems", {})
    close, named = limits["close"], list[tuple[str, Path, str, bool]]()
    for part in ("appeals", "categories"):
        named += [("limits", ("close", part, name), text, False) for name, text in close.get(part, {}).items()]
    named += [("limits", ("stages", name), text, True) for name, text in limits.get("stages", {}).items()]
    after = limits.get("alarms", {}).get("escalate_after", ())
    named += [("limits", ("alarms", "escalate_after", n), text, False) for n, text in enumerate(after)]
    if (callback := limits.get("callback", {}).get("ends_after")) is not None:
        named.append(("limits", ("callback", "ends_after"), callback, False))
    named += [
        ("systems", ("type", n, "limit"), each["limit"], True)
        for n, each in enumerate(systems.get("type", ()))
        if "limit" in each
    ]
    for table, path, text, same_day in named:
        limit = TimeLimit.parse(text)
        if limit.amount == 0 and not (same_day and limit.unit is TimeUnit.WORKING_DAYS):
            yield Finding(
                table,
                path,
                f"“{text}”一开始就已到期：请写 1 以上的时限",
                f"'{text}' is over when it begins: give it 1 at least",
            )


def urgent_cases_are_dispatched_sooner(tables: Tables) -> Iterator[Finding]:
    """The limit of urgent dispatch is shorter than that of all other cases, which there is."""
    stages = tables["limits"].get("stages", {})
    if "dispatch_urgent" not in stages:
        return
    urgent = TimeLimit.parse(stages["dispatch_urgent"])
    usual = TimeLimit.parse(stages["dispatch"]) if "dispatch" in stages else None
    if usual is None or (urgent.unit is usual.unit and urgent.amount >= usual.amount):
        yield Finding(
            "limits",
            ("stages", "dispatch_urgent"),
            f"急件的派单时限“{urgent}”应短于一般的（dispatch）“{usual or '未写'}”：请改正",
            f"'{urgent}' of urgent cases must be shorter than `dispatch`, which is '{usual or 'missing'}': correct it",
        )


def overruns_go_up(tables: Tables) -> Iterator[Finding]:
    """Clocks whose overrun goes up name when it does, and the other way round."""
    alarms = tables["limits"].get("alarms", {})
    pairs = (("escalate", "escalate_after"), ("escalate_after", "escalate"))
    for one, other in pairs:
        if alarms.get(one) and not alarms.get(other):
            yield Finding(
                "limits",
                ("alarms", one),
                f"写了 {one} 而没有 {other}，不会逐级上报：请补上 {other}，或删去 {one}",
                f"`{one}` without `{other}` never goes up a level: add `{other}`, or remove `{one}`",
            )


def appeals_can_be_decided(tables: Tables) -> Iterator[Finding]:
    """A limit of reviews belongs to a place with appeals; and a unit that may review its own answers has two posts."""
    limits = tables["limits"]
    if "appeal" not in limits:
        if "review" in limits.get("stages", {}):
            yield Finding(
                "limits",
                ("stages", "review"),
                "本市不受理复核申请（没有 [appeal]），不会用到 review：请补上 [appeal]，或删去 review",
                "without [appeal] no answer is reviewed: add [appeal], or remove `review`",
            )
        return
    centres = {each["unit"] for each in tables["areas"]["jurisdiction"]}
    own = {each["id"] for each in tables["units"]["unit"] if "parent" not in each} | centres
    entries = list(enumerate(tables.get("posts", {}).get("post", ())))
    for unit in sorted(own):
        of_unit = [(n, post) for n, post in entries if post["unit"] == unit]
        posts = {post["id"] for _, post in of_unit} | {post["stand_in"] for _, post in of_unit if "stand_in" in post}
        if len(posts) == 1:
            yield Finding(
                "posts",
                ("post", of_unit[0][0], "unit"),
                f"“{unit}”只有一个岗位，不能另派人复核本单位的答复（limits.toml [appeal]）：请再加一个岗位",
                f"'{unit}' has one post, so that no other reviews its answers (limits.toml [appeal]): add another",
            )


LIMIT_CHECKS: tuple[Check, ...] = (
    limits_are_complete,
    limits_last,
    extensions_have_room,
    types_of_items_are_complete,
    urgent_cases_are_dispatched_sooner,
    alarms_come_in_order,
    overruns_go_up,
    appeals_can_be_decided,
)
