"""`xn series`: an issue of a series, printed before it comes out."""

from __future__ import annotations

from xn.series.command import app

__all__ = ["app"]
