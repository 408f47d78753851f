"""A place's folder against the models and every check, also those of templates, documents and addresses."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from contracts.place_checking import faults_of_texts
from contracts.reference_checks import CHECKS
from contracts.reference_findings import Check
from contracts.reference_tables import MODELS
from contracts.toml_faults import Fault
from services.notify.place_checks import PLACE_CHECKS
from xn.reference.calendar_remarks import calendar_remarks

ALL_CHECKS: tuple[Check, ...] = (*CHECKS, *PLACE_CHECKS)
"""Those of the contracts, and those that notify's rules add."""


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
    """Every fault of a place's tables by their names, and remarks on its calendar where there is none."""
    faults = faults_of_texts(texts, checks)
    remarks = tuple(
        f"{name}.toml: not checked, no model is registered for it · 未检查：没有登记它的模型"
        for name in sorted(set(texts) - set(MODELS))
    )
    if not faults:
        remarks += tuple(calendar_remarks({name: tomllib.loads(raw.decode()) for name, raw in texts.items()}))
    return Checked(faults, remarks)
