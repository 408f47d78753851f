"""The press: whatever happens to its process, whoever asks gets print or an error, and the next one is served."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from services.notify.printing.frames import LONGEST, framed, length_of
from services.notify.printing.html import html_of
from services.notify.printing.pdf import pdf_of
from services.notify.printing.press import Press, PrintError
from services.notify.printing.sheet import Paragraph, Sheet
from tests.support.deployment import ROOT
from tests.support.waiting import wait_for

SHEET = Sheet(title="机关效能通报", blocks=(Paragraph(text="件件有回音"),), issued_at=datetime(2026, 5, 8, tzinfo=UTC))


def program(folder: Path, text: str) -> tuple[str, str]:
    """A process that does something else than print."""
    file = folder / "other.py"
    file.write_text(text)
    return sys.executable, str(file)


async def test_what_comes_out_is_what_the_renderers_make() -> None:
    press = Press()
    assert await press.press(SHEET, "html") == html_of(SHEET).encode()
    assert await press.press(SHEET, "pdf") == pdf_of(SHEET)
    await press.close()
    assert press.running is None


async def test_one_process_prints_for_all_who_ask_at_once() -> None:
    press = Press()
    sheets = [SHEET.model_copy(update={"title": f"第{n}期"}) for n in range(4)]
    first, *others = [asyncio.create_task(press.press(sheet, "html")) for sheet in sheets]
    await first
    process = press.running
    printed = await asyncio.gather(*others)
    assert press.running == process
    assert [f"第{n}期".encode() in each for n, each in enumerate(printed, 1)] == [True] * 3
    await press.close()


async def test_a_process_that_was_killed_is_replaced() -> None:
    press = Press()
    await press.press(SHEET, "html")
    first = press.running
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await wait_for(lambda: press.running is None, 60, "its death is known")
    assert (await press.press(SHEET, "pdf")).startswith(b"%PDF")
    assert press.running not in {None, first}
    await press.close()


async def test_a_process_that_is_killed_while_it_prints_is_an_error_and_the_next_sheet_is_printed() -> None:
    press = Press()
    await press.press(SHEET, "html")
    process = press.running
    assert process is not None
    os.kill(process, signal.SIGSTOP)
    waiting = asyncio.create_task(press.press(SHEET, "html"))
    await asyncio.sleep(0.1)
    os.kill(process, signal.SIGKILL)
    with pytest.raises(PrintError, match="the press broke"):
        await waiting
    assert (await press.press(SHEET, "pdf")) == pdf_of(SHEET)
    await press.close()


async def test_a_process_that_dies_over_a_sheet_is_an_error_that_says_so(tmp_path: Path) -> None:
    press = Press(command=program(tmp_path, "import sys; sys.stdin.buffer.read(4); sys.exit(3)"))
    with pytest.raises(PrintError, match="the press broke: IncompleteReadError"):
        await press.press(SHEET, "html")
    assert press.running is None


async def test_a_process_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    press = Press(
        command=program(tmp_path, f"import os, time; open({str(pid)!r}, 'w').write(str(os.getpid())); time.sleep(60)"),
        limit_seconds=2,
    )
    with pytest.raises(PrintError, match="not printed within 2 s"):
        await press.press(SHEET, "html")
    assert press.running is None
    assert not psutil.pid_exists(int(pid.read_text()))


async def test_a_process_that_talks_nonsense_is_ended(tmp_path: Path) -> None:
    press = Press(command=program(tmp_path, "print('x' * 100, flush=True); import time; time.sleep(60)"))
    with pytest.raises(PrintError, match="the press broke: ValueError"):
        await press.press(SHEET, "html")
    assert press.running is None


async def test_a_program_that_is_not_there_is_an_error() -> None:
    with pytest.raises(PrintError, match="the press broke: FileNotFoundError"):
        await Press(command=("/nowhere/at/all",)).press(SHEET, "html")


async def test_who_gives_up_waiting_leaves_the_process_and_no_half_answer_to_the_next() -> None:
    press = Press()
    await press.press(SHEET, "html")
    process = press.running
    waiting = asyncio.create_task(press.press(SHEET.model_copy(update={"title": "甲" * 2_000}), "pdf"))
    await asyncio.sleep(0.05)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await press.press(SHEET, "html") == html_of(SHEET).encode()
    assert press.running == process is not None
    await press.close()


async def test_who_waits_when_the_press_is_closed_is_told_so(tmp_path: Path) -> None:
    press = Press(command=program(tmp_path, "import time; time.sleep(60)"))
    waiting = asyncio.create_task(press.press(SHEET, "pdf"))
    await wait_for(lambda: press.running is not None, 60, "the process has started")
    await press.close()
    with pytest.raises(PrintError, match="the press broke"):
        await waiting
    assert press.running is None


async def test_a_sheet_that_cannot_be_printed_is_an_error_without_a_word_of_it() -> None:
    press = Press()
    broken = SHEET.model_copy(update={"blocks": (Paragraph.model_construct(text="身份" * 200_000, align="left"),)})
    with pytest.raises(PrintError) as caught:
        await press.press(broken, "html")
    assert str(caught.value) == "the sheet cannot be printed: ValidationError"
    process = press.running
    await press.press(SHEET, "html")
    assert press.running == process is not None
    await press.close()


async def test_a_process_with_nothing_to_do_ends_by_itself() -> None:
    press = Press(idle_seconds=0.1)
    await press.press(SHEET, "html")
    process = press.running
    assert process is not None
    await wait_for(lambda: not psutil.pid_exists(process), 60, "the process has ended")
    assert (await press.press(SHEET, "pdf")).startswith(b"%PDF")
    await press.close()


async def test_the_process_is_given_no_setting_of_the_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XN_CONTACT_PRIVATE_KEY", "secret")
    seen = tmp_path / "seen"
    press = Press(command=program(tmp_path, f"import os; open({str(seen)!r}, 'w').write(repr(dict(os.environ)))"))
    with pytest.raises(PrintError):
        await press.press(SHEET, "html")
    assert "PATH" in seen.read_text()
    assert "XN_" not in seen.read_text()


def test_the_service_itself_loads_neither_fonts_nor_charts() -> None:
    program = (
        "import sys, services.notify.printing.press, services.notify.printing.forms, services.notify.printing.bulletin,"
        "services.notify.printing.digest; print(sorted({'matplotlib', 'numpy', 'fpdf', 'fontTools', 'PIL', 'segno'}"
        " & set(sys.modules)))"
    )
    said = subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONPATH": str(ROOT)}, capture_output=True, check=True
    )
    assert said.stdout.strip() == b"[]"


def test_a_frame_that_is_too_long_is_refused() -> None:
    assert length_of(framed(b"abc")[:4]) == 3
    with pytest.raises(ValueError, match="at most"):
        length_of((LONGEST + 1).to_bytes(4, "big"))
