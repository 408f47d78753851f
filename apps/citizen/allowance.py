"""Limits requests of one address: the API key is shared by all complainants, so one of them must not use it up."""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable
from math import ceil

MOST_ADDRESSES = 20_000


def network_of(address: str) -> str:
    """The address, or the /64 network of an IPv6 address, which one household has for itself."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is None:
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


class Allowance:
    """A token bucket for each address, refilled evenly."""

    def __init__(self, per_minute: int, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._most = float(per_minute)
        self._monotonic = monotonic
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_seconds(self, address: str) -> int:
        """Count one request: 0, or the seconds after which it would be accepted."""
        network, now = network_of(address), self._monotonic()
        left, at = self._left.pop(network, (self._most, now))
        left = min(self._most, left + (now - at) * self._most / 60)
        accepted = left >= 1
        self._left[network] = (left - 1 if accepted else left, now)
        while len(self._left) > MOST_ADDRESSES:
            self._left.popitem(last=False)
        return 0 if accepted else max(1, ceil((1 - left) * 60 / self._most))
