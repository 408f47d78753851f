"""What a complainant adds later is masked as the first words were, without keeping who the complainant is."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.channel import AppealAnswer, Contact, ReopenComplaint
from contracts.codes import Channel
from contracts.intake import AnswerAppealed, ReopeningRequested, SupplementReceived
from contracts.masking import MASK
from services.intake.domain.redaction import redact
from services.intake.domain.traces import mask, traces_of
from tests.unit.services.intake.test_asking import given as supplement
from tests.unit.services.intake.test_asking import in_hand
from tests.unit.services.speaking import AT, only

KEY = b"k" * 32
LI = Contact(name="Li Xiaoming", phone="212-555-0142", email="li@city.example")
WRITTEN = [
    "Li Xiaoming",
    "LI XIAOMING",
    "ＬＩ　ＸＩＡＯＭＩＮＧ",
    "li\u00a0xiaoming",
    "Li Xiao\u200bming",
    "li\u00ad xiaoming",
    "212-555-0142",
    "2125550142",
    "２１２５５５０１４２",
    "21 25 55 01 42",
    "(212) 555.01-42",
    "212\u2013555\u20130142",
    "2\u20601\u20602\u20605\u20605\u20605\u20600\u20601\u20604\u20602",
    "li＠city.example",
    "LI@CITY.EXAMPLE",
]
"""The contact as people write it."""


def added(text: str, contact: Contact = LI) -> str:
    """Later words of the complainant as the services get them."""
    return redact(mask(text, traces_of((contact,), KEY), KEY), None)


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize("frame", ["{}", "我是{}，请回电", "it is {} again."])
def test_whatever_the_first_words_hide_the_later_ones_hide_too(written: str, frame: str) -> None:
    text = frame.format(written)
    assert MASK in redact(text, LI)
    assert added(text).replace("(", "") == frame.format(MASK)


@pytest.mark.parametrize(
    "text", ["编号 2125550142883 的设备", "A2125550142", "共 212 户，555 人，0142 号楼", "lixiaoming2"]
)
def test_a_number_inside_another_word_stays(text: str) -> None:
    assert added(text) == text


@settings(max_examples=100, deadline=None)
@given(
    digits=st.text("0123456789", min_size=7, max_size=14),
    gaps=st.lists(st.sampled_from(["", "", " ", "-", ") ", ".", "\u200b", "\u2011"]), min_size=14, max_size=14),
    given_gaps=st.lists(st.sampled_from(["", " ", "-"]), min_size=14, max_size=14),
)
def test_any_spacing_of_the_number_is_masked(digits: str, gaps: list[str], given_gaps: list[str]) -> None:
    contact = Contact(phone="".join(map("".join, zip(digits, given_gaps, strict=False))).strip("- "))
    written = "".join(map("".join, zip(digits[:-1], gaps, strict=False))) + digits[-1]
    assert not re.search(r"\d", added(f"电话{written}。", contact))


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize(("kind", "event"), [(ReopenComplaint, ReopeningRequested), (AppealAnswer, AnswerAppealed)])
def test_no_request_after_the_answer_carries_who_asks(written: str, kind: type[Any], event: type[Any]) -> None:
    it = in_hand(contact=LI)
    asked = kind(channel=Channel.WEB, external_id="x1", requested_at=AT, reason=f"仍未解决，{written}")
    forwarded = only(event, it.hear(asked, "web"))
    assert forwarded.reason.replace("(", "") == f"仍未解决，{MASK}"


@pytest.mark.parametrize("written", WRITTEN)
def test_no_supplement_after_the_dispatch_carries_who_gives_it(written: str) -> None:
    it = in_hand(contact=LI)
    received = only(SupplementReceived, it.hear(supplement(text=f"我是{written}", address=written), "web"))
    assert received.added_text.replace("(", "") == f"我是{MASK}"
    assert received.address.replace("(", "") == MASK


def test_a_long_text_of_digits_takes_no_longer_than_its_length_deserves() -> None:
    text = "1 2-" * 2_500
    began = time.process_time()
    assert mask(text, traces_of((LI,), KEY), KEY) == text
    assert time.process_time() - began < 2.0
