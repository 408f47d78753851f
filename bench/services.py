"""The four real services on the demo place, as processes."""

from __future__ import annotations

import tomllib
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

from contracts.place_topics import topics_of
from contracts.roles import SERVICES
from infra.local.engines import Engines
from infra.local.services import Fleet
from infra.place import read_place
from infra.sealing import new_private_key, public_key_of
from infra.topics import ensure_topics

PLACE = Path(__file__).resolve().parents[1] / "policies" / "demo"


def units(place: Path = PLACE) -> list[str]:
    """Every unit of the place."""
    return [unit["id"] for unit in tomllib.loads((place / "units.toml").read_text())["unit"]]


class House:
    """Topics, keys, fresh databases and one instance of each service. Nobody here is answered by mail."""

    def __init__(self, engines: Engines, directory: Path, *, partitions: int, place: Path = PLACE) -> None:
        """Nothing runs yet."""
        self._place = place
        self._directory = directory
        self._engines = engines
        self._partitions = partitions
        self._contact_key = new_private_key()
        self._dead_letter_key = new_private_key()
        self.database = f"bench_{uuid4().hex[:8]}"
        self._fleet = Fleet(
            {name: f"services.{name}" for name in SERVICES}, directory=directory, environment=self._environment
        )

    @property
    def pids(self) -> dict[str, int]:
        """The services' processes."""
        return {name: instances[0].pid for name, instances in self._fleet.items()}

    async def __aenter__(self) -> Self:
        """All services run and have their partitions."""
        replication = 3 if self._engines.engine == "kafka3" else 1
        await ensure_topics(
            self._engines.bootstrap,
            topics_of(read_place(self._place).tables),
            replication=replication,
            most_partitions=self._partitions,
        )
        self._fleet.start(timeout=90.0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._fleet.stop()

    def _environment(self, name: str, instance: int, port: int) -> dict[str, str]:
        return {
            **self._engines.exports(),
            "XN_MONGO_DATABASE": self.database,
            "XN_HTTP_PORT": str(port),
            "XN_POLICIES": str(self._place),
            "XN_DEAD_LETTER_KEY": self._dead_letter_key,
            "XN_CONTACT_PUBLIC_KEY": public_key_of(self._contact_key),
            "XN_CONTACT_PRIVATE_KEY": self._contact_key,
            "XN_INDEX_FILE": str(self._directory.absolute() / f"index-{instance}.sqlite"),
            "XN_LOG_LEVEL": "WARNING",
        }
