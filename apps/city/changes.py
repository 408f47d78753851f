"""Pages that compare a draft with what is published, take over another version, and discard a draft."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from starlette.responses import Response

from apps.city.city import City, parsed
from apps.city.drafts import Draft
from apps.city.editing import EditError
from apps.city.merging import ABSENT, Conflict, Side, merge
from apps.city.words import Shown, Words
from apps.web.view import View


@dataclass(frozen=True)
class TableChanges:
    """The changes of one table."""

    table: str
    name: str
    changes: tuple[Shown, ...]
    """None: only comments or layout differ."""


@dataclass(frozen=True)
class Dispute:
    """A conflict in words."""

    id: str
    table: str
    where: str
    base: str
    mine: str
    theirs: str


def compared(old: Mapping[str, str], new: Mapping[str, str], words: Words) -> list[TableChanges]:
    """What differs between two sets of tables, in words."""
    shown = sorted(words.changes(parsed(old), parsed(new)), key=lambda each: each.table)
    found = {table: tuple(each) for table, each in groupby(shown, key=lambda each: each.table)}
    differ = sorted(name for name in {*old, *new} if old.get(name) != new.get(name))
    return [TableChanges(name, words.table(name), found.get(name, ())) for name in differ]


class Changes:
    """The handlers."""

    def __init__(self, city: City) -> None:
        self._city = city

    async def compare(self, view: View) -> Response:
        """What the draft changes, and what has been published meanwhile."""
        draft = self._city.draft(view)
        newest = self._city.newest()
        if draft is None:
            return view.render("city/changes.html", draft=None, tables=[], theirs=[], behind=False, disputes=[])
        behind = draft.base != newest.version
        words = self._city.words(view, parsed(draft.texts))
        theirs, disputes = [], []
        if behind:
            texts = self._city.published.known.texts(newest)
            theirs = compared(draft.base_texts, texts, words)
            disputes = [_dispute(each, words) for each in self._merged(draft, texts, {}).conflicts]
        return view.render(
            "city/changes.html",
            draft=draft,
            tables=compared(draft.base_texts, draft.texts, words),
            theirs=theirs,
            behind=behind,
            newest=newest,
            disputes=disputes,
        )

    async def take_over(self, view: View) -> Response:
        """Base the draft on the newest version; where both have changed the same, take the side that was chosen."""
        form, draft = await view.form(), self._city.draft(view)
        if draft is None:
            return view.redirect("/changes")
        newest = self._city.newest()
        if form.get("newest") != newest.version:
            return view.redirect(
                "/changes", "刚才又有新版本发布，请重新核对。", "Another version was published just now."
            )
        texts = self._city.published.known.texts(newest)
        sides: dict[str, Side] = {
            name.removeprefix("c:"): "mine" if value == "mine" else "theirs"
            for name, value in form.items()
            if name.startswith("c:")
        }
        try:
            merged = await asyncio.to_thread(merge, draft.base_texts, draft.texts, texts, sides)
        except EditError:
            zh = "两个版本无法自动合并：请放弃草稿重做，或用“按文本编辑”。"
            en = "The versions cannot be merged: discard the draft and redo it, or edit as text."
            return view.redirect("/changes", zh, en)
        if merged.undecided:
            zh, en = "请为每一处冲突选择采用哪一方。", "Choose a side for each conflict."
            return view.redirect("/changes#conflicts", zh, en)
        at = view.site.clock().isoformat()
        based = Draft(draft.post, draft.person, newest.version, texts, merged.texts, at)
        if based.changed_tables:
            await asyncio.to_thread(self._city.drafts.save, based)
        else:
            await asyncio.to_thread(self._city.drafts.delete, draft.post)
        return view.redirect("/changes", "草稿已转到最新版本上。", "The draft is now based on the newest version.")

    async def discard(self, view: View) -> Response:
        """Delete the draft."""
        await asyncio.to_thread(self._city.drafts.delete, view.post)
        return view.redirect("/", "草稿已放弃。", "The draft is discarded.")

    def _merged(self, draft: Draft, theirs: Mapping[str, str], sides: Mapping[str, Side]) -> Any:
        try:
            return merge(draft.base_texts, draft.texts, theirs, sides)
        except EditError:
            return merge(draft.base_texts, draft.base_texts, theirs, sides)


def _dispute(conflict: Conflict, words: Words) -> Dispute:
    where = " › ".join((words.table(conflict.table), *words.conflict(conflict.table, conflict.unit)))
    return Dispute(
        conflict.id,
        conflict.table,
        where,
        *(_side(each, words, conflict.unit) for each in (conflict.base, conflict.mine, conflict.theirs)),
    )


def _side(value: Any, words: Words, unit: Sequence[Any]) -> str:
    if value is ABSENT or value is None:
        return words.pick(("（没有）", "(none)"))
    return words.value(None, "", value) if unit else words.pick(("整张表", "the whole table"))
