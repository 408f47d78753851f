"""`python -m tests.support.unlucky_scoring`: scoring, but its rules break on registrations as long as a file exists.

A bug that somebody mends, while everything else is the real service.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from contracts.intake import CaseRegistered
from infra.decision import Context, Decision, Subject, Wait
from infra.ports import serve
from services.scoring import app
from services.scoring.domain.aggregate import Aggregate
from services.scoring.domain.decide import Rules
from services.scoring.settings import ScoringSettings

BUG_VARIABLE = "UNLUCKY_SCORING_BUG"
"""Names the file."""


@dataclass(frozen=True)
class UnluckyRules(Rules):
    """The rules, with the bug."""

    def decide(self, state: Aggregate | None, subject: Subject, context: Context) -> Decision[Aggregate] | Wait:
        """Breaks, or decides."""
        if isinstance(subject, CaseRegistered) and Path(os.environ[BUG_VARIABLE]).exists():
            raise ArithmeticError(subject.title)
        return super().decide(state, subject, context)


if __name__ == "__main__":
    app.Rules = UnluckyRules  # type: ignore[attr-defined]
    serve(app.build(ScoringSettings()))
