"""What must hold between the tables of a place. Findings name table, place in it and field, in two languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from contracts.accountability_checks import ACCOUNTABILITY_CHECKS
from contracts.administration import ADMINISTRATION_CHECKS
from contracts.category_checks import CATEGORY_CHECKS
from contracts.channel_tables import channels_of
from contracts.codes import AppealType
from contracts.handling_checks import HANDLING_CHECKS
from contracts.limit_checks import LIMIT_CHECKS
from contracts.naming_checks import NAMING_CHECKS
from contracts.notice_checks import NOTICE_CHECKS
from contracts.procedure_checks import PROCEDURE_CHECKS
from contracts.reference_findings import Check, Finding, Tables
from contracts.score_checks import SCORE_CHECKS
from contracts.toml_lines import Path


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
    yield from _missing(tables, "posts", "post", "channels", channels, "channels.toml")
    yield from _missing(tables, "replies", "reply", "categories", categories, "categories.toml")
    yield from _missing(tables, "replies", "reply", "units", units, "units.toml")


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


def city_apps_are_given_an_area(tables: Tables) -> Iterator[Finding]:
    """The area of requests that name none is one of the place."""
    area = (tables["place"].get("open311") or {}).get("area")
    if area is not None and area not in {each["code"] for each in tables["areas"]["area"]}:
        yield Finding(
            "place",
            ("open311", "area"),
            f"“{area}”不存在：请改正，或先在 areas.toml 中加上",
            f"'{area}' does not exist: correct it, or add it to areas.toml first",
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


_CONDITIONS = ("categories", "areas", "appeals")


def rules_have_conditions(tables: Tables) -> Iterator[Finding]:
    """No rule of dispatch or of the scope test fits everything: it would decide every case alone."""
    for n, rule in enumerate(tables["dispatch"]["rule"]):
        if not any(rule.get(each) for each in _CONDITIONS):
            yield Finding(
                "dispatch",
                ("rule", n),
                "规则没有条件，什么都会派走：请写 categories、areas 或 appeals",
                "the rule fits everything: give it categories, areas or appeals",
            )
    for n, rule in enumerate(tables.get("intake", {}).get("scope", ())):
        if not any(rule.get(each) for each in (*_CONDITIONS, "channels", "words")):
            yield Finding(
                "intake",
                ("scope", n, "verdict"),
                "规则没有条件，对所有诉求都适用：请写 categories、areas、appeals、channels 或 words",
                "the rule fits every complaint: give it categories, areas, appeals, channels or words",
            )


def rules_can_be_reached(tables: Tables) -> Iterator[Finding]:
    """The first rule that fits decides: none has only matters that an earlier rule takes."""
    rules = tables["dispatch"]["rule"]
    for n, rule in enumerate(rules):
        earlier = next((each for each in rules[:n] if _takes_all_of(each, rule)), None)
        if earlier is not None and any(rule.get(each) for each in _CONDITIONS):
            yield Finding(
                "dispatch",
                ("rule", n, "id"),
                f"前面的规则“{earlier['id']}”已包含它的全部情形，它永远不会用到：请移到前面、改条件或删去",
                f"the rule '{earlier['id']}' before it takes all its matters: move it up, change its conditions or "
                "remove it",
            )


def _takes_all_of(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether every matter that fits `other` fits `one`."""
    return all(not one.get(each) or (other.get(each) and set(other[each]) <= set(one[each])) for each in _CONDITIONS)


def notices_are_of_their_year(tables: Tables) -> Iterator[Finding]:
    """A notice names days of its year, of the December before or of the January after, each once.

    The notice for 2019 named two days of 2018. A year may have several notices, as 2015, 2019 and 2020 had: each has a
    source of its own, and the later one in the file corrects the earlier.
    """
    seen: set[tuple[int, str]] = set()
    for n, notice in enumerate(tables.get("calendar", {}).get("year", ())):
        year, source = notice["year"], notice["source"]
        if (year, source) in seen:
            yield Finding(
                "calendar",
                ("year", n),
                f"{year}年的“{source}”写了两次",
                f"'{source}' of {year} is there twice",
            )
        seen.add((year, source))
        first, last = date(year - 1, 12, 1), date(year + 1, 1, 31)
        for name in ("days_off", "days_worked"):
            for i, day in enumerate(notice.get(name, ())):
                if not first <= day <= last:
                    yield Finding(
                        "calendar",
                        ("year", n, name, i),
                        f"{day} 不在范围内：应为{year}年、上年十二月或次年一月的日期",
                        f"{day} is out of range: a notice names days of {year}, of the December before or of the "
                        "January after",
                    )
                if name == "days_worked" and day in notice.get("days_off", ()):
                    yield Finding(
                        "calendar",
                        ("year", n, name, i),
                        f"{day} 既写为休息日又写为工作日：请删去一处",
                        f"{day} is in days_off and in days_worked: remove one of them",
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
    *NAMING_CHECKS,
    references_exist,
    city_apps_are_given_an_area,
    diverted_matters_name_their_authority,
    approvals_and_verifications_exist,
    units_name_their_people,
    *ADMINISTRATION_CHECKS,
    *HANDLING_CHECKS,
    units_form_a_tree,
    areas_form_trees,
    centres_dispatch,
    rules_have_conditions,
    rules_can_be_reached,
    *CATEGORY_CHECKS,
    *LIMIT_CHECKS,
    notices_are_of_their_year,
    timezone_is_real,
    *SCORE_CHECKS,
    *ACCOUNTABILITY_CHECKS,
    *NOTICE_CHECKS,
    *PROCEDURE_CHECKS,
)
"""Asked one after another, once every table fits its model. A new check: one line here."""
