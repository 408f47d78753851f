"""Services run in several instances, and are ready only when they say so."""

from __future__ import annotations

import httpx
import pytest

from infra.local.process import NotReadyError
from infra.local.services import Fleet
from tests.support.deployment import PRELOAD

SERVER = """
import os, sys, time
from http.server import BaseHTTPRequestHandler, HTTPServer

if os.environ["NAME"] == "broken":
    sys.exit("cannot work like this")
ready_at = time.monotonic() + 0.5

class Health(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/readyz" and time.monotonic() > ready_at else 503)
        self.end_headers()
        self.wfile.write(os.environ["NAME"].encode())

HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Health).serve_forever()
"""


def environment(name: str, instance: int, port: int) -> dict[str, str]:
    return {"NAME": f"{name}-{instance}" if name != "broken" else name, "PORT": str(port)}


@pytest.fixture
def module(tmp_path, monkeypatch):
    (tmp_path / "a_small_server.py").write_text(SERVER)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.syspath_prepend(tmp_path)
    return "a_small_server"


@pytest.fixture(params=[(), PRELOAD], ids=["python -m", "forked"])
def preload(request):
    return request.param


def test_each_instance_is_ready_on_its_own_port(module, preload, tmp_path):
    fleet = Fleet(
        {"one": module, "two": module},
        directory=tmp_path,
        environment=environment,
        instances={"two": 2},
        preload=preload,
    )
    with fleet:
        assert {name: len(instances) for name, instances in fleet.items()} == {"one": 1, "two": 2}
        assert all(service.ready for service in fleet.all)
        assert httpx.get(f"{fleet.url('two', 1)}/readyz").text == "two-1"
    assert not any(service.alive for service in fleet.all)


def test_one_instance_is_killed_and_comes_back_while_the_other_stays(module, preload, tmp_path):
    with Fleet({"one": module}, directory=tmp_path, environment=environment, instances=2, preload=preload) as fleet:
        victim, other = fleet["one"]
        pid = other.pid
        victim.kill()
        assert not victim.alive
        assert not victim.ready
        victim.restart()
        assert victim.ready
        assert other.alive
        assert other.pid == pid


def test_when_one_cannot_start_its_log_is_shown_and_the_others_are_ended(module, preload, tmp_path):
    fleet = Fleet({"one": module, "broken": module}, directory=tmp_path, environment=environment, preload=preload)
    with pytest.raises(NotReadyError, match="cannot work like this"):
        fleet.start()
    assert not any(service.alive for service in fleet.all)
