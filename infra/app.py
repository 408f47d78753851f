"""From a declaration to a running process: bus, loop, timers, recovery, health, metrics, documentation."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import socket
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import cache
from typing import Any, Generic

from faststream.asgi import AsgiFastStream
from faststream.asgi.types import ASGIApp, Receive, Scope, Send

from infra.ahead import Ahead
from infra.bus import Bus
from infra.clock import Clock, accelerated_clock, system_clock
from infra.deciding import Decider, TooManyDeadLetters
from infra.decision import Internal, S
from infra.health import Health
from infra.http.key_file import KeyFile
from infra.outcomes import Outcomes
from infra.pages import admin, pages
from infra.probes import BrokerQuestion, DatabaseQuestion, EngineProbe, TopicProbe
from infra.processor import OUTAGES, Processor, Stopped
from infra.publisher import Publisher
from infra.reading import Reader, internal
from infra.reference import NoPlaceError, Reference, Tables
from infra.sealing import Opener, Sealer, public_key_of
from infra.service import Service
from infra.settings import Settings
from infra.specification import RegistrySpecification
from infra.store import Store
from infra.telemetry import Metrics, Tracing
from infra.topics import cluster_id, topic_names

log = logging.getLogger(__name__)

Task = Callable[[], Awaitable[None]]


class Served(AsgiFastStream):
    """FastStream knows its own pages by their exact paths; every other HTTP request goes to the service's own side."""

    own: ASGIApp | None = None

    async def not_found(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The service's own side answers, where it has one."""
        if self.own is None or scope["type"] != "http":
            await super().not_found(scope, receive, send)
        else:
            await self.own(scope, receive, send)


class Application(Generic[S]):
    """One service, wired. `asgi` is what a server runs."""

    def __init__(
        self,
        service: Service[S],
        settings: Settings,
        store: Store,
        *,
        asyncapi: Callable[[], dict[str, Any]],
        tracing: Tracing | None = None,
        metrics: Metrics | None = None,
        reference: Reference[Any] | None = None,
        owned: Callable[[str, Tables], Collection[str]] = lambda _service, _tables: (),
    ) -> None:
        """`asyncapi` makes the document of the bus, once it is asked for.

        `owned` returns the topics that the service reads or writes, by the current reference data.
        """
        self.service = service
        self.settings = settings
        self.store = store
        self.health = Health(settings.stuck_seconds)
        self.metrics = metrics or Metrics.create()
        self.tracing = tracing or tracing_of(service.name, settings)
        self.clock = clock_of(settings)
        private = settings.dead_letter_key.get_secret_value()
        unreadable = self.metrics.refused
        reader = Reader(
            service.inputs,
            Opener(private),
            service.redrive,
            count=lambda topic, code: unreadable.labels(topic, code).inc(),
        )
        decider = Decider(
            service, reader, Sealer(public_key_of(private)), self.metrics, self.tracing, settings.dead_letters_in_a_row
        )
        self.outcomes = Outcomes(store, service.inputs, decider.unchanged)
        self.publisher = Publisher(settings.kafka_bootstrap, f"/services/{service.name}")
        self.processor = Processor(
            service,
            decider,
            reader,
            store,
            self.publisher,
            clock=self.clock,
            health=self.health,
            metrics=self.metrics,
            tracing=self.tracing,
        )
        self.ahead: Ahead[S] | None = None
        if service.crowds and settings.ahead_seconds and settings.clock_origin is None:
            self.ahead = Ahead(
                self.processor,
                decider,
                store,
                self.publisher,
                clock=self.clock,
                metrics=self.metrics,
                tracing=self.tracing,
                horizon=timedelta(seconds=settings.ahead_seconds),
            )
        self.reference = reference
        if reference is not None:
            reference.bind(self.metrics, self.processor.between_batches, self.clock)
        self.bus = Bus(service.name, service.pattern, settings, self._handle, self.health)
        self.bus.broker.ready = self._engines_ready
        self.bus.assigned = self._look_for_leftovers
        self._stopping = asyncio.Event()
        self._leftovers = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.background: list[Task] = []
        """More tasks of the service's own; they run until they are cancelled, after the last batch."""
        self.closers: list[Task] = []
        """What must be finished before that, such as a delivery under way and its record."""
        self.admin: ASGIApp | None = None
        """The ASGI application of the admin port; None without admin port."""
        self.asgi = self._asgi(cache(asyncapi))
        self._owned = owned
        self._probes: list[asyncio.Task[None]] = []

    # ---- batches

    async def _handle(self, records: Sequence[Any]) -> None:
        """Returns when the batch is done. Whatever happens, it is not passed over: at worst this waits for the stop."""
        pause = 0.5
        while not self._stopping.is_set():
            try:
                await self.processor.handle(records)
                return
            except Stopped:
                break
            except TooManyDeadLetters:
                await self._stopping.wait()
            except Exception as error:
                self.health.away("batch", f"unexpected {type(error).__name__}")
                log.exception("the loop broke; the batch is tried again")
                await self._pause(pause := min(pause * 2, 5.0))
        raise Stopped("batch")

    async def record(self, outcomes: Sequence[tuple[str, Internal]]) -> None:
        """What work beside the loop has come to, each with its key, is decided like a message. Raises `Stopped`."""
        await self.processor.apply([internal(key, outcome) for key, outcome in outcomes])

    async def _finish_batch(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self.processor.finished(), self.settings.stop_seconds)

    async def _look_for_leftovers(self) -> None:
        self._leftovers.set()

    # ---- life

    async def _engines_ready(self) -> None:
        self._probes = [asyncio.create_task(self._probe())]
        attempt = 0
        while True:
            try:
                await self.store.prepare()
                await self.publisher.start()
                await self._load_reference()
                await self._recognise_cluster()
            except OUTAGES as error:
                attempt += 1
                self.health.away("start", type(error).__name__)
                fields = {"error": type(error).__name__}
                if isinstance(error, NoPlaceError):  # its text names files and lines, never an address or a key
                    fields["reason"] = str(error)
                log.warning("waiting for the engines", extra={"fields": fields})
                await asyncio.sleep(min(5.0, 0.2 * 2 ** min(attempt, 5)))
            else:
                break
        self.health.back("start")
        gc.collect()
        gc.freeze()  # models and rules stay for good: a full collection would look through them while the loop waits
        await self.processor.recover(0)
        if self.ahead is not None:
            await self.ahead.recover(0)
        tasks = (
            self._timers,
            self._crowds,
            self._sweeps,
            self._mend_bus,
            self._follow_reference,
            *self.background,
        )
        self._tasks = [asyncio.create_task(self._forever(task)) for task in tasks]

    async def _probe(self) -> None:
        """Build the probes of the engines and topics, on separate connections."""
        limit = self.settings.engine_seconds
        database = DatabaseQuestion(self.settings.mongo_uri.get_secret_value(), limit)
        broker = BrokerQuestion(self.settings.kafka_bootstrap, limit)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(EngineProbe("MongoDB", database.ask, self.health, limit).run())
                group.create_task(EngineProbe("Kafka", broker.ask, self.health, limit).run())
                group.create_task(TopicProbe(self._owned_now, broker, self.health).run())
        finally:
            await broker.close()
            await database.close()

    def _owned_now(self) -> Collection[str]:
        return self._owned(self.service.name, self.reference.tables if self.reference is not None else {})

    async def _load_reference(self) -> None:
        if self.reference is not None:
            await self.reference.load(self.settings.kafka_bootstrap)

    async def _follow_reference(self) -> None:
        if self.reference is None:
            await self._stopping.wait()
        else:
            await self.reference.follow(self.settings.kafka_bootstrap)

    async def _recognise_cluster(self) -> None:
        """A broker that lost its data is another cluster: every open document is announced to it again."""
        now, before = await cluster_id(self.settings.kafka_bootstrap), await self.store.fact("cluster_id")
        if before is not None and now != before:
            await self._topics_are_there()
            await self._announce_again()
        if now != before:
            await self.store.remember("cluster_id", now)

    async def _announce_again(self) -> None:
        """Everything is said once more, and again if any engine faltered meanwhile or soon after.

        The embedded broker may lose what it has acknowledged while it fails others.
        """
        calm = False
        while not calm:
            if self.ahead is not None:
                await self.ahead.finish_all()
            before = self.processor.outages
            count = await self.processor.announce_again(timedelta(hours=self.settings.announce_again_hours))
            log.warning(
                "the broker lost its data; open documents were announced again", extra={"fields": {"events": count}}
            )
            await self._pause(self.settings.sweep_grace_seconds)
            calm = self.processor.outages == before or self._stopping.is_set()

    async def _topics_are_there(self) -> None:
        """Our topics exist, and none has appeared for a while: whoever creates them again has finished.

        The embedded broker forgets what it acknowledges to a topic that it is creating.
        """
        names: frozenset[str] = frozenset()
        while names != (names := await topic_names(self.settings.kafka_bootstrap)) or not self.service.at_home(names):
            await self._pause(self.settings.sweep_grace_seconds)
            if self._stopping.is_set():
                raise Stopped("topics")

    async def _timers(self) -> None:
        full = 5_000
        while await self.processor.fire_due(full) == full:
            pass
        await self._pause(self.settings.tick_seconds)

    async def _crowds(self) -> None:
        if self.ahead is None:
            await self._stopping.wait()
        elif not await self.ahead.work():
            until_next = self.ahead.seconds_to_next()
            tick = self.settings.tick_seconds
            await self._pause(tick if until_next is None else min(tick, max(0.01, until_next)))

    async def _mend_bus(self) -> None:
        await self.bus.mend()
        await self._pause(self.settings.tick_seconds)

    async def _sweeps(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._leftovers.wait(), self.settings.sweep_seconds)
        if self._leftovers.is_set():
            self._leftovers.clear()
            try:
                await self._recognise_cluster()
            except BaseException:
                self._leftovers.set()
                raise
        await self.processor.recover(self.settings.sweep_grace_seconds)
        if self.ahead is not None:
            await self.ahead.recover(self.settings.sweep_grace_seconds)

    async def _forever(self, task: Task) -> None:
        while not self._stopping.is_set():
            try:
                await task()
            except Stopped:
                return
            except Exception as error:  # noqa: BLE001 - whatever it was, timers and recovery must go on; it is logged
                log.warning("a background task failed; it goes on", extra={"fields": {"error": type(error).__name__}})
                await self._pause(1.0)

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    async def _before_stop(self) -> None:
        self.health.stopping = True
        self._stopping.set()
        self.processor.stop()

    async def _after_stop(self) -> None:
        for close in self.closers:
            with suppress(TimeoutError, Stopped):
                await asyncio.wait_for(close(), self.settings.stop_seconds)
        await self._finish_batch()
        for task in (*self._tasks, *self._probes):
            task.cancel()
        await asyncio.gather(*self._tasks, *self._probes, return_exceptions=True)
        await self.publisher.stop()
        await self.store.close()
        self.tracing.close()

    # ---- HTTP

    def watched(self, keys: KeyFile) -> KeyFile:
        """The same keys, of which metrics and `/readyz` tell what needs attention."""
        self.metrics.keys_next_expiry.set_function(keys.seconds_to_expiry)
        self.metrics.keys_faulty.set_function(lambda: float(keys.note() is not None))
        self.health.notes["keys"] = keys.note
        return keys

    def mount(self, own: ASGIApp) -> None:
        """The service's own HTTP side is served beside health, metrics and documentation."""
        self.asgi.own = own

    def _asgi(self, asyncapi: Callable[[], dict[str, Any]]) -> Served:
        """The public side. Probes, metrics and AsyncAPI are part of it where they have no port of their own."""
        found = pages(self.health, self.metrics, self.bus, asyncapi)
        self.admin = None if self.settings.admin_port is None else admin(found)
        return Served(
            self.bus.broker,
            asgi_routes=[] if self.admin else list(found.items()),
            specification=RegistrySpecification(asyncapi),
            on_shutdown=[self._before_stop],
            after_shutdown=[self._after_stop],
            logger=None,
        )


def clock_of(settings: Settings) -> Clock:
    """The clock of a service by its settings: the wall's, or an accelerated one."""
    if settings.clock_origin is None:
        return system_clock
    return accelerated_clock(settings.clock_origin, settings.clock_speed)


def tracing_of(name: str, settings: Settings) -> Tracing:
    """The tracing of a service by its settings."""
    return Tracing(name, settings.otlp_endpoint, f"{socket.gethostname()}:{os.getpid()}")
