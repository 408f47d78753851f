"""The kind of client (channel, provider or unit) that an API key without a `kind` belongs to.

The key of a system always names its kind.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from contracts.codes import Channel
from contracts.roles import PROVIDERS

Speaker = Literal["channel", "unit", "provider"]
_BY_RIGHT: dict[str, Speaker] = {"submit": "channel", "act": "unit", "operate": "unit", "report": "provider"}
"""Rights that only one kind of client can have."""


def kind_of(name: str, rights: Collection[str]) -> Speaker:
    """Derive the kind from a right that only one kind has, else from the names of default channels and providers."""
    for right, kind in _BY_RIGHT.items():
        if right in rights:
            return kind
    if name in set(Channel):
        return "channel"
    return "provider" if name in PROVIDERS else "unit"
