"""How far the index is behind; no part of readiness, since the service works without it."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Gauge

from services.intake.index.case_index import CaseIndex


def measure(index: CaseIndex, registry: CollectorRegistry) -> None:
    """Two gauges that are read when they are asked for."""
    lag = Gauge("xn_index_lag", "events that the case index has not read yet, at its last look", registry=registry)
    lag.set_function(lambda: float(index.lag))
    age = Gauge("xn_index_age_seconds", "since the case index had read everything; +Inf: not yet", registry=registry)
    age.set_function(index.age_seconds)
