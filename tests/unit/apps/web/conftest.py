"""An app of the kit over a place of two units, in the process of the test, with a clock that the test moves."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from joserfc.jwk import OKPKey

from apps.web.services import Services
from apps.web.settings import ServiceSettings, StaffSettings
from apps.web.site import Site
from tests.support.apps import SECRET, write_directory
from tests.support.kit_site import build_site

PLACE = {
    "id": "test",
    "version": "1",
    "zh": "试点市",
    "en": "Test City",
    "zone": "Asia/Shanghai",
    "units": [
        {"id": "office", "zh": "市政府", "en": "City office", "level": "city"},
        {"id": "police", "zh": "公安局", "en": "Police", "level": "city", "parent": "office"},
        {"id": "police-north", "zh": "北分局", "en": "", "level": "district", "parent": "police"},
    ],
    "posts": [{"id": "police.chief", "unit": "police", "duty": "leader"}],
    "areas": [
        {"code": "north", "zh": "北城", "en": "North"},
        {"code": "north-1", "zh": "一街", "en": "One", "parent": "north"},
    ],
    "categories": [{"code": "noise", "zh": "噪声", "en": "Noise"}],
    "channels": [{"code": "web", "zh": "网站", "en": "Website"}],
}
START = datetime(2026, 11, 30, 1, 0, tzinfo=UTC)


@dataclass
class Clock:
    """The clock of an app."""

    at: datetime = START

    def __call__(self) -> datetime:
        """The present instant."""
        return self.at

    def pass_(self, **duration: float) -> None:
        """Move it forward."""
        self.at += timedelta(**duration)


@dataclass
class Upstream:
    """The services as an app sees them: their place, and what they were asked."""

    away: bool = False
    asked: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        self.asked.append(request)
        if self.away:
            raise httpx.ConnectError("away")
        return httpx.Response(200, json=PLACE if request.url.path == "/v1/place" else {"cases": []})


@pytest.fixture
def clock() -> Clock:
    """Monday morning."""
    return Clock()


@pytest.fixture
def upstream() -> Upstream:
    """Services that answer."""
    return Upstream()


@pytest.fixture
def settings(tmp_path: Path) -> StaffSettings:
    """A directory with `chief` and `two`, who holds two posts."""
    accounts = {"chief": ("police.chief",), "two": ("police.chief", "police-north.desk-1"), "none": ("atlantis.desk",)}
    write_directory(tmp_path / "people.toml", accounts)
    (tmp_path / "key").write_text(json.dumps(OKPKey.generate_key("Ed25519").as_dict(private=True)))
    return StaffSettings.model_validate(
        {"web_secret": SECRET, "token_key_file": tmp_path / "key", "directory_file": tmp_path / "people.toml"}
    )


@pytest.fixture
def site(settings: StaffSettings, upstream: Upstream, clock: Clock) -> Site:
    """The app."""
    return build_site(settings, Services(ServiceSettings(), httpx.MockTransport(upstream)), clock)


@pytest.fixture
async def client(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """A browser of the app, which sends what a browser sends with a form of the same site."""
    transport = httpx.ASGITransport(site.app, raise_app_exceptions=False)
    headers = {"Sec-Fetch-Site": "same-origin"}
    async with httpx.AsyncClient(transport=transport, base_url="http://app.test", headers=headers) as running:
        yield running
