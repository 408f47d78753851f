"""`python -m bench.receivers <mail port> <SMS port>`: who takes what is sent, in a process of its own."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

from bench.sinks import serve
from infra.local.process import ManagedProcess, free_ports
from xn.demo.providers import providers_of
from xn.demo.sms import SmsGateway

CONNECTIONS = 8
"""Letters that each of them is sent at the same time."""


@dataclass(frozen=True)
class Servers:
    """Where letters go. One more port is listened on, and nobody ever answers there."""

    mail: int
    sms: int
    nobody: int
    pid: int
    """Of the process in which both take what comes."""

    def taken(self) -> dict[str, int]:
        """Different `mails` and `sms` that have come so far, by notice."""
        ask = build_opener(ProxyHandler({})).open
        with ask(f"http://127.0.0.1:{self.sms}/", timeout=30) as answer:
            counted: dict[str, int] = json.load(answer)
        return counted

    def providers(self, *, hangs: bool = False) -> str:
        """The text of `XN_PROVIDERS`."""
        gateway = SmsGateway(port=self.nobody if hangs else self.sms)
        return providers_of(gateway, {}, connections=CONNECTIONS)


@contextmanager
def servers(directory: Path) -> Iterator[Servers]:
    """They answer, in a process of their own."""
    mail, sms, nobody = free_ports(3)
    process = ManagedProcess(
        [sys.executable, "-m", "bench.receivers", str(mail), str(sms)], log_path=directory / "receivers.log"
    )
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", nobody))
        silent.listen(1_000)
        process.start()
        try:
            process.wait_until(lambda: _answers(mail) and _answers(sms), timeout=30)
            yield Servers(mail, sms, nobody, process.pid)
        finally:
            process.kill()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


if __name__ == "__main__":
    asyncio.run(serve(*map(int, sys.argv[1:3])))
