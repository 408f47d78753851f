"""The subcommands of `xn series`: they only read."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from infra.exits import Exit, Fault, writing
from infra.files import File
from infra.place import read_place
from infra.store import Store
from services.notify.domain.issue import issue_of
from services.notify.domain.policy import Policy
from services.notify.domain.series import edition_of
from services.notify.figures import NotYet, reports
from services.notify.issuing import pages
from services.notify.printing.press import Press, PrintError
from xn.options import DEMO, Database, Place, mongo_uri

app = typer.Typer(name="series", no_args_is_help=True, help="Reports that come out again and again (日报、周报、简报).")


@app.command()
def preview(
    series: Annotated[str, typer.Argument(help="daily, weekly or bulletin, as the place names it")],
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="a day of the issue; its last one counts")],
    out: Annotated[Path, typer.Option(file_okay=False, help="folder for the pages")] = Path("var/series"),
    policies: Place = DEMO,
    database: Database = "xn",
) -> None:
    """Print an issue from what a deployment knows by now. Nothing is announced, nothing is kept."""
    policy = _policy(policies)
    try:
        files = asyncio.run(_printed(policy, series, until.date(), database))
    except (NotYet, PrintError) as error:
        raise Fault(Exit.NO, f"the issue cannot be printed: {error}") from None
    with writing(out):
        out.mkdir(parents=True, exist_ok=True)
        for file in files:
            (out / file.name).write_bytes(file.content)
    for file in files:
        print(out / file.name)


async def _printed(policy: Policy, id: str, day: date, database: str) -> list[File]:
    series = policy.series(id)
    if series is None:
        known = ", ".join(each.id for each in policy.table.series) or "none"
        raise typer.BadParameter(f"the place has no such series, but {known}", param_hint="SERIES")
    edition = edition_of(series, day)
    issue = issue_of(edition, series, policy, datetime.now(UTC))
    store, press = Store(mongo_uri(), f"{database}_notify"), Press()
    try:
        counted = await reports(store, edition, issue.languages, policy, issue.channels)
        return [file for report in counted for file in await pages(press, edition.id, issue, report, policy.zone)]
    finally:
        await press.close()
        await store.close()


def _policy(folder: Path) -> Policy:
    files = read_place(folder)
    return Policy.from_tables(files.version, files.tables)
