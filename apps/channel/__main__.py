"""`python -m apps.channel --input FILE --bootstrap HOST:PORT`: a file of complaints is with the broker."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from apps.channel.columns.loading import shipped
from apps.channel.submitting import Backlog, map_of, submit
from contracts.channel_tables import channel_id


def main() -> int:
    """0 when every row was sent, 1 when some were refused, 2 when the input cannot be read, 130 when interrupted."""
    console = Console()
    options = vars(_options())
    return submit(Backlog(**options | {"columns": map_of(options["columns"], console)}), console)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m apps.channel", description="Submits a file of complaints.")
    parser.add_argument("--input", type=Path, required=True, help="a table (.csv, .tsv, .txt) or native (.jsonl)")
    parser.add_argument("--columns", help=f"column map of a table: {', '.join(shipped())} or a .toml file")
    parser.add_argument("--bootstrap", required=True, help="Kafka, host:port")
    parser.add_argument("--channel", type=channel_id, help="submits every row, whatever channel the rows name")
    parser.add_argument("--resume", action="store_true", help="go on where the last run over this file stopped")
    parser.add_argument("--keep", type=Path, default=Path("var/channel"), help="folder of progress and refusals")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
