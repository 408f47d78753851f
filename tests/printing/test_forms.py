"""The six documents say what is known, as their place has laid them out; a table that names what is not is refused."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from contracts.document_tables import DocumentCode
from services.notify.printing.expressions import FILTERS, Expressions
from services.notify.printing.facts import CODES, CaseFacts, Facts, facts_for, words_for
from services.notify.printing.figures import Issuer
from services.notify.printing.forms import FormError, Forms, documents_are_readable, number_of, sheet_of
from services.notify.printing.html import html_of
from services.notify.printing.pdf import pdf_of
from services.notify.printing.sheet import Box, Grid, Sheet, Verification
from services.notify.printing.verification import digest_of, verification_code, verify
from tests.printing.papers import ADMONITION, AT, CASE, CENTRE, CENTRE_EN, FACTS, ZONE, forms
from tests.printing.reading import pages_of, read, squeezed
from tests.support.deployment import ROOT

GOLDEN = Path(__file__).parent / "golden"
SECRET = b"a secret of the centre, 32 bytes"


def paper(
    form: DocumentCode,
    place: str = "jian-county",
    issuer: Issuer = CENTRE,
    facts: Facts | None = None,
    code: str | None = None,
) -> Sheet:
    document, facts = forms(place).document(form), facts or FACTS[form]
    return sheet_of(document, facts, issuer, number=number_of(document, facts.number), issued_at=AT, code=code)


def boxes(sheet: Sheet) -> list[Box]:
    return [box for block in sheet.blocks if isinstance(block, Grid) for row in block.rows for box in row]


def table(**changed: Any) -> dict[str, Any]:
    """A table with one document, with something else in it."""
    box = {"zh": "编号", "en": "Number", "value": "number"} | changed
    document = {"code": "transfer", "zh": "转办单", "en": "Transfer", "suffix": "ZB", "row": [{"boxes": [box]}]}
    return {"documents": {"document": [document]}}


@pytest.mark.parametrize("code", CODES)
def test_each_of_the_six_reads_as_its_golden_text(code: DocumentCode) -> None:
    sheet = paper(code, code="ABCD-EFGH-JKMN-PQRS")
    text = "\f".join(pages_of(pdf_of(sheet)))
    assert text.strip() == (GOLDEN / f"{code}.txt").read_text("utf-8").strip()


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("place", ["jian-county", "demo"])
def test_each_of_the_six_says_the_same_on_the_screen_as_on_paper(place: str, code: DocumentCode) -> None:
    sheet = paper(code, place, code="ABCD-EFGH-JKMN-PQRS")
    paper_text = squeezed("".join(pages_of(pdf_of(sheet))))
    texts = read(html_of(sheet)).texts
    assert [text for text in texts if squeezed(text) not in paper_text] == []
    assert "".join(squeezed(text) for text in texts) != ""


@pytest.mark.parametrize("place", ["jian-county", "demo"])
def test_the_places_have_all_six_and_each_prints_in_english_too(place: str) -> None:
    assert set(forms(place).documents) == set(CODES)
    for code in CODES:
        sheet = paper(code, place, CENTRE_EN)
        labels = "".join(box.label for box in boxes(sheet))
        assert labels.isascii(), labels
        assert sheet.title.isascii()


def test_what_is_not_known_is_left_to_be_filled_in_by_hand() -> None:
    for code in ("registration", "approval", "transfer", "feedback"):
        values = {box.label: box.value for box in boxes(paper(code, facts=CaseFacts(number="XN-1")))}
        assert values.pop("投诉编号") == "XN-1"
        assert set(values.values()) == {""}, code


def test_instants_are_read_by_the_clock_of_the_place() -> None:
    late = CaseFacts(number="XN-1", received_at=datetime(2026, 12, 31, 16, 30, tzinfo=UTC))
    values = {box.label: box.value for box in boxes(paper("registration", facts=late))}
    assert values["投诉时间"] == "2027年1月1日00:30"


def test_an_unconfigured_word_is_refused_by_document_row_and_word() -> None:
    with pytest.raises(FormError, match=r"transfer, row 1 'Number': 'phone' is not known: there are .*number"):
        Forms.from_tables(table(value="phone"))
    [finding] = documents_are_readable(table(value="phone or number"))
    assert finding.path == ("document", 0, "row", 0, "boxes", 0, "value")
    assert "“phone”" in finding.zh


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("number.__class__", "'getattr' is not allowed"),
        ("number['a']", "'getitem' is not allowed"),
        ("'a' * 1000000000", "'mul' is not allowed"),
        ("number()", "'call' is not allowed"),
        ("range(9)", "'range' is not known"),
        ("number | upper", "no filter 'upper'"),
        ("number | day(", "cannot be read"),
        ("number }} {{ number", "something follows"),
        ("number number", "something follows"),
        ("measure", "'measure' is not known"),
    ],
)
def test_nothing_can_be_reached_or_computed(expression: str, why: str) -> None:
    with pytest.raises(FormError) as caught:
        Forms.from_tables(table(value=expression))
    assert why in str(caught.value)


@pytest.mark.parametrize(
    "text", ["{% for x in number %}x{% endfor %}", "{{ number.x }}", "{% include 'x' %}", "{{ 7*7 }}"]
)
def test_running_text_is_held_to_the_same(text: str) -> None:
    wrong = table()
    wrong["documents"]["document"][0]["closing"] = [{"zh": "好", "en": text}]
    with pytest.raises(FormError, match="transfer, closing 1"):
        Forms.from_tables(wrong)


def test_what_was_said_is_never_an_expression() -> None:
    said = CaseFacts(number="{{ 7*7 }}", unit="{{ paper }}", text="{{7*7}} {% for %}")
    sheet = paper("transfer", facts=said)
    assert "{{7*7}} {% for %}" in html_of(sheet)
    assert "{{ paper }}：" in read(html_of(sheet)).texts
    assert "49" not in squeezed("".join(pages_of(pdf_of(sheet))))


def test_facts_of_another_document_are_refused() -> None:
    with pytest.raises(FormError, match="'transfer' is not made of AdmonitionFacts"):
        paper("transfer", facts=ADMONITION)
    with pytest.raises(FormError, match="no document 'transfer'"):
        Forms.from_tables({}).document("transfer")


def test_values_are_written_in_both_languages() -> None:
    words = {"at": CASE.received_at, "many": ("甲", "乙"), "yes": True, "no": False, "nothing": None}
    zh, en = Expressions(CENTRE), Expressions(CENTRE_EN)
    assert [zh.value(each, words) for each in ("at", "at | day", "many", "yes", "no", "nothing or at")] == [
        "2026年5月5日09:12",
        "2026年5月5日",
        "甲、乙",
        "是",
        "否",
        "2026年5月5日09:12",
    ]
    assert en.value("at", words) == "5 May 2026, 09:12"
    assert en.value("many | listed", words) == "甲, 乙"
    assert zh.value("many | numbered", words) == "1. 甲\n2. 乙"
    assert zh.prose("{{ nothing }}{{ at | day }}{{ no }}", words) == "2026年5月5日否"


def test_every_word_and_filter_is_in_the_reference() -> None:
    page = (ROOT / "docs" / "reference.md").read_text("utf-8")
    for code in CODES:
        assert [each.name for each in fields(facts_for(code)) if f"`{each.name}`" not in page] == []
    assert [name for name in (*FILTERS, *words_for("transfer")) if f"`{name}`" not in page] == []


def test_a_code_verifies_its_paper_and_no_other() -> None:
    sheet = paper("admonition")
    number, digest = "XN-1-GJ1", digest_of(sheet)
    code = verification_code(SECRET, number, digest)
    assert len(code) == 19
    assert not set("ILOU") & set(code)
    assert verify(SECRET, number, digest, code)
    assert verify(SECRET, number, digest, f" {code.lower().replace('-', ' ')} ")
    assert verify(SECRET, number, digest, code.replace("0", "O").replace("1", "l"))
    wide = str.maketrans({chr(n): chr(n + 0xFEE0) for n in range(0x21, 0x7F)})
    assert verify(SECRET, number, digest, code.lower().translate(wide))
    assert verify(SECRET, number, digest, code.replace("-", "\u200b–"))
    assert not verify(SECRET, "XN-1-GJ2", digest, code)
    assert not verify(b"another secret of 32 bytes, long", number, digest, code)
    assert not verify(SECRET, number, digest_of(paper("feedback")), code)
    assert not verify(SECRET, number, digest, "")
    assert not verify(SECRET, number, digest, "验证码")
    with pytest.raises(ValueError, match="16 bytes"):
        verification_code(b"", number, digest)


def test_the_digest_of_a_paper_does_not_depend_on_its_code() -> None:
    bare = paper("admonition")
    coded = paper("admonition", code="ABCD-EFGH-JKMN-PQRS")
    assert digest_of(bare) == digest_of(coded)
    assert digest_of(bare) != digest_of(paper("admonition", issuer=CENTRE_EN))


def test_the_code_leads_to_where_it_is_verified() -> None:
    issuer = Issuer(name="中心", zone=ZONE, verified_at="https://city.example/verify")
    sheet = paper("transfer", issuer=issuer, code="ABCD-EFGH-JKMN-PQRS")
    assert isinstance(sheet.blocks[-1], Verification)
    scanned = f"https://city.example/verify?number={CASE.number}-ZB1&code=ABCD-EFGH-JKMN-PQRS"
    assert sheet.blocks[-1].scan == scanned
