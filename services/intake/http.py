"""The HTTP side of intake: which interfaces there are and what they need."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from contracts.attachments import MOST_ATTACHMENTS
from contracts.channel import SubmitComplaint
from contracts.codes import AppealType
from contracts.intake import CaseRegistered, ReceptionRequested
from contracts.speakers import kind_of
from infra.app import Application
from infra.http.bodies import FORM as FORM_TYPE
from infra.http.endpoint import Answer, Caller, Endpoint, Interface, Parameter
from infra.http.key_file import KeyFile
from infra.http.publishing import HttpPublisher
from infra.http.seen import Seen
from infra.http.serving import HttpSide, Limits
from infra.http.streaming import Streams
from infra.sealing import secret_for
from services.intake.api import READ, SUBMIT, native
from services.intake.commands import Commands
from services.intake.domain.catalogue import Catalogue
from services.intake.domain.possible import possible
from services.intake.domain.questions import offers_of
from services.intake.gateway import Gateway
from services.intake.index.overview_api import overview_interface
from services.intake.index.routes import cases_interface
from services.intake.index.views import IndexViews
from services.intake.open311 import City, Open311
from services.intake.open311_documents import find_key, render
from services.intake.open311_form import Defaults
from services.intake.open311_names import ANSWER, FORM, REPEATABLE
from services.intake.own_api import OwnApi, own
from services.intake.place_api import PlaceApi, place_interface
from services.intake.place_documents import PlaceView
from services.intake.proofs import Proofs
from services.intake.reception_api import ReceptionApi, reception
from services.intake.reception_views import ReceptionViews, answers_for, post_of
from services.intake.request_api import RequestApi, request_endpoints
from services.intake.settings import IntakeSettings
from services.intake.upload_api import FILE
from services.intake.uploads import UploadDesk

VERSION = "1.0.0"
BOTH = ("application/json", "text/xml")


def mount(
    application: Application[Any],
    settings: IntakeSettings,
    catalogue: Callable[[], Catalogue],
    city: Callable[[], City],
    view: Callable[[], PlaceView],
    uploads: UploadDesk,
    views: IndexViews,
) -> None:
    """Serve intake over HTTP. The functions return catalogue, city and view of the version in force.

    The channels of a place may change while the service runs, so a key for a channel that the place does not have is
    no error at start: its submissions are refused as `channel-unknown`.
    """
    keys = KeyFile.of(settings, "intake", kind_of, "channel", "unit")
    outgoing = HttpPublisher(application.publisher, application.health.not_ready)
    gateway = Gateway(
        outgoing,
        application.store,
        application.clock,
        catalogue,
        uploads,
        secret_for("receipts", settings.dead_letter_key.get_secret_value()),
        views,
    )
    seconds = settings.files_seconds
    proofs, commands = Proofs(gateway, settings.rating_key), Commands(gateway, views.index)

    def may_speak(channel: str, post: str) -> bool:
        return catalogue().directory.may_speak(channel, post)

    def admit(caller: Caller) -> None:
        """Refuse a channel's token whose post may not speak for the channel."""
        if caller.key is not None and caller.key.kind == "channel":
            caller.channel(may_speak)

    interfaces = (
        native(gateway, proofs, views.index, seconds, request_endpoints(RequestApi(proofs, commands), SUBMIT, READ)),
        own(OwnApi(proofs, commands, uploads), seconds, uploads),
        reception(_clerks(application, settings, catalogue, uploads, outgoing)),
        cases_interface(views, READ),
        overview_interface(views, READ),
        place_interface(PlaceApi(view, application.clock)),
        georeport(Open311(gateway, city), uploads, seconds),
    )
    application.mount(
        HttpSide(
            "Xiaoneng: intake",
            VERSION,
            interfaces,
            keys=application.watched(keys),
            tracing=application.tracing,
            metrics=application.metrics,
            limits=Limits(settings.http_body_bytes, settings.http_seconds),
            admit=admit,
        )
    )


def _clerks(
    application: Application[Any],
    settings: IntakeSettings,
    catalogue: Callable[[], Catalogue],
    uploads: UploadDesk,
    outgoing: HttpPublisher,
) -> ReceptionApi:
    """The handlers for the clerks of centres."""

    def may_act(unit: str, post: str) -> bool:
        return catalogue().directory.may_act(unit, post)

    return ReceptionApi(
        ReceptionViews(
            application.store,
            uploads.files,
            application.clock,
            lambda case, id, unit, post: possible(case, id, unit, post, catalogue(), application.clock()),
        ),
        outgoing,
        application.outcomes,
        Seen(application.store, CaseRegistered.TOPIC, ReceptionRequested.TOPIC, answers_for, post_of),
        Streams(settings.kafka_bootstrap, lambda: application.health.stopping),
        application.clock,
        lambda unit: unit in catalogue().tree.parents,
        may_act,
        uploads.objects,
    )


def city_of(
    tables: Mapping[str, Mapping[str, Any]], catalogue: Catalogue, public_url: str | None, changed_at: datetime
) -> City:
    """What Open311 says of the place: its file `place`, table `open311`; `changed_at` is when this version came."""
    said: Mapping[str, Any] = tables["place"].get("open311", {})
    return City(
        jurisdiction_id=said.get("jurisdiction_id", ""),
        contact=said.get("contact", ""),
        key_service=said.get("key_service", ""),
        changed_at=changed_at.replace(microsecond=0),
        timezone=catalogue.timezone,
        offers=offers_of(tables),
        defaults=Defaults(
            area=said.get("area", next(iter(catalogue.jurisdictions))),
            appeal=AppealType(said.get("appeal", AppealType.REQUEST)),
        ),
        public_url=public_url,
    )


def georeport(open311: Open311, uploads: UploadDesk, upload_seconds: float) -> Interface:
    """Open311 GeoReport v2; a report with files may take so long."""
    jurisdiction = Parameter("jurisdiction_id", "query", "may be left out: there is one")
    format = Parameter("format", "path", "of the answer", {"type": "string", "enum": ["json", "xml"]})
    key = Parameter("api_key", "query", "of the channel")
    base = (format, jurisdiction)
    fault = {"type": "array", "items": {"type": "object", "required": ["code", "description"]}}
    errors = {
        400: Answer("not as the standard asks: every fault", media_types=BOTH, schema=fault),
        404: Answer("no such service, request, token or jurisdiction", media_types=BOTH, schema=fault),
        429: Answer("too many requests: Retry-After", media_types=BOTH, schema=fault),
        503: Answer("broker or database away: Retry-After", media_types=BOTH, schema=fault),
    }
    wrong_type = {415: Answer("no form; asked before the key", media_types=BOTH, schema=fault)}
    keyed = {**errors, 403: Answer("no key, or not a known one", media_types=BOTH, schema=fault)}
    listed = Answer("a list", media_types=BOTH, schema={"type": "array", "items": {"type": "object"}})
    single = Answer("a document", media_types=BOTH, schema={"type": "object"})
    root = "/open311/v2"
    span = (
        Parameter("service_request_id", "query", "numbers, comma separated; the other filters are passed over then"),
        Parameter("service_code", "query", "comma separated"),
        Parameter("start_date", "query", "of requested_datetime, from; a day or a time, RFC 3339; 90 days at most"),
        Parameter("end_date", "query", "of requested_datetime, to and with; a day or a time, RFC 3339"),
        Parameter("status", "query", "open, closed or both"),
        Parameter("page", "query", "from 1", {"type": "integer"}),
        Parameter("page_size", "query", "50 where left out, 200 at most", {"type": "integer"}),
    )
    return Interface(
        "open311",
        "Open311 GeoReport v2, in JSON and XML. Requests are those of the key's channel.",
        (
            Endpoint(
                "GET",
                "/open311/discovery.{format}",
                open311.discovery,
                "Service discovery",
                {200: single, **errors},
                parameters=(format,),
            ),
            Endpoint(
                "GET",
                root + "/services.{format}",
                open311.services,
                "Every kind of matter",
                {200: listed, **errors},
                parameters=base,
            ),
            Endpoint(
                "GET",
                root + "/services/{service_code}.{format}",
                open311.definition,
                "What one kind asks",
                {200: single, **errors},
                parameters=(Parameter("service_code", "path", "of the list"), *base),
            ),
            Endpoint(
                "POST",
                root + "/requests.{format}",
                open311.report,
                "Report; a token, or the id of a known request",
                {200: listed, **keyed, **wrong_type},
                right=SUBMIT,
                body_schema=FORM_SCHEMA,
                body_types=(FORM_TYPE,),
                form=uploads.form(MOST_ATTACHMENTS, "media"),
                form_schema=FORM_WITH_FILES,
                seconds=upload_seconds,
                parameters=(format,),
                commands=(SubmitComplaint,),
            ),
            Endpoint(
                "GET",
                root + "/requests.{format}",
                open311.requests,
                "Requests of the channel",
                {200: listed, **keyed},
                right=READ,
                parameters=(*base, key, *span),
            ),
            Endpoint(
                "GET",
                root + "/requests/{service_request_id}.{format}",
                open311.request,
                "One request of the channel",
                {200: listed, **keyed},
                right=READ,
                parameters=(Parameter("service_request_id", "path", "its number"), *base, key),
            ),
            Endpoint(
                "GET",
                root + "/media/{file_id}",
                open311.media,
                "A file of a request of the channel: what `media_url` names",
                {200: FILE, **keyed},
                right=READ,
                parameters=(Parameter("file_id", "path", "as in `media_url`"), key),
            ),
            Endpoint(
                "GET",
                root + "/tokens/{token}.{format}",
                open311.token,
                "The id that a token has become",
                {200: listed, **errors},
                parameters=(Parameter("token", "path", "as POST returned it"), *base),
            ),
        ),
        prefix="/open311/",
        find_key=find_key,
        key_in_form=True,
        render=render,
        key_places=({"type": "apiKey", "in": "query", "name": "api_key"},),
        client="channel",
    )


FORM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["service_code"],
    "properties": {
        **{name: {"type": "string", "description": says} for name, says in FORM.items()},
        **{
            name: {"type": "array", "items": {"type": "string"}, "description": says}
            for name, says in REPEATABLE.items()
        },
        ANSWER: {
            "type": "string",
            "description": "answer to a question of the service; attribute[code][]=… for several",
        },
    },
}
"""The form of POST requests."""

FORM_WITH_FILES = {
    **FORM_SCHEMA,
    "properties": {
        **FORM_SCHEMA["properties"],
        "media": {
            "type": "array",
            "items": {"type": "string", "format": "binary"},
            "description": "photos, papers and recordings themselves; their names are not kept",
        },
    },
}
"""The same as `multipart/form-data`."""
