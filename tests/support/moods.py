"""What a server does with the next requests instead of its work: one mood for each, in order."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from threading import Event
from typing import TypeAlias

from xn.demo.listener import Answer, Listener, Posted, Say


@dataclass(frozen=True)
class Says:
    """It answers so, and takes nothing."""

    answer: Answer


@dataclass(frozen=True)
class Hangs:
    """It answers nothing until it is released or gone."""


@dataclass(frozen=True)
class Holds:
    """It does its work, and its answer never comes: it is held until the server is released or gone, then lost."""


@dataclass(frozen=True)
class Breaks:
    """It breaks the connection before it answers; `taken`: though it has done its work."""

    taken: bool = False


@dataclass(frozen=True)
class SaysTwice:
    """It does its work once and answers it twice on one connection."""


Mood: TypeAlias = Says | Hangs | Holds | Breaks | SaysTwice


@dataclass
class Moody(Listener):
    """A listener with moods; without one left it does its work."""

    moods: deque[Mood] = field(default_factory=deque)
    always: Mood | None = None
    """Once `moods` are used up."""
    posted: list[Posted] = field(default_factory=list)
    """Every request that came, whatever became of it."""
    released: Event = field(default_factory=Event)

    def stop(self) -> None:
        """It is gone; who hangs is let go."""
        self.released.set()
        super().stop()

    def serve(self, posted: Posted, say: Say) -> bool:
        """One request."""
        self.posted.append(posted)
        match self.moods.popleft() if self.moods else self.always:
            case Says(answer):
                say(answer)
            case Hangs():
                self.released.wait()
                return False
            case Holds():
                self.taken(posted)
                self.released.wait()
                return False
            case Breaks(taken):
                if taken:
                    self.taken(posted)
                return False
            case SaysTwice():
                answer = self.taken(posted)
                say(answer)
                say(answer)
            case None:
                return super().serve(posted, say)
        return True
