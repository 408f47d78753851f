"""Apache Kafka starts, answers ordinary clients, and keeps messages and offsets through kills."""

from __future__ import annotations

import asyncio

import pytest

from infra.local import jars
from infra.local.apache_kafka import ApacheKafka
from infra.local.jars import MissingToolError, kafka_version, tool

pytestmark = [pytest.mark.kafka, pytest.mark.slow]


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    kafka = ApacheKafka(tmp_path_factory.mktemp("one"))
    kafka.start()
    yield kafka
    kafka.stop()


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    kafka = ApacheKafka(tmp_path_factory.mktemp("three"), brokers=3)
    kafka.start()
    yield kafka
    kafka.stop()


async def test_one_broker_keeps_messages_and_offsets_through_a_kill(one, topics):
    client = topics(one.bootstrap)
    await client.create("kept")
    await client.write("kept", b"a", b"b")
    assert await client.read("kept", 2, group="readers") == [b"a", b"b"]
    one.kill()
    one.restart(0)
    await client.write("kept", b"c")
    assert await client.read("kept", 1, group="readers") == [b"c"]
    assert await client.read("kept", 3) == [b"a", b"b", b"c"]


async def test_one_broker_keeps_them_through_an_orderly_restart(one, topics):
    client = topics(one.bootstrap)
    await client.create("orderly")
    await client.write("orderly", b"a")
    one.restart()
    assert await client.read("orderly", 1) == [b"a"]


async def test_a_message_of_two_mebibytes_is_taken(one, topics):
    from aiokafka import AIOKafkaProducer

    client = topics(one.bootstrap)
    await client.create("large")
    producer = AIOKafkaProducer(bootstrap_servers=one.bootstrap, max_request_size=4 << 20, enable_idempotence=False)
    async with producer:
        await producer.send_and_wait("large", b"x" * (2 << 20))
    [value] = await client.read("large", 1)
    assert len(value) == 2 << 20


async def test_topics_are_not_created_by_asking_for_them(one, topics):
    from aiokafka import AIOKafkaProducer

    async with AIOKafkaProducer(bootstrap_servers=one.bootstrap, enable_idempotence=False) as producer:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(2):
                await producer.send("undeclared", b"x")
    assert "undeclared" not in await topics(one.bootstrap).names()


async def test_three_brokers_lose_nothing_when_one_is_killed(three, topics):
    client = topics(three.bootstrap)
    await client.create("replicated", replicas=3)
    three.kill(0)
    async with asyncio.timeout(60):
        await client.write("replicated", b"written without it")
        assert await client.read("replicated", 1) == [b"written without it"]


def test_a_missing_tool_is_named_with_what_to_install(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(MissingToolError, match="apt-get install openjdk-17-jre-headless"):
        tool("java")
    with pytest.raises(MissingToolError, match="apt-get install maven"):
        tool("mvn")


def test_the_jars_are_kept_for_the_next_time(monkeypatch):
    folder = jars.jars()
    assert (folder / f"kafka_2.13-{kafka_version()}.jar").is_file()
    monkeypatch.setenv("PATH", "/nowhere")
    assert jars.jars() == folder


def test_maven_is_quoted_when_it_fails(monkeypatch, tmp_path):
    pom = tmp_path / "pom.xml"
    pom.write_text(jars._POM.read_text().replace(kafka_version(), "0.0.0-none"))
    monkeypatch.setattr(jars, "_POM", pom)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(RuntimeError, match=r"0\.0\.0-none"):
        jars.jars()
    assert not list((tmp_path / "xiaoneng" / "kafka-jars").iterdir())
