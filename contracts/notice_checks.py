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
    """Whoever may propose a publication exists, and another unit reviews it."""
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
    if proposing and (reviewer is None or set(proposing) == {reviewer, *otherwise} == {reviewer}):
        yield Finding(
            "notices",
            ("publication",),
            "提出公开的单位不能自己审核：请另设 reviewed_by",
            "nobody reviews what they propose: name another unit in reviewed_by",
        )


NOTICE_CHECKS: tuple[Check, ...] = (
    receivers_are_known,
    who_is_told_exists,
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
