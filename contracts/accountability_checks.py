"""What must hold in `accountability.toml`: ladders without gaps, measures that there are, bodies that there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from contracts.reference_findings import Check, Finding, Tables, used_twice
from contracts.toml_lines import Path


def ladders_have_no_gaps(tables: Tables) -> Iterator[Finding]:
    """Each ladder begins with the first valid complaint, and every step comes after the one before."""
    if "accountability" not in tables:
        return
    steps = tables["accountability"]["step"]
    for ladder in ("post", "unit"):
        own = [(n, step) for n, step in enumerate(steps) if step["ladder"] == ladder]
        expected = 1
        for n, step in own:
            if step["count"] != expected:
                yield Finding(
                    "accountability",
                    ("step", n, "count"),
                    f"“{ladder}”阶梯在第 {expected} 次处断开或重叠：这里应为 {expected}",
                    f"the ladder of a {ladder} has a gap or an overlap: this step must begin with {expected}",
                )
            expected = step["count"] + 1
        if not own:
            yield Finding(
                "accountability",
                ("step",),
                f"没有“{ladder}”的阶梯：请至少写一级",
                f"there is no ladder of a {ladder}: write one step at least",
            )


def ladders_of_posts_have_posts(tables: Tables) -> Iterator[Finding]:
    """Where posts climb a ladder, or leaders are held, there are posts: a finding names none but those of the place."""
    table = tables.get("accountability", {})
    if not table or tables.get("posts", {}).get("post"):
        return
    first = next((n for n, step in enumerate(table["step"]) if step["ladder"] == "post"), None)
    named: list[tuple[Path, str, str]] = []
    if first is not None:
        named.append((("step", first, "ladder"), "岗位阶梯", "a ladder of posts"))
    if table.get("pursuit", {}).get("hold_the_leader"):
        named.append((("pursuit", "hold_the_leader"), "追究领导责任", "holding the leader"))
    for path, zh, en in named:
        yield Finding(
            "accountability",
            path,
            f"没有任何岗位，“{zh}”永远不会启动：请在 posts.toml 中写上各单位的岗位",
            f"{en} never does anything without posts: name those of each unit in posts.toml",
        )


def measures_exist(tables: Tables) -> Iterator[Finding]:
    """A step proposes measures of the list."""
    table = tables.get("accountability", {})
    known = {measure["id"] for measure in table.get("measure", ())}
    for n, step in enumerate(table.get("step", ())):
        for i, each in enumerate(step["measures"]):
            if each not in known:
                yield Finding(
                    "accountability",
                    ("step", n, "measures", i),
                    f"“{each}”不存在：请改正，或先在 [[measure]] 中加上",
                    f"'{each}' does not exist: correct it, or add it to [[measure]] first",
                )


def oversight_bodies_exist(tables: Tables) -> Iterator[Finding]:
    """Whoever finds, decides or hears appeals is a unit."""
    table = tables.get("accountability")
    if table is None:
        return
    units = {unit["id"] for unit in tables["units"]["unit"]}
    findings, decider = table["findings"], table["decider"]
    named: list[tuple[Path, str]] = [(("findings", "by", i), each) for i, each in enumerate(findings["by"])]
    for part in ("inspections", "surveys"):
        named += [((part, "by", i), each) for i, each in enumerate(table.get(part, {}).get("by", ()))]
    named.append((("findings", "appeals_to"), findings["appeals_to"]))
    others = findings.get("appeals_otherwise_to", ())
    named += [(("findings", "appeals_otherwise_to", i), each) for i, each in enumerate(others)]
    named += [(("decider", kind), decider[kind]) for kind in ("post", "unit")]
    for path, each in named:
        if each not in units:
            yield Finding(
                "accountability",
                path,
                f"“{each}”不存在：请改正，或先在 units.toml 中加上",
                f"'{each}' does not exist: correct it, or add it to units.toml first",
            )


def covert_visits_are_due(tables: Tables) -> Iterator[Finding]:
    """Where only covert visits count, there is an interval for which they count."""
    inspections = tables.get("accountability", {}).get("inspections", {})
    if inspections.get("covert_only") and "every" not in inspections:
        yield Finding(
            "accountability",
            ("inspections", "covert_only"),
            '没有写多久一次，covert_only 不起作用：请加上 every = "month" 或 "quarter"，或删去它',
            '`covert_only` does nothing without `every`: add every = "month" or "quarter", or remove it',
        )


def nobody_judges_his_own_cause(tables: Tables) -> Iterator[Finding]:
    """An appeal is heard by neither who found or decided nor who is concerned, whichever unit that is."""
    table = tables.get("accountability")
    if table is None:
        return
    findings, decider = table["findings"], table["decider"]
    parents = {unit["id"]: unit.get("parent") for unit in tables["units"]["unit"]}
    for i, finder in enumerate(findings["by"]):
        for unit in parents:
            if unit != finder and _first(tables, parents, findings["appeals_to"], {finder, unit}) is None:
                yield _unheard(("findings", "by", i), finder, unit)
                break
    for kind in ("post", "unit"):
        for unit in parents:
            decides = _first(tables, parents, decider[kind], {unit})
            if decides is None or _first(tables, parents, findings["appeals_to"], {decides, unit}) is None:
                yield _unheard(("decider", kind), decides or decider[kind], unit)
                break


def _first(tables: Tables, parents: Mapping[str, str | None], body: str, barred: set[str]) -> str | None:
    """The body, the units above it, or another that is named for it: the first that is not barred."""
    line: list[str] = []
    above: str | None = body
    while above is not None and above not in line:
        line.append(above)
        above = parents.get(above)
    line += tables["accountability"]["findings"].get("appeals_otherwise_to", ())
    return next((each for each in line if each not in barred), None)


def _unheard(path: Path, body: str, unit: str) -> Finding:
    return Finding(
        "accountability",
        path,
        f"“{body}”对“{unit}”作出的认定或处理，无人可受理申诉：请在 appeals_otherwise_to 中写明别的单位",
        f"what '{body}' finds or decides about '{unit}' nobody else could hear an appeal against: "
        "name another unit in appeals_otherwise_to of [findings]",
    )


def publications_are_reviewed(tables: Tables) -> Iterator[Finding]:
    """A published measure is reviewed by a unit that neither decided it nor is named in it."""
    table = tables.get("accountability", {})
    if not table.get("pursuit", {}).get("publish"):
        return
    publication = tables.get("notices", {}).get("publication", {})
    named = (publication.get("reviewed_by"), *publication.get("reviewed_otherwise_by", ()))
    reviewers = [each for each in named if each is not None]
    if not reviewers:
        yield Finding(
            "accountability",
            ("pursuit", "publish"),
            "公开须经审核，但没有审核单位：请在 notices.toml 的 [publication] 中写 reviewed_by",
            "a publication needs a reviewer: name a unit in reviewed_by of [publication] in notices.toml",
        )
        return
    parents = {unit["id"]: unit.get("parent") for unit in tables["units"]["unit"]}
    for kind in ("post", "unit"):
        for unit in parents:
            decides = _first(tables, parents, table["decider"][kind], {unit})
            if decides is not None and set(reviewers) <= {decides, unit}:
                yield _unreviewed(decides, unit)
                return


def _unreviewed(decides: str, unit: str) -> Finding:
    return Finding(
        "accountability",
        ("pursuit", "publish"),
        f"“{decides}”对“{unit}”作出的处理，公开时无人可审核：请在 notices.toml 的 reviewed_otherwise_by 中写明别的单位",
        f"a measure of '{decides}' about '{unit}' has no reviewer: "
        "name another unit in reviewed_otherwise_by of [publication] in notices.toml",
    )


def codes_are_named_once(tables: Tables) -> Iterator[Finding]:
    """No measure, outcome, step or code has the id of another of its list."""
    table = tables.get("accountability", {})
    lists: list[tuple[Path, Sequence[Any]]] = [
        ((name,), table.get(name, ())) for name in ("measure", "outcome", "step")
    ]
    lists += [(("codes", name), entries) for name, entries in table.get("codes", {}).items()]
    for path, entries in lists:
        yield from used_twice("accountability", path, entries, "id")


ACCOUNTABILITY_CHECKS: tuple[Check, ...] = (
    ladders_have_no_gaps,
    ladders_of_posts_have_posts,
    measures_exist,
    oversight_bodies_exist,
    covert_visits_are_due,
    nobody_judges_his_own_cause,
    publications_are_reviewed,
    codes_are_named_once,
)
