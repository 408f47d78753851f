"""The channels of a place: the table `channels.toml`, and the default list of a place without that table."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from pydantic import Field, TypeAdapter, ValidationError

from contracts.code_names import CHANNEL_NAMES, Names
from contracts.codes import Channel
from contracts.message import ChannelId
from contracts.tables import Name, Table


class PlaceChannel(Table):
    """A channel by which complaints reach the place."""

    code: ChannelId
    zh: Name
    en: Name
    until: date | None = None
    """Last day on which it takes complaints; its open cases go on, and its name and topics stay. Absent: no end."""


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


def channel_names(tables: Mapping[str, Mapping[str, Any]]) -> Names:
    """What channels are called by the place; well-known ones that it does not list keep their common names."""
    listed = tables.get("channels", {}).get("channel", ())
    return {**CHANNEL_NAMES, **{each["code"]: {"zh": each["zh"], "en": each["en"]} for each in listed}}


def last_days_of(tables: Mapping[str, Mapping[str, Any]]) -> Mapping[str, date]:
    """The last day of each channel that has one."""
    listed = tables.get("channels", {}).get("channel", ())
    return {each["code"]: each["until"] for each in listed if each.get("until") is not None}
