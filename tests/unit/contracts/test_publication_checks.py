"""Who lets anything be published: units that exist, and never the one that proposes it."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.notice_checks import nobody_reviews_what_they_propose
from contracts.notice_tables import NoticesTable
from contracts.reference_findings import Tables

UNITS = {"unit": [{"id": name} for name in ("centre", "office", "personnel")]}


def faults(**publication: Any) -> list[tuple[str | int, ...]]:
    NoticesTable.model_validate({"publication": publication})
    tables: Tables = {"units": UNITS, "notices": {"publication": publication}}
    return [finding.path for finding in nobody_reviews_what_they_propose(tables)]


@pytest.mark.parametrize(
    "publication",
    [
        {},
        {"by": ["centre"], "reviewed_by": "office"},
        {"by": ["office"], "reviewed_by": "office", "reviewed_otherwise_by": ["personnel"]},
    ],
)
def test_whoever_proposes_has_another_who_reviews(publication: dict[str, Any]):
    assert faults(**publication) == []


@pytest.mark.parametrize(
    ("publication", "path"),
    [
        ({"by": ["centre"]}, ("publication",)),
        ({"by": ["office"], "reviewed_by": "office"}, ("publication", "by", 0)),
        ({"by": ["office"], "reviewed_by": "office", "reviewed_otherwise_by": ["office"]}, ("publication", "by", 0)),
        ({"by": ["centre", "office"], "reviewed_by": "office"}, ("publication", "by", 1)),
        ({"by": ["atlantis"], "reviewed_by": "office"}, ("publication", "by", 0)),
        ({"by": ["centre"], "reviewed_by": "atlantis"}, ("publication", "reviewed_by")),
        (
            {"by": ["centre"], "reviewed_by": "office", "reviewed_otherwise_by": ["atlantis"]},
            ("publication", "reviewed_otherwise_by", 0),
        ),
    ],
)
def test_a_table_in_which_nobody_could_review_is_refused(publication: dict[str, Any], path: tuple[str | int, ...]):
    assert path in faults(**publication)
