"""The audit: 件件有回音、事事有着落. What was submitted against what stands on the bus; all is counted.

Delivery is at least once, so an event counts by its id. Two *different* events that say a thing which may be said only
once, such as two registrations of one case, are duplicates; so is one id under which two different things were said.
"""

from xn.audit.carried import notices_of
from xn.audit.command import app
from xn.audit.ledger import Ledger
from xn.audit.story import Story
from xn.audit.verdict import Audit, quantiles

__all__ = ["Audit", "Ledger", "Story", "app", "notices_of", "quantiles"]
