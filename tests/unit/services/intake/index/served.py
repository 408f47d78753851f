"""The routes of the index over an index file that has read events, for keys of channels and units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx

from infra.http.key_file import KeyFile
from infra.http.keys import new_key, stored
from infra.http.serving import HttpSide
from infra.telemetry import Metrics, Tracing
from services.intake.index.case_index import CaseIndex
from services.intake.index.facts import TOPICS, Reported
from services.intake.index.overview_api import overview_interface
from services.intake.index.routes import cases_interface
from services.intake.index.views import IndexViews
from tests.unit.services.intake.index.lives import NOW, PLACE


class ServedIndex:
    """An index file and its routes. `close` it in the end."""

    def __init__(self, folder: Path, *, channels: Sequence[str], units: Sequence[str]) -> None:
        self.index = CaseIndex(str(folder / "index.sqlite"), "tests")
        self.views = IndexViews(self.index, lambda: PLACE, {"13800138000": "c-1"}.get, lambda: NOW)
        kinds = [*((name, "channel") for name in channels), *((name, "unit") for name in units)]
        made = {name: new_key(name, ["read"], kind=kind) for name, kind in kinds}  # type: ignore[arg-type]
        self._keys = {name: key for name, (key, _) in made.items()}
        self.side = HttpSide(
            "Test",
            "1",
            (cases_interface(self.views, "read"), overview_interface(self.views, "read")),
            keys=KeyFile(None, "\n".join(stored(hashed) for _, hashed in made.values())),
            tracing=Tracing("test", None, "test"),
            metrics=Metrics.create(),
        )

    async def read(self, *events: Reported) -> None:
        """Bring events into the index."""
        await self.index.apply(events, {(TOPICS[0], 0): 1})

    async def get(self, key: str, path: str, query: Mapping[str, Any] | str = "") -> httpx.Response:
        """With the key of this channel or unit."""
        return await self._ask("GET", key, path, params=query)

    async def post(self, key: str, body: Any, path: str = "/v1/cases/search") -> httpx.Response:
        """With the key of this channel or unit."""
        return await self._ask("POST", key, path, json=body)

    async def _ask(self, method: str, key: str, path: str, **more: Any) -> httpx.Response:
        transport = httpx.ASGITransport(self.side, client=("10.0.0.1", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.request(method, path, headers={"X-API-Key": self._keys[key]}, **more)

    async def close(self) -> None:
        """Close the file."""
        await self.index.close()
