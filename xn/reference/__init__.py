"""`xn reference`: the configuration of a place is checked, published, compared."""

from xn.reference.command import app

__all__ = ["app"]
