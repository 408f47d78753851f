"""A system of somebody else is told by a signed request to an address of its own."""

from __future__ import annotations

import hashlib
import hmac
import json
import ssl

from infra.clock import Clock, system_clock
from services.notify.providers.configuration import WebhookTable
from services.notify.providers.port import Accepted, Letter, Refused
from services.notify.providers.posting import Poster, taken

SOURCE = "/services/notify"
"""`source` of the CloudEvents."""


class WebhookProvider:
    """One receiver. A letter it has taken before is answered 409 or like the first time; both count as accepted."""

    def __init__(self, table: WebhookTable, tls: ssl.SSLContext, clock: Clock = system_clock) -> None:
        self._table = table
        self._clock = clock
        self._poster = Poster(table.address, table.connections, table.timeout_seconds, tls)

    @property
    def name(self) -> str:
        """`webhook.` and its id."""
        return f"webhook.{self._table.id}"

    async def send(self, letter: Letter) -> Accepted:
        """The receiver has it. Raises `Refused` and `Unavailable`."""
        cloudevent = self._table.body == "cloudevents"
        body = body_of(letter, cloudevent=cloudevent)
        now = self._clock()
        headers = {
            "Content-Type": "application/cloudevents+json" if cloudevent else "application/json",
            "Idempotency-Key": letter.notice_id,
            "X-Xiaoneng-Signature": signature(self._table.secret.get_secret_value(), int(now.timestamp()), body),
        }
        if letter.traceparent:
            headers["traceparent"] = letter.traceparent
        taken(await self._poster.post(body, headers), now)
        return Accepted(None)

    async def close(self) -> None:
        """No connection is left open."""
        await self._poster.close()


def body_of(letter: Letter, *, cloudevent: bool) -> bytes:
    """The same bytes at each attempt. Raises `Refused` when the template gave what JSON cannot say."""
    content: dict[str, object] = dict(letter.data)
    if cloudevent:
        content = {
            "specversion": "1.0",
            "id": letter.notice_id,
            "source": SOURCE,
            "type": f"cn.xiaoneng.webhook.{letter.what}.v1",
            "datacontenttype": "application/json",
            "data": content,
        }
    try:
        return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except (TypeError, ValueError) as error:
        raise Refused(f"template: {type(error).__name__}") from None


def signature(secret: str, at: int, body: bytes) -> str:
    """`X-Xiaoneng-Signature`: HMAC-SHA256 over Unix time, a full stop and the body; an old one can be told by its t."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def is_signed(secret: str, header: str, body: bytes, now: int, tolerance_seconds: int = 300) -> bool:
    """Whether who knows the secret has said this, lately: what a receiver checks."""
    parts = dict(part.partition("=")[::2] for part in header.split(","))
    at = parts.get("t", "")
    if not (at.isascii() and at.isdecimal()) or abs(now - int(at)) > tolerance_seconds:
        return False
    return hmac.compare_digest(signature(secret, int(at), body).encode(), header.encode())
