"""`python -m bench.receivers <mail port> <SMS port>`: who takes what is sent, in a process of its own."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from infra.local.process import ManagedProcess, free_ports
from xn.demo.mail import MailServer
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
            yield Servers(mail, sms, nobody)
        finally:
            process.kill()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def main(mail_port: int, sms_port: int) -> None:
    """Both answer on their ports until they are killed."""
    with MailServer(port=mail_port), SmsGateway(port=sms_port):
        threading.Event().wait()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
