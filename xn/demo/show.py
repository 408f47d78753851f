"""What a newcomer sees of a demo: live progress, the stages, the audit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rich.console import Console, Group
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from xn.audit import Audit, Ledger, quantiles

STAGES = {
    "registered": "登记 registered",
    "refused": "不予登记 refused",
    "acknowledgement": "告知编号 acknowledged",
    "assigned": "派单 assigned",
    "queued": "待派 dispatcher's queue",
    "clocked": "计时 deadline set",
    "signed": "签收 signed",
    "closed": "办结 closed",
    "answer": "答复 answered",
    "rated": "评价 rated",
}


def reached(ledger: Ledger, stage: str) -> list[float]:
    """Seconds from submission to a stage, of every case that reached it."""
    return [
        max(0.0, (story.first_at[stage] - at).total_seconds())
        for case_id, at in ledger.submitted.items()
        if stage in (story := ledger.stories[case_id]).first_at
    ]


def progress(ledger: Ledger, total: int | None, seconds: float) -> Group:
    """The live view: a bar per stage."""
    table = Table.grid(padding=(0, 2))
    whole = max(1, total or len(ledger.submitted))
    rows = {"递交 submitted": len(ledger.submitted)}
    rows |= {name: len(reached(ledger, stage)) for stage, name in STAGES.items()}
    for name, count in rows.items():
        table.add_row(name, ProgressBar(total=whole, completed=count, width=40), f"{count:>7}")
    return Group(Text(f"件件有回音、事事有着落   {seconds:5.1f} s", style="bold"), table)


def stages(ledger: Ledger) -> Table:
    """Count, share and time of every stage."""
    table = Table("stage", "cases", "share", "p50 s", "p99 s", title="阶段 Stages (seconds from submission)")
    for column in table.columns[1:]:
        column.justify = "right"
    for stage, name in STAGES.items():
        seconds = reached(ledger, stage)
        found = quantiles(seconds)
        times = [f"{each:.2f}" for each in found] if found else ["–", "–"]
        table.add_row(name, str(len(seconds)), f"{len(seconds) / max(1, len(ledger.submitted)):.1%}", *times)
    return table


def verdict(audit: Audit, rows_refused: int) -> Panel:
    """The sums that must be right, and whether they are."""
    lines = [
        _sum("submitted = registered + refused", audit.submitted, audit.registered + audit.refused),
        _sum("registered = closed + open with an owner", audit.registered, audit.closed + audit.open_with_owner),
        _sum("acknowledged", audit.registered, audit.acknowledged),
        _sum("answered", audit.closed, audit.answered),
        _sum("lost", 0, audit.lost),
        _sum("duplicated", 0, audit.duplicated),
    ]
    lines += [f"  dead letters {audit.dead_letters}, rows refused before submission {rows_refused}"]
    lines += [f"  refused {code}: {count}" for code, count in sorted(audit.reasons.items())]
    lines += [f"  {fault}" for fault in audit.faults[:10]]
    colour = "green" if audit.passed else "red"
    title = "审计通过 The audit passes" if audit.passed else "审计不通过 The audit FAILS"
    return Panel("\n".join(lines), title=title, border_style=colour, expand=False)


def _sum(what: str, expected: int, found: int) -> str:
    mark = "[green]✓[/green]" if expected == found else "[red]✗[/red]"
    return f"{mark} {what}: {expected} = {found}"


def report(ledger: Ledger, audit: Audit, rows_refused: int, engine: str, seconds: float, mails: int) -> dict[str, Any]:
    """The same figures for machines."""
    return {
        "submitted": audit.submitted,
        "registered": audit.registered,
        "refused": audit.refused,
        "rows_refused": rows_refused,
        "assigned": audit.assigned,
        "closed": audit.closed,
        "open_with_owner": audit.open_with_owner,
        "acknowledged": audit.acknowledged,
        "answered": audit.answered,
        "rated": audit.rated,
        "lost": audit.lost,
        "duplicated": audit.duplicated,
        "passed": audit.passed,
        "dead_letters": audit.dead_letters,
        "mails": mails,
        "refusal_reasons": dict(audit.reasons),
        "faults": list(audit.faults),
        "engine": engine,
        "seconds": round(seconds, 2),
        "complaints_per_second": round(audit.submitted / seconds, 1) if seconds else None,
        "stages": {
            stage: {"cases": len(times), "p50_seconds": found[0], "p99_seconds": found[1]}
            for stage in STAGES
            if (found := quantiles(times := reached(ledger, stage)))
        },
    }


def save(path: Path, figures: dict[str, Any]) -> None:
    """The report is on disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(figures, ensure_ascii=False, indent=2) + "\n")


def addresses(console: Console, urls: dict[str, str], exports: dict[str, str]) -> None:
    """Where everything can be looked at while it is left running."""
    console.print("still running:", style="bold")
    for name, url in urls.items():
        console.print(f"  {name:8} {url}/readyz  /metrics  /asyncapi", soft_wrap=True)
    for name, value in exports.items():
        console.print(f"  export {name}={value}", soft_wrap=True)
    console.print("Ctrl-C ends everything")
