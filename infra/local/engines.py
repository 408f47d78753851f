"""A broker and a database by name, or those that the environment names."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Literal, Self, get_args

from infra.local.apache_kafka import ApacheKafka
from infra.local.secantusdb import SecantusDB
from infra.local.tansu import Tansu

Engine = Literal["embedded", "kafka", "kafka3"]
ENGINES: tuple[Engine, ...] = get_args(Engine)

KAFKA_VARIABLE = "XN_KAFKA_BOOTSTRAP"
MONGO_VARIABLE = "XN_MONGO_URI"


class Engines:
    """A running broker and database.

    What the environment names is used as it is; only the rest is started and ended.
    """

    def __init__(
        self, engine: Engine = "embedded", directory: Path = Path("var/local"), environ: Mapping[str, str] = os.environ
    ) -> None:
        """Nothing runs yet. `embedded` is Tansu, `kafka` one Apache Kafka broker, `kafka3` three of them."""
        self.engine = engine
        bootstrap, mongo_uri = environ.get(KAFKA_VARIABLE), environ.get(MONGO_VARIABLE)
        self.mongo = None if mongo_uri else SecantusDB(directory / "secantusdb")
        self.kafka = None if bootstrap else _broker(engine, directory)
        self.bootstrap = bootstrap or (self.kafka.bootstrap if self.kafka else "")
        self.mongo_uri = mongo_uri or (self.mongo.uri if self.mongo else "")

    def start(self) -> Self:
        """Both answer; when one fails, the other is ended before its NotReadyError is raised."""
        started = [engine for engine in (self.mongo, self.kafka) if engine is not None]
        try:
            for engine in started:
                engine.launch()
            for engine in started:
                engine.wait_ready()
        except BaseException:
            self.close()
            raise
        return self

    def close(self) -> None:
        """What was started here has ended. Harmless when repeated."""
        for engine in (self.kafka, self.mongo):
            if engine is not None:
                engine.stop()

    def exports(self) -> dict[str, str]:
        """The environment variables by which other processes find both."""
        return {KAFKA_VARIABLE: self.bootstrap, MONGO_VARIABLE: self.mongo_uri}

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def _broker(engine: Engine, directory: Path) -> Tansu | ApacheKafka:
    match engine:
        case "embedded":
            return Tansu(directory / "tansu")
        case "kafka":
            return ApacheKafka(directory / "kafka")
        case "kafka3":
            return ApacheKafka(directory / "kafka3", brokers=3)
