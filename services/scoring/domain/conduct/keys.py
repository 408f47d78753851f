"""Whose document a command about conduct is for."""

from __future__ import annotations

from contracts.conduct import RecordFinding, finding_key
from contracts.inspections import InspectionCommand, inspection_key
from contracts.message import Message
from contracts.surveys import SurveyCommand, survey_key


def key_of_oversight(message: Message, speaker: str | None) -> str:
    """A finding, inspection or survey is that of the body that the topic proves, whatever it says of itself."""
    if isinstance(message, RecordFinding):
        return finding_key(speaker or message.unit, message.reference)
    if isinstance(message, InspectionCommand):
        return inspection_key(speaker or message.unit, message.reference)
    if isinstance(message, SurveyCommand):
        return survey_key(speaker or message.unit, message.reference)
    return message.key
