"""Papers that were printed: by their digests it is told later whether one is genuine, whatever has changed since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import NAMESPACE_URL, uuid5

from contracts.document_tables import DocumentCode
from infra.decision import Context, Decision, Internal, Subject
from services.notify.domain.kept import Kept

PAPERS = uuid5(NAMESPACE_URL, "urn:xiaoneng:papers")
"""Namespace of the keys of papers. Never changes."""
MOST_PRINTS = 200
"""Of one paper, each with other content; of more, the oldest is not known to be genuine any more."""


def paper_key(number: str) -> str:
    """The key of a paper, from its number."""
    return str(uuid5(PAPERS, number))


@dataclass(frozen=True, slots=True)
class PaperPrinted(Internal):
    """Somebody was given the paper as it stands at this moment."""

    number: str
    code: DocumentCode
    digest: str
    issued_at: datetime


class Paper(Kept):
    """One number, and every content it was printed with."""

    kind: Literal["paper"] = "paper"
    number: str
    code: DocumentCode
    issued_at: datetime
    digests: tuple[str, ...]


@dataclass(frozen=True)
class PaperRules:
    """What is remembered of a print."""

    def decide(self, kept: Paper | None, subject: Subject, _context: Context) -> Decision[Paper]:
        """Each content once; printed again, nothing changes."""
        if not isinstance(subject, PaperPrinted):
            return Decision(kept)
        if kept is None:
            first = Paper(
                number=subject.number, code=subject.code, issued_at=subject.issued_at, digests=(subject.digest,)
            )
            return Decision(first)
        if subject.digest in kept.digests:
            return Decision(kept)
        digests = (*kept.digests, subject.digest)[-MOST_PRINTS:]
        return Decision(kept.model_copy(update={"digests": digests, "issued_at": subject.issued_at}))

    def due(self, _kept: Paper) -> datetime | None:
        """Never."""
        return None

    def is_open(self, _kept: Paper) -> bool:
        """Nothing is owed."""
        return False
