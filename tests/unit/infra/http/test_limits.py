"""A bucket of tokens per name."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from infra.http.limits import Limiter, client_network


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def test_a_minutes_worth_comes_at_once_then_at_its_rate() -> None:
    clock = Clock()
    limiter = Limiter(clock)
    assert [limiter.wait_seconds("a", 3) for _ in range(5)] == [0, 0, 0, 20, 20]
    assert limiter.wait_seconds("b", 3) == 0
    clock.at = 19.0
    assert limiter.wait_seconds("a", 3) == 1
    clock.at = 20.0
    assert limiter.wait_seconds("a", 3) == 0
    clock.at = 10_000.0
    assert [limiter.wait_seconds("a", 3) for _ in range(4)] == [0, 0, 0, 20]


@given(st.integers(1, 600), st.lists(st.floats(0, 5), max_size=60))
@example(1, [0.0, 1.0579428922365066, 0.0])
def test_nobody_is_served_more_than_twice_the_rate_in_a_minute(rate: int, pauses: list[float]) -> None:
    clock = Clock()
    limiter = Limiter(clock)
    served: list[float] = []
    for pause in pauses:
        clock.at += pause
        wait = limiter.wait_seconds("a", rate)
        if wait == 0:
            served.append(clock.at)
        else:
            clock.at += wait  # whoever waits as long as told is served
            assert limiter.wait_seconds("a", rate) == 0
            served.append(clock.at)
    assert all(sum(1 for at in served if start <= at < start + 60) <= 2 * rate + 1 for start in served)


def test_only_so_many_are_remembered() -> None:
    limiter = Limiter(Clock(), most=2)
    for name in ("a", "b", "a", "c"):
        limiter.wait_seconds(name, 1)
    assert limiter.wait_seconds("b", 1) == 0
    assert limiter.wait_seconds("c", 1) > 0


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::7", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::7", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("testclient", "testclient"),
    ],
)
def test_all_addresses_of_one_client_share_a_limit(address: str, network: str) -> None:
    assert client_network(address) == network
