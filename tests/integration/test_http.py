"""What each service serves over HTTP: whether it is alive and ready, its metrics, documentation of its topics."""

from __future__ import annotations

import pytest
from prometheus_client.parser import text_string_to_metric_families

from contracts.roles import SERVICES
from contracts.topics import REGISTRY
from tests.support.bus import complaint
from tests.support.city import City, reference

METRICS = {
    "xn_batch_messages",
    "xn_batch_seconds",
    "xn_consumer_lag",
    "xn_dead_letters",
    "xn_messages_consumed",
    "xn_message_latency_seconds",
    "xn_parked_keys_seen",
    "xn_ready",
}


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("path", ["/livez", "/readyz"])
async def test_each_service_is_alive_and_ready(city: City, service: str, path: str) -> None:
    response = city.page(service, path)
    assert (response.status_code, response.text) == (200, "ok")


async def test_each_service_counts_its_lag_batches_latency_and_parked_keys(city: City) -> None:
    await city.to_the_end(complaint(reference()))
    for service in SERVICES:
        page = city.page(service, "/metrics")
        assert page.headers["content-type"].startswith("text/plain")
        families = {family.name: family for family in text_string_to_metric_families(page.text)}
        assert families.keys() >= METRICS
        assert [sample.value for sample in families["xn_ready"].samples] == [1]
        lags = families["xn_consumer_lag"].samples
        assert {"topic", "partition"} <= lags[0].labels.keys()
        assert any(s.value > 0 for s in families["xn_message_latency_seconds"].samples if s.name.endswith("_count"))


@pytest.mark.parametrize("service", SERVICES)
async def test_each_service_documents_the_topics_it_writes_and_reads(city: City, service: str) -> None:
    response = city.page(service, "/asyncapi.json")
    assert response.headers["content-type"] == "application/json"
    document = response.json()
    assert document["asyncapi"] == "3.0.0"
    addresses = {channel["address"] for channel in document["channels"].values()}
    for topic in REGISTRY.topics:
        if service in (*topic.writers, *topic.readers):
            assert topic.name in addresses
    assert f"dead-letters.{service}" in addresses

    page = city.page(service, "/asyncapi")
    assert page.headers["content-type"].startswith("text/html")
    assert f"Xiaoneng: {service}" in page.text


@pytest.mark.parametrize("service", SERVICES)
async def test_what_is_not_served_is_not_found(city: City, service: str) -> None:
    assert city.page(service, "/no-such-page").status_code == 404
