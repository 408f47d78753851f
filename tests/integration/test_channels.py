"""A city adds a channel and withdraws it while complaints flow: no service is restarted, no code is changed."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from contracts.channel import WithdrawComplaint
from contracts.intake import CaseRegistered
from contracts.notify import ComplaintAcknowledged, ComplaintEnded, ComplaintRefused
from contracts.topics import all_topics
from infra.http.keys import new_key
from infra.local.engines import Engines
from infra.place import place_of
from infra.topics import ensure_topics, topic_names
from tests.integration.test_reference import everywhere, until
from tests.support.api_keys import ApiKeys
from tests.support.bus import Watch, complaint, producer
from tests.support.city import City, reference
from tests.support.deployment import DEMO, Deployment
from tests.support.mail import MailServer
from tests.support.otlp import Receiver
from xn.reference.publishing import publish, texts_of

FORUM = "overseas-forum"
ENTRY = f'\n[[channel]]\ncode = "{FORUM}"\nzh = "侨乡论坛"\nen = "forum of the home of overseas Chinese"\n'


async def refused_everywhere(city: City, key: str, code: str) -> None:
    """The forum's complaints are refused with this code, over Kafka and over HTTP."""
    submission = complaint(reference(), channel=FORUM)
    await city.say(submission)
    refused = await city.seen(ComplaintRefused, submission.case_id)
    assert refused.topic == f"replies.{FORUM}"
    assert [reason.code for reason in refused.message.reasons] == [code]
    answer = submit(city, key)
    assert answer.status_code == 422, answer.text
    assert [fault["code"] for fault in answer.json()["reasons"]] == [code]


@pytest.mark.slow
async def test_a_city_adds_a_channel_while_services_run(own_embedded: Engines, tmp_path: Path) -> None:
    place = tmp_path / "growing-city"
    shutil.copytree(DEMO, place)
    key, kept = new_key(FORUM, ("submit", "read"))
    keys = ApiKeys()
    keys.add(kept)
    settings = {"XN_REFERENCE_LOOK_SECONDS": "0.3"}
    deployment = Deployment(own_embedded, tmp_path / "services", place=place, settings=settings, api_keys=keys)
    bootstrap = own_embedded.bootstrap
    async with deployment, producer(bootstrap) as client:
        texts = texts_of(place)
        first = place_of(place.name, {f"{name}.toml": text.encode() for name, text in texts.items()}).version
        own = all_topics([], [FORUM])
        await ensure_topics(bootstrap, {name: own[name] for name in own if FORUM in name}, most_partitions=1)
        topics = ["cases.events", "board.events", "replies.wechat", f"replies.{FORUM}"]
        async with Watch(bootstrap, topics) as watch:
            city = City(deployment, Receiver(), MailServer(), client, watch)
            await everywhere(city, first)

            # the place's own channel, which no list in the code names
            ours = complaint(reference(), channel="wechat")
            await city.say(ours)
            assert (await city.acknowledged(ours)).channel == "wechat"

            # refused over Kafka and HTTP although the topic identifies the sender: the place lacks the channel
            await refused_everywhere(city, key, "channel-unknown")

            # the centre adds it
            texts["channels"] += ENTRY
            (place / "channels.toml").write_text(texts["channels"], encoding="utf-8")
            await everywhere(city, (await publish(place.name, texts, bootstrap, by="tests")).version)
            code, printed = await city.xn(
                "topics", "ensure", "--place", str(place), "--partitions-at-most", "1", "--bootstrap", bootstrap
            )
            assert code == 0, printed
            assert {name for name in all_topics([], [FORUM]) if FORUM in name} <= await topic_names(bootstrap)

            late = complaint(reference(), channel=FORUM)
            await city.say(late)
            acknowledged = await city.seen(ComplaintAcknowledged, late.case_id)
            assert acknowledged.topic == f"replies.{FORUM}"
            assert (await city.heard(CaseRegistered, late.case_id)).channel == FORUM
            answer = submit(city, key)
            assert answer.status_code == 202
            assert (await city.heard(CaseRegistered, answer.json()["case_id"])).channel == FORUM

            await until(lambda: (FORUM, "侨乡论坛") in shown(city) and ("wechat", "微信") in shown(city))

            # the centre withdraws it: nothing new, while its open cases go on under its name
            texts["channels"] += "until = 2026-01-31\n"
            await everywhere(city, (await publish(place.name, texts, bootstrap, by="tests")).version)
            await refused_everywhere(city, key, "channel-withdrawn")
            await city.say(
                WithdrawComplaint(channel=FORUM, external_id=late.external_id, withdrawn_at=datetime.now(UTC))
            )
            assert (await city.seen(ComplaintEnded, late.case_id)).topic == f"replies.{FORUM}"
            assert (FORUM, "侨乡论坛") in shown(city)
            for each in (ours, late):
                city.leave_silent(each.case_id, "nobody handles it here")
            city.leave_silent(answer.json()["case_id"], "nobody handles it here")


@pytest.mark.slow
async def test_a_channel_whose_topics_are_new_is_read_by_services_that_run(
    own_embedded: Engines, tmp_path: Path
) -> None:
    place = tmp_path / "growing-city"
    shutil.copytree(DEMO, place)
    deployment = Deployment(
        own_embedded, tmp_path / "services", place=place, settings={"XN_REFERENCE_LOOK_SECONDS": "0.3"}
    )
    bootstrap = own_embedded.bootstrap
    async with deployment, producer(bootstrap) as client:
        assert not [name for name in await topic_names(bootstrap) if FORUM in name]
        texts = texts_of(place)
        texts["channels"] += ENTRY
        (place / "channels.toml").write_text(texts["channels"], encoding="utf-8")
        version = (await publish(place.name, texts, bootstrap, by="tests")).version
        await ensure_topics(bootstrap, all_topics(deployment.units, deployment.channels), most_partitions=1)
        async with Watch(bootstrap, [f"replies.{FORUM}"]) as watch:
            city = City(deployment, Receiver(), MailServer(), client, watch)
            await everywhere(city, version)
            said = complaint(reference(), channel=FORUM)
            await city.say(said)
            assert (await city.seen(ComplaintAcknowledged, said.case_id)).topic == f"replies.{FORUM}"
            city.leave_silent(said.case_id, "nobody handles it here")


def submit(city: City, key: str) -> httpx.Response:
    body = {
        "external_id": reference(),
        "appeal": "complaint",
        "category": "noise-residential",
        "area": "beicheng",
        "text": "楼下烧烤店凌晨仍在营业，噪声很大。",
    }
    with httpx.Client(trust_env=False) as client:
        url = city.deployment.fleet.url("intake") + "/v1/complaints"
        return client.post(url, json=body, headers={"X-API-Key": key})


def shown(city: City) -> set[tuple[str, str]]:
    """Channels on the public board, with their names."""
    lines = city.page("notify", "/v1/board").json()["lines"]
    return {(line["channel"]["code"], line["channel"]["zh"]) for line in lines}
