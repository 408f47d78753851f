"""A real SMTP server on this machine, for trials and tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from typing import Any, Self

from aiosmtpd.controller import Controller

from infra.local.process import free_port


@dataclass
class MailServer:
    """Accepts every mail and keeps none, only which notices it was handed."""

    port: int = field(default_factory=free_port)
    notices: dict[str, set[str]] = field(default_factory=dict)
    """Distinct Message-IDs by kind of notice: a mail that came twice under one id is one notice."""
    accepted: int = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """It answers on its port."""
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def stop(self) -> None:
        """It is gone."""
        self._controller.stop()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """One mail is accepted."""
        self.take(message_from_bytes(envelope.content or b""))
        return "250 OK"

    def take(self, message: Message) -> None:
        """Counts it."""
        self.accepted += 1
        self.notices.setdefault(str(message["X-Xiaoneng-Notice"]), set()).add(str(message["Message-ID"]).strip())

    @property
    def message_ids(self) -> set[str]:
        """Of every kind."""
        return set().union(*self.notices.values())
