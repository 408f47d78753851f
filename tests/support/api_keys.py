"""API keys of a deployment under test."""

from __future__ import annotations

from dataclasses import dataclass, field

from contracts.codes import Channel
from contracts.roles import E_SUPERVISION, PROVIDERS
from infra.http.keys import ApiKey, new_key, stored, stored_issuer
from tests.support.tokens import Signer

UNITS = (
    *("police-beicheng", "beicheng-centre", "city-office", "city-12345"),
    *("human-resources", "ecology"),
)
"""Units whose desk has a key."""
POSTS = {
    "beicheng-centre.director": "beicheng-centre",
    "beicheng-centre.desk-1": "beicheng-centre",
    "beicheng-centre.desk-2": "beicheng-centre",
    "police-beicheng.desk-1": "police-beicheng",
    "city-office.director": "city-office",
    "city-office.deputy": "city-office",
    "city-12345.desk-1": "city-12345",
    "nancheng-centre.desk-1": "nancheng-centre",
    "ecology.desk-1": "ecology",
}
"""Posts with a key of their own, and their units."""


@dataclass
class ApiKeys:
    """Made before the services start: a key for each client that a test needs, and an issuer of tokens."""

    signer: Signer = field(default_factory=Signer, repr=False)
    _made: dict[str, tuple[str, ApiKey]] = field(default_factory=dict, repr=False)
    _added: list[ApiKey] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        for channel in (Channel.WEB, Channel.RADIO, Channel.PARTNER):
            self._made[channel] = new_key(channel, ("submit", "read"), per_minute=60_000)
        for unit in UNITS:
            self._made[unit] = new_key(unit, ("act", "read"), per_minute=60_000)
        for system in (E_SUPERVISION, "atlantis-system"):
            self._made[system] = new_key(system, ("act", "read"), per_minute=60_000, kind="system")
        for post, unit in POSTS.items():
            self._made[post] = _of_post(unit, post)
        self._made["unknown-post"] = _of_post("beicheng-centre", "beicheng-centre.desk-9")
        self._made["post-of-another"] = _of_post("city-office", "police-beicheng.desk-1")
        self._made["operator"] = _of_post("city-office", "city-office.desk-1", "operate")
        for provider in PROVIDERS:
            self._made[provider] = new_key(provider, ("report",), per_minute=60_000)
        self._made["atlantis"] = new_key("atlantis", ("act", "read"), per_minute=60_000)
        self._made["police-reader"] = new_key("police-beicheng", ("read",), per_minute=60_000)
        self._made["reader"] = new_key(Channel.WEB, ("read",), per_minute=60_000)
        self._made["slow"] = new_key(Channel.WEB, ("submit", "read"), per_minute=3)

    def __getitem__(self, name: str) -> str:
        """The key of a channel, unit or post; `reader` may not submit, `slow` has three requests a minute."""
        return self._made[name][0]

    def add(self, kept: ApiKey) -> None:
        """Intake knows this key, too."""
        self._added.append(kept)

    @property
    def text(self) -> str:
        """The content of the keys file that all services share."""
        keys = (*(kept for _, kept in self._made.values()), *self._added)
        return "\n".join((*map(stored, keys), stored_issuer(self.signer.issuer(per_minute=60_000))))


def _of_post(unit: str, post: str, *rights: str) -> tuple[str, ApiKey]:
    return new_key(unit, ("act", "read", *rights), per_minute=60_000, kind="unit", post=post)
