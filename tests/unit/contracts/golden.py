"""The golden samples of `contracts/samples`: one record per released type, as text."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[3] / "contracts" / "samples"


@dataclass(frozen=True)
class Golden:
    """One record as it was published."""

    type: str
    topic: str
    key: str
    headers: dict[str, str]
    value: dict[str, Any]

    @property
    def raw_headers(self) -> list[tuple[str, bytes]]:
        return [(name, text.encode()) for name, text in self.headers.items()]

    @property
    def body(self) -> bytes:
        """The value as it was on the wire."""
        return json.dumps(self.value, ensure_ascii=False, separators=(",", ":")).encode()


def load(path: Path) -> Golden:
    return Golden(type=path.stem, **json.loads(path.read_text(encoding="utf-8")))


GOLDEN = {path.stem: load(path) for path in sorted(FOLDER.glob("*.json"))}
