"""JSON Schema (2020-12) of every message type, for readers in other languages; kept in `contracts/schemas`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from contracts.message import Message
from contracts.registry import Registry

Schema = dict[str, Any]


class _Untitled(GenerateJsonSchema):
    """Fields carry no title: it would only repeat their name."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def identifier(type: str) -> str:
    """The `$id` of a type's schema: a name, not an address."""
    return f"urn:xiaoneng:schema:{type}"


def schema_of(message: type[Message]) -> Schema:
    """What a reader of this type accepts. Complete in itself: it refers to no other document."""
    body = message.model_json_schema(mode="validation", schema_generator=_Untitled)
    return {"$schema": _Untitled.schema_dialect, "$id": identifier(message.TYPE), **body}


def schemas(registry: Registry) -> dict[str, Schema]:
    """The schema of every type of the registry, by type, in the order of the types."""
    return {type: schema_of(message) for type, message in sorted(registry.messages.items())}


def components(models: Iterable[type[BaseModel]]) -> dict[str, Schema]:
    """These models and all they refer to, by class name, as they stand under `components/schemas` of an AsyncAPI."""
    _, document = models_json_schema(
        [(model, "validation") for model in models],
        schema_generator=_Untitled,
        ref_template="#/components/schemas/{model}",
    )
    return dict(sorted(document.get("$defs", {}).items()))


def text(document: Mapping[str, Any]) -> str:
    """The document as its file holds it: the same bytes for the same document, wherever it is written."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
