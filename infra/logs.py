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


class Seldom(logging.Filter):
    """Lets a message of a client library through once in `seconds`: a client that has lost its broker repeats itself.

    Messages count as the same by logger and template, whatever fills it.
    """

    def __init__(self, libraries: tuple[str, ...], seconds: float) -> None:
        super().__init__()
        self._libraries = libraries
        self._seconds = seconds
        self._last: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.split(".", 1)[0] not in self._libraries:
            return True
        said = (record.name, str(record.msg))
        if record.created - self._last.get(said, -self._seconds) < self._seconds:
            return False
        self._last[said] = record.created
        return True


def configure(service: str, level: str) -> None:
    """Every logger of the process writes JSON lines from now on."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter(service))
    handler.addFilter(Seldom(("aiokafka", "pymongo"), seconds=10))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("aiokafka", "kafka", "pymongo", "faststream", "uvicorn.access", "opentelemetry", "httpx"):
        logging.getLogger(noisy).setLevel("ERROR")
