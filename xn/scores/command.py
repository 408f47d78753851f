"""The subcommands of `xn scores`: they only read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console

from infra.exits import Exit, Fault
from infra.place import read_place
from infra.store import Store
from services.scoring.domain.scores.comparing import differences
from services.scoring.domain.scores.period import Period
from services.scoring.domain.scores.policy import ScorePolicy
from services.scoring.score_views import ScoreViews
from xn.options import Database, mongo_uri
from xn.scores.showing import (
    difference_table,
    items_table,
    made_of_items_table,
    made_of_table,
    numbers_table,
    score_tables,
)

app = typer.Typer(
    name="scores", no_args_is_help=True, help="Scores of a period, made of facts when they are asked for."
)

PeriodArgument = Annotated[str, typer.Argument(help="2026-11, 2026-Q4, 2026-H2 or 2026")]
Policies = Annotated[Path, typer.Option(envvar="XN_POLICIES", help="folder of the place by whose rules")]
DEMO = Path("policies/demo")
R = TypeVar("R")


@app.command()
def show(
    period: PeriodArgument,
    policies: Policies = DEMO,
    by: Annotated[str, typer.Option(help="also numbers by unit, level, channel, category, appeal, area, all")] = "",
    items: Annotated[str, typer.Option(help="also numbers of watched items by unit, system, matter, all")] = "",
    database: Database = "xn",
) -> None:
    """Print the scores of a period by peer group, and the numbers behind them."""
    asked, policy, console = _period(period), _policy(policies), Console()
    result = _read(database, lambda views: views.scores(asked, policy))
    for table in score_tables(result):
        console.print(table)
    if by:
        try:
            found = _read(database, lambda views: views.numbers(asked, policy, by))
        except KeyError:
            raise typer.BadParameter(f"nothing is counted by {by}", param_hint="--by") from None
        console.print(numbers_table(found, by, policy))
    if items:
        try:
            watched = _read(database, lambda views: views.items.numbers(asked, policy, items))
        except KeyError:
            raise typer.BadParameter(f"items are not counted by {items}", param_hint="--items") from None
        console.print(items_table(watched, items, policy))


@app.command()
def explain(
    unit: Annotated[str, typer.Argument(help="whose number")],
    number: Annotated[str, typer.Argument(help="a count, a rate or a part of the score, such as on-time")],
    period: PeriodArgument,
    policies: Policies = DEMO,
    database: Database = "xn",
) -> None:
    """Print what a number of a unit is made of: every case, what it adds, and the events that say so."""
    asked, policy = _period(period), _policy(policies)
    try:
        found = _read(database, lambda views: views.made_of(number, unit, asked, policy))
    except KeyError:
        raise Fault(Exit.NO, f"there is no number {number}") from None
    if found.items:
        of_items = _read(database, lambda views: views.items.events(found.items))
        Console().print(made_of_items_table(found, of_items))
        return
    events = _read(database, lambda views: views.events(found.addends))
    Console().print(made_of_table(found, events))


@app.command()
def compare(
    period: PeriodArgument,
    other: Annotated[Path, typer.Option("--with", help="folder of the other rules")],
    policies: Policies = DEMO,
    database: Database = "xn",
) -> None:
    """Make the scores of a period by two sets of rules, and print for whom they differ and why."""
    asked = _period(period)
    one, two = (
        _read(database, lambda views, policy=policy: views.scores(asked, policy))  # type: ignore[misc]
        for policy in (_policy(policies), _policy(other))
    )
    found = differences(*([card for cards in each.cards.values() for card in cards] for each in (one, two)))
    Console().print(difference_table(found, (one.policy.version, two.policy.version)))


def _read(database: str, ask: Callable[[ScoreViews], Coroutine[Any, Any, R]]) -> R:
    async def read() -> R:
        store = Store(mongo_uri(), f"{database}_scoring")
        try:
            return await ask(ScoreViews(store))
        finally:
            await store.close()

    return asyncio.run(read())


def _period(text: str) -> Period:
    try:
        return Period.parse(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def _policy(folder: Path) -> ScorePolicy:
    files = read_place(folder)
    policy = ScorePolicy.from_tables(files.version, files.tables)
    if policy is None:
        raise Fault(Exit.CONTENT, f"{folder} makes no scores: it has no scores.toml")
    return policy
