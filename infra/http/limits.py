"""How often somebody may ask: a bucket of tokens per key or address, in this process."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Network, ip_address
from math import ceil

MOST_BUCKETS = 10_000
"""Addresses remembered at once; beyond, the one not heard of for the longest time is forgotten."""

ROUNDING = 1e-6
"""Of a token: whoever has waited as long as told is served, whatever the sum of fractions is."""


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


_NETWORK_BITS = 64
"""Of an IPv6 address: one client usually has all addresses of such a network."""


def client_network(address: str) -> str:
    """What requests of one client have in common: an IPv4 address, or the /64 network of an IPv6 address."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(IPv6Network((found, _NETWORK_BITS), strict=False))


class Limiter:
    """A minute's worth of requests may come at once; then they come in at their rate."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic, most: int = MOST_BUCKETS) -> None:
        self._monotonic = monotonic
        self._most = most
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def wait_seconds(self, name: str, per_minute: int) -> int:
        """0 and one request less, or the whole seconds after which the next will be served."""
        now = self._monotonic()
        bucket = self._buckets.get(name)
        if bucket is None:
            bucket = self._buckets[name] = _Bucket(float(per_minute), now)
            if len(self._buckets) > self._most:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(name)
        bucket.tokens = min(float(per_minute), bucket.tokens + (now - bucket.at) * per_minute / 60)
        bucket.at = now
        if bucket.tokens >= 1 - ROUNDING:
            bucket.tokens = max(0.0, bucket.tokens - 1)
            return 0
        return max(1, ceil(round((1 - bucket.tokens) * 60 / per_minute, 6)))
