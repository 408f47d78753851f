"""Steps of a procedure and the errors in them (ISO9000, S2): order, posts, the end of an item, and the score."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from contracts.codes import RefusalCode
from contracts.items import FinishItem, ItemFinished, ItemRefused, RecordStep, StepRecorded
from infra.decision import Subject
from infra.place import read_place
from services.scoring.domain.decide import Rules
from services.scoring.domain.scores.counting import Tallies
from services.scoring.domain.scores.items import ItemTallies, WatchedItem, item_addends
from services.scoring.domain.scores.period import Period
from services.scoring.domain.scores.scorecard import scorecard
from tests.support.deployment import ROOT
from tests.unit.services.scoring.test_items import Watcher, said, watch
from tests.unit.services.speaking import AT, only, told

FILES = read_place(ROOT / "policies" / "jiangmen-2008")
RULES = Rules.from_tables(FILES.version, FILES.tables)
UNIT, MATTER = "planning", "leader-instruction"
STEPS = ("registered", "assigned", "handled", "reviewed", "reported")
HOUR = timedelta(hours=1)


def instruction(*done: str, **errors: str) -> tuple[Watcher, int]:
    """An item whose given steps are done, one per hour."""
    it = Watcher(watch(unit=UNIT, matter=MATTER), rules=RULES)
    for n, step in enumerate(done, 1):
        it.hear(said(RecordStep, AT + n * HOUR, step=step, error=errors.get(step)), AT + n * HOUR)
    return it, len(done) + 1


def refused(it: Watcher, subject: Subject, n: int) -> list[tuple[str, str | None]]:
    before = it.item
    reasons = told(only(ItemRefused, it.hear(subject, AT + n * HOUR)).reasons)
    assert it.item == before
    return reasons


def test_each_step_is_done_in_its_order_and_the_item_ends_after_the_last() -> None:
    it, n = instruction(*STEPS)
    assert [each.step for each in it.held.steps] == list(STEPS)
    assert only(ItemFinished, it.hear(said(FinishItem, AT + n * HOUR), AT + n * HOUR)).on_time


def test_a_step_is_told_with_its_unit_post_and_error() -> None:
    it, n = instruction("registered")
    step = said(RecordStep, AT + n * HOUR, step="assigned", post="planning.officer-1", error="shelved")
    recorded = only(StepRecorded, it.hear(step, AT + n * HOUR))
    assert (recorded.unit, recorded.matter, recorded.step) == (UNIT, MATTER, "assigned")
    assert (recorded.post, recorded.error, recorded.done_at) == ("planning.officer-1", "shelved", AT + n * HOUR)


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"step": "dreamt"}, RefusalCode.STEP_UNKNOWN, "step"),
        ({"step": "handled"}, RefusalCode.STEP_OUT_OF_ORDER, "step"),
        ({"step": "assigned", "post": "planning.cook"}, RefusalCode.STEP_POST_WRONG, "post"),
        ({"step": "assigned", "post": "economy.officer-1"}, RefusalCode.STEP_POST_WRONG, "post"),
        ({"step": "assigned", "error": "bad-luck"}, RefusalCode.STEP_ERROR_UNKNOWN, "error"),
    ],
)
def test_what_does_not_fit_the_procedure_is_refused_with_code_and_field(
    fields: dict[str, Any], code: RefusalCode, field: str
) -> None:
    it, n = instruction("registered")
    assert refused(it, said(RecordStep, AT + n * HOUR, **fields), n) == [(code, field)]


def test_an_item_without_a_procedure_has_no_steps_and_ends_without_any() -> None:
    it = Watcher(watch(unit=UNIT, matter="business-licence"), rules=RULES)
    assert refused(it, said(RecordStep, AT + HOUR, step="registered"), 1) == [(RefusalCode.STEP_UNKNOWN, "step")]
    assert only(ItemFinished, it.hear(said(FinishItem, AT + HOUR), AT + HOUR)).on_time


def test_an_item_does_not_end_before_its_last_step_unless_it_is_cancelled_or_handed_back() -> None:
    it, n = instruction(*STEPS[:3])
    before = it.item
    reasons = only(ItemRefused, it.hear(said(FinishItem, AT + n * HOUR), AT + n * HOUR)).reasons
    assert (told(reasons), "'reviewed'" in reasons[0].en) == ([(RefusalCode.STEPS_OPEN, None)], True)
    for given in ({"cancelled": True}, {"reason": "不属于本部门职责"}):
        it.item = before
        assert only(ItemFinished, it.hear(said(FinishItem, AT + n * HOUR, **given), AT + n * HOUR)).cancelled is bool(
            given.get("cancelled")
        )


def test_a_step_that_was_wrong_is_done_again_and_its_error_stays() -> None:
    it, n = instruction("registered", "assigned", assigned="buck-passing")
    only(StepRecorded, it.hear(said(RecordStep, AT + n * HOUR, step="assigned"), AT + n * HOUR))
    assert [(each.step, each.error) for each in it.held.steps] == [
        ("registered", None),
        ("assigned", "buck-passing"),
        ("assigned", None),
    ]
    late = said(RecordStep, AT + HOUR, step="handled")
    assert refused(it, late, n) == [(RefusalCode.ISSUED_TOO_EARLY, "issued_at")], "steps come in order of their time"


def test_each_error_costs_the_unit_a_point_and_opens_into_its_items() -> None:
    policy = RULES.scores
    assert policy is not None
    it, _ = instruction("registered", "assigned", "assigned", registered="late", assigned="shelved")
    clean, _ = instruction("registered")
    kept = [
        WatchedItem.of_kept(name, json.loads(each.held.model_dump_json())) for name, each in (("a", it), ("b", clean))
    ]
    span = policy.span(Period.parse(f"{AT:%Y-%m}"))
    tallies = ItemTallies(span, kept)
    assert tallies.count(UNIT, "item.step-errors") == 3
    found = [(each.item.key, each.adds) for each in item_addends("item.step-errors", span, kept)]
    assert found == [("a", 3)]
    card = scorecard(policy.members[UNIT], Tallies(span, policy.parts), [], policy, tallies)
    (line,) = [each for each in card.lines if each.id == "procedure-errors"]
    assert (str(line.value), str(line.adds)) == ("3", "-3")
    month_before = policy.span(Period.parse("2026-01"))
    assert ItemTallies(month_before, kept).count(UNIT, "item.step-errors") == 0
