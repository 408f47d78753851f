"""Engines for every test that needs them: started once per session, each test with its own databases and groups."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.engines import Engines


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where several processes share the tests: one of them has the city, one all chaos, and files stay whole.

    Two fleets that are killed side by side on two cores take each other for dead.
    """
    for item in items:
        if "city" in getattr(item, "fixturenames", ()):
            group = "city"
        else:
            group = "chaos" if item.path.parent.name == "chaos" else str(item.path)
        item.add_marker(pytest.mark.xdist_group(group))


def _engines(name: str, factory: pytest.TempPathFactory) -> Iterator[Engines]:
    with Engines(name, factory.mktemp(name)) as engines:  # type: ignore[arg-type]
        yield engines


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    """The embedded broker and database, shared: other tests' topics and databases are there too."""
    yield from _engines("embedded", tmp_path_factory)


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    """One Apache Kafka broker and the embedded database, shared."""
    yield from _engines("kafka", tmp_path_factory)


@pytest.fixture
def own_embedded(tmp_path: Path) -> Iterator[Engines]:
    """The embedded engines for one test alone, which may kill them."""
    with Engines("embedded", tmp_path / "engines") as engines:
        yield engines


@pytest.fixture(scope="session", params=["embedded", pytest.param("kafka", marks=pytest.mark.kafka)])
def engines(request: pytest.FixtureRequest) -> Engines:
    """Either kind of engines: the same test must hold on both."""
    found: Engines = request.getfixturevalue(request.param)
    return found
