"""`python -m services.intake`."""

from __future__ import annotations

from infra.starting import start
from services.intake.app import build
from services.intake.settings import IntakeSettings


def main() -> None:
    """Run until SIGTERM or SIGINT."""
    start(IntakeSettings, build)


if __name__ == "__main__":
    main()
