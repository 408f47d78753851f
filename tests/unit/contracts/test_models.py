"""Models are strict and frozen, and their errors never repeat what was said."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from pydantic import BaseModel, ValidationError

from contracts.channel import Contact, SubmitComplaint
from contracts.handling import RequestReturn
from contracts.topics import REGISTRY
from tests.unit.contracts.golden import GOLDEN

MARKER = "林小满13800000000"


def models() -> list[type[BaseModel]]:
    """Every message, and every model inside one."""
    found: list[type[BaseModel]] = list(REGISTRY.messages.values())
    for model in found:  # grows meanwhile
        found += [inner for inner in _inner(model) if inner not in found]
    return found


def _inner(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for field in model.model_fields.values():
        for part in (field.annotation, *getattr(field.annotation, "__args__", ())):
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield part


@pytest.mark.parametrize("model", models(), ids=lambda model: model.__name__)
def test_a_model_is_strict_frozen_and_deaf_to_unknown_fields(model: type[BaseModel]):
    config = model.model_config
    assert (config.get("strict"), config.get("frozen"), config.get("extra")) == (True, True, "ignore")


def test_the_models_inside_messages_are_found():
    assert {"Contact", "Reason", "Origin"} <= {model.__name__ for model in models()}


@pytest.mark.parametrize(
    ("type", "field", "value"),
    [
        ("cn.xiaoneng.complaint.submit.v1", "external_id", 317),
        ("cn.xiaoneng.complaint.submit.v1", "urgent", "true"),
        ("cn.xiaoneng.complaint.submit.v1", "urgent", 1),
        ("cn.xiaoneng.complaint.submit.v1", "channel", "Smoke signal"),
        ("cn.xiaoneng.complaint.submit.v1", "received_at", "2026-11-02T09:12:05"),
        ("cn.xiaoneng.complaint.submit.v1", "received_at", 1793581925),
        ("cn.xiaoneng.complaint.submit.v1", "area", "北城区"),
        ("cn.xiaoneng.complaint.submit.v1", "about", "Police"),
        ("cn.xiaoneng.case.sign.v1", "case_id", "{aa2b8272-f724-587a-a778-4f041d623eb9}"),
        ("cn.xiaoneng.case.sign.v1", "unit", "ecology\n"),
        ("cn.xiaoneng.case.sign.v1", "unit", "../ecology"),
        ("cn.xiaoneng.clock.started.v1", "budget_working_days", 15.0),
        ("cn.xiaoneng.clock.started.v1", "budget_working_days", "15"),
        ("cn.xiaoneng.clock.started.v1", "started_on", "2026-11-02T00:00:00Z"),
        ("cn.xiaoneng.notice.sent.v1", "attempts", 0),
    ],
)
def test_a_value_of_another_form_is_refused_and_not_converted(type: str, field: str, value: object):
    body = json.dumps({**GOLDEN[type].value, field: value})
    with pytest.raises(ValidationError) as refused:
        REGISTRY.messages[type].model_validate_json(body)
    assert [fault["loc"] for fault in refused.value.errors()] == [(field,)]


def test_a_message_cannot_be_changed():
    message = RequestReturn.model_validate_json(GOLDEN[RequestReturn.TYPE].body)
    with pytest.raises(ValidationError, match="frozen"):
        message.reason = "changed"  # type: ignore[misc]


@pytest.mark.parametrize(
    "contact",
    [
        {"name": MARKER * 10},
        {"phone": MARKER * 10},
        {"email": MARKER * 30},
        {"name": [MARKER]},
        {"phone": {"number": MARKER}},
        {"reply_by": MARKER},
        {"language": MARKER},
    ],
    ids=lambda contact: next(iter(contact)),
)
def test_the_text_of_an_error_never_repeats_a_contact(contact: dict[str, object]):
    whole = {**GOLDEN[SubmitComplaint.TYPE].value, "contact": contact}
    for model, body in ((Contact, contact), (SubmitComplaint, whole)):
        with pytest.raises(ValidationError) as refused:
            model.model_validate_json(json.dumps(body, ensure_ascii=False))
        for told in (str(refused.value), repr(refused.value), refused.value.json(include_input=False)):
            assert MARKER not in told
            assert next(iter(contact)) in told


def test_the_text_of_an_error_never_repeats_a_broken_message():
    for body in (f'{{"text": "{MARKER}"', f'"{MARKER}"', f'{{"text": "{MARKER}"}}'):
        with pytest.raises(ValidationError) as refused:
            SubmitComplaint.model_validate_json(body)
        assert MARKER not in str(refused.value)
        assert MARKER not in repr(refused.value)
