"""The first page, and a page for each table: what it holds, what is changed, what is at fault."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from apps.city.checking import path_of_field
from apps.city.city import City, parsed
from apps.city.fields import Kind, fields_of
from apps.city.names import Names
from apps.city.nodes import at_of, node_of, parse_at
from apps.city.words import Words
from apps.web.view import View
from contracts.reference_tables import MODELS, REQUIRED
from contracts.toml_faults import Fault
from contracts.toml_lines import Path


@dataclass(frozen=True)
class TableCard:
    """A table on the first page."""

    table: str
    name: str
    file: str
    there: bool
    entries: str
    changed: bool
    faults: int


@dataclass(frozen=True)
class Fact:
    """A field and its value."""

    label: str
    value: str


@dataclass(frozen=True)
class EntryRow:
    """An entry of a list."""

    at: str
    title: str
    code: str
    summary: str
    faults: int
    stamp: str


@dataclass(frozen=True)
class Section:
    """A part of a table's page: a table inside it, or a list with its entries."""

    at: str
    name: str
    help: str
    there: bool
    facts: tuple[Fact, ...] = ()
    entries: tuple[EntryRow, ...] | None = None
    ordered: bool = False
    faults: int = 0


@dataclass(frozen=True)
class LinkedFault:
    """A fault with the page on which it is corrected."""

    href: str
    where: str
    text: str
    line: int


ORDERED_LISTS = frozenset({("dispatch", "rule"), ("intake", "scope"), ("scores", "band"), ("procedures", "procedure")})
"""Lists whose order counts."""
ORDER: tuple[tuple[tuple[str, str], tuple[str, ...]], ...] = (
    (("地方与机构", "The place and its units"), ("place", "units", "posts", "areas", "channels")),
    (("受理与派单", "Intake and dispatch"), ("categories", "intake", "dispatch", "systems", "procedures")),
    (("时限与日历", "Limits and calendar"), ("limits", "calendar")),
    (("告知与文书", "Notices and documents"), ("notices", "receivers", "templates", "documents")),
    (("考核与问责", "Scores and accountability"), ("scores", "accountability")),
)


class Overview:
    """Pages that show the tables of a draft."""

    def __init__(self, city: City) -> None:
        self._city = city

    async def first(self, view: View) -> Response:
        """All tables."""
        draft = self._city.draft_or_new(view)
        tables, checked = parsed(draft.texts), await self._city.check(view, draft.texts)
        words = self._city.words(view, tables)
        cards = {name: self._card(name, words, tables, draft.changed_tables, checked.faults) for name in MODELS}
        groups = [(view.t(*title), [cards.pop(name) for name in names if name in cards]) for title, names in ORDER]
        groups += [(view.t("其他", "Other"), list(cards.values()))] if cards else []
        newest, in_force = self._city.published.newest(), self._city.published.in_force()
        return view.render(
            "city/first.html",
            draft=draft,
            groups=groups,
            checked=checked,
            faults=[linked(each, words) for each in checked.faults],
            in_force=in_force,
            newest=newest,
            behind=draft.base != (newest.version if newest else ""),
        )

    async def table(self, view: View) -> Response:
        """One table."""
        table = table_of(view)
        draft = self._city.draft_or_new(view)
        tables, checked = parsed(draft.texts), await self._city.check(view, draft.texts)
        words = self._city.words(view, tables)
        faults = checked.of(table)
        return view.render(
            "city/table.html",
            table=table,
            name=words.table(table),
            there=table in draft.texts,
            required=table in REQUIRED,
            changed=table in draft.changed_tables,
            sections=list(sections_of(table, (), tables, self._city.names, words, faults)),
            faults=[linked(each, words) for each in faults],
            problem=checked.problem,
            calendar=table == "calendar",
        )

    def _card(
        self,
        table: str,
        words: Words,
        tables: Mapping[str, Mapping[str, Any]],
        changed: Sequence[str],
        faults: Sequence[Fault],
    ) -> TableCard:
        content = tables.get(table, {})
        lists = [each for each in fields_of(MODELS[table], self._city.names) if each.kind is Kind.ENTRIES]
        counts = [
            f"{words.pick(each.name)} {len(content[each.key])}"
            for each in lists
            if isinstance(content.get(each.key), list)
        ]
        return TableCard(
            table=table,
            name=words.table(table),
            file=f"{table}.toml",
            there=table in tables,
            entries=" · ".join(counts[:3]),
            changed=table in changed,
            faults=sum(each.file == f"{table}.toml" for each in faults),
        )


def table_of(view: View) -> str:
    """The table in the path of the request. Raises `HTTPException`."""
    table = str(view.request.path_params["table"])
    if table not in MODELS:
        raise HTTPException(404)
    return table


def sections_of(
    table: str,
    path: Path,
    tables: Mapping[str, Mapping[str, Any]],
    names: Names,
    words: Words,
    faults: Sequence[Fault],
) -> Sequence[Section]:
    """The parts of a table, or of an entry, that have forms of their own."""
    node = node_of(table, tables, path)
    found = [] if path else [_general(table, node.value, names, words, faults)]
    for each in fields_of(node.model, names):
        value = node.value.get(each.key)
        at = (*path, each.key)
        count = sum(parse_field(fault)[: len(at)] == at for fault in faults)
        common: dict[str, Any] = {"at": at_of(at), "name": words.pick(each.name), "help": words.pick(each.help)}
        common |= {"there": each.key in node.value, "faults": count}
        if each.kind is Kind.ENTRIES and each.model is not None:
            entries = tuple(
                EntryRow(
                    at=at_of((*at, n)),
                    title=words.title(entry),
                    code=str(entry.get("id") or entry.get("code") or entry.get("key") or ""),
                    summary=words.summary(each.model, entry),
                    faults=sum(parse_field(fault)[: len(at) + 1] == (*at, n) for fault in faults),
                    stamp=node_of(table, tables, (*at, n)).stamp,
                )
                for n, entry in enumerate(value if isinstance(value, list) else ())
            )
            found.append(Section(**common, entries=entries, ordered=bool(path) or (table, each.key) in ORDERED_LISTS))
        elif each.kind is Kind.GROUP and not path and each.model is not None:
            facts = tuple(
                Fact(words.pick(inner.name), words.value(each.model, inner.key, value[inner.key]))
                for inner in each.fields
                if isinstance(value, Mapping) and inner.key in value
            )
            found.append(Section(**common, facts=facts))
    return [each for each in found if each is not None]


def _general(
    table: str, value: Mapping[str, Any], names: Names, words: Words, faults: Sequence[Fault]
) -> Section | None:
    """The values that are in no part of their own."""
    model = MODELS[table]
    own = [each for each in fields_of(model, names) if each.kind not in {Kind.GROUP, Kind.ENTRIES}]
    if not own:
        return None
    facts = tuple(
        Fact(words.pick(each.name), words.value(model, each.key, value[each.key])) for each in own if each.key in value
    )
    keys = {each.key for each in own}
    count = sum(parse_field(fault)[:1] != () and parse_field(fault)[0] in keys for fault in faults)
    return Section("", words.pick(("基本信息", "General")), "", True, facts, faults=count)


def parse_field(fault: Fault) -> Path:
    """The path of a fault inside its table."""
    return path_of_field(fault.field)


def linked(fault: Fault, words: Words) -> LinkedFault:
    """The fault, with the form that has its field."""
    table = fault.file.removesuffix(".toml")
    path = parse_field(fault)
    if table not in MODELS:
        return LinkedFault(f"/tables/{table}/text", fault.file, words.pick((fault.zh, fault.en)), fault.line)
    at: Path = ()
    for length in range(len(path), -1, -1):
        try:
            node_of(table, words.tables, path[:length])
        except LookupError:
            continue
        at = path[:length]
        break
    where = " › ".join((words.table(table), *words.where(table, path)))
    href = f"/tables/{table}/edit?at={at_of(_form_of(at))}" if at or path else f"/tables/{table}"
    return LinkedFault(href, where, words.pick((fault.zh, fault.en)), fault.line)


def _form_of(path: Path) -> Path:
    """The part with the form: an entry, or a table directly inside the file; groups are shown inside their form."""
    entry = max((n for n, part in enumerate(path) if isinstance(part, int)), default=None)
    return path[: entry + 1] if entry is not None else path[:1]


def section_path(text: str) -> Path:
    """The path in a request. Raises `HTTPException`."""
    try:
        return parse_at(text)
    except LookupError:
        raise HTTPException(404) from None
