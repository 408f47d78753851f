"""Names and help texts of tables, fields and values in both languages, for people who do not read the models."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cached_property
from importlib.resources import files
from typing import Any, NamedTuple

from pydantic import BaseModel

_SOURCE = re.compile(r" \([^()]*\bS[0-4]\b[^()]*\)")
"""Which source document a docstring quotes: nothing to a reader of the page."""


class Name(NamedTuple):
    """A name in both languages."""

    zh: str
    en: str


class Names:
    """What `names.toml` and `help.toml` hold."""

    @cached_property
    def _found(self) -> Mapping[str, Mapping[str, Any]]:
        return _read("names.toml")

    @cached_property
    def _help(self) -> Mapping[str, Mapping[str, str]]:
        return _read("help.toml")

    def table(self, table: str) -> Name:
        """The name of a table; its file for one that is not known."""
        return _capital(_name(self._found["tables"].get(table), f"{table}.toml"))

    def field(self, model: type[BaseModel] | str, field: str) -> Name:
        """The name of a field, by the key that the file has for it."""
        own = self._found.get(model if isinstance(model, str) else model.__name__, {})
        return _capital(_name(own.get(field, self._found["fields"].get(field)), field))

    def has_field(self, model: type[BaseModel], field: str) -> bool:
        """Whether a field has a name of its own."""
        return field in self._found.get(model.__name__, {}) or field in self._found["fields"]

    def help(self, model: type[BaseModel], field: str, docstring: str) -> Name:
        """What a field means: in Chinese by `help.toml`, in English by its docstring."""
        own = self._help.get(model.__name__, {})
        return Name(own.get(field) or self._help["fields"].get(field, ""), _SOURCE.sub("", docstring).replace("`", ""))

    def value(self, value: str) -> Name:
        """The name of one of a fixed set of values."""
        return _name(self._found["values"].get(value), value)


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(files("apps.city").joinpath(name).read_text(encoding="utf-8"))


def _capital(name: Name) -> Name:
    return Name(name.zh, name.en[:1].upper() + name.en[1:])


def _name(given: Any, code: str) -> Name:
    plain = code.replace("_", " ").replace("-", " ").removesuffix(".toml")
    if isinstance(given, list):
        return Name(given[0], given[1])
    return Name(given or code, plain)
