"""A delivery as notify wires it, towards servers on this machine, and what it reports."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from contracts.channel import Contact
from infra.decision import Internal
from infra.sealing import KeyRing, Sealer, new_private_key, public_key_of
from infra.telemetry import Tracing
from services.notify.domain.sending import Send
from services.notify.providers.configuration import Configuration
from services.notify.providers.delivery import Delivery
from services.notify.providers.metrics import DeliveryMetrics
from services.notify.providers.outlets import outlets_of
from services.notify.providers.port import Letter
from services.notify.settings import NotifySettings
from tests.support.waiting import wait_for

KEY = new_private_key()
TEXT = "您的诉求已办结。"


def sealed(contact: Contact) -> str:
    """As notify keeps it."""
    return Sealer(public_key_of(KEY)).seal(contact.model_dump_json().encode())


def rendered(send: Send, contact: Contact | None) -> Letter:
    """A letter with something for every way."""
    name = contact.name if contact and contact.name else ""
    return Letter(
        notice_id=send.notice_id,
        what=send.what,
        to="",
        subject="办理结果",
        text=f"{name}{TEXT}",
        html=f"<p>{name}{TEXT}</p>",
        sms={"number": str(send.facts["number"])},
        data=dict(send.facts),
        language=send.language,
    )


@dataclass
class WaysOut:
    """What was reported of a delivery that runs."""

    delivery: Delivery
    registry: CollectorRegistry
    outcomes: list[tuple[str, Internal]] = field(default_factory=list)
    loses: int = 0
    """So many records are lost, as in a crash before they are saved."""

    async def record(self, outcomes: Sequence[tuple[str, Internal]]) -> None:
        """The loop's end."""
        if self.loses:
            self.loses -= 1
        else:
            self.outcomes += outcomes

    async def until(self, count: int, seconds: float = 60) -> list[Internal]:
        """What came of letters, once there are so many."""
        await wait_for(lambda: len(self.outcomes) >= count, seconds, f"{count} outcomes")
        return [outcome for _, outcome in self.outcomes]

    async def sent(self, *sends: Send) -> list[Internal]:
        """What came of these alone."""
        before = len(self.outcomes)
        await self.delivery.perform(sends)
        return (await self.until(before + len(sends)))[before:]

    def metric(self, name: str, **labels: str) -> float | None:
        """A sample of the delivery's metrics."""
        return self.registry.get_sample_value(f"xn_delivery_{name}", labels)


@contextlib.asynccontextmanager
async def ways_out(text: str) -> AsyncIterator[WaysOut]:
    """By the text of a configuration."""
    settings = NotifySettings(contact_private_key=SecretStr(KEY), dead_letter_key=SecretStr(KEY))
    registry, tracing = CollectorRegistry(), Tracing("notify", None, "test")
    outlets = outlets_of(Configuration.read(None, text, settings))
    delivery = Delivery(outlets, KeyRing(KEY), rendered, tracing, DeliveryMetrics.create(registry))
    ways = WaysOut(delivery, registry)
    delivery.record = ways.record

    async def forever(task) -> None:
        while True:
            await task()
            await asyncio.sleep(0)

    tasks = [asyncio.create_task(forever(each)) for each in delivery.tasks]
    try:
        yield ways
    finally:
        async with asyncio.timeout(60):
            await delivery.close()
        for each in tasks:
            each.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        tracing.close()
