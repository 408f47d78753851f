"""Who is told what is checked against the other tables: each fault has its file, its line and what to do about it."""

from __future__ import annotations

import tomllib

import pytest

from contracts.notice_checks import NOTICE_CHECKS
from contracts.reference_faults import faults_of
from tests.support.deployment import DEMO
from xn.reference.checking import check_texts
from xn.reference.publishing import texts_of

TEXTS = texts_of(DEMO)


def end(table: str, text: str) -> tuple[dict[str, str], int]:
    """The demo's texts with more at the end of one, and how many lines that had before."""
    return {**TEXTS, table: TEXTS[table] + text}, TEXTS[table].count("\n")


def found(texts: dict[str, str]) -> list[tuple[str, int, str]]:
    """File, line and field of every fault; each is told in both languages."""
    faults = check_texts({name: text.encode() for name, text in texts.items()}).faults
    assert all(max(fault.zh) >= "一" and fault.en.isascii() for fault in faults)
    return [(fault.file, fault.line, fault.field) for fault in faults]


RECEIVER = TEXTS["receivers"].count("[[receiver]]")
"""Position of one more."""


def test_the_demo_place_has_nothing_to_mend() -> None:
    assert found(TEXTS) == []


@pytest.mark.parametrize(
    ("text", "line", "field"),
    [
        ('[[receiver]]\nunit = "wasser"\nways = ["inbox"]\n', 2, "unit"),
        ('[[receiver]]\npost = "police-beicheng.cook"\nways = ["inbox"]\n', 2, "post"),
        ('[[receiver]]\nunit = "housing"\nways = ["inbox", "email"]\n', 3, "ways[1]"),
        ('[[receiver]]\nunit = "housing"\nways = ["sms"]\n', 3, "ways[0]"),
        ('[[receiver]]\nunit = "housing"\nways = ["webhook"]\n', 3, "ways[0]"),
        ('[[receiver]]\nunit = "police"\nways = ["inbox"]\n', 2, "unit"),
        ('[[receiver]]\npost = "urban-management-beicheng.captain"\nways = ["inbox"]\n', 2, "post"),
        ('[[receiver]]\nways = ["inbox"]\n', 1, ""),
        ('[[receiver]]\nunit = "housing"\npost = "police-beicheng.chief"\nways = ["inbox"]\n', 1, ""),
    ],
    ids=[
        "an unknown unit",
        "an unknown post",
        "no e-mail address",
        "no telephone number",
        "no endpoint",
        "a unit twice",
        "a post twice",
        "nobody",
        "two at once",
    ],
)
def test_a_receiver_that_cannot_be_told_is_found(text: str, line: int, field: str) -> None:
    texts, before = end("receivers", "\n" + text)
    where = f"receiver[{RECEIVER}]" + (f".{field}" if field else "")
    assert found(texts) == [("receivers.toml", before + 1 + line, where)]


def test_one_unit_and_its_post_are_two_receivers() -> None:
    texts, _ = end("receivers", '\n[[receiver]]\npost = "police-beicheng.chief"\nways = ["inbox"]\n')
    assert found(texts) == []


def test_whoever_hears_of_silence_exists() -> None:
    texts = {**TEXTS, "notices": TEXTS["notices"].replace('tell = ["city-12345"]', 'tell = ["city-12345", "nobody"]')}
    (line,) = [n for n, each in enumerate(TEXTS["notices"].split("\n"), 1) if each.startswith("tell = ")]
    assert found(texts) == [("notices.toml", line, "silence.tell[1]")]


SERIES = '[[series]]\nid = "{}"\nzh = "日报"\nen = "Daily"\nevery_days = 1\nto = [{}]\n'


@pytest.mark.parametrize(
    ("ids", "to", "line", "field"),
    [
        (["daily"], '"police", "police-beicheng.cook"', 6, "to[1]"),
        (["daily"], '"cook"', 6, "to[0]"),
        (["daily", "daily"], '"police"', 8, "id"),
    ],
)
def test_a_series_is_one_and_goes_to_somebody(ids: list[str], to: str, line: int, field: str) -> None:
    bare = TEXTS["notices"].partition("[[series]]")[0]
    texts = {**TEXTS, "notices": bare + "".join(SERIES.format(each, to) for each in ids)}
    assert found(texts) == [("notices.toml", bare.count("\n") + line, f"series[{len(ids) - 1}].{field}")]


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ('by = ["police"]\n', ["publication"]),
        ('by = ["police"]\nreviewed_by = "police"\n', ["publication"]),
        ('by = ["police", "cooks"]\nreviewed_by = "health"\n', ["publication.by[1]"]),
        ('by = ["police"]\nreviewed_by = "cooks"\n', ["publication.reviewed_by"]),
        ('by = ["police", "health"]\nreviewed_by = "police"\n', []),
        ("", []),
    ],
    ids=["no reviewer", "their own reviewer", "nobody proposes", "nobody reviews", "each other's", "nothing published"],
)
def test_nobody_reviews_what_they_propose(text: str, fields: list[str]) -> None:
    bare = TEXTS["notices"].partition("[publication]")[0]
    texts = {**TEXTS, "notices": f"{bare}\n[publication]\n{text}"}
    assert [field for _, _, field in found(texts)] == fields


def test_a_place_without_these_tables_has_nothing_to_mend() -> None:
    texts = {name: text for name, text in TEXTS.items() if name not in {"notices", "receivers"}}
    assert found(texts) == []


def test_a_service_that_is_given_the_tables_finds_the_same() -> None:
    assert len(NOTICE_CHECKS) == 3
    texts, _ = end("receivers", '\n[[receiver]]\nunit = "housing"\nways = ["sms"]\n')
    (fault,) = faults_of({name: tomllib.loads(text) for name, text in texts.items()})
    assert fault.startswith(f"receivers.toml: receiver[{RECEIVER}].ways[0]: ")
