"""Files are examined in other processes, and whatever happens to one of those is an answer."""

from __future__ import annotations

import asyncio
import hashlib
import os
import sys
from collections.abc import AsyncIterator
from tempfile import TemporaryFile

import pytest

from infra.media.faults import Fault, MediaFault
from infra.media.process import Cleaned, Examiner, ExaminerError
from tests.support.media import KINDS, located, pdf

HANGS = "import socket,time;s=socket.socket(fileno=0);s.sendall(b'+');s.recv(9);time.sleep({})"


@pytest.fixture
async def examiner() -> AsyncIterator[Examiner]:
    found = Examiner()
    yield found
    await found.close()


async def cleaned(examiner: Examiner, content: bytes, declared: str = "") -> tuple[Cleaned, bytes]:
    with TemporaryFile() as source, TemporaryFile() as target:
        source.write(content)
        source.flush()
        found = await examiner.examine(source.fileno(), target.fileno(), declared)
        return found, os.pread(target.fileno(), 10_000_000, 0)


async def test_one_process_examines_one_file_after_another(examiner: Examiner) -> None:
    for kind, content in KINDS.items():
        found, stored = await cleaned(examiner, content, kind)
        assert found == Cleaned(kind, len(stored), hashlib.sha256(stored).hexdigest())
    with pytest.raises(MediaFault) as refused:
        await cleaned(examiner, b"MZ" + b"\0" * 500)
    assert refused.value.fault is Fault.TYPE_NOT_TAKEN
    assert len(examiner.idle) == 1


async def test_files_are_examined_at_once_in_as_many_processes(examiner: Examiner) -> None:
    found = await asyncio.gather(*(cleaned(examiner, each) for each in (located("JPEG"), located("PNG"), pdf())))
    assert [each.media_type for each, _ in found] == ["image/jpeg", "image/png", "application/pdf"]
    assert len(set(examiner.idle)) == 3


async def test_a_file_that_makes_its_reader_crash_is_damaged_and_the_next_one_is_examined(examiner: Examiner) -> None:
    examiner.command = (sys.executable, "-c", HANGS.format(0))
    with pytest.raises(MediaFault) as refused:
        await cleaned(examiner, b"x")
    assert refused.value.fault is Fault.DAMAGED
    examiner.command = Examiner().command
    assert (await cleaned(examiner, located("PNG")))[0].media_type == "image/png"


async def test_a_file_that_takes_too_long_may_be_sent_again() -> None:
    examiner = Examiner(limit_seconds=1.5, command=(sys.executable, "-c", HANGS.format(60)))
    with pytest.raises(ExaminerError):
        await cleaned(examiner, b"x")
    assert examiner.idle == []


async def test_a_process_that_does_not_start_is_no_fault_of_the_file() -> None:
    with pytest.raises(ExaminerError):
        await cleaned(Examiner(command=(sys.executable, "-c", "raise SystemExit(1)")), b"x")
    with pytest.raises(ExaminerError):
        await cleaned(Examiner(command=("/nowhere/python",)), b"x")


async def test_a_process_without_work_ends() -> None:
    examiner = Examiner(idle_seconds=0.05)
    await cleaned(examiner, located("GIF"))
    (pid,) = examiner.idle
    async with asyncio.timeout(10):
        while examiner.idle or _lives(pid):  # noqa: ASYNC110 - it is another process
            await asyncio.sleep(0.05)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
