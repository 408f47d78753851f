"""What must hold in `scores.toml`: weights that add up, groups without overlap, bands without gaps, room for ranks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, get_args

from contracts.channel_tables import channels_of
from contracts.reference_findings import Check, Finding, Tables
from contracts.roles import E_SUPERVISION
from contracts.score_tables import Grade
from contracts.toml_lines import Path

GRADES: tuple[str, ...] = get_args(Grade)
"""The best first."""
UNSATISFIED = ("dissatisfied", "very-dissatisfied")
LISTS = ("component", "deduction", "bonus", "veto", "group", "band", "consequence")


def entries_are_named_once(tables: Tables) -> Iterator[Finding]:
    """No component, deduction, group … has the id of another of its list."""
    for name in LISTS:
        seen: set[str] = set()
        for n, entry in enumerate(_scores(tables).get(name, ())):
            if entry["id"] in seen:
                yield Finding(
                    "scores",
                    (name, n, "id"),
                    f"“{entry['id']}”重复：请改用别的值，或删去其一",
                    f"'{entry['id']}' is used twice: choose another, or remove one of them",
                )
            seen.add(entry["id"])


def components_have_one_source(tables: Tables) -> Iterator[Finding]:
    """A component is a rate of cases or of items, or a rating by bodies: one of them."""
    channels = channels_of(tables)
    for n, component in enumerate(_scores(tables).get("component", ())):
        if ("rate" in component) + ("items" in component) + bool(component.get("assessed_by")) != 1:
            yield Finding(
                "scores",
                ("component", n, "id"),
                "每个指标写 rate、items、assessed_by 之一，只写一个",
                "a component has one of `rate`, `items` and `assessed_by`: give it one of them",
            )
        for i, channel in enumerate(component.get("channels", ())):
            if channel not in channels:
                yield _unknown(("component", n, "channels", i), channel, "channels.toml")
        if component.get("channels") and "rate" not in component:
            yield Finding(
                "scores",
                ("component", n, "channels"),
                "channels 只用于 rate 指标：请删去",
                "`channels` belong to a `rate`: remove them",
            )


def deductions_have_one_source(tables: Tables) -> Iterator[Finding]:
    """Each deduction has exactly one origin: entries of bodies, red cards, or errors in steps."""
    for n, deduction in enumerate(_scores(tables).get("deduction", ())):
        if ("red_card" in deduction) + ("step_error" in deduction) + bool(deduction.get("assessed_by")) != 1:
            yield Finding(
                "scores",
                ("deduction", n, "id"),
                "每项扣分写 red_card、step_error 或 assessed_by，三者取一",
                "a deduction has `red_card`, `step_error` or `assessed_by`: give it one of them",
            )


def watched_systems_exist(tables: Tables) -> Iterator[Finding]:
    """Whatever counts items of some systems counts items, of systems that there are."""
    systems = {E_SUPERVISION, *(system["id"] for system in tables.get("systems", {}).get("system", ()))}
    for name, sources in (("component", ("items",)), ("deduction", ("red_card", "step_error"))):
        for n, entry in enumerate(_scores(tables).get(name, ())):
            for i, each in enumerate(entry.get("systems", ())):
                if each not in systems:
                    yield _unknown((name, n, "systems", i), each, "systems.toml")
            if entry.get("systems") and not any(source in entry for source in sources):
                yield Finding(
                    "scores",
                    (name, n, "systems"),
                    f"systems 只用于 {'、'.join(sources)}：请删去",
                    f"`systems` belong to `{'` or `'.join(sources)}`: remove them",
                )


def weights_add_up(tables: Tables) -> Iterator[Finding]:
    """The weights of a group are those of components that there are, and make 100."""
    components = {component["id"] for component in _scores(tables).get("component", ())}
    for n, group in enumerate(_scores(tables).get("group", ())):
        for name in group["weights"]:
            if name not in components:
                yield _unknown(("group", n, "weights", name), name, "[[component]]")
        total = sum(group["weights"].values())
        if total != 100:
            yield Finding(
                "scores",
                ("group", n, "weights"),
                f"“{group['id']}”的权重合计 {total}，应为 100",
                f"the weights of '{group['id']}' make {total}: they must make 100",
            )


def groups_do_not_overlap(tables: Tables) -> Iterator[Finding]:
    """Each class of units is in one group at most, and there are units of it."""
    classes = {unit.get("class") for unit in tables["units"]["unit"]}
    taken: dict[str, str] = {}
    for n, group in enumerate(_scores(tables).get("group", ())):
        for i, each in enumerate(group["classes"]):
            path: Path = ("group", n, "classes", i)
            if each not in classes:
                yield _unknown(path, each, "units.toml")
            if each in taken:
                yield Finding(
                    "scores",
                    path,
                    f"“{each}”已在“{taken[each]}”组：一类单位只能在一个组",
                    f"'{each}' is in the group '{taken[each]}' already: a class belongs to one group",
                )
            taken.setdefault(each, group["id"])


def classes_are_compared(tables: Tables) -> Iterator[Finding]:
    """The class of each unit belongs to a group; a unit that is in no comparison has no class."""
    groups = _scores(tables).get("group", ())
    known = {each for group in groups for each in group["classes"]}
    for n, unit in enumerate(tables["units"]["unit"] if groups else ()):
        if "class" in unit and unit["class"] not in known:
            yield Finding(
                "units",
                ("unit", n, "class"),
                f"没有考核“{unit['class']}”的组：请改正，或在 scores.toml 的 classes 中加上；不参加考核的不写 class",
                f"no group compares '{unit['class']}': correct it, add it to `classes` in scores.toml, or remove it",
            )


def satisfied_grades_are_the_best(tables: Tables) -> Iterator[Finding]:
    """满意率 counts the best grades, each once and none left out, and nobody who is not satisfied."""
    listed = _scores(tables).get("ratings", {}).get("satisfied", ())
    for n, grade in enumerate(listed):
        better = [each for each in GRADES[: GRADES.index(grade)] if each not in listed]
        if grade in UNSATISFIED:
            zh, en = f"“{grade}”不是满意：请删去", f"'{grade}' is not satisfied: remove it"
        elif grade in listed[:n]:
            zh, en = f"“{grade}”重复：请删去其一", f"'{grade}' is listed twice: remove one of them"
        elif better:
            zh = f"列了“{grade}”，却没有更好的“{better[0]}”：请补上，或删去“{grade}”"
            en = f"'{grade}' counts and the better '{better[0]}' does not: add that, or remove '{grade}'"
        else:
            continue
        yield Finding("scores", ("ratings", "satisfied", n), zh, en)


def bands_have_no_gaps(tables: Tables) -> Iterator[Finding]:
    """Bands go down one after the other, and the last begins at 0."""
    bands = _scores(tables).get("band", ())
    for n, (better, worse) in enumerate(pairwise(bands), 1):
        if worse["points"] >= better["points"]:
            yield Finding(
                "scores",
                ("band", n, "points"),
                f"等次要从高到低：“{worse['id']}”的分数线不低于“{better['id']}”",
                f"bands go down: '{worse['id']}' does not begin below '{better['id']}'",
            )
    if bands and bands[-1]["points"] != 0:
        yield Finding(
            "scores",
            ("band", len(bands) - 1, "points"),
            f"最后一个等次要从 0 分起：{bands[-1]['points']} 分以下没有等次",
            f"the last band begins at 0: below {bands[-1]['points']} points there would be none",
        )


def consequences_can_happen(tables: Tables) -> Iterator[Finding]:
    """A consequence is for the first or the last, of a ranking that there is, in a band that there is."""
    scores = _scores(tables)
    bands = {band["id"] for band in scores.get("band", ())}
    for n, each in enumerate(scores.get("consequence", ())):
        if ("top" in each) == ("bottom" in each):
            yield Finding(
                "scores",
                ("consequence", n, "id"),
                "请写 top 或 bottom，二者取一",
                "a consequence has either `top` or `bottom`: give it one of them",
            )
        if scores.get("grading", "bands") != "ranking":
            yield Finding(
                "scores",
                ("consequence", n, "id"),
                '按名次的后果要求 grading = "ranking"：请改，或删去这一条',
                'what follows from a rank needs grading = "ranking": write it, or remove this',
            )
        if "band_at_most" in each and each["band_at_most"] not in bands:
            yield _unknown(("consequence", n, "band_at_most"), each["band_at_most"], "[[band]]")
        if "growth_below" in each and each.get("years", 1) != 2:
            yield Finding(
                "scores",
                ("consequence", n, "growth_below"),
                "growth_below 是与上一年相比：请加上 years = 2，或删去它",
                "`growth_below` compares with the year before: add `years = 2`, or remove it",
            )


def groups_have_room_for_first_and_last(tables: Tables) -> Iterator[Finding]:
    """A group has more units than are honoured and blamed together: nobody is both, and not all are either (S1¶4)."""
    scores = _scores(tables)
    if scores.get("grading", "bands") != "ranking":
        return
    groups = {group["id"]: group for group in scores.get("group", ())}
    rules = scores.get("consequence", ())
    for n, rule in enumerate(rules):
        for i, name in enumerate(rule.get("groups", ())):
            if name not in groups:
                yield _unknown(("consequence", n, "groups", i), name, "[[group]]")
        for name, group in groups.items():
            if not _is_for(rule, name):
                continue
            units = _units_of(group, tables)
            last = rule.get("bottom", 0)
            first = max(each.get("top", 0) for each in rules if _is_for(each, name))
            if last:
                first = max(first, _awards(group, units))
            if units <= first + last:
                yield _no_room(("consequence", n, "bottom" if last else "top"), name, units, first, last)


def awards_are_said_once(tables: Tables) -> Iterator[Finding]:
    """So many, or such a share."""
    for n, group in enumerate(_scores(tables).get("group", ())):
        if "awards" in group and "awards_percent" in group:
            yield Finding(
                "scores",
                ("group", n, "awards_percent"),
                "请写 awards 或 awards_percent，二者取一",
                "a group has either `awards` or `awards_percent`: give it one of them",
            )


def bodies_exist(tables: Tables) -> Iterator[Finding]:
    """Whoever assesses or approves is a unit, and nobody approves what is his own."""
    units = {unit["id"] for unit in tables["units"]["unit"]}
    for name in ("component", "deduction", "bonus", "veto"):
        for n, entry in enumerate(_scores(tables).get(name, ())):
            for i, each in enumerate(entry.get("assessed_by", ())):
                if each not in units:
                    yield _unknown((name, n, "assessed_by", i), each, "units.toml")
            approver = entry.get("approved_by")
            if approver is not None and approver not in units:
                yield _unknown((name, n, "approved_by"), approver, "units.toml")
            if approver in entry.get("assessed_by", ()):
                yield Finding(
                    "scores",
                    (name, n, "approved_by"),
                    f"“{approver}”不能审定自己提出的加分：请换一个单位",
                    f"'{approver}' would approve what it has entered itself: name another unit",
                )


def _scores(tables: Tables) -> Mapping[str, Any]:
    return tables.get("scores", {})


def _is_for(rule: Mapping[str, Any], group: str) -> bool:
    return not rule.get("groups") or group in rule["groups"]


def _units_of(group: Mapping[str, Any], tables: Tables) -> int:
    return sum(1 for unit in tables["units"]["unit"] if unit.get("class") in group["classes"])


def _awards(group: Mapping[str, Any], units: int) -> int:
    percent = group.get("awards_percent")
    return int(group.get("awards", 0)) if percent is None else units * int(percent) // 100


def _no_room(path: Path, group: str, units: int, first: int, last: int) -> Finding:
    return Finding(
        "scores",
        path,
        f"“{group}”组只有 {units} 个单位，前 {first} 名、后 {last} 名共 {first + last} 个："
        "请减少名次，或用 groups 写明适用哪些组",
        f"'{group}' has {units} units, and the first {first} and last {last} would be {first + last}: "
        "make them fewer, or name the groups that this is for in `groups`",
    )


def _unknown(path: Path, name: str, where: str) -> Finding:
    return Finding(
        "scores",
        path,
        f"“{name}”不存在：请改正，或先在 {where} 中加上",
        f"'{name}' does not exist: correct it, or add it to {where} first",
    )


SCORE_CHECKS: tuple[Check, ...] = (
    entries_are_named_once,
    components_have_one_source,
    deductions_have_one_source,
    watched_systems_exist,
    weights_add_up,
    groups_do_not_overlap,
    classes_are_compared,
    satisfied_grades_are_the_best,
    bands_have_no_gaps,
    consequences_can_happen,
    groups_have_room_for_first_and_last,
    awards_are_said_once,
    bodies_exist,
)
