"""A real SMTP server on this machine that remembers what it accepted."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope, Session

from infra.local.process import free_port


@dataclass
class MailServer:
    """Accepts mails; `reply` may answer otherwise, such as ``451 try later``."""

    port: int = field(default_factory=free_port)
    accepted: list[Message] = field(default_factory=list)
    reply: str = "250 OK"
    delay_seconds: float = 0.0

    def __post_init__(self) -> None:
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    def start(self) -> None:
        """It answers on its port."""
        self._controller.start()

    def stop(self) -> None:
        """It is gone."""
        self._controller.stop()

    async def handle_DATA(self, _server: Any, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """One mail."""
        if self.delay_seconds:
            await asyncio.sleep(self.delay_seconds)
        if self.reply.startswith("250"):
            self.accepted.append(message_from_bytes(envelope.content or b""))  # type: ignore[arg-type]
        return self.reply

    def ids(self) -> dict[str, set[str]]:
        """The distinct Message-IDs by kind of notice: a mail accepted twice under one id is one notice."""
        found: dict[str, set[str]] = defaultdict(set)
        for message in self.accepted:
            found[str(message["X-Xiaoneng-Notice"])].add(str(message["Message-ID"]).strip())
        return dict(found)
