"""Mail by SMTP.

SMTP knows no idempotency: a crash between the server's acceptance and our record sends the mail again, with the same
Message-ID, which is the notice's own.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from dataclasses import dataclass

import aiosmtplib

from infra.clock import Clock, system_clock
from services.notify.providers.configuration import MailTable
from services.notify.providers.mime import Sender, mail_of
from services.notify.providers.port import Accepted, Letter, Refused, Unavailable

IDLE_SECONDS = 5.0
"""How long a connection is kept for the next mail."""
MOST_MAILS = 100
"""On one connection; servers hang up on who sends more."""
_QUEUED = re.compile(r"(?:queued as|id=)\s*([0-9A-Za-z][0-9A-Za-z-]{3,63})(?![0-9A-Za-z@.-])")
"""What the usual servers call the mail from now on; anything else in a reply may quote the address."""


@dataclass(slots=True)
class _Connection:
    client: aiosmtplib.SMTP
    mails: int = 0
    hang_up: asyncio.TimerHandle | None = None


class MailProvider:
    """One mail server. No more connections than letters are sent at a time; each is kept while there are mails."""

    def __init__(self, table: MailTable, tls: ssl.SSLContext, clock: Clock = system_clock) -> None:
        self._table = table
        self._sender = Sender.of(table.sender)
        self._tls = tls
        self._clock = clock
        self._idle: list[_Connection] = []

    @property
    def name(self) -> str:
        """`smtp`."""
        return "smtp"

    async def send(self, letter: Letter) -> Accepted:
        """The server has it. Raises `Refused` and `Unavailable`."""
        mail = mail_of(letter, self._sender, self._clock())
        connection = self._idle.pop() if self._idle else _Connection(self._client())
        if connection.hang_up is not None:
            connection.hang_up.cancel()
        whole = False
        try:
            if not connection.client.is_connected:
                await _connect(connection.client)
            said = await _hand_over(connection.client, mail, self._sender.address, letter.to)
            whole = True
        except Refused:
            whole = True
            raise
        finally:
            self._keep(connection, whole=whole)
        found = _QUEUED.search(said)
        return Accepted(found.group(1) if found else None)

    async def close(self) -> None:
        """No connection is left open."""
        while self._idle:
            self._drop(self._idle[-1])

    def _keep(self, connection: _Connection, *, whole: bool) -> None:
        connection.mails += 1
        if whole and connection.client.is_connected and connection.mails < MOST_MAILS:
            connection.hang_up = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._drop, connection)
            self._idle.append(connection)
        else:
            connection.client.close()

    def _drop(self, connection: _Connection) -> None:
        self._idle.remove(connection)
        if connection.hang_up is not None:
            connection.hang_up.cancel()
        connection.client.close()

    def _client(self) -> aiosmtplib.SMTP:
        t = self._table
        return aiosmtplib.SMTP(
            hostname=t.host,
            port=t.port,
            username=t.username,
            password=t.password.get_secret_value() if t.password else None,
            use_tls=t.tls,
            start_tls=False if t.tls else t.start_tls,
            tls_context=self._tls,
            timeout=t.timeout_seconds,
        )


async def _connect(client: aiosmtplib.SMTP) -> None:
    """The server listens. What it says before it was handed a mail is not about the mail. Raises `Unavailable`."""
    try:
        await client.connect()
    except aiosmtplib.SMTPResponseException as error:
        raise Unavailable(f"smtp {error.code}") from None
    except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
        raise Unavailable(type(error).__name__) from None


async def _hand_over(client: aiosmtplib.SMTP, mail: bytes, sender: str, to: str) -> str:
    """What the server said when it took the mail. Raises `Refused` and `Unavailable`; replies may quote the address."""
    options = [] if (sender + to).isascii() else ["SMTPUTF8", "BODY=8BITMIME"]
    try:
        _, said = await client.sendmail(sender, [to], mail, mail_options=options)
    except aiosmtplib.SMTPRecipientsRefused as error:
        code = max((each.code for each in error.recipients), default=550)
        if code == aiosmtplib.SMTPStatus.domain_unavailable:
            raise Unavailable(f"smtp {code}") from None
        raise Refused(f"smtp {code}", permanent=code >= 500) from None
    except aiosmtplib.SMTPResponseException as error:
        if 500 <= error.code < 600:
            raise Refused(f"smtp {error.code}") from None
        raise Unavailable(f"smtp {error.code}") from None
    except aiosmtplib.SMTPNotSupported:
        raise Refused("smtp: the server takes no such address") from None
    except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
        raise Unavailable(type(error).__name__) from None
    except ValueError as error:
        raise Refused(f"mail: {type(error).__name__}") from None
    return said
