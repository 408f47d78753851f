"""Complaints to the bus: each is published until the broker has it, and its trace begins here."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from uuid import UUID, uuid5

from opentelemetry.trace import SpanKind

from apps.channel.progress import Entry, OnProgress, Position, Progress
from apps.channel.rows import RowRead, RowRefused, both
from apps.trace import span
from apps.wire import MOST_BYTES, TOO_LARGE, Sender
from contracts.channel import SubmitComplaint
from contracts.envelope import encode


class Feed:
    """A partner's feed of complaints. Each goes to the topic of its own channel.

    `source` names the sender in every envelope; without it, ``/channels/<channel>``. With `progress_path` a second run
    over the same input goes on where the first stopped; refused rows are written to `refusals_path` as JSON lines.
    """

    def __init__(
        self,
        bootstrap: str,
        source: str | None = None,
        *,
        progress_path: Path | None = None,
        refusals_path: Path | None = None,
        on_progress: OnProgress = lambda sent, refused: None,
        in_flight: int = 500,
    ) -> None:
        """Nothing is connected yet. At most `in_flight` complaints wait for the broker at any time."""
        self._bootstrap = bootstrap
        self._source = source
        self._progress_path = progress_path
        self._refusals_path = refusals_path
        self._on_progress = on_progress
        self._in_flight = in_flight

    async def run(self, rows: Iterable[RowRead | RowRefused], *, fingerprint: str = "") -> Position:
        """Every row is with the broker or written down as refused; the counts include those of earlier runs.

        `fingerprint` tells this input from others. A broker that is away is waited for. Raises one of
        `apps.wire.FINAL` (no right to write, say), with the position saved.
        """
        progress = Progress(self._progress_path, self._refusals_path, fingerprint, self._on_progress)
        done_before = progress.position.line
        try:
            async with Sender(self._bootstrap, "channel-feed") as sender:
                await self._send_all(sender, progress, (row for row in rows if row.line > done_before))
        finally:
            progress.save()
        return progress.position

    async def _send_all(self, sender: Sender, progress: Progress, rows: Iterable[RowRead | RowRefused]) -> None:
        slots = asyncio.Semaphore(self._in_flight)
        latest: dict[str, asyncio.Task[None]] = {}
        try:
            async with asyncio.TaskGroup() as group:
                for row in rows:
                    entry = progress.begin(row)
                    if isinstance(row, RowRefused):
                        progress.settle(entry)
                        continue
                    await slots.acquire()
                    key = row.complaint.key
                    task = group.create_task(self._send(sender, progress, entry, row, latest.get(key)))
                    latest[key] = task
                    task.add_done_callback(partial(_free, slots, latest, key))
        except BaseExceptionGroup as several:
            raise several.exceptions[0] from None

    async def _send(
        self, sender: Sender, progress: Progress, entry: Entry, row: RowRead, before: asyncio.Task[None] | None
    ) -> None:
        """The row is settled. Rows of one case keep their order."""
        if before is not None:
            await asyncio.wait([before])
        complaint = row.complaint
        source = self._source or f"/channels/{complaint.channel}"
        name = submission_id(complaint)
        attributes = {
            "messaging.system": "kafka",
            "messaging.operation.type": "send",
            "messaging.destination.name": complaint.topic,
            "messaging.message.id": name,
            "xn.case.id": complaint.case_id,
        }
        refused = None
        with span(f"submit {complaint.topic}", SpanKind.PRODUCER, attributes=attributes) as traceparent:
            try:
                await sender.send(encode(complaint, id=name, source=source, traceparent=traceparent))
            except TOO_LARGE:
                why = both(f"larger than the broker takes ({MOST_BYTES} bytes)", f"超过上限{MOST_BYTES}字节")
                refused = RowRefused(row.line, "", why)
        progress.settle(entry, refused)


def submission_id(complaint: SubmitComplaint) -> str:
    """The CloudEvents id of a submission: the same words under the same reference are the same message."""
    content = hashlib.sha256(complaint.model_dump_json().encode()).hexdigest()
    return str(uuid5(UUID(complaint.case_id), content))


def _free(slots: asyncio.Semaphore, latest: dict[str, asyncio.Task[None]], key: str, task: asyncio.Task[None]) -> None:
    slots.release()
    if latest.get(key) is task:
        del latest[key]
