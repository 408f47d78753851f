"""An Open311 service request as a complaint. Source: GeoReport v2, POST Service Request."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from contracts.attachments import Attachment
from contracts.channel import Attribute, Contact, SubmitComplaint
from contracts.codes import AppealType, Language, RefusalCode
from contracts.decimals import parse_decimal
from contracts.message import ChannelId
from contracts.refusals import Reason, malformed
from contracts.text import is_visible
from infra.http.problems import faults_of
from services.intake.domain.questions import Offer
from services.intake.open311_names import ATTRIBUTE, MEDIA_URL, form_faults

_PASSED_OVER = frozenset({"api_key", "jurisdiction_id"})
_OURS = {
    "address": "address_string",
    "area": "address_id",
    "category": "service_code",
    "contact.email": "email",
    "contact.name": "last_name",
    "contact.phone": "phone",
    "latitude": "lat",
    "longitude": "long",
    "text": "description",
}
"""What the fields of a complaint are called in the standard."""
_BY_NAME = frozenset({RefusalCode.FIELD_UNKNOWN, RefusalCode.FIELD_REPEATED})
"""Reasons with the name of the form field."""


class FormFault(ValueError):
    """The form is no service request; `reasons` say why, by the names of the standard."""

    def __init__(self, reasons: Sequence[Reason]) -> None:
        super().__init__("form")
        self.reasons = tuple(as_asked(each) for each in reasons)


@dataclass(frozen=True, slots=True)
class Defaults:
    """What the standard does not ask and a complaint needs."""

    area: str
    """Where no `address_id` names an area."""
    appeal: AppealType


def as_asked(fault: Reason) -> Reason:
    """The same reason, its field by the name that the standard has for it."""
    if fault.code in _BY_NAME:
        return fault
    field = _OURS.get(fault.field or "", fault.field)
    if field and field.startswith("attachments"):
        field = "media_url"
    if field and field.startswith("attributes."):
        field = f"attribute[{field.removeprefix('attributes.')}]"
    return fault.model_copy(update={"field": field})


def complaint_of(
    fields: Sequence[tuple[str, str]],
    *,
    channel: ChannelId,
    offer: Offer,
    defaults: Defaults,
    language: Language,
    at: datetime,
    external_id: str | None,
    files: Sequence[Attachment] = (),
) -> SubmitComplaint:
    """The complaint that a form describes. Raises `FormFault` with everything that is wrong with the form.

    `device_id` and `account_id` are taken, because GeoReport v2 has them, and not kept: they identify a person.
    """
    given = {name: value.strip() for name, value in fields if is_visible(value)}
    attributes, faults = _attributes(fields)
    faults += form_faults(name for name, _ in fields)
    faults += offer.faults(attributes)
    degrees, place_faults = _place(given)
    faults += place_faults
    attachments, wrong = _addresses(fields)
    faults += wrong
    text = given.get("description") or offer.name(language)
    said: dict[str, Any] = {
        "channel": channel,
        "external_id": external_id or fingerprint_of([*fields, *_digests(files)], at),
        "received_at": at,
        "appeal": defaults.appeal,
        "category": offer.code,
        "area": given.get("address_id") or defaults.area,
        "text": text,
        "attachments": (*attachments, *files),
        "address": given.get("address_string", ""),
        "attributes": tuple(attributes),
        **degrees,
    }
    try:
        complaint = SubmitComplaint(contact=_contact(given, language), **said)
    except ValidationError as error:
        faults += [malformed(_path(field), kind) for field, kind in faults_of(error)]
        raise FormFault(faults) from None
    if faults:
        raise FormFault(faults)
    return complaint


def fingerprint_of(fields: Sequence[tuple[str, str]], at: datetime) -> str:
    """The reference of a request that has none: the same form, sent twice on one day, is the same request."""
    kept = sorted((name, value) for name, value in fields if name not in _PASSED_OVER)
    said = json.dumps([at.date().isoformat(), kept], ensure_ascii=True)
    return f"o311-{hashlib.sha256(said.encode()).hexdigest()[:40]}"


def _digests(files: Sequence[Attachment]) -> list[tuple[str, str]]:
    """Files as fields of a form: the same file, sent again, is the same field."""
    return [("media", each.sha256 or "") for each in files]


def _addresses(fields: Sequence[tuple[str, str]]) -> tuple[list[Attachment], list[Reason]]:
    """The `media_url` values of the form, in order."""
    found: list[Attachment] = []
    faults: list[Reason] = []
    for name, value in fields:
        if not MEDIA_URL.fullmatch(name):
            continue
        try:
            found.append(Attachment(url=value.strip()))
        except ValidationError:
            faults.append(malformed("media_url", "url"))
    return found, faults


def _attributes(fields: Sequence[tuple[str, str]]) -> tuple[list[Attribute], list[Reason]]:
    found: list[Attribute] = []
    faults: list[Reason] = []
    for name, value in fields:
        asked = ATTRIBUTE.fullmatch(name)
        if asked is None:
            continue
        try:
            found.append(Attribute(code=asked[1], value=value))
        except ValidationError as error:
            kind = error.errors(include_input=False, include_url=False)[0]["type"]
            faults.append(malformed(f"attributes.{asked[1]}", kind))
    return found, faults


def _place(given: dict[str, str]) -> tuple[dict[str, float], list[Reason]]:
    """The coordinates, and what is wrong with the place.

    Lat and long, address_string or address_id must be given; one coordinate without the other is a fault.
    """
    degrees: dict[str, float] = {}
    faults: list[Reason] = []
    for field, name, most in (("latitude", "lat", 90), ("longitude", "long", 180)):
        try:
            if name in given:
                degrees[field] = parse_decimal(given[name], most)
            elif {"lat", "long"} & set(given):
                faults.append(malformed(field, "missing"))
        except ValueError:
            faults.append(malformed(field, "number"))
    if not any(given.get(name) for name in ("lat", "long", "address_string", "address_id")):
        faults.append(malformed("address_string", "missing"))
    return degrees, faults


def _contact(given: dict[str, str], language: Language) -> Contact | None:
    """Who it is, where they say so. The standard asks for no way to be answered: the channel carries the answer."""
    first, last = given.get("first_name", ""), given.get("last_name", "")
    name = f"{first} {last}".strip() if (first + last).isascii() else f"{last}{first}"
    if not (name or given.get("email") or given.get("phone")):
        return None
    return Contact(
        name=name or None, email=given.get("email") or None, phone=given.get("phone") or None, language=language
    )


def _path(field: str) -> str:
    """A contact is made on its own, so its faults lack their parent."""
    return f"contact.{field}" if field in {"name", "email", "phone"} else field
