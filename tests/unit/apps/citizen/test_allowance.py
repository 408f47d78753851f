"""Requests of one address in a minute."""

from __future__ import annotations

from apps.citizen.allowance import MOST_ADDRESSES, Allowance, network_of


def test_an_address_waits_after_its_allowance_and_others_do_not():
    now = 0.0
    allowance = Allowance(10, lambda: now)
    assert [allowance.wait_seconds("192.0.2.1") for _ in range(11)] == [0] * 10 + [6]
    assert allowance.wait_seconds("192.0.2.2") == 0
    now = 6.0
    assert allowance.wait_seconds("192.0.2.1") == 0
    assert allowance.wait_seconds("192.0.2.1") == 6


def test_a_refused_request_does_not_lengthen_the_wait():
    allowance = Allowance(1, lambda: 0.0)
    assert [allowance.wait_seconds("a") for _ in range(3)] == [0, 60, 60]


def test_addresses_of_one_household_count_together():
    assert network_of("2001:db8::1") == network_of("2001:db8::ffff:1") == "2001:db8::/64"
    assert network_of("2001:db8:0:1::1") != network_of("2001:db8::1")
    assert network_of("192.0.2.1") != network_of("192.0.2.2")
    assert network_of("not an address") == "not an address"


def test_the_oldest_addresses_are_forgotten():
    allowance = Allowance(1, lambda: 0.0)
    assert allowance.wait_seconds("first") == 0
    for n in range(MOST_ADDRESSES):
        allowance.wait_seconds(f"10.{n}")
    assert allowance.wait_seconds("first") == 0
