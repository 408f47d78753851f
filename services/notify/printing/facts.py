"""What the six documents may tell: the words of `documents.toml`. All text is in the language of the paper.

Nothing is set that is not known; an empty box is filled in by hand. Instants are aware; the issuer's clock reads them.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import TypeAlias, get_args

from contracts.document_tables import DocumentCode


@dataclass(frozen=True, kw_only=True)
class CaseFacts:
    """Of a case: for 投诉登记表, 呈批表, 转办单 and 反馈表."""

    number: str
    channel: str | None = None
    appeal: str | None = None
    category: str | None = None
    area: str | None = None
    title: str | None = None
    text: str | None = None
    """What was said; identity is masked already."""
    attachments: tuple[str, ...] = ()
    """The number of attachments (附件), then each one's web address, or the type and size of a stored file."""
    complainant: str | None = None
    """As it may be shown on this paper, such as 张某, or 保密."""
    about: str | None = None
    """The unit complained about (被投诉单位)."""
    urgent: bool = False
    received_at: datetime | None = None
    registered_at: datetime | None = None
    registered_by: str | None = None
    due_at: datetime | None = None
    mode: str | None = None
    """自办, 转办 or 联办."""
    unit: str | None = None
    """Responsible (承办单位)."""
    co_handlers: tuple[str, ...] = ()
    """Beside it (协办单位)."""
    tasks: tuple[str, ...] = ()
    """What each of them is asked for, and by when."""
    reports: tuple[str, ...] = ()
    """What each of them reported, or why it declined."""
    proposed_unit: str | None = None
    proposed_by: str | None = None
    proposal: str | None = None
    """Why it is to go there (拟办意见)."""
    proposed_at: datetime | None = None
    approved_by: str | None = None
    approved_at: datetime | None = None
    approval: str | None = None
    """What the approver said (批示)."""
    approval_form: str | None = None
    """Number of the 呈批表 that it was approved on."""
    consulted: tuple[str, ...] = ()
    """Units that took part in the consultation (会商) on which the ruling rests."""
    minutes: str | None = None
    """Minutes of that consultation (会商纪要)."""
    dispatched_at: datetime | None = None
    dispatched_by: str | None = None
    result: str | None = None
    adopted: str | None = None
    """Whether a suggestion is adopted (是否采纳); nothing for any other appeal."""
    reply: str | None = None
    answered_at: datetime | None = None
    handled_by: str | None = None
    verified_by: str | None = None
    satisfaction: str | None = None
    solved: str | None = None


@dataclass(frozen=True, kw_only=True)
class AdmonitionFacts:
    """Of a measure that was decided: for the 效能告诫书."""

    number: str
    """Of the case, or of the measure."""
    unit: str
    post: str | None = None
    """Never a name; nothing when the unit itself is admonished."""
    findings: tuple[str, ...] = ()
    """What was found, each in a sentence."""
    basis: str | None = None
    measure: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    rectify_by: datetime | None = None
    appeal_to: str | None = None
    appeal_days: int | None = None


@dataclass(frozen=True, kw_only=True)
class CardFacts:
    """Of a unit: for the 服务联系卡."""

    number: str
    unit: str
    unit_en: str | None = None
    duties: tuple[str, ...] = ()
    posts: tuple[str, ...] = ()
    hotline: str | None = None
    complaint_line: str | None = None
    """Where to complain about the unit."""
    address: str | None = None
    hours: str | None = None


Facts: TypeAlias = CaseFacts | AdmonitionFacts | CardFacts

PAPER_WORDS = frozenset({"paper", "issuer", "issued_at"})
"""Known on every paper: its own number, who issues it, and when."""


def facts_for(code: DocumentCode) -> type[CaseFacts | AdmonitionFacts | CardFacts]:
    """What a document is made of."""
    match code:
        case "admonition":
            return AdmonitionFacts
        case "contact-card":
            return CardFacts
        case _:
            return CaseFacts


def words_for(code: DocumentCode) -> frozenset[str]:
    """What its expressions may name."""
    return PAPER_WORDS | {each.name for each in fields(facts_for(code))}


CODES: tuple[DocumentCode, ...] = get_args(DocumentCode)
"""All six."""
