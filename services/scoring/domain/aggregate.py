"""What scoring keeps documents of: cases, and whatever else has a life of its own here."""

from __future__ import annotations

import infra.aggregate


class Aggregate(infra.aggregate.Aggregate):
    """Base of every state. A subclass fixes its `kind`: ``kind: Literal["case"] = "case"``."""
