"""What must hold between the tables of a place. Findings name table, place in it and field, in two languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from contracts.accountability_checks import ACCOUNTABILITY_CHECKS
from contracts.channel_tables import channels_of
from contracts.codes import AppealType, TimeUnit
from contracts.limits import TimeLimit
from contracts.notice_checks import NOTICE_CHECKS
from contracts.procedure_checks import PROCEDURE_CHECKS
from contracts.reference_findings import Check, Finding, Tables
from contracts.score_checks import SCORE_CHECKS
from contracts.toml_lines import Path


def codes_are_unique(tables: Tables) -> Iterator[Finding]:
    """Nothing has the code of another."""
    for table, list_name, field in (
        ("areas", "area", "code"),
        ("areas", "jurisdiction", "unit"),
        ("areas", "jurisdiction", "prefix"),
        ("categories", "category", "code"),
        ("channels", "channel", "code"),
        ("units", "unit", "id"),
        ("dispatch", "rule", "id"),
        ("intake", "scope", "id"),
        ("posts", "post", "id"),
        ("limits", "suspension", "reason"),
        ("systems", "system", "id"),
        ("systems", "type", "id"),
        ("documents", "document", "code"),
        ("documents", "document", "suffix"),
    ):
        seen: set[str] = set()
        for n, entry in enumerate(tables.get(table, {}).get(list_name, ())):
            if entry[field] in seen:
                yield Finding(
                    table,
                    (list_name, n, field),
                    f"“{entry[field]}”重复：请改用别的值，或删去其一",
                    f"'{entry[field]}' is used twice: choose another, or remove one of them",
                )
            seen.add(entry[field])


def references_exist(tables: Tables) -> Iterator[Finding]:
    """Whatever is named exists: units, areas, categories, appeal types."""
    units = {unit["id"] for unit in tables["units"]["unit"]}
    areas = {area["code"] for area in tables["areas"]["area"]}
    categories = {category["code"] for category in tables["categories"]["category"]}
    centres = {each["unit"] for each in tables["areas"]["jurisdiction"]}
    appeals = {str(appeal) for appeal in AppealType}
    yield from _missing(tables, "areas", "jurisdiction", "unit", units, "units.toml")
    yield from _missing(tables, "areas", "area", "jurisdiction", centres, "[[jurisdiction]]")
    yield from _missing(tables, "areas", "area", "parent", areas, "areas.toml")
    yield from _missing(tables, "units", "unit", "parent", units, "units.toml")
    yield from _missing(tables, "units", "unit", "areas", areas, "areas.toml")
    yield from _missing(tables, "dispatch", "rule", "to", units, "units.toml")
    yield from _missing(tables, "dispatch", "rule", "categories", categories, "categories.toml")
    yield from _missing(tables, "dispatch", "rule", "areas", areas, "areas.toml")
    yield from _missing(tables, "dispatch", "rule", "appeals", appeals, ", ".join(sorted(appeals)))
    posts = {post["id"] for post in tables.get("posts", {}).get("post", ())}
    yield from _missing(tables, "posts", "post", "unit", units, "units.toml")
    yield from _missing(tables, "posts", "post", "stand_in", posts, "posts.toml")
    channels = set(channels_of(tables))
    yield from _missing(tables, "intake", "scope", "categories", categories, "categories.toml")
    yield from _missing(tables, "intake", "scope", "areas", areas, "areas.toml")
    yield from _missing(tables, "intake", "scope", "appeals", appeals, ", ".join(sorted(appeals)))
    yield from _missing(tables, "intake", "scope", "channels", channels, "channels.toml")
    yield from _missing(tables, "notices", "series", "channels", channels, "channels.toml")


def _missing(tables: Tables, table: str, list_name: str, field: str, known: set[str], where: str) -> Iterator[Finding]:
    for n, entry in enumerate(tables.get(table, {}).get(list_name, ())):
        value = entry.get(field)
        named: list[tuple[Path, str]] = (
            [((list_name, n, field, i), each) for i, each in enumerate(value)]
            if isinstance(value, list)
            else [((list_name, n, field), value)]
            if value is not None
            else []
        )
        for path, each in named:
            if each not in known:
                yield Finding(
                    table,
                    path,
                    f"“{each}”不存在：请改正，或先在 {where} 中加上",
                    f"'{each}' does not exist: correct it, or add it to {where} first",
                )


def diverted_matters_name_their_authority(tables: Tables) -> Iterator[Finding]:
    """A diverted matter says where it has to go, and no other does."""
    for n, rule in enumerate(tables.get("intake", {}).get("scope", ())):
        if (rule["verdict"] == "diverted") != ("authority" in rule):
            yield Finding(
                "intake",
                ("scope", n, "verdict"),
                "转告其他机关（diverted）的规则必须写 authority，其他规则不得写",
                "a rule that diverts names its `authority`, and no other rule does",
            )


def approvals_and_verifications_exist(tables: Tables) -> Iterator[Finding]:
    """What is approved or verified are categories and appeals that there are."""
    known = {
        "categories": {category["code"] for category in tables["categories"]["category"]},
        "appeals": {str(appeal) for appeal in AppealType},
    }
    for part in ("approval", "verification"):
        for field, values in known.items():
            for n, each in enumerate(tables["dispatch"].get(part, {}).get(field, ())):
                if each not in values:
                    yield Finding(
                        "dispatch",
                        (part, field, n),
                        f"“{each}”不存在：请改正或删去",
                        f"'{each}' does not exist: correct or remove it",
                    )


def units_name_their_people(tables: Tables) -> Iterator[Finding]:
    """A unit that names posts has one leader and two staff at least (S1¶6); nobody stands in for himself."""
    posts = tables.get("posts", {}).get("post", ())
    for unit in dict.fromkeys(post["unit"] for post in posts):
        own = [(n, post) for n, post in enumerate(posts) if post["unit"] == unit]
        leaders, staff = ([n for n, post in own if post["duty"] == duty] for duty in ("leader", "staff"))
        if len(leaders) != 1 or len(staff) < 2:
            yield Finding(
                "posts",
                ("post", own[0][0], "unit"),
                f"“{unit}”要有一名负责人（leader）和至少两名经办人（staff），现有 {len(leaders)} 名和 {len(staff)} 名",
                f"'{unit}' needs one `leader` and at least two `staff`; it has {len(leaders)} and {len(staff)}",
            )
    for n, post in enumerate(posts):
        if post.get("stand_in") == post["id"]:
            yield Finding(
                "posts",
                ("post", n, "stand_in"),
                "A、B 岗不能是同一个岗位：请改正",
                "nobody stands in for himself: name another post",
            )
        for i, absence in enumerate(post.get("away", ())):
            if absence["until"] < absence["since"]:
                yield Finding(
                    "posts",
                    ("post", n, "away", i, "until"),
                    "结束日期早于开始日期：请改正",
                    "the absence ends before it begins: correct the dates",
                )


def units_form_a_tree(tables: Tables) -> Iterator[Finding]:
    """One root, no cycle, and no unit answers for an area that its superior does not."""
    units = {unit["id"]: unit for unit in tables["units"]["unit"]}
    roots = [n for n, unit in enumerate(tables["units"]["unit"]) if unit.get("parent") is None]
    for n in roots[1:]:
        yield Finding(
            "units", ("unit", n), "除最上级外，每个单位都要写 parent", "only one unit may be without `parent`: name one"
        )
    for n, unit in enumerate(tables["units"]["unit"]):
        if _in_cycle(units, unit["id"]):
            yield Finding(
                "units",
                ("unit", n, "parent"),
                f"“{unit['id']}”成了自己的上级：请改正 parent",
                f"'{unit['id']}' is its own superior: correct `parent`",
            )
        superior = units.get(unit.get("parent", ""))
        for i, area in enumerate(unit["areas"] if superior else ()):
            if superior and area not in superior["areas"]:
                yield Finding(
                    "units",
                    ("unit", n, "areas", i),
                    f"上级“{superior['id']}”不管“{area}”：请从本单位删去，或加给上级",
                    f"its superior '{superior['id']}' does not cover '{area}': remove it here, or add it there",
                )


def _in_cycle(units: Mapping[str, Mapping[str, Any]], unit: str) -> bool:
    seen: set[str] = set()
    above = units[unit].get("parent")
    while above is not None and above in units and above not in seen:
        if above == unit:
            return True
        seen.add(above)
        above = units[above].get("parent")
    return False


def areas_form_trees(tables: Tables) -> Iterator[Finding]:
    """No area is a part of itself."""
    areas = {area["code"]: area for area in tables["areas"]["area"]}
    for n, area in enumerate(tables["areas"]["area"]):
        if _in_cycle(areas, area["code"]):
            yield Finding(
                "areas",
                ("area", n, "parent"),
                f"“{area['code']}”成了自己的上级区域：请改正 parent",
                f"'{area['code']}' is a part of itself: correct `parent`",
            )


def centres_dispatch(tables: Tables) -> Iterator[Finding]:
    """Each centre has a dispatcher and covers the areas it answers for."""
    units = {unit["id"]: unit for unit in tables["units"]["unit"]}
    for n, centre in enumerate(tables["areas"]["jurisdiction"]):
        if centre["unit"] in units and not units[centre["unit"]].get("dispatches", False):
            yield Finding(
                "areas",
                ("jurisdiction", n, "unit"),
                f"“{centre['unit']}”没有派单员：请在 units.toml 中给它写 dispatches = true",
                f"'{centre['unit']}' has no dispatcher: give it `dispatches = true` in units.toml",
            )
    for n, area in enumerate(tables["areas"]["area"]):
        unit = units.get(area["jurisdiction"])
        if unit is not None and area["code"] not in unit["areas"]:
            yield Finding(
                "areas",
                ("area", n, "jurisdiction"),
                f"“{unit['id']}”的 areas 中没有“{area['code']}”：请在 units.toml 中加上",
                f"'{unit['id']}' does not cover '{area['code']}': add it to its `areas` in units.toml",
            )


def rules_have_conditions(tables: Tables) -> Iterator[Finding]:
    """No rule fits everything: it would hide the dispatcher's queue."""
    for n, rule in enumerate(tables["dispatch"]["rule"]):
        if not (rule.get("categories") or rule.get("areas") or rule.get("appeals")):
            yield Finding(
                "dispatch",
                ("rule", n),
                "规则没有条件，什么都会派走：请写 categories、areas 或 appeals",
                "the rule fits everything: give it categories, areas or appeals",
            )


def limits_are_complete(tables: Tables) -> Iterator[Finding]:
    """Each appeal type has its limit, no other has one, and none is over before it has begun."""
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
    """A category with an upper bound for all extensions has a shorter limit of its own, both in working days."""
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
    """On-the-spot types have a limit of the same working day or of hours."""
    for n, each in enumerate(tables.get("systems", {}).get("type", ())):
        if each["obligation"] != "on-the-spot":
            continue
        limit = TimeLimit.parse(each["limit"]) if "limit" in each else None
        if limit is None or (limit.unit is not TimeUnit.HOURS and limit.amount > 0):
            yield Finding(
                "systems",
                ("type", n, "limit"),
                '当场办结的事项须写以小时计的时限，或 "0 working days"（当日）：请改正 limit',
                'what is done on the spot has a limit in hours, or "0 working days" (the same day): correct `limit`',
            )


def alarms_come_in_order(tables: Tables) -> Iterator[Finding]:
    """Cards fall one after the other, somebody works in the hours of alarm, and each level is told after the last."""
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


def notices_are_of_their_year(tables: Tables) -> Iterator[Finding]:
    """A year has one notice; it takes off weekdays and adds days of weekends.

    They are of that year, of the December before or of the January after: the notice for 2019 named two days of 2018.
    """
    seen: set[int] = set()
    for n, notice in enumerate(tables.get("calendar", {}).get("year", ())):
        if notice["year"] in seen:
            yield Finding("calendar", ("year", n), f"{notice['year']}年写了两次", f"{notice['year']} is there twice")
        seen.add(notice["year"])
        first, last = date(notice["year"] - 1, 12, 1), date(notice["year"] + 1, 1, 31)
        for name, wanted in (("days_off", range(5)), ("days_worked", range(5, 7))):
            for i, day in enumerate(notice.get(name, ())):
                if not first <= day <= last or day.weekday() not in wanted:
                    yield Finding(
                        "calendar",
                        ("year", n, name, i),
                        f"{day} 不对：days_off 写周一至周五，days_worked 写周六、周日，限当年、上年十二月和次年一月",
                        f"{day} does not fit: days_off are weekdays, days_worked days of weekends, from the December "
                        "before to the January after",
                    )


def timezone_is_real(tables: Tables) -> Iterator[Finding]:
    """The time zone is one of the IANA database."""
    name = tables["place"]["timezone"]
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        yield Finding(
            "place",
            ("timezone",),
            f"没有“{name}”这个时区：请写如 Asia/Shanghai",
            f"'{name}' is no time zone: write one such as Asia/Shanghai",
        )


CHECKS: tuple[Check, ...] = (
    codes_are_unique,
    references_exist,
    diverted_matters_name_their_authority,
    approvals_and_verifications_exist,
    units_name_their_people,
    units_form_a_tree,
    areas_form_trees,
    centres_dispatch,
    rules_have_conditions,
    limits_are_complete,
    extensions_have_room,
    types_of_items_are_complete,
    alarms_come_in_order,
    notices_are_of_their_year,
    timezone_is_real,
    *SCORE_CHECKS,
    *ACCOUNTABILITY_CHECKS,
    *NOTICE_CHECKS,
    *PROCEDURE_CHECKS,
)
"""Asked one after another, once every table fits its model. A new check: one line here."""
