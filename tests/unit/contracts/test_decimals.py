"""The parser of decimal numbers accepts every decimal form and nothing else."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.decimals import parse_decimal


@pytest.mark.parametrize(
    ("text", "degrees"),
    [
        ("51.4779", 51.4779),
        ("-7.2e-05", -0.000072),
        ("-7.2E-05", -0.000072),
        ("1.164072e+2", 116.4072),
        ("+116.4072", 116.4072),
        ("39.", 39.0),
        (".5", 0.5),
        ("-.5", -0.5),
        ("007.25", 7.25),
        ("116.40739999999999554365873336792", 116.4074),
        ("180", 180.0),
        ("-180.000", -180.0),
        ("0e999999", 0.0),
        ("1e-400", 0.0),
    ],
)
def test_every_decimal_form_is_read(text: str, degrees: float) -> None:
    assert parse_decimal(text, 180) == degrees


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nan",
        "NaN",
        "inf",
        "INF",
        "-Infinity",
        "0x1p3",
        "1_0",
        "1,5",
        "1e",
        "e5",
        ".",
        "+",
        "--1",
        "+-1",
        "1.2.3",
        "1e5.0",
        "1 ",
        "\uff11\uff12",
        "\u0661",
        "\u22121",
        "39.9N",
        "39°54'",
        "180.1",
        "-181",
        "1e3",
        "1e999",
        "1\n",
    ],
)
def test_what_is_no_coordinate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"decimal|range"):
        parse_decimal(text, 180)


def test_zero_has_no_sign() -> None:
    assert math.copysign(1, parse_decimal("-0.0", 90)) == 1


def test_a_text_of_any_length_is_judged_at_once() -> None:
    with pytest.raises(ValueError, match="decimal"):
        parse_decimal("1" * 1_000_000, 180)


@given(st.floats(-90, 90), st.sampled_from(["{0!r}", "{0:.17g}", "{0:.16e}", "{0:.16E}"]))
def test_any_coordinate_is_read_as_it_was_written(degrees: float, form: str) -> None:
    assert parse_decimal(form.format(degrees), 90) == degrees


@given(st.decimals(-90, 90, allow_nan=False, allow_infinity=False, places=20))
def test_many_digits_are_rounded_to_the_nearest(degrees: Decimal) -> None:
    assert parse_decimal(f"{degrees:f}", 90) == float(degrees)
