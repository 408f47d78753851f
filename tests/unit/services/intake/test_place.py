"""`GET /v1/place` has what apps show of a place, in both languages, and nothing else."""

from __future__ import annotations

import json
import tomllib
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest

from infra.http.key_file import KeyFile
from infra.http.serving import HttpSide
from infra.place import read_place
from infra.telemetry import Metrics, Tracing
from services.intake.place_api import PlaceApi, place_interface
from services.intake.place_documents import PlaceView, place_document
from tests.support.deployment import DEMO

POLICIES = DEMO.parent
PLACES = sorted(path.name for path in POLICIES.iterdir() if path.is_dir())
ON = date(2026, 11, 29)


def document(place: str = "demo", on: date = ON, **tables: Any) -> dict[str, Any]:
    files = read_place(POLICIES / place)
    found: dict[str, Any] = json.loads(
        place_document(place, files.version, {**files.tables, **tables}, on).model_dump_json(
            by_alias=True, exclude_none=True
        )
    )
    return found


@pytest.mark.parametrize("place", PLACES)
def test_every_entry_of_a_place_has_both_names(place: str) -> None:
    found = document(place)
    lists = ("units", "areas", "categories", "channels", "appeals", "replies")
    entries = [found, *(entry for name in lists for entry in found[name])]
    entries += [question for each in found["categories"] for question in each["questions"]]
    entries += [value for entry in entries for value in entry.get("values", ())]
    assert len(entries) > len(lists)
    assert all(entry["zh"] and entry["en"] for entry in entries)


def test_the_document_has_the_tables_of_the_place() -> None:
    found = document()
    units = {each["id"]: each for each in found["units"]}
    assert units["police-beicheng"] == {
        "id": "police-beicheng",
        "zh": "市公安局北城分局",
        "en": "Public Security, Beicheng Branch",
        "level": "district",
        "class": "grass-roots",
        "parent": "police",
        "areas": ["beicheng", "beicheng-shuangqiao"],
        "dispatches": False,
    }
    posts = {each["id"]: each for each in found["posts"]}
    assert posts["city-12345.agent-1"]["channels"] == ["hotline-12345", "centre-96666"]
    assert posts["city-office.director"]["instructs"] is True
    assert "away" not in posts["urban-management-beicheng.patrol-2"]
    categories = {each["code"]: each for each in found["categories"]}
    assert categories["heating"]["limit"] == {"amount": 5, "unit": "working-days"}
    (question,) = [each for each in categories["garbage-collection"]["questions"] if each["code"] == "kind"]
    assert question["datatype"] == "multivaluelist"
    assert {"key", "zh", "en"} == question["values"][0].keys()
    assert {each["code"]: each["limit"]["amount"] for each in found["appeals"]}["consult"] == 2
    assert found["areas"][2] == {
        "code": "beicheng-shuangqiao",
        "zh": "双桥街道",
        "en": "Shuangqiao Subdistrict",
        "centre": "beicheng-centre",
        "parent": "beicheng",
    }
    replies = {each["code"]: each for each in found["replies"]}
    assert replies["noise-site"]["categories"] == ["noise-construction"]
    assert "{number}" in replies["resolved"]["text"]
    assert (found["id"], found["zone"], found["calendar"]["work_ends"]) == ("demo", "Asia/Shanghai", "17:30")


def test_nothing_of_receivers_rules_or_addresses_is_in_it() -> None:
    receivers = tomllib.loads((DEMO / "receivers.toml").read_text("utf-8"))["receiver"]
    secret = {entry[field] for entry in receivers for field in ("email", "phone") if field in entry}
    assert len(secret) > 2
    found = json.dumps(document(), ensure_ascii=False)
    assert not [text for text in secret if text in found]
    assert "@" not in found
    assert "://" not in found


def test_a_channel_closes_after_its_last_day() -> None:
    channels = {"channel": [{"code": "web", "zh": "网站", "en": "web", "until": ON}]}
    closed = [document(on=on, channels=channels)["channels"][0]["closed"] for on in (ON, date(2026, 11, 30))]
    assert closed == [False, True]


def test_days_that_the_place_names_are_in_its_calendar() -> None:
    notice = {"year": 2027, "source": "国办发明电〔2026〕7号", "days_off": [date(2027, 1, 1)], "days_worked": []}
    assert document(calendar={"year": [notice]})["calendar"]["days_off"] == ["2027-01-01"]


async def test_a_client_keeps_its_copy_until_version_or_day_change() -> None:
    files = read_place(DEMO)
    views = [PlaceView("demo", version, files.tables) for version in (files.version, "other")]
    now = datetime(2026, 11, 29, 15, 59, tzinfo=UTC)

    def clock() -> datetime:
        return now

    api = PlaceApi(lambda: views[0], clock)
    side = HttpSide(
        "Test",
        "1",
        (place_interface(api),),
        keys=KeyFile(None, None),
        tracing=Tracing("test", None, "test"),
        metrics=Metrics.create(),
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(side), base_url="http://test") as client:

        async def status(etag: str) -> int:
            return (await client.get("/v1/place", headers={"If-None-Match": etag})).status_code

        answer = await client.get("/v1/place")
        etag = answer.headers["etag"]
        assert answer.json()["version"] == files.version
        assert answer.headers["cache-control"] == "public, max-age=60"
        assert [await status(each) for each in (etag, f'"x", W/{etag}', '"x"', "")] == [304, 304, 200, 200]
        now = datetime(2026, 11, 29, 16, 0, tzinfo=UTC)
        assert await status(etag) == 200, "it is Monday in Shanghai"
        del views[0]
        assert (await client.get("/v1/place")).json()["version"] == "other"
