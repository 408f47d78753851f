"""The AsyncAPI document says what the registry says. That it is valid AsyncAPI, `tests/contracts` shows."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import contracts
from contracts.asyncapi import OUTSIDE, VERSION, document
from contracts.json_schemas import Schema
from contracts.roles import SERVICES
from contracts.topics import REGISTRY
from tests.unit.contracts.golden import GOLDEN, Golden

made = cache(document)

each_document = pytest.mark.parametrize(
    "said", [None, *SERVICES, *OUTSIDE], ids=lambda name: name or "all", indirect=True
)


@pytest.fixture
def whole() -> Schema:
    """The document of the whole system."""
    return made()


@pytest.fixture
def said(request: pytest.FixtureRequest) -> Schema:
    """The document of one participant, or of the whole system."""
    return made(request.param) if request.param else made()


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, each in value.items():
            if name == "$ref":
                yield each
            else:
                yield from references(each)
    elif isinstance(value, list):
        for each in value:
            yield from references(each)


def target(said: Schema, reference: str) -> Any:
    found: Any = said
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return found


@each_document
def test_every_reference_leads_somewhere(said: Schema):
    found = list(references(said))
    assert found
    assert all(isinstance(target(said, each), dict) for each in found)


@each_document
def test_an_operation_speaks_of_messages_of_its_own_channel(said: Schema):
    for operation in said["operations"].values():
        channel = operation["channel"]["$ref"]
        assert operation["messages"]
        assert all(each["$ref"].startswith(f"{channel}/messages/") for each in operation["messages"])


@each_document
def test_a_channel_declares_the_parameters_of_its_address(said: Schema):
    for channel in said["channels"].values():
        names = [f"{{{name}}}" for name in channel.get("parameters", {})]
        assert channel["address"].count("{") == len(names)
        assert all(name in channel["address"] for name in names)


def test_the_whole_document_has_every_topic_and_every_type(whole: Schema):
    assert [channel["address"] for channel in whole["channels"].values()] == [t.name for t in REGISTRY.topics]
    assert {message["name"] for message in whole["components"]["messages"].values()} == set(REGISTRY.messages)


def test_the_whole_document_says_who_sends_and_who_receives(whole: Schema):
    said = {
        (operation["tags"][0]["name"], operation["action"], target(whole, operation["channel"]["$ref"])["address"])
        for operation in whole["operations"].values()
    }
    assert said == {
        (name.strip("{}"), action, topic.name)
        for topic in REGISTRY.topics
        for action, names in (("send", topic.writers), ("receive", topic.readers))
        for name in names
    }


def test_a_document_of_a_service_has_only_what_it_sends_and_receives():
    said = made("intake")
    assert {(o["action"], target(said, o["channel"]["$ref"])["address"]) for o in said["operations"].values()} == {
        ("receive", "complaints.{channel}"),
        ("receive", "clerking.{unit}"),
        ("send", "cases.events"),
        ("send", "reception.{unit}"),
        ("send", "contacts"),
        ("send", "dead-letters.intake"),
        ("receive", "redrive.intake"),
        ("receive", "reference.places"),
        ("receive", "cases.events"),
        ("receive", "routing.events"),
        ("receive", "scoring.events"),
    }
    assert "NoticeSent" not in said["components"]["messages"]
    assert "Verdict" not in said["components"]["schemas"]


def test_a_service_receives_as_the_group_of_its_name():
    operation = made("notify")["operations"]["notify-receive-cases.events"]
    assert operation["bindings"]["kafka"]["groupId"] == {"type": "string", "enum": ["notify"]}


def test_a_channel_is_bound_to_the_settings_of_its_topic(whole: Schema):
    binding = whole["channels"]["complaints.channel"]["bindings"]["kafka"]
    assert binding == {
        "partitions": 4,
        "topicConfiguration": {"cleanup.policy": ["delete"], "max.message.bytes": 2097152, "retention.ms": 259200000},
        "bindingVersion": "0.5.0",
    }
    compacted = whole["channels"]["contacts"]["bindings"]["kafka"]["topicConfiguration"]
    assert compacted == {"cleanup.policy": ["compact"], "max.message.bytes": 1048576}


def test_replicas_and_host_are_said_when_they_are_known():
    said = document("intake", host="broker:9093", replicas=3)
    assert {channel["bindings"]["kafka"]["replicas"] for channel in said["channels"].values()} == {3}
    assert said["servers"]["kafka"]["host"] == "broker:9093"


def test_somebody_who_takes_no_part_has_no_document():
    with pytest.raises(ValueError, match="'billing' takes no part"):
        document("billing")


@pytest.mark.parametrize("sample", GOLDEN.values(), ids=GOLDEN)
def test_the_schemas_of_a_message_accept_headers_and_value_of_its_sample(sample: Golden, whole: Schema):
    message = next(each for each in whole["components"]["messages"].values() if each["name"] == sample.type)
    for part, said in (("headers", sample.headers), ("payload", sample.value)):
        Draft202012Validator({**message[part], "components": whole["components"]}).validate(said)
    others = Draft202012Validator({**message["headers"], "components": whole["components"]})
    assert not others.is_valid({**sample.headers, "ce_type": "cn.xiaoneng.case.other.v1"})
    assert not others.is_valid({name: said for name, said in sample.headers.items() if name != "ce_id"})


def test_the_document_has_the_version_of_the_package(whole: Schema):
    project = tomllib.loads((Path(contracts.__path__[0]) / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["version"] == VERSION == whole["info"]["version"]
