"""What must hold in `scores.toml`: weights that add up, groups that do not overlap, bands without gaps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from contracts.codes import Channel
from contracts.reference_findings import Check, Finding, Tables
from contracts.toml_lines import Path
from contracts.topics import E_SUPERVISION

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
    for n, component in enumerate(_scores(tables).get("component", ())):
        if ("rate" in component) + ("items" in component) + bool(component.get("assessed_by")) != 1:
            yield Finding(
                "scores",
                ("component", n, "id"),
                "每个指标写 rate、items、assessed_by 之一，只写一个",
                "a component has one of `rate`, `items` and `assessed_by`: give it one of them",
            )
        for i, channel in enumerate(component.get("channels", ())):
            if channel not in {str(each) for each in Channel}:
                yield _unknown(("component", n, "channels", i), channel, "contracts.codes.Channel")
        if component.get("channels") and "rate" not in component:
            yield Finding(
                "scores",
                ("component", n, "channels"),
                "channels 只用于 rate 指标：请删去",
                "`channels` belong to a `rate`: remove them",
            )


def deductions_have_one_source(tables: Tables) -> Iterator[Finding]:
    """A deduction is entered by bodies or follows from red cards, not both and not neither."""
    for n, deduction in enumerate(_scores(tables).get("deduction", ())):
        if ("red_card" in deduction) == bool(deduction.get("assessed_by")):
            yield Finding(
                "scores",
                ("deduction", n, "id"),
                "每项扣分要么写 red_card，要么写 assessed_by，二者取一",
                "a deduction has either `red_card` or `assessed_by`: give it one of them",
            )


def watched_systems_exist(tables: Tables) -> Iterator[Finding]:
    """Whatever counts items of some systems counts items, of systems that there are."""
    systems = {E_SUPERVISION, *(system["id"] for system in tables.get("systems", {}).get("system", ()))}
    for name, source in (("component", "items"), ("deduction", "red_card")):
        for n, entry in enumerate(_scores(tables).get(name, ())):
            for i, each in enumerate(entry.get("systems", ())):
                if each not in systems:
                    yield _unknown((name, n, "systems", i), each, "systems.toml")
            if entry.get("systems") and source not in entry:
                yield Finding(
                    "scores",
                    (name, n, "systems"),
                    f"systems 只用于 {source}：请删去",
                    f"`systems` belong to `{source}`: remove them",
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
    bands_have_no_gaps,
    consequences_can_happen,
    bodies_exist,
)
