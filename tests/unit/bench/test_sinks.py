"""Who takes what a bench sends: over TCP, by clients that are not ours, however their words are cut."""

from __future__ import annotations

import asyncio
import smtplib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from email.message import EmailMessage

from bench.sinks import MailConnection, SmsConnection
from infra.local.process import free_port
from xn.demo.mail import MailServer
from xn.demo.sms import SmsGateway


@asynccontextmanager
async def listening(connection: Callable[[], asyncio.Protocol]) -> AsyncIterator[int]:
    """The port on which each caller gets such a connection."""
    port = free_port()
    async with await asyncio.get_running_loop().create_server(connection, "127.0.0.1", port):
        yield port


def mail(id: str) -> EmailMessage:
    """With a line that begins with a full stop."""
    message = EmailMessage()
    message["From"], message["To"] = "xiaoneng@city.example", "li@example.cn"
    message["Message-ID"], message["X-Xiaoneng-Notice"] = f"<{id}@city.example>", "answer"
    message.set_content("Done.\n.\n.well\n")
    return message


async def test_mails_are_taken_from_another_client_and_counted_by_notice() -> None:
    server = MailServer(port=0)

    def send(port: int) -> None:
        with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
            for id in ("answer.1", "answer.2", "answer.2"):
                assert client.send_message(mail(id)) == {}
            assert client.docmd("TURN")[0] == 502

    async with listening(lambda: MailConnection(server)) as port:
        await asyncio.to_thread(send, port)
    assert server.message_ids == {"<answer.1@city.example>", "<answer.2@city.example>"}
    assert server.accepted == 3


async def test_requests_are_answered_in_order_however_they_are_cut_and_none_unsigned_is_taken() -> None:
    gateway = SmsGateway(port=0)
    asked = b"GET / HTTP/1.1\r\nHost: a\r\n\r\nPOST / HTTP/1.1\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
    async with listening(lambda: SmsConnection(gateway, lambda: {"sms": len(gateway.taken_sms)})) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for n in range(0, len(asked), 7):
            writer.write(asked[n : n + 7])
            await writer.drain()
        answered = await reader.read()
        writer.close()
        await writer.wait_closed()
    first, second = answered.split(b"HTTP/1.1 ")[1:]
    assert (first[:3], first.endswith(b'{"sms": 0}')) == (b"200", True)
    assert (second[:3], b"SignatureDoesNotMatch" in second) == (b"403", True)
