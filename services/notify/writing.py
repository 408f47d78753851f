"""From what is known to a letter: the template of the moment, filled when the contact has been opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from contracts.channel import Contact, rating_code
from services.notify.domain.sending import Send, Way
from services.notify.domain.templates import Templates
from services.notify.domain.vocabulary import VARIABLES
from services.notify.providers.port import Letter


@dataclass(frozen=True)
class Writer:
    """Writes with the words that are in force."""

    templates: Callable[[], Templates]
    rating_key: bytes = field(repr=False)
    """From which the code is made that an invitation to rate tells."""

    def __call__(self, send: Send, contact: Contact | None) -> Letter:
        """The letter; whom it is for is not in it yet. Raises `TemplateError`."""
        facts = {**send.facts, **self._secrets(send, contact)}
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
