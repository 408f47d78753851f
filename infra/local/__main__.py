"""`python -m infra.local`: a broker and a database until Ctrl-C, with the two lines that point a shell at them."""

from __future__ import annotations

import argparse
import shlex
import signal
import sys
from pathlib import Path

from infra.local.engines import ENGINES, Engines
from infra.local.jars import MissingToolError
from infra.local.process import NotReadyError


def main() -> int:
    """0 when both have run until SIGINT or SIGTERM came, and have ended; 1 when they could not start."""
    parser = argparse.ArgumentParser(prog="python -m infra.local", description=__doc__)
    parser.add_argument("--engine", choices=ENGINES, default="embedded")
    parser.add_argument("--directory", type=Path, default=Path("var/local"))
    arguments = parser.parse_args()
    for each in (signal.SIGINT, signal.SIGTERM):  # a shell starts what runs in the background deaf to SIGINT
        signal.signal(each, signal.default_int_handler)
    try:
        with Engines(arguments.engine, arguments.directory) as engines:
            for name, value in engines.exports().items():
                print(f"export {name}={shlex.quote(value)}", flush=True)
            print("# running until Ctrl-C", file=sys.stderr)
            signal.pause()
    except KeyboardInterrupt:
        return 0
    except (NotReadyError, MissingToolError, FileNotFoundError) as error:
        print(error, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
