"""`python -m apps.board`: the board as one process."""

from __future__ import annotations

from apps.board.app import build
from apps.board.settings import BoardSettings
from apps.web.running import serve


def main() -> None:
    """Serve until stopped."""
    settings = BoardSettings()
    serve(build(settings), settings)


if __name__ == "__main__":
    main()
