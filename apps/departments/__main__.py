"""`python -m apps.departments --units a,b --bootstrap HOST:PORT`: simulated staff work until interrupted."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
from contextlib import suppress
from pathlib import Path

from rich.console import Console

from apps.departments.behaviour import Behaviour
from apps.departments.desk import Desk
from apps.departments.dispatcher import Dispatcher

_PATIENCE_SECONDS = 10.0


def main() -> int:
    """0 when stopped by a signal, with everything begun acknowledged."""
    options = _options()
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    dispatcher = Dispatcher.read(options.place, seed=options.seed)
    if unknown := [unit for unit in options.units if unit not in dispatcher.units]:
        Console().print(f"no such unit in {options.place}: {', '.join(unknown)}", style="red")
        return 2
    behaviour = Behaviour(options.seed, options.return_ratio, choose=dispatcher)
    desk = Desk(options.bootstrap, options.units or tuple(dispatcher.units), behaviour)
    asyncio.run(_run(desk))
    Console().print("\n".join(f"{what:24} {count:8}" for what, count in sorted(desk.counts.items())))
    return 0


async def _run(desk: Desk) -> None:
    """Until a signal; a desk that finds no broker to take leave of is cut off."""
    loop = asyncio.get_running_loop()
    work = asyncio.create_task(desk.run())

    def stop() -> None:
        desk.stop()
        loop.call_later(_PATIENCE_SECONDS, work.cancel)

    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stop)
    with suppress(asyncio.CancelledError):
        await work


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m apps.departments", description="Simulated staff of some units.")
    parser.add_argument("--units", type=_names, default=(), help="comma separated; without it, all units of the place")
    parser.add_argument("--bootstrap", required=True, help="Kafka, host:port")
    parser.add_argument("--place", type=Path, default=Path("policies/demo"), help="folder of the place")
    parser.add_argument("--seed", type=int, default=1, help="another seed, other staff")
    parser.add_argument("--return-ratio", type=float, default=0.05, help="share of cases returned, 0 to 1")
    return parser.parse_args()


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


if __name__ == "__main__":
    raise SystemExit(main())
