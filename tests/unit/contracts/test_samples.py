"""Every released type keeps a golden sample, which must parse for ever."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import BaseModel

from contracts.envelope import decode, encode
from contracts.topics import REGISTRY
from tests.unit.contracts.golden import GOLDEN, Golden

samples = pytest.mark.parametrize("sample", GOLDEN.values(), ids=GOLDEN)


def test_every_type_has_a_sample_and_every_sample_a_type():
    assert set(GOLDEN) == set(REGISTRY.messages)


@samples
def test_a_sample_parses_and_says_what_it_is(sample: Golden):
    envelope, body = decode(sample.raw_headers, sample.body)
    assert envelope.type == sample.type
    message = REGISTRY.messages[sample.type].model_validate_json(body)
    assert (message.topic, message.key, message.time) == (sample.topic, sample.key, envelope.time)


@samples
def test_encoding_a_sample_again_writes_the_same_record(sample: Golden):
    """Fields that were added since with a default are written besides; what the sample says is written byte by byte."""
    envelope, body = decode(sample.raw_headers, sample.body)
    message = REGISTRY.messages[sample.type].model_validate_json(body)
    assert message.model_dump_json(exclude_unset=True).encode() == sample.body
    record = encode(message, id=envelope.id, source=envelope.source, traceparent=envelope.traceparent)
    assert record.headers == sample.raw_headers
    assert (record.topic, record.key.decode()) == (sample.topic, sample.key)
    assert type(message).model_validate_json(record.value) == message


@samples
def test_unknown_fields_are_ignored_at_every_depth(sample: Golden):
    model = REGISTRY.messages[sample.type]
    assert model.model_validate_json(json.dumps(_with_unknown_fields(sample.value))) == model.model_validate_json(
        sample.body
    )


@samples
def test_a_sample_leaves_no_field_of_its_model_out(sample: Golden):
    """Remove a field's name here only when it was added, with a default, after the type was released."""
    assert _absent(REGISTRY.messages[sample.type].model_validate_json(sample.body)) == []


def _with_unknown_fields(value: Any) -> Any:
    match value:
        case dict():
            return {**{name: _with_unknown_fields(each) for name, each in value.items()}, "x-unknown": ["later"]}
        case list():
            return [_with_unknown_fields(each) for each in value]
        case _:
            return value


def _absent(message: BaseModel) -> list[str]:
    found = sorted(set(type(message).model_fields) - message.model_fields_set)
    for name in type(message).model_fields:
        value = getattr(message, name)
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, BaseModel):
                found += [f"{name}.{inner}" for inner in _absent(each)]
    return found
