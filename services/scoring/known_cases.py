"""What a finding's rules need beside its own document: whether the case it is about is known here."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

from contracts.conduct import RecordFinding
from infra.reading import Arrival
from infra.store import Store
from services.scoring.domain.aggregate import Aggregate


class KnownCases:
    """Looks up the cases that findings of a batch are about."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def prepare(
        self, batch: Mapping[str, tuple[Aggregate | None, Sequence[Arrival]]], _at: datetime
    ) -> frozenset[str]:
        """Those that are known. Raises `StoreError`."""
        said = [arrival.subject for _, arrivals in batch.values() for arrival in arrivals]
        wanted = sorted({each.case_id for each in said if isinstance(each, RecordFinding) and each.case_id})
        states = await asyncio.gather(*(self._store.state_of(case_id) for case_id in wanted))
        return frozenset(case_id for case_id, state in zip(wanted, states, strict=True) if state is not None)
