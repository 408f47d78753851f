"""What every message on the bus is, and the few value types all of them share."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Annotated, Any, ClassVar
from uuid import UUID, uuid5

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from contracts.instants import AwareDatetime

CASES = UUID("92a801e4-b01c-5be2-8e76-842b6e249209")
"""Namespace of case ids: the UUIDv5 of ``urn:xiaoneng:cases`` in the namespace of URLs. It never changes."""


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


CaseId = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"),
    Field(
        description=f"The case and the Kafka key, lower case: UUIDv5 in the namespace {CASES} of the UTF-8 bytes of"
        " channel, a line feed (U+000A) and external_id. The sender can compute it; docs/partners.md has test vectors."
    ),
    BeforeValidator(_lower),
]
"""Read in any letter case, as RFC 9562 §4 wants of a UUID, and lower case from then on."""
UnitId = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60),
    Field(description="a unit of the organisation tree, as it stands in the topic names of that unit"),
]
ChannelId = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60),
    Field(
        description="a channel from the place's list, as it appears in the channel's topic names",
        examples=["hotline-12345", "web"],
        json_schema_extra={"x-reference-table": "channels"},
    ),
]
Code = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9]+([.-][a-z0-9]+)*$", max_length=60),
    Field(description="an entry of a configurable code list"),
]
StaffId = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9]+([.-][a-z0-9]+)*$", max_length=80),
    Field(description="a post of a unit's directory, such as ``police-beicheng.desk-2``; never somebody's name"),
]
NoticeId = Annotated[
    str,
    Field(max_length=200, description="idempotency key towards the provider; e-mail carries it as Message-ID"),
]
PolicyVersion = Annotated[str, Field(max_length=64, description="version of the reference data a decision used")]


def case_id_for(channel: str, external_id: str) -> str:
    """The id of the case that a channel's own reference stands for; the same for every resubmission."""
    return str(uuid5(CASES, f"{channel}\n{external_id}"))


SENT_AT = {"issued_at", "given_at", "withdrawn_at", "reported_at", "requested_at"}
"""Fields with the time of sending: two messages that differ in them alone are one message sent again."""


class Message(BaseModel):
    """One thing said on the bus.

    Models are strict (no silent conversion of a number into a text) and frozen. Unknown *fields* are ignored, so that
    a sender may run ahead of a receiver; unknown *types* are skipped by their header before anything is decoded. The
    text of a validation error names the field at fault, never its value: it may be somebody's identity.

    A subclass states `TYPE` (CloudEvents type, ends in its version) and `TOPIC`; a placeholder in the topic names the
    field that fills it: ``assignments.{unit}``.
    """

    model_config = ConfigDict(
        strict=True, frozen=True, extra="ignore", use_attribute_docstrings=True, hide_input_in_errors=True
    )

    TYPE: ClassVar[str] = ""
    TOPIC: ClassVar[str] = ""

    @property
    def time(self) -> datetime:
        """When this was said; travels as the CloudEvents attribute `time`."""
        raise NotImplementedError

    @property
    def topic(self) -> str:
        """The topic this very message is published to."""
        fields = topic_fields(self.TOPIC)
        return self.TOPIC.format(**{name: getattr(self, name) for name in fields}) if fields else self.TOPIC

    @property
    def key(self) -> str:
        """The Kafka key: all messages of one case share it and so keep their order."""
        raise NotImplementedError


class Fact(Message):
    """Something that has happened, named in the past tense, published by the one service that decided it.

    Its key is a UUID, in lower case.
    """


class Event(Fact):
    """A fact about a case."""

    case_id: CaseId
    occurred_at: AwareDatetime = Field(description="when the fact came to be")

    @property
    def time(self) -> datetime:
        return self.occurred_at

    @property
    def key(self) -> str:
        return self.case_id


class Command(Message):
    """A request, named in the imperative. It may be refused; the refusal is an event with its reason."""

    case_id: CaseId
    issued_at: AwareDatetime = Field(description="when the sender says it was asked for")

    @property
    def time(self) -> datetime:
        return self.issued_at

    @property
    def key(self) -> str:
        return self.case_id


def field_of(message: type[Message], name: str, body: Mapping[str, object]) -> str | None:
    """One valid text field of a body that is invalid as a whole; None when the field is invalid too."""
    field = message.model_fields[name]
    try:
        value = _adapter(field.annotation, tuple(field.metadata)).validate_python(body.get(name))
    except ValidationError:
        return None
    return value if isinstance(value, str) else None


def _adapter(annotation: Any, metadata: tuple[Any, ...]) -> TypeAdapter[Any]:
    annotated: Any = Annotated[(annotation, *metadata)] if metadata else annotation
    return TypeAdapter(annotated, config=ConfigDict(strict=True))


@cache
def topic_fields(topic: str) -> tuple[str, ...]:
    """The placeholders of a topic template: ``assignments.{unit}`` → ``("unit",)``."""
    return tuple(re.findall(r"\{(\w+)\}", topic))


def event_id(publisher: str, key: str, position: int) -> str:
    """The CloudEvents id of the event at `position` of a publisher's history of one key.

    Deterministic, so that publishing again after a crash is a duplicate that every receiver can drop.
    """
    return str(uuid5(UUID(key), f"{publisher}/{position}"))
