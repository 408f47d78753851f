"""What a category asks of whoever complains, and whether an answer is one. Source: Open311 GeoReport v2, attributes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from contracts.channel import Attribute
from contracts.decimals import parse_decimal
from contracts.instants import parse_instant
from contracts.refusals import Reason, malformed
from contracts.text import is_visible

LONGEST_LINE = 1000
"""Characters of one answer, as the contract has it."""
_GREATEST = 1e15
"""Largest number accepted as an answer."""


class Datatype(StrEnum):
    """What an answer may be."""

    STRING = "string"
    """One line."""
    NUMBER = "number"
    DATETIME = "datetime"
    """ISO 8601."""
    TEXT = "text"
    """Lines."""
    SINGLE = "singlevaluelist"
    """One of the values."""
    MULTI = "multivaluelist"
    """Some of the values."""


@dataclass(frozen=True, slots=True)
class Named:
    """A code with its names."""

    code: str
    zh: str
    en: str

    def name(self, language: str) -> str:
        """The name in a language; Chinese where it is not English."""
        return self.en if language == "en" else self.zh


@dataclass(frozen=True, slots=True)
class Question(Named):
    """One question of a category."""

    datatype: Datatype
    required: bool
    values: tuple[Named, ...] = ()

    def fault(self, answers: Sequence[str]) -> str | None:
        """Why these are no answer, for programs; None when they are one, or none is needed."""
        given = [answer for answer in answers if is_visible(answer)]
        if not given:
            return "missing" if self.required else None
        if len(given) > 1 and self.datatype is not Datatype.MULTI:
            return "too_many_values"
        return next((fault for answer in given if (fault := self._fault_of(answer))), None)

    def _fault_of(self, answer: str) -> str | None:
        if len(answer) > LONGEST_LINE:
            return "string_too_long"
        match self.datatype:
            case Datatype.STRING:
                return "line_break" if "\n" in answer or "\r" in answer else None
            case Datatype.TEXT:
                return None
            case Datatype.NUMBER:
                return None if _is_number(answer) else "not_a_number"
            case Datatype.DATETIME:
                return None if _is_instant(answer) else "not_a_datetime"
            case Datatype.SINGLE | Datatype.MULTI:
                return None if answer in {value.code for value in self.values} else "not_a_value"


@dataclass(frozen=True, slots=True)
class Offer(Named):
    """A category as it is offered to the public, with its questions in order."""

    questions: tuple[Question, ...] = ()

    def faults(self, attributes: Sequence[Attribute]) -> tuple[Reason, ...]:
        """Everything that is wrong with the answers given; told at once (S3, 一次性告知)."""
        answers: dict[str, list[str]] = {}
        for each in attributes:
            answers.setdefault(each.code, []).append(each.value)
        known = {question.code for question in self.questions}
        found = [malformed(f"attributes.{code}", "unknown") for code in answers if code not in known]
        found += [
            malformed(f"attributes.{question.code}", fault)
            for question in self.questions
            if (fault := question.fault(answers.get(question.code, ())))
        ]
        return tuple(found)


def offers_of(tables: Mapping[str, Mapping[str, Any]]) -> dict[str, Offer]:
    """The categories of a place by code, from its file `categories`. Raises `ValueError` for an unknown datatype."""
    return {
        each["code"]: Offer(
            each["code"], each["zh"], each["en"], tuple(_question(said) for said in each.get("question", ()))
        )
        for each in tables["categories"]["category"]
    }


def _question(said: Mapping[str, Any]) -> Question:
    return Question(
        said["code"],
        said["zh"],
        said["en"],
        Datatype(said["datatype"]),
        said.get("required", False),
        tuple(Named(value["key"], value["zh"], value["en"]) for value in said.get("values", ())),
    )


def _is_number(answer: str) -> bool:
    try:
        parse_decimal(answer, _GREATEST)
    except ValueError:
        return False
    return True


def _is_instant(answer: str) -> bool:
    for read in (parse_instant, datetime.fromisoformat):
        with suppress(ValueError):
            read(answer)
            return True
    return False
