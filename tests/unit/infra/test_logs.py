"""Logs are JSON lines, and the text of an exception is in none of them."""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.logs import JsonFormatter, Seldom, describe

SECRET = "王小明 13800138000"


def line(message: str = "a rule broke", *, error: BaseException | None = None, **fields: Any) -> dict[str, Any]:
    info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("infra.deciding", logging.ERROR, __file__, 1, message, (), info)
    record.fields = fields
    text = JsonFormatter("routing").format(record)
    assert "\n" not in text
    found: dict[str, Any] = json.loads(text)
    return found


def throw(error: BaseException) -> None:
    raise error


def raised(error: BaseException) -> BaseException:
    """The error, with the place where it was raised."""
    try:
        throw(error)
    except BaseException as caught:  # noqa: BLE001 - any kind is described
        return caught
    raise AssertionError("it was raised")


def test_a_line_says_when_who_and_what() -> None:
    found = line(key="k", count=3)
    assert {name: found[name] for name in found if name != "time"} == {
        "level": "ERROR",
        "service": "routing",
        "logger": "infra.deciding",
        "message": "a rule broke",
        "key": "k",
        "count": 3,
    }
    assert datetime.fromisoformat(found["time"]).utcoffset() == datetime.now(UTC).utcoffset()


def test_a_line_without_fields_is_a_line() -> None:
    record = logging.LogRecord("x", logging.INFO, __file__, 1, "started", (), None)
    assert json.loads(JsonFormatter("routing").format(record))["message"] == "started"


@pytest.mark.parametrize("kind", [ValueError, KeyError, OSError, RuntimeError, KeyboardInterrupt])
def test_an_exception_is_named_by_kind_and_place_and_its_text_never_appears(kind: type[BaseException]) -> None:
    found = line(error=raised(kind(SECRET)))
    assert found["error"].startswith(f"{kind.__name__} at ")
    assert "test_logs.py:" in found["error"]
    assert SECRET not in json.dumps(found, ensure_ascii=False)


@settings(max_examples=60, deadline=None)
@given(text=st.text(min_size=12, max_size=60).filter(lambda text: not text.isascii()))
def test_no_text_of_an_exception_appears_whatever_way_it_is_logged(text: str) -> None:
    cause = raised(ValueError(text))
    error = RuntimeError(text)
    error.__cause__ = cause
    error.add_note(text)
    found = line(error=raised(error), why=error, nested={"errors": [cause]})
    assert text not in json.dumps(found, ensure_ascii=False)
    assert found["why"].startswith("RuntimeError at ")


def test_the_place_is_the_innermost_and_shows_no_machine() -> None:
    assert re.fullmatch(r"ValueError at unit/infra/test_logs\.py:\d+", describe(raised(ValueError(SECRET))))


def test_an_exception_that_was_never_raised_has_no_place() -> None:
    assert describe(ValueError(SECRET)) == "ValueError"


def test_what_json_cannot_say_is_written_as_text() -> None:
    assert line(at=datetime(2026, 1, 1, tzinfo=UTC))["at"] == "2026-01-01 00:00:00+00:00"


def test_an_exception_in_flight_is_found() -> None:
    try:
        throw(ValueError(SECRET))
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, __file__, 1, "broke", (), sys.exc_info())
        assert json.loads(JsonFormatter("x").format(record))["error"].startswith("ValueError at ")


def test_a_library_that_repeats_itself_is_heard_once_in_a_while() -> None:
    seldom = Seldom(("aiokafka",), seconds=10)

    def heard(name: str, at: float, node: int = 0) -> bool:
        record = logging.LogRecord(name, logging.ERROR, "", 0, "cannot reach node %s", (node,), None)
        record.created = at
        return seldom.filter(record)

    assert heard("aiokafka.cluster", 100)
    assert not heard("aiokafka.cluster", 101, node=2)
    assert heard("aiokafka.producer", 101)
    assert heard("infra.processor", 101)
    assert heard("infra.processor", 101)
    assert heard("aiokafka.cluster", 110)
