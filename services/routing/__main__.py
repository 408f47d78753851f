"""`python -m services.routing`."""

from __future__ import annotations

from infra.starting import start
from services.routing.app import build
from services.routing.settings import RoutingSettings


def main() -> None:
    """Run until SIGTERM or SIGINT."""
    start(RoutingSettings, build)


if __name__ == "__main__":
    main()
