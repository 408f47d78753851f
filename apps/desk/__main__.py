"""`python -m apps.desk`: the staff's desk, until it is stopped."""

from __future__ import annotations

from apps.desk.app import build
from apps.desk.settings import DeskSettings
from apps.web.running import serve


def main() -> None:
    """Serve the desk."""
    settings = DeskSettings()
    serve(build(settings), settings)


if __name__ == "__main__":
    main()
