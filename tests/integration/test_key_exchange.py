"""Notify's key is exchanged while a case is open: the contact is sealed anew, the old key goes, mail arrives."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from aiokafka import AIOKafkaProducer

from contracts.channel import Contact
from contracts.codes import HandlingResult, ReplyBy
from contracts.envelope import encode
from contracts.handling import ReportHandling, SignCase
from contracts.message import Message
from infra.local.engines import Engines
from infra.sealing import key_id, new_private_key, public_key_of
from infra.store import Store
from tests.support.bus import complaint
from tests.support.city import reference
from tests.support.deployment import Deployment
from tests.support.waiting import wait_for, wait_until

UNIT = "urban-management-beicheng"


async def test_a_contact_outlives_the_exchange_of_its_key(own_embedded: Engines, tmp_path: Path) -> None:
    address = f"{uuid4().hex}@city.example"
    submission = complaint(
        reference(), category="garbage-collection", contact=Contact(email=address, reply_by=ReplyBy.EMAIL)
    )
    case_id, new = submission.case_id, new_private_key()
    async with Deployment(own_embedded, tmp_path / "services") as city:
        client = AIOKafkaProducer(bootstrap_servers=own_embedded.bootstrap)
        await client.start()
        store = Store(own_embedded.mongo_uri, f"{city.database}_notify")

        def mails() -> int:
            return sum(mail["To"] == address for mail in city.mail.kept)

        async def say(message: Message) -> None:
            r = encode(message, id=uuid4().hex, source="/tests")
            await client.send_and_wait(r.topic, r.value, r.key, headers=r.headers)

        async def sealed_for_the_new_key() -> bool:
            return (await store.state_of(case_id) or {}).get("contact_key") == key_id(public_key_of(new))

        async def restart_notify(**changes: str) -> None:
            (notify,) = city.fleet["notify"]
            assert notify.process.env is not None
            notify.process.env |= changes
            await asyncio.to_thread(notify.restart)

        try:
            await say(submission)
            await wait_for(lambda: mails() == 1, 60, "the acknowledgement")
            await restart_notify(XN_CONTACT_PRIVATE_KEY=new, XN_CONTACT_REPLACED_KEYS=city.contact_key)
            await wait_until(sealed_for_the_new_key, 60, "the contact is sealed for the new key")
            await restart_notify(XN_CONTACT_REPLACED_KEYS="")
            now = datetime.now(UTC)
            await say(SignCase(case_id=case_id, issued_at=now, unit=UNIT))
            await say(
                ReportHandling(
                    case_id=case_id, issued_at=now, unit=UNIT, result=HandlingResult.RESOLVED, reply="已清运完毕。"
                )
            )
            await wait_for(lambda: mails() == 2, 60, "the answer")
        finally:
            await client.stop()
            await store.close()
