"""A city of its own whose units are told by their own ways: the demonstration place with notices and receivers."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from infra.local.engines import Engines
from tests.support.bus import Watch, producer
from tests.support.city import SEEN, City
from tests.support.deployment import DEMO, Deployment
from tests.support.mail import MailServer
from tests.support.otlp import Receiver
from tests.support.sms_gateway import SmsGateway

REVIEWED = """
[publication]
reviewed_by = "human-resources"
reviewed_otherwise_by = ["qingshan-office"]
"""
"""Who reviews what measures publish: a place that publishes needs them."""
QUIET_NEVER = "[quiet]\nways = []\n"


@asynccontextmanager
async def notifying_city(
    engines: Engines,
    folder: Path,
    *,
    notices: str,
    receivers: str = "",
    gateway: SmsGateway | None = None,
    settings: Mapping[str, str] | None = None,
    more: Mapping[str, str] | None = None,
) -> AsyncIterator[City]:
    """It runs, and all that is said is seen; `more` are other tables instead of the place's own."""
    place = folder / "demo"
    shutil.copytree(DEMO, place)
    tables = {"notices": f"{QUIET_NEVER}{notices}\n{REVIEWED}", "receivers": receivers, **(more or {})}
    for name, text in tables.items():
        (place / f"{name}.toml").write_text(text, encoding="utf-8")
    providers = {"XN_PROVIDERS": providers_of(gateway)} if gateway is not None else {}
    deployment = Deployment(engines, folder / "services", place=place, settings={**providers, **(settings or {})})
    topics = [name for name in deployment.topics if name.split(".")[0] in SEEN]
    bootstrap = engines.bootstrap
    async with deployment, producer(bootstrap) as client, Watch(bootstrap, topics) as watch:
        yield City(deployment, Receiver(), MailServer(), client, watch)


def providers_of(gateway: SmsGateway) -> str:
    """The file of providers with this gateway."""
    return f"""
[sms]
url = "{gateway.url}"
access_key = "{gateway.access_key}"
secret = "{gateway.secret}"
sign_name = "效能中心"
segments = 4
[sms.templates.zh]
acknowledgement = "SMS_1"
answer = "SMS_2"
assignment = "SMS_3"
silence = "SMS_4"
"""
