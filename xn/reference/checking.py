"""A place's folder against the models and checks: every fault at once, with file, line, field and what to do."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from contracts.reference_checks import CHECKS
from contracts.reference_findings import Check, field_of
from contracts.reference_tables import MODELS, REQUIRED
from contracts.toml_faults import Fault, misfits, unreadable
from contracts.toml_lines import Path as Place
from contracts.toml_lines import line_within, lines_of
from services.notify.printing.forms import documents_are_readable
from xn.notices.checking import templates_can_be_filled
from xn.reference.addresses import country_has_a_numbering_plan, receivers_can_be_reached
from xn.reference.calendar_remarks import calendar_remarks

ALL_CHECKS: tuple[Check, ...] = (
    *CHECKS,
    templates_can_be_filled,
    documents_are_readable,
    country_has_a_numbering_plan,
    receivers_can_be_reached,
)
"""Those of the contracts, and those that a service's rules add: one line for each."""

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Checked:
    """The result: faults forbid publishing, remarks do not."""

    faults: tuple[Fault, ...]
    remarks: tuple[str, ...]


def check_folder(folder: Path) -> Checked:
    """Every fault of a place's folder. Raises `OSError` when it cannot be read."""
    if not folder.is_dir():
        raise NotADirectoryError(f"{folder} is not a folder")
    return check_texts({path.stem: path.read_bytes() for path in sorted(folder.glob("*.toml"))})


def check_texts(texts: Mapping[str, bytes], checks: Sequence[Check] = ALL_CHECKS) -> Checked:
    """Every fault of a place's tables by their names.

    What lies between tables is looked at when each of them fits its model: it would lead astray before.
    """
    faults = [
        Fault(f"{name}.toml", 1, name, "缺少这个文件：请补上", "the file is missing: add it")
        for name in sorted(REQUIRED - set(texts))
    ]
    faults += [
        Fault(
            f"{name}.toml",
            1,
            name,
            "文件名只能用小写字母、数字和连字符",
            "name the file in lower-case letters, digits, hyphens",
        )
        for name in texts
        if not _NAME.fullmatch(name)
    ]
    faults += [fault for name in sorted(set(texts) - set(MODELS)) for fault in _misspelt(name, texts)]
    tables: dict[str, dict[str, Any]] = {}
    lines: dict[str, dict[Place, int]] = {}
    for name, raw in texts.items():
        try:
            text = raw.decode()
            lines[name], tables[name] = lines_of(text), tomllib.loads(text)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
            faults.append(unreadable(f"{name}.toml", name, raw, error))
        else:
            if (model := MODELS.get(name)) is not None:
                faults += misfits(f"{name}.toml", model, tables[name], lines[name])
    if not faults:
        findings = [finding for check in checks for finding in check(tables)]
        faults = [
            Fault(
                f"{f.table}.toml",
                line_within(texts[f.table].decode(), lines[f.table], f.path, f.line),
                field_of(f.path),
                f.zh,
                f.en,
            )
            for f in findings
        ]
    remarks = tuple(
        f"{name}.toml: not checked, no model is registered for it · 未检查：没有登记它的模型"
        for name in sorted(set(texts) - set(MODELS))
    )
    if not faults:
        remarks += tuple(calendar_remarks(tables))
    return Checked(tuple(sorted(set(faults))), remarks)


def _misspelt(name: str, texts: Collection[str]) -> Iterator[Fault]:
    """A file whose name is nearly that of a table which the place does not have."""
    for nearest in get_close_matches(name.lower(), sorted(set(MODELS) - set(texts)), n=1, cutoff=0.8):
        yield Fault(
            f"{name}.toml",
            1,
            name,
            f"没有这种表，是否应为 {nearest}.toml：请改正文件名",
            f"there is no such table; did you mean {nearest}.toml? Rename the file",
        )
