"""Intake's OpenAPI document is one: its schemas are schemas, its references lead somewhere, its paths are served."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from pydantic import SecretStr

from contracts.channel import SubmitComplaint
from contracts.message import case_id_for
from infra.app import Application
from infra.http.keys import new_key, stored
from infra.sealing import new_private_key, public_key_of
from services.intake.app import build
from services.intake.settings import IntakeSettings
from tests.support.deployment import DEMO


def settings(**more: Any) -> IntakeSettings:
    key = new_private_key()
    return IntakeSettings(dead_letter_key=SecretStr(key), contact_public_key=public_key_of(key), policies=DEMO, **more)


@pytest.fixture
async def intake() -> AsyncIterator[Application[Any]]:
    """Built and not started: no engine is asked."""
    application = build(settings())
    yield application
    await application.store.close()
    application.tracing.close()


async def get(intake: Application[Any], path: str) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(intake.asgi), base_url="http://test") as client:
        return await client.get(path)


async def test_the_document_is_made_of_valid_schemas(intake: Application[Any]) -> None:
    said = (await get(intake, "/openapi.json")).json()
    schemas = said["components"]["schemas"]
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
    for part in json.dumps(said).split('"#/components/schemas/')[1:]:
        assert part.split('"')[0] in schemas
    ids = [operation["operationId"] for methods in said["paths"].values() for operation in methods.values()]
    assert len(set(ids)) == len(ids)


async def test_a_complaint_over_http_has_the_fields_that_it_has_on_the_bus(intake: Application[Any]) -> None:
    said = (await get(intake, "/openapi.json")).json()["components"]["schemas"]["NewComplaint"]
    ours = set(SubmitComplaint.model_fields) - {"channel", "receipt"}
    assert set(said["properties"]) == ours | {"receipt_wanted"}
    assert set(said["required"]) == {"appeal", "category", "area", "text"}


async def test_health_and_asyncapi_stay_where_they_were(intake: Application[Any]) -> None:
    for path, status in (("/livez", 200), ("/readyz", 503), ("/metrics", 200), ("/asyncapi.json", 200), ("/none", 404)):
        assert (await get(intake, path)).status_code == status, path


async def test_a_service_that_takes_no_messages_yet_takes_none_over_http() -> None:
    key, kept = new_key("web", ["submit"])
    intake = build(settings(http_keys=SecretStr(stored(kept))))
    path = f"/v1/complaints/{case_id_for('web', '1')}/withdraw"
    transport = httpx.ASGITransport(intake.asgi)
    async with httpx.AsyncClient(transport=transport, base_url="http://test", headers={"X-API-Key": key}) as client:
        answer = await client.post(path, json={"external_id": "1"})
        other = await client.post(path, json={"external_id": "2"})
    await intake.store.close()
    intake.tracing.close()
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert other.status_code == 404


def test_a_key_for_a_channel_that_the_place_does_not_have_yet_is_no_error() -> None:
    _, kept = new_key("overseas-forum", ["submit"])
    build(settings(http_keys=SecretStr(stored(kept))))
