"""One city for the whole folder: four services as processes on either kind of engines, a mail server, a trace receiver.

Tests tell their cases apart by references of their own; nobody's test needs the city for itself.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from infra.local.engines import Engines
from tests.support.bus import Watch, producer
from tests.support.city import SEEN, City
from tests.support.deployment import Deployment
from tests.support.otlp import Receiver
from tests.support.rude_mail import RudeMailServer


@pytest.fixture(scope="package")
async def city(engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[City]:
    """Everything runs, and everything that is said is seen."""
    receiver, mail = Receiver(), RudeMailServer()
    receiver.start()
    deployment = Deployment(
        engines,
        tmp_path_factory.mktemp("city") / "services",
        mail=mail,
        partitions=2,
        settings={
            "XN_OTLP_ENDPOINT": receiver.url,
            "XN_CITIZEN_URL": "https://12345.example",
            "XN_DESK_URL": "https://desk.example",
        },
    )
    topics = [name for name in deployment.topics if name.split(".")[0] in SEEN]
    try:
        async with deployment, producer(engines.bootstrap) as client, Watch(engines.bootstrap, topics) as watch:
            yield City(deployment, receiver, mail, client, watch)
    finally:
        receiver.stop()
