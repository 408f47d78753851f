"""The language between a service's pure rules and the loop that runs them. Imports no engine.

A service is a function ``decide(state, subject, context) -> Decision | Wait``. It may be called twice for the same
subject (a conflict, a crash): it must not do anything, only say what follows.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeAlias, TypeVar

from pydantic import BaseModel

from contracts.dead_letters import Origin
from contracts.message import Fact, Message

S = TypeVar("S", bound=BaseModel)
S_co = TypeVar("S_co", bound=BaseModel, covariant=True)


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of a message that does not fit its contract: where (empty: its envelope) and what, never the value."""

    field: str
    kind: str


@dataclass(frozen=True, slots=True)
class UnknownType:
    """The fault of a message whose type its topic does not take."""

    came: str | None
    """The type of the message, as it came; None where it has none."""
    taken: tuple[str, ...]
    """The types that the topic takes."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Stands in for a message that does not fit its contract, so that its sender gets an answer."""

    type: str
    problems: tuple[Problem, ...] = ()
    unknown: UnknownType | None = None
    """Set where the topic does not take the type; then there are no other problems."""
    topic: str = ""
    """The topic as the registry names it, such as ``handling.{unit}``: which rules answer."""
    origin: Origin | None = None
    """The record, to be named in the answer."""
    external_id: str | None = None
    """The sender's own reference, where the body could be read so far."""

    @property
    def code(self) -> str:
        """The code of the refusal; see `contracts.refusals.unreadable`."""
        return "malformed" if self.unknown is None else "unknown-type"


@dataclass(frozen=True, slots=True)
class Identity:
    """What could be learned from the body of a message that does not fit its contract."""

    key: str
    """The aggregate it is about."""
    external_id: str | None = None
    """The sender's own reference."""


@dataclass(frozen=True, slots=True)
class Due:
    """The instant that `due` named for this state has come."""


@dataclass(frozen=True, slots=True)
class Internal:
    """Base of what a service tells itself, such as the outcome of a delivery. Never travels on the bus."""


Record: TypeAlias = Callable[[Sequence[tuple[str, Internal]]], Coroutine[Any, Any, None]]
"""Hands what work beside the loop has come to, each with its key, to the loop."""


async def not_wired(_outcomes: Sequence[tuple[str, Internal]]) -> None:
    """Stands for a `Record` until the application is built. Raises `RuntimeError`."""
    raise RuntimeError("there is no loop to hand this to")


Subject: TypeAlias = Message | Unreadable | Due | Internal
"""What is decided upon."""


@dataclass(frozen=True, slots=True)
class Context:
    """Everything a decision may know besides the state and the subject."""

    key: str
    """The aggregate decided upon, such as a case id."""
    at: datetime
    """Now, by the service's clock."""
    message_id: str
    """CloudEvents id of the subject, to be quoted in an answer to its sender."""
    speaker: str = ""
    """Who sent it, as the topic proves: the channel or unit in its name. Empty for a single topic."""
    topic: str = ""
    """The topic of the message; empty for timers and for a service's internal messages."""
    traceparent: str | None = None
    """The span of this decision, for effects to continue."""
    patience_over: bool = False
    """The subject has waited as long as it asked for; `Wait` is no longer an answer."""
    supplies: object = None
    """What the service's `prepare` fetched for this batch."""


@dataclass(frozen=True, slots=True)
class Effect:
    """Base of what must be done outside, after the decision is saved, at least once; such as sending a mail.

    Effects are lost in a crash: the state must hold what is needed to want them again when it is `Due`.
    """


@dataclass(frozen=True, slots=True)
class Forget(Effect):
    """Delete what is stored of an aggregate outside its state; repeated until `Forgotten` is recorded."""

    key: str


@dataclass(frozen=True, slots=True)
class Forgotten(Internal):
    """What `Forget` asked for is deleted."""


@dataclass(frozen=True, slots=True)
class Decision(Generic[S_co]):
    """The next state, what is announced, and what is to be done. All are saved or none."""

    state: S_co | None
    events: tuple[Fact, ...] = ()
    effects: tuple[Effect, ...] = ()


@dataclass(frozen=True, slots=True)
class Wait:
    """The cause of this message has not been seen yet: keep it with the state and ask again when the state changes."""

    patience: timedelta
    """After this long `decide` is asked a last time, with `patience_over`."""


Decide: TypeAlias = Callable[[S | None, Subject, Context], "Decision[S] | Wait"]
