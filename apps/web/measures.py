"""Metrics of an app: requests, and how late the event loop is."""

from __future__ import annotations

import asyncio
import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

TICK_SECONDS = 0.05
_BUCKETS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5)


class Measures:
    """The metrics of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "xn_web_requests_total", "Requests by route and status.", ("route", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "xn_web_request_seconds", "Time to the end of a response.", buckets=_BUCKETS, registry=self.registry
        )
        self._lag = Histogram(
            "xn_web_loop_lag_seconds", "How late the event loop runs a timer.", buckets=_BUCKETS, registry=self.registry
        )
        self.browsers = Gauge("xn_web_live_browsers", "Open streams of events to browsers.", registry=self.registry)

    def request(self, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(route, str(status)).inc()
        if not route.endswith("/events"):
            self._seconds.observe(seconds)

    async def watch_loop(self) -> None:
        """Measure the lag of the event loop until cancelled."""
        while True:
            begun = time.perf_counter()
            await asyncio.sleep(TICK_SECONDS)
            self._lag.observe(max(0.0, time.perf_counter() - begun - TICK_SECONDS))

    def text(self) -> bytes:
        """All metrics in the text format of Prometheus."""
        return generate_latest(self.registry)
