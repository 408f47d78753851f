"""A city whose notify has a real server for every way out, and a place that tells its units of every assignment."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import Message as Mail
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from infra.local.engines import Engines
from infra.store import Store
from services.notify.domain.vocabulary import VARIABLES
from tests.support.bus import Watch, producer
from tests.support.city import SEEN, City
from tests.support.deployment import DEMO, Deployment
from tests.support.otlp import Receiver
from tests.support.rude_mail import RudeMailServer
from tests.support.sms_gateway import SmsGateway
from tests.support.webhook_receiver import WebhookReceiver
from xn.demo.listener import Posted
from xn.demo.providers import providers_of
from xn.place import webhooks_of

ANSWER = '''
[answer.zh]
subject = "诉求已办结：{{ number }}"
text = """
{{ reply }}
"""
html = """
{{ hello(name) }}
{{ rows([["编号", number], ["诉求", title]]) }}
{{ quote("答复", reply) }}
"""
sms = "您的诉求{{ number }}已办结：{{ reply }}"
sms_template = "SMS_200000001"
sms_parameters = { number = "{{ number }}", reply = "{{ reply }}" }
'''
"""This city writes the whole answer into its SMS."""


def place_of(directory: Path, *, quiet: tuple[datetime, datetime] | None = None) -> Path:
    """A copy of the demo place; in its quiet hours no unit's telephone rings for an assignment."""
    place = directory / "ways-city"
    shutil.copytree(DEMO, place)
    (place / "templates.toml").write_text((place / "templates.toml").read_text() + ANSWER)
    begins, ends = (each.strftime("%H:%M") for each in quiet) if quiet else ("00:00", "00:00")
    exempt = json.dumps([what for what in VARIABLES if what != "assignment"])
    (place / "notices.toml").write_text(
        f'# Of a test.\n[quiet]\nbegins = "{begins}"\nends = "{ends}"\nways = ["sms"]\nnot_for = {exempt}\n'
        '[staff]\ntells = ["assignment"]\n'
        '[publication]\nreviewed_by = "human-resources"\nreviewed_otherwise_by = ["qingshan-office"]\n'
    )
    return place


def around_now() -> tuple[datetime, datetime]:
    """Hours of 示例市 that began an hour ago and end in six."""
    now = datetime.now(ZoneInfo("Asia/Shanghai")).replace(second=0, microsecond=0)
    return now - timedelta(hours=1), now + timedelta(hours=6)


@dataclass
class Ways:
    """The servers; what they really received is looked up here."""

    mail: RudeMailServer = field(default_factory=RudeMailServer)
    sms: SmsGateway = field(default_factory=SmsGateway)
    hooks: dict[str, WebhookReceiver] = field(default_factory=dict)
    city: City = field(init=False)

    def mails(self, notice_id: str) -> list[Mail]:
        """Every mail of a notice that came."""
        return [each for each in self.mail.kept if str(each["Message-ID"]).strip() == f"<{notice_id}@city.invalid>"]

    def messages(self, notice_id: str) -> list[dict[str, Any]]:
        """Every request for an SMS of a notice that came."""
        asked = [json.loads(each.body) for each in self.sms.posted]
        return [each for each in asked if each["OutId"] == notice_id]

    def requests(self, notice_id: str) -> list[Posted]:
        """Every webhook of a notice that came."""
        posted = (each for hook in self.hooks.values() for each in hook.posted)
        return [each for each in posted if each.headers.get("idempotency-key") == notice_id]

    async def kept(self, key: str) -> dict[str, Any]:
        """The document that notify keeps of a case or a notice."""
        deployment = self.city.deployment
        store = Store(deployment.engines.mongo_uri, f"{deployment.database}_notify")
        try:
            (found,) = [each async for each in store.documents() if each["_id"] == key]
        finally:
            await store.close()
        state: dict[str, Any] = found["state"]
        return state


def part_of(mail: Mail, subtype: str) -> str:
    """The text of a mail in this form."""
    (part,) = [each for each in mail.walk() if each.get_content_subtype() == subtype]
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content.decode()


@asynccontextmanager
async def ways_of(
    engines: Engines,
    directory: Path,
    place: Path,
    *,
    segments: int = 2,
    terms: Mapping[str, float] | None = None,
    settings: Mapping[str, str] | None = None,
) -> AsyncIterator[Ways]:
    """Everything runs. `terms` hold for every provider that is reached by HTTP, `settings` for every service."""
    ways = Ways(hooks={id: WebhookReceiver() for id in webhooks_of(place)})
    told = {"XN_PROVIDERS": providers_of(ways.sms, ways.hooks, segments=segments, **(terms or {})), **(settings or {})}
    deployment = Deployment(engines, directory / "services", place=place, mail=ways.mail, settings=told)
    topics = [name for name in deployment.topics if name.split(".")[0] in SEEN]
    async with AsyncExitStack() as stack:
        for each in (ways.sms, *ways.hooks.values()):
            stack.enter_context(each)
        await stack.enter_async_context(deployment)
        client = await stack.enter_async_context(producer(engines.bootstrap))
        watch = await stack.enter_async_context(Watch(engines.bootstrap, topics))
        ways.city = City(deployment, Receiver(), ways.mail, client, watch)
        yield ways
