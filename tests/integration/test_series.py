"""A bulletin comes out by the clock: counted, printed, mailed, served, once, by two instances and after a restart."""

from __future__ import annotations

import asyncio
import os
import shutil
import tomllib
from datetime import UTC, datetime, timedelta
from email.message import Message
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx
import pytest
from aiokafka import AIOKafkaProducer

from contracts.codes import HandlingResult
from contracts.envelope import encode
from contracts.handling import ReportHandling, SignCase
from contracts.issues import IssuePublished
from contracts.message import Message as Said
from contracts.staff_notices import StaffNoticeSent
from infra.local.engines import Engines
from infra.store import Store
from tests.support.app import app_of
from tests.support.bus import Watch, complaint
from tests.support.city import reference
from tests.support.deployment import DEMO, ROOT, Deployment
from tests.support.forked import run
from tests.support.waiting import wait_for, wait_until

UNIT, ADDRESS = "urban-management-beicheng", "bulletin@city.example"
SLOWLY = 0.001
"""An accelerated clock that was started long ago is ahead of the wall, and runs hardly faster."""
NOTICES = """\
# A bulletin of each day, at midnight.
[[series]]
id = "bulletin"
zh = "机关效能通报"
en = "Efficiency Bulletin"
every_days = 1
at = "00:00"
number = "效能通报〔{year}〕第{n}期"
to = ["beicheng-centre"]

[publication]
reviewed_by = "human-resources"
reviewed_otherwise_by = ["qingshan-office"]
"""
RECEIVERS = f"""\
# The centre is told by mail.
[[receiver]]
unit = "beicheng-centre"
ways = ["email"]
email = "{ADDRESS}"
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """示例市, with a bulletin of each day."""
    folder = shutil.copytree(DEMO, tmp_path / "demo")
    (folder / "notices.toml").write_text(NOTICES, "utf-8")
    (folder / "receivers.toml").write_text(RECEIVERS, "utf-8")
    return folder


def ahead(of: timedelta) -> dict[str, str]:
    """A clock that is ahead of the wall by that, for as long as a test takes."""
    return {
        "XN_CLOCK_ORIGIN": (datetime.now(UTC) - of / SLOWLY).isoformat(),
        "XN_CLOCK_SPEED": str(1 + SLOWLY),
    }


def until_tomorrow(zone: ZoneInfo) -> timedelta:
    """To a minute past midnight at the place."""
    now = datetime.now(zone)
    return datetime.combine(now.date() + timedelta(days=1), datetime.min.time(), zone) + timedelta(minutes=1) - now


def pdf_of(mail: Message) -> tuple[str | None, bytes]:
    """The one file that goes with a mail."""
    (found,) = [part for part in mail.walk() if part.get_content_type() == "application/pdf"]
    content = found.get_payload(decode=True)
    assert isinstance(content, bytes)
    return found.get_filename(), content


async def test_a_bulletin_is_counted_printed_mailed_and_served_once(
    own_embedded: Engines, place: Path, tmp_path: Path
) -> None:
    zone = ZoneInfo(tomllib.loads((place / "place.toml").read_text("utf-8"))["timezone"])
    submission = complaint(reference(), category="garbage-collection")
    async with (
        Deployment(own_embedded, tmp_path / "services", place=place, instances=2) as city,
        Watch(own_embedded.bootstrap, ["notices.events"]) as watch,
    ):
        client = AIOKafkaProducer(bootstrap_servers=own_embedded.bootstrap)
        await client.start()
        store = Store(own_embedded.mongo_uri, f"{city.database}_notify")

        async def say(message: Said) -> None:
            r = encode(message, id=uuid4().hex, source="/tests")
            await client.send_and_wait(r.topic, r.value, r.key, headers=r.headers)

        async def measured() -> bool:
            return bool(((await store.state_of(submission.case_id)) or {}).get("outcome"))

        async def owned() -> bool:
            return ((await store.state_of(submission.case_id)) or {}).get("owner") is not None

        def bulletins() -> list[Message]:
            return [mail for mail in city.mail.kept if mail["To"] == ADDRESS]

        async def restart_notify(**changes: str) -> None:
            for notify in city.fleet["notify"]:
                assert notify.process.env is not None
                notify.process.env |= changes
                await asyncio.to_thread(notify.restart)

        try:
            await say(submission)
            await wait_until(owned, 60, "the case has an owner")
            now = datetime.now(UTC)
            await say(SignCase(case_id=submission.case_id, issued_at=now, unit=UNIT))
            await say(
                ReportHandling(
                    case_id=submission.case_id,
                    issued_at=now,
                    unit=UNIT,
                    result=HandlingResult.RESOLVED,
                    reply="已清运。",
                )
            )
            await wait_until(measured, 60, "the case was answered")
            today = datetime.now(zone).date()
            assert not bulletins()
            code, printed = await preview(city, place, today.isoformat(), tmp_path / "preview")
            assert code == 0, printed
            assert (tmp_path / "preview" / f"bulletin-{today}.zh.pdf").read_bytes()[:5] == b"%PDF-"
            await watch.poll()
            assert not watch.distinct(IssuePublished.TYPE)

            await restart_notify(**ahead(until_tomorrow(zone)))
            await wait_for(lambda: bool(bulletins()), 60, "the bulletin arrives")
            name, pdf = pdf_of(bulletins()[0])
            assert (name, pdf[:5]) == (f"bulletin-{today}.zh.pdf", b"%PDF-")

            shown = await served(city, "beicheng-centre")
            assert [each["last_day"] for each in shown["listed"]] == [today.isoformat()]
            assert shown["issue"]["number"] == f"效能通报〔{today.year}〕第{today.timetuple().tm_yday}期"
            figures = shown["issue"]["figures"]["zh"]
            assert (figures["received"], figures["closed"], figures["on_time"], figures["open"]) == (1, 1, 1, 0)
            assert shown["pdf"] == pdf
            assert "1件" in shown["html"]
            assert submission.title not in shown["html"]
            assert (await served(city, "city-office"))["pdf"] == pdf
            for stranger, status in (("police-beicheng", 404), ("atlantis", 403), (None, 401)):
                async with client_of(city, stranger) as app:
                    assert (await app.get(f"/v1/issues/{shown['issue']['id']}.pdf")).status_code == status

            await restart_notify()
            again = await served(city, "beicheng-centre")
            assert again == shown
            await asyncio.sleep(3)  # several looks at what is due
            assert len(bulletins()) == 1
            await watch.until(
                lambda _: bool(watch.distinct(StaffNoticeSent.TYPE)) and bool(watch.distinct(IssuePublished.TYPE))
            )
            (published,) = watch.distinct(IssuePublished.TYPE).values()
            assert published.message.pages[0].sha256 == sha256(pdf).hexdigest()
            assert len(watch.distinct(StaffNoticeSent.TYPE)) == 1
        finally:
            await client.stop()
            await store.close()


def client_of(city: Deployment, key: str | None) -> httpx.AsyncClient:
    return app_of(city.fleet.url("notify"), {"X-API-Key": city.api_keys[key]} if key else {})


async def served(city: Deployment, unit: str) -> dict[str, Any]:
    """What a unit finds over HTTP: the list, the latest issue, its pages."""
    async with client_of(city, unit) as app:
        (series,) = (await app.get("/v1/series")).json()["series"]
        path = f"/v1/issues/{series['issues'][0]['id']}"
        issue, html, pdf = [await app.get(path + suffix) for suffix in ("", ".html", ".pdf")]
        assert pdf.headers["content-type"] == "application/pdf"
        assert (await app.get(f"{path}.pdf?language=en")).status_code == 404
        return {"listed": series["issues"], "issue": issue.json(), "html": html.text, "pdf": pdf.content}


async def preview(city: Deployment, place: Path, until: str, out: Path) -> tuple[int | None, str]:
    """`xn series preview`, as an operator of this deployment runs it."""
    environ = {**os.environ, **city.engines.exports(), "XN_MONGO_DATABASE": city.database, "PYTHONPATH": str(ROOT)}
    words = ("series", "preview", "bulletin", "--until", until, "--out", str(out), "--policies", str(place))
    return await run("xn", *words, env=environ, log=city.directory / "commands" / f"{uuid4().hex}.log")
