"""Scoring on one page: what it reads, keeps, writes and serves."""

from __future__ import annotations

from collections.abc import Callable

from contracts.asyncapi import document
from contracts.topics import REGISTRY
from infra.app import Application
from infra.http.keys import KeyRing
from infra.http.serving import HttpSide
from infra.http.serving import Limits as HttpLimits
from infra.reading import Input
from infra.reference import Reference
from infra.service import Service
from infra.store import Store
from services.scoring.clock_api import ClockApi, clocks
from services.scoring.clock_views import INDEXES, ClockViews
from services.scoring.domain.aggregate import Aggregate
from services.scoring.domain.case_rules import FROM_INTAKE, FROM_ROUTING
from services.scoring.domain.decide import Rules
from services.scoring.domain.item import key_of_item
from services.scoring.domain.limits import Limits
from services.scoring.reckoning import Reckoning
from services.scoring.settings import ScoringSettings


def build(settings: ScoringSettings) -> Application[Aggregate]:
    """The service, ready to be served."""
    reference = Reference(settings, Rules.from_tables)
    service = Service(
        name="scoring",
        inputs=(
            Input(REGISTRY["cases.events"], wanted=FROM_INTAKE),
            Input(REGISTRY["routing.events"], wanted=FROM_ROUTING),
            Input(REGISTRY["feedback.{channel}"], trusted=False),
            Input(REGISTRY["items.{system}"], trusted=False, key=key_of_item),
        ),
        outputs=(REGISTRY["scoring.events"], REGISTRY["watch.{system}"]),
        redrive=REGISTRY["redrive.{service}"],
        state=Aggregate,
        decide=reference.now(lambda rules: rules.decide),
        due=reference.now(lambda rules: rules.due),
        is_open=reference.now(lambda rules: rules.is_open),
    )
    store = Store(settings.mongo_uri.get_secret_value(), f"{settings.mongo_database}_scoring", INDEXES)
    application = Application(service, settings, store, asyncapi=document("scoring"), reference=reference)
    reckoning = Reckoning(store, lambda: reference.rules.limits.calendar.version)
    reckoning.record = application.record
    application.background.append(reckoning.work)
    _mount(application, settings, lambda: reference.rules.limits)
    return application


def _mount(application: Application[Aggregate], settings: ScoringSettings, limits: Callable[[], Limits]) -> None:
    """Clocks are shown over HTTP. Raises `KeysError`."""
    views = ClockViews(application.store, limits)
    api = ClockApi(views, application.clock, lambda unit: unit in limits().units)
    keys = KeyRing.read(settings.http_keys_file, settings.http_keys.get_secret_value() if settings.http_keys else None)
    application.mount(
        HttpSide(
            "Xiaoneng: scoring",
            "1.0.0",
            (clocks(api),),
            keys=keys,
            tracing=application.tracing,
            metrics=application.metrics,
            limits=HttpLimits(settings.http_body_bytes, settings.http_seconds),
        )
    )
