"""Engines for every test that needs them: started once per session, each test with its own databases and groups."""

from __future__ import annotations

import gc
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from infra.local.engines import Engines

settings.register_profile("house", deadline=None)
settings.load_profile("house")
"""No test fails because the machine is busy: what a thing costs is measured in `bench/`."""

CALM = ("test_bus.py", "test_notices.py")
"""Of chaos: they have no fleet, or kill one service of it that others do not wait for."""


KILLING = ("browser", "chaos", "integration", "local", "places")
"""Tests with processes that are killed, elections and time limits, two of which may meet on a busy machine."""


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Tests are collected without the garbage collector, which would take a fifth of the time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A test among processes is tried a second time when it fails, and the summary names it (`RERUN`).

    Rules, contracts and everything that must hold in whatever order (`tests/property`) are tried once.
    Tests in `tests/browser` get the marker `browser`.
    """
    for item in items:
        if not item.path.is_relative_to(config.rootpath):
            continue
        folder = item.path.relative_to(config.rootpath).parts[1]
        if folder in KILLING:
            item.add_marker(pytest.mark.flaky(reruns=1))
        if folder == "browser":
            item.add_marker(pytest.mark.browser)


class Sharing(LoadScopeScheduling):  # type: ignore[misc]
    """Where several processes share the tests: one of them has the city, one all chaos, and files stay whole.

    Two fleets that are killed side by side on two cores take each other for dead.
    """

    def _split_scope(self, nodeid: str) -> str:
        path = self.config.rootpath / nodeid.split("::", 1)[0]
        if path.parent.name == "chaos" and path.name not in CALM:
            return "chaos"
        return "city" if path.parent.name == "integration" and "city: City" in path.read_text("utf-8") else str(path)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Sharing:
    """The tests are shared as `Sharing` says, whatever the command line does."""
    return Sharing(config, log)


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
