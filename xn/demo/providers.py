"""What notify of a trial is told of its providers: an SMS gateway and receivers of webhooks on this machine."""

from __future__ import annotations

import json
from collections.abc import Mapping

from services.notify.domain.vocabulary import VARIABLES
from xn.demo.sms import SmsGateway
from xn.demo.webhook import WebhookReceiver

SIGN_NAME = "示例市12345"
"""短信签名."""
SEGMENTS = 6
"""SMS that one text may be joined from: English takes more of them."""


def providers_of(
    sms: SmsGateway, webhooks: Mapping[str, WebhookReceiver], *, segments: int = SEGMENTS, **terms: float
) -> str:
    """The text of `XN_PROVIDERS`, without mail, which the settings name. `terms` hold for each of them."""
    lines = ["[sms]", *_lane(sms.url, sms.secret, terms)]
    lines += [f'access_key = "{sms.access_key}"', f'sign_name = "{SIGN_NAME}"', f"segments = {segments}"]
    for language in ("zh", "en"):
        lines += [f"[sms.templates.{language}]", *(f'{what} = "SMS_{language}_{what}"' for what in VARIABLES)]
    for id, receiver in webhooks.items():
        lines += ["[[webhook]]", f'id = "{id}"', *_lane(receiver.url, receiver.secret, terms)]
    return "\n".join(lines)


def _lane(url: str, secret: str, terms: Mapping[str, float]) -> list[str]:
    given = {"url": url, "secret": secret, **terms}
    return [f"{name} = {json.dumps(value)}" for name, value in given.items()]
