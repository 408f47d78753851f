"""One process on this machine that can be started, asked to stop, killed and started again."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

# Below the range from which Linux and macOS take the ports of outgoing connections. In that range a client that keeps
# calling a stopped server may be given the server's own port, connect to itself, and keep the server from coming back.
_PORTS = range(15_000, 32_000)

_reserved: list[int] = []
"""Descriptors of the locked files of the ports that this process gave away; the locks end with it."""

# Reads a process group, then waits for the end of its input, which comes when the parent has gone, however it went.
_WATCHDOG = 'read -r group && { read -r _; kill -s KILL -- "-$group"; }'


class NotReadyError(RuntimeError):
    """A process ended or stayed silent instead of becoming ready; the message holds the end of its log."""


def free_ports(count: int) -> list[int]:
    """Distinct ports on the loopback address where nothing listens, and which nobody else here is given.

    What is started on a port may listen only seconds later. Were the port given twice until then, one of two would not
    start, and who waits for it would take the other's answer for its own.
    """
    found: list[int] = []
    for _ in range(100 * count):
        port = _PORTS[secrets.randbelow(len(_PORTS))]
        if _is_free(port) and _reserve(port):
            found.append(port)
        if len(found) == count:
            return found
    raise RuntimeError(f"no {count} free ports between {_PORTS[0]} and {_PORTS[-1]}")


def free_port() -> int:
    """The same for one port."""
    return free_ports(1)[0]


def _reserve(port: int) -> bool:
    """The port belongs to this process until it ends; False when it belongs to one already, be it this."""
    directory = Path(tempfile.gettempdir()) / f"xn-ports-{os.getuid()}"
    directory.mkdir(mode=0o700, exist_ok=True)
    file = os.open(directory / str(port), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return False
    _reserved.append(file)
    return True


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class Running(Protocol):
    """What is needed of a process; `subprocess.Popen` is one."""

    pid: int

    def poll(self) -> int | None:
        """How it ended; None while it runs."""

    def wait(self, timeout: float | None = None) -> int:
        """The same when it has ended. Raises `subprocess.TimeoutExpired`."""

    def send_signal(self, number: int, /) -> None:
        """Nothing happens when it has ended."""


class ManagedProcess:
    """A command with a log file. It runs in a process group of its own, which is killed when this process ends."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        log_path: Path,
        env: Mapping[str, str] | None = None,
        directory: Path | None = None,
    ) -> None:
        """Nothing runs yet. `env` is the whole environment; without it the child has this process's own."""
        self.command = list(command)
        self.log_path = log_path
        self.env = None if env is None else dict(env)
        self.directory = directory
        self._process: Running | None = None
        self._watchdog: subprocess.Popen[bytes] | None = None

    @property
    def alive(self) -> bool:
        """It was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Its process id. Raises RuntimeError when it was never started."""
        if self._process is None:
            raise RuntimeError(f"{self.command[0]} was not started")
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """How it ended: negative when by a signal, None while it runs or before it was started."""
        return None if self._process is None else self._process.poll()

    def start(self) -> None:
        """It runs, and what it prints is appended to its log. Does nothing when it runs already."""
        if self.alive:
            return
        self._release()
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        watchdog = subprocess.Popen(
            ["/bin/sh", "-c", _WATCHDOG],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._watchdog = watchdog
        try:
            with self.log_path.open("ab") as log:
                self._process = self._spawn(log)
        except OSError:
            self._release()
            raise
        assert watchdog.stdin is not None  # noqa: S101
        watchdog.stdin.write(f"{self._process.pid}\n".encode())
        watchdog.stdin.flush()

    def _spawn(self, log: IO[bytes]) -> Running:
        return subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=self.env,
            cwd=self.directory,
            start_new_session=True,
        )

    def signal_stop(self) -> None:
        """It has been asked to end (SIGTERM)."""
        if self.alive:
            self._send(signal.SIGTERM)

    def stop(self, timeout: float = 10.0) -> None:
        """It has ended: by itself within `timeout` seconds of being asked, or killed. Harmless when repeated."""
        if self._process is None:
            return
        self.signal_stop()
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
        self._release()

    def kill(self) -> None:
        """It has ended without a chance to finish anything (SIGKILL to its whole process group)."""
        if self._process is None:
            return
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._send(signal.SIGKILL)  # forked a moment ago, it may not have a group yet
        self._process.wait()
        self._release()

    def restart(self, timeout: float = 10.0) -> None:
        """It has ended, if it ran, and runs again with the same command, environment and log."""
        self.stop(timeout)
        self.start()

    def log_tail(self, lines: int = 20) -> str:
        """The last lines it printed."""
        if not self.log_path.exists():
            return ""
        return "\n".join(self.log_path.read_text(errors="replace").splitlines()[-lines:])

    def wait_until(self, answers: Callable[[], bool], *, timeout: float, pause: float = 0.05) -> None:
        """`answers()` was true.

        Raises NotReadyError when the process ended first, or when `timeout` seconds passed and it was killed.
        """
        deadline = time.monotonic() + timeout
        while not answers() or not self.alive:  # a stranger may answer in its place
            if not self.alive:
                raise self._not_ready(f"ended with code {self.returncode} before it was ready")
            if time.monotonic() > deadline:
                self.kill()
                raise self._not_ready(f"was not ready after {timeout:g} s")
            time.sleep(pause)

    def _not_ready(self, what: str) -> NotReadyError:
        return NotReadyError(f"{Path(self.command[0]).name} {what}; the end of {self.log_path}:\n{self.log_tail()}")

    def _send(self, number: signal.Signals) -> None:
        assert self._process is not None  # noqa: S101
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)

    def _release(self) -> None:
        """The watchdog of a process that has ended is gone, so it cannot strike a stranger with the same number."""
        if self._watchdog is None:
            return
        self._watchdog.kill()
        self._watchdog.wait()
        if self._watchdog.stdin is not None:
            self._watchdog.stdin.close()
        self._watchdog = None
