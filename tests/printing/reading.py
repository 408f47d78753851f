"""What a reader finds in print: the text of a PDF as a browser's engine reads it, and of an HTML page."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pypdfium2


def pages_of(pdf: bytes) -> list[str]:
    """The text of each page."""
    with pypdfium2.PdfDocument(pdf) as document:
        texts = []
        for page in document:
            text = page.get_textpage()
            texts.append(text.get_text_range().replace("\r\n", "\n"))
            text.close()
            page.close()
        return texts


def squeezed(text: str) -> str:
    """Without blanks and line ends: where lines are broken is not what is said."""
    return re.sub(r"\s+", "", text)


class Reader(HTMLParser):
    """Collects what a page shows, every tag, and every attribute."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in {"meta", "col", "br"}:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip() and not {"style", "title"} & set(self._open):
            self.texts.append(data.strip())


def read(html: str) -> Reader:
    """The page, read to its end; every tag is closed in its turn."""
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert not reader._open
    return reader
