"""What must hold of who is told what: `notices.toml` and `receivers.toml` against the other tables."""

from __future__ import annotations

from collections.abc import Iterator

from contracts.reference_findings import Check, Finding, Tables
from contracts.toml_lines import Path


def receivers_are_known(tables: Tables) -> Iterator[Finding]:
    """Each receiver is one unit or one post that exists, once, and has the address of each of its ways."""
    units, posts = _units(tables), _posts(tables)
    seen: set[str] = set()
    for n, receiver in enumerate(tables.get("receivers", {}).get("receiver", ())):
        at: Path = ("receiver", n)
        named = [name for name in ("unit", "post") if receiver.get(name)]
        if len(named) != 1:
            yield Finding("receivers", at, "请写明 unit 或 post 之一", "name one of unit and post")
            continue
        who = receiver[named[0]]
        if who not in (units if named[0] == "unit" else posts):
            yield _unknown("receivers", (*at, named[0]), who, f"{named[0]}s.toml")
        if who in seen:
            yield Finding(
                "receivers", (*at, named[0]), f"“{who}”重复：请合并", f"'{who}' stands here twice: merge them"
            )
        seen.add(who)
        for i, way in enumerate(receiver["ways"]):
            field = {"email": "email", "sms": "phone", "webhook": "webhook"}.get(way)
            if field and not receiver.get(field):
                yield Finding(
                    "receivers",
                    (*at, "ways", i),
                    f"以 {way} 通知需要 {field}：请补上，或删去该方式",
                    f"to be told by {way} takes {field}: add it, or remove the way",
                )


def who_is_told_exists(tables: Tables) -> Iterator[Finding]:
    """Units and posts that are to be told exist, and each series has an id of its own."""
    units, posts = _units(tables), _posts(tables)
    notices = tables.get("notices", {})
    for i, unit in enumerate(notices.get("silence", {}).get("tell", ())):
        if unit not in units:
            yield _unknown("notices", ("silence", "tell", i), unit, "units.toml")
    ids: set[str] = set()
    for n, series in enumerate(notices.get("series", ())):
        if series["id"] in ids:
            yield Finding("notices", ("series", n, "id"), "刊物重复：请删去其一", "a series of this id exists already")
        ids.add(series["id"])
        for i, who in enumerate(series["to"]):
            if who not in units | posts:
                yield _unknown("notices", ("series", n, "to", i), who, "units.toml, posts.toml")


def issues_have_numbers(tables: Tables) -> Iterator[Finding]:
    """The number of an issue holds ``{n}``, and no other placeholder but ``{year}``."""
    for n, series in enumerate(tables.get("notices", {}).get("series", ())):
        form = series.get("number", "{n}")
        if "{n}" not in form or set(form.replace("{n}", "").replace("{year}", "")) & set("{}"):
            yield Finding(
                "notices",
                ("series", n, "number"),
                f"“{form}”不对：要有 {{n}}（第几期），可有 {{year}}，不能有别的花括号",
                f"'{form}' does not fit: it holds {{n}}, may hold {{year}}, and no other braces",
            )


def intervals_follow_each_other(tables: Tables) -> Iterator[Finding]:
    """Each interval of a series begins after the previous one and changes the length of issues."""
    for n, series in enumerate(tables.get("notices", {}).get("series", ())):
        before, every_days = None, series["every_days"]
        for i, interval in enumerate(series.get("interval", ())):
            at: Path = ("series", n, "interval", i)
            if before is not None and interval["since"] <= before:
                yield Finding(
                    "notices",
                    (*at, "since"),
                    f"{interval['since']} 不晚于上一个间隔的 {before}：请按日期先后排列",
                    f"{interval['since']} is not after {before} of the interval before: put them in order",
                )
            if interval["every_days"] == every_days:
                yield Finding(
                    "notices",
                    (*at, "every_days"),
                    f"与此前的间隔相同（{every_days}天）：请改正，或删去这一间隔",
                    f"the length does not change, it is {every_days} days already: correct it, or remove the interval",
                )
            before, every_days = interval["since"], interval["every_days"]


def nobody_reviews_what_they_propose(tables: Tables) -> Iterator[Finding]:
    """Each unit that may propose a publication exists, and another unit reviews what it proposes."""
    units = _units(tables)
    publication = tables.get("notices", {}).get("publication", {})
    proposing, reviewer = publication.get("by", ()), publication.get("reviewed_by")
    for i, unit in enumerate(proposing):
        if unit not in units:
            yield _unknown("notices", ("publication", "by", i), unit, "units.toml")
    if reviewer is not None and reviewer not in units:
        yield _unknown("notices", ("publication", "reviewed_by"), reviewer, "units.toml")
    otherwise = publication.get("reviewed_otherwise_by", ())
    for i, unit in enumerate(otherwise):
        if unit not in units:
            yield _unknown("notices", ("publication", "reviewed_otherwise_by", i), unit, "units.toml")
    reviewers = {*otherwise, *filter(None, (reviewer,))}
    if proposing and not reviewers:
        yield Finding(
            "notices",
            ("publication",),
            "公开须经另一单位审核：请写 reviewed_by",
            "a publication is reviewed by another unit: name it in reviewed_by",
        )
        return
    for i, unit in enumerate(proposing):
        if reviewers == {unit}:
            yield Finding(
                "notices",
                ("publication", "by", i),
                f"“{unit}”不能审核自己提出的公开：请在 reviewed_otherwise_by 中另写一个单位",
                f"'{unit}' cannot review what it proposes: name another unit in reviewed_otherwise_by",
            )


NOTICE_CHECKS: tuple[Check, ...] = (
    receivers_are_known,
    who_is_told_exists,
    issues_have_numbers,
    intervals_follow_each_other,
    nobody_reviews_what_they_propose,
)


def _units(tables: Tables) -> set[str]:
    return {unit["id"] for unit in tables["units"]["unit"]}


def _posts(tables: Tables) -> set[str]:
    return {post["id"] for post in tables.get("posts", {}).get("post", ())}


def _unknown(table: str, path: Path, value: str, where: str) -> Finding:
    return Finding(
        table,
        path,
        f"“{value}”不存在：请改正，或在 {where} 中补上",
        f"'{value}' does not exist: correct it, or add it to {where}",
    )
