"""The version of the moment: the newest that is whole, in force and acceptable; else the last good one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from contracts.place_versions import PublishedVersions, messages_of
from contracts.reference import ReferencePublished
from infra.place import PlaceError, PlaceFiles
from infra.reference import NoPlaceError, Reference
from infra.settings import Settings
from infra.telemetry import Metrics

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)


def settings(folder: Path, **given: Any) -> Settings:
    return Settings(policies=folder, dead_letter_key=SecretStr("x"), **given)


def build(version: str, tables: Mapping[str, Mapping[str, Any]]) -> str:
    return f"{version}: {tables['rules']['say']}"


class Publisher:
    """Publishes without a broker."""

    def __init__(self) -> None:
        self.published = PublishedVersions()

    def publish(self, say: str, *, valid_from: datetime = NOW) -> str:
        version, messages = messages_of("town", {"rules": say}, self.published, by="x", valid_from=valid_from, at=NOW)
        self.published.take(messages)
        return version


@pytest.fixture
def centre() -> Publisher:
    return Publisher()


def reference(centre: Publisher, tmp_path: Path, **given: Any) -> Reference[str]:
    found = Reference(settings(tmp_path / "town"), build, **given)
    found._published = centre.published
    found._clock = lambda: NOW
    return found


async def test_the_newest_version_is_used_and_the_one_published_again_is_the_newest(centre, tmp_path):
    used = reference(centre, tmp_path)
    first, second = centre.publish('say = "one"'), centre.publish('say = "two"')
    await used.consider()
    assert (used.version, used.rules) == (second, f"{second}: two")
    assert centre.publish('say = "one"') == first
    await used.consider()
    assert used.version == first


async def test_publishing_the_newest_again_says_nothing(centre):
    centre.publish('say = "one"')
    _, said = messages_of("town", {"rules": 'say = "one"'}, centre.published, by="x", valid_from=NOW, at=NOW)
    assert said == []


async def test_a_version_that_cannot_be_built_is_refused_and_the_last_one_stays(centre, tmp_path):
    used = reference(centre, tmp_path)
    good = centre.publish('say = "one"')
    await used.consider()
    broken = centre.publish('other = "two"')
    await used.consider()
    assert (used.version, used.rules) == (good, f"{good}: one")
    assert broken in used._refused


async def test_a_version_that_contradicts_itself_is_refused_though_it_could_be_built(centre, tmp_path, caplog):
    used = reference(centre, tmp_path, check=lambda tables: ("says two",) if tables["rules"]["say"] == "two" else ())
    used._metrics = metrics = Metrics.create()
    good, bad = centre.publish('say = "one"'), centre.publish('say = "two"')
    for _ in range(2):
        await used.consider()
    assert (used.version, used.rules) == (good, f"{good}: one")
    assert f'xn_reference_refused_total{{version="{bad}"}} 1.0' in metrics.render().decode()
    assert [record.fields["why"] for record in caplog.records if record.levelname == "ERROR"] == [
        "PlaceError: says two"
    ]


async def test_a_table_that_is_absent_or_forged_makes_no_version(centre, tmp_path):
    used = reference(centre, tmp_path)
    centre.publish('say = "one"')
    (key, table), *_ = centre.published.tables.items()
    del centre.published.tables[key]
    await used.consider()
    assert used.version is None
    assert isinstance(table, ReferencePublished)
    centre.published.tables[key] = table.model_copy(update={"content": 'say = "forged"'})
    await used.consider()
    assert used.version is None
    centre.published.tables[key] = table
    await used.consider()
    assert used.rules.endswith("one")


async def test_a_version_waits_for_its_day(centre, tmp_path):
    used = reference(centre, tmp_path)
    first = centre.publish('say = "one"')
    second = centre.publish('say = "two"', valid_from=NOW + timedelta(hours=1))
    await used.consider()
    assert used.version == first
    used._clock = lambda: NOW + timedelta(hours=1)
    await used.consider()
    assert used.version == second


async def test_what_may_not_be_used_yet_is_asked_for_again(centre, tmp_path):
    answers: list[str | None] = ["open cases", "open cases", None]

    async def accept(_files: PlaceFiles) -> str | None:
        return answers.pop(0)

    used = reference(centre, tmp_path, accept=accept)
    version = centre.publish('say = "one"')
    for expected in (None, None, version, version):
        await used.consider()
        assert used.version == expected


def test_before_anything_is_loaded_there_are_no_rules(centre, tmp_path):
    with pytest.raises(NoPlaceError):
        _ = reference(centre, tmp_path).rules


def test_a_function_of_the_rules_is_looked_up_at_each_call(centre, tmp_path):
    used = reference(centre, tmp_path)
    shout = used.now(lambda rules: rules.upper)
    used._use(PlaceFiles("v1", {}), "one")
    assert shout() == "ONE"
    used._use(PlaceFiles("v2", {}), "two")
    assert shout() == "TWO"


def test_the_folder_alone_must_be_there_at_once(tmp_path):
    with pytest.raises(PlaceError):
        Reference(settings(tmp_path / "nowhere", reference="folder"), build)
    folder = tmp_path / "town"
    folder.mkdir()
    (folder / "rules.toml").write_text('say = "folder"')
    assert Reference(settings(folder, reference="folder"), build).rules.endswith("folder")
    with pytest.raises(PlaceError, match="one; two"):
        Reference(settings(folder, reference="folder"), build, check=lambda _: ("one", "two"))
