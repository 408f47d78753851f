"""The people of a demo: channels that submit, departments that handle, citizens who rate, and one who watches."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from apps.channel.feed import Feed
from apps.channel.replies import Citizens, Replies
from apps.channel.rows import Row, RowRead
from apps.departments.behaviour import Behaviour
from apps.departments.desk import Desk
from apps.departments.dispatcher import Dispatcher
from xn.audit import Ledger
from xn.demo.city import SESSION_TIMEOUT_MS, City
from xn.observe import Observer


class People:
    """Ordinary clients of the bus, each on its own topics."""

    def __init__(self, city: City, ledger: Ledger, *, seed: int, refusals: Path) -> None:
        bootstrap = city.engines.bootstrap
        behaviour = Behaviour(seed, choose=Dispatcher.read(city.place, seed=seed))
        self._city = city
        self._ledger = ledger
        self.desk = Desk(bootstrap, city.units, behaviour, session_timeout_ms=SESSION_TIMEOUT_MS)
        self.replies = Replies(bootstrap, city.channels, citizens=Citizens(seed))
        self.feed = Feed(bootstrap, refusals_path=refusals)
        self._refusals = refusals
        self._lines: dict[str, set[int]] = {}
        """Lines of the input by case."""
        self.rows_refused = 0
        self.seen = 0
        """Events on the bus, each once."""

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Departments answer and citizens rate as long as this lasts. Raises what made one of them give up."""
        tasks = [asyncio.create_task(self.desk.run()), asyncio.create_task(self.replies.run())]
        try:
            yield
        finally:
            self.desk.stop()
            self.replies.stop()
            done, late = await asyncio.wait(tasks, timeout=10)
            for task in late:
                task.cancel()
            for task in done:
                task.result()

    async def live(self, rows: Iterable[Row], deadline: float, tick: Callable[[], None]) -> None:
        """Everything is submitted, and nothing is owed to anybody, or `deadline` seconds have passed."""
        async with Observer(self._city.engines.bootstrap, self._city.topics_seen()) as observer:
            submitting = asyncio.create_task(self._submit(rows))
            try:
                async with asyncio.timeout(deadline):
                    while not submitting.done() or self._ledger.unsettled():
                        await self._watch(observer)
                        tick()
                        if submitting.done():
                            submitting.result()
                    await self._until_quiet(observer, tick)
            except TimeoutError:
                pass  # the audit tells what is missing
            finally:
                submitting.cancel()

    async def _submit(self, rows: Iterable[Row]) -> None:
        """All is with the broker. What it would never take (too large a row) is not submitted, and written down."""
        position = await self.feed.run(self._noted(rows))
        self.rows_refused = position.refused
        refused = {json.loads(line)["line"] for line in self._refusals.read_text(encoding="utf-8").splitlines()}
        for case_id, lines in self._lines.items():
            if lines <= refused:
                self._ledger.withdraw(case_id)

    def _noted(self, rows: Iterable[Row]) -> Iterable[Row]:
        for row in rows:
            if isinstance(row, RowRead):
                self._lines.setdefault(row.complaint.case_id, set()).add(row.line)
                self._ledger.submit(row.complaint.case_id, datetime.now(UTC))
            yield row

    async def _watch(self, observer: Observer) -> int:
        observed = await observer.poll()
        for _, envelope, message in observed:
            self.seen += self._ledger.see(envelope.id, message)
        return len(observed)

    async def _until_quiet(self, observer: Observer, tick: Callable[[], None], polls: int = 15) -> None:
        """Every rating is answered, and nothing comes any more: duplicates would be seen."""
        quiet = 0
        while quiet < polls or self._ledger.unsettled() or self.replies.counts["rating"] < self.replies.counts["rated"]:
            quiet = 0 if await self._watch(observer) else quiet + 1
            tick()
