"""`xn suggest`: learns from past dispatches which unit a dispatcher may want, and says how often that was right."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from contracts.routing import CaseAssigned, CaseSigned
from infra.document import Entry
from infra.exits import Exit, Fault, writing
from infra.store import Store
from services.routing.domain.case import Case
from services.routing.suggestions import Weights, terms_of
from xn.options import Database, mongo_uri

app = typer.Typer(name="suggest", no_args_is_help=True, help="What past dispatches tell of the next.")

BY_PEOPLE = frozenset({"dispatcher", "ruling", "reassigned", "transfer"})
"""Rules of assignments that somebody has chosen."""
LATER = 0.2
"""This share of the dispatches, the latest, is not learned from but foretold."""
FEWEST = 20
MOST_TERMS = 8_000
SMALLEST_WEIGHT = 0.05


class TooLittleError(ValueError):
    """There is too little to learn from; the message says of what."""


@dataclass(frozen=True)
class Example:
    """A matter that somebody sent to a unit which then signed for it."""

    at: str
    category: str
    terms: frozenset[str]
    unit: str


@dataclass(frozen=True)
class Report:
    """How well the later dispatches were foretold from the earlier ones."""

    learned: int
    foretold: int
    first: float
    """Share whose unit came first."""
    among_three: float
    """Share whose unit was one of the first three."""
    habit: float
    """Share of a guess without learning: the unit that most of the category went to."""


@app.command()
def train(
    out: Annotated[Path, typer.Option(help="file for the weights; XN_SUGGESTIONS names it to routing")],
    database: Database = "xn",
) -> None:
    """Learn from all dispatches that somebody chose, say how good that is, and write the weights."""
    uri = mongo_uri()
    try:
        examples = asyncio.run(examples_of(uri, database))
        report = foretell(examples)
        weights = learn(examples, report.first)
    except TooLittleError as error:
        raise Fault(Exit.NO, str(error)) from None
    with writing(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(weights.model_dump_json(), encoding="utf-8")
    table = Table("", "", title=f"The latest {report.foretold} dispatches, foretold from {report.learned} before them")
    table.add_row("the unit came first", f"{report.first:.0%}")
    table.add_row("the unit was among the first three", f"{report.among_three:.0%}")
    table.add_row("guess without learning: the habit of the category", f"{report.habit:.0%}")
    Console().print(table)
    print(f"{len(weights.units)} units, {len(weights.terms)} terms: {out}")


async def examples_of(uri: str, prefix: str) -> list[Example]:
    """Every dispatch that somebody chose and a unit accepted, the oldest first. Reads all cases of routing."""
    store, found = Store(uri, f"{prefix}_routing"), []
    try:
        async for raw in store.documents():
            unit = chosen(Entry.from_mongo(entry) for entry in raw["history"])
            if unit is not None and raw["state"]:
                case = Case.model_validate(raw["state"])
                terms = terms_of(case.title, case.text, case.category, case.area)
                found.append(Example(case.received_at.isoformat(), case.category, terms, unit))
    finally:
        await store.close()
    return sorted(found, key=lambda example: example.at)


def chosen(history: Iterable[Entry]) -> str | None:
    """The unit that signed for the case after somebody had chosen it; None where a rule sent it."""
    asked: str | None = None
    signed: str | None = None
    for entry in history:
        if entry.type == CaseAssigned.TYPE:
            said = CaseAssigned.model_validate_json(entry.body)
            asked = said.unit if said.rule in BY_PEOPLE else None
        elif entry.type == CaseSigned.TYPE and asked is not None:
            signed = asked
    return signed


def foretell(examples: Sequence[Example]) -> Report:
    """Learned from the earlier dispatches, measured on the later ones. Raises `TooLittleError`."""
    cut = round(len(examples) * (1 - LATER))
    earlier, later = examples[:cut], examples[cut:]
    weights = learn(earlier, 0.0)
    habits: dict[str, Counter[str]] = {}
    for example in earlier:
        habits.setdefault(example.category, Counter())[example.unit] += 1
    anyhow = Counter(example.unit for example in earlier)
    first = three = habit = 0
    for example in later:
        scores = weights.scores(example.terms)
        best = sorted(scores, key=lambda unit: (-scores[unit], unit))[:3]
        first += best[0] == example.unit
        three += example.unit in best
        habit += habits.get(example.category, anyhow).most_common(1)[0][0] == example.unit
    count = len(later)
    return Report(len(earlier), count, first / count, three / count, habit / count)


def learn(examples: Sequence[Example], accuracy: float) -> Weights:
    """A logistic regression over the terms (scikit-learn). Raises `TooLittleError`."""
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression

    units = {example.unit for example in examples}
    if len(examples) < FEWEST or len(units) < 2:
        raise TooLittleError(f"{len(examples)} dispatches to {len(units)} units: too little to learn from")
    terms = CountVectorizer(analyzer=sorted, binary=True, max_features=MOST_TERMS)
    matrix = terms.fit_transform([example.terms for example in examples])
    model = LogisticRegression(C=1.0, max_iter=500).fit(matrix, [example.unit for example in examples])
    names, bias, rows = [str(name) for name in model.classes_], list(model.intercept_), list(model.coef_)
    if len(rows) == 1:  # of two units: the second against the first
        bias, rows = [0.0, bias[0]], [rows[0] * 0.0, rows[0]]
    weights: dict[str, dict[str, float]] = {}
    for term, column in terms.vocabulary_.items():
        of_term = {name: _rounded(row[column]) for name, row in zip(names, rows, strict=True)}
        if kept := {name: weight for name, weight in of_term.items() if abs(weight) >= SMALLEST_WEIGHT}:
            weights[str(term)] = kept
    return Weights(
        units={name: _rounded(each) for name, each in zip(names, bias, strict=True)},
        terms=weights,
        cases=len(examples),
        accuracy=round(accuracy, 3),
    )


def _rounded(value: Any) -> float:
    return round(float(value), 3)
