"""`python -m services.notify`."""

from __future__ import annotations

from infra.starting import start
from services.notify.app import build
from services.notify.settings import NotifySettings


def main() -> None:
    """Run until SIGTERM or SIGINT."""
    start(NotifySettings, build)


if __name__ == "__main__":
    main()
