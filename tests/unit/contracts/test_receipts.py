"""Codes that complainants hold: a receipt is kept as a hash salted with its case, a rating code is made of its case."""

from __future__ import annotations

import pytest

from contracts.channel import RATING_DIGITS, rating_code, receipt_hash, receipt_matches
from contracts.message import case_id_for

CASE, OTHER = case_id_for("web", "1"), case_id_for("web", "2")
CODE = "0123456789012345"


def test_the_code_matches_its_own_hash_and_no_other() -> None:
    hash = receipt_hash(CASE, CODE)
    assert hash.startswith("scrypt$16384$8$1$")
    assert len(hash) <= 200
    assert CODE not in hash
    assert receipt_matches(CASE, CODE, hash)
    assert not receipt_matches(CASE, "0123456789012346", hash)
    assert not receipt_matches(OTHER, CODE, hash)
    assert receipt_hash(CASE, CODE) == hash != receipt_hash(OTHER, CODE)


@pytest.mark.parametrize(
    "hash",
    [
        "",
        "scrypt",
        "scrypt$1$1$1$AA==",
        "scrypt$1048576$8$1$AAAA",
        "plain$16384$8$1$AAAA",
        "scrypt$x$8$1$AA==",
        "scrypt$16384$8$1$*",
    ],
)
def test_a_hash_that_is_none_or_costs_another_price_matches_nothing(hash: str) -> None:
    assert not receipt_matches(CASE, CODE, hash)


def test_a_rating_code_is_of_one_case_and_one_secret() -> None:
    codes = {rating_code(secret, case) for secret in (b"one", b"another") for case in (CASE, OTHER)}
    assert len(codes) == 4
    assert {(len(code), code.isdecimal()) for code in codes} == {(RATING_DIGITS, True)}
    assert rating_code(b"one", CASE) == rating_code(b"one", CASE)
