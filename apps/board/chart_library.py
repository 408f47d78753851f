"""Serves Apache ECharts out of the installed wheel that has it: no network, nothing of it in this repository."""

from __future__ import annotations

import gzip
import hashlib
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

PACKAGE, FILE = "instaui_echarts", "static/echarts.esm.min.js"
PATH = "/static/echarts.js"
_YEAR = 365 * 86_400


class ChartLibrary:
    """The ES module of the library; without its package pages show their tables alone."""

    def __init__(self, package: str = PACKAGE) -> None:
        self._package = package

    @cached_property
    def file(self) -> Path | None:
        """Where it is; None where the package is not installed. The package itself is not imported."""
        spec = find_spec(self._package)
        folders = spec.submodule_search_locations if spec is not None else None
        found = Path(next(iter(folders))) / FILE if folders else None
        return found if found is not None and found.is_file() else None

    @cached_property
    def url(self) -> str:
        """Its address, which changes with its content; empty where there is none."""
        return f"{PATH}?v={hashlib.sha256(self.file.read_bytes()).hexdigest()[:12]}" if self.file else ""

    @cached_property
    def _packed(self) -> bytes:
        return gzip.compress(self.file.read_bytes(), 9, mtime=0) if self.file else b""

    async def serve(self, request: Request) -> Response:
        """The module, packed once."""
        if self.file is None:
            return Response(status_code=404)
        headers = {"Cache-Control": f"public, max-age={_YEAR}, immutable", "Vary": "Accept-Encoding"}
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return Response(self._packed, media_type="text/javascript", headers=headers)
        return Response(self.file.read_bytes(), media_type="text/javascript", headers=headers)
