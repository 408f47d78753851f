"""Serves an app until it is stopped."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

import uvicorn

from apps.web.settings import WebSettings
from apps.web.site import Site


class _Lines(logging.Formatter):
    """Log records as JSON lines."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"at": at, "level": record.levelname, "logger": record.name, "message": record.getMessage()}
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            line["where"] = _place(record)
        return json.dumps({**line, **getattr(record, "fields", {})}, ensure_ascii=False, default=str)


def _place(record: logging.LogRecord) -> str:
    """File and line of an error, without its text, which may quote what a person typed."""
    trace = record.exc_info[2] if record.exc_info else None
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""


def serve(site: Site, settings: WebSettings) -> None:
    """Run the app on its address until SIGINT or SIGTERM."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines())
    logging.basicConfig(level=settings.log_level.upper(), handlers=[handler])
    for noisy in ("httpx", "httpcore", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    config = uvicorn.Config(
        site.app,
        host=settings.web_host,
        port=settings.web_port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=settings.web_proxies,
        timeout_graceful_shutdown=5,
    )
    uvicorn.Server(config).run()
