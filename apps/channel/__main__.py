"""`python -m apps.channel --input FILE --bootstrap HOST:PORT`: a file of complaints is with the broker."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from apps.channel.submitting import Backlog, submit
from contracts.channel_tables import channel_id


def main() -> int:
    """0 when every row was sent, 1 when some were refused, 2 when the input cannot be read, 130 when interrupted."""
    return submit(Backlog(**vars(_options())), Console())


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m apps.channel", description="Submits a file of complaints.")
    parser.add_argument("--input", type=Path, required=True, help="New York's 311 data (.csv) or native (.jsonl)")
    parser.add_argument("--bootstrap", required=True, help="Kafka, host:port")
    parser.add_argument("--channel", type=channel_id, help="submits every row, whatever channel the rows name")
    parser.add_argument("--resume", action="store_true", help="go on where the last run over this file stopped")
    parser.add_argument("--keep", type=Path, default=Path("var/channel"), help="folder of progress and refusals")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
