"""The ways out of notify, wired as in the service, on the words of the demo place: for measuring them alone."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date
from uuid import uuid4

from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from bench.receivers import CONNECTIONS, Servers
from bench.services import PLACE
from contracts.channel import Contact
from contracts.codes import Language
from infra.decision import Internal
from infra.place import read_place
from infra.sealing import KeyRing, Sealer, new_private_key, public_key_of
from infra.telemetry import Tracing
from services.notify.domain.sending import HandedOver, Send, Way
from services.notify.domain.templates import Templates
from services.notify.links import NoticeLinks
from services.notify.providers.configuration import Configuration
from services.notify.providers.delivery import Delivery, Task
from services.notify.providers.metrics import DeliveryMetrics
from services.notify.providers.outlets import outlets_of
from services.notify.settings import NotifySettings
from services.notify.writing import Writer

AT_ONCE = 500
"""Letters wanted by one batch."""


class Ways:
    """Letters are opened, written and sent as ever; of an outcome it is counted what it was."""

    def __init__(self, where: Servers, *, hangs: bool = False) -> None:
        key = new_private_key()
        self._sealer = Sealer(public_key_of(key))
        settings = NotifySettings(
            contact_private_key=SecretStr(key),
            dead_letter_key=SecretStr(""),
            smtp_port=where.mail,
            smtp_connections=CONNECTIONS,
        )
        files = read_place(PLACE)
        templates = Templates.from_tables(files.version, files.tables)
        self._delivery = Delivery(
            outlets_of(Configuration.read(None, where.providers(hangs=hangs), settings)),
            KeyRing(key),
            Writer(lambda: templates, b"bench", NoticeLinks(b"bench")),
            Tracing("bench", None, "bench"),
            DeliveryMetrics.create(CollectorRegistry()),
        )
        self._delivery.record = self._record
        self.outcomes: Counter[tuple[str, str]] = Counter()
        self._progress = asyncio.Event()

    async def _record(self, outcomes: Sequence[tuple[str, Internal]]) -> None:
        for _, outcome in outcomes:
            self.outcomes[getattr(outcome, "way", ""), type(outcome).__name__] += 1
        self._progress.set()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Workers run."""
        *workers, report = [asyncio.create_task(_again(task)) for task in self._delivery.tasks]
        try:
            yield
        finally:
            for each in (*workers, report):
                each.cancel()
            await asyncio.gather(*workers, report, return_exceptions=True)
            await self._delivery.close()

    async def send(self, count: int, ways: Sequence[Way]) -> float:
        """So many letters by each of these ways in turn have been taken; the seconds it took. Raises `RuntimeError`."""
        began, before = time.perf_counter(), self._taken(ways)
        for start in range(0, count, AT_ONCE):
            part = [self._letter(ways[n % len(ways)]) for n in range(start, min(count, start + AT_ONCE))]
            await self._delivery.perform(part)
            await self._until_taken(before + start, ways)  # one batch waits while another is sent
        await self._until_taken(before + count, ways)
        return time.perf_counter() - began

    async def _until_taken(self, count: int, ways: Sequence[Way]) -> None:
        while self._taken(ways) < count:
            self._progress.clear()
            await self._progress.wait()
            others = {way: n for (way, what), n in self.outcomes.items() if what != HandedOver.__name__ and way in ways}
            if others:
                raise RuntimeError(f"not taken: {others}")

    async def offer(self, count: int, way: Way) -> None:
        """So many letters wait for this way; nobody waits for them."""
        await self._delivery.perform([self._letter(way) for _ in range(count)])

    def heard_of(self, way: Way) -> int:
        """Letters by this way of which something has come."""
        return sum(n for (by, _), n in self.outcomes.items() if by == way)

    def _taken(self, ways: Sequence[Way]) -> int:
        return sum(self.outcomes[way, HandedOver.__name__] for way in ways)

    def _letter(self, way: Way) -> Send:
        case_id = str(uuid4())
        contact = Contact(name="王五", phone="12000000001", email="wang@city.example", receipt_code="7K3M-9QXD")
        return Send(
            key=case_id,
            notice_id=f"acknowledgement.{case_id}",
            way=way,
            what="acknowledgement",
            language=Language.CHINESE,
            facts={
                "number": "BC-20261123-000001",
                "title": "夜间噪声",
                "registered_on": date(2026, 11, 23),
                "due_on": date(2026, 12, 14),
                "centre": "北城区诉求受理中心",
            },
            contact_box=self._sealer.seal(contact.model_dump_json().encode()),
            address=None,
            traceparent=None,
            attempt=1,
        )


async def _again(task: Task) -> None:
    while True:
        await task()
