"""Notify as it is run, on engines, with staff who are owed notices: for measuring the whole way of one."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from bench.receivers import CONNECTIONS, Servers
from bench.services import PLACE
from contracts.envelope import encode
from contracts.staff_notices import NoticeFact, StaffNoticeOwed, StaffNoticeSent
from infra.local.engines import Engines
from infra.local.services import Fleet
from infra.publisher import Publisher
from infra.sealing import new_private_key
from xn.observe import Observer

BY_MAIL, BY_SMS = "police", "water-company"
"""Units of the demo place that are told by these ways."""


class Notify:
    """One instance of the service on engines that run; units are told by mail and by SMS."""

    def __init__(self, engines: Engines, directory: Path, where: Servers, *, hangs: bool) -> None:
        self._engines, self._where, self._hangs = engines, where, hangs
        self._key, self._database = new_private_key(), f"bench_{uuid4().hex[:8]}"
        self.fleet = Fleet({"notify": "services.notify"}, directory=directory, environment=self._environment)

    @property
    def pid(self) -> int:
        """Of the instance, while the fleet runs."""
        return self.fleet["notify"][0].pid

    def _environment(self, name: str, instance: int, port: int) -> dict[str, str]:
        return {
            **self._engines.exports(),
            "XN_MONGO_DATABASE": self._database,
            "XN_HTTP_PORT": str(port),
            "XN_POLICIES": str(PLACE),
            "XN_DEAD_LETTER_KEY": self._key,
            "XN_CONTACT_PRIVATE_KEY": self._key,
            "XN_SMTP_PORT": str(self._where.mail),
            "XN_SMTP_CONNECTIONS": str(CONNECTIONS),
            "XN_PROVIDERS": self._where.providers(hangs=self._hangs),
            "XN_STOP_SECONDS": "1",  # what hangs is not waited for
            "XN_LOG_LEVEL": "WARNING",
        }

    async def told(self, count: int, to: Sequence[str], besides: int = 0) -> float:
        """Units in turn are owed so many notices and told of them all; seconds from the first to the last.

        `besides` more are owed to whoever is told by SMS, and not waited for.
        """
        owed = [_owed(to[n % len(to)]) for n in range(count)]
        wanted = {each.notice_id for each in owed}
        others = [_owed(BY_SMS) for _ in range(besides)]
        publisher = Publisher(self._engines.bootstrap, "/bench")
        async with Observer(self._engines.bootstrap, ["notices.events"]) as observer:
            await publisher.send([encode(each, id=each.notice_id, source="/bench") for each in others])
            await observer.rest(1.0)
            began = time.perf_counter()
            await publisher.send([encode(each, id=each.notice_id, source="/bench") for each in owed])
            while wanted:
                for _, _, message in await observer.poll():
                    if isinstance(message, StaffNoticeSent):
                        wanted.discard(message.notice_id)
            seconds = time.perf_counter() - began
        await publisher.stop()
        return seconds


def _owed(to: str) -> StaffNoticeOwed:
    facts = {
        "number": "BC-20261123-000001",
        "title": "夜间噪声",
        "unit-name": "示例市公安局",
        "clock": "close",
        "due-at": "2026-12-15T00:00:00+08:00",
    }
    told = tuple(NoticeFact(name=name, value=value) for name, value in facts.items())
    return StaffNoticeOwed(notice_id=str(uuid4()), owed_at=datetime.now(UTC), to=to, what="red", facts=told)
