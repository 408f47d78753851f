"""A sheet is the same on the screen and on paper, word by word, and the same file whenever it is printed."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime

import pypdfium2
import pytest
from pydantic import ValidationError

from services.notify.printing.html import html_of
from services.notify.printing.marks import MISSING
from services.notify.printing.pdf import pdf_of
from services.notify.printing.sheet import (
    Block,
    Box,
    Chart,
    Column,
    Grid,
    Heading,
    Paragraph,
    Series,
    Sheet,
    Signature,
    Signatures,
    Table,
    Verification,
)
from tests.printing.reading import pages_of, read, squeezed
from tests.support.deployment import ROOT

AT = datetime(2026, 5, 8, 2, 0, tzinfo=UTC)
HOSTILE = "<script>alert(1)</script>\" onload='x' &amp; {{7*7}} ${7*7} <img src=x> \\( \\) %PDF $x^2$"
CHART = Chart(
    form="bar",
    title="各单位 <b>办结</b>",
    labels=("县公安局", HOSTILE),
    series=(Series(name="办结", values=(3.0, 5.0)), Series(name="超期", values=(0.0, 2.0), tone="alarm")),
)


def sheet(*blocks: Block, title: str = "机关效能通报", **more: str) -> Sheet:
    return Sheet(title=title, blocks=blocks, issued_at=AT, **more)  # type: ignore[arg-type]


def everything(text: str) -> Sheet:
    """A sheet that says it in every place there is; what is a label says as much of it as a label may."""
    label = text[:120]
    return sheet(
        Heading(text=text),
        Paragraph(text=text),
        Table(columns=(Column(title=label), Column(title="甲")), rows=((text, "1"),), caption=text),
        Grid(rows=((Box(label=label, value=text, sign=text),),)),
        CHART,
        Signatures(lines=(Signature(label=text, value=text),)),
        Verification(label="验证码", code="ABCD", hint=text),
        title=text,
        number=text,
        issuer=text,
        dateline="2026年5月8日",
        footer="页脚",
    )


def test_the_same_sheet_is_the_same_file() -> None:
    one, other = everything("效能"), Sheet.model_validate_json(everything("效能").model_dump_json())
    assert pdf_of(one) == pdf_of(other)
    assert html_of(one) == html_of(other)
    assert b"20260508020000" in pdf_of(one)


def test_the_same_sheet_is_the_same_file_in_another_process() -> None:
    program = (
        "import hashlib, sys; from services.notify.printing.sheet import Sheet;"
        "from services.notify.printing.html import html_of; from services.notify.printing.pdf import pdf_of;"
        "sheet = Sheet.model_validate_json(sys.stdin.buffer.read());"
        "print(hashlib.sha256(pdf_of(sheet) + html_of(sheet).encode()).hexdigest())"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", program],
            input=everything("效能").model_dump_json().encode(),
            env={"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed, "TZ": zone},
            capture_output=True,
            check=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Shanghai"))
    }
    assert len(said) == 1


def test_every_word_is_read_from_the_pdf_as_it_was_written() -> None:
    text = "您好！“件件有回音、事事有着落”——〔2026〕第7期，《办法》：①甲乙丙丁 café 98.14% €"
    assert squeezed(text) in squeezed(pages_of(pdf_of(sheet(Paragraph(text=text))))[0])


def test_both_fonts_are_in_the_file_and_only_their_letters_that_are_used() -> None:
    pdf = pdf_of(sheet(Heading(text="总体"), Paragraph(text="情况")))
    assert pdf.count(b"/FontFile3") == 2
    assert b"+NotoSansSC" in pdf
    assert b"+NotoSerifSC" in pdf
    assert len(pdf) < 40_000


def test_a_character_that_no_font_has_is_printed_as_such_and_kept_on_the_screen() -> None:
    chart = Chart(form="line", title="𠮷😀", labels=("😀",), series=(Series(name="😀", values=(1.0,)),))
    one = sheet(Paragraph(text="𠮷某😀"), chart)
    assert f"{MISSING}某{MISSING}" in pages_of(pdf_of(one))[0]
    assert "𠮷某😀" in html_of(one)


def test_hostile_text_stays_text() -> None:
    one = everything(HOSTILE)
    page = read(html_of(one))
    assert not {"script", "img", "b"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert page.texts.count(HOSTILE) >= 9
    paper = squeezed("".join(pages_of(pdf_of(one))))
    assert paper.count(squeezed(HOSTILE)) >= 6
    assert "{{7*7}}" in paper


def test_nothing_is_fetched_and_nothing_runs() -> None:
    html = html_of(everything("效能"))
    assert "default-src 'none'" in html
    assert [value for name, value in read(html).attributes if name in {"src", "href"}] == []
    assert "url(" not in html.replace("url(#", "")


def test_no_id_stands_twice_on_a_page() -> None:
    ids = [value for name, value in read(html_of(sheet(CHART, CHART))).attributes if name == "id"]
    assert ids
    assert len(ids) == len(set(ids))


def test_marks_that_turn_text_round_are_left_out() -> None:
    paragraph = Paragraph(text="收到\u202e不属实\u0007\u200b。\x0c第二行\t完")
    assert paragraph.text == "收到不属实。\n第二行 完"


@pytest.mark.parametrize("text", ["投诉内容很长。" * 1_430, "W" * 10_000, "word " * 2_000, "。" * 10_000])
def test_ten_thousand_characters_go_over_several_pages_and_none_is_lost(text: str) -> None:
    one = sheet(Paragraph(text=text, indent=False), Grid(rows=((Box(label="内容", value=text),),)), title="题")
    pages = pages_of(pdf_of(one))
    assert len(pages) > 3
    whole = "".join(squeezed(page) for page in pages)
    wanted = squeezed(text)
    assert sum(whole.count(c) for c in set(wanted)) >= 2 * len(wanted)
    assert f"第{len(pages)}页共{len(pages)}页" in squeezed(pages[-1])


def test_the_head_of_a_table_is_repeated_on_every_page() -> None:
    rows = tuple((f"SL-{n:04}", str(n)) for n in range(120))
    table = Table(columns=(Column(title="编号"), Column(title="件数", align="right")), rows=rows)
    pages = pages_of(pdf_of(sheet(table)))
    assert len(pages) >= 3
    assert all("编号" in page and "件数" in page for page in pages)
    assert [page.count("SL-") for page in pages] != [120]
    assert sum(page.count("SL-") for page in pages) == 120


def test_nothing_is_written_outside_the_paper() -> None:
    with pypdfium2.PdfDocument(pdf_of(everything("W" * 300 + HOSTILE))) as document:
        for page in document:
            text = page.get_textpage()
            boxes = [text.get_charbox(n) for n in range(text.count_chars())]
            assert all(left >= 60 and right <= 535 and bottom >= 20 for left, bottom, right, _ in boxes)
            text.close()
            page.close()


def test_a_row_that_does_not_fit_its_head_is_refused() -> None:
    with pytest.raises(ValidationError, match="as many cells"):
        Table(columns=(Column(title="甲"),), rows=(("1", "2"),))
    with pytest.raises(ValidationError, match="a value for each label"):
        Chart(form="line", title="t", labels=("a",), series=(Series(name="s", values=(1.0, 2.0)),))


def test_a_code_too_long_to_scan_is_refused_at_once() -> None:
    with pytest.raises(ValidationError):
        Verification(label="验证码", code="A", scan="x" * 301)
