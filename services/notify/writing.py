"""From what is known to a letter: the current template, filled when the contact has been opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from contracts.channel import Contact, rating_code
from services.notify.domain.sending import Send, Way
from services.notify.domain.templates import Templates
from services.notify.domain.vocabulary import VARIABLES
from services.notify.links import NoticeLinks
from services.notify.providers.configuration import SmsTable
from services.notify.providers.port import Letter
from services.notify.providers.sms import too_long


@dataclass(frozen=True)
class Writer:
    """Writes letters with the templates in force.

    A short message has its links only where it fits the gateway's length with them.
    """

    templates: Callable[[], Templates]
    rating_key: bytes = field(repr=False)
    """From which rating codes are made."""
    links: NoticeLinks
    sms: SmsTable | None = None
    """Whose length short messages must fit."""

    def __call__(self, send: Send, contact: Contact | None) -> Letter:
        """The letter; whom it is for is not in it yet. Raises `TemplateError`."""
        facts, links = {**send.facts, **self._secrets(send, contact)}, self.links.of(send)
        letter = self._letter(send, {**facts, **links})
        if links and send.way is Way.SMS and self.sms is not None and too_long(letter, self.sms) is not None:
            return self._letter(send, facts)
        return letter

    def _letter(self, send: Send, facts: Mapping[str, object]) -> Letter:
        rendered = self.templates().render(send.what, send.language, facts)
        by_sms = send.way is Way.SMS
        return Letter(
            notice_id=send.notice_id,
            what=send.what,
            to="",
            subject=rendered.subject,
            text=(rendered.sms or rendered.subject) if by_sms else rendered.text,
            html=rendered.html,
            sms=rendered.sms_parameters,
            data={
                "what": send.what,
                "notice_id": send.notice_id,
                "subject": rendered.subject,
                "text": rendered.text,
                "facts": {name: _plain(value) for name, value in facts.items() if value is not None},
            },
            traceparent=send.traceparent,
            language=send.language,
        )

    def _secrets(self, send: Send, contact: Contact | None) -> Mapping[str, object]:
        """What nobody but the complainant is told, where the occasion knows it."""
        if contact is None:
            return {}
        told = {
            "name": contact.name,
            "receipt_code": contact.receipt_code,
            "rating_code": rating_code(self.rating_key, send.key),
        }
        return {name: value for name, value in told.items() if name in VARIABLES[send.what]}


def _plain(value: object) -> object:
    """As JSON says it."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value
