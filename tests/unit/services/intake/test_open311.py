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
from services.intake.open311_names import FILTERS, FORM, filter_faults
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


def codes(*fields: tuple[str, str]) -> list[tuple[str | None, str]]:
    with pytest.raises(FormFault) as raised:
        complaint(*fields)
    return [(each.field, each.code) for each in raised.value.reasons]


def test_a_form_says_what_a_complaint_needs() -> None:
    found = complaint(
        ("description", " 有坑 "), ("lat", "39.9"), ("long", "-0.5"), ("address_id", "beicheng"), ("email", "a@b.cn")
    )
    assert (found.text, found.address, found.area, found.category) == ("有坑", "双桥街", "beicheng", "road-damage")
    assert (found.latitude, found.longitude, found.received_at) == (39.9, -0.5, AT)
    assert found.contact is not None
    assert (found.contact.email, found.contact.reply_by) == ("a@b.cn", ReplyBy.CHANNEL)


def test_an_address_may_come_in_every_spelling_of_its_field() -> None:
    names = ("media_url", "media_url", "media_url[]", "media_url[0]", "media_url[12]")
    given = [(name, f" https://p.example/{n}.jpg ") for n, name in enumerate(names)]
    assert [each.url for each in complaint(*given).attachments] == [value.strip() for _, value in given]
    assert faults(("media_url[1]", "javascript:alert(1)")) == [("media_url", "url")]
    assert codes(("media_url[a]", "https://p.example/1.jpg")) == [("media_url[a]", "field-unknown")]


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


@pytest.mark.parametrize("name", [*FORM])
def test_a_field_that_is_given_twice_is_refused_by_name(name: str) -> None:
    twice = [("address_string", "x")] if name == "address_string" else [(name, "1"), (name, "1")]
    assert (name, "field-repeated") in codes(*twice)


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("desciption", "description"),
        ("Description", "description"),
        ("latitude", "lat"),
        ("lng", "long"),
        ("address_strin", "address_string"),
        ("servicecode", "service_code"),
        ("attributes[fault]", "attribute[code]"),
        ("attribute[fault", "attribute[code]"),
        ("attribute[fault][0]", "attribute[code]"),
        ("media_ur", "media_url"),
        ("\u200blat", "lat"),
        ("很" * 500, None),
    ],
)
def test_an_unknown_field_is_refused_with_the_nearest_known_one(name: str, nearest: str | None) -> None:
    with pytest.raises(FormFault) as raised:
        complaint((name, "x"))
    (found,) = raised.value.reasons
    assert (found.code, found.field) == ("field-unknown", name[:200])
    assert nearest is None or (f" {nearest}." in found.en and nearest in found.zh)


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_that_is_given_twice_or_misspelt_is_refused(name: str) -> None:
    assert filter_faults(FILTERS) == []
    (twice,) = filter_faults([*FILTERS, name])
    (misspelt,) = filter_faults([f"{name}s"])
    assert (twice.code, twice.field, misspelt.code, misspelt.field) == (
        "field-repeated",
        name,
        "field-unknown",
        f"{name}s",
    )
    assert f" {name}." in misspelt.en


@pytest.mark.parametrize("form", ["attribute[kind]", "attribute[kind][]"])
def test_several_answers_are_taken_where_a_question_takes_several(form: str) -> None:
    found = complaint((form, "bulky"), ("attribute[kind][]", "kitchen"), service="garbage-collection")
    assert [(each.code, each.value) for each in found.attributes] == [("kind", "bulky"), ("kind", "kitchen")]


@pytest.mark.parametrize("form", ["attribute[fault]", "attribute[fault][]"])
def test_several_answers_to_a_question_that_takes_one_are_refused(form: str) -> None:
    told = faults((form, "dark"), (form, "dark"), service="street-lighting")
    assert told == [("attribute[fault]", "too_many_values")]
    assert complaint((form, "dark"), service="street-lighting").attributes[0].value == "dark"


@pytest.mark.parametrize(
    ("lat", "long", "found"),
    [
        ("51.4779", "-7.2e-05", (51.4779, -0.000072)),
        ("+39.", ".5", (39.0, 0.5)),
        ("-90", "180.000000000000000000000000", (-90.0, 180.0)),
    ],
)
def test_coordinates_are_taken_in_every_decimal_form(lat: str, long: str, found: tuple[float, float]) -> None:
    made = complaint(("lat", lat), ("long", long))
    assert (made.latitude, made.longitude) == found
    assert SubmitComplaint.model_validate_json(made.model_dump_json()) == made


@pytest.mark.parametrize("value", ["nan", "inf", "0x10", "1_0", "１２", "200", "1e3"])
def test_what_is_no_coordinate_is_refused_by_name(value: str) -> None:
    assert faults(("lat", value), ("long", value)) == [("lat", "number"), ("long", "number")]


def test_xml_has_no_exponent() -> None:
    found = answer("service_requests", [{"lat": 51.4779, "long": -7.2e-05}], "xml")
    request = ET.fromstring(bytes(found.body)).find("request")
    assert request is not None
    assert (request.findtext("lat"), request.findtext("long")) == ("51.4779", "-0.000072")


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
