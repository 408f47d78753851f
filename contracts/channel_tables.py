"""The channels of a place: the table `channels.toml`, and the default list of a place without that table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field, TypeAdapter, ValidationError

from contracts.codes import Channel
from contracts.message import ChannelId
from contracts.tables import Name, Table


class PlaceChannel(Table):
    """A channel by which complaints reach the place."""

    code: ChannelId
    zh: Name
    en: Name


class ChannelsTable(Table):
    """`channels.toml`: every channel of the place. It replaces the default list `contracts.codes.Channel`."""

    channel: list[PlaceChannel] = Field(min_length=1)


_CHANNEL_ID: TypeAdapter[str] = TypeAdapter(ChannelId)


def channel_id(text: str) -> str:
    """Return the text if it is a well-formed channel code; raise `ValueError` otherwise."""
    try:
        return _CHANNEL_ID.validate_python(text)
    except ValidationError:
        raise ValueError("a channel code has lower-case letters, digits and single hyphens, 60 at most") from None


def channels_of(tables: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    """The channel codes of a place: those of its table, or the default list when it has no table."""
    table = tables.get("channels")
    return tuple(str(each) for each in Channel) if table is None else tuple(each["code"] for each in table["channel"])
