"""Case numbers: centre, day, position; unique, readable over the telephone, never reused.

A number that was handed out is spent, even if the case it was meant for is not saved: a gap, never a twin.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from datetime import date


def series(prefix: str, day: date) -> str:
    """The series that a day's numbers of a centre belong to: ``SL-20261123``."""
    return f"{prefix}-{day:%Y%m%d}"


class Numbers:
    """Positions that are reserved for us and not yet spent, by series."""

    def __init__(self) -> None:
        self._reserved: dict[str, deque[int]] = {}

    def lacking(self, series: str, wanted: int) -> int:
        """How many more must be reserved before `wanted` can be taken."""
        return max(0, wanted - len(self._reserved.get(series, ())))

    def add(self, series: str, positions: Iterable[int]) -> None:
        """These positions are ours. Older series than the one served are forgotten."""
        prefix = series.rsplit("-", 1)[0]
        for other in [name for name in self._reserved if name != series and name.rsplit("-", 1)[0] == prefix]:
            del self._reserved[other]
        self._reserved.setdefault(series, deque()).extend(positions)

    def take(self, series: str) -> str:
        """The next number of a series: ``SL-20261123-000042``. Raises `LookupError` when none was reserved."""
        reserved = self._reserved.get(series)
        if not reserved:
            raise LookupError(f"no number reserved in {series}")
        return f"{series}-{reserved.popleft():06d}"
