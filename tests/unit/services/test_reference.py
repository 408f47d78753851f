"""A contradictory policy reaches no service, whichever way it comes: by its folder, or published without a check."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from contracts.place_versions import PublishedVersions, messages_of
from infra.app import Application
from infra.place import PlaceError
from infra.sealing import new_private_key, public_key_of
from services.intake.app import build as intake
from services.intake.settings import IntakeSettings
from services.routing.app import build as routing
from services.routing.settings import RoutingSettings
from services.scoring.app import build as scoring
from services.scoring.settings import ScoringSettings
from tests.support.deployment import DEMO
from xn.reference.publishing import texts_of

GIVEN: dict[str, Any] = {"dead_letter_key": SecretStr(new_private_key())}
SERVICES: dict[str, Callable[..., Application[Any]]] = {
    "intake": lambda **more: intake(IntakeSettings(contact_public_key=public_key_of(new_private_key()), **more)),
    "routing": lambda **more: routing(RoutingSettings(**more)),
    "scoring": lambda **more: scoring(ScoringSettings(**more)),
}
pytestmark = pytest.mark.parametrize("service", SERVICES)


@pytest.fixture
def ninety(tmp_path: Path) -> Path:
    """The demo place, with weights that make 90."""
    place = tmp_path / "ninety"
    shutil.copytree(DEMO, place)
    scores = place / "scores.toml"
    scores.write_text(scores.read_text().replace("direct-rating = 80", "direct-rating = 70"))
    return place


def test_a_folder_with_a_fault_starts_no_service(service: str, ninety: Path) -> None:
    with pytest.raises(PlaceError, match=r"scores\.toml: group\[0\]\.weights: .* make 90"):
        SERVICES[service](policies=ninety, reference="folder", **GIVEN)


async def test_what_was_published_without_a_check_is_refused_and_the_last_good_version_stays(
    service: str, ninety: Path, caplog: pytest.LogCaptureFixture
) -> None:
    application, published, now = SERVICES[service](policies=ninety, **GIVEN), PublishedVersions(), datetime.now(UTC)
    reference = application.reference
    assert reference is not None
    reference._published = published
    versions = []
    for texts in (texts_of(DEMO), texts_of(ninety)):
        version, said = messages_of("ninety", texts, published, by="x", valid_from=now, at=now)
        published.take(said)
        versions.append(version)
        await _considered(application)
    good, bad = versions
    assert (reference.version, list(reference._refused)) == (good, [bad])
    assert f'xn_reference_refused_total{{version="{bad}"}} 1.0' in application.metrics.render().decode()
    (said_why,) = [record.__dict__["fields"]["why"] for record in caplog.records if record.levelname == "ERROR"]
    assert "make 90" in said_why


async def _considered(application: Application[Any]) -> None:
    reference = application.reference
    assert reference is not None

    async def accept(_files: object) -> str | None:
        return None

    reference._accept = accept  # routing would ask the database for open cases of units that are gone
    await reference.consider()
