"""Notify on one page: what it reads, keeps, writes, sends and serves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from contracts.asyncapi import document
from contracts.intake import (
    CaseEnded,
    CaseMerged,
    CaseRegistered,
    CaseUnmerged,
    SubmissionRefused,
    SupplementRequested,
)
from contracts.reference_faults import faults_of
from contracts.routing import CaseClosed, CaseReopened, CaseSuspended, DelayExplained
from contracts.scoring import CaseMeasured, CaseRated, RatingRefused
from contracts.topics import REGISTRY
from infra.app import Application, tracing_of
from infra.http.keys import KeyRing as HttpKeys
from infra.http.serving import HttpSide, Limits
from infra.reading import Input
from infra.reference import Reference
from infra.sealing import KeyRing, Sealer, public_key_of
from infra.service import Service
from infra.store import Store
from infra.telemetry import Metrics
from services.notify.crowds import KnownCrowds
from services.notify.domain.house import FROM_CLOCKS as OF_CLOCKS
from services.notify.domain.house import FROM_ROUTING as OF_ROUTING
from services.notify.domain.kept import Kept
from services.notify.domain.measure import FROM_MEASURES
from services.notify.domain.publication_rules import key_of_publicity
from services.notify.domain.rules import Rules
from services.notify.open_side import open_side
from services.notify.papers import INDEXES as OF_PAPERS
from services.notify.providers.configuration import Configuration
from services.notify.providers.delivery import Delivery
from services.notify.providers.metrics import DeliveryMetrics
from services.notify.providers.outlets import outlets_of
from services.notify.publication_views import INDEXES as OF_PUBLICATIONS
from services.notify.resealing import Resealer
from services.notify.settings import NotifySettings
from services.notify.writing import Writer

FROM_INTAKE = (CaseRegistered, SubmissionRefused, CaseEnded, SupplementRequested, CaseMerged, CaseUnmerged)
FROM_ROUTING = (CaseClosed, CaseSuspended, DelayExplained, CaseReopened, *OF_ROUTING)
FROM_SCORING = (CaseMeasured, CaseRated, RatingRefused, *OF_CLOCKS)
OUTPUTS = (
    "notices.events",
    "notices.owed",
    "replies.{channel}",
    "published.{unit}",
    "publications.owed",
    "board.events",
)
INDEXES = (("until",), ("silences.what",), ("dead_at",), ("to", "owed_at"))
"""Reports; what is silent; what was given up; inboxes. Of what is absent an index holds nothing."""


def build(settings: NotifySettings) -> Application[Kept]:
    """The service, ready to be served. Raises `PlaceError`, `ProvidersError` and `SealingError`."""
    lease = timedelta(seconds=settings.lease_seconds)
    reference = Reference(settings, lambda version, tables: Rules.from_tables(version, tables, lease), check=faults_of)
    tracing, metrics, ring = tracing_of("notify", settings), Metrics.create(), ring_of(settings)
    providers = settings.providers.get_secret_value() if settings.providers else None
    delivery = Delivery(
        outlets_of(Configuration.read(settings.providers_file, providers, settings)),
        ring,
        Writer(lambda: reference.rules.templates, settings.rating_key),
        tracing,
        DeliveryMetrics.create(metrics.registry),
    )
    store = Store(
        settings.mongo_uri.get_secret_value(),
        f"{settings.mongo_database}_notify",
        (*INDEXES, *OF_PAPERS, *OF_PUBLICATIONS),
    )
    crowds = KnownCrowds(store, lambda: reference.rules.board)
    service = Service(
        name="notify",
        inputs=(
            Input(REGISTRY["cases.events"], wanted=FROM_INTAKE),
            Input(REGISTRY["contacts"]),
            Input(REGISTRY["routing.events"], wanted=FROM_ROUTING),
            Input(REGISTRY["scoring.events"], wanted=FROM_SCORING),
            Input(REGISTRY["conduct.{unit}"], wanted=FROM_MEASURES),
            Input(REGISTRY["notices.owed"]),
            Input(REGISTRY["publicity.{unit}"], trusted=False, key=key_of_publicity),
            Input(REGISTRY["publications.owed"]),
            Input(REGISTRY["receipts.{provider}"], trusted=False),
            Input(REGISTRY["notices.redrive"], trusted=False),
        ),
        outputs=tuple(REGISTRY[name] for name in OUTPUTS),
        redrive=REGISTRY["redrive.{service}"],
        state=Kept,
        decide=crowds.watching(reference.now(lambda rules: rules.decide)),
        due=reference.now(lambda rules: rules.due),
        is_open=reference.now(lambda rules: rules.is_open),
        perform=delivery.perform,
    )
    application = Application(
        service,
        settings,
        store,
        asyncapi=document("notify"),
        tracing=tracing,
        metrics=metrics,
        reference=reference,
    )
    resealer = Resealer(store, ring, Sealer(public_key_of(settings.contact_private_key.get_secret_value())))
    delivery.record = resealer.record = application.record
    application.background += [*delivery.tasks, resealer.work, crowds.work]
    application.closers.append(delivery.close)
    _mount(application, settings, lambda: reference.rules)
    return application


def _mount(application: Application[Kept], settings: NotifySettings, rules: Callable[[], Rules]) -> None:
    """Documents, the public screen and publications over HTTP. Raises `KeysError`."""
    interfaces = (*open_side(application, settings, rules),)
    keys = HttpKeys.read(settings.http_keys_file, settings.http_keys.get_secret_value() if settings.http_keys else None)
    application.mount(
        HttpSide(
            "Xiaoneng: notify",
            "1.0.0",
            interfaces,
            keys=keys,
            tracing=application.tracing,
            metrics=application.metrics,
            limits=Limits(settings.http_body_bytes, settings.http_seconds),
        )
    )


def ring_of(settings: NotifySettings) -> KeyRing:
    """The key in force and those it has replaced. Raises `SealingError`."""
    replaced = settings.contact_replaced_keys.get_secret_value().split(",") if settings.contact_replaced_keys else []
    return KeyRing(settings.contact_private_key.get_secret_value(), *filter(None, map(str.strip, replaced)))
