"""Trial accounts, keys and settings of the apps that a demo starts."""

from __future__ import annotations

import json
import stat
import tomllib
from pathlib import Path

import pytest

from apps.web.sign_in.people import Directory
from infra.environment import known_names
from infra.http.keys import KeyRing
from infra.local.services import Fleet
from xn.demo.accounts import accounts_of
from xn.demo.pages import Pages
from xn.demo.run import POLICIES

PLACES = sorted(path for path in POLICIES.iterdir() if (path / "units.toml").is_file())


@pytest.mark.parametrize("place", PLACES, ids=lambda path: path.name)
def test_every_account_holds_a_post_of_the_place(place: Path):
    units = {unit["id"] for unit in tomllib.loads((place / "units.toml").read_text())["unit"]}
    table = place / "posts.toml"
    rows = tomllib.loads(table.read_text()).get("post", []) if table.is_file() else []
    posts = {post["id"] for post in rows}
    with_posts = {post["unit"] for post in rows}
    accounts = accounts_of(place)
    assert {"clerk", "dispatcher", "staff", "leader", "supervisor", "mayor"} <= {each.login for each in accounts}
    for post in (post for each in accounts for post in each.posts):
        unit = post.partition(".")[0]
        assert post in posts or (unit in units and unit not in with_posts)


def test_the_roles_of_the_demo_are_of_different_units():
    posts = {each.login: each.posts[0] for each in accounts_of(POLICIES / "demo")}
    assert posts["agent"] == "city-12345.agent-1"
    assert posts["clerk"].startswith("beicheng-centre.")
    assert posts["staff"] == "urban-management-beicheng.patrol-1"
    assert posts["leader"] == "urban-management-beicheng.captain"
    assert posts["mayor"] == "city-office.director"
    assert posts["clerk"] != posts["dispatcher"]


def test_keys_and_accounts_are_for_their_owner_alone_and_can_be_used(tmp_path):
    pages = Pages(POLICIES / "demo", tmp_path)
    files = list((tmp_path / "keys").iterdir())
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    ring = KeyRing.read(tmp_path / "keys" / "http.toml", None)
    assert {key.speaker for key in ring.keys} == {"web", "hotline-12345"}
    assert [issuer.id for issuer in ring.issuers] == ["desk"]
    assert json.loads((tmp_path / "keys" / "desk.jwk").read_text())["crv"] == "Ed25519"
    found = Directory(tmp_path / "keys" / "people.toml").check("staff", pages.password)
    assert found is not None
    assert pages.password not in (tmp_path / "keys" / "people.toml").read_text()
    assert Pages(POLICIES / "demo", tmp_path).password != pages.password


def test_ports_are_those_that_were_asked_for_and_services_link_to_them(tmp_path):
    pages = Pages(POLICIES / "demo", tmp_path, 18_090)
    assert list(pages.ports.values()) == list(range(18_090, 18_090 + len(pages.apps)))
    told = pages.of_services(with_traces=True)
    assert told["XN_DESK_URL"] == pages.url("desk")
    assert ("XN_OTLP_ENDPOINT" in told) == ("board" in pages.ports)
    assert "XN_OTLP_ENDPOINT" not in pages.of_services(with_traces=False)
    assert {name for name in told if name.startswith("XN_")} <= known_names()


def test_apps_run_on_their_ports_and_know_the_services(tmp_path):
    pages = Pages(POLICIES / "demo", tmp_path)
    services = Fleet({"intake": "services.intake"}, directory=tmp_path, environment=lambda *_, **__: {})
    services.ports |= {name: [1] for name in ("routing", "scoring", "notify")}
    apps = pages.fleet(services, {"XN_KAFKA_BOOTSTRAP": "127.0.0.1:1"})
    assert apps.url("desk") == pages.url("desk")
    assert apps["desk"][0].health_url == f"{pages.url('desk')}/readyz"
