"""What the speaker of an API key is, where the key does not name it: a channel, a provider, or a unit."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from contracts.codes import Channel
from contracts.roles import PROVIDERS

Speaker = Literal["channel", "unit", "provider"]
_BY_RIGHT: dict[str, Speaker] = {"submit": "channel", "act": "unit", "operate": "unit", "report": "provider"}
"""Rights that only one kind of speaker can have."""


def kind_of(name: str, rights: Collection[str]) -> Speaker:
    """By a right that only one kind has; else by the name, among the well-known channels and providers."""
    for right, kind in _BY_RIGHT.items():
        if right in rights:
            return kind
    if name in set(Channel):
        return "channel"
    return "provider" if name in PROVIDERS else "unit"
