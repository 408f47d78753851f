"""Tansu starts, answers ordinary clients, and forgets everything when it ends."""

from __future__ import annotations

import pytest

from infra.local.tansu import Tansu


@pytest.fixture
def tansu(tmp_path):
    broker = Tansu(tmp_path / "tansu")
    broker.start()
    yield broker
    broker.stop()


async def test_what_is_written_is_read(tansu, topics):
    client = topics(tansu.bootstrap)
    await client.create("things")
    await client.write("things", b"a", b"b", b"c")
    assert await client.read("things", 3) == [b"a", b"b", b"c"]


async def test_a_killed_broker_comes_back_on_its_port_knowing_nothing(tansu, topics):
    client, bootstrap = topics(tansu.bootstrap), tansu.bootstrap
    await client.create("things")
    await client.write("things", b"a")
    tansu.kill()
    assert not tansu.process.alive
    tansu.restart()
    assert tansu.bootstrap == bootstrap
    assert await client.names() == set()


def test_two_brokers_run_side_by_side(tansu, tmp_path):
    other = Tansu(tmp_path / "other")
    other.start()
    try:
        assert other.port != tansu.port
    finally:
        other.stop()


def test_settings_meant_for_other_programs_do_not_reach_it(tmp_path, monkeypatch):
    monkeypatch.setenv("STORAGE_ENGINE", "postgres://elsewhere")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    broker = Tansu(tmp_path / "tansu")
    broker.start()
    broker.stop()
    assert broker.process.env is not None
    assert not {"STORAGE_ENGINE", "OTEL_EXPORTER_OTLP_ENDPOINT"} & broker.process.env.keys()
