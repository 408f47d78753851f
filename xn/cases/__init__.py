"""What an operator asks of cases: how they live, why one went where it did, and a unit's cases moved to another."""

from __future__ import annotations

from xn.cases.command import app

__all__ = ["app"]
