"""The dates in what a complainant reads on the way: the place's own days."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from contracts.codes import PauseReason
from contracts.routing import CaseSuspended, DelayExplained
from services.notify.domain.progress import progress_of
from tests.unit.services.notify.place import policy
from tests.unit.services.speaking import AT, CASE

ABOUT: dict[str, Any] = {"case_id": CASE, "occurred_at": AT, "unit": "housing"}


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 11, 30, 15, 59, tzinfo=UTC), "2026-11-30"),
        (datetime(2026, 11, 30, 16, 0, tzinfo=UTC), "2026-11-30"),
        (datetime(2026, 11, 30, 16, 1, tzinfo=UTC), "2026-12-01"),
        (datetime(2026, 12, 1, 3, 0, tzinfo=UTC), "2026-12-01"),
    ],
    ids=["last minute", "midnight ends the day before", "first minute", "noon"],
)
def test_a_date_is_that_of_the_place(instant: datetime, day: str) -> None:
    rests = CaseSuspended(reason=PauseReason.SHELVED, note="冬季不能施工", until=instant, **ABOUT)
    late = DelayExplained(reason="材料未到", promised_at=instant, **ABOUT)
    for progress in (progress_of(rests, policy()), progress_of(late, policy())):
        assert day in progress.zh
        assert day in progress.en
