"""`python -m services.intake`."""

from __future__ import annotations

from infra.ports import serve
from services.intake.app import build
from services.intake.settings import IntakeSettings


def main() -> None:
    """Runs until it is told to stop."""
    serve(build(IntakeSettings()))


if __name__ == "__main__":
    main()
