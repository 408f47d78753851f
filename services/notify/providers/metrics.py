"""What is measured of each provider; served with the metrics of the service."""

from __future__ import annotations

from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


@dataclass(frozen=True)
class DeliveryMetrics:
    """Every metric of the ways out: name, kind and unit."""

    attempts: Counter
    postponed: Counter
    queue: Gauge
    circuit: Gauge
    seconds: Histogram

    @classmethod
    def create(cls, registry: CollectorRegistry) -> DeliveryMetrics:
        """A set in the registry of the service."""
        each = ["provider"]
        return cls(
            attempts=Counter(
                "xn_delivery_attempts",
                "letters by what came of them: accepted, deferred, refused, unavailable",
                [*each, "outcome"],
                registry=registry,
            ),
            postponed=Counter(
                "xn_delivery_postponed", "letters that were not tried, by reason", [*each, "why"], registry=registry
            ),
            queue=Gauge("xn_delivery_queue", "letters that wait for a worker", each, registry=registry),
            circuit=Gauge("xn_delivery_circuit", "0 closed, 1 half-open, 2 open", each, registry=registry),
            seconds=Histogram(
                "xn_delivery_seconds",
                "time a provider takes for a letter",
                each,
                buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
                registry=registry,
            ),
        )
