"""`python -m tests.support.unlucky_routing`: routing, but its rules break on registrations with a certain text.

A bug in our code, while everything else is the real service.
"""

from __future__ import annotations

from dataclasses import dataclass

from contracts.intake import CaseRegistered
from infra.decision import Context, Decision, Subject, Wait
from infra.ports import serve
from services.routing import app
from services.routing.domain.case import Case
from services.routing.domain.decide import Rules
from services.routing.settings import RoutingSettings

POISON = "此件使规则出错"
"""The text."""


@dataclass(frozen=True)
class UnluckyRules(Rules):
    """The rules, with the bug."""

    def decide(self, case: Case | None, subject: Subject, context: Context) -> Decision[Case] | Wait:
        """Breaks, or decides."""
        if isinstance(subject, CaseRegistered) and subject.text == POISON:
            raise ArithmeticError(subject.title)
        return super().decide(case, subject, context)


if __name__ == "__main__":
    app.Rules = UnluckyRules  # type: ignore[attr-defined]
    serve(app.build(RoutingSettings()))
