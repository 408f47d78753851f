"""`python -m services.routing`."""

from __future__ import annotations

from infra.ports import serve
from services.routing.app import build
from services.routing.settings import RoutingSettings


def main() -> None:
    """Runs until it is told to stop."""
    serve(build(RoutingSettings()))


if __name__ == "__main__":
    main()
