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
from typing import Literal

from services.notify.printing.frames import LENGTH_BYTES, framed, length_of
from services.notify.printing.sheet import Sheet

COMMAND = (sys.executable, "-m", "services.notify.printing")


class PrintError(RuntimeError):
    """A sheet could not be printed; the message says why, without a word of the sheet. Another may be."""


Form = Literal["html", "pdf"]


class Press:
    """Prints one sheet at a time; callers wait for their turn.

    A caller that stops waiting does not stop the print: its result is thrown away and the process stays for the next.
    """

    def __init__(
        self, *, limit_seconds: float = 60.0, idle_seconds: float = 60.0, command: Sequence[str] = COMMAND
    ) -> None:
        self._limit = limit_seconds
        self._idle = idle_seconds
        self._command = command
        self._turn = asyncio.Lock()
        self._printing: asyncio.Task[bytes] | None = None
        self._process: Process | None = None
        self._rest: asyncio.TimerHandle | None = None

    @property
    def running(self) -> int | None:
        """The id of its process, while there is one."""
        return self._process.pid if self._process is not None and self._process.returncode is None else None

    async def press(self, sheet: Sheet, form: Form) -> bytes:
        """The sheet, for the screen or for paper.

        Raises `PrintError` when the process breaks, takes too long, or cannot print it.
        """
        await self._turn.acquire()
        self._printing = asyncio.create_task(self._printed(sheet, form))
        return await asyncio.shield(self._printing)

    async def close(self) -> None:
        """End the process; callers waiting for a print get a `PrintError`."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
        async with self._turn:
            self._stay()
            await self._end()

    async def _printed(self, sheet: Sheet, form: Form) -> bytes:
        """Printed by the process; passes the turn on."""
        try:
            self._stay()
            async with asyncio.timeout(self._limit):
                wrong, printed = await self._ask(sheet.model_dump_json().encode(), form)
            self._rest = asyncio.get_running_loop().call_later(self._idle, self._dismiss)
        except TimeoutError:
            await self._end()
            raise PrintError(f"not printed within {self._limit:g} s") from None
        except (OSError, EOFError, ValueError) as error:
            await self._end()
            raise PrintError(f"the press broke: {type(error).__name__}") from None
        except BaseException:
            await self._end()
            raise
        finally:
            self._turn.release()
        if wrong:
            raise PrintError(f"the sheet cannot be printed: {wrong.decode()}")
        return printed

    async def _ask(self, request: bytes, form: Form) -> tuple[bytes, bytes]:
        """The frames that the process answers: what went wrong, and the print."""
        process = await self._started()
        if process.stdin is None or process.stdout is None:
            raise OSError("no pipes")
        process.stdin.write(framed(form.encode()) + framed(request))
        await process.stdin.drain()
        return await self._frame(process.stdout), await self._frame(process.stdout)

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
