"""The parser of timestamps accepts what RFC 3339 allows and nothing else."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ConfigDict, TypeAdapter, ValidationError

from contracts.instants import AwareDatetime, parse_instant, restore_plus


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-29T06:00:00Z", datetime(2026, 11, 29, 6, tzinfo=UTC)),
        ("2026-11-29t06:00:00z", datetime(2026, 11, 29, 6, tzinfo=UTC)),
        ("2026-11-29 14:00:00+08:00", datetime(2026, 11, 29, 6, tzinfo=UTC)),
        ("2026-11-29T06:00:00-00:00", datetime(2026, 11, 29, 6, tzinfo=UTC)),
        ("2026-11-29T06:00:00.1234567899Z", datetime(2026, 11, 29, 6, 0, 0, 123456, tzinfo=UTC)),
        ("2026-11-29T06:00:00.5Z", datetime(2026, 11, 29, 6, 0, 0, 500000, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", datetime(2017, 1, 1, tzinfo=UTC)),
        ("2016-12-31T23:59:60.9Z", datetime(2017, 1, 1, tzinfo=UTC)),
        ("2017-01-01T07:59:60+08:00", datetime(2017, 1, 1, tzinfo=UTC)),
        ("1990-12-31T15:59:60-08:00", datetime(1991, 1, 1, tzinfo=UTC)),
    ],
)
def test_what_the_standard_allows_is_read(text, instant):
    assert parse_instant(text) == instant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-29",
        "2026-11-29T06:00:00",
        "2026-11-29T06:00Z",
        "2026-W48-7T06:00:00Z",
        "20261129T060000Z",
        "2026-11-29T06:00:60Z",
        "2016-12-31T23:59:61Z",
        "2026-02-30T06:00:00Z",
        "2026-11-29T24:00:00Z",
        "2026-11-29T06:00:00+25:00",
        "2026-11-29T06:00:00.Z",
        "２０２６-11-29T06:00:00Z",
        " 2026-11-29T06:00:00Z",
        "2026-11-29T06:00:00Z\n",
        "0001-01-01T00:00:00+08:00",
        "9999-12-31T23:59:60Z",
    ],
)
def test_everything_else_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        parse_instant(text)


@given(
    st.datetimes(
        min_value=datetime(1900, 1, 1),  # noqa: DTZ001 - Hypothesis wants a naive bound
        max_value=datetime(9000, 1, 1),  # noqa: DTZ001
        timezones=st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
    )
)
def test_what_python_writes_is_read_back(instant):
    assert parse_instant(instant.isoformat(timespec="microseconds")) == instant


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2026-11-20T09:00:00 08:00", "2026-11-20T09:00:00+08:00"),
        ("2026-11-20 09:00:00.5 08:00", "2026-11-20 09:00:00.5+08:00"),
        ("2026-11-20 09:00:00Z", "2026-11-20 09:00:00Z"),
        ("2026-11-20 09:00", "2026-11-20 09:00"),
        ("2026-11-20T09:00:00-05:00", "2026-11-20T09:00:00-05:00"),
    ],
)
def test_a_plus_that_came_as_a_space_is_restored(text: str, read: str) -> None:
    assert restore_plus(text) == read


ADAPTER: TypeAdapter[datetime] = TypeAdapter(AwareDatetime, config=ConfigDict(strict=True))


def test_a_field_reads_json_by_the_same_rule_and_keeps_its_schema():
    assert ADAPTER.validate_json('"2016-12-31T23:59:60Z"') == datetime(2017, 1, 1, tzinfo=UTC)
    assert ADAPTER.validate_json('"2026-11-29t06:00:00z"') == datetime(2026, 11, 29, 6, tzinfo=UTC)
    assert ADAPTER.json_schema() == {"type": "string", "format": "date-time"}


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ('"1700000000"', "datetime_parsing"),
        ('"2026-11-29T06:00Z"', "datetime_parsing"),
        ('"yesterday"', "datetime_parsing"),
        ('"2026-11-29T06:00:00"', "timezone_aware"),
        ("1700000000", "datetime_type"),
    ],
)
def test_a_field_refuses_everything_else_by_its_kind(value, kind):
    with pytest.raises(ValidationError) as refused:
        ADAPTER.validate_json(value)
    assert [each["type"] for each in refused.value.errors()] == [kind]


def test_a_field_takes_an_aware_instant_in_python_and_no_text():
    assert ADAPTER.validate_python(datetime(2026, 11, 29, tzinfo=UTC)) == datetime(2026, 11, 29, tzinfo=UTC)
    for wrong in ("2026-11-29T06:00:00Z", datetime(2026, 11, 29)):  # noqa: DTZ001 - the point of it
        with pytest.raises(ValidationError):
            ADAPTER.validate_python(wrong)


def test_no_message_and_no_request_body_uses_pydantics_type_of_the_same_name():
    root = Path(__file__).parents[3]
    modules = [*(root / "contracts").glob("*.py"), *(root / "services").rglob("*api*.py")]
    wrong = re.compile(r"from pydantic import .*\b(AwareDatetime|NaiveDatetime)\b")
    assert len(modules) > 50
    assert [path.name for path in modules if wrong.search(path.read_text(encoding="utf-8"))] == []
