"""Requests to the routes of the index that do not fit: 422 with the field, never 500, never more than was asked for."""

from __future__ import annotations

import asyncio
import csv
import io
import logging
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode
from zipfile import ZipFile

import pytest

from tests.unit.services.intake.index.lives import case, life, registered
from tests.unit.services.intake.index.served import ServedIndex

OFFICE = "city-office"
PHONE = "13800138000"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedIndex]:
    """Two cases of one complainant."""
    made = ServedIndex(tmp_path_factory.mktemp("index"), channels=["web"], units=[OFFICE])
    other = registered(2, 24, complainant="c-1", title="＝cmd|' /C calc'!A0")
    asyncio.run(made.read(*life(1, complainant="c-1"), other))
    yield made
    asyncio.run(made.close())


@pytest.mark.parametrize(
    ("body", "by"),
    [
        ({"telephone": PHONE}, "telephone"),
        ({"telephone": "not a number"}, "telephone"),
        ({"complainant_of": case(1)}, "complainant"),
        ({"state": "open"}, None),
    ],
)
async def test_the_log_names_a_search_for_a_person_but_never_the_number(
    served: ServedIndex, caplog: pytest.LogCaptureFixture, body: dict[str, str], by: str | None
) -> None:
    caplog.set_level(logging.INFO)
    await served.post(OFFICE, body)
    (line,) = [record.__dict__["fields"] for record in caplog.records if record.message == "request"]
    assert line.get("searched_by") == by
    assert line["speaker"] == OFFICE
    assert not set(map(str, line.values())) & {PHONE, "not a number"}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("state=open&state=closed", "state"),
        ("colour=red&state=open", "colour"),
        *((f"{name}=nowhere&state=open", name) for name in ("unit", "centre", "area", "category", "channel")),
        ("area=beicheng' OR 1=1--", "area"),
        ("state=open&page=0", "page"),
        ("state=open&page=-1", "page"),
        ("state=open&page=1000000000", "page"),
        ("state=open&page=１", "page"),
        ("state=open&page_size=0", "page_size"),
        ("state=open&sort=colour", "sort"),
        ("received_from=2026-11-02&received_to=2026-11-01", "received_to"),
        ("closed_to=9999-12-31", "closed_to"),
        ("complainant_of=17", "complainant_of"),
        ("words=%00%00&state=open", "words"),
        ("words=" + "a" * 10_000, "words"),
        ("words=😀😀&state=open", "words"),
        (f"telephone={PHONE}", "telephone"),
        ("words=&unit=&area=&state=", None),
        ("unit=,,,", None),
    ],
)
@pytest.mark.parametrize("path", ["/v1/cases", "/v1/cases.csv", "/v1/cases.xlsx"])
async def test_a_search_that_does_not_fit_names_its_field(
    served: ServedIndex, path: str, query: str, field: str | None
) -> None:
    answer = await served.get(OFFICE, path, query)
    assert answer.status_code == 422
    assert {each.get("field") for each in answer.json()["reasons"]} == {field}
    assert PHONE not in answer.text


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("to=9999-12-31", "to"),
        ("from=9999-12-01&to=9999-12-31", "from"),
        ("from=0001-01-01", "from"),
        ("from=20261101", "from"),
        ("from=2026-W01-1", "from"),
        ("from=2026-02-30", "from"),
        ("from=2026-12-01&to=2026-11-30", "to"),
        ("unit=police-beicheng", "unit"),
        ("of=about", "of"),
        ("by=hour", "by"),
        ("by=day&by=week", "by"),
        ("from=2020-01-01&by=day", "by"),
    ],
)
@pytest.mark.parametrize("path", ["/v1/figures", "/v1/figures.csv", "/v1/figures.xlsx"])
async def test_figures_that_do_not_fit_name_their_field(served: ServedIndex, path: str, query: str, field: str) -> None:
    names = {each.partition("=")[0] for each in query.split("&")}
    usual = {"from": "2026-11-01", "to": "2026-11-30"}
    rest = urlencode({name: value for name, value in usual.items() if name not in names})
    answer = await served.get(OFFICE, path, f"{query}&{rest}")
    assert answer.status_code == 422
    assert field in {each["field"] for each in answer.json()["reasons"]}


async def test_the_last_day_that_can_be_asked_about_has_figures(served: ServedIndex) -> None:
    for by in ("day", "week", "month"):
        query = {"from": "2999-12-01", "to": "2999-12-31", "by": by}
        assert (await served.get(OFFICE, "/v1/figures", query)).status_code == 200
    assert (await served.get(OFFICE, "/v1/cases", {"received_to": "2999-12-31"})).json()["total"] == 2


@pytest.mark.parametrize("wrong", ["x", "   ", "\x00", "1"])
async def test_a_telephone_number_that_is_none_is_refused_without_quoting_it(served: ServedIndex, wrong: str) -> None:
    answer = await served.post(OFFICE, {"telephone": wrong})
    assert (answer.status_code, answer.json()["reasons"][0]["field"]) == (422, "telephone")
    assert (await served.post(OFFICE, {"telephone": PHONE})).json()["total"] == 2


@pytest.mark.parametrize("written", [str.upper, " {} ".format, lambda id: id.replace("-", "–")])
async def test_the_id_of_a_case_is_read_as_people_type_it(served: ServedIndex, written: Any) -> None:
    answer = await served.get(OFFICE, "/v1/cases", {"complainant_of": written(case(1))})
    assert (answer.status_code, answer.json()["total"]) == (200, 2)


@pytest.mark.parametrize("words", ["NEAR(噪声 烧烤)", '"噪声" OR 1', "tokens:噪声", "噪声 NOT 路灯", "^噪声^2 xx"])
async def test_no_word_is_an_operator(served: ServedIndex, words: str) -> None:
    answer = await served.get(OFFICE, "/v1/cases", {"words": words})
    assert answer.status_code in {200, 422}
    assert answer.status_code == 422 or answer.json()["total"] == 0


async def test_lists_open_in_a_strict_reader_and_have_no_formula(served: ServedIndex) -> None:
    text = (await served.get(OFFICE, "/v1/cases.csv", {"state": "open"})).content.decode("utf-8-sig")
    head, line = csv.reader(io.StringIO(text, newline=""), strict=True)
    assert line[head.index("标题")] == "'＝cmd|' /C calc'!A0"
    file = await served.get(OFFICE, "/v1/cases.xlsx", {"state": "open"})
    with ZipFile(io.BytesIO(file.content)) as book:
        assert book.testzip() is None
        assert "<f>" not in book.read("xl/worksheets/sheet1.xml").decode()


async def test_nothing_that_is_searched_for_is_in_a_log_line_or_an_error(
    served: ServedIndex, caplog: pytest.LogCaptureFixture
) -> None:
    marker = "标记王小明"
    with caplog.at_level(logging.DEBUG):
        answers = [
            await served.post(OFFICE, {"telephone": PHONE}),
            await served.post(OFFICE, {"telephone": f"{PHONE}x{marker}"}),
            await served.get(OFFICE, "/v1/cases", {"words": marker, "telephone": PHONE}),
            await served.get(OFFICE, "/v1/cases", {"words": marker, "state": PHONE}),
            await served.get(OFFICE, "/v1/cases", {marker: PHONE}),
            await served.get(OFFICE, f"/v1/cases/{PHONE}{marker}/timeline"),
            await served.get(OFFICE, "/v1/figures", {"from": PHONE, "of": marker}),
        ]
    own = [each for each in caplog.records if not each.name.startswith("httpx")]
    logged = "".join(f"{each.getMessage()}{each.__dict__}" for each in own)
    assert "/v1/cases/search" in logged
    for text in (logged, *(each.text for each in answers)):
        assert PHONE not in text
    for text in (logged, *(answer.text for n, answer in enumerate(answers) if n != 4)):
        assert marker not in text
