"""The six documents as units get them: found by number, printed with a code, and known again when somebody asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from contracts.codes import Language
from contracts.document_tables import Document, DocumentCode
from infra.clock import Clock
from infra.http.handing import HttpHanding
from infra.http.problems import HttpProblem
from infra.http.publishing import SOON
from infra.store import Store, StoreError
from services.notify.domain.case import Case
from services.notify.domain.kept import Kept
from services.notify.domain.measure import Decided, Measure, MeasureRules
from services.notify.domain.paper import Paper, PaperPrinted, paper_key
from services.notify.domain.papers_of import may_have_case, may_have_letter, may_have_paper, papers_of, unit_of_card
from services.notify.domain.rules import Rules
from services.notify.paper_facts import Wording
from services.notify.printing.facts import Facts
from services.notify.printing.figures import Issuer
from services.notify.printing.forms import number_of, sheet_of
from services.notify.printing.press import Form, Press, PrintError
from services.notify.printing.sheet import Sheet
from services.notify.printing.verification import digest_of, verification_code, verify

"""By which a case and letters are found when papers are asked for."""
MOST_LETTERS = 200
"""Units and posts whose letters are listed at once."""


class ListedPaper(BaseModel):
    """A document that there is."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    number: str
    code: DocumentCode
    zh: str
    en: str
    unit: str | None = None
    """Whom it is for, or who gave the answer in it."""
    issued_at: datetime


class ListedPapers(BaseModel):
    """The documents of a case or a unit, in the order in which they came to be."""

    documents: list[ListedPaper]


class Genuine(BaseModel):
    """Whether a paper is genuine, and no more than what stands at its head."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    genuine: bool
    code: DocumentCode | None = None
    zh: str | None = None
    en: str | None = None
    issued_on: str | None = None
    """Local day, ISO 8601."""


@dataclass(frozen=True)
class Written:
    """A document with all that stands on it."""

    number: str
    code: DocumentCode
    facts: Facts
    issuer: Issuer
    issued_at: datetime


@dataclass(frozen=True)
class Papers:
    """The documents of a place."""

    store: Store
    rules: Callable[[], Rules]
    """Of the moment."""
    press: Press
    hand: HttpHanding
    clock: Clock
    secret: bytes = field(repr=False)
    verified_at: str = ""
    """Where anybody verifies a code; empty: papers do not say."""

    async def listed(self, case_id: str, unit: str) -> ListedPapers | None:
        """What there is of a case for a unit; None where the unit is not given any. Raises `HttpProblem`."""
        rules, kept = self.rules(), await self._kept(case_id)
        if not isinstance(kept, Case):
            return None
        documents = rules.forms.documents
        found = [each for each in papers_of(kept, rules.forms) if may_have_paper(unit, each, kept, rules.policy)]
        if not found and not may_have_case(unit, kept, rules.policy):
            return None
        return ListedPapers(
            documents=[_listed(documents[each.code], each.number, each.unit, each.issued_at) for each in found]
        )

    async def listed_about(self, of: str, unit: str) -> ListedPapers | None:
        """The contact card of a unit, and the letters about it and its posts that the asking unit may have.

        None where there is no such unit. Raises `HttpProblem`.
        """
        rules = self.rules()
        if of not in rules.policy.names.units:
            return None
        card = rules.forms.documents.get("contact-card")
        found = [] if card is None else [_listed(card, number_of(card, of), of, self._morning())]
        letter = rules.forms.documents.get("admonition")
        if letter is not None:
            given = [each for each in await self._letters(of) if may_have_letter(unit, each, rules.policy)]
            found += [_listed(letter, each.number, of, each.decided_at) for each in given]
        return ListedPapers(documents=found)

    async def printed(self, number: str, unit: str, language: Language, form: Form) -> bytes | None:
        """The paper, which is known to be genuine from now on; None where the unit is not given any of this number.

        Raises `HttpProblem` when it cannot be printed now.
        """
        written = await self._written(number, unit, language)
        if written is None:
            return None
        bare = self._sheet(written, None)
        digest = digest_of(bare)
        sheet = self._sheet(written, verification_code(self.secret, number, digest))
        try:
            printed = await self.press.press(sheet, form)
        except PrintError:
            raise HttpProblem("unavailable", headers=SOON) from None
        await self.hand.hand(
            paper_key(number),
            PaperPrinted(number=number, code=written.code, digest=digest, issued_at=written.issued_at),
        )
        return printed

    async def verified(self, number: str, code: str) -> Genuine:
        """Whether a paper with this number and code was ever printed. Raises `HttpProblem`.

        Every content it was printed with is compared, and one where there is none: what differs is not to be measured.
        """
        kept = await self._kept(paper_key(number))
        digests = kept.digests if isinstance(kept, Paper) else ("",)
        known = [verify(self.secret, number, digest, code) for digest in digests]
        if not isinstance(kept, Paper) or not any(known):
            return Genuine(genuine=False)
        rules = self.rules()
        document = rules.forms.documents.get(kept.code)
        return Genuine(
            genuine=True,
            code=kept.code,
            zh=document.zh if document else None,
            en=document.en if document else None,
            issued_on=rules.policy.day(kept.issued_at).isoformat(),
        )

    # ---- finding

    async def _written(self, number: str, unit: str, language: Language) -> Written | None:
        rules = self.rules()
        if (of := unit_of_card(number, rules.forms, rules.policy.names.units)) is not None:
            return self._card(number, of, language)
        for kept in await self._found(f"letter/{number}"):
            if isinstance(kept, Measure):
                return self._letter(kept, number, unit, language)
        case_number = number.rpartition("-")[0]
        for kept in await self._found(f"number/{case_number}"):
            if isinstance(kept, Case):
                return self._of_case(kept, number, unit, language)
        return None

    def _card(self, number: str, of: str, language: Language) -> Written:
        """A card is the same all day."""
        rules = self.rules()
        wording = Wording(rules.policy, language)
        facts = wording.card(of, number, rules.directory)
        return Written(number, "contact-card", facts, self._issuer(of, wording), self._morning())

    def _morning(self) -> datetime:
        """When today began."""
        local = self.clock().astimezone(self.rules().policy.zone)
        return local.replace(hour=0, minute=0, second=0, microsecond=0)

    def _letter(self, kept: Measure, number: str, unit: str, language: Language) -> Written | None:
        rules = self.rules()
        found = next((each for each in kept.letters if each.number == number and each.reversed_at is None), None)
        if found is None or "admonition" not in rules.forms.documents or not may_have_letter(unit, found, rules.policy):
            return None
        wording, measures = Wording(rules.policy, language), rules.kinds["measure"]
        basis = measures.basis(kept.of, found.measures) if isinstance(measures, MeasureRules) else None
        facts = wording.letter(kept, found, basis, rules.directory)
        return Written(number, "admonition", facts, self._issuer(found.by, wording), found.decided_at)

    def _of_case(self, case: Case, number: str, unit: str, language: Language) -> Written | None:
        rules = self.rules()
        found = next((each for each in papers_of(case, rules.forms) if each.number == number), None)
        if found is None or case.registered is None or not may_have_paper(unit, found, case, rules.policy):
            return None
        wording = Wording(rules.policy, language)
        facts = wording.case(case, case.registered, found)
        return Written(number, found.code, facts, self._issuer(case.registered.centre, wording), found.issued_at)

    def _issuer(self, unit: str, wording: Wording) -> Issuer:
        return Issuer(
            name=wording.unit(unit) or unit,
            zone=wording.policy.zone,
            language=wording.language,
            verified_at=self.verified_at,
        )

    def _sheet(self, written: Written, code: str | None) -> Sheet:
        document = self.rules().forms.document(written.code)
        return sheet_of(
            document, written.facts, written.issuer, number=written.number, issued_at=written.issued_at, code=code
        )

    async def _letters(self, of: str) -> list[Decided]:
        """Those that stand, about a unit and its posts, in the order of the decisions."""
        kept = await self._found(f"letters-of/{of}", MOST_LETTERS)
        letters = [each for measure in kept if isinstance(measure, Measure) for each in measure.letters]
        stand = [each for each in letters if each.unit == of and each.reversed_at is None]
        return sorted(stand, key=lambda each: each.decided_at)

    async def _found(self, filed: str, limit: int = 5) -> list[Kept]:
        try:
            rows = await self.store.states({"filed": filed}, limit=limit)
        except StoreError:
            raise HttpProblem("unavailable", headers=SOON) from None
        return [_read(state) for _, state in rows]

    async def _kept(self, key: str) -> Kept | None:
        try:
            state = await self.store.state_of(key)
        except StoreError:
            raise HttpProblem("unavailable", headers=SOON) from None
        return None if state is None else _read(state)


def _read(state: dict[str, Any]) -> Kept:
    return Kept.model_validate(state, strict=False)


def _listed(document: Document, number: str, unit: str | None, issued_at: datetime) -> ListedPaper:
    return ListedPaper(
        number=number, code=document.code, zh=document.zh, en=document.en, unit=unit, issued_at=issued_at
    )
