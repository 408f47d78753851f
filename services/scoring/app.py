"""Scoring on one page: what it reads, keeps, writes and serves."""

from __future__ import annotations

from contracts.asyncapi import document
from contracts.intake import CaseEnded, CaseRegistered, SupplementReceived, SupplementRequested
from contracts.routing import CaseClosed, CaseReopened, CaseResumed, CaseSuspended, ExtensionDecided
from contracts.topics import REGISTRY
from infra.app import Application
from infra.reading import Input
from infra.reference import Reference
from infra.service import Service
from infra.store import Store
from services.scoring.domain.case import Case
from services.scoring.domain.decide import Rules
from services.scoring.domain.limits import Limits
from services.scoring.settings import ScoringSettings


def build(settings: ScoringSettings) -> Application[Case]:
    """The service, ready to be served."""
    reference = Reference(settings, lambda version, tables: Rules(Limits.from_tables(version, tables)))
    service = Service(
        name="scoring",
        inputs=(
            Input(
                REGISTRY["cases.events"], wanted=(CaseRegistered, CaseEnded, SupplementRequested, SupplementReceived)
            ),
            Input(
                REGISTRY["routing.events"],
                wanted=(CaseClosed, CaseSuspended, CaseResumed, ExtensionDecided, CaseReopened),
            ),
            Input(REGISTRY["feedback.{channel}"], trusted=False),
        ),
        outputs=(REGISTRY["scoring.events"],),
        redrive=REGISTRY["redrive.{service}"],
        state=Case,
        decide=reference.now(lambda rules: rules.decide),
        due=reference.now(lambda rules: rules.due),
        is_open=lambda case: case.closed_at is None,
    )
    store = Store(settings.mongo_uri.get_secret_value(), f"{settings.mongo_database}_scoring")
    return Application(service, settings, store, asyncapi=document("scoring"), reference=reference)
