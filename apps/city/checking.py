"""The faults of a draft: the checks of `contracts` here, those that need notify's rules by `POST /v1/place/check`."""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.web.services import Credential, ServiceProblem, Services
from contracts.place_checking import faults_of_texts
from contracts.place_versions import place_of_texts
from contracts.reference_findings import field_of
from contracts.toml_faults import Fault
from contracts.toml_lines import Path

NOTIFY_TABLES = ("place", "templates", "documents", "receivers")
"""Tables that notify's checks look at."""
MOST_REMEMBERED = 20
_PART = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


@dataclass(frozen=True)
class Checked:
    """The result of all checks."""

    faults: tuple[Fault, ...]
    problem: ServiceProblem | None = None
    """Why notify's checks could not be made; the draft must not be published then."""

    @property
    def clean(self) -> bool:
        """Whether all checks were made and found nothing."""
        return not self.faults and self.problem is None

    def of(self, table: str) -> list[Fault]:
        """The faults of one table."""
        return [each for each in self.faults if each.file == f"{table}.toml"]


@dataclass
class Checker:
    """Checks drafts, and remembers the results of the last ones by their content."""

    services: Services
    _own: OrderedDict[str, tuple[Fault, ...]] = field(default_factory=OrderedDict)
    _notify: OrderedDict[str, tuple[Fault, ...]] = field(default_factory=OrderedDict)

    async def check(self, texts: Mapping[str, str], who: Credential) -> Checked:
        """All faults of these tables."""
        key = place_of_texts("", texts).version
        if (own := self._own.get(key)) is None:
            own = await asyncio.to_thread(faults_of_texts, {name: text.encode() for name, text in texts.items()})
            _remember(self._own, key, own)
        if own:
            return Checked(own)
        sent = {name: texts[name] for name in NOTIFY_TABLES if name in texts}
        key = place_of_texts("", sent).version
        try:
            if (found := self._notify.get(key)) is None:
                answer = await self.services.post("notify", "/v1/place/check", {"tables": sent}, who)
                found = tuple(_fault(each) for each in answer["faults"])
                _remember(self._notify, key, found)
        except ServiceProblem as problem:
            return Checked(own, problem)
        return Checked(found)


def _remember(results: OrderedDict[str, tuple[Fault, ...]], key: str, found: tuple[Fault, ...]) -> None:
    results[key] = found
    while len(results) > MOST_REMEMBERED:
        results.popitem(last=False)


def _fault(given: Mapping[str, Any]) -> Fault:
    names = ("file", "line", "field", "zh", "en")
    return Fault(*(int(given[name]) if name == "line" else str(given[name]) for name in names))  # type: ignore[arg-type]


def path_of_field(text: str) -> Path:
    """The path that a fault names: ``unit[3].areas[0]`` is ``("unit", 3, "areas", 0)``."""
    return tuple(int(index) if index else name for index, name in _PART.findall(text))


def within(faults: Iterable[Fault], path: Path) -> list[Fault]:
    """Faults of the value at a path, or inside it."""
    prefix = field_of(path)
    if not prefix:
        return list(faults)
    return [each for each in faults if each.field == prefix or each.field.startswith((f"{prefix}.", f"{prefix}["))]
