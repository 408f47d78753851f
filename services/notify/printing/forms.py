"""The six documents (三表一单一书一卡) as sheets, by the place's own table. Source: S1¶4."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, TypeAlias
from urllib.parse import urlencode

from contracts.document_tables import Document, DocumentBox, DocumentCode, DocumentsTable, DocumentText
from contracts.reference_findings import Finding, Tables
from services.notify.printing.expressions import Expressions, faults_of, faults_of_prose
from services.notify.printing.facts import Facts, facts_for, words_for
from services.notify.printing.figures import Issuer
from services.notify.printing.sheet import Block, Box, Grid, Paragraph, Sheet, Signature, Signatures, Verification


class FormError(ValueError):
    """The table cannot be used, or not for this; the message names document, row and word."""


@dataclass(frozen=True)
class Forms:
    """The documents of a place, by their codes. Each expression is known to be readable."""

    documents: Mapping[DocumentCode, Document]

    @classmethod
    def from_tables(cls, tables: Mapping[str, Any]) -> Forms:
        """From the place's tables; none where it has no documents. Raises `FormError`, `pydantic.ValidationError`."""
        if "documents" not in tables:
            return cls({})
        table = DocumentsTable.model_validate(tables["documents"])
        if found := [f"{place}: {en}" for place, _, _, en in _faults(table)]:
            raise FormError("; ".join(found))
        return cls({each.code: each for each in table.document})

    def document(self, code: DocumentCode) -> Document:
        """The place's own. Raises `FormError` when it has none."""
        if code not in self.documents:
            raise FormError(f"the place has no document '{code}'")
        return self.documents[code]


def number_of(document: Document, number: str, nth: int = 1) -> str:
    """The number of a paper: that of the case, the suffix, and which of its kind it is."""
    return f"{number}-{document.suffix}{nth}"


def sheet_of(
    document: Document, facts: Facts, issuer: Issuer, *, number: str, issued_at: datetime, code: str | None = None
) -> Sheet:
    """The paper; its digest is the same with a code and without. Raises `FormError` when the facts are of another."""
    if not isinstance(facts, facts_for(document.code)):
        raise FormError(f"'{document.code}' is not made of {type(facts).__name__}")
    words = {each.name: getattr(facts, each.name) for each in fields(facts)}
    words |= {"paper": number, "issuer": issuer.name, "issued_at": issued_at}
    expressions = Expressions(issuer)
    return Sheet(
        language=issuer.language,
        title=issuer.says(document.zh, document.en),
        number=issuer.says(f"编号：{number}", f"No. {number}"),
        issuer=issuer.name,
        dateline=issuer.day(issued_at.astimezone(issuer.zone).date()),
        blocks=tuple(_blocks(document, words, expressions, issuer, code)),
        footer=f"{issuer.says(document.zh, document.en)}　{number}",
        issued_at=issued_at,
    )


def _blocks(
    document: Document, words: Mapping[str, object], expressions: Expressions, issuer: Issuer, code: str | None
) -> Iterator[Block]:
    for each in document.opening:
        yield _paragraph(each, words, expressions, issuer)
    if document.row:
        yield Grid(
            rows=tuple(tuple(_box(box, words, expressions, issuer) for box in row.boxes) for row in document.row)
        )
    for each in document.closing:
        yield _paragraph(each, words, expressions, issuer)
    if document.signature:
        lines = (
            Signature(label=issuer.says(f"{each.zh}：", f"{each.en}:"), value=expressions.value(each.value, words))
            for each in document.signature
        )
        yield Signatures(lines=tuple(lines))
    if code is not None:
        yield Verification(
            label=issuer.says("验证码", "Verification code"),
            code=code,
            scan=f"{issuer.verified_at}?{urlencode({'number': words['paper'], 'code': code})}"
            if issuer.verified_at
            else "",
            hint=issuer.says(
                "凭编号和验证码可向签发单位核验本件真伪。",
                "With number and code, the issuer tells whether this paper is genuine.",
            ),
        )


def _paragraph(text: DocumentText, words: Mapping[str, object], expressions: Expressions, issuer: Issuer) -> Paragraph:
    return Paragraph(text=expressions.prose(issuer.says(text.zh, text.en), words), indent=not text.flush)


def _box(box: DocumentBox, words: Mapping[str, object], expressions: Expressions, issuer: Issuer) -> Box:
    return Box(
        label=issuer.says(box.zh, box.en),
        value=expressions.value(box.value, words),
        lines=box.lines,
        sign=issuer.says("签名：　　　　　　　　　年　　月　　日", "Signed: ____________  Date: ________")
        if box.sign
        else "",
    )


_Place: TypeAlias = str
_Path: TypeAlias = tuple[str | int, ...]
_Check: TypeAlias = Callable[[str, Iterable[str]], list[tuple[str, str]]]


def documents_are_readable(tables: Tables) -> Iterator[Finding]:
    """Every expression of `documents.toml` is one, and names only what its document knows."""
    if "documents" in tables:
        for place, path, zh, en in _faults(DocumentsTable.model_validate(tables["documents"])):
            yield Finding("documents", path, f"{place}：{zh}", f"{place}: {en}")


def _faults(table: DocumentsTable) -> Iterator[tuple[_Place, _Path, str, str]]:
    """Which document and row, where in the table, and what is wrong in two languages."""
    for n, document in enumerate(table.document):
        words = words_for(document.code)
        for place, path, text, check in _expressions(document):
            for zh, en in check(text, words):
                yield f"{document.code}, {place}", ("document", n, *path), zh, en


def _expressions(document: Document) -> Iterator[tuple[_Place, _Path, str, _Check]]:
    """Everything in a document that is evaluated, and how it is checked."""
    for y, row in enumerate(document.row):
        for x, box in enumerate(row.boxes):
            yield f"row {y + 1} '{box.en}'", ("row", y, "boxes", x, "value"), box.value, faults_of
    for i, signature in enumerate(document.signature):
        yield f"signature {i + 1}", ("signature", i, "value"), signature.value, faults_of
    for part, texts in (("opening", document.opening), ("closing", document.closing)):
        for i, text in enumerate(texts):
            yield f"{part} {i + 1}", (part, i, "zh"), text.zh, faults_of_prose
            yield f"{part} {i + 1}", (part, i, "en"), text.en, faults_of_prose
