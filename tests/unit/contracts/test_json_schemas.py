"""The schemas accept what the models accept, stand alone, and are written the same way each time."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator, ValidationError

from contracts.json_schemas import Schema, identifier, schemas, text
from contracts.topics import REGISTRY
from tests.unit.contracts.golden import GOLDEN

SCHEMAS = schemas(REGISTRY)

each_schema = pytest.mark.parametrize(("type", "schema"), SCHEMAS.items(), ids=SCHEMAS)


def accepts(type: str, value: object) -> bool:
    return Draft202012Validator(SCHEMAS[type], format_checker=Draft202012Validator.FORMAT_CHECKER).is_valid(value)


def test_there_is_one_schema_for_each_type():
    assert list(SCHEMAS) == sorted(REGISTRY.messages)


@each_schema
def test_a_schema_is_valid_and_named_after_its_type(type: str, schema: Schema):
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    assert schema["$id"] == identifier(type) == f"urn:xiaoneng:schema:{type}"


@each_schema
def test_a_schema_accepts_the_golden_sample_of_its_type(type: str, schema: Schema):
    Draft202012Validator(schema).validate(GOLDEN[type].value)
    assert set(GOLDEN[type].value) <= set(schema["properties"])


@each_schema
def test_a_schema_demands_each_field_without_a_default(type: str, schema: Schema):
    for field in schema["required"]:
        value = {name: each for name, each in GOLDEN[type].value.items() if name != field}
        with pytest.raises(ValidationError, match=f"'{field}' is a required property"):
            Draft202012Validator(schema).validate(value)
    assert schema["required"]


@each_schema
def test_a_schema_ignores_fields_it_does_not_know(type: str, schema: Schema):
    assert accepts(type, {**GOLDEN[type].value, "x-unknown": 1})
    assert "additionalProperties" not in json.dumps(schema)


def test_a_schema_refuses_values_of_another_form():
    type = "cn.xiaoneng.complaint.submit.v1"
    for field, value in (("urgent", "true"), ("area", "北城区"), ("channel", "Smoke signal"), ("external_id", "")):
        assert not accepts(type, {**GOLDEN[type].value, field: value})


def test_a_schema_refers_to_nothing_outside_itself():
    for schema in SCHEMAS.values():
        targets = [line.split('"')[3] for line in text(schema).splitlines() if '"$ref"' in line]
        assert [target for target in targets if not target.startswith("#/$defs/")] == []


def test_schemas_are_written_the_same_way_each_time():
    assert [text(each) for each in schemas(REGISTRY).values()] == [text(each) for each in SCHEMAS.values()]
    assert text(SCHEMAS["cn.xiaoneng.case.sign.v1"]).endswith("}\n")
    assert "签收" in text(SCHEMAS["cn.xiaoneng.case.sign.v1"])
