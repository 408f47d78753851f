"""Apache Kafka in KRaft mode, one broker or three, each a Java process on loopback ports of its own.

Every process is broker and controller. What was acknowledged survives a kill of any one process, and of all of them.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Literal

from infra.local.jars import jars, tool
from infra.local.probe import broker_ids
from infra.local.process import ManagedProcess, NotReadyError, free_ports

_CLUSTER = "xiaoneng-local-cluster"
_LOGGING = Path(__file__).with_name("kafka-log4j2.properties")


class ApacheKafka:
    """A cluster whose ports and files last as long as this object and its `directory`."""

    def __init__(self, directory: Path, brokers: Literal[1, 3] = 1) -> None:
        """Nothing runs yet. Raises MissingToolError without Java or Maven."""
        self.directory = directory.absolute()
        ports = free_ports(2 * brokers)
        self.ports, self._controller_ports = ports[:brokers], ports[brokers:]
        self.bootstrap = ",".join(f"127.0.0.1:{port}" for port in self.ports)
        self._java = tool("java")
        self._classpath = str(jars() / "*")
        self.processes = [self._process(n) for n in range(brokers)]

    def launch(self) -> None:
        """Its processes run, on formatted storage; they may not answer yet."""
        self._format()
        for process in self.processes:
            process.start()

    def wait_ready(self, timeout: float = 90.0) -> None:
        """Every broker answers and knows every other one."""
        for n in range(len(self.processes)):
            self._wait(n, frozenset(range(len(self.processes))), timeout)

    def start(self) -> None:
        """All brokers run, with the topics, messages and offsets of before."""
        self.launch()
        self.wait_ready()

    def stop(self, timeout: float = 15.0) -> None:
        """All have ended: in order while there is a quorum to say goodbye to, then killed. Nothing is lost by it."""
        for process in self.processes:
            process.signal_stop()
        deadline = time.monotonic() + timeout
        while self._has_quorum() and time.monotonic() < deadline:
            time.sleep(0.05)
        for process in self.processes:
            process.stop(1.0)

    def kill(self, n: int | None = None) -> None:
        """Broker `n` has ended at once, or all of them."""
        for process in self.processes if n is None else [self.processes[n]]:
            process.kill()

    def restart(self, n: int | None = None) -> None:
        """Broker `n` runs again and knows the other living ones; or all of them do."""
        if n is None:
            self.stop()
            self.start()
            return
        self.processes[n].restart()
        living = frozenset(other for other, process in enumerate(self.processes) if process.alive)
        self._wait(n, living, timeout=60.0)

    def _has_quorum(self) -> bool:
        return 2 * sum(process.alive for process in self.processes) > len(self.processes)

    def _wait(self, n: int, expected: frozenset[int], timeout: float) -> None:
        port = self.ports[n]
        self.processes[n].wait_until(lambda: expected <= broker_ids(port), timeout=timeout, pause=0.1)

    def _process(self, n: int) -> ManagedProcess:
        heap = 512 if len(self.ports) == 1 else 384
        command = [
            self._java,
            f"-Xmx{heap}m",
            "-Xms128m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Djava.awt.headless=true",
        ]
        command += [*self._options(), "kafka.Kafka", str(self._properties_path(n))]
        return ManagedProcess(
            command, log_path=self._node(n) / "kafka.log", directory=self.directory, env=_environment()
        )

    def _options(self) -> list[str]:
        return [f"-Dlog4j2.configurationFile={_LOGGING}", "-cp", self._classpath]

    def _format(self) -> None:
        """Every broker's storage carries the cluster's id. Takes about a second, once in a directory's life."""
        formatting: list[ManagedProcess] = []
        for n in range(len(self.ports)):
            self._node(n).mkdir(parents=True, exist_ok=True)
            properties = self._properties_path(n)
            properties.write_text("".join(f"{key}={value}\n" for key, value in self._properties(n).items()))
            if (self._node(n) / "data" / "meta.properties").exists():
                continue
            command = [self._java, "-Xmx128m", "-XX:TieredStopAtLevel=1", *self._options(), "kafka.tools.StorageTool"]
            command += ["format", "--cluster-id", _CLUSTER, "--config", str(properties), "--ignore-formatted"]
            formatting.append(ManagedProcess(command, log_path=self._node(n) / "format.log", env=_environment()))
        for process in formatting:
            process.start()
        for process in formatting:
            _finish(process)

    def _node(self, n: int) -> Path:
        return self.directory / f"broker-{n}"

    def _properties_path(self, n: int) -> Path:
        return self._node(n) / "server.properties"

    def _properties(self, n: int) -> dict[str, str | int]:
        brokers = len(self.ports)
        voters = ",".join(f"{id_}@127.0.0.1:{port}" for id_, port in enumerate(self._controller_ports))
        clients = f"CLIENTS://127.0.0.1:{self.ports[n]}"
        controllers = f"CONTROLLERS://127.0.0.1:{self._controller_ports[n]}"
        replicas, in_sync = (brokers, 2) if brokers > 1 else (1, 1)
        return {
            "process.roles": "broker,controller",
            "node.id": n,
            "controller.quorum.voters": voters,
            "listeners": f"{clients},{controllers}",
            "advertised.listeners": clients,
            "listener.security.protocol.map": "CLIENTS:PLAINTEXT,CONTROLLERS:PLAINTEXT",
            "inter.broker.listener.name": "CLIENTS",
            "controller.listener.names": "CONTROLLERS",
            "log.dirs": str(self._node(n) / "data"),
            # Replicas: as many as there are brokers; a write is safe on two of three.
            "default.replication.factor": replicas,
            "min.insync.replicas": in_sync,
            "offsets.topic.replication.factor": replicas,
            "transaction.state.log.replication.factor": replicas,
            "transaction.state.log.min.isr": in_sync,
            "share.coordinator.state.topic.replication.factor": replicas,
            "share.coordinator.state.topic.min.isr": in_sync,
            # As in production: topics are declared, messages may carry a scanned page or two.
            "auto.create.topics.enable": "false",
            "message.max.bytes": 4 * 1024 * 1024,
            "replica.fetch.max.bytes": 4 * 1024 * 1024,
            # Quick to notice and to form groups: tests kill and restart on purpose.
            "broker.session.timeout.ms": 3_000,
            "broker.heartbeat.interval.ms": 500,
            "controlled.shutdown.enable": "true",
            "group.initial.rebalance.delay.ms": 0,
            "group.min.session.timeout.ms": 1_000,
            # Small: one machine carries brokers, database and services.
            "num.network.threads": 2,
            "num.io.threads": 4,
            "num.recovery.threads.per.data.dir": 1,
            "background.threads": 2,
            "offsets.topic.num.partitions": 8,
            "transaction.state.log.num.partitions": 4,
            "share.coordinator.state.topic.num.partitions": 4,
            "log.cleaner.dedupe.buffer.size": 16 * 1024 * 1024,
            "log.segment.bytes": 128 * 1024 * 1024,
        }


def _finish(process: ManagedProcess) -> None:
    """The command has ended well. Raises NotReadyError with its output otherwise."""
    deadline = time.monotonic() + 60.0
    while process.alive and time.monotonic() < deadline:
        time.sleep(0.05)
    code = process.returncode
    process.stop()
    if code != 0:
        raise NotReadyError(f"formatting the broker's storage failed:\n{process.log_tail()}")


def _environment() -> dict[str, str]:
    """This process's environment without Java options meant for other programs."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("KAFKA_", "JDK_JAVA_OPTIONS"))}
