"""Python services as processes: some instances of each, started together, killed and restarted one by one."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import httpx

from infra.local.forked import ForkedProcess
from infra.local.process import ManagedProcess, free_ports


class ServiceProcess:
    """One instance of a service: `python -m <module>`, ready when its health address answers 200."""

    def __init__(
        self, module: str, env: Mapping[str, str], log_path: Path, health_url: str, preload: Sequence[str] = ()
    ) -> None:
        """Nothing runs yet. `env` is added to this process's environment; `health_url` is the whole address.

        With `preload` it is forked from a process that has imported these modules.
        """
        self.module = module
        self.health_url = health_url
        whole, log_path = {**os.environ, "PYTHONUNBUFFERED": "1", **env}, log_path.absolute()
        self.process = (
            ForkedProcess(module, preload, log_path=log_path, env=whole)
            if preload
            else ManagedProcess([sys.executable, "-m", module], log_path=log_path, env=whole)
        )

    @property
    def alive(self) -> bool:
        """Its process runs."""
        return self.process.alive

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.process.pid

    @property
    def ready(self) -> bool:
        """Its health address answers 200 at this moment."""
        return _ok(self.health_url)

    def launch(self) -> None:
        """Its process runs; it may not be ready yet."""
        self.process.start()

    def wait_ready(self, timeout: float = 60.0) -> None:
        """It is ready. Raises NotReadyError with the end of its log otherwise."""
        self.process.wait_until(lambda: _ok(self.health_url), timeout=timeout)

    def start(self, timeout: float = 60.0) -> None:
        """It runs and is ready."""
        self.launch()
        self.wait_ready(timeout)

    def stop(self, timeout: float = 15.0) -> None:
        """It has ended: in order, or killed after `timeout` seconds."""
        self.process.stop(timeout)

    def kill(self) -> None:
        """It has ended at once, wherever it was."""
        self.process.kill()

    def restart(self, timeout: float = 60.0) -> None:
        """It has ended in order, if it ran, and is ready again."""
        self.stop()
        self.start(timeout)


class Environment(Protocol):
    """What one instance is told by its environment variables, its HTTP port among them."""

    def __call__(self, name: str, instance: int, port: int) -> Mapping[str, str]: ...


class Fleet(Mapping[str, list[ServiceProcess]]):
    """Services by name, each with its instances. Leaving its context ends them all."""

    def __init__(
        self,
        modules: Mapping[str, str],
        *,
        directory: Path,
        environment: Environment,
        instances: int | Mapping[str, int] = 1,
        ready_path: str = "/readyz",
        preload: Sequence[str] = (),
        ports: Mapping[str, Sequence[int]] | None = None,
    ) -> None:
        """Nothing runs yet. `modules` maps a name to the module run for it; logs go to `directory`.

        With `preload`, all are forked from a process that has imported these modules. `ports`: of each instance, by
        name; without them any free ones.
        """
        self.ports: dict[str, list[int]] = {}
        self._services: dict[str, list[ServiceProcess]] = {}
        counts = {name: instances if isinstance(instances, int) else instances.get(name, 1) for name in modules}
        free = iter(free_ports(sum(counts.values())) if ports is None else ())
        for name, module in modules.items():
            own = [next(free) for _ in range(counts[name])] if ports is None else list(ports[name])
            self.ports[name] = own
            self._services[name] = [
                ServiceProcess(
                    module,
                    environment(name, n, port),
                    directory / f"{name}-{n}.log",
                    f"http://127.0.0.1:{port}{ready_path}",
                    preload,
                )
                for n, port in enumerate(own)
            ]

    def __getitem__(self, name: str) -> list[ServiceProcess]:
        return self._services[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._services)

    def __len__(self) -> int:
        return len(self._services)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    @property
    def all(self) -> list[ServiceProcess]:
        """Every instance of every service."""
        return [service for instances in self._services.values() for service in instances]

    def url(self, name: str, instance: int = 0) -> str:
        """Where this instance serves HTTP, without a slash at the end."""
        return f"http://127.0.0.1:{self.ports[name][instance]}"

    def report(self, lines: int = 5) -> str:
        """For whoever waits in vain: which instances run and are ready, and the last lines that each printed."""
        return "\n".join(
            f"{name} {n}: {'ready' if each.ready else 'not ready' if each.alive else 'ended'}\n"
            f"{each.process.log_tail(lines)}"
            for name, instances in self._services.items()
            for n, each in enumerate(instances)
        )

    def start(self, timeout: float = 60.0) -> None:
        """All run and are ready; when one fails, the others are ended before its NotReadyError is raised."""
        try:
            for service in self.all:
                service.launch()
            for service in self.all:
                service.wait_ready(timeout)
        except BaseException:
            self.kill()
            raise

    def stop(self, timeout: float = 15.0) -> None:
        """All have ended; they were asked at the same time."""
        for service in self.all:
            service.process.signal_stop()
        for service in self.all:
            service.stop(timeout)

    def kill(self) -> None:
        """All have ended at once."""
        for service in self.all:
            service.kill()


@cache
def _client() -> httpx.Client:
    """One for all looks: to make a client costs more than to ask a hundred times."""
    return httpx.Client(trust_env=False, timeout=2.0, limits=httpx.Limits(max_keepalive_connections=0))


def _ok(url: str) -> bool:
    try:
        return _client().get(url).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False
