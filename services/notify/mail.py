"""Mails: opened, written and handed to the server by a few workers; outcomes go back to the loop in batches.

SMTP knows no idempotency: a crash between the server's acceptance and our record sends the mail again, with the same
Message-ID, which is the idempotency key of the notice.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from email.message import EmailMessage

import aiosmtplib

from contracts.channel import Contact
from infra.decision import Effect, Internal, Record, not_wired
from infra.sealing import KeyRing, SealingError
from infra.telemetry import Tracing, failed
from services.notify.domain.notices import Delivered, DeliveryFailed, SendMail
from services.notify.settings import NotifySettings

log = logging.getLogger(__name__)


class MailRoom:
    """The way out by e-mail."""

    def __init__(self, settings: NotifySettings, ring: KeyRing, tracing: Tracing) -> None:
        self._settings = settings
        self._ring = ring
        self._tracing = tracing
        self._queue: asyncio.Queue[SendMail] = asyncio.Queue(maxsize=5_000)
        self._outcomes: asyncio.Queue[tuple[str, Internal]] = asyncio.Queue()
        self._under_way = 0
        self._closing = False
        self._quiet = asyncio.Event()
        self._quiet.set()
        self.record: Record = not_wired

    async def perform(self, effects: Sequence[Effect]) -> None:
        """The mails are queued. What does not fit is left to its lease and sent when that ends."""
        for effect in effects:
            if isinstance(effect, SendMail):
                try:
                    self._queue.put_nowait(effect)
                except asyncio.QueueFull:
                    return

    async def work(self) -> None:
        """One worker: a connection that is kept while there are mails. Runs until cancelled."""
        mail = await self._queue.get()
        client = self._client()
        try:
            while not self._closing:
                await self._deliver(client, mail)
                mail = self._queue.get_nowait()
        except asyncio.QueueEmpty:
            pass
        finally:
            if client.is_connected:
                client.close()

    async def report(self) -> None:
        """Hands what has been delivered so far to the loop, as one batch. Runs until cancelled."""
        await self.record([await self._outcomes.get(), *self._reported(499)])

    async def close(self) -> None:
        """Mails under way are delivered and recorded; those that only waited are sent when their lease ends."""
        self._closing = True
        await self._quiet.wait()
        if outcomes := self._reported(self._outcomes.qsize()):
            await self.record(outcomes)

    def _reported(self, most: int) -> list[tuple[str, Internal]]:
        return [self._outcomes.get_nowait() for _ in range(min(most, self._outcomes.qsize()))]

    async def _deliver(self, client: aiosmtplib.SMTP, mail: SendMail) -> None:
        self._under_way += 1
        self._quiet.clear()
        try:
            self._outcomes.put_nowait((mail.case_id, await self._send(client, mail)))
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._quiet.set()

    def _client(self) -> aiosmtplib.SMTP:
        s = self._settings
        return aiosmtplib.SMTP(
            hostname=s.smtp_host,
            port=s.smtp_port,
            username=s.smtp_username,
            password=s.smtp_password.get_secret_value() if s.smtp_password else None,
            start_tls=s.smtp_start_tls,
            timeout=s.smtp_timeout_seconds,
        )

    async def _send(self, client: aiosmtplib.SMTP, mail: SendMail) -> Internal:
        span = self._tracing.send("smtp", traceparent=mail.traceparent, id=mail.notice_id)
        try:
            message = self._message(mail)
            if not client.is_connected:
                await client.connect()
            await client.send_message(message)
        except aiosmtplib.SMTPRecipientsRefused as error:
            failed(span, type(error).__name__)
            code = max((each.code for each in error.recipients), default=550)
            return DeliveryFailed(mail.notice_id, f"smtp {code}", permanent=code >= 500)
        except aiosmtplib.SMTPResponseException as error:
            failed(span, type(error).__name__)
            return DeliveryFailed(mail.notice_id, f"smtp {error.code}", permanent=500 <= error.code < 600)
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            failed(span, type(error).__name__)
            return DeliveryFailed(mail.notice_id, type(error).__name__, permanent=False)
        except (SealingError, ValueError) as error:
            failed(span, type(error).__name__)
            return DeliveryFailed(mail.notice_id, f"contact: {type(error).__name__}", permanent=True)
        finally:
            span.end()
        return Delivered(mail.notice_id)

    def _message(self, mail: SendMail) -> EmailMessage:
        contact = Contact.model_validate_json(self._ring.open(mail.contact_box))
        if not contact.email:
            raise ValueError("no address")
        letter = mail.letter
        message = EmailMessage()
        message["From"] = self._settings.sender
        message["To"] = contact.email
        message["Subject"] = letter.subject
        message["Message-ID"] = f"<{mail.notice_id}@{self._settings.sender.rsplit('@', 1)[-1]}>"
        message["X-Xiaoneng-Notice"] = mail.kind.value
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text)
        return message
