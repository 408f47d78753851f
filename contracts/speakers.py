"""What a speaker is by its name, where it is not said: a channel, a provider, or else a unit."""

from __future__ import annotations

from typing import Literal

from contracts.codes import Channel
from contracts.topics import PROVIDERS

Speaker = Literal["channel", "unit", "provider"]


def kind_of(name: str) -> Speaker:
    """The kind of a speaker."""
    if name in set(Channel):
        return "channel"
    return "provider" if name in PROVIDERS else "unit"
