"""Rules of watched items (电子监察): which commands of a system hold, and what follows. Source: S2, S1¶3, S3."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from contracts.codes import RefusalCode, Stage
from contracts.items import (
    FinishItem,
    ItemCommand,
    ItemRefused,
    PauseItem,
    RecordStep,
    ResumeItem,
    WatchItem,
)
from contracts.refusals import Reason, reason, unreadable
from infra.decision import Context, Decision, Due, Subject, Unreadable
from services.scoring.domain import clock as clocks
from services.scoring.domain.case_rules import CalendarChanged
from services.scoring.domain.clock import Clock
from services.scoring.domain.item import Item, filed
from services.scoring.domain.item_announcing import ItemFacts
from services.scoring.domain.item_pauses import lapsed, lapses_at, left
from services.scoring.domain.item_steps import Procedures
from services.scoring.domain.item_types import ItemTypes, with_type
from services.scoring.domain.limits import Limits

COMMANDS = (WatchItem, PauseItem, ResumeItem, FinishItem, RecordStep)
"""Commands of a system."""
CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far a system's clock may be ahead of ours."""


@dataclass(frozen=True)
class ItemRules:
    """Rules of one place: calendar, alarms and unit tree from `limits`. The time limit comes with each item."""

    limits: Limits
    types: ItemTypes = field(default_factory=lambda: ItemTypes({}))
    procedures: Procedures = field(default_factory=lambda: Procedures({}))

    def decide(self, item: Item | None, subject: Subject, context: Context) -> Decision[Item]:
        """The next state of an item, and the events for its system."""
        match subject:
            case WatchItem():
                return self._watch(item, subject, context)
            case PauseItem() | ResumeItem() | FinishItem() | RecordStep():
                return self._go_on(item, subject, context)
            case Due() | CalendarChanged() if item is not None:
                return self._to(item, self._look(item.clock, subject, context), context)
            case Unreadable():
                answer = _refused(context, subject.type, subject.external_id or "", unreadable(subject))
                return Decision(item, (answer.model_copy(update={"record": subject.origin}),))
            case _:
                return Decision(item)

    def due(self, item: Item) -> datetime | None:
        """The instant of the next alarm; while the clock is paused, the latest end of the pause."""
        return item.clock.next_at if item.clock.still_since is None else lapses_at(item.clock, self.limits)

    @staticmethod
    def is_open(item: Item) -> bool:
        """Whether the item is unfinished."""
        return item.clock.running

    def _look(self, clock: Clock, subject: Due | CalendarChanged, context: Context) -> Clock:
        if not clock.running:
            return clock
        if isinstance(subject, CalendarChanged):
            return clocks.reckoned(clock, self.limits)
        return clocks.reach(lapsed(clock, context.at, self.limits), context.at)

    def _watch(self, item: Item | None, watch: WatchItem, context: Context) -> Decision[Item]:
        if item is not None:
            same = (item.matter, item.clock.started_at, item.clock.limit) == (
                watch.matter,
                watch.started_at,
                watch.limit,
            )
            return Decision(item) if same else _refuse(item, watch, context, RefusalCode.ITEM_WATCHED)
        if watch.unit not in self.limits.units:
            return _refuse(None, watch, context, RefusalCode.UNIT_UNKNOWN, "unit")
        if watch.started_at > context.at:
            return _refuse(None, watch, context, RefusalCode.STARTED_IN_FUTURE, "started_at")
        if watch.issued_at > context.at + CLOCK_TOLERANCE:
            return _refuse(None, watch, context, RefusalCode.ISSUED_IN_FUTURE, "issued_at")
        if (fault := self.types.fault_of_watch(watch, self.limits)) is not None:
            return _refuse_for(None, watch, context, fault)
        clock = clocks.start(Stage.ITEM, watch.unit, watch.started_at, watch.limit, "item", self.limits)
        known = Item(system=context.speaker, external_id=watch.external_id, matter=watch.matter, clock=clock)
        known = known.model_copy(update={"types": with_type((), watch.type)})
        return Decision(filed(known, self.limits), (ItemFacts(known, context, self.limits).watched(watch),))

    def _go_on(
        self, item: Item | None, command: PauseItem | ResumeItem | FinishItem | RecordStep, context: Context
    ) -> Decision[Item]:
        if item is None:
            return _refuse(None, command, context, RefusalCode.ITEM_UNKNOWN)
        if not item.clock.running:
            return _refuse(item, command, context, RefusalCode.ITEM_FINISHED)
        at = min(command.issued_at, context.at)
        if command.issued_at > context.at + CLOCK_TOLERANCE:
            return _refuse(item, command, context, RefusalCode.ISSUED_IN_FUTURE, "issued_at")
        if at < item.known_at:
            known_at = f"{item.known_at.astimezone(self.limits.timezone):%Y-%m-%d %H:%M}"
            return _refuse(item, command, context, RefusalCode.ISSUED_TOO_EARLY, "issued_at", known_at=known_at)
        clock = lapsed(item.clock, at, self.limits)
        if isinstance(command, RecordStep):
            return self._step(item, command, at, context)
        if isinstance(command, FinishItem):
            return self._finish(item, clock, command, at, context)
        if isinstance(command, PauseItem):
            return self._pause(item, clock, command, at, context)
        awake = clocks.resume(clock, tuple(each.reason for each in clock.open_pauses), at, self.limits)
        if awake == item.clock:
            return _refuse(item, command, context, RefusalCode.ITEM_NOT_PAUSED)
        return self._to(item, awake, context)

    def _step(self, item: Item, command: RecordStep, at: datetime, context: Context) -> Decision[Item]:
        """Record the step and its error, if any."""
        fault = self.procedures.fault_of_step(command, item.matter, item.clock.unit, item.steps)
        if fault is not None:
            return _refuse_for(item, command, context, fault)
        done = self.procedures.done(command, item.matter, at)
        told = ItemFacts(item, context, self.limits).step_recorded(done)
        return Decision(item.model_copy(update={"steps": (*item.steps, done)}), (told,))

    def _finish(self, item: Item, clock: Clock, command: FinishItem, at: datetime, context: Context) -> Decision[Item]:
        fault = self.types.fault_of_finish(command, item.types)
        fault = fault or self.procedures.fault_of_finish(command, item.matter, item.steps)
        if fault is not None:
            return _refuse_for(item, command, context, fault)
        ended = {"cancelled": command.cancelled, "reason": command.reason}
        item = item.model_copy(update={**ended, "types": with_type(item.types, command.type)})
        return self._to(item, clocks.stop(clock, at, self.limits), context)

    def _pause(self, item: Item, clock: Clock, command: PauseItem, at: datetime, context: Context) -> Decision[Item]:
        """Pause the clock, unless all pauses for this reason together have used up the time that the list allows."""
        if any(each.reason is command.reason for each in clock.open_pauses):
            return _refuse(item, command, context, RefusalCode.ITEM_PAUSED)
        rest = left(clock, command.reason, self.limits)
        if rest is None:
            return _refuse(item, command, context, RefusalCode.SUSPENSION_NOT_LISTED, "reason")
        if rest <= timedelta():
            most = self.limits.suspensions[command.reason].days
            return _refuse(item, command, context, RefusalCode.SUSPENSION_USED_UP, "reason", days=most)
        if (fault := self.types.fault_of_pause(command, item.types, item.told_at, self.limits)) is not None:
            return _refuse_for(item, command, context, fault)
        paused = {"types": with_type(item.types, command.type), "told_at": at if command.missing else item.told_at}
        still = clocks.pause(clock, command.reason, at)
        return self._to(item.model_copy(update=paused), still, context, command.missing)

    def _to(self, item: Item, clock: Clock, context: Context, missing: tuple[str, ...] = ()) -> Decision[Item]:
        """With that clock, and everything its system must know of the change."""
        events = ItemFacts(item, context, self.limits).changes(clock, missing)
        return Decision(filed(item.model_copy(update={"clock": clock}), self.limits), tuple(events))


def _refuse(
    item: Item | None,
    command: ItemCommand,
    context: Context,
    code: RefusalCode,
    field: str | None = None,
    **figures: object,
) -> Decision[Item]:
    return _refuse_for(item, command, context, reason(code, field, **figures))


def _refuse_for(item: Item | None, command: ItemCommand, context: Context, fault: Reason) -> Decision[Item]:
    return Decision(item, (_refused(context, command.TYPE, command.external_id, (fault,)),))


def _refused(context: Context, command: str, external_id: str, reasons: tuple[Reason, ...]) -> ItemRefused:
    return ItemRefused(
        system=context.speaker,
        external_id=external_id,
        occurred_at=context.at,
        command_id=context.message_id,
        command=command,
        reasons=reasons,
    )
