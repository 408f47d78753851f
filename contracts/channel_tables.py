"""The channels of a place: the table `channels.toml`, and the list that holds where a place has no such table."""

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
    """`channels.toml`: every channel of the place. It replaces the list of well-known channels."""

    channel: list[PlaceChannel] = Field(min_length=1)


_CHANNEL_ID: TypeAdapter[str] = TypeAdapter(ChannelId)


def channel_id(text: str) -> str:
    """The text as the code of a channel. Raises `ValueError` when it cannot be one."""
    try:
        return _CHANNEL_ID.validate_python(text)
    except ValidationError:
        raise ValueError("a channel is named in lower-case letters, digits and single hyphens, 60 at most") from None


def channels_of(tables: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    """The codes of all channels of a place: those of its table, or the well-known ones when it has no table."""
    table = tables.get("channels")
    return tuple(str(each) for each in Channel) if table is None else tuple(each["code"] for each in table["channel"])
