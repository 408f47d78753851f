"""Notify on one page: what it reads, keeps, writes, sends and serves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from contracts.asyncapi import document
from contracts.intake import (
    CaseEnded,
    CaseMerged,
    CaseRegistered,
    CaseUnmerged,
    SubmissionRefused,
    SupplementReceived,
    SupplementRequested,
)
from contracts.message import Message
from contracts.place_topics import owned_topics
from contracts.reference_faults import faults_of
from contracts.routing import (
    AnswerAppealDecided,
    AnswerAppealOpened,
    CaseClosed,
    CaseReopened,
    CaseSuspended,
    ComplainantAsked,
    ComplainantRequestRefused,
    DelayExplained,
)
from contracts.scoring import CaseMeasured, CaseRated, RatingRefused
from contracts.topics import REGISTRY
from infra.app import Application, clock_of, tracing_of
from infra.decision import Effect
from infra.reading import Input
from infra.reference import Reference
from infra.sealing import KeyRing, Sealer, public_key_of
from infra.service import Perform, Service
from infra.store import Store
from infra.telemetry import Metrics
from services.notify.crowds import KnownCrowds
from services.notify.domain.co_handling import OF_PARTS
from services.notify.domain.house import FROM_CLOCKS as OF_CLOCKS
from services.notify.domain.house import FROM_ROUTING as OF_ROUTING
from services.notify.domain.kept import Kept
from services.notify.domain.measure import FROM_MEASURES
from services.notify.domain.oversight import FROM_CONDUCT, FROM_ITEMS, key_of_oversight
from services.notify.domain.publication_rules import key_of_publicity
from services.notify.domain.rules import Rules
from services.notify.http import mount
from services.notify.issuing import Issuing
from services.notify.links import NoticeLinks
from services.notify.printing.press import Press
from services.notify.providers.configuration import Configuration
from services.notify.providers.delivery import Delivery
from services.notify.providers.metrics import DeliveryMetrics
from services.notify.providers.outlets import outlets_of
from services.notify.resealing import Resealer
from services.notify.settings import NotifySettings
from services.notify.silence_views import SilenceCounts
from services.notify.writing import Writer

FROM_INTAKE = (
    *(CaseRegistered, SubmissionRefused, CaseEnded),
    *(SupplementRequested, SupplementReceived, CaseMerged, CaseUnmerged),
)
FROM_ROUTING = (
    *(CaseClosed, CaseSuspended, DelayExplained, CaseReopened),
    *(ComplainantAsked, ComplainantRequestRefused, AnswerAppealOpened, AnswerAppealDecided),
    *(*OF_ROUTING, *OF_PARTS),
)
FROM_SCORING = (CaseMeasured, CaseRated, RatingRefused, *OF_CLOCKS)
OUTPUTS = (
    "notices.events",
    "notices.owed",
    "replies.{channel}",
    "published.{unit}",
    "publications.owed",
    "board.events",
)
INDEXES = (("filed",), ("until",), ("to", "owed_at"))
"""What a document is filed under; reports; inboxes. Every index costs each write, whatever is in it."""


def build(settings: NotifySettings) -> Application[Kept]:
    """The service, ready to be served. Raises `PlaceError`, `ProvidersError` and `SealingError`."""
    lease = timedelta(seconds=settings.lease_seconds)
    reference = Reference(settings, lambda version, tables: Rules.from_tables(version, tables, lease), check=faults_of)
    store = Store(settings.mongo_uri.get_secret_value(), f"{settings.mongo_database}_notify", INDEXES)
    tracing, metrics, ring = tracing_of("notify", settings), Metrics.create(), ring_of(settings)
    providers = settings.providers.get_secret_value() if settings.providers else None
    configuration = Configuration.read(settings.providers_file, providers, settings)
    delivery = Delivery(
        outlets_of(configuration),
        ring,
        Writer(
            lambda: reference.rules.templates,
            settings.rating_key,
            NoticeLinks(settings.rating_key, settings.citizen_url, settings.desk_url),
            configuration.sms,
        ),
        tracing,
        DeliveryMetrics.create(metrics.registry),
        store.files.find,
        country=lambda: reference.rules.policy.country,
    )
    press = Press()
    issuing = Issuing(store, press, lambda: reference.rules.policy, clock_of(settings), settings.tick_seconds)
    counts = SilenceCounts(store, metrics.registry)
    crowds = KnownCrowds(store, lambda: reference.rules.board)
    service = Service(
        name="notify",
        inputs=(
            Input(REGISTRY["cases.events"], wanted=FROM_INTAKE),
            Input(REGISTRY["contacts"]),
            Input(REGISTRY["routing.events"], wanted=FROM_ROUTING),
            Input(REGISTRY["scoring.events"], wanted=FROM_SCORING),
            Input(REGISTRY["watch.{system}"], wanted=FROM_ITEMS, key=key_of_oversight),
            Input(REGISTRY["conduct.{unit}"], wanted=(*FROM_CONDUCT, *FROM_MEASURES), key=key_of_conduct),
            Input(REGISTRY["notices.owed"]),
            Input(REGISTRY["publicity.{unit}"], trusted=False, key=key_of_publicity),
            Input(REGISTRY["publications.owed"]),
            Input(REGISTRY["receipts.{provider}"], trusted=False),
            Input(REGISTRY["notices.redrive"], trusted=False),
        ),
        outputs=tuple(REGISTRY[name] for name in OUTPUTS),
        redrive=REGISTRY["redrive.{service}"],
        state=Kept,
        decide=crowds.watching(counts.counting(reference.now(lambda rules: rules.decide))),
        due=reference.now(lambda rules: rules.due),
        is_open=reference.now(lambda rules: rules.is_open),
        perform=each_of(delivery.perform, issuing.perform),
    )
    application = Application(
        service,
        settings,
        store,
        asyncapi=partial(document, "notify"),
        tracing=tracing,
        metrics=metrics,
        reference=reference,
        owned=owned_topics,
    )
    resealer = Resealer(store, ring, Sealer(public_key_of(settings.contact_private_key.get_secret_value())))
    delivery.record = resealer.record = issuing.record = application.record
    application.background += [*delivery.tasks, resealer.work, counts.work, crowds.work, issuing.look, issuing.work]
    application.closers += [delivery.close, issuing.close]
    mount(application, settings, lambda: reference.rules, press)
    return application


def key_of_conduct(message: Message, parameter: str | None) -> str:
    """A measure is kept under its own key; everything else begins a notice to a unit."""
    return message.key if isinstance(message, FROM_MEASURES) else key_of_oversight(message, parameter)


def each_of(*performers: Perform) -> Perform:
    """Each of them is shown all effects, and does those that are its own."""

    async def perform(effects: Sequence[Effect]) -> None:
        for each in performers:
            await each(effects)

    return perform


def ring_of(settings: NotifySettings) -> KeyRing:
    """The key in force and those it has replaced. Raises `SealingError`."""
    replaced = settings.contact_replaced_keys.get_secret_value().split(",") if settings.contact_replaced_keys else []
    return KeyRing(settings.contact_private_key.get_secret_value(), *filter(None, map(str.strip, replaced)))
