"""`python -m services.notify`."""

from __future__ import annotations

from infra.ports import serve
from services.notify.app import build
from services.notify.settings import NotifySettings


def main() -> None:
    """Runs until it is told to stop."""
    serve(build(NotifySettings()))


if __name__ == "__main__":
    main()
