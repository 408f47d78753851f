"""What a service declares is what it subscribes to."""

from __future__ import annotations

import re

import pytest

from tests.unit.infra.bench import Rules, tally_service


@pytest.mark.parametrize("topic", ["tallies.events", "asks.police", "asks.city-12345", "redrive.tally"])
def test_a_service_subscribes_to_its_inputs_and_its_own_redrives(topic: str) -> None:
    assert re.search(tally_service(Rules()).pattern, topic)


@pytest.mark.parametrize(
    "topic", ["tallies-events", "tallies.events.more", "my.tallies.events", "redrive.other", "asks.", "noted.events"]
)
def test_a_service_subscribes_to_nothing_else(topic: str) -> None:
    assert not re.search(tally_service(Rules()).pattern, topic)
