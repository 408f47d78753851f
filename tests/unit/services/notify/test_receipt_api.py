"""Receipts as providers post them, and what of them goes on the bus."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError
from starlette.requests import Request

from services.notify.receipt_api import GatewayReceipt, PlainReceipt, provider_key, read_receipt, report_of
from tests.unit.services.speaking import AT, CASE

NUMBER = "13900000001"
OF_GATEWAY = {
    "phone_number": NUMBER,
    "send_time": "2026-11-23 09:30:00",
    "report_time": "2026-11-23 09:30:02",
    "success": True,
    "err_code": "DELIVERED",
    "biz_id": "00000001^0",
    "out_id": f"answer.{CASE}",
}
PLAIN = {"notice_id": CASE, "delivered": False, "code": "5.1.1", "reported_at": "2026-11-23T09:30:00+08:00"}


def asked(headers: dict[str, str], query: str = "") -> Request:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "headers": raw, "query_string": query.encode()})


def test_a_gateways_receipt_is_read_without_the_number_in_it() -> None:
    receipt = read_receipt(OF_GATEWAY)
    assert isinstance(receipt, GatewayReceipt)
    said, told = report_of("sms", receipt, AT)
    assert (said.notice_id, said.delivered, said.code, said.reported_at) == (
        f"answer.{CASE}",
        True,
        "DELIVERED",
        AT,
    )
    assert said.key == CASE
    assert NUMBER not in repr(receipt) + told + said.model_dump_json()


def test_a_plain_receipt_says_when_it_was() -> None:
    receipt = read_receipt(PLAIN)
    assert isinstance(receipt, PlainReceipt)
    said, _ = report_of("mail", receipt, AT)
    assert (said.provider, said.delivered, said.reported_at) == (
        "mail",
        False,
        datetime(2026, 11, 23, 1, 30, tzinfo=UTC),
    )


@pytest.mark.parametrize("code", [NUMBER, f"no {NUMBER}", "用户不在服务区", "x" * 61, "<script>"])
def test_a_code_that_may_be_something_else_is_left_out(code: str) -> None:
    said, _ = report_of("sms", read_receipt({**OF_GATEWAY, "err_code": code}), AT)
    assert said.code == ""


@pytest.mark.parametrize(
    "value",
    [
        {**OF_GATEWAY, "out_id": NUMBER},
        {**OF_GATEWAY, "out_id": f"li.wei@example.com.{CASE}"},
        {**OF_GATEWAY, "success": "true"},
        {**PLAIN, "reported_at": "2026-11-23T09:30:00"},
        {},
        [],
        "answer",
    ],
)
def test_what_is_no_receipt_of_a_notice_is_refused_without_its_words(value: Any) -> None:
    with pytest.raises(ValidationError) as refused:
        read_receipt(value)
    assert NUMBER not in str(refused.value)


@pytest.mark.parametrize(
    ("headers", "query", "found"),
    [
        ({"authorization": "Bearer xn.1.2"}, "", "xn.1.2"),
        ({"x-api-key": "xn.1.2"}, "", "xn.1.2"),
        ({"authorization": "Basic " + base64.b64encode(b"gateway:xn.1.2").decode()}, "", "xn.1.2"),
        ({}, "key=xn.1.2", "xn.1.2"),
        ({"authorization": "Basic %%%"}, "key=xn.1.2", None),
        ({}, "", None),
    ],
)
async def test_a_provider_gives_its_key_where_it_can(headers: dict[str, str], query: str, found: str | None) -> None:
    assert await provider_key(asked(headers, query), b"") == found
