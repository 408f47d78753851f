"""Proof that a request comes from the complainant: number and receipt code, or a signed link out of a notice."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from contracts.codes import RefusalCode
from contracts.links import CaseLink, LinkError, LinkPurpose, read_link
from contracts.refusals import reason
from contracts.typed_codes import read_number
from infra.http.problems import HttpProblem
from services.intake.api_models import LinkText, Proof
from services.intake.gateway import Gateway
from services.intake.request_bodies import refused
from services.intake.status import Standing


class Use(StrEnum):
    """What a proof is shown for."""

    SEE = "see"
    RATE = "rate"
    ACT = "act"
    """To supplement, withdraw, reopen or appeal."""


@dataclass(frozen=True)
class Proven:
    """A case whose complainant is asking."""

    standing: Standing
    link: CaseLink | None = None
    """None: proven by number and receipt code."""

    def answer(self, given: int | None) -> int | None:
        """Which answer is meant: a rating link's own, else the given one, else the link's; None: the latest."""
        linked = (self.link.answer if self.link is not None else 0) or None
        if self.link is not None and self.link.purpose is LinkPurpose.RATE:
            return linked
        return given or linked


@dataclass(frozen=True)
class Proofs:
    """Verifies proofs; it reads state and decides nothing about the case."""

    gateway: Gateway
    secret: bytes = field(repr=False)
    """With which notify signs links."""

    async def case_of(self, proof: Proof, use: Use) -> Proven:
        """The case that is proven. Raises `HttpProblem`; a wrong code has the answer of an unknown number."""
        if proof.link is not None:
            return await self._by_link(proof, proof.link, use)
        if proof.number is None or proof.receipt_code is None:
            raise refused([reason(RefusalCode.PROOF_MISSING)])
        found = next(iter(await self.gateway.by_numbers([proof.number])), None)
        if not await self.gateway.admits(found, proof.receipt_code) or found is None:
            raise HttpProblem("not-found")
        return Proven(found)

    def link(self, text: LinkText, case_id: str | None = None) -> CaseLink:
        """The link, valid now and of this case. Raises `HttpProblem`."""
        try:
            link = read_link(self.secret, text)
        except LinkError:
            raise refused([reason(RefusalCode.LINK_INVALID, "link")]) from None
        if case_id not in {None, link.case_id}:
            raise refused([reason(RefusalCode.LINK_OF_ANOTHER_CASE, "link")])
        if link.expired(self.gateway.clock()):
            raise refused([reason(RefusalCode.LINK_EXPIRED, "link")])
        return link

    async def _by_link(self, proof: Proof, text: LinkText, use: Use) -> Proven:
        link = self.link(text)
        if use is Use.ACT and link.purpose is LinkPurpose.RATE:
            raise refused([reason(RefusalCode.LINK_RATES_ONLY, "link")])
        found = await self.gateway.standing(link.case_id)
        if found is None:
            raise HttpProblem("not-found")
        if proof.number is not None and read_number(proof.number) != found.number:
            raise refused([reason(RefusalCode.LINK_OF_ANOTHER_CASE, "link")])
        return Proven(found, link)
