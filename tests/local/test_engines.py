"""The engines are chosen by name or by the environment, and announced to other processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from pymongo import MongoClient

from infra.local.engines import Engines
from infra.local.process import NotReadyError


async def test_the_embedded_engines_answer_until_they_are_closed(tmp_path, topics):
    with Engines("embedded", tmp_path, environ={}) as engines:
        await topics(engines.bootstrap).create("things")
        assert await topics(engines.bootstrap).names() == {"things"}
        with MongoClient(engines.mongo_uri) as client:
            assert client.admin.command("ping")["ok"] == 1
        assert engines.kafka is not None
        assert engines.mongo is not None
    assert not engines.mongo.process.alive


def test_engines_named_by_the_environment_are_used_as_they_are(tmp_path):
    given = {"XN_KAFKA_BOOTSTRAP": "kafka.example:9092", "XN_MONGO_URI": "mongodb://mongo.example"}
    with Engines("embedded", tmp_path, environ=given) as engines:
        assert engines.kafka is None
        assert engines.mongo is None
        assert engines.exports() == given
    assert list(tmp_path.iterdir()) == []


def test_only_the_one_that_is_not_named_is_started(tmp_path):
    with Engines("embedded", tmp_path, environ={"XN_MONGO_URI": "mongodb://mongo.example"}) as engines:
        assert engines.mongo is None
        assert engines.kafka is not None
        assert engines.mongo_uri == "mongodb://mongo.example"


def test_when_one_cannot_start_the_other_is_ended(tmp_path):
    engines = Engines("embedded", tmp_path, environ={})
    assert engines.kafka is not None
    assert engines.mongo is not None
    engines.mongo.process.command = ["/bin/sh", "-c", "exit 1"]
    with pytest.raises(NotReadyError):
        engines.start()
    assert not getattr(engines.kafka, "process").alive  # noqa: B009


@pytest.mark.kafka
async def test_apache_kafka_is_chosen_by_name(tmp_path, topics):
    with Engines("kafka", tmp_path, environ={"XN_MONGO_URI": "mongodb://mongo.example"}) as engines:
        await topics(engines.bootstrap).create("things")
        assert "things" in await topics(engines.bootstrap).names()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_prints_two_exports_and_ends_everything_when_interrupted(tmp_path, number):
    command = [sys.executable, "-m", "infra.local", "--directory", str(tmp_path)]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("XN_")}
    runner = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ)
    with runner:
        assert runner.stdout is not None
        lines = [runner.stdout.readline() for _ in range(2)]
        assert [line.split("=")[0] for line in lines] == ["export XN_KAFKA_BOOTSTRAP", "export XN_MONGO_URI"]
        uri = lines[1].split("=", 1)[1].strip().strip("'")
        with MongoClient(uri, serverSelectionTimeoutMS=5_000) as client:
            assert client.admin.command("ping")["ok"] == 1
        runner.send_signal(number)
        try:
            assert runner.wait(30) == 0
        finally:
            runner.kill()
    with MongoClient(uri, serverSelectionTimeoutMS=300) as client, pytest.raises(Exception, match="refused"):
        client.admin.command("ping")
