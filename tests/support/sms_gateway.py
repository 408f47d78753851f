"""An SMS gateway that does otherwise when told to."""

from __future__ import annotations

from dataclasses import dataclass

from tests.support.moods import Moody
from xn.demo import sms


@dataclass
class SmsGateway(Moody, sms.SmsGateway):
    """Takes what is signed, but for its moods."""
