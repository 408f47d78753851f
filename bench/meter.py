"""CPU seconds and memory of processes, by name, while something is measured."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import psutil

PAUSE_SECONDS = 0.1


@dataclass
class Usage:
    """What one process has used, its children not counted."""

    cpu_seconds: float = 0.0
    max_rss_mb: float = 0.0


@dataclass
class Meter:
    """The processes to weigh. `usage` adds up over all measurements."""

    pids: Mapping[str, int]
    usage: dict[str, Usage] = field(default_factory=dict)

    @contextmanager
    def running(self) -> Iterator[None]:
        """What is used inside is added to `usage`."""
        processes = {name: psutil.Process(pid) for name, pid in self.pids.items()}
        before = {name: _cpu(process) for name, process in processes.items()}
        done = threading.Event()
        sampler = threading.Thread(target=self._sample, args=(processes, done), daemon=True)
        sampler.start()
        try:
            yield
        finally:
            done.set()
            sampler.join()
            for name, process in processes.items():
                self._of(name).cpu_seconds += _cpu(process) - before[name]

    def _of(self, name: str) -> Usage:
        return self.usage.setdefault(name, Usage())

    def _sample(self, processes: Mapping[str, psutil.Process], done: threading.Event) -> None:
        while True:
            for name, process in processes.items():
                usage = self._of(name)
                usage.max_rss_mb = max(usage.max_rss_mb, process.memory_info().rss / 1_000_000)
            if done.wait(PAUSE_SECONDS):
                return


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system
