"""What is told of a case, read from whatever state has been saved."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from contracts.codes import Channel, RefusalCode
from contracts.refusals import reason
from services.intake.domain.registration import Registration
from services.intake.status import INDEXES, Stage, Standing, standing_of
from tests.unit.services.speaking import AT, CASE


def told(**more: Any) -> Standing:
    state = Registration(
        number="BC-1", registered_at=AT, fingerprint="f", channel=Channel.WEB, category="heating", receipt="r"
    )
    found = standing_of(CASE, {**state.model_dump(mode="json"), **more})
    assert found is not None
    return found


def test_a_registered_case_is_in_hand() -> None:
    found = told()
    assert (found.number, found.stage, found.registered_at, found.updated_at) == ("BC-1", Stage.IN_HAND, AT, AT)
    assert (found.channel, found.category, found.receipt, found.open) == ("web", "heating", "r", True)


@pytest.mark.parametrize("state", [None, {}, {"number": ""}, {"number": "BC-1"}])
def test_what_is_not_registered_has_no_standing(state: Any) -> None:
    assert standing_of(CASE, state) is None


def test_a_state_of_an_older_release_is_read() -> None:
    found = standing_of(CASE, {"number": "BC-1", "registered_at": "2026-11-23T01:30:00Z", "fingerprint": "f"})
    assert found is not None
    assert (found.channel, found.receipt, found.stage) == ("", None, Stage.IN_HAND)


@pytest.mark.parametrize(
    ("state", "stage", "is_open"),
    [
        ({"held": "scope"}, Stage.SCOPE, True),
        ({"held": "supplement"}, Stage.AWAITS_COMPLAINANT, True),
        ({"held": {"hold": "supplement"}}, Stage.AWAITS_COMPLAINANT, True),
        ({"held": None}, Stage.IN_HAND, True),
        ({"ended": "declined"}, Stage.ENDED, False),
        ({"ended": {"ending": "withdrawn"}, "held": "scope"}, Stage.ENDED, False),
        ({"closed_at": "2026-11-24T00:00:00Z"}, Stage.CLOSED, False),
        ({"status": "closed"}, Stage.CLOSED, False),
    ],
)
def test_a_case_stands_where_its_state_says(state: dict[str, Any], stage: Stage, is_open: bool) -> None:
    found = told(**state)
    assert (found.stage, found.open) == (stage, is_open)


@pytest.mark.parametrize("adopted", [True, False, None])
def test_a_suggestion_is_shown_as_adopted_or_not(adopted: bool | None) -> None:
    assert told(closed_at="2026-11-24T00:00:00Z", adopted=adopted).adopted is adopted


def test_what_is_awaited_is_told_with_its_date() -> None:
    missing = reason(RefusalCode.TEXT_MISSING, "text")
    found = told(held="supplement", missing=[missing.model_dump(mode="json")], answer_by="2026-12-01T00:00:00Z")
    assert found.awaited == (missing,)
    assert found.answer_by == datetime(2026, 12, 1, tzinfo=UTC)


def test_the_indexes_are_fields_of_the_state() -> None:
    assert {field for index in INDEXES for field in index} <= set(Registration.model_fields)
