"""Telephone numbers and mail addresses are normalised, or refused with a detail code."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType

from contracts.refusal_details import DETAILS
from infra.contact_addresses import AddressError, check_readable_number, mail_address, sms_number

NASTY = st.text(st.sampled_from("0123456789０１２３-–−()./ +x转#,;、\u200b\u202a\u3000ext分机"), max_size=40)
DIALLED = (
    ("13800138000", "13800138000"),
    ("138-0013-8000", "13800138000"),
    ("138 0013 8000", "13800138000"),
    ("１３８００１３８０００", "13800138000"),
    ("+8613800138000", "13800138000"),
    ("+86 (0)138 0013 8000", "13800138000"),
    ("0086 138 0013 8000", "13800138000"),
    ("86 13800138000", "13800138000"),
    ("013800138000", "13800138000"),
    ("tel:+86-138-0013-8000", "13800138000"),
    ("tel:010-62340000;phone-context=+86", "01062340000"),
    ("TEL:(138)0013.8000;PHONE-CONTEXT=+86", "13800138000"),
    ("(+86)13800138000", "13800138000"),
    ("（＋86） 138 0013 8000", "13800138000"),
    ("Tel: +86 138 0013 8000", "13800138000"),
    ("(+852) 2345 6789", "+85223456789"),
    ("(0086)13800138000", "13800138000"),
    ("\t13800138000\r\n", "13800138000"),
    ("+8816 1234 5678", "+881612345678"),
    ("+853 6612 3456", "+85366123456"),
    ("+886 0912 345 678", "+886912345678"),
    ("١٣٨٠٠١٣٨٠٠٠", "13800138000"),
    ("138‐0013―8000", "13800138000"),
    ("138\u200b0013\ufeff8000", "13800138000"),
    ("\u202a+86 138 0013 8000\u202c", "13800138000"),
    ("+86\u2011138\u22120013\uff0d8000", "13800138000"),
    ("19912345678", "19912345678"),
    ("12000000031", "12000000031"),
    ("12064001969", "12064001969"),
    ("120-7100-9367", "12071009367"),
    ("010-62340000", "01062340000"),
    ("010/62340000", "01062340000"),
    ("（010）62340000", "01062340000"),
    ("+86(0)1062340000", "01062340000"),
    ("+86(0)10 6234 0000", "01062340000"),
    ("010.6234.0000", "01062340000"),
    ("0391-2610110", "03912610110"),
    ("+852 2345 6789", "+85223456789"),
    ("+1 (212) 555-0142", "+12125550142"),
    ("+44 (0)20 7946 0018", "+442079460018"),
)
REFUSED = (
    ("010-62340000-8", "phone_extension"),
    ("010-62340000 8", "phone_extension"),
    ("010-62340000-801", "phone_extension"),
    ("0571-8888888-8", "phone_extension"),
    ("010-62340000转8", "phone_extension"),
    ("010-62340000 转 8", "phone_extension"),
    ("010-62340000分机801", "phone_extension"),
    ("010-62340000x8", "phone_extension"),
    ("010-62340000 ext. 8", "phone_extension"),
    ("010-62340000#8", "phone_extension"),
    ("010-62340000,8", "phone_extension"),
    ("tel:+86-10-62340000;ext=8", "phone_extension"),
    ("(+86)010-62340000-8", "phone_extension"),
    ("(+86)13800138000(+86)13900139000", "phone_several"),
    ("(+86", "phone_not_a_number"),
    ("1380013tel:8000", "phone_not_a_number"),
    ("1380013tel:8000;phone-context=+86", "phone_not_a_number"),
    ("(+86)", "phone_not_in_plan"),
    ("tel:13800138000;phone-context=example.cn", "phone_not_a_number"),
    ("tel:13800138000;postd=1", "phone_not_a_number"),
    ("+861062340000p8", "phone_extension"),
    ("13800138000/13900139000", "phone_several"),
    ("13800138000 13900139000", "phone_several"),
    ("13800138000,13900139000", "phone_several"),
    ("13800138000、13900139000", "phone_several"),
    ("62340000/62340001", "phone_several"),
    ("1380013800", "phone_not_in_plan"),
    ("138001380001", "phone_not_in_plan"),
    ("010-6234000", "phone_not_in_plan"),
    ("62340000", "phone_not_in_plan"),
    ("12345", "phone_not_in_plan"),
    ("110", "phone_not_in_plan"),
    ("4008001234", "phone_not_for_sms"),
    ("400-800-1234", "phone_not_for_sms"),
    ("1-800-FLOWERS", "phone_not_a_number"),
    ("电话13800138000", "phone_not_a_number"),
    ("13800138000（王）", "phone_not_a_number"),
    ("138\n00138000", "phone_not_a_number"),
    ("138\x0000138000", "phone_not_a_number"),
    ("", "phone_not_a_number"),
    ("+", "phone_not_a_number"),
    ("\u200b", "phone_not_a_number"),
)


def outcome(read: Callable[..., str], *given: str) -> str:
    """The normalised value, or the detail code of the refusal."""
    try:
        return read(*given)
    except AddressError as error:
        return str(error)


@pytest.mark.parametrize(("text", "dialled"), DIALLED, ids=ascii)
def test_a_number_is_dialled_by_its_digits_however_it_is_written(text: str, dialled: str):
    assert sms_number(text, "CN") == dialled
    check_readable_number(text)


@pytest.mark.parametrize(("text", "kind"), REFUSED, ids=ascii)
def test_what_is_no_number_for_a_message_is_refused_with_what_is_wrong(text: str, kind: str):
    with pytest.raises(AddressError, match=f"^{kind}$"):
        sms_number(text, "CN")
    assert kind in DETAILS


@pytest.mark.parametrize(
    ("text", "dialled"),
    [
        ("(212) 555-0142", "2125550142"),
        ("1-212-555-0142", "2125550142"),
        ("+1 212 555 0142", "2125550142"),
        ("+86 138 0013 8000", "+8613800138000"),
        ("011 86 138 0013 8000", "+8613800138000"),
    ],
)
def test_a_number_without_country_code_is_of_the_places_country(text: str, dialled: str):
    assert sms_number(text, "US") == dialled


@cache
def examples() -> list[tuple[str, PhoneNumber]]:
    """Numbers of every plan, each with its region."""
    return [
        (region, number)
        for region in sorted(phonenumbers.SUPPORTED_REGIONS)
        for kind in (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
        if (number := phonenumbers.example_number_for_type(region, kind)) is not None
    ]


@cache
def dialled_abroad(form: int) -> list[tuple[str, str]]:
    """Each of these numbers in a form, and what is dialled for it from China."""
    return [
        (
            phonenumbers.format_number(number, form),
            re.sub(
                r"[^+\d]",
                "",
                phonenumbers.format_number(
                    number, PhoneNumberFormat.NATIONAL if number.country_code == 86 else PhoneNumberFormat.E164
                ),
            ),
        )
        for _, number in examples()
    ]


@pytest.mark.parametrize("form", [PhoneNumberFormat.E164, PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.RFC3966])
@pytest.mark.parametrize("between", ["\u2010", "\u2013", "\u2015", "\u00a0", "\u3000", ".", "/", ""])
def test_a_foreign_number_of_every_plan_is_dialled_in_its_one_form(form: int, between: str):
    for formatted, dialled in dialled_abroad(form):
        written = re.sub("[ -]", between, formatted)
        assert sms_number(written, "CN") == dialled, written


def test_a_number_of_every_plan_is_dialled_at_home_and_stays_itself():
    for region, number in examples():
        dialled = sms_number(phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL), region)
        assert sms_number(dialled, region) == dialled
        assert re.fullmatch(r"\+?[0-9]{5,15}", dialled), (region, dialled)
    assert sms_number("7012", "NU") == "+6837012"


def test_an_unknown_country_refuses_and_does_not_break():
    assert sms_number("+8613800138000", "ZZ") == "+8613800138000"
    with pytest.raises(AddressError, match=r"^phone_not_in_plan$"):
        sms_number("13800138000", "ZZ")


@pytest.mark.parametrize("text", ["010-62340000转8", "13800138000（王）", "13800138000/13900139000", "12345", "95588"])
def test_a_person_may_dial_what_a_message_cannot(text: str):
    check_readable_number(text)


@pytest.mark.parametrize("text", ["", "110", "phone", "138\n00138000", "\u200b\u2060", "1380\x00013"])
def test_a_person_cannot_dial_what_is_no_number(text: str):
    with pytest.raises(AddressError, match=r"^phone_not_a_number$"):
        check_readable_number(text)


@given(NASTY | st.text(max_size=40))
@example("010-62340000-8")
@example("0571-8888888-8")
def test_no_digit_is_added_dropped_or_moved(text: str):
    """Only country and trunk prefixes precede the national number, in any notation, and nothing follows it."""
    dialled = outcome(sms_number, text, "CN")
    if dialled in DETAILS:
        return
    assert re.fullmatch(r"\+?[0-9]{5,15}", dialled)
    assert sms_number(dialled, "CN") == dialled
    if not dialled.startswith("+"):
        plain = unicodedata.normalize("NFKC", text)
        digits = "".join(str(unicodedata.decimal(each)) for each in plain if each.isdecimal())
        assert re.fullmatch(rf"(00)?(86)?0?{dialled.removeprefix('0')}", digits)


@given(st.sampled_from(["13800138000", "01062340000", "03912610110"]), st.data())
def test_digits_behind_a_number_never_make_it_another(number: str, data: st.DataObject):
    mark = data.draw(st.sampled_from(["-", " ", "转", "x", " ext ", ";ext=", "#", ",", "分机", " - ", "转 "]))
    tail = data.draw(st.text("0123456789", min_size=1, max_size=6))
    with pytest.raises(AddressError, match=r"^phone_"):
        sms_number(f"{number}{mark}{tail}", "CN")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("li@example.cn", "li@example.cn"),
        (" li@example.cn\n", "li@example.cn"),
        ("Li.Lei+12345@Example.CN", "Li.Lei+12345@example.cn"),
        ("ｌｉ＠ｅｘａｍｐｌｅ．ｃｎ", "li@example.cn"),
        ("li@例子.公司", "li@xn--fsqu00a.xn--55qx5d"),
        ("li@xn--fsqu00a.xn--55qx5d", "li@xn--fsqu00a.xn--55qx5d"),
        ("李雷@例子.公司", "李雷@例子.公司"),
        ("e\u0301@example.cn", "\u00e9@example.cn"),
        ("li@example.invalid", "li@example.invalid"),
        ("li@Mail.TEST", "li@mail.test"),
        ("o'neil@example.com", "o'neil@example.com"),
    ],
    ids=ascii,
)
def test_mail_goes_to_one_form_of_an_address(text: str, address: str):
    assert mail_address(text) == address
    assert mail_address(address) == address


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "email_not_an_address"),
        ("wang", "email_not_an_address"),
        ("@example.cn", "email_not_an_address"),
        ("a b@example.cn", "email_not_an_address"),
        ("a@b@example.cn", "email_not_an_address"),
        ("王 <wang@example.cn>", "email_not_an_address"),
        ("a@example.cn,b@example.cn", "email_not_an_address"),
        ("a@example.cn;b@example.cn", "email_not_an_address"),
        ("=?utf-8?q?all?=@example.cn", "email_not_an_address"),
        ("a@[127.0.0.1]", "email_not_an_address"),
        ("a@example.cn.", "email_not_an_address"),
        ("a@exam_ple.cn", "email_not_an_address"),
        ("a\u200bb@example.cn", "email_invisible_character"),
        ("\ufeffa@example.cn", "email_invisible_character"),
        ("a@example\u00ad.cn", "email_invisible_character"),
        ("a\u202e@example.cn", "email_invisible_character"),
        ("a\x00@example.cn", "email_invisible_character"),
        ("a@example.cn\r\nBcc: b@example.cn", "email_invisible_character"),
        ("a..b@docomo.ne.jp", "email_dots"),
        ("ab.@docomo.ne.jp", "email_dots"),
        (".ab@docomo.ne.jp", "email_dots"),
        ('"a..b"@docomo.ne.jp', "email_quoted"),
        ('"a b"@example.cn', "email_quoted"),
        ("a@localhost", "email_domain"),
        ("a@mail", "email_domain"),
        ("a@city.local", "email_domain"),
        ("a@city.onion", "email_domain"),
        ("a@127.0.0.1", "email_domain"),
        ("l" * 65 + "@example.cn", "email_too_long"),
        ("李" * 22 + "@example.cn", "email_too_long"),
        ("a@" + ".".join(["e" * 60] * 5) + ".cn", "email_too_long"),
    ],
    ids=ascii,
)
def test_what_mail_cannot_reach_is_refused_with_what_is_wrong(text: str, kind: str):
    with pytest.raises(AddressError, match=f"^{kind}$"):
        mail_address(text)
    assert kind in DETAILS


@pytest.mark.parametrize("address", ["desk@mail", "desk@localhost", "desk@police.invalid", "desk@city.local"])
def test_an_address_of_the_own_network_may_be_a_host_or_a_reserved_name(address: str):
    assert mail_address(address, public=False) == address


@given(st.emails() | st.text(max_size=60) | st.builds("{}@{}".format, st.text(max_size=20), st.text(max_size=20)))
def test_an_address_is_one_line_without_a_name_and_stays_itself(text: str):
    address = outcome(mail_address, text)
    if address in DETAILS:
        return
    assert mail_address(address) == mail_address(address, public=False) == address
    assert address.count("@") == 1
    assert address.isprintable()
    assert not set(address) & set(' <>(),;:"')
