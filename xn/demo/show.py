"""What a newcomer sees of a demo: live progress, the stages, the audit."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from xn.audit import Audit, Ledger, quantiles
from xn.audit.silence import Silent
from xn.demo.pages import Pages

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
WAYS = {
    "channel": "渠道 channel",
    "email": "邮件 mail",
    "sms": "短信 SMS",
    "webhook": "接口 webhook",
    "inbox": "待办 inbox",
}
JOINING = (
    "消费组加入内置 Kafka 需 3–5 秒，有时更久。 On the embedded broker, joining a consumer group takes 3 to 5 s, "
    "sometimes far more: subscribe before you publish. Clients of your own: docs/partners.md"
)
"""Hint printed with the addresses, for users who connect their own client."""
FIGURES = (
    *("submitted", "registered", "refused", "assigned", "queued", "closed", "open_with_owner", "acknowledged"),
    *("answered", "rated", "lost", "duplicated", "passed", "dead_letters", "staff_owed", "staff_told"),
)
"""What the report takes over from the audit as it is."""


@dataclass(frozen=True)
class Pace:
    """How much went over the bus, and how fast."""

    seconds: float
    messages: int
    taken: Mapping[str, int]
    """Notices that providers took, by way."""

    @property
    def messages_per_second(self) -> float:
        """On all topics together; zero of no time."""
        return self.messages / self.seconds if self.seconds else 0.0


class Progress:
    """The live view on a terminal, or a line every few seconds in a log; called as often as one likes."""

    def __init__(self, console: Console, ledger: Ledger, total: int) -> None:
        self._console, self._ledger, self._total = console, ledger, total
        self._live = Live(console=console, refresh_per_second=4, transient=True) if console.is_terminal else None
        self._every = 0.25 if self._live else 5.0
        self._began = self._shown = time.monotonic()

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._live:
            self._live.stop()

    def __call__(self) -> None:
        """The view is at most so old."""
        now = time.monotonic()
        if now - self._shown < self._every:
            return
        self._shown, seconds = now, now - self._began
        counts = counted(self._ledger)
        if self._live:
            self._live.update(bars(counts, self._total, seconds))
        else:
            self._console.print(line(counts, seconds), highlight=False, soft_wrap=True)


def counted(ledger: Ledger) -> Counter[str]:
    """Submitted cases by the stages they have reached."""
    counts = Counter(stage for case_id in ledger.submitted for stage in ledger.stories[case_id].first_at)
    counts["submitted"] = len(ledger.submitted)
    return counts


def bars(counts: Counter[str], total: int, seconds: float) -> Group:
    """A bar per stage."""
    table = Table.grid(padding=(0, 2))
    for stage, name in {"submitted": "递交 submitted", **STAGES}.items():
        table.add_row(name, ProgressBar(total=max(1, total), completed=counts[stage], width=40), f"{counts[stage]:>7}")
    return Group(Text(f"件件有回音、事事有着落   {seconds:5.1f} s", style="bold"), table)


def line(counts: Counter[str], seconds: float) -> str:
    """The same for a log."""
    shown = ("submitted", "registered", "refused", "assigned", "closed", "answer", "rated")
    words = {"answer": "answered"}
    return f"  {seconds:4.0f} s  " + "  ".join(f"{words.get(stage, stage)} {counts[stage]}" for stage in shown)


def reached(ledger: Ledger, stage: str) -> list[float]:
    """Seconds from submission to a stage, of every case that reached it."""
    return [
        max(0.0, (story.first_at[stage] - at).total_seconds())
        for case_id, at in ledger.submitted.items()
        if stage in (story := ledger.stories[case_id]).first_at
    ]


def stages(ledger: Ledger) -> Table:
    """Count, share and time of every stage."""
    table = Table("stage", "cases", "share", "p50 s", "p99 s", title="阶段 Stages · seconds from submission")
    for column in table.columns[1:]:
        column.justify = "right"
    for stage, name in STAGES.items():
        seconds = reached(ledger, stage)
        found = quantiles(seconds)
        times = [f"{each:.2f}" for each in found] if found else ["–", "–"]
        table.add_row(name, str(len(seconds)), f"{len(seconds) / max(1, len(ledger.submitted)):.1%}", *times)
    return table


def notices(audit: Audit, pace: Pace) -> Table:
    """What went which way to complainants and staff, and what each provider really took."""
    title = f"告知 Notices · {audit.staff_told} of {audit.staff_owed} to staff"
    table = Table("way", "told", "taken by its provider", "given up, next way told", title=title)
    for column in table.columns[1:]:
        column.justify = "right"
    for way, name in WAYS.items():
        took = str(pace.taken[way]) if way in pace.taken else "–"
        table.add_row(name, str(audit.notices.get(way, 0)), took, str(audit.missed.get(way, 0)))
    return table


def verdict(audit: Audit, rows_refused: int, silent: Sequence[Silent] = ()) -> Panel:
    """The sums that must be right, and whether they are; and who is silent in spite of the promise."""
    a = audit
    lines = [
        _sum(
            a.submitted == a.registered + a.refused,
            "submitted",
            a.submitted,
            registered=a.registered,
            refused=a.refused,
        ),
        _sum(
            a.registered == a.closed + a.open_with_owner,
            "registered",
            a.registered,
            closed=a.closed,
            open_with_an_owner=a.open_with_owner,
        ),
        _sum(a.acknowledged == a.registered, "registered", a.registered, acknowledged=a.acknowledged),
        _sum(a.answered == a.closed, "closed", a.closed, answered=a.answered),
        f"{_mark(not a.lost)} lost {a.lost}",
        f"{_mark(not a.duplicated)} duplicated {a.duplicated}",
        f"{_mark(not silent)} silent {len(silent)}",
        f"  dead letters {a.dead_letters} · rows refused before submission {rows_refused}",
    ]
    lines += [f"  refused, {code}: {count}" for code, count in sorted(a.reasons.items())]
    lines += [f"  {escape(fault)}" for fault in a.faults[:10]]
    if len(a.faults) > 10:
        lines.append("  … all of them in the report")
    lines += [f"  silent: {escape(str(each))}" for each in silent[:10]]
    passed = a.passed and not silent
    colour = "green" if passed else "red"
    title = "审计通过 The audit passes" if passed else "审计不通过 The audit FAILS"
    return Panel("\n".join(lines), title=title, border_style=colour, expand=False)


def _mark(right: bool) -> str:
    return "[green]✓[/green]" if right else "[red]✗[/red]"


def _sum(right: bool, what: str, whole: int, **parts: int) -> str:
    told = " + ".join(f"{name.replace('_', ' ')} {count}" for name, count in parts.items())
    return f"{_mark(right)} {what} {whole} {'=' if right else '≠'} {told}"


def summary(audit: Audit, pace: Pace) -> str:
    """One line to remember."""
    rate = f"{pace.messages_per_second:,.0f} messages/s"
    told = (
        f"{pace.taken.get('email', 0)} mails, {pace.taken.get('sms', 0)} SMS, {pace.taken.get('webhook', 0)} webhooks"
    )
    inbox = f"{audit.notices.get('inbox', 0)} in inboxes, {sum(audit.missed.values())} ways given up"
    return f"{audit.submitted} complaints, {pace.messages} messages, {told}, {inbox} in {pace.seconds:.1f} s: {rate}"


def report(
    ledger: Ledger, audit: Audit, rows_refused: int, engine: str, pace: Pace, silent: Sequence[Silent] = ()
) -> dict[str, Any]:
    """The same figures for machines."""
    return {
        **{name: getattr(audit, name) for name in FIGURES},
        "rows_refused": rows_refused,
        "mails": pace.taken.get("email", 0),
        "sms": pace.taken.get("sms", 0),
        "webhooks": pace.taken.get("webhook", 0),
        "notices": {way: audit.notices.get(way, 0) for way in WAYS},
        "ways_given_up": dict(audit.missed),
        "refusal_reasons": dict(audit.reasons),
        "faults": list(audit.faults),
        "passed": audit.passed and not silent,
        "silent": [str(each) for each in silent],
        "engine": engine,
        "seconds": round(pace.seconds, 2),
        "messages": pace.messages,
        "messages_per_second": round(pace.messages_per_second, 1),
        "complaints_per_second": round(audit.submitted / pace.seconds, 1) if pace.seconds else None,
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


def pages(console: Console, pages: Pages) -> None:
    """Addresses of the apps with pages, and who may sign in to them."""
    console.print("打开 Open in a browser:", style="bold")
    for app in pages.apps:
        console.print(f"  {pages.url(app.name)}{app.first:10} {app.zh} {app.name}, {app.en}", soft_wrap=True)
    console.print(f"试用账号 Trial accounts, password [bold]{pages.password}[/bold]:", highlight=False)
    for account in pages.accounts:
        console.print(f"  {account.login:13} {account.zh}, {account.en} ({', '.join(account.posts)})", soft_wrap=True)


def memory(megabytes: Mapping[str, int]) -> Table:
    """Memory of each process."""
    table = Table("process", "memory MB", title="内存 Memory")
    table.columns[1].justify = "right"
    for name, size in megabytes.items():
        table.add_row(name, str(size))
    return table


def addresses(console: Console, urls: dict[str, str], exports: dict[str, str], directory: Path) -> None:
    """Where everything can be looked at while it is left running, and how it ends."""
    console.print("仍在运行 Still running:", style="bold")
    for name, url in urls.items():
        console.print(f"  {name:8} {url}/readyz  /metrics  /asyncapi", soft_wrap=True)
    for name, value in exports.items():
        console.print(f"export {name}={value}", soft_wrap=True, highlight=False)
    console.print(
        f"export XN_DEAD_LETTER_KEY=$(cat {directory / 'keys' / 'dead-letters'})", soft_wrap=True, highlight=False
    )
    console.print(JOINING, soft_wrap=True, highlight=False)
    console.print("Departments and citizens stay at work. Ctrl-C ends everything.")
