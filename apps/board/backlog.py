"""How far each service is behind: messages it has not taken yet, from its own metrics."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, get_args

from prometheus_client.parser import text_string_to_metric_families

from apps.web.services import Service, ServiceProblem, Services

SERVICES: Sequence[Service] = get_args(Service)
FRESH_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Behind:
    """One service."""

    service: str
    answers: bool
    messages: int | None = None
    """Not taken yet; None where the service does not measure it."""
    index_seconds: int | None = None
    """Since its search index had read everything."""


class Backlog:
    """The last look at all services, shared by all scopes of the process."""

    def __init__(self, services: Services, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._services = services
        self._monotonic = monotonic
        self._lock = asyncio.Lock()
        self._looked_at = -FRESH_SECONDS
        self._found: list[dict[str, Any]] = []

    async def current(self) -> list[dict[str, Any]]:
        """A row for each service, a few seconds old at most."""
        async with self._lock:
            if self._monotonic() - self._looked_at >= FRESH_SECONDS:
                self._found = [asdict(each) for each in await asyncio.gather(*map(self._look, SERVICES))]
                self._looked_at = self._monotonic()
        return self._found

    async def _look(self, service: Service) -> Behind:
        try:
            response = await self._services.request("GET", service, "/metrics")
        except ServiceProblem as problem:
            return Behind(service, answers=problem.status == 404)
        return read_metrics(service, response.text)


def read_metrics(service: str, text: str) -> Behind:
    """From the text format of Prometheus; only the few lines that matter are parsed."""
    wanted = [line for line in text.splitlines() if line.startswith(("xn_consumer_lag", "xn_index_age_seconds"))]
    values: dict[str, list[float]] = {}
    for family in text_string_to_metric_families("\n".join(wanted) + "\n"):
        for sample in family.samples:
            values.setdefault(sample.name, []).append(sample.value)
    age = max(values.get("xn_index_age_seconds", [-1.0]))
    return Behind(
        service,
        answers=True,
        messages=round(sum(values["xn_consumer_lag"])) if "xn_consumer_lag" in values else None,
        index_seconds=round(age) if 0 <= age < float("inf") else None,
    )
