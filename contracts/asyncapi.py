"""AsyncAPI 3.0 of the topic registry: of the whole system, or of what one participant sends and receives.

Source: AsyncAPI 3.0.0; AsyncAPI Kafka bindings 0.5.0; CloudEvents 1.0.2, Kafka Protocol Binding §3.2.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

from contracts.codes import Channel
from contracts.items import ITEMS, ItemCommand, ItemFact
from contracts.json_schemas import Schema, components
from contracts.message import CASES, Message
from contracts.reference import PlacePublished
from contracts.registry import Topic
from contracts.roles import PROVIDERS, SERVICES
from contracts.topics import REGISTRY

VERSION = "0.1.0"
"""Version of this package, and so of the document."""
OUTSIDE = ("channel", "unit", "system", "operator", "public")
"""Participants that are no service of ours."""

_BINDINGS = "0.5.0"
_HEADERS = "CloudEventHeaders"
_INTRODUCTION = (
    "Every record is a CloudEvent 1.0 in Kafka binary content mode: attributes as `ce_` headers, JSON as the value. "
    "Records of one case share their key and so keep their order. Skip a `ce_type` you do not know before decoding "
    "the value, and ignore fields you do not know: within a version, fields with defaults are added and nothing else. "
    "Delivery is at least once: drop a record whose `ce_source` and `ce_id` you have seen."
)


def document(service: str | None = None, *, host: str = "localhost:9092", replicas: int | None = None) -> Schema:
    """All topics and who sends and receives what; with `service`, only what that one sends and receives.

    `service` is one of ours, or `channel`, `unit`, `operator`. Raises `ValueError` for any other name.
    """
    if service is not None and service not in (*SERVICES, *OUTSIDE):
        raise ValueError(f"{service!r} takes no part")
    topics = [topic for topic in REGISTRY.topics if list(_parts(topic, service))]
    messages = [message for topic in topics for message in topic.messages]
    operations = {
        f"{name}-{action}-{_channel_id(topic)}": _operation(topic, name, action)
        for topic in topics
        for name, action in _parts(topic, service)
    }
    return {
        "asyncapi": "3.0.0",
        "id": f"urn:xiaoneng:{service}" if service else "urn:xiaoneng",
        "info": {
            "title": f"Xiaoneng: {service}" if service else "Xiaoneng",
            "version": VERSION,
            "description": _INTRODUCTION,
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {"kafka": {"host": host, "protocol": "kafka", "description": "Any broker of the Kafka protocol."}},
        "channels": {_channel_id(topic): _channel(topic, service, replicas) for topic in topics},
        "operations": operations,
        "components": {
            "messages": {message.__name__: _message(message) for message in messages},
            "schemas": {_HEADERS: _headers(), **components(messages)},
        },
    }


def _parts(topic: Topic, service: str | None) -> Iterator[tuple[str, str]]:
    """Who sends and who receives on this topic; with `service`, only that one's part."""
    for names, action in ((topic.writers, "send"), (topic.readers, "receive")):
        for name in names:
            bare = name.strip("{}")
            if service is None or bare == service:
                yield bare, action
            elif bare == "service" and service in SERVICES:
                yield service, action


def _channel_id(topic: Topic) -> str:
    return re.sub(r"[{}]", "", topic.name)


def _channel(topic: Topic, service: str | None, replicas: int | None) -> Schema:
    own = service in SERVICES and topic.fields == ("service",)
    found: Schema = {
        "address": topic.name.format(service=service) if own else topic.name,
        "description": topic.description,
        "messages": {
            message.__name__: {"$ref": f"#/components/messages/{message.__name__}"} for message in topic.messages
        },
        "servers": [{"$ref": "#/servers/kafka"}],
        "bindings": {"kafka": _kafka(topic, replicas)},
    }
    if topic.fields and not own:
        found["parameters"] = {name: _parameter(name) for name in topic.fields}
    return found


def _kafka(topic: Topic, replicas: int | None) -> Schema:
    settings: dict[str, Any] = dict(topic.config())
    settings["cleanup.policy"] = settings["cleanup.policy"].split(",")
    for name in ("retention.ms", "max.message.bytes"):
        if name in settings:
            settings[name] = int(settings[name])
    copies = {} if replicas is None else {"replicas": replicas}
    return {
        "partitions": topic.partitions,
        **copies,
        "topicConfiguration": dict(sorted(settings.items())),
        "bindingVersion": _BINDINGS,
    }


def _parameter(name: str) -> Schema:
    return {
        "channel": {
            "description": "A channel of the place's list (`channels.toml`): it writes, or it is answered.",
            "examples": [str(each) for each in Channel],
        },
        "service": {"description": "The service concerned.", "enum": list(SERVICES)},
        "body": {"description": "A unit that assesses others.", "examples": ["city-office"]},
        "provider": {"description": "Who carries notices.", "examples": list(PROVIDERS)},
        "unit": {"description": "A unit of the organisation tree.", "examples": ["water-company"]},
        "system": {"description": "A system whose items are watched.", "examples": ["e-supervision"]},
    }[name]


def _operation(topic: Topic, name: str, action: str) -> Schema:
    channel = f"#/channels/{_channel_id(topic)}"
    found: Schema = {
        "action": action,
        "channel": {"$ref": channel},
        "summary": f"{name} {action}s: {topic.description}",
        "tags": [{"name": name}],
        "messages": [{"$ref": f"{channel}/messages/{message.__name__}"} for message in topic.messages],
    }
    if (
        action == "receive" and name in SERVICES and PlacePublished not in topic.messages
    ):  # that is read without a group
        group = {"type": "string", "enum": [name]}
        found["bindings"] = {"kafka": {"groupId": group, "bindingVersion": _BINDINGS}}
    return found


def _message(message: type[Message]) -> Schema:
    said = inspect.getdoc(message) or message.TYPE
    return {
        "name": message.TYPE,
        "title": message.__name__,
        "summary": said.split("\n\n")[0].replace("\n", " "),
        "contentType": "application/json",
        "headers": {
            "type": "object",
            "allOf": [
                {"$ref": f"#/components/schemas/{_HEADERS}"},
                {"type": "object", "properties": {"ce_type": {"const": message.TYPE}}},
            ],
        },
        "payload": {"$ref": f"#/components/schemas/{message.__name__}"},
        "bindings": {
            "kafka": {
                "key": _key(message),
                "bindingVersion": _BINDINGS,
            }
        },
    }


_CASE_KEY = (
    f"The case id: UUIDv5 in the namespace {CASES} of the UTF-8 bytes of channel, a line feed and external_id. A"
    " refusal of a record whose reference cannot be read has a key of its own; see docs/partners.md."
)

_ITEM_KEY = f"UUIDv5 in the namespace {ITEMS} of the UTF-8 bytes of system, a line feed and external_id."


def _key(message: type[Message]) -> Schema:
    if issubclass(message, ItemCommand | ItemFact):
        return {"type": "string", "format": "uuid", "description": _ITEM_KEY}
    if "case_id" in message.model_fields or "external_id" in message.model_fields:
        return {"type": "string", "format": "uuid", "description": _CASE_KEY}
    return {"type": "string", "description": "What the record replaces: the last of each key is kept."}


def _headers() -> Schema:
    return {
        "title": _HEADERS,
        "description": "A CloudEvent in Kafka binary content mode, with W3C trace context. All values are UTF-8.",
        "type": "object",
        "required": ["ce_specversion", "ce_id", "ce_source", "ce_type"],
        "properties": {
            "content-type": {"type": "string", "const": "application/json"},
            "ce_specversion": {"type": "string", "const": "1.0"},
            "ce_id": {"type": "string", "minLength": 1, "description": "Unique together with the source."},
            "ce_source": {"type": "string", "format": "uri-reference", "description": "Who speaks."},
            "ce_type": {"type": "string", "pattern": r"\.v[0-9]+$", "description": "Which message, and its version."},
            "ce_subject": {"type": "string", "description": "The Kafka key."},
            "ce_time": {"type": "string", "format": "date-time", "description": "When it was said."},
            "traceparent": {"type": "string", "pattern": "^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$"},
        },
    }
