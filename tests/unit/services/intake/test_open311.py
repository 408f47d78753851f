"""Open311 forms become complaints, and answers become JSON and XML that any reader takes."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.channel import SubmitComplaint
from contracts.codes import AppealType, Channel, Language, ReplyBy
from services.intake.domain.questions import offers_of
from services.intake.open311_documents import answer, errors
from services.intake.open311_form import Defaults, FormFault, complaint_of, fingerprint_of
from tests.support import open311_schemas as schemas
from tests.unit.services.speaking import AT, demo

OFFERS = offers_of(demo().tables)


def complaint(*fields: tuple[str, str], service: str = "road-damage", **more: Any) -> SubmitComplaint:
    given: dict[str, Any] = {
        "channel": Channel.PARTNER,
        "offer": OFFERS[service],
        "defaults": Defaults("city", AppealType.REQUEST),
        "language": Language.CHINESE,
        "at": AT,
        "external_id": None,
    }
    return complaint_of([("address_string", "双桥街"), *fields], **{**given, **more})


def faults(*fields: tuple[str, str], **more: Any) -> list[tuple[str | None, str | None]]:
    with pytest.raises(FormFault) as raised:
        complaint(*fields, **more)
    return [(each.field, each.detail) for each in raised.value.reasons]


def test_a_form_says_what_a_complaint_needs() -> None:
    found = complaint(
        ("description", " 有坑 "), ("lat", "39.9"), ("long", "-0.5"), ("address_id", "beicheng"), ("email", "a@b.cn")
    )
    assert (found.text, found.address, found.area, found.category) == ("有坑", "双桥街", "beicheng", "road-damage")
    assert (found.latitude, found.longitude, found.received_at) == (39.9, -0.5, AT)
    assert found.contact is not None
    assert (found.contact.email, found.contact.reply_by) == ("a@b.cn", ReplyBy.CHANNEL)


def test_nobody_who_says_nothing_of_themselves_is_known() -> None:
    assert complaint(("device_id", "d"), ("account_id", "a")).contact is None
    assert "device" not in complaint(("device_id", "device")).model_dump_json()


@pytest.mark.parametrize(
    ("first", "last", "name"),
    [("小明", "王", "王小明"), ("John", "Smith", "John Smith"), ("", "Smith", "Smith"), ("小明", "", "小明")],
)
def test_names_are_put_together_as_their_language_does(first: str, last: str, name: str) -> None:
    contact = complaint(("first_name", first), ("last_name", last)).contact
    assert contact is not None
    assert contact.name == name


def test_a_report_without_words_is_called_by_its_service() -> None:
    assert complaint().text == "道路破损"
    assert complaint(language=Language.ENGLISH).text == "Road damage"


def test_the_same_form_on_the_same_day_is_the_same_reference() -> None:
    form = [("description", "a"), ("lat", "1"), ("api_key", "one")]
    assert fingerprint_of(form, AT) == fingerprint_of([form[1], form[0], ("api_key", "two")], AT + timedelta(hours=1))
    assert fingerprint_of(form, AT) != fingerprint_of(form, AT + timedelta(days=1))
    assert fingerprint_of(form, AT) != fingerprint_of([("description", "b"), *form[1:]], AT)
    assert complaint(external_id="mine").external_id == "mine"


def test_everything_wrong_is_told_at_once() -> None:
    told = faults(
        ("attribute[fault]", "eaten"),
        ("attribute[none]", "x"),
        ("lat", "91"),
        ("media_url", "ftp://x"),
        ("phone", "1" * 50),
        service="street-lighting",
    )
    assert set(told) == {
        ("attribute[fault]", "not_a_value"),
        ("attribute[none]", "unknown"),
        ("lat", "number"),
        ("long", "missing"),
        ("media_url", "url"),
        ("phone", "string_too_long"),
    }


@given(st.lists(st.tuples(st.text(max_size=20), st.text(max_size=50)), max_size=8))
def test_no_form_breaks_it(fields: list[tuple[str, str]]) -> None:
    try:
        found = complaint(*fields)
    except FormFault:
        return
    assert SubmitComplaint.model_validate_json(found.model_dump_json()) == found


# ---- documents

REQUEST = {
    "service_request_id": "BC-1",
    "status": "open",
    "service_name": "路灯",
    "service_code": "street-lighting",
    "requested_datetime": "2026-09-18T09:00:00+08:00",
    "zipcode": None,
    "lat": 39.9,
}


def test_one_value_is_told_in_both_formats() -> None:
    found = json.loads(bytes(answer("service_requests", [REQUEST, REQUEST], "json").body))
    jsonschema.validate(found, schemas.REQUESTS)
    root = ET.fromstring(bytes(answer("service_requests", [REQUEST, REQUEST], "xml").body))
    assert [each.tag for each in root] == ["request", "request"]
    assert {each.tag: each.text for each in root[0]} == {
        name: None if value is None else str(value) for name, value in REQUEST.items()
    }


@given(st.text())
def test_whatever_was_said_the_xml_is_xml(text: str) -> None:
    text = text.encode("utf-8", "ignore").decode()  # half a surrogate pair does not get as far as this
    found = answer("service_requests", [{"description": text, "metadata": True}], "xml")
    element = ET.fromstring(bytes(found.body)).find("request/description")
    assert element is not None
    kept = "".join(letter if letter in "\t\n\r" or letter >= " " else "\ufffd" for letter in text)
    kept = kept.replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")
    assert (element.text or "") == kept.replace("\r\n", "\n").replace("\r", "\n")  # XML 1.0 §2.11


def test_errors_are_a_list_and_the_first_is_the_status() -> None:
    found = errors([(400, "a <b> & c"), (400, "d")], "xml", {"Retry-After": "1"})
    assert (found.status_code, found.headers["retry-after"]) == (400, "1")
    root = ET.fromstring(bytes(found.body))
    assert [(each.findtext("code"), each.findtext("description")) for each in root] == [
        ("400", "a <b> & c"),
        ("400", "d"),
    ]
    jsonschema.validate(json.loads(bytes(errors([(404, "x")], "json").body)), schemas.ERRORS)
