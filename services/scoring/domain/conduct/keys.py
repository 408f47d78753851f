"""Whose document a command about conduct is for."""

from __future__ import annotations

from contracts.conduct import RecordFinding, finding_key
from contracts.message import Message


def key_of_oversight(message: Message, speaker: str | None) -> str:
    """A new finding is that of the body that the topic proves, whatever it says of itself."""
    if isinstance(message, RecordFinding):
        return finding_key(speaker or message.unit, message.reference)
    return message.key
