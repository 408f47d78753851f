"""A real receiver of webhooks on this machine, for trials and tests."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from services.notify.providers.webhook import is_signed
from xn.demo.listener import Answer, Listener, Posted


@dataclass
class WebhookReceiver(Listener):
    """Takes every notice that is signed, each once; keeps only which they were."""

    secret: str = "demo"  # noqa: S105 - a trial's
    notices: set[str] = field(default_factory=set)
    """By their idempotency keys."""
    accepted: int = 0
    again: int = 0
    """Those that it had already."""

    def take(self, posted: Posted) -> Answer:
        """202 for what is new, 409 for what it has, 401 for what is not signed."""
        header = posted.headers.get("x-xiaoneng-signature", "")
        if not is_signed(self.secret, header, posted.body, int(time.time())):
            return Answer(401)
        notice = posted.headers["idempotency-key"]
        if notice in self.notices:
            self.again += 1
            return Answer(409)
        self.notices.add(notice)
        self.accepted += 1
        return Answer(202)
