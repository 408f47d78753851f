"""Pages that change a whole table: its text, its removal, and the undoing of a draft's changes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from apps.city.city import City
from apps.city.nodes import stamp_of
from apps.city.overview import linked, table_of
from apps.web.view import View
from contracts.place_checking import faults_of_texts
from contracts.reference_tables import REQUIRED
from contracts.toml_faults import Fault

MOST_BYTES = 1_000_000
"""Longest text of a table."""


class WholeTable:
    """The handlers."""

    def __init__(self, city: City) -> None:
        self._city = city

    async def drop(self, view: View) -> Response:
        """Remove a table that a place need not have."""
        table = table_of(view)
        if table in REQUIRED:
            raise HTTPException(404)

        async def change(texts: Mapping[str, str]) -> dict[str, str]:
            return {name: text for name, text in texts.items() if name != table}

        await self._city.changed(view, change)
        return view.redirect("/", "已从草稿中删去整张表。", "The table is removed from the draft.")

    async def restore(self, view: View) -> Response:
        """Undo the draft's changes of one table."""
        table = table_of(view)

        async def change(texts: Mapping[str, str]) -> dict[str, str]:
            base = self._city.draft_or_new(view).base_texts
            return {name: text for name, text in {**texts, table: base.get(table)}.items() if text is not None}

        await self._city.changed(view, change)
        return view.redirect(f"/tables/{table}", "已撤销对本表的修改。", "The changes of this table are undone.")

    async def text(self, view: View) -> Response:
        """The table as TOML, and its changes."""
        table = table_of(view)
        text = self._city.draft_or_new(view).texts.get(table, "")
        if view.request.method != "POST":
            typed = view.kept.get("text", (text,))[0]
            return self._text(view, table, typed, stamp_of(text), ())
        form = await view.form()
        typed = str(form.get("text", "")).replace("\r\n", "\n")
        if len(typed.encode(errors="replace")) > MOST_BYTES:
            big = Fault(f"{table}.toml", 1, table, "文字太长：一张表最多 1 MB", "is too long: 1 MB at most")
            return self._text(view, table, typed[:MOST_BYTES], stamp_of(text), (big,), status=413)
        if form.get("stamp") != stamp_of(text):
            return self._text(view, table, typed, stamp_of(text), (), notice=changed_meanwhile(view), status=409)
        faults = await asyncio.to_thread(_faults_of_text, table, typed)
        if faults:
            return self._text(view, table, typed, stamp_of(text), faults, status=422)
        await self._city.changed(view, change_of(table, lambda _: typed))
        return view.redirect(f"/tables/{table}", "已存入草稿。", "Saved in the draft.")

    def _text(
        self,
        view: View,
        table: str,
        typed: str,
        stamp: str,
        faults: Sequence[Fault],
        *,
        notice: str = "",
        status: int = 200,
    ) -> Response:
        words = self._city.words(view, {})
        lines = typed.split("\n")
        return view.render(
            "city/text.html",
            status,
            table=table,
            name=words.table(table),
            text=typed,
            stamp=stamp,
            notice=notice,
            faults=[(linked(each, words), lines[each.line - 1] if each.line <= len(lines) else "") for each in faults],
        )


def change_of(table: str, edit: Callable[[str], str]) -> Callable[[Mapping[str, str]], Any]:
    """Change the text of one table of a draft, in a thread."""

    async def change(texts: Mapping[str, str]) -> dict[str, str]:
        return {**texts, table: await asyncio.to_thread(edit, texts.get(table, ""))}

    return change


def _faults_of_text(table: str, text: str) -> list[Fault]:
    found = faults_of_texts({table: text.encode(errors="replace")}, (), required=())
    return [each for each in found if each.file == f"{table}.toml"]


def changed_meanwhile(view: View) -> str:
    """For a form that was made before something else was saved."""
    return view.t(
        "这一项在您填写期间已被改动。您填写的内容保留在下面；再次保存将以它为准。",
        "This was changed while you were editing. What you typed is still below; saving again replaces it.",
    )
