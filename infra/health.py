"""Whether a service is alive and whether it is ready, judged by progress, not by a ping."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

MOST_NAMED = 5
"""Missing topics that are named; of the others only the number is."""


@dataclass
class Health:
    """Alive: no batch has been in hand too long while the engines answer. Ready: taking messages, engines answer."""

    stuck_seconds: float
    monotonic: Callable[[], float] = time.monotonic
    assigned: bool = False
    halted: str | None = None
    stopping: bool = False
    missing_topics: tuple[str, ...] = ()
    """Topics that the service writes or reads as their owner, and that do not exist."""
    notes: dict[str, Callable[[], str | None]] = field(default_factory=dict)
    """What needs attention though the service is ready: a line each, or None."""
    _outages: dict[str, str] = field(default_factory=dict)
    """Why something waits for an engine, by what it is; one engine may answer while the other is away."""
    _in_hand_since: float | None = None

    @contextmanager
    def in_hand(self) -> Iterator[None]:
        """Something is being worked on."""
        self._in_hand_since = self.monotonic()
        try:
            yield
        finally:
            self._in_hand_since = None

    def progress(self) -> None:
        """A step of the work in hand is done."""
        if self._in_hand_since is not None:
            self._in_hand_since = self.monotonic()

    def away(self, doing: str, why: str) -> None:
        """This waits for an engine."""
        self._outages[doing] = why

    def back(self, doing: str) -> None:
        """This waits no longer."""
        self._outages.pop(doing, None)

    def not_alive(self) -> str | None:
        """Why the process should be restarted; None when it should not."""
        since = self._in_hand_since
        if since is None or self._outages or self.halted:
            return None
        stuck = self.monotonic() - since
        return f"no progress for {stuck:.0f} s" if stuck > self.stuck_seconds else None

    def not_ready(self) -> str | None:
        """Why no traffic should be sent; None when ready."""
        if self.halted:
            return f"halted: {self.halted}"
        if self.stopping:
            return "stopping"
        if outage := next(iter(self._outages.values()), None):
            return f"engine away: {outage}"
        if self.missing_topics:
            named = ", ".join(self.missing_topics[:MOST_NAMED])
            more = len(self.missing_topics) - MOST_NAMED
            return f"topic missing: {named}{f' and {more} more' if more > 0 else ''}"
        return None if self.assigned else "no partitions assigned yet"
