"""One city for the whole folder: four services as processes on either kind of engines, a mail server, a trace receiver.

Tests tell their cases apart by references of their own; no test needs the city for itself.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from infra.local.engines import Engines
from tests.support.city import City, running_city

LINKS = {"XN_CITIZEN_URL": "https://12345.example", "XN_DESK_URL": "https://desk.example"}


@pytest.fixture(scope="package")
async def city(engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[City]:
    """Everything runs, and every message is seen."""
    async with running_city(engines, tmp_path_factory.mktemp("city") / "services", LINKS) as running:
        yield running
