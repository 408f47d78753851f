"""What announcements about a clock have in common, whether it is of a case or of an item: its end, and its alarms."""

from __future__ import annotations

from typing import Any

from services.scoring.domain.clock import Clock, Step
from services.scoring.domain.limits import Limits


def end_of(clock: Clock) -> dict[str, Any]:
    """When a clock ends, and by which calendar."""
    return {"due_at": clock.due_at, "provisional": clock.provisional, "calendar": clock.calendar}


def end_moved(old: Clock, new: Clock) -> bool:
    """Whether it ends at another instant, or has become provisional or final."""
    return (new.due_at, new.provisional) != (old.due_at, old.provisional)


def fallen_since(old: Clock | None, new: Clock) -> tuple[Step, ...]:
    """The alarms that the old state did not have yet, in order."""
    return new.fallen[len(old.fallen) if old is not None else 0 :]


def alarm(clock: Clock, step: Step, limits: Limits, about: str | None) -> dict[str, Any] | None:
    """An alarm: its rung, or its level and the unit it goes up to; None where no unit is left above.

    The unit complained about is passed over.
    """
    found: dict[str, Any] = {"unit": clock.unit, "due_at": clock.due_at}
    if not step.level:
        return found | {"rung": step.rung}
    to = limits.superior(clock.unit, step.level, about)
    return None if to is None else found | {"level": step.level, "to": to}
