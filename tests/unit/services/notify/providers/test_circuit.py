"""A provider that fails again and again is left alone, then tried by one letter."""

from __future__ import annotations

from services.notify.providers.circuit import Circuit, CircuitState


def opened(at: float = 0.0) -> Circuit:
    circuit = Circuit(failures_allowed=2, reset_seconds=30)
    circuit.failed(circuit.begin(at), at)
    circuit.failed(circuit.begin(at), at)
    return circuit


def test_it_opens_with_the_last_of_so_many_failures_in_a_row() -> None:
    circuit = Circuit(failures_allowed=2, reset_seconds=30)
    circuit.failed(circuit.begin(0), 0)
    assert circuit.state(0) is CircuitState.CLOSED
    circuit.failed(circuit.begin(1), 1)
    assert circuit.state(1) is CircuitState.OPEN
    assert circuit.open_for(11) == 20


def test_an_answer_between_two_failures_keeps_it_closed() -> None:
    circuit = Circuit(failures_allowed=2, reset_seconds=30)
    for _ in range(5):
        circuit.failed(circuit.begin(0), 0)
        circuit.answered(circuit.begin(0))
    assert circuit.state(0) is CircuitState.CLOSED


def test_after_its_time_one_letter_tries_and_its_answer_closes_it() -> None:
    circuit = opened()
    assert circuit.state(30) is CircuitState.HALF_OPEN
    assert circuit.open_for(30) == 0
    trial = circuit.begin(30)
    assert trial
    assert circuit.trying
    circuit.answered(trial)
    circuit.ended()
    assert circuit.state(30) is CircuitState.CLOSED
    assert not circuit.trying
    assert not circuit.begin(31)


def test_one_failure_of_the_letter_that_tries_opens_it_again() -> None:
    circuit = opened()
    circuit.failed(circuit.begin(40), 40)
    circuit.ended()
    assert circuit.open_for(40) == 30


def test_a_trial_without_an_end_leaves_it_to_the_next() -> None:
    circuit = opened()
    circuit.begin(40)
    circuit.ended()
    assert circuit.state(40) is CircuitState.HALF_OPEN
    assert circuit.begin(40)


def test_a_late_answer_from_before_does_not_close_it() -> None:
    circuit = opened()
    circuit.answered(False)
    assert circuit.state(1) is CircuitState.OPEN


def test_late_failures_from_before_do_not_keep_it_open_longer() -> None:
    circuit = opened()
    circuit.failed(False, 29)
    assert circuit.open_for(29) == 1


def test_a_provider_that_asks_for_it_is_left_alone_at_once_and_as_long() -> None:
    circuit = Circuit(failures_allowed=5, reset_seconds=30)
    circuit.failed(circuit.begin(0), 0, retry_after_seconds=120)
    assert circuit.open_for(0) == 120
    circuit.failed(False, 1, retry_after_seconds=10)
    assert circuit.open_for(1) == 119
