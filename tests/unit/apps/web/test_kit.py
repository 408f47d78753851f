"""Stored forms, languages, names of a place, tokens, and streams of hints."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OKPKey
from starlette.datastructures import FormData
from starlette.requests import Request

from apps.web.language import language_of
from apps.web.live import SPACING_SECONDS, Live
from apps.web.measures import Measures
from apps.web.place import Place, PlaceDocument
from apps.web.services import ServiceProblem
from apps.web.stash import MOST_CHARACTERS, MOST_FORMS, SECONDS, Stash
from apps.web.tokens import Actor, TokenSigner
from infra.http.tokens import TokenVerifier
from tests.support.tokens import Signer
from tests.unit.apps.web.conftest import PLACE, Clock

ACTOR = Actor("unit", "police", "police.chief", "person-1")


def request(headers: Mapping[str, str] | None = None, query: str = "") -> Request:
    sent = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
    scope = {"type": "http", "method": "GET", "path": "/", "headers": sent, "query_string": query.encode()}

    async def receive() -> dict[str, Any]:
        await asyncio.Event().wait()
        return {}

    return Request(scope, receive)


class TestStash:
    def test_a_form_is_given_back_once_to_its_person_and_page(self):
        stash = Stash()
        id = stash.put("/form", "wang", FormData([("a", "1"), ("a", "2"), ("b", "x")]))
        assert stash.take(id, "/form", "li") == {}
        assert stash.take(id, "/other", "wang") == {}
        assert stash.take("other", "/form", "wang") == {}
        assert stash.take(id, "/form", "wang") == {"a": ["1", "2"], "b": ["x"]}
        assert stash.take(id, "/form", "wang") == {}

    def test_it_is_forgotten_after_half_an_hour(self):
        now = 0.0
        stash = Stash(lambda: now)
        id = stash.put("/form", "wang", FormData([("a", "1")]))
        now = SECONDS + 1
        assert stash.take(id, "/form", "wang") == {}

    def test_neither_one_form_nor_all_of_them_grow_without_bound(self):
        stash = Stash()
        assert stash.put("/form", "wang", FormData([("a", "x" * (MOST_CHARACTERS + 1))])) == ""
        first = stash.put("/form", "wang", FormData([("a", "1")]))
        for _ in range(MOST_FORMS):
            stash.put("/form", "li", FormData([("a", "1")]))
        assert stash.take(first, "/form", "wang") == {}


@pytest.mark.parametrize(
    ("headers", "query", "language"),
    [
        ({}, "", "zh"),
        ({"Accept-Language": "en-GB,en;q=0.9"}, "", "en"),
        ({"Accept-Language": "en,zh-CN;q=0.5"}, "", "zh"),
        ({"Accept-Language": "de"}, "", "zh"),
        ({"Cookie": "xn_lang=en"}, "", "en"),
        ({"Cookie": "xn_lang=en"}, "lang=zh", "zh"),
        ({"Cookie": "xn_lang=fr"}, "lang=it", "zh"),
    ],
)
def test_the_language_of_a_page(headers, query, language):
    assert language_of(request(headers, query)) == language


def test_names_of_a_place_with_the_other_language_or_the_code_where_there_is_none():
    place = Place(PlaceDocument.model_validate(PLACE))
    assert place.named("unit", "police", "en") == "Police"
    assert place.named("unit", "police-north", "en") == "北分局"
    assert place.named("area", "atlantis", "zh") == "atlantis"
    assert place.named("post", "police.chief", "zh") == "公安局 · 负责人"
    assert place.named("post", "police.desk-2", "zh") == "公安局 · 经办岗2"
    assert place.named("post", "police.captain", "zh") == "公安局 · captain"
    assert place.named("unit", None, "zh") == ""
    assert place.below("police") == ["police", "police-north"]
    assert list(place.superiors("police-north")) == ["police", "office"]
    assert place.is_root("office")
    assert [(depth, each.code) for depth, each in place.tree(place.document.areas)] == [(0, "north"), (1, "north-1")]


class TestTokens:
    def test_a_service_accepts_a_token_and_learns_who_acts(self):
        key, clock = OKPKey.generate_key("Ed25519"), Clock()
        token = TokenSigner("desk", key, clock).header(ACTOR).removeprefix("Bearer ")
        client = TokenVerifier([Signer("desk", key).issuer()]).client_of(token, clock())
        assert (client.speaker, client.kind, client.post, client.person) == (
            *("police", "unit", "police.chief"),
            "person-1",
        )
        assert client.rights == {"read", "act"}

    def test_a_token_is_used_again_while_it_is_fresh(self):
        key, clock = OKPKey.generate_key("Ed25519"), Clock()
        signer = TokenSigner("desk", key, clock)
        first = signer.header(ACTOR)
        clock.at += timedelta(minutes=3)
        assert signer.header(ACTOR) == first
        clock.at += timedelta(minutes=2)
        later = signer.header(ACTOR).removeprefix("Bearer ")
        claims = jwt.decode(later, key, algorithms=["Ed25519"]).claims
        assert claims["exp"] - claims["iat"] == 300
        assert claims["iat"] == int(clock().timestamp())
        assert signer.header(Actor("unit", "police", "police.chief", "person-2")) != later


class Upstream:
    """A stream of events that the test writes."""

    def __init__(self) -> None:
        self.opened: list[Mapping[str, str]] = []
        self.lines: asyncio.Queue[str | None] = asyncio.Queue()

    @asynccontextmanager
    async def __call__(self, headers: Mapping[str, str]) -> AsyncIterator[Any]:
        self.opened.append(headers)
        yield self

    async def aiter_lines(self) -> AsyncIterator[str]:
        while (line := await self.lines.get()) is not None:
            yield line
        raise ServiceProblem(503, "unreachable", "", "")


def stream_of(live: Live, upstream: Upstream) -> Any:
    """What one browser gets."""
    return live.response(request(), "police", upstream).body_iterator


async def read_until(stream: AsyncIterator[Any], wanted: str) -> str:
    found = ""
    async with asyncio.timeout(20):
        while wanted not in found:
            found += bytes(await anext(stream)).decode()
    return found


class TestLive:
    async def test_all_browsers_of_a_unit_share_one_stream_and_get_hints_without_data(self):
        live, upstream = Live(Measures()), Upstream()
        streams = [stream_of(live, upstream) for _ in range(3)]
        for stream in streams:
            await read_until(stream, "event: state")
        for line in ("id: 7", 'data: {"secret": 1}'):
            upstream.lines.put_nowait(line)
        found = [await read_until(stream, "event: changed") for stream in streams]
        assert len(upstream.opened) == 1
        assert "secret" not in "".join(found)
        for stream in streams:
            await stream.aclose()
        await live.close()

    async def test_hints_of_one_change_come_one_after_another(self):
        live, upstream = Live(Measures()), Upstream()
        streams, at = [stream_of(live, upstream) for _ in range(20)], list[float]()
        for stream in streams:
            await read_until(stream, "event: state")

        async def hinted(stream: AsyncIterator[Any]) -> None:
            await read_until(stream, "event: changed")
            at.append(asyncio.get_running_loop().time())

        upstream.lines.put_nowait("data: {}")
        await asyncio.gather(*map(hinted, streams))
        assert max(at) - min(at) >= 19 * SPACING_SECONDS * 0.9
        for stream in streams:
            await stream.aclose()
        await live.close()

    async def test_a_lost_stream_is_said_and_opened_again_after_the_last_event(self):
        live, upstream = Live(Measures()), Upstream()
        stream = stream_of(live, upstream)
        await read_until(stream, "data: live")
        for line in ("id: 7", "data: {}", None):
            upstream.lines.put_nowait(line)
        await read_until(stream, "data: away")
        await read_until(stream, "data: live")
        assert upstream.opened == [{}, {"Last-Event-ID": "7"}]
        await stream.aclose()
        await live.close()

    async def test_a_stream_ends_with_the_session_of_its_request(self):
        signed_in = True
        live, upstream = Live(Measures(), lambda _: signed_in), Upstream()
        stream = stream_of(live, upstream)
        await read_until(stream, "data: live")
        signed_in = False
        upstream.lines.put_nowait("data: {}")
        async with asyncio.timeout(20):
            assert len([each async for each in stream]) < 5
        await live.close()
