"""`python -m services.scoring`."""

from __future__ import annotations

from infra.starting import start
from services.scoring.app import build
from services.scoring.settings import ScoringSettings


def main() -> None:
    """Run until SIGTERM or SIGINT."""
    start(ScoringSettings, build)


if __name__ == "__main__":
    main()
