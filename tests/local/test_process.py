"""Processes start, end as asked, and never outlive the one that started them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from infra.local.process import ManagedProcess, NotReadyError, free_ports

SLEEPER = [sys.executable, "-c", "import time; print('here', flush=True); time.sleep(600)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('here', flush=True); time.sleep(600)",
]


@pytest.fixture
def sleeper(tmp_path: Path):
    process = ManagedProcess(SLEEPER, log_path=tmp_path / "sleeper.log")
    yield process
    process.kill()


def printed(process: ManagedProcess, times: int = 1) -> bool:
    return process.log_tail().count("here") == times


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def eventually(condition, timeout: float = 10.0) -> bool:
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_a_process_runs_until_it_is_stopped(sleeper):
    assert not sleeper.alive
    sleeper.start()
    sleeper.wait_until(lambda: printed(sleeper), timeout=10)
    assert sleeper.alive
    sleeper.stop()
    assert not sleeper.alive
    assert sleeper.returncode == -signal.SIGTERM


def test_stopping_twice_or_before_the_start_is_harmless(sleeper):
    sleeper.stop()
    sleeper.kill()
    sleeper.start()
    sleeper.stop()
    sleeper.stop()
    sleeper.kill()


def test_a_process_that_ignores_the_request_is_killed(tmp_path):
    process = ManagedProcess(STUBBORN, log_path=tmp_path / "stubborn.log")
    process.start()
    process.wait_until(lambda: printed(process), timeout=10)
    process.stop(timeout=0.2)
    assert process.returncode == -signal.SIGKILL


def test_a_killed_process_restarts_and_appends_to_its_log(sleeper):
    sleeper.start()
    sleeper.wait_until(lambda: printed(sleeper), timeout=10)
    first = sleeper.pid
    sleeper.kill()
    assert sleeper.returncode == -signal.SIGKILL
    sleeper.restart()
    sleeper.wait_until(lambda: printed(sleeper, times=2), timeout=10)
    assert sleeper.pid != first


def test_a_process_killed_from_outside_is_noticed(sleeper):
    sleeper.start()
    os.kill(sleeper.pid, signal.SIGKILL)
    assert eventually(lambda: not sleeper.alive)


def test_a_process_that_ends_before_it_is_ready_shows_its_log(tmp_path):
    process = ManagedProcess(["/bin/sh", "-c", "echo out of cheese; exit 3"], log_path=tmp_path / "sh.log")
    process.start()
    with pytest.raises(NotReadyError, match=r"ended with code 3(.|\n)*out of cheese"):
        process.wait_until(lambda: False, timeout=10)
    process.stop()


def test_a_process_that_is_never_ready_is_killed(sleeper):
    sleeper.start()
    with pytest.raises(NotReadyError, match=r"not ready after 0.2 s"):
        sleeper.wait_until(lambda: False, timeout=0.2)
    assert not sleeper.alive


def test_a_command_that_does_not_exist_leaves_nothing_behind(tmp_path):
    before = len(psutil.Process().children())
    process = ManagedProcess(["/does/not/exist"], log_path=tmp_path / "none.log")
    with pytest.raises(FileNotFoundError):
        process.start()
    assert not process.alive
    assert len(psutil.Process().children()) == before


def test_its_watchdog_ends_with_it(sleeper):
    before = len(psutil.Process().children())
    sleeper.start()
    assert len(psutil.Process().children()) > before
    sleeper.stop()
    assert len(psutil.Process().children()) == before


PARENT = """
import sys, time
from pathlib import Path
from infra.local.process import ManagedProcess

child = ManagedProcess([sys.executable, "-c", "import time; time.sleep(600)"], log_path=Path(sys.argv[1]) / "child.log")
child.start()
print(child.pid, flush=True)
{then}
"""


@pytest.mark.parametrize(
    ("then", "number"),
    [
        ("time.sleep(600)", signal.SIGKILL),
        ("time.sleep(600)", signal.SIGTERM),
        ("sys.exit(0)", None),
        ("raise ValueError", None),
    ],
    ids=["killed", "terminated", "ended", "crashed"],
)
def test_a_child_dies_with_its_parent(tmp_path, then, number):
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT.format(then=then), str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        if number is not None:
            assert not gone(child)
            parent.send_signal(number)
        parent.wait(10)
    assert eventually(lambda: gone(child))


def test_a_port_is_given_to_one_process_alone(monkeypatch: pytest.MonkeyPatch):
    given = free_ports(3)
    monkeypatch.setattr("infra.local.process._PORTS", given)
    with pytest.raises(RuntimeError, match="no 1 free ports"):
        free_ports(1)
    other = "import infra.local.process as p; p._PORTS = range(%d, %d); p.free_ports(1)"
    words = [sys.executable, "-c", other % (given[0], given[0] + 1)]
    asked = subprocess.run(words, capture_output=True, text=True, check=False)
    assert "no 1 free ports" in asked.stderr


def test_an_answer_of_somebody_else_is_not_taken_for_the_process_that_ended(tmp_path: Path):
    process = ManagedProcess([sys.executable, "-c", "raise SystemExit(3)"], log_path=tmp_path / "log")
    process.start()
    assert eventually(lambda: not process.alive)
    with pytest.raises(NotReadyError, match="ended with code 3"):
        process.wait_until(lambda: True, timeout=10)
    process.stop()


def test_free_ports_are_distinct_and_outside_the_range_of_outgoing_connections():
    ports = free_ports(20)
    assert len(set(ports)) == 20
    assert max(ports) < 32_768
    for port in ports:
        with socket.socket() as server:
            server.bind(("127.0.0.1", port))
