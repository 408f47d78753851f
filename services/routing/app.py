"""Routing on one page: what it reads, keeps, writes and serves."""

from __future__ import annotations

from contracts.asyncapi import document
from contracts.intake import CaseEnded, CaseRegistered, CaseReleased
from contracts.topics import REGISTRY
from infra.app import Application
from infra.reading import Input
from infra.reference import Reference
from infra.service import Service
from infra.store import Store
from services.routing.domain.case import Case
from services.routing.domain.decide import Rules
from services.routing.domain.dispatch import DispatchPolicy
from services.routing.leaving import cases_of_missing_units
from services.routing.settings import RoutingSettings


def build(settings: RoutingSettings) -> Application[Case]:
    """The service, ready to be served."""
    store = Store(settings.mongo_uri.get_secret_value(), f"{settings.mongo_database}_routing")
    reference = Reference(
        settings,
        lambda version, tables: Rules(DispatchPolicy.from_tables(version, tables)),
        accept=lambda files: cases_of_missing_units(store, files),
    )
    service = Service(
        name="routing",
        inputs=(
            Input(REGISTRY["cases.events"], wanted=(CaseRegistered, CaseReleased, CaseEnded)),
            Input(REGISTRY["handling.{unit}"], trusted=False),
        ),
        outputs=(REGISTRY["routing.events"], REGISTRY["assignments.{unit}"]),
        redrive=REGISTRY["redrive.{service}"],
        state=Case,
        decide=reference.now(lambda rules: rules.decide),
        due=Rules.due,
        is_open=lambda case: not case.closed,
    )
    return Application(service, settings, store, asyncapi=document("routing"), reference=reference)
