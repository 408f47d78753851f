"""Values and changes of a place's tables in words, for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from pydantic import BaseModel

from apps.city.choices import REFERENCES, Tables, choices_of
from apps.city.fields import FormField, Kind, fields_of, model_at
from apps.city.merging import ORDER
from apps.city.names import Names
from contracts.limits import TimeLimit
from contracts.place_comparison import IDENTITIES, Change, ChangeKind, Element, Entry, changes
from contracts.reference_tables import MODELS
from contracts.toml_lines import Path

Language = Literal["zh", "en"]
_UNITS = {
    "hours": ("小时", "hour"),
    "working-days": ("个工作日", "working day"),
    "calendar-days": ("天", "calendar day"),
}
LONGEST = 400


@dataclass(frozen=True)
class Shown:
    """A change in words."""

    kind: ChangeKind
    table: str
    where: tuple[str, ...]
    before: str
    after: str


@dataclass
class Words:
    """Names in one language, by the tables of a draft."""

    names: Names
    tables: Tables
    language: Language
    _known: dict[str, dict[str, str]] = field(default_factory=dict)

    def pick(self, name: Sequence[str]) -> str:
        """One of a pair of names."""
        return name[1] if self.language == "en" else name[0]

    def table(self, table: str) -> str:
        """The name of a table."""
        return self.pick(self.names.table(table))

    def reference(self, source: str, code: str) -> str:
        """The name of an entry of one of the place's lists; its code where there is none."""
        return self._choices(source).get(code, code)

    def codes(self, source: str) -> list[str]:
        """The codes of one of the place's lists."""
        return list(self._choices(source))

    def _choices(self, source: str) -> dict[str, str]:
        if source not in self._known:
            found = choices_of(self.tables, source)
            self._known[source] = {each.code: self.pick((each.zh, each.en)) for each in found}
        return self._known[source]

    def title(self, entry: Any) -> str:
        """What an entry of a list is called."""
        if not isinstance(entry, Mapping):
            return str(entry)
        own = entry.get(self.language) or entry.get("zh") or entry.get("en")
        if isinstance(own, str) and own:
            return own
        for key in IDENTITIES:
            if isinstance(code := entry.get(key), str):
                return self.reference("units", code) if key == "unit" else code
        return self.text(next(iter(entry.values()), ""))

    def value(self, model: type[BaseModel] | None, key: str, value: Any) -> str:
        """A value of a field in words."""
        source = REFERENCES.get((model.__name__, key)) if model is not None else None
        if isinstance(value, Mapping):
            inner = _inner(model, key) if model is not None else None
            pairs = [
                f"{self._key(inner, source, str(name))}: {self.value(inner, name, each)}"
                for name, each in value.items()
            ]
            return _short("；".join(pairs) if self.language == "zh" else "; ".join(pairs))
        if isinstance(value, list):
            return _short(
                ("、" if self.language == "zh" else ", ").join(self.value(model, key, each) for each in value)
            )
        if isinstance(value, str) and source:
            return self.reference(source, value)
        return self.text(value)

    def _key(self, model: type[BaseModel] | None, source: str | None, name: str) -> str:
        """The name of a key of a table or map."""
        if model is not None and self.names.has_field(model, name):
            return self.pick(self.names.field(model, name))
        return self.reference(source, name) if source else self.fixed(name)

    def text(self, value: Any) -> str:
        """A value that names nothing of the place."""
        if isinstance(value, bool):
            return self.pick(("是", "yes") if value else ("否", "no"))
        if isinstance(value, Mapping | list):
            return self.value(None, "", value)
        if isinstance(value, date):
            return value.isoformat()
        return _short(self.limit(value) or self.fixed(value)) if isinstance(value, str) else str(value)

    def fixed(self, value: str) -> str:
        """The name of one of a fixed set of values."""
        zh, en = self.names.value(value)
        return value if zh == value else self.pick((zh, en))

    def limit(self, value: str) -> str:
        """A limit of time; empty for any other text."""
        try:
            limit = TimeLimit.parse(value)
        except ValueError:
            return ""
        zh, en = _UNITS[limit.unit.value]
        return (
            f"{limit.amount} {en}{'' if limit.amount == 1 else 's'}" if self.language == "en" else f"{limit.amount}{zh}"
        )

    def summary(self, model: type[BaseModel], entry: Mapping[str, Any]) -> str:
        """What an entry holds besides its name, in a line."""
        parts = [
            self._part(each, model, entry[each.key])
            for each in fields_of(model, self.names)
            if each.key in entry and each.key not in {"id", "code", "zh", "en"}
        ]
        return _short(" · ".join(parts), 220)

    def _part(self, field: FormField, model: type[BaseModel], value: Any) -> str:
        label = self.pick(field.name)
        if field.kind is Kind.ENTRIES:
            return f"{label}: {len(value)}" if isinstance(value, list) else label
        if value is True:
            return label
        return f"{label}: {_short(self.value(model, field.key, value), 90)}"

    def where(self, table: str, path: Sequence[str | int | Entry]) -> tuple[str, ...]:
        """A path in words, without its table."""
        found: list[str] = []
        model: type[BaseModel] | None = MODELS.get(table)
        value: Any = self.tables.get(table, {})
        for part in path:
            key = part.name if isinstance(part, Entry) else part
            value = _inside(value, part)
            if isinstance(part, str):
                known = model is not None and part in {each.alias or name for name, each in model.model_fields.items()}
                if known and model is not None:
                    found.append(self.pick(self.names.field(model, part)))
                    model = _inner(model, part)
                else:
                    found.append(self.fixed(part))
            elif value is not None:
                found.append(self.title(value))
            else:
                found.append(str(key + 1 if isinstance(key, int) else key))
        return tuple(found)

    def changes(self, old: Tables, new: Tables) -> Iterator[Shown]:
        """What differs, table by table."""
        for change in changes(old, new):
            yield self.change(change)

    def change(self, change: Change) -> Shown:
        """One difference in words."""
        table, *path = (str(each) if isinstance(each, str) else each for each in change.path)
        named = Words(self.names, {**self.tables}, self.language)
        owner = _owner(str(table), path)
        key = next((each for each in reversed(path) if isinstance(each, str)), "")
        where = named.where(str(table), path)
        if path and isinstance(path[-1], Entry):
            entry = change.before if change.kind is ChangeKind.REMOVED else change.after
            where = (*where[:-1], self.title(entry))
        if change.kind is ChangeKind.MOVED:
            return Shown(change.kind, str(table), where, self._listed(change.before), self._listed(change.after))
        before, after = (
            self.value(owner, key, _plain(each)) if each is not None else "" for each in (change.before, change.after)
        )
        if not path:
            before, after = "", ""
        return Shown(change.kind, str(table), where, before, after)

    def _listed(self, names: Any) -> str:
        return _short(" → ".join(str(each) for each in names or ()))

    def conflict(self, table: str, unit: Sequence[str | Entry]) -> tuple[str, ...]:
        """Where two sides have changed the same."""
        order = self.pick(("各项的顺序", "order of the entries"))
        return (*self.where(table, [each for each in unit if each != ORDER]), *([order] if ORDER in unit else []))


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Element) else value


def _inside(value: Any, part: str | int | Entry) -> Any:
    if isinstance(part, Entry):
        entries = value if isinstance(value, list) else ()
        return next(
            (each for each in entries if isinstance(each, Mapping) and part.name in map(str, each.values())), None
        )
    try:
        return value[part]
    except (LookupError, TypeError):
        return None


def _inner(model: type[BaseModel], part: str) -> type[BaseModel] | None:
    try:
        return model_at(model, (part,))
    except LookupError:
        return None


def _owner(table: str, path: Sequence[str | Entry]) -> type[BaseModel] | None:
    """The model that has the last field of a path."""
    keys: Path = tuple(each for each in path if isinstance(each, str))
    model: type[BaseModel] | None = MODELS.get(table)
    for key in keys[:-1]:
        inner = _inner(model, str(key)) if model is not None else None
        if inner is None:
            return model
        model = inner
    return model


def _short(text: str, most: int = LONGEST) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
