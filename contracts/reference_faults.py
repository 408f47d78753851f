"""What forbids the tables of a place, for whoever is given them parsed: one line for each fault."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import ValidationError

from contracts.reference_checks import CHECKS
from contracts.reference_findings import Tables, field_of
from contracts.reference_tables import MODELS, REQUIRED


def faults_of(tables: Tables) -> tuple[str, ...]:
    """Tables that are missing, fields that do not fit; where there are none, whatever contradicts itself or another."""
    faults = [f"{name}.toml is missing" for name in sorted(REQUIRED - set(tables))]
    faults += [fault for name in sorted(set(MODELS) & set(tables)) for fault in _misfits(name, tables)]
    if not faults:
        faults = [_line(each.table, each.path, each.en) for check in CHECKS for each in check(tables)]
    return tuple(faults)


def _misfits(name: str, tables: Tables) -> Iterator[str]:
    try:
        MODELS[name].model_validate(tables[name])
    except ValidationError as error:
        for each in error.errors(include_url=False, include_input=False):
            yield _line(name, each["loc"], each["msg"])


def _line(table: str, path: tuple[str | int, ...], said: str) -> str:
    return f"{table}.toml: {field_of(path)}: {said}"
