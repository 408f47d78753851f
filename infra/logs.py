"""Logs as JSON lines on standard output. Messages are fixed texts; what varies is in named fields, never identity."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any


class JsonFormatter(logging.Formatter):
    """One JSON object per record: time, level, logger, message, and the fields given as `extra={"fields": {...}}`.

    An exception is named by type and place only: its text may quote a message.
    """

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "service": self._service,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line.update(getattr(record, "fields", {}))
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = describe(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=_shown)


def describe(error: BaseException) -> str:
    """Kind and place of an error, without its text: ``KeyError at services/routing/domain/dispatch.py:41``."""
    place = ""
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        place = f"{'/'.join(code.co_filename.split('/')[-3:])}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{type(error).__name__} at {place}" if place else type(error).__name__


def _shown(value: object) -> str:
    return describe(value) if isinstance(value, BaseException) else str(value)


def configure(service: str, level: str) -> None:
    """Every logger of the process writes JSON lines from now on."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter(service))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("aiokafka", "kafka", "pymongo", "faststream", "uvicorn.access", "opentelemetry", "httpx"):
        logging.getLogger(noisy).setLevel("ERROR")
