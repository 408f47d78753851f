"""`xn notices`: what a place tells people, in its own words, before anybody is told it; and what became of it."""

from __future__ import annotations

from xn.notices.command import app

__all__ = ["app"]
