"""Invisible text, ambiguous identifiers and unusable contacts, over HTTP and over Kafka."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import NAMESPACE_OID, uuid4, uuid5

import httpx
import pytest

from contracts.channel import Contact
from contracts.codes import ContactWay, RefusalCode
from contracts.handling import RequestReturn
from contracts.intake import CaseRegistered
from contracts.notify import NoticeSent
from contracts.routing import AssignmentOffered
from infra.local.engines import Engines
from tests.support.app import app_of
from tests.support.bus import complaint
from tests.support.city import attribute, reference
from tests.support.spoilt import Raw, assert_bilingual, sound
from tests.support.ways import Ways, place_of, ways_of

TOPIC = "complaints.web"
SMS, EMAIL = ContactWay.SMS, ContactWay.EMAIL


@pytest.fixture(scope="module")
async def ways(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ways]:
    """One city for all tests of this file, with real mail and SMS servers."""
    directory = tmp_path_factory.mktemp("text")
    with Engines("embedded", directory / "engines") as engines:
        async with ways_of(engines, directory, place_of(directory)) as found:
            yield found


@pytest.fixture
async def web(ways: Ways) -> AsyncIterator[httpx.AsyncClient]:
    """A client with the key of the channel `web`."""
    deployment = ways.city.deployment
    headers = {"Authorization": f"Bearer {deployment.api_keys['web']}"}
    async with app_of(deployment.fleet.url("intake"), headers) as client:
        yield client


def body(**changes: Any) -> dict[str, Any]:
    given = {"appeal": "complaint", "category": "noise-residential", "area": "beicheng", "text": "夜间噪声。"}
    return {"external_id": reference(), **given, **changes}


HTTP_REFUSED = [
    ({"text": "\u200b\u200d\ufeff"}, ("text-missing", "text", None)),
    ({"text": "\u3164\u2800"}, ("text-missing", "text", None)),
    ({"external_id": " "}, ("malformed", "external_id", "identifier_blank")),
    ({"external_id": "W-1 "}, ("malformed", "external_id", "identifier_outer_space")),
    ({"external_id": "e\u0301-1"}, ("malformed", "external_id", "identifier_not_nfc")),
    ({"external_id": "W-1\u202e"}, ("malformed", "external_id", "identifier_invisible_character")),
    ({"external_id": "W-1\x00"}, ("malformed", "external_id", "identifier_invisible_character")),
    ({"external_id": "W" * 100_000}, ("malformed", "external_id", "string_too_long")),
    (
        {"contact": {"phone": "010-62340000-8", "ways": ["sms"]}},
        ("contact-malformed", "contact.phone", "phone_extension"),
    ),
    (
        {"contact": {"phone": "13800138000/13900139000", "ways": ["sms"]}},
        ("contact-malformed", "contact.phone", "phone_several"),
    ),
    (
        {"contact": {"email": "a\u200bb@x.example", "reply_by": "email"}},
        ("contact-malformed", "contact.email", "email_invisible_character"),
    ),
    (
        {"contact": {"email": "a..b@docomo.ne.jp", "reply_by": "email"}},
        ("contact-malformed", "contact.email", "email_dots"),
    ),
]


@pytest.mark.parametrize(("changes", "told"), HTTP_REFUSED, ids=[f"{each[1]}" for each in HTTP_REFUSED])
async def test_a_request_is_refused_with_field_detail_and_both_languages(
    web: httpx.AsyncClient, changes: dict[str, Any], told: tuple[str, str, str | None]
) -> None:
    answer = await web.post("/v1/complaints", json=body(**changes))
    assert answer.status_code == 422
    (reason,) = answer.json()["reasons"]
    assert (reason["code"], reason["field"], reason.get("detail")) == told
    assert reason["zh"]
    assert reason["en"]


def with_id(id: str) -> Raw:
    return sound().header("ce_id", id.encode())


@pytest.mark.parametrize(
    ("id", "kind"),
    [
        (f"{uuid4().hex}\x00", "identifier_invisible_character"),
        (f"{uuid4().hex}\u202e", "identifier_invisible_character"),
        (f"{uuid4().hex} ", "identifier_outer_space"),
        (f"e\u0301{uuid4().hex}", "identifier_not_nfc"),
        (uuid4().hex * 3_200, "string_too_long"),
    ],
    ids=["NUL", "bidi", "space", "NFD", "100 KB"],
)
async def test_a_record_whose_id_is_no_identifier_is_refused_and_the_next_goes_on(
    ways: Ways, id: str, kind: str
) -> None:
    bad = with_id(id)
    await ways.city.put(TOPIC, bad.value, bad.headers, key=bad.key, partition=0)
    good = complaint(reference())
    behind = sound(good)
    await ways.city.put(TOPIC, behind.value, behind.headers, key=behind.key, partition=0)
    _, refused = await ways.city.refusal_of(str(uuid5(NAMESPACE_OID, id)))
    assert [(each.code, each.field, each.detail) for each in refused.reasons] == [("malformed", "ce_id", kind)]
    assert_bilingual(refused.reasons)
    await ways.city.acknowledged(good)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"text": "\u200b\u200d\ufeff"}, ("text-missing", "text", None)),
        ({"external_id": "W-1 "}, ("malformed", "external_id", "identifier_outer_space")),
        (
            {"contact": {"phone": "010-62340000-8", "ways": ["sms"]}},
            ("contact-malformed", "contact.phone", "phone_extension"),
        ),
        (
            {"contact": {"email": "a\u200bb@x.example", "reply_by": "email"}},
            ("contact-malformed", "contact.email", "email_invisible_character"),
        ),
    ],
)
async def test_a_record_is_refused_for_the_same_reasons_as_a_request(
    ways: Ways, changes: dict[str, Any], told: tuple[str, str, str | None]
) -> None:
    bad = sound().body(**changes)
    await ways.city.put(TOPIC, bad.value, bad.headers, key=bad.key)
    _, refused = await ways.city.refusal_of(bad.id)
    assert [(each.code, each.field, each.detail) for each in refused.reasons] == [told]
    assert_bilingual(refused.reasons)


async def test_stray_characters_are_taken_out_and_the_complaint_goes_on(ways: Ways, web: httpx.AsyncClient) -> None:
    by_bus = sound().body(text="夜\x00间\u202e噪声👩\u200d👧。", title="噪\u2066声")
    await ways.city.put(TOPIC, by_bus.value, by_bus.headers, key=by_bus.key)
    by_http = await web.post("/v1/complaints", json=body(text="夜\x00间\u202e噪声👩\u200d👧。", title="噪\u2066声"))
    assert by_http.status_code == 202
    for case_id in ((by_bus.key or b"").decode(), by_http.json()["case_id"]):
        registered = await ways.city.heard(CaseRegistered, case_id)
        assert (registered.title, registered.text) == ("噪声", "夜间噪声👩\u200d👧。")


@pytest.mark.parametrize(
    ("written", "dialled"),
    [
        ("010/62340000", "01062340000"),
        ("+86(0)138 0013 8000", "13800138000"),
        ("１３８\u200b００１３８０００", "13800138000"),
    ],
    ids=ascii,
)
async def test_a_number_that_is_accepted_is_dialled_exactly(ways: Ways, written: str, dialled: str) -> None:
    spoken = complaint(reference(), contact=Contact(phone=written, ways=(SMS,)))
    await ways.city.say(spoken)
    notice = f"acknowledgement.{spoken.case_id}"
    assert (await ways.city.heard(NoticeSent, where=attribute(notice_id=notice))).by == "sms"
    assert [each["PhoneNumbers"] for each in ways.messages(notice)] == [dialled]


async def test_a_mail_goes_to_exactly_the_normalised_address(ways: Ways) -> None:
    spoken = complaint(reference(), contact=Contact(email="Li.Lei+1@CITY.example", ways=(EMAIL,)))
    await ways.city.say(spoken)
    notice = f"acknowledgement.{spoken.case_id}"
    assert (await ways.city.heard(NoticeSent, where=attribute(notice_id=notice))).by == "email"
    assert [mail["To"] for mail in ways.mails(notice)] == ["Li.Lei+1@city.example"]


async def test_a_units_reason_that_nobody_sees_is_refused(ways: Ways) -> None:
    spoken = complaint(reference())
    await ways.city.say(spoken)
    offered = await ways.city.heard(AssignmentOffered, spoken.case_id)
    said = RequestReturn(
        case_id=spoken.case_id, issued_at=spoken.received_at, unit=offered.unit, reason="不属本单位"
    ).model_copy(update={"reason": "\u3164"})
    _, refused = await ways.city.refusal_of_command(await ways.city.say(said))
    assert [(each.code, each.field, each.detail) for each in refused.reasons] == [
        (RefusalCode.MALFORMED, "reason", "text_missing")
    ]
    assert_bilingual(refused.reasons)
