"""The apps with pages of a demo, as processes: which there are, their settings, their keys and trial accounts."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from joserfc.jwk import OKPKey

from infra.http.keys import Issuer, new_key, stored, stored_issuer
from infra.local.process import free_ports
from infra.local.services import Fleet
from xn.demo.accounts import HOTLINE, accounts_of, directory_text, new_password
from xn.place import channels_of

ISSUER = "desk"
PER_MINUTE = 60_000
WEB = "web"


@dataclass(frozen=True)
class App:
    """An app with pages: `python -m apps.<name>`."""

    name: str
    zh: str
    en: str
    first: str = "/"
    """The page to open."""
    channel: str = ""
    """The channel that it submits by; in a place without it the app is left out."""


APPS = (
    App("citizen", "市民网页", "for citizens, without sign-in", channel=WEB),
    App("desk", "工作台", "for staff"),
    App("board", "驾驶舱", "cockpit of supervisors"),
    App("city", "管理", "administration of the place"),
)
"""In the order in which they are printed. An app that is not installed is left out."""


class Pages:
    """The apps of one demo. Addresses are fixed before anything runs, because the services link to them."""

    def __init__(self, place: Path, directory: Path, first_port: int = 0) -> None:
        """Write keys and accounts to `directory`. `first_port`: the apps get this port and those after it; 0: free."""
        channels = channels_of(place)
        self.apps = [app for app in APPS if find_spec(f"apps.{app.name}") and app.channel in {"", *channels}]
        count = len(self.apps)
        ports: Sequence[int] = range(first_port, first_port + count) if first_port else free_ports(count)
        self.ports = {app.name: port for app, port in zip(self.apps, ports, strict=True)}
        self.accounts = accounts_of(place)
        self.password = new_password()
        self._place = place
        self._directory = directory
        self._files = {name: directory / "keys" / name for name in ("http.toml", "desk.jwk", "people.toml")}
        self._secrets = {name: secrets.token_urlsafe(32) for name in ("web", "traces")}
        self._channel_keys = self._write()

    def url(self, name: str) -> str:
        """The address of an app; empty where there is no such app."""
        return f"http://127.0.0.1:{self.ports[name]}" if name in self.ports else ""

    def of_services(self, with_traces: bool) -> dict[str, str]:
        """Settings of the services: keys, links to the apps and, if wanted, spans for the board."""
        found = {"XN_HTTP_KEYS_FILE": str(self._files["http.toml"].absolute())}
        found |= {f"XN_{name.upper()}_URL": self.url(name) for name in ("citizen", "desk") if name in self.ports}
        if with_traces and "board" in self.ports:
            found["XN_OTLP_ENDPOINT"] = self.url("board")
            found["OTEL_EXPORTER_OTLP_HEADERS"] = f"X-API-Key={self._secrets['traces']}"
        return found

    def fleet(self, services: Fleet, exports: Mapping[str, str]) -> Fleet:
        """The apps as processes, not started, beside these services. `exports`: where the engines are."""

        def environment(name: str, instance: int, port: int) -> dict[str, str]:
            del instance  # there is one of each
            return {**exports, **self._of_apps(services.url), "XN_WEB_PORT": str(port), "XN_WEB_URL": self.url(name)}

        return Fleet(
            {name: f"apps.{name}" for name in self.ports},
            directory=self._directory / "logs",
            environment=environment,
            ports={name: [port] for name, port in self.ports.items()},
        )

    def _of_apps(self, service_url: Callable[[str], str]) -> dict[str, str]:
        return {
            **{f"XN_{name.upper()}_URL": service_url(name) for name in ("intake", "routing", "scoring", "notify")},
            "XN_WEB_SECRET": self._secrets["web"],
            "XN_TOKEN_ISSUER": ISSUER,
            "XN_TOKEN_KEY_FILE": str(self._files["desk.jwk"].absolute()),
            "XN_DIRECTORY_FILE": str(self._files["people.toml"].absolute()),
            "XN_CITIZEN_KEY": self._channel_keys.get(WEB, ""),
            "XN_DESK_FILE": str(self._directory.absolute() / "desk" / "desk.sqlite"),
            "XN_BOARD_TRACES_KEY": self._secrets["traces"],
            "XN_BOARD_TRACES_FILE": str(self._directory.absolute() / "board" / "traces.sqlite"),
            "XN_CITY_PLACE": self._place.name,
            "XN_CITY_DRAFTS": str(self._directory.absolute() / "city-drafts"),
        }

    def _write(self) -> dict[str, str]:
        """Write the files that their owner alone may read; returns the keys of channels."""
        made = {
            channel: new_key(channel, ("submit", "read"), PER_MINUTE)
            for channel in (WEB, HOTLINE)
            if channel in channels_of(self._place)
        }
        pair = OKPKey.generate_key("Ed25519", {"kid": ISSUER})
        public = str(pair.as_dict(private=False)["x"])
        issuer = Issuer(id=ISSUER, public_key=public, kinds=frozenset({"unit", "channel"}), per_minute=PER_MINUTE)
        entries = [*(stored(kept) for _, kept in made.values()), stored_issuer(issuer)]
        _write_private(self._files["http.toml"], "\n".join(entries))
        _write_private(self._files["desk.jwk"], json.dumps(pair.as_dict(private=True)))
        _write_private(self._files["people.toml"], directory_text(self.accounts, self.password))
        return {channel: key for channel, (key, _) in made.items()}


def _write_private(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
