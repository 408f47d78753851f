"""What an SMS gateway is sent, and what its codes mean."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from pydantic import SecretStr

from contracts.codes import Language
from services.notify.providers.configuration import SmsTable
from services.notify.providers.port import Accepted, Letter, Refused, Unavailable
from services.notify.providers.posting import Answer
from services.notify.providers.sms import accepted, authorize, body_of, length_of

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TABLE = SmsTable(
    url=SecretStr("https://sms.example/"),
    access_key="key",
    secret=SecretStr("secret"),
    sign_name="效能中心",
    templates={"zh": {"answer": "SMS_1"}, "en": {"answer": "SMS_2"}},
)
LETTER = Letter(
    notice_id="answer.1", what="answer", to="13900000001", subject="", text="已办结", sms={"number": "BC-1"}
)
SIGNATURE = len("【效能中心】")


def test_the_request_names_template_number_and_notice() -> None:
    assert json.loads(body_of(LETTER, TABLE)) == {
        "PhoneNumbers": "13900000001",
        "SignName": "效能中心",
        "TemplateCode": "SMS_1",
        "TemplateParam": '{"number": "BC-1"}',
        "OutId": "answer.1",
    }
    english = replace(LETTER, language=Language.ENGLISH, to="+85223456789")
    asked = json.loads(body_of(english, TABLE))
    assert (asked["TemplateCode"], asked["PhoneNumbers"]) == ("SMS_2", "+85223456789")


def test_a_text_of_one_sms_goes_and_one_unit_more_is_refused() -> None:
    fits = replace(LETTER, text="字" * (70 - SIGNATURE))
    assert body_of(fits, TABLE)
    with pytest.raises(Refused, match=r"^too-long: 71 characters, 70 at most$") as refused:
        body_of(replace(fits, text=fits.text + "字"), TABLE)
    assert refused.value.permanent


def test_several_sms_are_joined_where_the_setting_says_so() -> None:
    table = TABLE.model_copy(update={"segments": 10})
    assert body_of(replace(LETTER, text="字" * (670 - SIGNATURE)), table)
    with pytest.raises(Refused, match=r"^too-long: 671 characters, 670 at most$"):
        body_of(replace(LETTER, text="字" * (671 - SIGNATURE)), table)


def test_a_character_outside_the_basic_plane_counts_twice() -> None:
    assert length_of("😀", "效能中心") == SIGNATURE + 2


def test_a_parameter_that_the_gateway_would_refuse_is_refused_before() -> None:
    assert body_of(replace(LETTER, sms={"number": "字" * 35}), TABLE)
    with pytest.raises(Refused, match=r"^too-long: parameter number: 36 characters, 35 at most$"):
        body_of(replace(LETTER, sms={"number": "字" * 36}), TABLE)


@pytest.mark.parametrize(
    "to",
    [
        "",
        "no number",
        "1390000000x",
        "1234",
        "1" * 16,
        "13900000001,13900000002",
        "１３９",
        "139-0000 0001",
        "13900000001x8",
    ],
)
def test_what_is_no_number_is_refused_without_being_quoted(to: str) -> None:
    with pytest.raises(Refused, match=r"^contact: no phone number$"):
        body_of(replace(LETTER, to=to), TABLE)


def test_a_template_that_the_gateway_does_not_have_is_refused() -> None:
    with pytest.raises(Refused, match=r"^template: the gateway has none for survey in zh$"):
        body_of(replace(LETTER, what="survey"), TABLE)


def test_the_authorisation_is_that_of_the_published_example() -> None:
    signed = {
        "host": "ecs.cn-shanghai.aliyuncs.com",
        "x-acs-action": "RunInstances",
        "x-acs-content-sha256": sha256(b"").hexdigest(),
        "x-acs-date": "2023-10-26T10:22:32Z",
        "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        "x-acs-version": "2014-05-26",
    }
    query = "ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai"
    assert authorize("YourAccessKeyId", "YourAccessKeySecret", "/", query, signed) == (
        "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;"
        "x-acs-signature-nonce;x-acs-version,"
        "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )


def says(status: int = 200, **said: object) -> Answer:
    return Answer(status, {}, json.dumps(said).encode())


def test_what_the_gateway_takes_has_its_reference() -> None:
    assert accepted(says(Code="OK", BizId="900619746936498440^0"), NOW) == Accepted("900619746936498440^0")
    assert accepted(says(Code="OK"), NOW) == Accepted(None)
    assert accepted(says(Code="OK", BizId="sent to <13900000001>"), NOW) == Accepted(None)


@pytest.mark.parametrize(
    "code", ["isv.MOBILE_NUMBER_ILLEGAL", "isv.SMS_TEMPLATE_ILLEGAL", "isv.BLACK_KEY_CONTROL_LIMIT"]
)
def test_a_number_template_or_word_that_will_not_do_is_refused_for_good(code: str) -> None:
    with pytest.raises(Refused) as refused:
        accepted(says(Code=code), NOW)
    assert (refused.value.why, refused.value.permanent) == (f"sms {code}", True)


def test_a_number_that_has_had_enough_is_tried_later_while_others_go_on() -> None:
    with pytest.raises(Refused) as refused:
        accepted(says(Code="isv.BUSINESS_LIMIT_CONTROL"), NOW)
    assert not refused.value.permanent


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (200, "isv.DAY_LIMIT_CONTROL"),
        (200, "isv.AMOUNT_NOT_ENOUGH"),
        (200, "isp.SYSTEM_ERROR"),
        (400, "Throttling.User"),
        (403, "SignatureDoesNotMatch"),
        (200, "isv.OF_NEXT_YEAR"),
    ],
)
def test_a_limit_of_all_a_fault_of_theirs_or_of_our_key_concerns_every_letter(status: int, code: str) -> None:
    with pytest.raises(Unavailable, match=f"^sms {code}$"):
        accepted(says(status, Code=code), NOW)


def test_the_gateway_may_say_when_to_come_again() -> None:
    with pytest.raises(Unavailable) as away:
        accepted(Answer(429, {"retry-after": "9"}, b'{"Code":"Throttling.Api"}'), NOW)
    assert away.value.retry_after_seconds == 9


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"Code":7}', b'{"Code":"13900000001"}', b"[" * 100_000])
def test_an_answer_without_a_code_is_judged_by_its_status_and_never_quoted(body: bytes) -> None:
    with pytest.raises(Unavailable, match=r"^sms: an answer without a code$"):
        accepted(Answer(200, {}, body), NOW)
    with pytest.raises(Unavailable, match=r"^http 503$"):
        accepted(Answer(503, {}, body), NOW)
    with pytest.raises(Refused, match=r"^http 404$"):
        accepted(Answer(404, {}, body), NOW)
