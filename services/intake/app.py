"""Intake on one page: what it reads, keeps, writes and serves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from contracts.asyncapi import document
from contracts.channel import Contact, SubmitComplaint, SupplementComplaint
from contracts.clerking import MergeCase
from contracts.message import Message, case_id_for, field_of
from contracts.place_topics import owned_topics
from contracts.reference_faults import faults_of
from contracts.topics import REGISTRY
from infra.app import Application, clock_of
from infra.clock import system_clock
from infra.decision import Identity
from infra.erasing import Eraser
from infra.objects.settings import object_store
from infra.reading import Arrival, Input, by_case
from infra.reference import Reference
from infra.sealing import Sealer, secret_for
from infra.service import Service
from infra.store import Store
from services.intake.completing import Completer
from services.intake.domain.attaching import StoredFile, file_ids
from services.intake.domain.catalogue import Catalogue
from services.intake.domain.decide import FROM_ROUTING, FromChannel, Rules
from services.intake.domain.numbering import Numbers
from services.intake.domain.registration import Registration
from services.intake.domain.repeats import Supplies, earlier_of
from services.intake.domain.submission import faults
from services.intake.erasing import erasing
from services.intake.http import city_of, mount
from services.intake.index.case_index import CaseIndex
from services.intake.index.following import Follower
from services.intake.index.metrics import measure
from services.intake.index.place import IndexPlace
from services.intake.index.views import IndexViews
from services.intake.open311 import City
from services.intake.place_documents import PlaceView
from services.intake.reception_views import HELD_INDEX
from services.intake.settings import IntakeSettings
from services.intake.status import COMPLAINANT, INDEXES, REGISTERED_AT
from services.intake.uploads import UploadDesk

MOST_EARLIER = 2_000
"""Earlier complaints that one batch is compared with."""


def case_of(message: Message, channel: str | None) -> str:
    """The case a submission is about: by the channel that its topic proves, not the one it claims."""
    if not isinstance(message, FromChannel):
        raise TypeError(f"{type(message).__name__} does not come from a channel")
    return case_id_for(channel or message.channel, message.external_id)


def identify_case(body: Mapping[str, object], channel: str | None) -> Identity | None:
    """The case of a submission that names its reference, though something else of it does not fit."""
    external_id = field_of(SubmitComplaint, "external_id", body)
    return Identity(case_id_for(channel, external_id), external_id) if channel and external_id else None


@dataclass(frozen=True)
class Reception:
    """What intake builds from one version of the place: its rules, and what its HTTP side offers."""

    rules: Rules
    city: City
    places: IndexPlace
    view: PlaceView


def build(settings: IntakeSettings) -> Application[Registration]:
    """The service, ready to be served."""
    sealer = Sealer(settings.contact_public_key)
    trace_key = secret_for("traces", settings.dead_letter_key.get_secret_value())
    place_id = settings.policies.resolve().name

    def reception(version: str, tables: Mapping[str, Mapping[str, Any]]) -> Reception:
        catalogue = Catalogue.from_tables(version, tables)
        rules = Rules(catalogue, sealer.seal, sealer.key_id, trace_key)
        city = city_of(tables, catalogue, settings.http_public_url, system_clock())
        return Reception(rules, city, IndexPlace.from_tables(tables), PlaceView(place_id, version, tables))

    reference = Reference(settings, reception, check=faults_of)
    store = Store(settings.mongo_uri.get_secret_value(), f"{settings.mongo_database}_intake", (*INDEXES, HELD_INDEX))
    uploads = UploadDesk(
        store,
        object_store(settings),
        clock_of(settings),
        most_bytes=settings.files_most_bytes,
        uncited=settings.files_uncited,
        at_once=settings.files_at_once,
    )
    eraser, completer = Eraser(erasing(store, uploads)), Completer(store)
    service = Service(
        name="intake",
        inputs=(
            Input(REGISTRY["complaints.{channel}"], key=case_of, trusted=False, identify=identify_case),
            Input(REGISTRY["clerking.{unit}"], trusted=False, identify=by_case),
            Input(REGISTRY["routing.events"], wanted=FROM_ROUTING),
        ),
        outputs=(REGISTRY["cases.events"], REGISTRY["contacts"], REGISTRY["reception.{unit}"]),
        redrive=REGISTRY["redrive.{service}"],
        state=Registration,
        decide=reference.now(lambda now: now.rules.decide),
        due=Rules.due,
        is_open=Rules.is_open,
        prepare=Pantry(lambda: reference.rules.rules, store, uploads).prepare,
        perform=eraser.perform,
    )
    application = Application(
        service,
        settings,
        store,
        asyncapi=partial(document, "intake"),
        reference=reference,
        owned=owned_topics,
    )
    eraser.record = application.record
    index = CaseIndex(str(index_file(settings)), settings.mongo_database)
    follower = Follower(index, store, settings.kafka_bootstrap, application.clock)
    views = IndexViews(
        index,
        lambda: reference.rules.places,
        lambda telephone: reference.rules.rules.complainant_of(Contact(phone=telephone)),
        application.clock,
    )
    measure(index, application.metrics.registry)
    application.background += [eraser.work, completer.work, uploads.sweep, follower.work]
    application.closers += [uploads.close, index.close]
    mount(
        application,
        settings,
        lambda: reference.rules.rules.catalogue,
        lambda: reference.rules.city,
        lambda: reference.rules.view,
        uploads,
        views,
    )
    return application


def index_file(settings: IntakeSettings) -> Path:
    """The file of this instance's index; each instance has its own."""
    return settings.index_file or Path(f"var/index/intake-{settings.http_port}.sqlite")


class Pantry:
    """What each batch needs besides states: numbers, and what its complainants have brought before. Two queries.

    And one for each case that another is to be merged into, which is rare.
    """

    def __init__(self, rules: Callable[[], Rules], store: Store, uploads: UploadDesk) -> None:
        self._rules = rules
        self._store = store
        self._uploads = uploads
        self._numbers = Numbers()

    async def prepare(
        self, batch: Mapping[str, tuple[Registration | None, Sequence[Arrival]]], at: datetime
    ) -> Supplies:
        """Enough numbers for every case of the batch that may be registered, and everything to compare it with."""
        rules = self._rules()
        wanted: Counter[str] = Counter()
        complainants: set[str] = set()
        leading: set[str] = set()
        for state, arrivals in batch.values():
            if state is None:  # one is registered at most, but a mended one may belong to another centre
                submissions = [a.subject for a in arrivals if isinstance(a.subject, SubmitComplaint)]
                wanted.update({name for each in submissions if (name := rules.series_of(each, at))})
                complainants |= {who for each in submissions if (who := rules.complainant_of(each.contact))}
            leading |= {a.subject.into for a in arrivals if isinstance(a.subject, MergeCase)}
        for name, count in wanted.items():
            if lacking := self._numbers.lacking(name, count):
                first = await self._store.reserve(name, lacking)
                self._numbers.add(name, range(first, first + lacking))
        supplies = Supplies(self._numbers)
        if complainants:
            theirs = {COMPLAINANT: {"$in": sorted(complainants)}}
            latest = (REGISTERED_AT, None, None)
            for key, state in reversed(await self._store.states(theirs, between=latest, limit=MOST_EARLIER)):
                case = Registration.model_validate(state)
                supplies.remember(str(case.complainant), earlier_of(key, case))
        supplies.files = await self._files(batch, at)
        for key in leading:
            if (found := await self._store.state_of(key)) is not None:
                supplies.leading[key] = Registration.model_validate(found)
        return supplies

    async def _files(
        self, batch: Mapping[str, tuple[Registration | None, Sequence[Arrival]]], at: datetime
    ) -> dict[str, StoredFile]:
        """Uploads that the batch cites, claimed for its cases. One query more where any is cited, which is rare.

        Claimed here, not by the decision: of two cases that cite one file at once, one gets it.
        """
        wanted: set[str] = set()
        for key, (state, arrivals) in batch.items():
            for arrival in arrivals:
                said = arrival.subject
                if not isinstance(said, SubmitComplaint | SupplementComplaint) or not file_ids(said.attachments):
                    continue
                wanted.update(file_ids(said.attachments))
                if self._may_be_taken(said, state, arrival.speaker or "", at):
                    await self._uploads.claim(said.attachments, arrival.speaker or "", key)
        return await self._uploads.files(wanted) if wanted else {}

    def _may_be_taken(
        self, said: SubmitComplaint | SupplementComplaint, state: Registration | None, channel: str, at: datetime
    ) -> bool:
        """A submission that is refused must not take a file from its correction."""
        if isinstance(said, SupplementComplaint):
            return state is not None
        return state is None and not faults(said, self._rules().catalogue, channel, at)
