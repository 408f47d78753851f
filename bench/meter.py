"""CPU seconds and memory of processes, by name, and of the whole machine, while something is measured."""

from __future__ import annotations

import os
import threading
import time
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
    elapsed_seconds: float = 0.0
    machine_cpu_seconds: float = 0.0

    @property
    def others_ratio(self) -> float:
        """Share of the machine that processes unknown to us have used: above a few percent, measure again."""
        ours = sum(usage.cpu_seconds for usage in self.usage.values())
        whole = self.elapsed_seconds * (os.cpu_count() or 1)
        return max(0.0, self.machine_cpu_seconds - ours) / whole if whole else 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        """What is used inside is added to `usage`."""
        processes = {name: psutil.Process(pid) for name, pid in self.pids.items()}
        before = {name: _cpu(process) for name, process in processes.items()}
        began, machine = time.perf_counter(), _machine_cpu()
        done = threading.Event()
        sampler = threading.Thread(target=self._sample, args=(processes, done), daemon=True)
        sampler.start()
        try:
            yield
        finally:
            done.set()
            sampler.join()
            self.elapsed_seconds += time.perf_counter() - began
            self.machine_cpu_seconds += _machine_cpu() - machine
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


def _machine_cpu() -> float:
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - getattr(times, "iowait", 0.0))


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system
