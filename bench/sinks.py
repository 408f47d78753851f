"""Who takes mails and SMS at little cost, so that senders are measured and not their receivers: real SMTP and HTTP over
TCP, every mail's header read, every SMS's signature checked. What came is counted by notice.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from email.parser import BytesHeaderParser
from typing import ClassVar

from xn.demo.listener import Answer, Posted
from xn.demo.mail import MailServer
from xn.demo.sms import SmsGateway

MOST_BYTES = 1_000_000
"""Of a command, a mail or a request; whoever sends more is hung up on."""


class _Connection(asyncio.Protocol):
    """One connection: what has come and is not a whole command yet is kept."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self.came = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is there."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Everything whole is answered."""
        self.came += data
        while self.came and not self.transport.is_closing() and self.answered():
            pass
        if len(self.came) > MOST_BYTES:
            self.transport.abort()

    def answered(self) -> bool:
        """The first thing that came is answered, if it is whole."""
        raise NotImplementedError


class MailConnection(_Connection):
    """SMTP (RFC 5321), as far as a client needs it that sends."""

    _REPLIES: ClassVar = {
        b"EHLO": b"250-sink\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE 1000000\r\n",
        b"HELO": b"250 sink\r\n",
        b"MAIL": b"250 OK\r\n",
        b"RCPT": b"250 OK\r\n",
        b"RSET": b"250 OK\r\n",
        b"NOOP": b"250 OK\r\n",
        b"DATA": b"354 go on\r\n",
        b"QUIT": b"221 bye\r\n",
    }

    def __init__(self, server: MailServer) -> None:
        super().__init__()
        self._server = server
        self._in_mail = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is greeted."""
        super().connection_made(transport)
        self.transport.write(b"220 sink\r\n")

    def answered(self) -> bool:
        """One command, or the mail after `DATA`."""
        end = b"\r\n.\r\n" if self._in_mail else b"\r\n"
        first, found, rest = self.came.partition(end)
        if not found:
            return False
        self.came = rest
        if self._in_mail:
            self._in_mail = False
            self._server.take(BytesHeaderParser().parsebytes(bytes(first)))
            self.transport.write(b"250 OK\r\n")
            return True
        command = bytes(first[:4]).upper()
        self._in_mail = command == b"DATA"
        self.transport.write(self._REPLIES.get(command, b"502 not known\r\n"))
        if command == b"QUIT":
            self.transport.close()
        return True


class SmsConnection(_Connection):
    """HTTP/1.1 with `Content-Length`. Asked by `GET`, it says what the senders' notices came to."""

    def __init__(self, gateway: SmsGateway, counted: Callable[[], dict[str, int]]) -> None:
        super().__init__()
        self._gateway = gateway
        self._counted = counted

    def answered(self) -> bool:
        """One request."""
        head, found, rest = self.came.partition(b"\r\n\r\n")
        if not found:
            return False
        first, *lines = head.decode("latin-1").split("\r\n")
        method, path, _ = first.split(" ")
        pairs = (line.partition(":") for line in lines)
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        length = int(headers.get("content-length", 0))
        if len(rest) < length:
            return False
        self.came = rest[length:]
        if method == "GET":
            self._say(Answer(200, json.dumps(self._counted()).encode()))
        else:
            self._say(self._gateway.take(Posted(path, headers, bytes(rest[:length]))))
        if headers.get("connection") == "close":
            self.transport.close()
        return True

    def _say(self, answer: Answer) -> None:
        head = f"HTTP/1.1 {answer.status} \r\nContent-Length: {len(answer.body)}\r\n\r\n"
        self.transport.write(head.encode() + answer.body)


async def serve(mail_port: int, sms_port: int) -> None:
    """Both answer on their ports until this is cancelled."""
    server, gateway = MailServer(port=mail_port), SmsGateway(port=sms_port)

    def counted() -> dict[str, int]:
        return {"mails": len(server.message_ids), "sms": len(gateway.taken_sms)}

    loop = asyncio.get_running_loop()
    mails = await loop.create_server(lambda: MailConnection(server), "127.0.0.1", mail_port)
    requests = await loop.create_server(lambda: SmsConnection(gateway, counted), "127.0.0.1", sms_port)
    async with mails, requests:
        await asyncio.gather(mails.serve_forever(), requests.serve_forever())
