"""Alive and ready, judged by progress."""

from __future__ import annotations

import pytest

from infra.health import Health


class Wall:
    """A monotonic clock that is set by hand."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
def health(wall: Wall) -> Health:
    return Health(60, wall, assigned=True)


def test_a_service_with_nothing_in_hand_is_alive_however_long(health: Health, wall: Wall) -> None:
    wall.seconds += 1_000_000
    assert health.not_alive() is None


def test_work_in_hand_without_progress_for_too_long_is_not_alive(health: Health, wall: Wall) -> None:
    with health.in_hand():
        wall.seconds += 60
        assert health.not_alive() is None
        wall.seconds += 1
        assert health.not_alive() == "no progress for 61 s"
    assert health.not_alive() is None


def test_a_step_done_is_progress(health: Health, wall: Wall) -> None:
    with health.in_hand():
        for _ in range(5):
            wall.seconds += 50
            health.progress()
            assert health.not_alive() is None


def test_progress_with_nothing_in_hand_starts_nothing(health: Health, wall: Wall) -> None:
    health.progress()
    wall.seconds += 1_000
    assert health.not_alive() is None


def test_work_that_failed_is_not_in_hand_any_more(health: Health, wall: Wall) -> None:
    with pytest.raises(ValueError, match="broken"), health.in_hand():
        raise ValueError("broken")
    wall.seconds += 1_000
    assert health.not_alive() is None


def test_a_restart_does_not_bring_an_engine_back(health: Health, wall: Wall) -> None:
    health.away("batch", "KafkaConnectionError")
    with health.in_hand():
        wall.seconds += 1_000
        assert health.not_alive() is None


def test_a_restart_does_not_mend_a_rule(health: Health, wall: Wall) -> None:
    health.halted = "too many dead letters"
    with health.in_hand():
        wall.seconds += 1_000
        assert health.not_alive() is None


def test_a_service_is_ready_when_everything_has_its_engine_back(health: Health) -> None:
    health.away("batch", "KafkaConnectionError")
    health.away("due", "AutoReconnect")
    health.back("due")
    health.back("sweep")
    assert health.not_ready() == "engine away: KafkaConnectionError"
    health.back("batch")
    assert health.not_ready() is None


def test_a_service_that_takes_messages_is_ready(health: Health) -> None:
    assert health.not_ready() is None


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("assigned", False, "no partitions assigned yet"),
        ("stopping", True, "stopping"),
        ("halted", "too many dead letters", "halted: too many dead letters"),
    ],
)
def test_a_service_that_is_not_ready_says_why(health: Health, field: str, value: object, why: str) -> None:
    setattr(health, field, value)
    assert health.not_ready() == why


def test_the_gravest_reason_is_told_first() -> None:
    health = Health(60, assigned=False, halted="b", stopping=True)
    health.away("batch", "a")
    assert health.not_ready() == "halted: b"
