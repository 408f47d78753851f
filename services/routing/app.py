"""Routing on one page: what it reads, keeps, writes and serves."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path

from contracts.asyncapi import document
from contracts.place_topics import owned_topics
from contracts.reference_faults import faults_of
from contracts.routing import AssignmentOffered, CaseAssigned
from contracts.speakers import kind_of
from contracts.topics import REGISTRY
from infra.app import Application, clock_of
from infra.erasing import Eraser
from infra.http.key_file import KeyFile
from infra.http.publishing import HttpPublisher
from infra.http.seen import Seen
from infra.http.serving import HttpSide, Limits
from infra.http.streaming import Streams
from infra.objects.settings import object_store
from infra.reading import Input, by_case
from infra.reference import Reference
from infra.service import Service
from infra.store import Store
from services.routing.api import StaffApi, staff
from services.routing.domain.case import Case
from services.routing.domain.decide import FROM_INTAKE, Rules
from services.routing.domain.dispatch import DispatchPolicy
from services.routing.domain.evidence import cites_files
from services.routing.domain.guards import has_to_do_with, may_get
from services.routing.domain.possible import possible
from services.routing.leaving import cases_of_missing_units
from services.routing.settings import RoutingSettings
from services.routing.suggestions import Suggestion, SuggestionsError, Weights
from services.routing.uploads import EvidenceUploads
from services.routing.views import INDEXES, Views, post_of

log = logging.getLogger(__name__)


def build(settings: RoutingSettings) -> Application[Case]:
    """The service, ready to be served."""
    store = Store(settings.mongo_uri.get_secret_value(), f"{settings.mongo_database}_routing", INDEXES)
    reference = Reference(
        settings,
        lambda version, tables: Rules(DispatchPolicy.from_tables(version, tables)),
        check=faults_of,
        accept=lambda files: cases_of_missing_units(store, files),
    )
    uploads = EvidenceUploads(
        store,
        object_store(settings),
        clock_of(settings),
        most_bytes=settings.files_most_bytes,
        uncited=settings.files_uncited,
        at_once=settings.files_at_once,
    )
    eraser = Eraser(uploads.erase)
    service = Service(
        name="routing",
        inputs=(
            Input(REGISTRY["cases.events"], wanted=FROM_INTAKE),
            Input(REGISTRY["routing.followers"]),
            Input(REGISTRY["handling.{unit}"], trusted=False, identify=by_case),
        ),
        outputs=(REGISTRY["routing.events"], REGISTRY["routing.followers"], REGISTRY["assignments.{unit}"]),
        redrive=REGISTRY["redrive.{service}"],
        state=Case,
        decide=reference.now(lambda rules: rules.decide),
        due=Rules.due,
        is_open=lambda case: not case.closed,
        prepare=uploads.prepare,
        needs=cites_files,
        perform=eraser.perform,
    )
    application = Application(
        service,
        settings,
        store,
        asyncapi=partial(document, "routing"),
        reference=reference,
        owned=owned_topics,
    )
    eraser.record = application.record
    application.background += [eraser.work, uploads.sweep]
    application.closers.append(uploads.close)
    _mount(application, settings, lambda: reference.rules, uploads)
    return application


def suggester(path: Path | None, policy: Callable[[], DispatchPolicy]) -> Callable[[Case], tuple[Suggestion, ...]]:
    """Ranks units for a waiting case by what was learned; nothing is suggested where nothing was."""
    if path is None:
        return lambda _: ()
    try:
        weights = Weights.read(path)
    except SuggestionsError as error:
        log.warning("nothing will be suggested", extra={"fields": {"error": str(error)}})
        return lambda _: ()
    return lambda case: weights.rank(case, lambda unit: may_get(case, unit, policy()) is None)


def _mount(
    application: Application[Case], settings: RoutingSettings, rules: Callable[[], Rules], uploads: EvidenceUploads
) -> None:
    """Staff apps are served over HTTP. Raises `KeysError`."""

    def policy() -> DispatchPolicy:
        return rules().policy

    def may_act(unit: str, post: str) -> bool:
        return policy().posts.has(unit, post)

    def may_see(case: Case, unit: str) -> bool:
        return has_to_do_with(case, unit, policy())

    api = StaffApi(
        Views(
            application.store,
            may_see,
            lambda id, case, unit, post: possible(rules(), id, case, unit, post, application.clock()),
            suggester(settings.suggestions, policy),
        ),
        HttpPublisher(application.publisher, application.health.not_ready),
        application.outcomes,
        Seen(
            application.store,
            CaseAssigned.TOPIC,
            AssignmentOffered.TOPIC,
            lambda state, unit: may_see(Case.model_validate(state), unit),
            post_of,
        ),
        Streams(settings.kafka_bootstrap, lambda: application.health.stopping),
        application.clock,
        lambda unit: unit in policy().organisation,
        may_act,
        uploads,
    )
    keys = KeyFile.of(settings, "routing", kind_of, "unit")
    application.mount(
        HttpSide(
            "Xiaoneng: routing",
            "1.0.0",
            (staff(api, uploads, settings.files_seconds),),
            keys=application.watched(keys),
            tracing=application.tracing,
            metrics=application.metrics,
            limits=Limits(settings.http_body_bytes, settings.http_seconds),
        )
    )
