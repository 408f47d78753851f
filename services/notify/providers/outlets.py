"""From the configuration to the providers themselves."""

from __future__ import annotations

import ssl
from dataclasses import dataclass

from services.notify.domain.sending import Way
from services.notify.providers.configuration import Configuration, LaneTable
from services.notify.providers.lane import Terms
from services.notify.providers.mail import MailProvider
from services.notify.providers.port import Provider
from services.notify.providers.sms import SmsProvider
from services.notify.providers.webhook import WebhookProvider


@dataclass(frozen=True, slots=True)
class Outlet:
    """A provider, for which letters it is, and on what terms."""

    way: Way
    provider: Provider
    terms: Terms
    id: str = ""
    """Of a webhook: letters with this address."""


def outlets_of(configuration: Configuration) -> tuple[Outlet, ...]:
    """A provider for each table; nobody is called yet."""
    tls = ssl.create_default_context()  # one for all: it costs more than the rest of a provider
    mail, sms = configuration.mail, configuration.sms
    found = [Outlet(Way.EMAIL, MailProvider(mail, tls), terms_of(mail))]
    if sms is not None:
        found.append(Outlet(Way.SMS, SmsProvider(sms, tls), terms_of(sms)))
    found += [
        Outlet(Way.WEBHOOK, WebhookProvider(each, tls), terms_of(each), each.id) for each in configuration.webhook
    ]
    return tuple(found)


def terms_of(table: LaneTable) -> Terms:
    """The terms that a table sets."""
    return Terms(
        workers=table.connections,
        per_second=table.per_second,
        limit_seconds=table.limit_seconds,
        room=table.room,
        failures=table.failures,
        reset_seconds=table.reset_seconds,
    )
