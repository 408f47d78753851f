"""The same complainant, the same matter: linked to the first time, counted, and found well enough to be relied on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.channel import Contact
from contracts.codes import ReplyBy
from contracts.intake import CaseRegistered, RepeatLinked
from contracts.message import case_id_for
from infra.decision import Decision
from services.intake.domain.numbering import Numbers
from services.intake.domain.registration import Registration
from services.intake.domain.repeats import (
    MOST_COMPARED,
    Earlier,
    Supplies,
    complainant_of,
    earlier_of,
    matter_of,
    repeat_of,
    similarity,
)
from tests.unit.services.intake.labelled import pairs
from tests.unit.services.intake.test_submission import RULES, submission
from tests.unit.services.speaking import AT, context, decided, only

ANNA = Contact(name="林小满", phone="138 0000 0000", reply_by=ReplyBy.CHANNEL)
TEXT = "楼下烧烤店凌晨仍在营业，音响开得很大，老人孩子都没法睡。"
AGAIN = "上次反映过的楼下烧烤店还是凌晨营业，音响很大，全家没法睡！"


class Desk:
    """Registers one complaint after the other."""

    def __init__(self) -> None:
        self.supplies = Supplies(Numbers())
        for prefix in ("BC", "NC"):
            self.supplies.numbers.add(f"{prefix}-20261123", range(1, 100))
        self.count = 0

    def register(self, **changes: Any) -> Decision[Registration]:
        self.count += 1
        said = submission(**{"external_id": f"x{self.count}", "contact": ANNA, "text": TEXT, **changes})
        key = case_id_for("web", said.external_id)
        return decided(RULES.decide(None, said, context("web", supplies=self.supplies, key=key)))


def linked(decision: Decision[Registration]) -> RepeatLinked | None:
    found = [event for event in decision.events if isinstance(event, RepeatLinked)]
    return found[0] if found else None


def test_the_same_matter_is_linked_to_the_first_time_and_counted() -> None:
    desk = Desk()
    first = desk.register()
    assert linked(first) is None
    number = only(CaseRegistered, first.events).number
    for count in (1, 2, 3):
        again = linked(desk.register(text=AGAIN))
        assert again is not None
        assert (again.first_case_id, again.first_number, again.count) == (case_id_for("web", "x1"), number, count)
        assert again.similarity is not None
        assert again.by is None


def test_a_repeat_is_registered_and_numbered_like_any_other() -> None:
    desk = Desk()
    numbers = {only(CaseRegistered, desk.register().events).number for _ in range(3)}
    assert len(numbers) == 3


@pytest.mark.parametrize(
    "changes",
    [
        {"contact": Contact(phone="13900000000", reply_by=ReplyBy.CHANNEL)},
        {"contact": None},
        {"area": "nancheng"},
        {"text": "自来水停了两天，没法做饭洗衣，希望尽快恢复供水。", "category": "water-outage"},
    ],
    ids=["somebody else", "nobody known", "elsewhere", "another matter"],
)
def test_what_is_no_repeat(changes: dict[str, Any]) -> None:
    desk = Desk()
    desk.register()
    assert linked(desk.register(**changes)) is None


def test_who_sends_thousands_is_compared_with_the_latest_only() -> None:
    desk = Desk()
    for _ in range(MOST_COMPARED + 5):
        desk.register()
    (known,) = desk.supplies.earlier.values()
    assert [each.case_id for each in known] == [case_id_for("web", f"x{n}") for n in range(6, MOST_COMPARED + 6)]
    again = linked(desk.register(text=AGAIN))
    assert again is not None
    assert (again.first_case_id, again.count) == (case_id_for("web", "x1"), MOST_COMPARED + 5)


def test_after_a_year_it_is_a_new_matter() -> None:
    desk = Desk()
    case = desk.register().state
    assert case is not None
    for days, found in ((365, True), (366, False)):
        at = AT + timedelta(days=days)
        again = repeat_of(case.category, case.area, case.matter, at, [earlier_of("id", case)], 365)
        assert (again is not None) == found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *(("13800000000", each) for each in ("+86 138-0000-0000", "0086 13800000000", "１３８ ００００ ００００")),
        ("010 6552 9988", "+86 (0)10 6552-9988"),
        ("tel:+1-202-555-0143", "+1 (202) 555 0143"),
    ],
)
def test_a_complainant_is_the_same_however_the_number_is_written(one: str, other: str) -> None:
    assert who(phone=one) == who(phone=other) is not None


def test_a_number_with_an_extension_is_another_than_the_one_without() -> None:
    assert who(phone="010 6552 9988转12") != who(phone="010 6552 9988")


def who(**contact: Any) -> str | None:
    return complainant_of(Contact(**contact, reply_by=ReplyBy.CHANNEL), b"key", "CN")


def test_a_reference_says_nothing_and_needs_the_key() -> None:
    found = complainant_of(ANNA, b"key", "CN")
    assert found
    assert "138" not in found[:5]
    assert found != complainant_of(ANNA, b"another key", "CN")
    assert only(CaseRegistered, Desk().register().events).complainant == complainant_of(ANNA, RULES.trace_key, "CN")


def test_mail_is_a_way_to_be_known_where_there_is_no_telephone() -> None:
    assert who(email="Li@city.example") == who(email="li@city.example ") is not None


def test_what_was_registered_survives_being_saved() -> None:
    desk = Desk()
    desk.register()
    state = desk.register(text=AGAIN).state
    assert state is not None
    read = Registration.model_validate(state.model_dump(mode="json"))
    assert earlier_of("id", read) == earlier_of("id", state)
    assert read.repeats == 1


@given(st.text(max_size=60), st.text(max_size=60))
def test_similarity_is_a_share_and_the_same_both_ways(one: str, other: str) -> None:
    a, b = matter_of("", one), matter_of("", other)
    assert 0 <= similarity(a, b) <= 1
    assert similarity(a, b) == similarity(b, a)
    assert similarity(a, a) in {0, 1}


def test_repeats_are_found_with_the_precision_and_recall_that_the_docs_name() -> None:
    """Measured on pairs of another seed than the one the limits were chosen with."""
    right = wrong = missed = 0
    for one, other, same in pairs(seed=20261123, count=4_000):
        known = Earlier("first", "N-1", AT, one.category, one.area, matter_of("", one.text))
        found = repeat_of(other.category, other.area, matter_of("", other.text), AT, [known], 365) is not None
        right += found and same
        wrong += found and not same
        missed += same and not found
    precision, recall = right / (right + wrong), right / (right + missed)
    print(f"precision {precision:.3f}, recall {recall:.3f}")
    assert precision > 0.9
    assert recall > 0.93
