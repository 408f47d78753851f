"""Who asks while an engine is away is told to come again, and loses nothing by it."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import httpx

from infra.local.engines import Engines
from infra.local.secantusdb import SecantusDB
from infra.local.tansu import Tansu
from tests.integration.test_native_api import body, registered
from tests.support.app import app_of
from tests.support.deployment import Deployment
from tests.support.waiting import answers


def told_to_come_again(answer: httpx.Response) -> None:
    """A problem that passes, with the time after which."""
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert int(answer.headers["retry-after"]) >= 1


async def test_without_a_broker_or_a_database_the_answer_is_come_again(own_embedded: Engines, tmp_path: Path) -> None:
    assert isinstance(own_embedded.kafka, Tansu)
    assert isinstance(own_embedded.mongo, SecantusDB)
    async with Deployment(
        own_embedded, tmp_path / "services", settings={"XN_SESSION_TIMEOUT_MS": "4000"}
    ) as deployment:
        url = deployment.fleet.url("intake")
        headers = {"X-API-Key": deployment.api_keys["web"]}
        async with httpx.AsyncClient(base_url=url, headers=headers, trust_env=False, timeout=30) as client:
            known = (await client.post("/v1/complaints", json=body())).json()
            await registered(client, known["case_id"])

            own_embedded.kafka.kill()
            began, given = time.monotonic(), [body() for _ in range(5)]
            for answer in await asyncio.gather(*(client.post("/v1/complaints", json=each) for each in given)):
                told_to_come_again(answer)
            assert time.monotonic() - began < 20
            form = {"api_key": deployment.api_keys["web"], "service_code": "road-damage", "address_string": "x"}
            refused = await client.post("/open311/v2/requests.json", data=form)
            assert (refused.status_code, refused.json()[0]["code"]) == (503, 503)
            assert (await client.get(f"/v1/complaints/{known['case_id']}")).status_code == 200

            own_embedded.mongo.kill()
            told_to_come_again(await client.get(f"/v1/complaints/{known['case_id']}"))
            told_to_come_again(await client.post("/v1/status", json={"number": "SL-1", "receipt_code": "0" * 16}))

            own_embedded.mongo.start()
            own_embedded.kafka.start()
            await deployment.ensure_topics()
        await answers([f"{url}/readyz"], 200)
        async with app_of(url, headers) as partner:
            for each in given:
                answer = await partner.post("/v1/complaints", json=each)
                assert answer.status_code in {200, 202}, answer.text
                await registered(partner, answer.json()["case_id"])
