"""Where providers report what became of notices (回执): published for the loop, which knows which notices there are.

Gateways post what they have, one or a list, again and again until they are answered 200: what was taken before is
taken once more under the same id, and dropped. The number that a receipt holds is not read.
"""

from __future__ import annotations

import base64
import binascii
import re
from datetime import datetime
from typing import Annotated, Any, TypeAlias
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from contracts.envelope import Record, encode
from contracts.instants import AwareDatetime
from contracts.receipts import ReportReceipt
from contracts.refusals import malformed
from infra.clock import Clock
from infra.http.bodies import json_of, model_of
from infra.http.endpoint import Answer, Caller, Endpoint, Interface, Parameter, header_key, query_of
from infra.http.problems import HttpProblem, ProblemDocument, faults_of
from infra.http.publishing import HttpPublisher
from services.notify.asking import KEYED, REPORT, WRONG, fault

MOST_RECEIPTS = 500
"""In one request."""
NoticeName = Annotated[
    str,
    Field(max_length=200, pattern=r"^([a-z0-9-]+\.){0,2}[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"),
]
"""As notices are called; nothing else is put on the bus."""
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.:-]{0,59}|[0-9]{1,6}")
"""A provider's code; what is longer in digits may be a number."""


class Shape(BaseModel):
    """A receipt as it comes; what else stands in it is not read."""

    model_config = ConfigDict(strict=True, frozen=True, use_attribute_docstrings=True, hide_input_in_errors=True)


class GatewayReceipt(Shape):
    """As SMS gateways report."""

    out_id: NoticeName
    success: bool
    err_code: Annotated[str, Field(max_length=200)] = ""
    report_time: Annotated[str, Field(max_length=40)] = ""
    """In the gateway's own time: it tells two reports apart, and no more."""


class PlainReceipt(Shape):
    """As anybody else may."""

    notice_id: NoticeName
    delivered: bool
    code: Annotated[str, Field(max_length=200)] = ""
    reported_at: AwareDatetime


Receipt: TypeAlias = GatewayReceipt | PlainReceipt


class ReceiptApi:
    """The handlers."""

    def __init__(self, outgoing: HttpPublisher, clock: Clock) -> None:
        self._outgoing = outgoing
        self._clock = clock

    async def report(self, request: Request, caller: Caller) -> Response:
        """What fits is with the broker; what does not is named, after all else was taken."""
        provider = str(request.path_params["provider"])
        if caller.speaker != provider:
            raise HttpProblem("right-missing")
        given = json_of(request)
        listed: list[Any] = given if isinstance(given, list) else [given]
        if len(listed) > MOST_RECEIPTS:
            raise fault("", "too_long")
        found: list[Record] = []
        reasons: list[dict[str, Any]] = []
        for place, each in enumerate(listed):
            try:
                receipt = read_receipt(each)
            except ValidationError as error:
                reasons += [malformed(f"{place}.{field}", kind).model_dump() for field, kind in faults_of(error)]
            else:
                found.append(self._said(provider, receipt, caller.traceparent))
        if found:
            await self._outgoing.publish(*found)
        if reasons:
            raise HttpProblem("refused", reasons[:20])
        return JSONResponse({"code": 0, "msg": "OK"})

    def _said(self, provider: str, receipt: Receipt, traceparent: str) -> Record:
        said, told = report_of(provider, receipt, self._clock())
        id = str(uuid5(UUID(said.key), f"{provider}/{said.notice_id}/{said.delivered}/{said.code}/{told}"))
        return encode(said, id=id, source=f"/providers/{provider}", traceparent=traceparent)


def read_receipt(value: Any) -> Receipt:
    """In either shape. Raises `ValidationError`."""
    if isinstance(value, dict) and "notice_id" in value:
        return model_of(PlainReceipt, value)
    return model_of(GatewayReceipt, value)


def report_of(provider: str, receipt: Receipt, at: datetime) -> tuple[ReportReceipt, str]:
    """What is said on the bus, and the provider's own time of it: a gateway's is of no zone, it counts when we hear."""
    if isinstance(receipt, GatewayReceipt):
        notice, delivered, code = receipt.out_id, receipt.success, receipt.err_code
        reported_at, told = at, receipt.report_time
    else:
        notice, delivered, code = receipt.notice_id, receipt.delivered, receipt.code
        reported_at, told = receipt.reported_at, receipt.reported_at.isoformat()
    known = code if _CODE.fullmatch(code) else ""
    report = ReportReceipt(
        provider=provider, notice_id=notice, delivered=delivered, code=known, reported_at=reported_at
    )
    return report, told


def _body_schema() -> dict[str, Any]:
    shapes = [shape.model_json_schema() for shape in (GatewayReceipt, PlainReceipt)]
    return {"anyOf": [*shapes, {"type": "array", "maxItems": MOST_RECEIPTS, "items": {"anyOf": shapes}}]}


async def provider_key(request: Request, body: bytes) -> str | None:
    """The key of a provider: in a header, as the password of its address, or, where it can do neither, in the query."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(token, validate=True).decode().partition(":")[2] or None
        except (binascii.Error, UnicodeDecodeError):
            return None
    return await header_key(request, body) or query_of(request).get("key")


def receipts(api: ReceiptApi) -> Interface:
    """The interface."""
    return Interface(
        "receipts",
        "What became of notices that a provider took.",
        (
            Endpoint(
                "POST",
                "/v1/receipts/{provider}",
                api.report,
                f"One receipt, or a list of {MOST_RECEIPTS} at most",
                {
                    200: Answer("taken", schema={"type": "object"}),
                    400: Answer("not well-formed", ProblemDocument),
                    413: Answer("too large", ProblemDocument),
                    415: Answer("not JSON", ProblemDocument),
                    **KEYED,
                    **WRONG,
                },
                right=REPORT,
                body_schema=_body_schema(),
                commands=(ReportReceipt,),
                parameters=(Parameter("provider", "path", "`sms`, `mail`, or the id of a webhook"),),
            ),
        ),
        find_key=provider_key,
        key_places=(
            {"type": "http", "scheme": "bearer"},
            {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            {"type": "http", "scheme": "basic"},
            {"type": "apiKey", "in": "query", "name": "key"},
        ),
        client="provider",
    )
