"""The press: sheets are printed in a process of their own, which is there only while there is something to print.

Fonts and charts take the memory of several services and seconds of a processor; the loop of notify pays neither.
"""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from services.notify.printing.frames import LENGTH_BYTES, framed, length_of
from services.notify.printing.sheet import Sheet

COMMAND = (sys.executable, "-m", "services.notify.printing")


class PrintError(RuntimeError):
    """A sheet could not be printed; the message says why, without a word of the sheet. Another may be."""


@dataclass(frozen=True)
class Printed:
    """The same sheet for the screen and for paper."""

    html: str
    pdf: bytes


class Press:
    """One sheet after another; whoever asks meanwhile waits for their turn."""

    def __init__(
        self, *, limit_seconds: float = 60.0, idle_seconds: float = 60.0, command: Sequence[str] = COMMAND
    ) -> None:
        self._limit = limit_seconds
        self._idle = idle_seconds
        self._command = command
        self._turn = asyncio.Lock()
        self._process: Process | None = None
        self._rest: asyncio.TimerHandle | None = None

    @property
    def running(self) -> int | None:
        """The id of its process, while there is one."""
        return self._process.pid if self._process is not None and self._process.returncode is None else None

    async def press(self, sheet: Sheet) -> Printed:
        """The sheet, printed. Raises `PrintError` when the process breaks, takes too long, or cannot print it."""
        async with self._turn:
            self._stay()
            try:
                async with asyncio.timeout(self._limit):
                    printed = await self._ask(sheet.model_dump_json().encode())
            except TimeoutError:
                await self._end()
                raise PrintError(f"not printed within {self._limit:g} s") from None
            except (OSError, EOFError, ValueError) as error:
                await self._end()
                raise PrintError(f"the press broke: {type(error).__name__}") from None
            except BaseException:
                await self._end()
                raise
            self._rest = asyncio.get_running_loop().call_later(self._idle, self._dismiss)
        if isinstance(printed, str):
            raise PrintError(f"the sheet cannot be printed: {printed}")
        return printed

    async def close(self) -> None:
        """No process is left."""
        async with self._turn:
            self._stay()
            await self._end()

    async def _ask(self, request: bytes) -> Printed | str:
        """What the process answers: the print, or what kind of thing went wrong."""
        process = await self._started()
        if process.stdin is None or process.stdout is None:
            raise OSError("no pipes")
        process.stdin.write(framed(request))
        await process.stdin.drain()
        wrong, html, pdf = [await self._frame(process.stdout) for _ in range(3)]
        return wrong.decode() if wrong else Printed(html.decode(), pdf)

    async def _frame(self, stream: asyncio.StreamReader) -> bytes:
        return await stream.readexactly(length_of(await stream.readexactly(LENGTH_BYTES)))

    async def _started(self) -> Process:
        """The process, or another where it has ended."""
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                *self._command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=_without_secrets(os.environ)
            )
        return self._process

    def _stay(self) -> None:
        if self._rest is not None:
            self._rest.cancel()
            self._rest = None

    def _dismiss(self) -> None:
        """The process ends by itself, since nobody will ask it again."""
        process, self._process, self._rest = self._process, None, None
        if process is not None and process.stdin is not None:
            process.stdin.close()

    async def _end(self) -> None:
        """The process is gone, whatever it was doing."""
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError):
            process.kill()
        if process.stdin is not None:
            process.stdin.close()
        await process.wait()


def _without_secrets(environ: Mapping[str, str]) -> dict[str, str]:
    """What the process needs to find its packages: none of the service's settings."""
    return {name: value for name, value in environ.items() if not name.startswith("XN_")}
