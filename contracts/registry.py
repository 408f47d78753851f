"""What a topic declares about itself. The topics of this system are in `contracts.topics`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from contracts.message import Message, topic_fields

DAY_MS = 24 * 60 * 60 * 1000
MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic, or a family of topics with one parameter (``assignments.{unit}``), and its contract.

    From it come the topics themselves, access rules, AsyncAPI, documentation and tests.
    """

    name: str
    """The name, or a template with one placeholder."""
    description: str
    messages: tuple[type[Message], ...]
    """The types that may appear; a reader skips every other type."""
    writers: tuple[str, ...]
    """Principals that may write: a service name, or a placeholder such as ``{unit}``: that unit's own staff app."""
    readers: tuple[str, ...]
    """Principals that may read."""
    partitions: int = 12
    compacted: bool = False
    """Keeps the last record of each key instead of a span of time."""
    retention_days: int = 30
    max_message_bytes: int = MEBIBYTE
    sealed: bool = False
    """Holds ciphertext only."""
    clear_identity: bool = False
    """Holds the complainant's identity in clear: short retention, one reader."""

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the placeholders; empty for a single topic."""
        return topic_fields(self.name)

    @property
    def pattern(self) -> str:
        """A regular expression that matches this topic, or every topic of the family."""
        escaped = re.escape(self.name)
        return re.sub(r"\\\{\w+\\\}", "[a-z0-9-]+", escaped)

    def expand(self, values: Mapping[str, Iterable[str]]) -> list[str]:
        """The concrete names, one for each value of the placeholder.

        Raises `KeyError` when the values of a placeholder are not given.
        """
        if not self.fields:
            return [self.name]
        (name,) = self.fields
        return [self.name.format(**{name: value}) for value in values[name]]

    def parameter(self, name: str) -> str | None:
        """The value that fills the placeholder in a concrete name; None for a single topic."""
        if not self.fields:
            return None
        prefix, suffix = re.split(r"\{\w+\}", self.name)
        return name[len(prefix) : len(name) - len(suffix)]

    def config(self) -> dict[str, str]:
        """The broker-side settings."""
        settings = {"max.message.bytes": str(self.max_message_bytes)}
        if self.compacted:
            settings["cleanup.policy"] = "compact"
        else:
            settings["cleanup.policy"] = "delete"
            settings["retention.ms"] = str(self.retention_days * DAY_MS)
        return settings


@dataclass(frozen=True)
class Registry:
    """All topics. Raises `ValueError` when two topics share a name or a type is announced on a topic not its own."""

    topics: tuple[Topic, ...]
    _by_name: dict[str, Topic] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        for topic in self.topics:
            if topic.name in self._by_name:
                raise ValueError(f"topic {topic.name} is declared twice")
            for message in topic.messages:
                if topic.name != message.TOPIC:
                    raise ValueError(f"{message.__name__} says it travels on {message.TOPIC}, not on {topic.name}")
            self._by_name[topic.name] = topic

    def __getitem__(self, name: str) -> Topic:
        """The topic declared under this name or template. Raises `KeyError`."""
        return self._by_name[name]

    def matching(self, concrete: str) -> Topic:
        """The topic, or family, that a concrete name belongs to. Raises `KeyError`."""
        for topic in self.topics:
            if re.fullmatch(topic.pattern, concrete):
                return topic
        raise KeyError(concrete)

    @property
    def messages(self) -> dict[str, type[Message]]:
        """Every message type by its CloudEvents type."""
        return {message.TYPE: message for topic in self.topics for message in topic.messages}
