"""A bounded memory of ids."""

from __future__ import annotations

MOST_RECENT = 1_000


class Recent:
    """The latest ids that were added; when it is full, the oldest is dropped."""

    def __init__(self, most: int = MOST_RECENT) -> None:
        self._most = most
        self._ids: dict[str, None] = {}

    def add(self, id: str) -> None:
        """Remember an id."""
        self._ids[id] = None
        if len(self._ids) > self._most:
            del self._ids[next(iter(self._ids))]

    def __contains__(self, id: object) -> bool:
        return id in self._ids
