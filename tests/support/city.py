"""Everybody around the services: channels that submit, departments that answer, and one who sees all that is said."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import httpx
from aiokafka import AIOKafkaProducer

from contracts.channel import RateCase, SubmitComplaint
from contracts.codes import HandlingResult, Satisfaction
from contracts.dead_letters import DeadLettered
from contracts.envelope import encode
from contracts.handling import ReportHandling, SignCase
from contracts.message import Message
from contracts.notify import ComplaintAcknowledged, ComplaintAnswered, ComplaintRefused
from contracts.routing import AssignmentOffered, CommandRefused
from infra.local.engines import Engines
from infra.reading import unpack
from infra.sealing import Opener
from tests.support.bus import Seen, Watch, producer
from tests.support.deployment import ROOT, Deployment
from tests.support.forked import run
from tests.support.mail import MailServer
from tests.support.otlp import Receiver
from tests.support.rude_mail import RudeMailServer

M = TypeVar("M", bound=Message)
Headers = Sequence[tuple[str, bytes | None]]

SEEN = (
    "replies",
    "assignments",
    "cases",
    "contacts",
    "reception",
    "routing",
    "scoring",
    "watch",
    "assessed",
    "conduct",
    "notices",
    "board",
    "published",
    "dead-letters",
)
"""First words of the topics that the city watches."""


@dataclass(frozen=True)
class Place:
    """Where a record was written."""

    topic: str
    partition: int
    offset: int

    @property
    def id(self) -> str:
        """What stands for the id of a record that has none that can be read."""
        return f"{self.topic}/{self.partition}/{self.offset}"


class City:
    """A deployment with its surroundings. Everything is waited for, nothing is slept for."""

    def __init__(
        self, deployment: Deployment, receiver: Receiver, mail: MailServer, client: AIOKafkaProducer, watch: Watch
    ) -> None:
        self.deployment = deployment
        self.receiver = receiver
        self.mail = mail
        self.client = client
        self.watch = watch

    def page(self, service: str, path: str) -> httpx.Response:
        """What a service answers over HTTP."""
        with httpx.Client(trust_env=False) as client:
            return client.get(self.deployment.fleet.url(service) + path)

    async def xn(self, *words: str) -> tuple[int | None, str]:
        """`xn` as an operator of this deployment runs it: exit code, and what it printed."""
        environ = {
            **os.environ,
            **self.deployment.engines.exports(),
            "XN_MONGO_DATABASE": self.deployment.database,
            "PYTHONPATH": str(ROOT),
            "COLUMNS": "240",
        }
        return await run("xn", *words, env=environ, log=self.deployment.directory / "commands" / f"{uuid4().hex}.log")

    def leave_silent(self, case_id: str, why: str) -> None:
        """Nobody answers this case in time, on purpose: the promise of the city does not count it."""
        self.deployment.silent[case_id] = why

    # ---- saying

    async def say(self, message: Message, *, id: str | None = None, traceparent: str | None = None) -> str:
        """The message is on its own topic, as a partner would put it there. Returns its CloudEvents id."""
        id = id or uuid4().hex
        r = encode(message, id=id, source="/tests", traceparent=traceparent)
        await self.client.send_and_wait(r.topic, r.value, r.key, headers=r.headers)
        return id

    async def put(
        self,
        topic: str,
        value: bytes | None,
        headers: Headers = (),
        *,
        key: bytes | None = None,
        partition: int | None = None,
    ) -> Place:
        """A record as it is, on whatever topic."""
        found = await self.client.send_and_wait(topic, value, key, partition=partition, headers=headers)
        return Place(found.topic, found.partition, found.offset)

    async def sign(self, unit: str, case_id: str) -> str:
        """The unit signs."""
        return await self.say(SignCase(case_id=case_id, issued_at=datetime.now(UTC), unit=unit))

    async def report(self, unit: str, case_id: str, reply: str = "已责令整改，请放心。") -> str:
        """The unit reports what it did."""
        report = ReportHandling(
            case_id=case_id, issued_at=datetime.now(UTC), unit=unit, result=HandlingResult.RESOLVED, reply=reply
        )
        return await self.say(report)

    async def rate(self, channel: str, case_id: str) -> str:
        """The channel passes a rating on."""
        rating = RateCase(
            case_id=case_id,
            issued_at=datetime.now(UTC),
            channel=channel,
            satisfaction=Satisfaction.VERY_SATISFIED,
            solved=True,
        )
        return await self.say(rating)

    async def to_the_end(self, submission: SubmitComplaint) -> AssignmentOffered:
        """Submitted, offered to a unit, signed, reported; the channel has the answer."""
        await self.say(submission)
        offered = await self.heard(AssignmentOffered, submission.case_id)
        await self.sign(offered.unit, submission.case_id)
        await self.report(offered.unit, submission.case_id)
        await self.heard(ComplaintAnswered, submission.case_id)
        return offered

    # ---- hearing

    async def seen(
        self, model: type[Message], case_id: str | None = None, where: Callable[[Any], bool] = lambda _: True
    ) -> Seen:
        """The first record of this type about the case that is so."""

        def find() -> Seen | None:
            return next((each for each in self.all(model, case_id) if where(each.message)), None)

        try:
            await self.watch.until(lambda _: find() is not None, timeout=60)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.deployment.fleet.report()}") from None
        found = find()
        assert found is not None
        return found

    async def heard(self, model: type[M], case_id: str | None = None, where: Callable[[M], bool] = lambda _: True) -> M:
        """The message of the first such record."""
        message = (await self.seen(model, case_id, where)).message
        assert isinstance(message, model)
        return message

    def all(self, model: type[Message], case_id: str | None = None) -> list[Seen]:
        """What has been seen of this type so far, about one case or about any, each event once."""
        found = self.watch.distinct(model.TYPE).values()
        return [each for each in found if case_id in (None, each.key)]

    async def refusal_of(self, submission_id: str) -> tuple[Seen, ComplaintRefused]:
        """What the channel was told about a submission that was not registered."""
        seen = await self.seen(ComplaintRefused, where=attribute(submission_id=submission_id))
        return seen, seen.message

    async def refusal_of_command(self, command_id: str) -> tuple[Seen, CommandRefused]:
        """What the unit was told about a command that a rule forbids."""
        seen = await self.seen(CommandRefused, where=attribute(command_id=command_id))
        return seen, seen.message

    async def acknowledged(self, submission: SubmitComplaint) -> ComplaintAcknowledged:
        """The number the channel was given."""
        return await self.heard(ComplaintAcknowledged, submission.case_id)

    async def letter_about(self, service: str, place: Place) -> DeadLettered:
        """The dead letter that keeps the record of this place."""
        return await self.heard(
            DeadLettered,
            where=lambda letter: (
                letter.service == service
                and (letter.origin.topic, letter.origin.partition, letter.origin.offset)
                == (place.topic, place.partition, place.offset)
            ),
        )

    def opened(self, letter: DeadLettered) -> tuple[Headers, bytes | None]:
        """Headers and value of the record that a dead letter keeps, as an operator with the key reads them."""
        return unpack(Opener(self.deployment.dead_letter_key).open(letter.box))


def reference() -> str:
    """A channel's own reference that no other test uses."""
    return f"T-{uuid4().hex[:12]}"


def attribute(**wanted: object) -> Callable[[Any], bool]:
    """Whether a message's fields have these values."""
    return lambda message: all(getattr(message, name) == value for name, value in wanted.items())


@asynccontextmanager
async def running_city(
    engines: Engines, directory: Path, settings: Mapping[str, str], app_ports: Mapping[str, int] | None = None
) -> AsyncIterator[City]:
    """Four services as processes with a mail server, a trace receiver and a watch of all topics in `SEEN`."""
    receiver, mail = Receiver(), RudeMailServer()
    receiver.start()
    deployment = Deployment(
        engines,
        directory,
        mail=mail,
        partitions=2,
        settings={"XN_OTLP_ENDPOINT": receiver.url, **settings},
        app_ports=dict(app_ports or {}),
    )
    topics = [name for name in deployment.topics if name.split(".")[0] in SEEN]
    try:
        async with deployment, producer(engines.bootstrap) as client, Watch(engines.bootstrap, topics) as watch:
            yield City(deployment, receiver, mail, client, watch)
    finally:
        receiver.stop()
