"""`python -m apps.citizen`: the public pages, until stopped."""

from __future__ import annotations

from apps.citizen.app import build
from apps.citizen.settings import CitizenSettings
from apps.web.running import serve


def main() -> None:
    """Serve the public pages."""
    settings = CitizenSettings()
    serve(build(settings), settings)


if __name__ == "__main__":
    main()
