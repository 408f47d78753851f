"""Open311 GeoReport v2: the standard by which city apps report. A request is a complaint of the key's channel.

Two things differ from other cities' servers, and both are allowed by the standard. A service request id is the case
number, which is given after the fact: POST returns a token, or the id where the same request is registered already.
And requests are read with a key, those of its own channel only: what people complain about is nobody else's business.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from contracts.attachments import Attachment
from contracts.channel import SubmitComplaint
from contracts.codes import Language
from contracts.intake import CaseRegistered
from contracts.refusals import malformed
from contracts.typed_codes import read_case_id
from infra.http.access_log import log_access
from infra.http.bodies import fields_of, form_of
from infra.http.endpoint import Caller, query_of
from infra.http.forms import form_of_parts
from infra.http.problems import HttpProblem
from infra.http.repeating import content_id
from services.intake.domain.questions import Offer, Question
from services.intake.gateway import Gateway
from services.intake.open311_dates import DateFault, span_of
from services.intake.open311_documents import FORMATS, answer
from services.intake.open311_form import Defaults, FormFault, as_asked, complaint_of
from services.intake.open311_media import Media, addresses
from services.intake.open311_names import filter_faults, form_faults
from services.intake.status import Standing

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
MOST_A_PAGE = 200


@dataclass(frozen=True)
class City:
    """What the standard wants to know of the place."""

    jurisdiction_id: str
    contact: str
    key_service: str
    changed_at: datetime
    """When its lists changed last."""
    timezone: ZoneInfo
    offers: dict[str, Offer]
    defaults: Defaults
    public_url: str | None = None
    """Where the world reaches us; None: where the request did."""


class Open311:
    """The handlers."""

    def __init__(self, gateway: Gateway, city: Callable[[], City]) -> None:
        self._gateway = gateway
        self._now = city
        self._media = Media(gateway)

    @property
    def _city(self) -> City:
        return self._now()

    # ---- what there is

    async def discovery(self, request: Request, _: Caller) -> Response:
        """Where the API is, and in which formats."""
        base = self._base(request)
        changed = self._time(self._city.changed_at)
        endpoint = {
            "specification": SPECIFICATION,
            "url": f"{base}/open311/v2",
            "changeset": changed,
            "type": "production",
            "formats": ["text/xml", "application/json"],
        }
        found = {
            "changeset": changed,
            "contact": self._city.contact,
            "key_service": self._city.key_service,
            "endpoints": [endpoint],
        }
        return answer("discovery", found, _format(request))

    async def services(self, request: Request, _: Caller) -> Response:
        """Every category."""
        self._jurisdiction(request)
        language = _language(request)
        listed = [
            {
                "service_code": offer.code,
                "service_name": offer.name(language),
                "description": offer.name(language),
                "metadata": bool(offer.questions),
                "type": "batch",
                "keywords": f"{offer.zh}, {offer.en}",
                "group": offer.code.split("-", 1)[0],
            }
            for offer in self._city.offers.values()
        ]
        return answer("services", listed, _format(request))

    async def definition(self, request: Request, _: Caller) -> Response:
        """The questions of one category."""
        self._jurisdiction(request)
        offer = self._offer(request.path_params["service_code"])
        language = _language(request)
        asked = [_attribute(n, question, language) for n, question in enumerate(offer.questions, 1)]
        return answer("service_definition", {"service_code": offer.code, "attributes": asked}, _format(request))

    # ---- saying

    async def report(self, request: Request, caller: Caller) -> Response:
        """Published: a token; or the id of what is registered already."""
        format = _format(request)
        parts = form_of_parts(request)
        fields = parts.fields if parts else form_of(request)
        given = dict(fields)
        self._jurisdiction(request, given.get("jurisdiction_id"))
        if not given.get("service_code", "").strip():
            raise _refused([malformed("service_code", "missing"), *form_faults(name for name, _ in fields)])
        offer = self._offer(given["service_code"].strip())
        self._submission(request, caller, fields, offer)  # a form with faults stores no file
        files = await self._media.stored(parts, fields, caller)
        submission = self._submission(request, caller, fields, offer, files)
        known = await self._gateway.own(submission.case_id, caller)
        if known is not None:
            return answer("service_requests", [_created(known.number, None)], format)
        if found := self._gateway.faults(submission):
            raise _refused(found)
        submission = await self._media.cited(submission, caller)
        await self._gateway.say(submission, id=content_id(submission, "received_at"), caller=caller)
        return answer("service_requests", [_created(None, submission.case_id)], format)

    def _submission(
        self,
        request: Request,
        caller: Caller,
        fields: list[tuple[str, str]],
        offer: Offer,
        files: Sequence[Attachment] = (),
    ) -> SubmitComplaint:
        key = request.headers.get("idempotency-key")
        at = self._gateway.clock()
        try:
            return complaint_of(
                fields,
                channel=caller.speaker,
                offer=offer,
                defaults=self._city.defaults,
                language=_language(request),
                at=at.astimezone(self._city.timezone),
                external_id=f"once-{hashlib.sha256(key.encode()).hexdigest()[:40]}" if key else None,
                files=files,
            )
        except FormFault as fault:
            raise _refused(fault.reasons) from None

    # ---- asking

    async def token(self, request: Request, _: Caller) -> Response:
        """The id that a token has become; none yet where it is not registered."""
        self._jurisdiction(request)
        token = read_case_id(str(request.path_params["token"]))
        found = await self._gateway.standing(token) if token else None
        if found is None:
            raise HttpProblem("not-found")
        listed = [{"service_request_id": found.number, "token": token}]
        return answer("service_requests", listed, _format(request))

    async def request(self, request: Request, caller: Caller) -> Response:
        """One request of the channel."""
        self._jurisdiction(request)
        found = await self._gateway.by_numbers([str(request.path_params["service_request_id"])])
        if not found or found[0].channel != caller.speaker:
            raise HttpProblem("not-found")
        log_access(request, case_id=found[0].case_id)
        return await self._told(request, found)

    async def media(self, request: Request, caller: Caller) -> Response:
        """Return a stored file of one of the channel's requests."""
        return await self._media.file(str(request.path_params["file_id"]), caller)

    async def requests(self, request: Request, caller: Caller) -> Response:
        """Requests of the channel: those named, or those of a span of time, a page at a time."""
        self._jurisdiction(request)
        if faults := filter_faults(name for name, _ in fields_of(request.scope["query_string"])):
            raise _refused(faults)
        query = query_of(request)
        if ids := _words(query, "service_request_id"):
            if len(ids) > MOST_A_PAGE:
                raise _refused([malformed("service_request_id", f"ids_over_{MOST_A_PAGE}")])
            named = await self._gateway.by_numbers(ids)
            return await self._told(request, [each for each in named if each.channel == caller.speaker])
        try:
            start, end = span_of(query, self._city.timezone, self._gateway.clock())
        except DateFault as fault:
            raise _refused([malformed(fault.field, fault.detail)]) from None
        statuses = {word.lower() for word in _words(query, "status")}
        if not statuses <= {"open", "closed"}:
            raise _refused([malformed("status", "not_a_value")])
        found = await self._gateway.listed(
            caller,
            start=start,
            end=end,
            categories=_words(query, "service_code"),
            only_open="open" in statuses if len(statuses) == 1 else None,
        )
        page, size = _whole(query, "page", 1, 100_000), _whole(query, "page_size", 50, MOST_A_PAGE)
        return await self._told(request, found[(page - 1) * size : page * size])

    async def _told(self, request: Request, found: list[Standing]) -> Response:
        language, base = _language(request), self._base(request)
        announced = await self._gateway.registrations([each.case_id for each in found])
        listed = [
            self._shown(each, announced[each.case_id], language, base) for each in found if each.case_id in announced
        ]
        return answer("service_requests", listed, _format(request))

    def _shown(self, found: Standing, registered: CaseRegistered, language: Language, base: str) -> dict[str, Any]:
        offer = self._city.offers.get(registered.category)
        told = (*found.awaited, *found.reasons)
        notes = "; ".join(each.en if language is Language.ENGLISH else each.zh for each in told)
        notes = "; ".join(filter(None, (notes, _adoption(found, language), found.reply)))
        media = addresses([each for each in registered.attachments if each.url or each.file_id in found.files], base)
        return {
            "service_request_id": found.number,
            "status": _status(found),
            "status_notes": notes or found.ending or found.stage.value,
            "service_name": offer.name(language) if offer else registered.category,
            "service_code": registered.category,
            "description": registered.text,
            "agency_responsible": registered.jurisdiction,
            "service_notice": None,
            "requested_datetime": self._time(registered.received_at),
            "updated_datetime": self._time(found.updated_at),
            "expected_datetime": None,
            "address": registered.address or None,
            "address_id": registered.area,
            "zipcode": None,
            "lat": registered.latitude,
            "long": registered.longitude,
            "media_url": media[0] if media else None,
            **({"media_urls": media} if len(media) > 1 else {}),
        }

    # ---- the place

    def _base(self, request: Request) -> str:
        return (self._city.public_url or str(request.base_url)).rstrip("/")

    def _jurisdiction(self, request: Request, given: str | None = None) -> None:
        asked = given or query_of(request).get("jurisdiction_id")
        if asked and asked != self._city.jurisdiction_id:
            raise HttpProblem("not-found")

    def _offer(self, code: str) -> Offer:
        offer = self._city.offers.get(code)
        if offer is None:
            raise HttpProblem("not-found")
        return offer

    def _time(self, instant: datetime) -> str:
        return instant.astimezone(self._city.timezone).isoformat(timespec="seconds")


def _format(request: Request) -> str:
    """Of the answer, as the path asks. Raises `HttpProblem` for any other."""
    asked = str(request.path_params["format"])
    if asked not in FORMATS:
        raise HttpProblem("not-found")
    return asked


def _language(request: Request) -> Language:
    first = request.headers.get("accept-language", "").split(",", 1)[0].strip().lower()
    return Language.ENGLISH if first.startswith("en") else Language.CHINESE


def _attribute(order: int, question: Question, language: Language) -> dict[str, Any]:
    said: dict[str, Any] = {
        "variable": True,
        "code": question.code,
        "datatype": question.datatype.value,
        "required": question.required,
        "datatype_description": None,
        "order": order,
        "description": question.name(language),
    }
    if question.values:
        said["values"] = [{"key": value.code, "name": value.name(language)} for value in question.values]
    return said


def _created(number: str | None, token: str | None) -> dict[str, Any]:
    id = {"token": token} if token else {"service_request_id": number}
    return {**id, "service_notice": None, "account_id": None}


def _status(found: Standing) -> str:
    return "open" if found.open else "closed"


def _adoption(found: Standing, language: Language) -> str:
    """Whether a suggestion is adopted; empty for any other appeal."""
    if found.adopted is None:
        return ""
    if language is Language.ENGLISH:
        return "Suggestion adopted." if found.adopted else "Suggestion not adopted."
    return "建议已采纳。" if found.adopted else "建议未采纳。"


def _words(query: dict[str, str], name: str) -> list[str]:
    return [word.strip() for word in re.split("[,，]", query.get(name, "")) if word.strip()]


def _whole(query: dict[str, str], name: str, default: int, most: int) -> int:
    text = query.get(name, str(default))
    if not (text.isascii() and text.isdecimal() and len(text) < 9 and int(text) >= 1):
        raise _refused([malformed(name, "number")])
    return min(int(text), most)


def _refused(found: Any) -> HttpProblem:
    return HttpProblem("refused", [as_asked(each).model_dump() for each in found])
