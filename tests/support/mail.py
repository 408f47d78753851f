"""A mail server that keeps what it accepts, and does otherwise when told to."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from email.message import Message
from typing import Any

from xn.demo import mail


@dataclass
class MailServer(mail.MailServer):
    """Accepts mails; `reply` may answer otherwise, such as ``451 try later``."""

    kept: list[Message] = field(default_factory=list)
    reply: str = "250 OK"
    delay_seconds: float = 0.0
    holds: bool = False
    """It accepts, and its answer does not come meanwhile."""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """One mail."""
        await asyncio.sleep(self.delay_seconds)
        if self.reply.startswith("250"):
            accepted = await super().handle_DATA(server, session, envelope)
            while self.holds:  # noqa: ASYNC110 - it is let go from another thread
                await asyncio.sleep(0.02)
            return accepted
        return self.reply

    def take(self, message: Message) -> None:
        """Counts it and keeps it."""
        super().take(message)
        self.kept.append(message)
