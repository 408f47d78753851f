"""An HTTP server on this machine that is posted to; what it is and how it answers is said by whoever builds on it."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Self

from infra.local.process import free_port


@dataclass(frozen=True)
class Posted:
    """One request."""

    path: str
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What it is answered."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


Say = Callable[[Answer], None]
"""Writes an answer to whoever posted."""


@dataclass
class Listener:
    """Real HTTP over TCP; one thread for each connection, one request at a time is looked at."""

    port: int = field(default_factory=free_port)
    _lock: Lock = field(default_factory=Lock, init=False, repr=False)
    _open: set[socket.socket] = field(default_factory=set, init=False, repr=False)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where it is posted to."""
        return f"http://127.0.0.1:{self.port}/"

    def start(self) -> None:
        """It answers on its port."""
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), self._handler())
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """It is gone, and so is every connection."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        for each in tuple(self._open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def take(self, posted: Posted) -> Answer:
        """The answer to a request, whatever follows from it. One at a time."""
        raise NotImplementedError

    def serve(self, posted: Posted, say: Say) -> bool:
        """The request is answered; False when the connection is to be broken."""
        say(self.taken(posted))
        return True

    def taken(self, posted: Posted) -> Answer:
        """As `take`, asked by several threads."""
        with self._lock:
            return self.take(posted)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        listener = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1
            disable_nagle_algorithm = True

            def setup(self) -> None:
                super().setup()
                listener._open.add(self.connection)

            def finish(self) -> None:
                listener._open.discard(self.connection)
                with contextlib.suppress(OSError):
                    super().finish()

            def handle(self) -> None:
                with contextlib.suppress(OSError):
                    super().handle()

            def do_POST(self) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                body = self.rfile.read(int(headers.get("content-length", 0)))
                if not listener.serve(Posted(self.path, headers, body), self.say):
                    self.close_connection = True

            def say(self, answer: Answer) -> None:
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        return Handler
