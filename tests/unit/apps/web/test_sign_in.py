"""Signing in by the directory, choosing a post, ends of sessions, and requests of other sites."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx
import pytest
from itsdangerous import URLSafeSerializer

from apps.web.bodies import FORM_BYTES
from apps.web.services import Services
from apps.web.settings import ServiceSettings
from apps.web.sign_in.pages import local
from tests.support.apps import PASSWORD, SECRET
from tests.support.kit_site import build_site

FORM = {"title": "井盖", "words": "第一行\n第二行 <script>", "once": "11111111-1111-4111-8111-111111111111"}


async def sign_in(
    client: httpx.AsyncClient, login: str = "chief", password: str = PASSWORD, to: str = "/"
) -> httpx.Response:
    return await client.post("/sign-in", data={"login": login, "password": password, "next": to})


async def test_a_page_leads_to_the_sign_in_and_back(client):
    asked = await client.get("/form?a=1")
    assert (asked.status_code, asked.headers["location"]) == (303, "/sign-in?next=%2Fform%3Fa%3D1")
    done = await sign_in(client, to="/form?a=1")
    assert (done.status_code, done.headers["cache-control"]) == (200, "no-store")
    assert 'content="0;url=/form?a=1"' in done.text
    assert (await client.get("/form")).status_code == 200


async def test_the_cookie_is_strict_and_out_of_the_reach_of_scripts(client):
    cookie = (await sign_in(client)).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "; secure" not in cookie


async def test_the_cookie_is_for_https_alone_where_the_app_is_public_by_https(settings, upstream, clock):
    public = settings.model_copy(update={"web_url": "https://desk.example"})
    site = build_site(public, Services(ServiceSettings(), httpx.MockTransport(upstream)), clock)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(site.app), base_url="http://app.test") as client:
        answer = await client.post(
            "/sign-in", data={"login": "chief", "password": PASSWORD}, headers={"Origin": "https://desk.example"}
        )
    assert "; secure" in answer.headers["set-cookie"].lower()


async def test_a_wrong_password_and_an_unknown_login_get_the_same_answer(client):
    wrong, unknown = await sign_in(client, password="x"), await sign_in(client, "nobody-here")
    assert wrong.status_code == unknown.status_code == 403
    assert re.sub(r"\s+", " ", wrong.text) == re.sub(r"\s+", " ", unknown.text)
    assert "set-cookie" not in wrong.headers


async def test_wrong_passwords_slow_down_whatever_spelling_of_the_login(client):
    answers = [await sign_in(client, login, "x") for login in ("chief", " chief", "CHIEF", "chief ", "Chief")]
    assert [each.status_code for each in answers] == [403] * 5
    refused = await sign_in(client)
    assert refused.status_code == 429
    assert "秒后再试" in refused.text


async def test_an_account_without_a_post_of_this_place_is_not_let_in(client):
    refused = await sign_in(client, "none")
    assert refused.status_code == 403
    assert "没有岗位" in refused.text
    assert "set-cookie" not in refused.headers


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("/cases/1?page=2", "/cases/1?page=2"),
        ("/posts", "/posts"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example/", "/"),
        ("/\t/evil.example/", "/"),
        ("/a\r\nSet-Cookie: x", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
        ("/sign-in?next=/", "/"),
        ("/sign-out", "/"),
        ("/post", "/"),
    ],
)
def test_nobody_is_sent_to_another_site_after_the_sign_in(given, taken):
    assert local(given) == taken


async def test_a_session_ends_after_idle_time(client, clock):
    await sign_in(client)
    clock.pass_(minutes=29)
    assert (await client.get("/")).status_code == 200  # and counts from here
    clock.pass_(minutes=29)
    assert (await client.get("/")).status_code == 200
    clock.pass_(minutes=31)
    assert (await client.get("/")).status_code == 303


async def test_what_a_script_asks_by_itself_does_not_hold_a_session_open(client, clock):
    await sign_in(client)
    for _ in range(3):
        clock.pass_(minutes=9)
        assert (await client.get("/", headers={"X-Requested-With": "xn-live"})).status_code == 200
    clock.pass_(minutes=9)
    assert (await client.get("/")).status_code == 303


async def test_a_session_ends_after_its_hours_however_much_it_is_used(client, clock):
    await sign_in(client)
    for _ in range(10 * 3):
        clock.pass_(minutes=20)
        assert (await client.get("/")).status_code == 200
    clock.pass_(minutes=1)
    assert (await client.get("/")).status_code == 303


@pytest.mark.parametrize("change", ["x", "post", "secret"])
async def test_a_cookie_that_was_changed_or_forged_is_no_session(client, change):
    await sign_in(client)
    value = client.cookies["xn_session"]
    fields = URLSafeSerializer(SECRET, salt="xn-session").loads(value)
    forged = {
        "x": value[:-2] + "xx",
        "post": str(URLSafeSerializer(SECRET, salt="xn-session").dumps({**fields, "post": "office.mayor"})),
        "secret": str(URLSafeSerializer("another secret", salt="xn-session").dumps(fields)),
    }[change]
    answer = await client.get("/", headers={"Cookie": f"xn_session={forged}"})
    assert answer.status_code == 303


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "", "Origin": "http://evil.example"}, 403),
        ({"Sec-Fetch-Site": "", "Origin": "null"}, 403),
        ({"Sec-Fetch-Site": ""}, 403),
        ({"Sec-Fetch-Site": "", "Origin": "http://app.test"}, 303),
        ({"Sec-Fetch-Site": "same-origin"}, 303),
    ],
)
async def test_only_a_form_of_this_site_is_taken(client, headers, status):
    await sign_in(client)
    assert (await client.post("/form", data=FORM, headers=headers)).status_code == status


async def test_a_person_acts_in_one_post_and_switches_only_to_their_own(client):
    await sign_in(client, "two")
    assert ">police.chief<" in (await client.get("/")).text
    assert (await client.post("/post", data={"post": "police-north.desk-1"})).status_code == 303
    page = (await client.get("/")).text
    assert ">police-north.desk-1<" in page
    assert ">police-north<" in page
    assert (await client.post("/post", data={"post": "office.mayor"})).status_code == 403
    assert ">police-north.desk-1<" in (await client.get("/")).text


async def test_a_form_that_was_opened_in_another_post_is_not_sent_and_comes_back_in_that_post(client):
    await sign_in(client, "two")
    opened = (await client.get("/form")).text
    assert 'name="acting" value="police.chief"' in opened
    await client.post("/post", data={"post": "police-north.desk-1"})
    refused = await client.post("/form", data={**FORM, "acting": "police.chief"})
    assert refused.status_code == 409
    assert "切换了岗位" in refused.text
    await client.post("/post", data={"post": "police.chief"})
    assert "第一行\n第二行 &lt;script&gt;" in (await client.get("/form")).text


async def test_sign_out_deletes_the_cookie(client):
    await sign_in(client)
    out = await client.post("/sign-out")
    assert (out.status_code, out.headers["location"]) == (303, "/sign-in")
    assert "xn_session" not in client.cookies
    assert (await client.get("/")).status_code == 303


async def test_a_form_that_comes_after_the_session_is_shown_again_to_the_same_person_once(client, clock):
    await sign_in(client)
    clock.pass_(hours=1)
    late = await client.post("/form", data=FORM)
    assert (late.status_code, late.headers["location"]) == (303, "/sign-in?next=%2Fform")
    assert "会恢复" in (await client.get("/sign-in?next=/form")).text
    await sign_in(client, to="/form")
    page = (await client.get("/form")).text
    assert "第一行\n第二行 &lt;script&gt;" in page
    assert "已经恢复，还没有提交" in page
    assert "第一行" not in (await client.get("/form")).text


async def test_what_one_person_typed_is_not_shown_to_another(client, clock):
    await sign_in(client)
    clock.pass_(hours=1)
    await client.post("/form", data=FORM)
    await sign_in(client, "two")
    assert "第一行" not in (await client.get("/form")).text


async def test_a_form_whose_service_is_away_is_shown_again(client, upstream, clock, site):
    await sign_in(client)
    upstream.away = True
    site.place._place = None
    refused = await client.post("/form", data=FORM)
    assert refused.status_code == 503
    assert 'content="hold"' in refused.text  # the script's draft stays, too


async def test_every_answer_has_the_headers_of_security(client):
    for path in ("/sign-in", "/nowhere", "/static/web/base.css", "/public"):
        headers = (await client.get(path)).headers
        assert "default-src 'self'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "same-origin"


async def test_a_service_learns_who_asks_from_a_signed_token(client, upstream):
    await sign_in(client)
    await client.get("/seen")
    token = upstream.asked[-1].headers["authorization"]
    assert token.startswith("Bearer eyJ")
    assert upstream.asked[-1].url.path == "/v1/inbox"


async def test_a_form_that_cannot_be_read_is_answered_as_such(client):
    await sign_in(client)
    answer = await client.post(
        "/form", content=b"--x\r\nbroken", headers={"Content-Type": "multipart/form-data; boundary=x"}
    )
    too_many = await client.post("/form", data={f"f{n}": "x" for n in range(1_100)})
    assert {answer.status_code, too_many.status_code} <= {400, 422}
    assert too_many.status_code == 400
    assert "内容太大" in too_many.text


async def unbounded() -> AsyncIterator[bytes]:
    yield b"text="


@pytest.mark.parametrize("length", [FORM_BYTES + 1, None])
@pytest.mark.parametrize("signed_in", [True, False])
async def test_a_form_larger_than_its_page_takes_is_refused_unread(client, length, signed_in):
    if signed_in:
        await sign_in(client)
    headers = {"Content-Type": "application/x-www-form-urlencoded"} | (
        {"Content-Length": str(length)} if length else {}
    )
    answer = await client.post("/form", content=b"text=" if length else unbounded(), headers=headers)
    assert answer.status_code == (413 if signed_in else 303)
    assert ("不能超过 4 MB" in answer.text) is signed_in


async def test_a_page_that_breaks_is_said_to_be_our_fault(client, caplog):
    await sign_in(client)
    answer = await client.get("/broken")
    assert answer.status_code == 500
    assert "这是我们的问题" in answer.text
    assert "of the test" not in answer.text
