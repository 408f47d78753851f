"""Modules run as processes of their own that are forked from one which has imported the heavy part already.

Such a process runs what `python -m <module>` runs and lives, is killed and ends as any other; it only begins a second
of processor time later in its life. For tests that start and kill services by the dozen.
"""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from collections.abc import Mapping, Sequence
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import IO

from infra.local.process import ManagedProcess, Running

_SERVER = get_context("forkserver")


class ForkedProcess(ManagedProcess):
    """A module of Python; see `ManagedProcess` for its life."""

    def __init__(
        self, module: str, preload: Sequence[str], *, log_path: Path, env: Mapping[str, str], words: Sequence[str] = ()
    ) -> None:
        """Nothing runs yet. `words` are the arguments of the module, `env` is the whole environment.

        What the first caller preloads is preloaded for all.
        """
        super().__init__([module, *words], log_path=log_path, env=env)
        self._preload = list(preload)

    def _spawn(self, log: IO[bytes]) -> Running:
        _SERVER.set_forkserver_preload(self._preload)
        process = _SERVER.Process(target=_run, args=(self.command, self.env, str(self.log_path)), daemon=True)
        process.start()
        return _Forked(process)


class _Forked:
    """What `ManagedProcess` needs of a process, of one that was forked."""

    def __init__(self, process: ForkServerProcess) -> None:
        self._process = process
        self.pid: int = process.pid or 0

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        code = self._process.exitcode
        if code is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout or 0.0)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)


def _run(command: list[str], env: Mapping[str, str], log_path: str) -> None:
    """In the new process: a group, an environment and a log of its own, then the module."""
    os.setsid()
    os.environ.clear()
    os.environ.update(env)
    with Path(os.devnull).open("rb") as nothing, Path(log_path).open("ab") as log:
        os.dup2(nothing.fileno(), 0)
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    sys.argv = list(command)
    runpy.run_module(command[0], run_name="__main__", alter_sys=True)
