"""`xn scores`: scores of a period, what a number is made of, and what another policy would make of the same facts."""

from __future__ import annotations

from xn.scores.command import app

__all__ = ["app"]
