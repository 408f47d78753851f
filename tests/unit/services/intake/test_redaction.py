"""Identity is masked before a complaint's words go any further."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.channel import Contact
from contracts.codes import ReplyBy
from contracts.masking import MASK
from services.intake.domain.redaction import redact
from tests.unit.services.intake.test_submission import decide, submission

NOBODY = Contact()


@pytest.mark.parametrize(
    "identity",
    [
        "13800138000",
        "１３８００１３８０００",
        "wang＠example.com",
        "138 0013 8000",
        "138-0013-8000",
        "+86 13800138000",
        "+8613800138000",
        "8613800138000",
        "008613800138000",
        "0086-138-0013-8000",
        "0391-2610110",
        "010 12345678",
        "11010519491231002X",
        "11010519491231002x",
        "110105194912310021",
        "wang.xiaoming+12345@mail.example.com.cn",
        "(212) 555-0142",
        "+1 212-555-0142",
        "212.555.0142",
    ],
)
@pytest.mark.parametrize("frame", ["{}", "请打{}联系我。", "电话：{}，谢谢", "call {} now"])
def test_whatever_looks_like_somebody_is_masked(identity: str, frame: str) -> None:
    text = redact(frame.format(identity), None)
    assert text.replace("+", "") == frame.format(MASK)
    assert not re.search(r"\d|@|example", text)


@pytest.mark.parametrize(
    "text",
    [
        "2026年11月23日，3号楼2单元1502室，欠薪12000元。",
        "公交208路每15分钟一班，等了45分钟。",
        "编号BC-20261123-000042的事项。",
        "投诉电话12345无人接听。",
        "罚款1500元，收据号88123456。",
    ],
)
def test_ordinary_numbers_are_left_alone(text: str) -> None:
    assert redact(text, NOBODY) == text


def test_the_complainants_own_name_is_masked_however_it_is_written() -> None:
    contact = Contact(name="Wang Xiaoming")
    assert (
        redact("WANG XIAOMING lives here; wang xiaoming complains", contact) == f"{MASK} lives here; {MASK} complains"
    )


@pytest.mark.parametrize("name", ["王", " ", "", None])
def test_a_name_of_one_letter_would_mask_half_the_language(name: str | None) -> None:
    assert redact("王府井大街", Contact(name=name)) == "王府井大街"


@pytest.mark.parametrize("written", ["2125550142", "212-555-0142", "(212) 555 0142", "212.5550142", "21 25 55 01 42"])
@pytest.mark.parametrize("given", ["212-555-0142", "2125550142", "212 555 0142"])
def test_the_complainants_own_number_is_masked_however_it_is_spaced(given: str, written: str) -> None:
    assert not re.search(r"\d", redact(f"my number is {written}.", Contact(phone=given)))


def test_a_name_that_is_part_of_an_address_does_not_hide_the_address_from_us() -> None:
    contact = Contact(name="wang", email="wang@example.com")
    assert redact("wang@example.com or li.wang@example.org", contact) == f"{MASK} or {MASK}"


def test_words_without_identity_are_not_touched() -> None:
    text = "楼下烧烤店凌晨仍在营业，噪声很大。"
    assert redact(text, Contact(name="王小明", phone="13800138000", email="wang@example.com")) == text


def test_a_long_text_of_one_word_takes_no_longer_than_its_length_deserves() -> None:
    text = "诉" * 10_000
    began = time.process_time()
    for _ in range(10):
        assert redact(text, None) == text
    assert time.process_time() - began < 2.0, "was quadratic: 0.3 s each"


def named(text: str) -> bool:
    return not set(text) <= {"*", "＊", " "}


name = st.text(alphabet="王李张赵刘陈小明红军伟芳", min_size=2, max_size=4)
latin = st.from_regex(r"[A-Z][a-z]{3,8} [A-Z][a-z]{3,8}", fullmatch=True)
digits = st.text(alphabet="0123456789", min_size=7, max_size=14)
phone = st.tuples(st.sampled_from(["", "+"]), digits).map("".join) | st.from_regex(
    r"1[3-9][0-9]-[0-9]{4}-[0-9]{4}", fullmatch=True
)
email = st.from_regex(r"[a-z]{2,8}[.+_'-]?[a-z0-9]{1,6}@[a-z]{2,8}\.(com|cn|org)", fullmatch=True)
words = st.text(alphabet="楼下凌晨营业，。:; \n", max_size=12)


@settings(max_examples=100, deadline=None)
@given(
    contact=st.builds(Contact, name=name | latin, phone=phone, email=email, reply_by=st.sampled_from(ReplyBy)),
    frame=st.lists(words, min_size=4, max_size=4),
    order=st.permutations(["name", "phone", "email"]),
)
def test_a_planted_contact_is_in_no_event(contact: Contact, frame: list[str], order: list[str]) -> None:
    planted = [str(getattr(contact, part)) for part in order]
    text = "".join(f"{word} {own} " for word, own in zip(frame, [*planted, "完"], strict=True))
    decision = decide(submission(text=text, title=f"标题 {planted[0]}", contact=contact))
    for event in decision.events:
        said = event.model_dump_json(exclude={"box"}).lower()
        spoken = f"{getattr(event, 'title', '')} {getattr(event, 'text', '')}".lower()
        for own in planted:
            assert own.lower() not in spoken
        assert str(contact.email).lower() not in said
        assert str(contact.name).lower() not in said
        assert not re.search(r"\d", spoken), "no part of a number is left"
        assert "@" not in spoken
    assert decision.state is not None
    assert str(contact.email) not in decision.state.model_dump_json()


@settings(max_examples=100, deadline=None)
@given(text=st.text(max_size=200), contact=st.builds(Contact, name=st.none() | st.text(max_size=8).filter(named)))
def test_masking_twice_is_masking_once(text: str, contact: Contact) -> None:
    once = redact(text, contact)
    assert redact(once, contact) == once


ADDRESSES = [
    "https://p.example/photo/b4e31c084870217879e9dd3fc59cda0273944c39.jpeg",
    "https://p.example/110105194912310021.jpg",
    "http://p.example/6f1c2d3e-0000-4000-8000-012345678901?tel=13800138000&mail=wang@example.com",
    "HTTPS://p.example/wang/13800138000",
    "ftp://p.example/13800138000.jpg",
    "www.photos.com/13800138000/110105194912310021",
    "photos.gov.cn:8080/13800138000.jpg?tel=13900139000",
]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("frame", ["{}", "照片在{}，请看", "照片{}请看", "see {} now", "（{}）"])
def test_a_web_address_is_not_touched(address: str, frame: str) -> None:
    person = Contact(name="wang", phone="13800138000", email="wang@example.com")
    assert redact(frame.format(address), person) == frame.format(address)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("tel://13800138000", f"tel://{MASK}"),
        ("J.Smith/13800138000", f"J.Smith/{MASK}"),
        ("wang@example.com/13800138000", f"{MASK}/{MASK}"),
        ("2026.11/13800138000", f"2026.11/{MASK}"),
    ],
)
def test_what_only_looks_like_an_address_is_masked(text: str, masked: str) -> None:
    assert redact(text, None) == masked


def test_what_is_beside_an_address_is_masked() -> None:
    text = redact("13800138000 https://p.example/13800138000.jpg 电话13900139000，wang@example.com", None)
    assert text == f"{MASK} https://p.example/13800138000.jpg 电话{MASK}，{MASK}"


@pytest.mark.parametrize(
    "word",
    [
        "b4e31c084870217879e9dd3fc59cda0273944c39",
        "a13800138000",
        "13800138000b",
        "工单RX13800138000",
        "IMG_13800138000",
        "6f1c2d3e-0000-4000-8000-012345678901",
        "mmexport13800138000.jpg",
        "照片123456789012345678.jpeg",
        "ＲＸ１３８００１３８０００",
    ],
)
def test_digits_inside_a_word_are_not_touched(word: str) -> None:
    assert redact(f"见 {word} 。", Contact(phone="13800138000")) == f"见 {word} 。"


@pytest.mark.parametrize(
    "text", ["tel13800138000", "Tel:13800138000", "QQ13800138000", "电话_13800138000", "照片11010519491231002X.jpg"]
)
def test_a_label_before_a_number_does_not_hide_it(text: str) -> None:
    assert not re.search(r"\d", redact(text, None))


hashes = st.binary(min_size=20, max_size=20).map(bytes.hex) | st.binary(min_size=32, max_size=32).map(bytes.hex)
names = hashes | st.uuids().map(str) | st.from_regex(r"[0-9]{18}", fullmatch=True)
mobiles = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
identities = st.from_regex(r"[1-9][0-9]{5}(19|20)[0-9]{2}(0[1-9]|1[0-2])[0-2][1-8][0-9]{3}[0-9X]", fullmatch=True)


@settings(max_examples=300, deadline=None)
@given(name=names, extension=st.sampled_from(["", ".jpg", ".jpeg", ".png", ".m4a"]), phone=mobiles)
def test_no_name_in_an_address_is_ever_changed(name: str, extension: str, phone: str) -> None:
    address = f"https://p.example/photo/{name}{extension}"
    assert redact(f"{phone} {address} {phone}", Contact(phone=phone)) == f"{MASK} {address} {MASK}"


@settings(max_examples=300, deadline=None)
@given(name=hashes | st.uuids().map(str))
def test_no_hash_or_uuid_in_prose_is_ever_changed(name: str) -> None:
    if not name.isdecimal():
        assert redact(f"文件{name}，见附件", None) == f"文件{name}，见附件"


@settings(max_examples=300, deadline=None)
@given(planted=mobiles | identities, before=words, after=words)
def test_a_number_planted_in_prose_is_always_masked(planted: str, before: str, after: str) -> None:
    assert planted not in redact(f"{before}{planted}{after}", None)


@pytest.mark.parametrize(
    "written",
    [
        "138\u200b0013\u200b8000",
        "138\u00ad0013\ufeff8000",
        "138\u30000013\u30008000",
        "138\u00a00013\u20098000",
        "138\u20110013\u20138000",
        "138\u20150013\u22128000",
        "138.0013.8000",
        "138·0013·8000",
        "1\ufe0f\u20e33800138000",
        "١٣٨٠٠١٣٨٠٠٠",
        "①③⑧⓪⓪①③⑧⓪⓪⓪",
        "𝟏𝟑𝟖𝟎𝟎𝟏𝟑𝟖𝟎𝟎𝟎",
        "138\U000e00300013\U000e00388000",
        "110105 19491231 002X",
        "110105\u200b19491231\u200b002X",
        "wang\u200b@example\u2060.cn",
    ],
    ids=ascii,
)
def test_an_invisible_or_unusual_character_hides_no_number_and_no_address(written: str) -> None:
    assert redact(f"联系\u200b{written}，谢谢👨\u200d👩\u200d👧") == f"联系\u200b{MASK}，谢谢👨\u200d👩\u200d👧"


def test_the_complainants_own_name_and_number_are_masked_however_they_are_divided() -> None:
    own = Contact(name="欧阳\u200b小明", phone="6234\u20110000")
    assert redact("欧\u200d阳小明，电话 6234\u30000000", own) == f"{MASK}，电话 {MASK}"
