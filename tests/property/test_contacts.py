"""Notify sends to every contact that intake accepts, at exactly the accepted address."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email import message_from_bytes, policy
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import SecretStr

from contracts.channel import Contact
from contracts.codes import ContactWay, ReplyBy
from infra.contact_addresses import mail_address, sms_number
from services.intake.domain.submission import contact_faults
from services.notify.domain.sending import Way
from services.notify.providers.configuration import SmsTable
from services.notify.providers.delivery import destination
from services.notify.providers.mime import Sender, mail_of
from services.notify.providers.port import Letter, Refused
from services.notify.providers.sms import body_of

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
SENDER = Sender.of("效能中心 <xiaoneng@city.example>")
TABLE = SmsTable(
    url=SecretStr("https://sms.example/"),
    access_key="key",
    secret=SecretStr("secret"),
    sign_name="效能中心",
    templates={"zh": {"answer": "SMS_1"}},
)
SIGNS = [
    "",
    "-",
    " ",
    "/",
    ".",
    "(",
    ")",
    "+",
    "(+86)",
    "tel:",
    ";phone-context=+86",
    "转",
    "x",
    ";ext=",
    "#",
    "\u200b",
]
SIGNS += ["\u202a", "\u3000", "\u2013", "~", "\t", "、"]
DIGITS = ["+86", "0086", "0", "010", "138", "0013", "8000", "62340000", "8", "１３８", "+852"]
NUMBERS = st.lists(st.tuples(st.sampled_from(SIGNS), st.sampled_from(DIGITS)), min_size=1, max_size=6).map(
    lambda parts: "".join(sign + digits for sign, digits in parts)[:40]
)
PARTS = ["li", "李", ".", "..", "+1", "\u200b", "\u200d", "\ufeff", "ａ", "é", "e\u0301", '"', " ", "=?", "\x00", "'"]
DOMAINS = [
    "example.cn",
    "EXAMPLE.cn",
    "例子.公司",
    "localhost",
    "x.invalid",
    "e\u200bx.cn",
    "[::1]",
    "mail",
    "ex.cn.",
    "docomo.ne.jp",
]
LOCALS = st.lists(st.sampled_from(PARTS), min_size=1, max_size=5).map("".join)
MAILS = st.emails() | st.builds("{}@{}".format, LOCALS, st.sampled_from(DOMAINS)) | st.text(max_size=40)


def letter(to: str) -> Letter:
    return Letter(notice_id="answer.1", what="answer", to=to, subject="办理结果", text="已办结。")


@given(NUMBERS | st.text(max_size=40), st.sampled_from(["CN", "US"]))
@example("010-62340000-8", "CN")
@example("010/62340000", "CN")
@example("+86(0)10 6234 0000", "CN")
def test_a_number_that_is_accepted_for_messages_is_dialled_exactly(phone: str, country: str) -> None:
    contact = Contact(phone=phone, ways=(ContactWay.SMS,))
    if contact_faults(contact, "contact", country):
        return
    to = destination(phone, Way.SMS, country, public=True)
    assert json.loads(body_of(letter(to), TABLE))["PhoneNumbers"] == to == sms_number(phone, country)


@given(MAILS)
@example("a\u200bb@x.example")
@example("a..b@docomo.ne.jp")
def test_an_address_that_is_accepted_is_written_to_exactly(email: str) -> None:
    contact = Contact(email=email, reply_by=ReplyBy.EMAIL)
    if contact_faults(contact, "contact", "CN"):
        return
    to = destination(email, Way.EMAIL, "CN", public=True)
    mail: Any = message_from_bytes(mail_of(letter(to), SENDER, AT), policy=policy.SMTPUTF8)
    assert str(mail["To"]) == to == mail_address(email)


@given(MAILS, NUMBERS)
def test_what_intake_refuses_notify_would_not_send_to(email: str, phone: str) -> None:
    for way, written, contact in (
        (Way.EMAIL, email, Contact(email=email, reply_by=ReplyBy.EMAIL)),
        (Way.SMS, phone, Contact(phone=phone, ways=(ContactWay.SMS,))),
    ):
        faults = contact_faults(contact, "contact", "CN")
        if written and faults:
            with pytest.raises(Refused, match=f"^contact: {faults[0].detail}$"):
                destination(written, way, "CN", public=True)
