"""Scoring on one page: what it reads, keeps, writes and serves."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from contracts.asyncapi import document
from contracts.place_topics import owned_topics
from contracts.reference_faults import faults_of
from contracts.speakers import kind_of
from contracts.topics import REGISTRY
from infra.app import Application
from infra.http.key_file import KeyFile
from infra.http.publishing import HttpPublisher
from infra.http.serving import HttpSide
from infra.http.serving import Limits as HttpLimits
from infra.http.streaming import Streams
from infra.reading import Input, by_case
from infra.reference import Reference
from infra.service import Service
from infra.store import Store
from services.scoring.asking import Asking
from services.scoring.assessment_api import AssessmentApi, assessments
from services.scoring.assessment_views import AssessmentViews
from services.scoring.calendar_api import CalendarApi, working_days
from services.scoring.clock_api import ClockApi, clocks
from services.scoring.clock_views import INDEXES, ClockViews
from services.scoring.conduct_api import ConductApi, conduct
from services.scoring.conduct_views import ConductViews
from services.scoring.domain.aggregate import Aggregate
from services.scoring.domain.case_rules import FROM_INTAKE, FROM_ROUTING
from services.scoring.domain.conduct.keys import key_of_oversight
from services.scoring.domain.decide import Rules
from services.scoring.domain.item import identify_item, key_of_item
from services.scoring.domain.limits import Limits
from services.scoring.domain.scores.assessment import key_of_assessment
from services.scoring.domain.scores.handling import MESSAGES, key_of_handling
from services.scoring.item_api import ItemApi, items
from services.scoring.item_status import ItemStatusViews
from services.scoring.known_cases import KnownCases
from services.scoring.oversight_api import OversightApi, oversight
from services.scoring.oversight_views import OversightViews
from services.scoring.reckoning import Reckoning
from services.scoring.score_api import ScoreApi, scores
from services.scoring.score_views import INDEXES as OF_SCORES
from services.scoring.score_views import ScoreViews
from services.scoring.settings import ScoringSettings
from services.scoring.waiting import WaitingViews

OUTPUTS = ("scoring.events", "scoring.conduct", "watch.{system}", "assessed.{body}", "conduct.{unit}")


def build(settings: ScoringSettings) -> Application[Aggregate]:
    """The service, ready to be served."""
    reference = Reference(
        settings,
        lambda version, tables: Rules.from_tables(version, tables, rating_key=settings.rating_key),
        check=faults_of,
    )
    store = Store(settings.mongo_uri.get_secret_value(), f"{settings.mongo_database}_scoring", (*INDEXES, *OF_SCORES))
    service = Service(
        name="scoring",
        inputs=(
            Input(REGISTRY["cases.events"], wanted=FROM_INTAKE),
            Input(REGISTRY["routing.events"], wanted=FROM_ROUTING),
            Input(REGISTRY["feedback.{channel}"], trusted=False, identify=by_case),
            Input(REGISTRY["items.{system}"], trusted=False, key=key_of_item, identify=identify_item),
            Input(REGISTRY["scoring.events"], wanted=MESSAGES, key=key_of_handling),
            Input(REGISTRY["assessments.{body}"], trusted=False, key=key_of_assessment),
            Input(REGISTRY["oversight.{unit}"], trusted=False, key=key_of_oversight),
            Input(REGISTRY["scoring.conduct"]),
        ),
        outputs=tuple(REGISTRY[name] for name in OUTPUTS),
        redrive=REGISTRY["redrive.{service}"],
        state=Aggregate,
        decide=reference.now(lambda rules: rules.decide),
        due=reference.now(lambda rules: rules.due),
        crowds=True,
        is_open=reference.now(lambda rules: rules.is_open),
        prepare=KnownCases(store).prepare,
    )
    application = Application(
        service,
        settings,
        store,
        asyncapi=partial(document, "scoring"),
        reference=reference,
        owned=owned_topics,
    )
    reckoning = Reckoning(store, lambda: reference.rules.limits.calendar.version)
    reckoning.record = application.record
    application.background.append(reckoning.work)
    _mount(application, settings, lambda: reference.rules)
    return application


def _mount(application: Application[Aggregate], settings: ScoringSettings, rules: Callable[[], Rules]) -> None:
    """Clocks, scores, accountability, assessments and items over HTTP. Raises `KeysError`."""

    def limits() -> Limits:
        return rules().limits

    asking = Asking(limits)
    store, clock = application.store, application.clock
    clock_api = ClockApi(ClockViews(store, limits), clock, asking)
    outgoing = HttpPublisher(application.publisher, application.health.not_ready)
    streams = Streams(settings.kafka_bootstrap, lambda: application.health.stopping)
    outcomes = application.outcomes
    conduct_views = ConductViews(store, limits, lambda: rules().conduct)
    conduct_api = ConductApi(conduct_views, outgoing, outcomes, streams, clock, asking)
    oversight_api = OversightApi(
        OversightViews(store, limits),
        WaitingViews(store, conduct_views, lambda: rules().conduct, lambda: rules().scores),
        lambda: rules().conduct,
        clock,
        asking,
    )
    score_views = ScoreViews(store)
    score_api = ScoreApi(score_views, lambda: rules().scores, asking)
    assessment_api = AssessmentApi(
        AssessmentViews(score_views.entries, lambda: rules().scores),
        outgoing,
        outcomes,
        streams,
        clock,
        asking,
        lambda: rules().bodies,
        lambda: rules().scores,
    )
    item_views = ItemStatusViews(store, limits, clock)
    item_api = ItemApi(item_views, outgoing, outcomes, streams, clock, lambda: rules().systems)
    calendar_api = CalendarApi(lambda: limits().calendar)
    keys = KeyFile.of(settings, "scoring", kind_of, "unit", "system")
    application.mount(
        HttpSide(
            "Xiaoneng: scoring",
            "1.0.0",
            (
                clocks(clock_api),
                scores(score_api),
                oversight(oversight_api),
                conduct(conduct_api),
                assessments(assessment_api),
                items(item_api),
                working_days(calendar_api),
            ),
            keys=application.watched(keys),
            tracing=application.tracing,
            metrics=application.metrics,
            limits=HttpLimits(settings.http_body_bytes, settings.http_seconds),
        )
    )
