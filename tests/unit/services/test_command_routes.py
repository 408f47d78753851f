"""Every command that a client may send has an HTTP route for the kind of client that may write its topic."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from contracts.message import topic_fields
from contracts.topics import REGISTRY
from infra.app import Application
from infra.http.serving import HttpSide
from infra.sealing import new_private_key, public_key_of
from services.intake.app import build as intake
from services.intake.settings import IntakeSettings
from services.notify.app import build as notify
from services.notify.settings import NotifySettings
from services.routing.app import build as routing
from services.routing.settings import RoutingSettings
from services.scoring.app import build as scoring
from services.scoring.settings import ScoringSettings
from tests.support.deployment import DEMO

PAGE = Path(__file__).parents[3] / "docs" / "http.md"
CLIENTS = {"channel": "channel", "unit": "unit", "body": "unit", "system": "system", "provider": "provider"}
"""Kind of client by the placeholder of the topics that it writes."""
OPERATOR_ONLY = {
    "dead-letters.{service}": "written by the services themselves",
    "redrive.{service}": "sealed dead letters: `xn dead-letters redrive` alone can make them",
    "notices.redrive": "`xn notices redrive`, or POST /v1/notices/{notice_id}/redrive with the right `operate`",
    "reference.places": "`xn reference publish`, after its checks",
}
"""Topics that no client writes, though no service is named as their writer; each with the reason."""


@dataclass(frozen=True)
class Route:
    """One route that publishes commands."""

    service: str
    name: str
    client: str | None
    """Kind of client; None: no key is needed."""
    commands: tuple[tuple[str, str], ...]
    """Type and topic."""


def _built() -> Iterator[tuple[str, Application[Any]]]:
    given: dict[str, Any] = {"dead_letter_key": SecretStr(new_private_key()), "policies": DEMO}
    private = new_private_key()
    yield "intake", intake(IntakeSettings(contact_public_key=public_key_of(private), **given))
    yield "routing", routing(RoutingSettings(**given))
    yield "scoring", scoring(ScoringSettings(**given))
    yield "notify", notify(NotifySettings(contact_private_key=SecretStr(private), **given))


@pytest.fixture(scope="module")
def documents() -> dict[str, dict[str, Any]]:
    """The OpenAPI document of each service. Nothing is started."""
    found = {}
    for service, application in _built():
        side = application.asgi.own
        assert isinstance(side, HttpSide)
        found[service] = side.document()
        application.tracing.close()
    return found


@pytest.fixture
def routes(documents: dict[str, dict[str, Any]]) -> list[Route]:
    """Every route that publishes commands."""
    return [
        Route(
            service,
            f"{method.upper()} {path}",
            operation.get("x-client"),
            tuple((each["type"], each["topic"]) for each in operation["x-commands"]),
        )
        for service, document in documents.items()
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if "x-commands" in operation
    ]


def written_by_clients() -> dict[str, str]:
    """Topics that clients write, with the kind of client."""
    found = {}
    for topic in REGISTRY.topics:
        for writer in topic.writers:
            if writer == f"{{{''.join(topic_fields(topic.name))}}}" and topic.name not in OPERATOR_ONLY:
                found[topic.name] = CLIENTS[writer[1:-1]]
    return found


def test_whatever_no_client_writes_is_written_by_a_service_or_an_operator() -> None:
    others = {topic.name for topic in REGISTRY.topics} - written_by_clients().keys()
    by_operators = {
        name for name in others if not set(REGISTRY[name].writers) <= {"intake", "routing", "scoring", "notify"}
    }
    assert by_operators == OPERATOR_ONLY.keys()


@pytest.mark.parametrize("topic", written_by_clients())
def test_every_command_has_a_route_for_the_clients_of_its_topic(topic: str, routes: list[Route]) -> None:
    wanted = {(kind.TYPE, topic) for kind in REGISTRY[topic].messages}
    client = written_by_clients()[topic]
    served = {command for route in routes if route.client == client for command in route.commands}
    assert wanted - served == set(), f"no route for {client} keys: add `commands=` to the endpoint that publishes them"


def test_no_route_publishes_for_another_kind_of_client(routes: list[Route]) -> None:
    """A complainant needs no key; what they send goes to the topic of their channel."""
    clients = written_by_clients()
    strange = [
        (route.name, topic)
        for route in routes
        for _, topic in route.commands
        if route.client not in {clients[topic], None}
    ]
    assert strange == []


def test_every_route_of_a_key_names_its_kind_of_client(documents: dict[str, dict[str, Any]]) -> None:
    unnamed = [
        f"{service}: {method.upper()} {path}"
        for service, document in documents.items()
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if operation["security"] and "x-client" not in operation
    ]
    assert unnamed == []


def test_the_page_has_one_row_for_each_topic_and_route(routes: list[Route]) -> None:
    assert sorted(rows_of_page(4)) == sorted(map(row, routes))


def test_the_page_names_a_stream_for_the_answers_of_each_topic_of_commands(
    documents: dict[str, dict[str, Any]],
) -> None:
    named = set()
    for topic, stream, client in (line.strip("| ").split(" | ") for line in rows_of_page(3)):
        service, _, path = stream.partition(": `GET ")
        assert documents[service]["paths"][path.strip("`")]["get"]["x-client"] == client
        named.add(re.sub(r"<(\w+)>", r"{\1}", topic.strip("`")))
    to_staff = {"{unit}", "{body}", "{system}"}
    assert named == {topic.name for topic in REGISTRY.topics if to_staff & {*topic.readers}}


def rows_of_page(columns: int) -> list[str]:
    """Rows with so many columns in the section about commands of docs/http.md."""
    section = PAGE.read_text("utf-8").partition("\n## Commands\n")[2].partition("\n## ")[0]
    return [line for line in section.splitlines() if line.startswith("| `") and line.count(" | ") == columns - 1]


def row(route: Route) -> str:
    """The row of a route in docs/http.md."""
    types = ", ".join(f"`{type.removeprefix('cn.xiaoneng.').removesuffix('.v1')}`" for type, _ in route.commands)
    topics = ", ".join(dict.fromkeys(f"`{topic}`" for _, topic in route.commands))
    return f"| {topics} | {route.service}: `{route.name}` | {route.client or 'none'} | {types} |"
