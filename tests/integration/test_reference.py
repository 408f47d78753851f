"""A city changes its rules while complaints flow: new decisions quote the new version, a bad one changes nothing."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from contracts.handling import DispatchCase, RequestReturn
from contracts.intake import CaseRegistered
from contracts.message import Message
from contracts.reference import PlacePublished, ReferencePublished, TableHash, sha256_of
from contracts.routing import AssignmentOffered, CaseAssigned, CaseClosed, DispatchRequested
from contracts.scoring import ClockStarted
from infra.local.engines import Engines
from infra.place import place_of
from tests.support.bus import Watch, complaint, producer
from tests.support.city import SEEN, City, attribute, reference
from tests.support.deployment import DEMO, Deployment
from tests.support.mail import MailServer
from tests.support.otlp import Receiver
from xn.reference.publishing import publish, send, texts_of

USERS = ("intake", "routing", "scoring")
GONE = "urban-management-beicheng"


def metrics(city: City, service: str) -> str:
    with httpx.Client(trust_env=False) as client:
        return client.get(city.deployment.fleet.url(service) + "/metrics").text


async def until(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come to be in time"
        await asyncio.sleep(0.2)


def in_force(city: City, service: str, version: str) -> bool:
    return f'xn_reference_version_info{{version="{version}"}} 1.0' in metrics(city, service)


def refused(city: City, service: str, version: str) -> bool:
    return f'xn_reference_refused_total{{version="{version}"}}' in metrics(city, service)


async def everywhere(city: City, version: str) -> None:
    await until(lambda: all(in_force(city, service, version) for service in USERS))


def messages(place: str, texts: dict[str, str]) -> tuple[str, list[Message]]:
    """What a publisher without checks would say."""
    at = datetime.now(UTC)
    version = place_of(place, {f"{name}.toml": text.encode() for name, text in texts.items()}).version
    tables = [
        ReferencePublished(place=place, table=name, sha256=sha256_of(text), content=text, published_at=at)
        for name, text in texts.items()
    ]
    hashes = tuple(TableHash(table=each.table, sha256=each.sha256) for each in tables)
    manifest = PlacePublished(
        place=place, version=version, valid_from=at, tables=hashes, published_by="tests", published_at=at
    )
    return version, [*tables, manifest]


@pytest.mark.slow
async def test_a_city_changes_its_rules_while_complaints_flow(own_embedded: Engines, tmp_path: Path) -> None:
    place = tmp_path / "changing-city"
    shutil.copytree(DEMO, place)
    texts = texts_of(place)
    first = place_of(place.name, {f"{name}.toml": text.encode() for name, text in texts.items()}).version
    deployment = Deployment(
        own_embedded, tmp_path / "services", place=place, settings={"XN_REFERENCE_LOOK_SECONDS": "0.3"}
    )
    topics = [name for name in deployment.topics if name.split(".")[0] in SEEN]
    bootstrap = own_embedded.bootstrap
    async with deployment, producer(bootstrap) as client, Watch(bootstrap, topics) as watch:
        city = City(deployment, Receiver(), MailServer(), client, watch)
        shutil.rmtree(place)  # from here on there are the topics and nothing else
        await everywhere(city, first)

        old = complaint(reference())
        await city.say(old)
        assert (await city.heard(CaseRegistered, old.case_id)).policy == first
        assert (await city.heard(CaseAssigned, old.case_id)).policy == first

        # a new version while complaints flow: 9 working days instead of 15
        changed = {**texts, "limits": texts["limits"].replace('complaint = "15', 'complaint = "9')}
        flow = [complaint(reference()) for _ in range(60)]
        for each in flow[:30]:
            await city.say(each)
        second = (await publish(place.name, changed, bootstrap, by="tests")).version
        for each in flow[30:]:
            await city.say(each)
        await everywhere(city, second)
        new = complaint(reference())
        await city.say(new)
        assert (await city.heard(CaseRegistered, new.case_id)).policy == second
        assert (await city.heard(CaseAssigned, new.case_id)).policy == second
        started = await city.heard(ClockStarted, new.case_id)
        assert (started.policy, started.budget_working_days) == (second, 9)
        for each in flow:
            started = await city.heard(ClockStarted, each.case_id)
            assert (started.policy, started.budget_working_days) in {(first, 15), (second, 9)}
        assert (await city.heard(ClockStarted, old.case_id)).policy == first, "what was decided stays as it was"

        # the same again changes nothing
        again = await publish(place.name, changed, bootstrap, by="tests")
        assert (again.version, again.new) == (second, False)

        # versions that cannot be used: a contradiction, rules that cannot be built, a table that is not its hash
        ninety = changed["scores"].replace("direct-rating = 80", "direct-rating = 70")
        contradictory, said = messages(place.name, {**changed, "scores": ninety})
        await send(bootstrap, said)
        await until(lambda: all(refused(city, service, contradictory) for service in USERS))
        broken, said = messages(place.name, {**changed, "dispatch": '[[rule]]\nid = "lost"\n'})
        await send(bootstrap, said)
        await until(lambda: refused(city, "routing", broken))
        forged, said = messages(
            place.name, {**changed, "limits": changed["limits"].replace('complaint = "9', 'complaint = "99')}
        )
        await send(
            bootstrap,
            [
                m.model_copy(update={"content": "x = 1"})
                if isinstance(m, ReferencePublished) and m.table == "limits"
                else m
                for m in said
            ],
        )
        await until(lambda: all(refused(city, service, forged) for service in USERS))
        assert in_force(city, "routing", second)
        for service in USERS:
            assert city.page(service, "/readyz").status_code == 200
        third = (await publish(place.name, changed, bootstrap, by="tests")).version
        assert third == second
        await everywhere(city, second)

        # a unit that owns an open case stays until the case is moved
        theirs = complaint(reference(), about="police-beicheng", category="noise-commercial")
        await city.say(theirs)
        await city.heard(AssignmentOffered, theirs.case_id)
        mine = complaint(reference())
        await city.say(mine)
        await city.heard(AssignmentOffered, mine.case_id)
        now = datetime.now(UTC)
        await city.say(RequestReturn(case_id=mine.case_id, issued_at=now, unit="police-beicheng", reason="属城管职责"))
        await city.seen(DispatchRequested, mine.case_id)
        await city.say(DispatchCase(case_id=mine.case_id, issued_at=now, unit="beicheng-centre", to=GONE))
        await city.seen(AssignmentOffered, mine.case_id, attribute(unit=GONE))
        await city.sign(GONE, mine.case_id)
        without = {
            **changed,
            "units": _without(changed["units"], "[[unit]]", f'id = "{GONE}"'),
            "posts": _without(changed["posts"], "[[post]]", f'unit = "{GONE}"'),
            "receivers": _without(changed["receivers"], "[[receiver]]", GONE),
        }
        smaller = (await publish(place.name, without, bootstrap, by="tests")).version
        await until(lambda: refused(city, "routing", smaller))
        assert in_force(city, "routing", second)
        log = next(deployment.directory.glob("routing-*.log")).read_text()
        assert f"units with open cases are missing from units.toml: {GONE}" in log

        await city.report(GONE, mine.case_id)
        await city.heard(CaseClosed, mine.case_id)
        for seen in city.all(AssignmentOffered):  # whatever else the unit was asked for
            if seen.message.unit == GONE and seen.key != mine.case_id:
                await city.sign(GONE, seen.key)
                await city.report(GONE, seen.key)
        await everywhere(city, smaller)


def _without(text: str, mark: str, line: str) -> str:
    head, *entries = text.split(mark)
    kept = [entry for entry in entries if line not in entry]
    assert len(kept) < len(entries)
    return mark.join([head, *kept])
