"""A mail server that quotes the address it will not deliver to, as most do."""

from __future__ import annotations

from typing import Any

from aiosmtpd.smtp import Envelope, Session

from tests.support.mail import MailServer

UNKNOWN = "unknown.example"
"""Recipients of this domain are refused by name."""
UNWANTED = "unwanted.example"
"""Mails to this domain are refused once their text has been read."""


class RudeMailServer(MailServer):
    """Accepts every mail but those to two domains."""

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """One recipient."""
        if address.endswith(f"@{UNKNOWN}"):
            return f"550 5.1.1 <{address}>: no such person here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """One mail."""
        (address,) = envelope.rcpt_tos
        if address.endswith(f"@{UNWANTED}"):
            return f"554 5.7.1 mail to <{address}> is not wanted"
        return await super().handle_DATA(server, session, envelope)
