"""A circuit breaker: a provider that fails again and again is left alone for a while, then one letter tries it.

Ours, because a provider may say itself when it wants to be asked again (`Retry-After`), and the libraries for it stay
open for one fixed time, after which they let everybody in at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class CircuitState(IntEnum):
    """As the metric shows it."""

    CLOSED = 0
    """Letters go."""
    HALF_OPEN = 1
    """One letter may try."""
    OPEN = 2
    """None may go."""


@dataclass(slots=True)
class Circuit:
    """Between a lane and its provider. Instants are seconds of a clock that never goes back."""

    failures_allowed: int
    """In a row; the last of them opens it."""
    reset_seconds: float
    _failures: int = 0
    _open_until: float | None = None
    trying: bool = False
    """Whether the one letter is under way."""

    def state(self, now: float) -> CircuitState:
        """Whether letters may go."""
        if self._open_until is None:
            return CircuitState.CLOSED
        return CircuitState.OPEN if now < self._open_until else CircuitState.HALF_OPEN

    def open_for(self, now: float) -> float:
        """Seconds until a letter may try; 0 when one may go."""
        return 0.0 if self._open_until is None else max(0.0, self._open_until - now)

    def begin(self, now: float) -> bool:
        """A letter goes; True when it is the one that tries: the others wait until it has `ended`."""
        self.trying = self.state(now) is CircuitState.HALF_OPEN
        return self.trying

    def answered(self, trial: bool) -> None:
        """The provider is there. Late answers to letters from before it was opened do not close it."""
        self._failures = 0
        if trial:
            self._open_until = None

    def failed(self, trial: bool, now: float, retry_after_seconds: float | None = None) -> None:
        """The provider is not there, or wants to be left alone."""
        self._failures += 1
        if retry_after_seconds:
            self._open(now + retry_after_seconds)
        elif trial or (self._open_until is None and self._failures >= self.failures_allowed):
            self._open(now + self.reset_seconds)

    def ended(self) -> None:
        """The letter that tried has come to an end, whatever it was."""
        self.trying = False

    def _open(self, until: float) -> None:
        self._open_until = until if self._open_until is None else max(until, self._open_until)
