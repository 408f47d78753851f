"""Who is told what is checked against the other tables: each fault has its file, its line and what to do about it."""

from __future__ import annotations

import tomllib

import pytest

from contracts.notice_checks import NOTICE_CHECKS
from contracts.reference_faults import faults_of
from tests.support.deployment import DEMO
from xn.reference.checking import check_texts
from xn.reference.publishing import texts_of

DEMO_TEXTS = texts_of(DEMO)
TEXTS = {**DEMO_TEXTS, "accountability": DEMO_TEXTS["accountability"].replace("publish = true", "publish = false")}
"""Without the publication of measures, which asks for a reviewer."""


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


INTERVAL = "[[series.interval]]\nsince = 2026-12-07\nevery_days = 7\n"
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
    ("text", "line", "field"),
    [
        (INTERVAL, 0, ""),
        ("[[series.interval]]\nsince = 2026-12-07\nevery_days = 1\n", 3, "interval[0].every_days"),
        (
            INTERVAL + INTERVAL.replace("7\n", "1\n"),
            5,
            "interval[1].since",
        ),
        ("[[series.interval]]\nsince = 2026-12-07\nevery_days = 40\n", 3, "interval[0].every_days"),
        ("[[series.interval]]\nevery_days = 7\n", 1, "interval[0].since"),
        ('channels = ["web", "pigeon"]\n', 1, "channels[1]"),
    ],
    ids=["one", "no other length", "not in order", "too long", "without a day", "an unknown channel"],
)
def test_intervals_and_channels_of_a_series_are_checked(text: str, line: int, field: str) -> None:
    bare = TEXTS["notices"].partition("[[series]]")[0] + SERIES.format("daily", '"police"')
    texts = {**TEXTS, "notices": bare + text}
    expected = [("notices.toml", bare.count("\n") + line, f"series[0].{field}")] if field else []
    assert found(texts) == expected


@pytest.mark.parametrize(
    ("publication", "found_there"),
    [
        ("", True),
        ('by = ["city-12345"]\nreviewed_by = "city-office"\n', True),
        ('by = ["city-12345"]\nreviewed_by = "city-office"\nreviewed_otherwise_by = ["health"]\n', True),
        ('by = ["city-12345"]\nreviewed_by = "health"\nreviewed_otherwise_by = ["education"]\n', False),
    ],
    ids=["no reviewer", "who decides reviews", "who is named reviews", "always another"],
)
def test_measures_are_published_only_where_another_reviews(publication: str, found_there: bool) -> None:
    """The office decides about every unit but itself, so that it is never the reviewer of a measure."""
    bare = DEMO_TEXTS["notices"].partition("[publication]")[0]
    texts = {**DEMO_TEXTS, "notices": f"{bare}\n[publication]\n{publication}"}
    line = DEMO_TEXTS["accountability"].split("\n").index("publish = true") + 1
    assert found(texts) == ([("accountability.toml", line, "pursuit.publish")] if found_there else [])


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ('by = ["police"]\n', ["publication"]),
        ('by = ["police"]\nreviewed_by = "police"\n', ["publication.by[0]"]),
        ('by = ["police", "cooks"]\nreviewed_by = "health"\n', ["publication.by[1]"]),
        ('by = ["police"]\nreviewed_by = "cooks"\n', ["publication.reviewed_by"]),
        ('by = ["police", "health"]\nreviewed_by = "police"\n', ["publication.by[0]"]),
        ("", []),
    ],
    ids=[
        "no reviewer",
        "their own reviewer",
        "nobody proposes",
        "nobody reviews",
        "one of them their own reviewer",
        "nothing published",
    ],
)
def test_nobody_reviews_what_they_propose(text: str, fields: list[str]) -> None:
    bare = TEXTS["notices"].partition("[publication]")[0]
    texts = {**TEXTS, "notices": f"{bare}\n[publication]\n{text}"}
    assert [field for _, _, field in found(texts)] == fields


def test_a_place_without_these_tables_has_nothing_to_mend() -> None:
    texts = {name: text for name, text in TEXTS.items() if name not in {"notices", "receivers"}}
    assert found(texts) == []


def test_a_service_that_is_given_the_tables_finds_the_same() -> None:
    assert len(NOTICE_CHECKS) == 5
    texts, _ = end("receivers", '\n[[receiver]]\nunit = "housing"\nways = ["sms"]\n')
    (fault,) = faults_of({name: tomllib.loads(text) for name, text in texts.items()})
    assert fault.startswith(f"receivers.toml: receiver[{RECEIVER}].ways[0]: ")
