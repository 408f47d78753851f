"""Files are examined in processes of their own, started on demand: neither memory nor crashes of a reader are ours.

A request is one line of JSON over a Unix socket, with two open files beside it: the upload, and an empty one for what
is stored of it. The bytes of a file never pass through the service, and neither file has a name on disk.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from infra.media.faults import Fault, MediaFault

COMMAND = (sys.executable, "-m", "infra.media")
READY = b"+"
"""Sent by a process that has imported what it needs."""
_MOST_ANSWER = 4096


class ExaminerError(RuntimeError):
    """A file was not examined in time; it may be later."""


@dataclass(frozen=True)
class Cleaned:
    """What the target file holds now."""

    media_type: str
    size_bytes: int
    sha256: str


@dataclass
class _Worker:
    """A process that examines one file after another."""

    process: Process
    line: socket.socket
    rest: asyncio.TimerHandle | None = None

    async def ask(self, request: bytes, source: int, target: int) -> bytes:
        socket.send_fds(self.line, [request], [source, target])
        answer = b""
        while not answer.endswith(b"\n"):
            part = await asyncio.get_running_loop().sock_recv(self.line, _MOST_ANSWER)
            if not part:
                raise EOFError
            answer += part
        return answer

    async def end(self) -> None:
        """Kill the process."""
        self.line.close()
        with suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()


@dataclass
class Examiner:
    """Examines as many files at once as it is asked to: the caller limits them."""

    limit_seconds: float = 60.0
    """For one file."""
    idle_seconds: float = 60.0
    """After which a process ends."""
    command: Sequence[str] = COMMAND
    _idle: list[_Worker] = field(default_factory=list)

    @property
    def idle(self) -> list[int]:
        """Ids of the processes that wait for a file."""
        return [each.process.pid for each in self._idle]

    async def examine(self, source: int, target: int, declared: str) -> Cleaned:
        """Examines the open file `source` and writes what is stored of it to `target`.

        Raises `MediaFault`, also when the file makes its reader crash, and `ExaminerError`.
        """
        request = json.dumps({"declared": declared[:256]}).encode() + b"\n"
        worker = self._awake() or await self._started()
        try:
            async with asyncio.timeout(self.limit_seconds):
                answer = json.loads(await worker.ask(request, source, target))
        except (OSError, EOFError, ValueError) as error:
            await worker.end()
            if isinstance(error, TimeoutError):
                raise ExaminerError(f"not examined within {self.limit_seconds:g} s") from None
            raise MediaFault(Fault.DAMAGED) from None
        except BaseException:
            await worker.end()
            raise
        self._rest(worker)
        if "fault" in answer:
            raise MediaFault(Fault(answer["fault"]), answer["seems"])
        return Cleaned(**answer)

    async def close(self) -> None:
        """End every process that waits for a file."""
        while worker := self._awake():
            await worker.end()

    def _awake(self) -> _Worker | None:
        while self._idle:
            worker = self._idle.pop()
            if worker.rest is not None:
                worker.rest.cancel()
            if worker.process.returncode is None:
                return worker
            worker.line.close()
        return None

    async def _started(self) -> _Worker:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("XN_")}
        try:
            process = await asyncio.create_subprocess_exec(
                *self.command, stdin=theirs.fileno(), stdout=DEVNULL, stderr=DEVNULL, env=environment
            )
        except OSError as error:
            ours.close()
            raise ExaminerError(f"no process: {type(error).__name__}") from None
        finally:
            theirs.close()
        worker = _Worker(process, ours)
        try:
            async with asyncio.timeout(self.limit_seconds):
                ready = await asyncio.get_running_loop().sock_recv(ours, len(READY))
        except BaseException as error:
            await worker.end()
            if isinstance(error, OSError):
                raise ExaminerError("the process does not start") from None
            raise
        if ready != READY:
            await worker.end()
            raise ExaminerError("the process does not start")
        return worker

    def _rest(self, worker: _Worker) -> None:
        self._idle.append(worker)
        worker.rest = asyncio.get_running_loop().call_later(self.idle_seconds, self._dismiss, worker)

    def _dismiss(self, worker: _Worker) -> None:
        """The process ends by itself when its socket does."""
        if worker in self._idle:
            self._idle.remove(worker)
            worker.line.close()
