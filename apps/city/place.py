"""The names of the place for the pages of the kit, from the version that is published: no service has to answer."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from apps.city.published import Published
from apps.web.place import Place, PlaceDocument, PlaceFeed
from apps.web.services import ServiceProblem, Services
from contracts.place_versions import PlaceError


class PublishedPlace(PlaceFeed):
    """The version in force."""

    def __init__(self, services: Services, published: Published) -> None:
        super().__init__(services)
        self._published = published
        self._made: tuple[str, Place] = ("", Place())

    async def current(self) -> Place:
        """The place, made anew when another version is in force. Raises `ServiceProblem` before one is known."""
        manifest = self._published.in_force()
        if manifest is None:
            place = self._published.place
            zh = f"还没有读到“{place}”的已发布版本。刚启动时请稍候；首次使用时请运维人员运行 xn reference publish。"
            en = f"No published version of {place} is known. Wait a moment after a start; else: xn reference publish."
            raise ServiceProblem(503, "place-unknown", zh, en, retry_after=3)
        if self._made[0] != manifest.version:
            try:
                tables = {name: tomllib.loads(text) for name, text in self._published.known.texts(manifest).items()}
                self._made = (manifest.version, Place(document_of(manifest.place, manifest.version, tables)))
            except (PlaceError, ValueError):
                return self._made[1]
        return self._made[1]


def document_of(id: str, version: str, tables: Mapping[str, Mapping[str, Any]]) -> PlaceDocument:
    """What the kit needs of a place's tables."""
    place = tables.get("place", {})
    return PlaceDocument.model_validate(
        {
            "id": id,
            "version": version,
            "zh": place.get("zh", ""),
            "en": place.get("en", ""),
            "zone": place.get("timezone", "Asia/Shanghai"),
            "units": _listed(tables, "units", "unit"),
            "posts": _listed(tables, "posts", "post"),
            "areas": _listed(tables, "areas", "area"),
        }
    )


def _listed(tables: Mapping[str, Mapping[str, Any]], table: str, key: str) -> Sequence[Any]:
    return tuple(tables.get(table, {}).get(key, ()))
