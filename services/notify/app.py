"""Notify on one page: what it reads, keeps, writes, sends and serves."""

from __future__ import annotations

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
from contracts.routing import CaseClosed, CaseReopened, CaseSuspended, DelayExplained
from contracts.scoring import CaseRated, ClockExtended, RatingRefused
from contracts.topics import REGISTRY
from infra.app import Application, tracing_of
from infra.reading import Input
from infra.sealing import KeyRing, Sealer, public_key_of
from infra.service import Service
from infra.store import Store
from services.notify.domain.case import Case
from services.notify.domain.decide import Rules
from services.notify.domain.notices import next_attempt
from services.notify.mail import MailRoom
from services.notify.resealing import Resealer
from services.notify.settings import NotifySettings


def build(settings: NotifySettings) -> Application[Case]:
    """The service, ready to be served."""
    tracing = tracing_of("notify", settings)
    ring = ring_of(settings)
    room = MailRoom(settings, ring, tracing)
    service = Service(
        name="notify",
        inputs=(
            Input(
                REGISTRY["cases.events"],
                wanted=(CaseRegistered, SubmissionRefused, CaseEnded, SupplementRequested, CaseMerged, CaseUnmerged),
            ),
            Input(REGISTRY["contacts"]),
            Input(
                REGISTRY["routing.events"],
                wanted=(CaseClosed, CaseSuspended, DelayExplained, CaseReopened),
            ),
            Input(REGISTRY["scoring.events"], wanted=(CaseRated, RatingRefused, ClockExtended)),
        ),
        outputs=(REGISTRY["notices.events"], REGISTRY["replies.{channel}"]),
        redrive=REGISTRY["redrive.{service}"],
        state=Case,
        decide=Rules(timedelta(seconds=settings.lease_seconds)).decide,
        due=next_attempt,
        is_open=lambda case: case.answer is None or next_attempt(case) is not None,
        perform=room.perform,
    )
    store = Store(settings.mongo_uri.get_secret_value(), f"{settings.mongo_database}_notify")
    application = Application(service, settings, store, asyncapi=document("notify"), tracing=tracing)
    resealer = Resealer(store, ring, Sealer(public_key_of(settings.contact_private_key.get_secret_value())))
    room.record = resealer.record = application.record
    application.background += [*(room.work for _ in range(settings.smtp_connections)), room.report, resealer.work]
    application.closers.append(room.close)
    return application


def ring_of(settings: NotifySettings) -> KeyRing:
    """The key in force and those it has replaced. Raises `SealingError`."""
    replaced = settings.contact_replaced_keys.get_secret_value().split(",") if settings.contact_replaced_keys else []
    return KeyRing(settings.contact_private_key.get_secret_value(), *filter(None, map(str.strip, replaced)))
