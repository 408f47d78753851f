"""Obligations of the item types of S3 (即办件 承诺件 联办件 上报件 退办件 补办件), as configured for Hangzhou."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from contracts.codes import PauseReason, RefusalCode
from contracts.items import FinishItem, ItemFinished, ItemMoved, ItemRefused, ItemWatched, PauseItem, ResumeItem
from contracts.limits import TimeLimit
from infra.decision import Subject
from infra.place import read_place
from services.scoring.domain.decide import Rules
from tests.support.deployment import ROOT
from tests.unit.services.scoring.test_items import Watcher, said, watch
from tests.unit.services.speaking import AT, only, told

FILES = read_place(ROOT / "policies" / "hangzhou-2004")
RULES = Rules.from_tables(FILES.version, FILES.tables)
UNIT, ABOVE, OTHER = "tangqi-window", "yuhang-centre", "commerce"
MISSING = ("房产证复印件", "委托书")
HOUR = timedelta(hours=1)


def typed(type: str | None, limit: str = "5 working days", **changes: Any) -> Subject:
    """An item of this type."""
    return watch(unit=UNIT, type=type, limit=TimeLimit.parse(limit), **changes)


def watcher(*heard: Subject) -> Watcher:
    return Watcher(*heard, rules=RULES)


def refused(it: Watcher, subject: Subject) -> list[tuple[str, str | None]]:
    """Code and field, and nothing has changed."""
    before = it.item
    reasons = told(only(ItemRefused, it.hear(subject, AT + HOUR)).reasons)
    assert it.item == before
    return reasons


@pytest.mark.parametrize(
    ("type", "limit", "changes"),
    [
        (None, "5 working days", {}),
        ("immediate", "0 working days", {}),
        ("immediate", "2 hours", {}),
        ("promised", "12 working days", {}),
        ("joint", "5 working days", {"co_handlers": (OTHER, "planning")}),
        ("forwarded", "5 working days", {"forwarded_to": ABOVE}),
        ("forwarded", "5 working days", {"forwarded_to": "service-centre"}),
        ("returned", "5 working days", {}),
        ("supplement", "5 working days", {}),
    ],
)
def test_an_item_that_keeps_what_its_type_asks_is_watched(
    type: str | None, limit: str, changes: dict[str, Any]
) -> None:
    watched = only(ItemWatched, watcher().hear(typed(type, limit, **changes)))
    assert (watched.type, watched.co_handlers, watched.forwarded_to) == (
        type,
        changes.get("co_handlers", ()),
        changes.get("forwarded_to"),
    )


@pytest.mark.parametrize(
    ("type", "limit", "changes", "code", "field"),
    [
        ("urgent", "5 working days", {}, RefusalCode.ITEM_TYPE_UNKNOWN, "type"),
        ("immediate", "1 working day", {}, RefusalCode.ITEM_LIMIT_TOO_LONG, "limit"),
        ("immediate", "9 hours", {}, RefusalCode.ITEM_LIMIT_TOO_LONG, "limit"),
        ("immediate", "1 calendar day", {}, RefusalCode.ITEM_LIMIT_TOO_LONG, "limit"),
        ("joint", "5 working days", {}, RefusalCode.ITEM_NOT_COORDINATED, "co_handlers"),
        ("joint", "5 working days", {"co_handlers": (UNIT, OTHER)}, RefusalCode.ITEM_NOT_COORDINATED, "co_handlers"),
        ("joint", "5 working days", {"co_handlers": ("atlantis",)}, RefusalCode.UNIT_UNKNOWN, "co_handlers"),
        ("forwarded", "5 working days", {}, RefusalCode.ITEM_NOT_FORWARDED, "forwarded_to"),
        ("forwarded", "5 working days", {"forwarded_to": OTHER}, RefusalCode.ITEM_NOT_FORWARDED, "forwarded_to"),
        ("forwarded", "5 working days", {"forwarded_to": UNIT}, RefusalCode.ITEM_NOT_FORWARDED, "forwarded_to"),
    ],
)
def test_an_item_that_breaks_what_its_type_asks_is_refused_with_code_and_field(
    type: str, limit: str, changes: dict[str, Any], code: RefusalCode, field: str
) -> None:
    assert refused(watcher(), typed(type, limit, **changes)) == [(code, field)]


def test_what_is_done_on_the_spot_is_never_paused_and_ends_the_same_day() -> None:
    """“即办件,现场办结”."""
    it = watcher(typed("immediate", "0 working days"))
    assert refused(it, said(PauseItem, AT + HOUR, reason=PauseReason.SUPPLEMENT, missing=MISSING)) == [
        (RefusalCode.ITEM_ON_THE_SPOT, "reason")
    ]
    finished = only(ItemFinished, it.hear(said(FinishItem, AT + HOUR), AT + HOUR))
    assert (finished.on_time, finished.types) == (True, ("immediate",))


def test_what_is_missing_is_named_completely_and_once() -> None:
    """“补办件,一次性告知”: a promised item with missing documents also becomes a supplement item."""
    it = watcher(typed("promised"))
    asked = {"reason": PauseReason.SUPPLEMENT, "type": "supplement"}
    assert refused(it, said(PauseItem, AT + HOUR, **asked)) == [(RefusalCode.ITEM_MISSING_UNNAMED, "missing")]
    moved = only(ItemMoved, it.hear(said(PauseItem, AT + HOUR, missing=MISSING, **asked), AT + HOUR))
    assert (moved.why, moved.types, moved.missing) == ("paused", ("promised", "supplement"), MISSING)
    again = AT + 2 * HOUR
    it.hear(said(ResumeItem, again), again)
    second = said(PauseItem, again + HOUR, reason=PauseReason.SUPPLEMENT, missing=("另一份材料",))
    reasons = only(ItemRefused, it.hear(second, again + HOUR)).reasons
    assert told(reasons) == [(RefusalCode.ITEM_TOLD_ALREADY, "missing")]
    assert AT.date().isoformat() in reasons[0].en


def test_a_promised_item_may_wait_for_others_without_being_a_supplement_item() -> None:
    it = watcher(typed("promised"))
    moved = only(ItemMoved, it.hear(said(PauseItem, AT + HOUR, reason=PauseReason.SUPPLEMENT), AT + HOUR))
    assert (moved.types, moved.missing) == (("promised",), ())


@pytest.mark.parametrize("first", ["promised", "returned"])
def test_what_is_handed_back_says_why(first: str) -> None:
    """“退办件,说明理由”, for items that had the type from the beginning or got it later."""
    it = watcher(typed(first))
    for reason in ("", " \n"):
        finish = said(FinishItem, AT + HOUR, type="returned", reason=reason)
        assert refused(it, finish) == [(RefusalCode.REASON_MISSING, "reason")]
    why = "不属于本窗口受理范围"
    finished = only(ItemFinished, it.hear(said(FinishItem, AT + HOUR, type="returned", reason=why), AT + HOUR))
    assert (finished.types, finished.reason) == (tuple(dict.fromkeys((first, "returned"))), why)


def test_a_type_that_the_place_does_not_have_is_refused_wherever_it_is_named() -> None:
    it = watcher(typed("promised"))
    for subject in (
        said(PauseItem, AT + HOUR, reason=PauseReason.SUPPLEMENT, type="urgent", missing=MISSING),
        said(FinishItem, AT + HOUR, type="urgent"),
    ):
        assert refused(it, subject) == [(RefusalCode.ITEM_TYPE_UNKNOWN, "type")]
