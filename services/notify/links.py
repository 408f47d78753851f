"""Addresses in notices: signed links for complainants, plain ones for staff. Made on sending, never stored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from contracts.links import CaseLink, LinkPurpose, link_token
from services.notify.domain.sending import Send
from services.notify.domain.vocabulary import VARIABLES


@dataclass(frozen=True)
class NoticeLinks:
    """Fills the addresses that a template may show; a place without pages has none."""

    secret: bytes = field(repr=False)
    """Signs links; intake verifies them with the same."""
    citizen_url: str | None = None
    """Base of the complainant's pages."""
    desk_url: str | None = None
    """Base of the staff's pages."""

    def of(self, send: Send) -> dict[str, str]:
        """The addresses of one notice by variable."""
        return {name: url for name, url in self._all(send) if name in VARIABLES[send.what]}

    def _all(self, send: Send) -> Iterator[tuple[str, str]]:
        terms = send.links
        if terms is None:
            if self.desk_url is not None and send.about is not None:
                yield "case_url", f"{self.desk_url}/cases/{send.about}"
        elif self.citizen_url is not None:
            case = CaseLink(send.key, LinkPurpose.CASE, terms.answer, terms.case_until)
            yield "case_url", f"{self.citizen_url}/c/{link_token(self.secret, case)}"
            if terms.rate_until is not None:
                rate = CaseLink(send.key, LinkPurpose.RATE, terms.answer, terms.rate_until)
                yield "rating_url", f"{self.citizen_url}/r/{link_token(self.secret, rate)}"
