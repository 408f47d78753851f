"""A real SMS gateway on this machine, for trials and tests: it sends nothing, and reports it as delivered."""

from __future__ import annotations

import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256

import httpx

from services.notify.providers.sms import authorize
from xn.demo.listener import Answer, Listener, Posted

DELIVERED = "DELIVERED"


@dataclass(frozen=True)
class Taken:
    """An SMS that was accepted."""

    notice: str
    reference: str
    number: str = field(repr=False)
    template: str
    parameters: str = field(repr=False)


@dataclass
class SmsGateway(Listener):
    """Takes every SMS that is signed, each once by its `OutId`."""

    access_key: str = "demo"
    secret: str = "demo"  # noqa: S105 - a trial's
    receipts_to: str | None = None
    """Where receipts of delivery are posted by `report`."""
    taken_sms: dict[str, Taken] = field(default_factory=dict)
    """By notice."""
    again: int = 0
    """Requests for those that it had already."""

    def take(self, posted: Posted) -> Answer:
        """`OK` and its own reference, the same for the same notice."""
        if not self._is_signed(posted):
            return _says(403, "SignatureDoesNotMatch")
        asked = json.loads(posted.body)
        notice = asked["OutId"]
        if notice in self.taken_sms:
            self.again += 1
        else:
            self.taken_sms[notice] = Taken(
                notice=notice,
                reference=f"{len(self.taken_sms) + 1:08d}^0",
                number=asked["PhoneNumbers"],
                template=asked["TemplateCode"],
                parameters=asked["TemplateParam"],
            )
        return _says(200, "OK", self.taken_sms[notice].reference)

    def report(self, notices: Sequence[str], code: str = DELIVERED) -> int:
        """Whoever sent them is told what became of them, in one request; the status of its answer."""
        if self.receipts_to is None:
            raise ValueError("nobody is to be told")
        receipts = [self.receipt(notice, code) for notice in notices]
        return httpx.post(self.receipts_to, json=receipts, trust_env=False, timeout=10).status_code

    def receipt(self, notice: str, code: str = DELIVERED) -> dict[str, object]:
        """What is told of one."""
        sms = self.taken_sms[notice]
        now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
        return {
            "phone_number": sms.number,
            "send_time": now,
            "report_time": now,
            "success": code == DELIVERED,
            "err_code": code,
            "biz_id": sms.reference,
            "out_id": notice,
        }

    def _is_signed(self, posted: Posted) -> bool:
        headers = posted.headers
        given = headers.get("authorization", "")
        names = given.partition("SignedHeaders=")[2].partition(",")[0].split(";")
        if "x-acs-content-sha256" not in names or not all(name in headers for name in names):
            return False
        path, _, query = posted.path.partition("?")
        signed = {name: headers[name] for name in names}
        wanted = authorize(self.access_key, self.secret, path, query, signed)
        whole = sha256(posted.body).hexdigest() == headers["x-acs-content-sha256"]
        return whole and hmac.compare_digest(given.encode(), wanted.encode())


def _says(status: int, code: str, reference: str | None = None) -> Answer:
    said = {"Code": code, "Message": code, "RequestId": "0"} | ({"BizId": reference} if reference else {})
    return Answer(status, json.dumps(said).encode(), {"Content-Type": "application/json"})
