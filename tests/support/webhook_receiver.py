"""A receiver of webhooks that does otherwise when told to."""

from __future__ import annotations

from dataclasses import dataclass

from tests.support.moods import Moody
from xn.demo import webhook


@dataclass
class WebhookReceiver(Moody, webhook.WebhookReceiver):
    """Takes what is signed, but for its moods."""
