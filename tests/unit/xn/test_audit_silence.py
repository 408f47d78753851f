"""`xn audit silence`: the promise, case by case, from what notify keeps."""

from __future__ import annotations

import tracemalloc
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

import pytest

from contracts.codes import Hold
from contracts.notice_tables import SilenceLimits
from contracts.routing import CaseAssigned
from services.notify.domain.case import Case, Limit
from services.notify.domain.case_rules import CaseRules
from services.notify.domain.notice import LEASE
from services.notify.domain.silence import WHAT
from tests.unit.services.notify.place import POLICY
from tests.unit.services.speaking import AT, CASE, closed, context, decided, registered
from xn.audit.silence import Silent, all_at, missing, promised, silent_cases

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LIMITS = SilenceLimits()


def kept(*more: Any, **changes: Any) -> dict[str, Any]:
    """A case as notify's database holds it."""
    rules, case = CaseRules(POLICY, LEASE), None
    for said in (registered(**changes), *more):
        case = decided(rules.decide(case, said, context())).state
    assert case is not None
    found: dict[str, Any] = case.model_dump(mode="json")
    return found


def with_limit(state: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    limit = Limit(**{"clock": "close", "due_at": AT + DAY, **changes})
    return {**state, "limit": limit.model_dump(mode="json")}


def assigned() -> CaseAssigned:
    return CaseAssigned(
        case_id=CASE,
        occurred_at=AT,
        unit="police-beicheng",
        responsible="police-beicheng",
        rule="r",
        why="",
        policy="demo",
    )


def whats(found: Sequence[Silent]) -> list[str]:
    return [each.what for each in found]


def test_nothing_is_missing_before_its_limit_is_over() -> None:
    state = kept()
    assert missing(CASE, state, LIMITS, all_at(AT + HOUR - timedelta(seconds=1))) == []
    found = missing(CASE, state, LIMITS, all_at(AT + HOUR))
    assert whats(found) == ["owner", "deadline"]
    assert {each.since for each in found} == {AT + HOUR}
    assert {each.unit for each in found} == {"beicheng-centre"}
    assert "BC-20261123-000001" in str(found[0])


def test_what_was_asked_for_alone_is_looked_for() -> None:
    found = missing(CASE, kept(), LIMITS, all_at(AT + DAY, ["deadline"]))
    assert whats(found) == ["deadline"]


def test_the_promise_looks_a_day_ahead_but_for_answers() -> None:
    state = with_limit(kept(assigned()))
    assert missing(CASE, state, LIMITS, promised(AT + HOUR)) == []
    late = missing(CASE, state, LIMITS, promised(AT + DAY + HOUR))
    assert [(each.what, each.unit) for each in late] == [("answer", "police-beicheng")]
    assert whats(missing(CASE, kept(), LIMITS, promised(AT))) == ["owner", "deadline"]


def test_an_answered_case_lacks_nothing() -> None:
    assert missing(CASE, kept(closed()), LIMITS, all_at(AT + 400 * DAY)) == []


def test_a_held_case_has_its_centre() -> None:
    held = kept(held=Hold.SCOPE)
    assert whats(missing(CASE, held, LIMITS, all_at(AT + DAY))) == ["deadline"]


class ManyCases:
    """As notify's store streams cases; what is not silent among them is answered."""

    def __init__(self, count: int, silent_every: int) -> None:
        self._count, self._every = count, silent_every
        self._answered, self._open = kept(closed()), kept()

    async def open_states(
        self, wanted: Mapping[str, Any], fields: Sequence[str], *, closed_too: bool = False
    ) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        assert (wanted, closed_too) == ({"kind": "case"}, True)
        for n in range(self._count):
            state = self._open if n % self._every == 0 else self._answered
            yield str(uuid5(UUID(CASE), str(n))), {name: state[name] for name in fields if name in state}


async def test_many_cases_are_looked_at_in_little_memory() -> None:
    store, found = ManyCases(3_000, 1_000), 0
    tracemalloc.start()
    try:
        async for _ in silent_cases(store, LIMITS, all_at(AT + DAY, ["deadline"])):  # type: ignore[arg-type]
            found += 1
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found == 3
    assert most < 4_000_000


@pytest.mark.parametrize("what", WHAT)
def test_everything_that_may_be_missing_is_promised(what: str) -> None:
    assert what in promised(AT)
    assert set(all_at(AT)) == set(WHAT)


def test_a_case_that_was_never_registered_here_is_no_case_yet() -> None:
    assert missing(CASE, Case().model_dump(mode="json"), LIMITS, all_at(AT + DAY)) == []
