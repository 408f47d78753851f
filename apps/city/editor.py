"""Pages that change a draft: the form of a part, entries added, removed and moved, the text of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import Response

from apps.city import editing
from apps.city.checking import within
from apps.city.city import City, parsed
from apps.city.controls import controls_of, faults_by_field
from apps.city.editing import EditError
from apps.city.forms import raw_of, read
from apps.city.nodes import Gone, Node, at_of, find, node_of
from apps.city.overview import section_path, sections_of, table_of
from apps.city.whole_table import change_of, changed_meanwhile
from apps.city.words import Words
from apps.web.view import View
from contracts.reference_findings import field_of
from contracts.toml_faults import Fault, misfits

Raw = dict[str, list[str]]
FaultText = tuple[str, str]
"""Path of the field inside the form, and what is wrong."""


class Editor:
    """The handlers."""

    def __init__(self, city: City) -> None:
        self._city = city

    # ---- one part

    async def part(self, view: View) -> Response:
        """The form of a part, and its changes."""
        if view.request.method == "POST":
            return await self._save(view)
        draft = self._city.draft_or_new(view)
        tables = parsed(draft.texts)
        node = _node(view, table_of(view), tables)
        faults: list[FaultText] = []
        if not node.new:
            checked = await self._city.check(view, draft.texts)
            faults = _own_faults(view, within(checked.of(node.table), node.path), node)
        fields = node.fields(self._city.names)
        raw = {name: list(values) for name, values in view.kept.items()} or raw_of(fields, node.value)
        return self._form(view, node, tables, raw, faults)

    def _form(
        self,
        view: View,
        node: Node,
        tables: Mapping[str, Mapping[str, Any]],
        raw: Raw,
        faults: Sequence[FaultText],
        *,
        notice: str = "",
        status: int = 200,
    ) -> Response:
        words = self._city.words(view, tables)
        fields = node.fields(self._city.names)
        controls = controls_of(fields, raw, faults_by_field(faults, fields), words)
        shown = {text for each in _flat(controls) for text in each.faults}
        sections = (
            sections_of(node.table, node.path, tables, self._city.names, words, ())
            if node.path and not node.new and node.there
            else ()
        )
        return view.render(
            "city/part.html",
            status,
            table=node.table,
            table_name=words.table(node.table),
            trail=_trail(node, words),
            node=node,
            at=at_of(node.path),
            title=_title(view, node, words),
            controls=controls,
            others=[text for _, text in faults if text not in shown],
            lists=sections,
            notice=notice,
            back=_back(node),
        )

    async def _save(self, view: View) -> Response:
        table, form = table_of(view), await view.form()
        raw = raw_from(form)
        tables = parsed(self._city.draft_or_new(view).texts)
        node = _node(view, table, tables)
        if not node.new:
            try:
                node = find(table, tables, node.path, _first(raw, "stamp"))
            except Gone:
                return self._form(view, node, tables, raw, (), notice=changed_meanwhile(view), status=409)
        fields = node.fields(self._city.names)
        submitted = read(fields, raw, node.value)
        faults = [(field_of(each.path), view.t(each.zh, each.en)) for each in submitted.faults]
        unread = {path for path, _ in faults}
        for fault in misfits(f"{table}.toml", node.model, submitted.value, {}):
            own = not any(fault.field == path or fault.field.startswith((f"{path}[", f"{path}.")) for path in unread)
            if own and not (not node.path and _inside_parts(fault, fields)):
                faults.append((fault.field, view.t(fault.zh, fault.en)))
        if faults:
            return self._form(view, node, tables, raw, faults, status=422)
        try:
            draft = await self._city.changed(view, change_of(table, lambda text: _edited(text, node, submitted.value)))
        except EditError:
            return self._form(view, node, tables, raw, [("", _only_as_text(view))], status=422)
        checked = await self._city.check(view, draft.texts)
        saved = _saved_path(node, parsed(draft.texts))
        if found := within(checked.of(table), saved):
            zh = f"已存入草稿，但有 {len(found)} 处需要改正。"
            to = f"/tables/{table}/edit?at={at_of(saved)}"
            return view.redirect(to, zh, f"Saved in the draft, with {len(found)} to correct.")
        return view.redirect(_back(node), "已存入草稿。", "Saved in the draft.")

    # ---- entries

    async def remove(self, view: View) -> Response:
        """Remove an entry, or an optional part."""
        table, form = table_of(view), await view.form()
        node = self._found(view, table, form)
        if node is None:
            return view.redirect(f"/tables/{table}", *_MEANWHILE)
        cut = editing.remove_entry if node.is_entry else _without_part
        draft = await self._city.changed(view, change_of(table, lambda text: cut(text, node.path)))
        checked = await self._city.check(view, draft.texts)
        if checked.faults:
            zh = f"已从草稿中删去；还有 {len(checked.faults)} 处需要改正，例如仍在引用它的地方。"
            en = f"Removed from the draft; {len(checked.faults)} to correct, such as references to it."
            return view.redirect("/#faults", zh, en)
        return view.redirect(_back(node), "已从草稿中删去。", "Removed from the draft.")

    async def move(self, view: View) -> Response:
        """Move an entry up or down in its list."""
        table, form = table_of(view), await view.form()
        node = self._found(view, table, form)
        if node is None or not node.is_entry:
            return view.redirect(f"/tables/{table}", *_MEANWHILE)
        position = int(node.path[-1])
        to = position - 1 if form.get("to") == "up" else position + 1
        try:
            await self._city.changed(view, change_of(table, lambda text: editing.move_entry(text, node.path, to)))
        except LookupError:
            return view.redirect(_back(node))
        return view.redirect(f"{_back(node)}#e-{at_of((*node.path[:-1], to))}", "已调整顺序。", "Moved.")

    def _found(self, view: View, table: str, form: FormData) -> Node | None:
        tables = parsed(self._city.draft_or_new(view).texts)
        try:
            return find(table, tables, section_path(str(form.get("at", ""))), str(form.get("stamp", "")))
        except Gone:
            return None


_MEANWHILE = ("这一项在此期间已被改动或删去，没有执行。", "It was changed or removed meanwhile; nothing was done.")


def raw_from(form: FormData) -> Raw:
    """The texts of a form, by name and in order."""
    raw: Raw = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            raw.setdefault(name, []).append(value)
    return raw


def _node(view: View, table: str, tables: Mapping[str, Mapping[str, Any]]) -> Node:
    query = view.request.query_params
    try:
        return node_of(table, tables, section_path(query.get("at", "")), new="new" in query)
    except LookupError:
        raise HTTPException(404) from None


def _first(raw: Raw, name: str) -> str:
    return raw.get(name, [""])[0]


def _flat(controls: Sequence[Any]) -> list[Any]:
    return [each for control in controls for each in (control, *_flat(control.children))]


def _own_faults(view: View, faults: Sequence[Fault], node: Node) -> list[FaultText]:
    """Faults with their path from this part, those inside its lists of tables included."""
    prefix = field_of(node.path)
    return [(each.field[len(prefix) :].lstrip("."), view.t(each.zh, each.en)) for each in faults]


def _inside_parts(fault: Fault, fields: Sequence[Any]) -> bool:
    """Whether it is about a part of the file that has a form of its own."""
    return not any(
        fault.field == each.html or fault.field.startswith((f"{each.html}[", f"{each.html}.")) for each in fields
    )


def _edited(text: str, node: Node, value: Mapping[str, Any]) -> str:
    if node.new:
        return editing.add_entry(text, node.path, value)
    return editing.put(text, node.path, value)


def _without_part(text: str, path: Sequence[str | int]) -> str:
    return editing.remove_key(text, tuple(path))


def _saved_path(node: Node, tables: Mapping[str, Mapping[str, Any]]) -> tuple[str | int, ...]:
    if not node.new:
        return node.path
    return (*node.path, len(editing.value_at(tables[node.table], node.path)) - 1)


def _back(node: Node) -> str:
    """The page above a part: the entry that has the list, or the table."""
    above = node.path if node.new else node.path[:-1] if node.is_entry else ()
    owner = above[:-1]
    if owner and isinstance(owner[-1], int):
        return f"/tables/{node.table}/edit?at={at_of(owner)}"
    return f"/tables/{node.table}"


def _trail(node: Node, words: Words) -> list[tuple[str, str]]:
    """Links to the entries above an entry of a nested list."""
    entries = [n + 1 for n, part in enumerate(node.path) if isinstance(part, int)]
    above = [node.path[:length] for length in entries if length < len(node.path)]
    return [(f"/tables/{node.table}/edit?at={at_of(path)}", words.where(node.table, path)[-1]) for path in above]


def _title(view: View, node: Node, words: Words) -> str:
    if not node.path:
        return view.t("基本信息", "General")
    where = words.where(node.table, node.path)
    return view.t(f"新增：{where[-1]}", f"New: {where[-1]}") if node.new else where[-1]


def _only_as_text(view: View) -> str:
    return view.t(
        "这张表的写法不能在表单中修改：请用“按文本编辑”。",
        "This table is written in a way that the form cannot change: edit it as text.",
    )
