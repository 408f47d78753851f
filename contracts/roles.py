"""Names of roles that appear in topics whatever the place is: services, a system and providers."""

from __future__ import annotations

SERVICES = ("intake", "routing", "scoring", "notify")
E_SUPERVISION = "e-supervision"
"""The system of 电子监察, which every deployment has a topic for (S2, S1¶3)."""
PROVIDERS = ("mail", "sms")
"""Those who may report whether a notice was delivered (回执)."""
