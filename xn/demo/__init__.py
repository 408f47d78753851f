"""`xn demo`: a whole city on one machine: engines, services, channels, departments, citizens, audit."""

from xn.demo.command import app

__all__ = ["app"]
