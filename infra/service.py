"""What a service declares about itself. Everything else follows from it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic

from contracts.registry import Topic
from infra.decision import Decide, Effect, S, Subject
from infra.reading import Arrival, Input

Prepare = Callable[[Mapping[str, "tuple[S | None, Sequence[Arrival]]"], datetime], Awaitable[object]]
Perform = Callable[[Sequence[Effect]], Awaitable[None]]


async def nothing_to_prepare(_batch: object, _at: datetime) -> object:
    """No supplies."""
    return None


async def nothing_to_perform(_effects: Sequence[Effect]) -> None:
    """No effects."""


@dataclass(frozen=True)
class Service(Generic[S]):
    """One service: what it reads, keeps, decides and writes."""

    name: str
    inputs: tuple[Input, ...]
    outputs: tuple[Topic, ...]
    redrive: Topic
    state: type[S]
    decide: Decide[S]
    due: Callable[[S], datetime | None] = lambda _: None
    """The next instant at which `decide` wants to be asked with `Due`."""
    crowds: bool = False
    """Many documents fall due at one instant, and events alone follow: they may be decided ahead of it."""
    is_open: Callable[[S], bool] = lambda _: True
    """Whether anything is still owed."""
    prepare: Prepare[S] = nothing_to_prepare
    """Fetches what the decisions of a batch need besides states, such as numbers; must be safe to repeat."""
    needs: Callable[[Subject], bool] = lambda _: True
    """Whether deciding on a subject needs `prepare`; keys without such a subject are left out of its batch."""
    perform: Perform = nothing_to_perform
    """Does what decisions want done outside; returns soon, works in the background."""

    @property
    def pattern(self) -> str:
        """A regular expression for every topic the service subscribes to."""
        redrive = self.redrive.name.format(service=self.name).replace(".", r"\.")
        return "^(" + "|".join([*(i.topic.pattern for i in self.inputs), redrive]) + ")$"

    def at_home(self, names: Collection[str]) -> bool:
        """Whether these topics hold one at least of each kind that the service reads or writes."""
        declared = (*(i.topic for i in self.inputs), *self.outputs, self.redrive)
        return all(any(re.fullmatch(topic.pattern, name) for name in names) for topic in declared)
