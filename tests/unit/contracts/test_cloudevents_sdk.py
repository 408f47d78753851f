"""The CloudEvents SDK for Python, which knows nothing of us, reads our records, and we read its."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary, to_binary, to_structured
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from contracts.envelope import decode
from contracts.topics import REGISTRY
from tests.unit.contracts.golden import GOLDEN, Golden

samples = pytest.mark.parametrize("sample", GOLDEN.values(), ids=GOLDEN)


def foreign(sample: Golden) -> CloudEvent:
    """The event as a program would build it that uses the SDK instead of our package."""
    attributes = {
        "id": sample.headers["ce_id"],
        "source": sample.headers["ce_source"],
        "type": sample.type,
        "specversion": "1.0",
        "subject": sample.key,
        "datacontenttype": "application/json",
        "time": datetime.fromisoformat(sample.headers["ce_time"]),
        "partitionkey": sample.key,
        "traceparent": sample.headers["traceparent"],
    }
    return CloudEvent(attributes, sample.value)


@samples
def test_the_sdk_reads_our_record(sample: Golden):
    message = KafkaMessage(headers=dict(sample.raw_headers), key=sample.key, value=sample.body)
    event = from_binary(message, JSONFormat())
    assert event.get_id() == sample.headers["ce_id"]
    assert event.get_source() == sample.headers["ce_source"]
    assert event.get_type() == sample.type
    assert event.get_subject() == sample.key
    assert event.get_time() == datetime.fromisoformat(sample.headers["ce_time"])
    assert event.get_datacontenttype() == "application/json"
    assert event.get_data() == sample.value


@samples
@pytest.mark.parametrize("write", [to_binary, to_structured], ids=["binary", "structured"])
def test_we_read_the_record_of_the_sdk(sample: Golden, write):
    written = write(foreign(sample), JSONFormat())
    envelope, body = decode(list(written.headers.items()), written.value)
    ours, _ = decode(sample.raw_headers, sample.body)
    assert envelope == ours
    assert json.loads(body) == sample.value
    assert REGISTRY.messages[sample.type].model_validate_json(body).key == sample.key
