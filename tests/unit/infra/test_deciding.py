"""The decisions of a batch: in order per key, each message once, and what breaks our code stands aside."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.dead_letters import DeadLettered, DeadLetterReason, DeadLetterResolved
from contracts.envelope import encode
from contracts.message import Message
from infra.deciding import TooManyDeadLetters
from infra.document import verify_chain
from infra.reading import TIMER, internal, timer, unpack
from infra.sealing import Opener
from tests.unit.infra.bench import (
    AT,
    HOUR,
    KEY,
    SECRET,
    UNLUCKY,
    AskRefused,
    Rec,
    Ring,
    Rules,
    Rung,
    Shelf,
    Tally,
    added,
    ask,
    key_of,
    opened,
    rec,
    said,
    shelf,
)

A, B = key_of("a"), key_of("b")


def test_a_decision_is_saved_with_its_announcement() -> None:
    it = shelf()
    it.take(said(opened(A), "1"), said(added(A, 2), "2"))
    assert it.state(A) == Tally(total=2)
    assert it.notes(A) == ["opened", "added 2"]
    assert [entry.cause for entry in it.histories[A]] == ["1", "2"]
    assert it.rows[A]["version"] == 1


def test_a_second_batch_continues_the_history() -> None:
    it = shelf()
    it.take(said(opened(A), "1"))
    it.take(said(added(A, 2), "2"))
    assert [entry.position for entry in it.histories[A]] == [0, 1]
    assert verify_chain(it.histories[A]) is None
    assert (it.rows[A]["version"], it.rows[A]["length"]) == (2, 2)
    assert it.rows[A]["head"] == it.histories[A][-1].hash


@pytest.mark.parametrize("batches", [1, 2], ids=["in one batch", "in two batches"])
def test_the_same_message_again_is_dropped(batches: int) -> None:
    it = shelf()
    message = said(added(A, 2), "2", offset=5)
    again = said(added(A, 2), "2", offset=9)
    it.take(said(opened(A), "1"), message, *([again] if batches == 1 else []))
    if batches == 2:
        it.take(again)
    assert it.state(A) == Tally(total=2)
    assert it.metrics.duplicates._value.get() == 1


def test_the_same_id_on_two_topics_is_two_messages() -> None:
    it = shelf()
    it.take(said(opened(A), "1"), said(ask(A), "1"))
    assert it.notes(A) == ["opened", "asked by police"]


def test_a_message_that_changes_nothing_leaves_the_document_as_it_was() -> None:
    it = shelf()
    it.take(said(opened(A), "1"))
    before = dict(it.rows[A])
    it.take(said(added(A, 0), "2"))
    assert it.rows[A] == before


def test_keys_of_a_batch_do_not_touch_each_other() -> None:
    it = shelf()
    it.take(said(opened(A), "1"), said(opened(B), "2"), said(added(B, 7), "3"), said(added(A, 1), "4"))
    assert it.state(A) == Tally(total=1)
    assert it.state(B) == Tally(total=7)


# ---- refusals


def refusals(it: Shelf[Tally]) -> dict[str, float]:
    return {
        sample.labels["code"]: sample.value
        for metric in it.metrics.refusals.collect()
        for sample in metric.samples
        if sample.name == "xn_refusals_total" and sample.labels["type"] == AskRefused.TYPE
    }


def test_every_reason_of_a_refusal_is_counted_by_its_code() -> None:
    it = shelf()
    it.take(said(opened(A), "1"), said(ask(A, -1), "2"), said(ask(A, -2), "3"), said(ask(A, 5), "4"))
    assert refusals(it) == {"not-responsible": 2, "recused": 1}
    it.take(said(ask(A, -1), "2"))
    assert refusals(it) == {"not-responsible": 2, "recused": 1}


def test_a_refusal_about_what_nobody_knows_leaves_nothing_open() -> None:
    it = shelf()
    it.take(said(ask(A, -1), "1"))
    assert (it.state(A), it.rows[A]["open"], it.rows[A]["saved_at"]) == (None, False, AT)
    assert len(it.histories[A]) == 1


def test_what_waits_for_its_cause_is_open_and_what_came_of_nothing_is_not() -> None:
    it = shelf()
    it.take(said(added(A, 1), "1"))
    assert it.rows[A]["open"]
    it.tick(HOUR)
    assert (it.notes(A), it.rows[A]["open"]) == (["nobody came"], False)
    it.take(said(opened(A), "2"))
    assert it.rows[A]["open"]


# ---- before the cause


def test_messages_before_their_cause_wait_and_are_applied_in_order() -> None:
    it = shelf()
    it.take(said(added(A, 1), "1"), said(added(A, 2), "2"))
    it.take(said(added(A, 3), "3"))
    assert it.state(A) is None
    assert not it.histories[A]
    it.take(said(opened(A), "4"))
    assert it.notes(A) == ["opened", "added 1", "added 2", "added 3"]
    assert it.rows[A]["waiting"] == []


def test_a_waiting_message_keeps_its_trace_its_speaker_and_its_id() -> None:
    it = shelf()
    trace = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
    record = encode(added(A, 1), id="1", source="/test", traceparent=trace)
    it.take(rec(record))
    it.take(said(opened(A), "2"))
    entry = it.histories[A][1]
    assert entry.cause == "1"
    assert (entry.traceparent or "").split("-")[1] == "a" * 32


def test_a_timer_and_a_message_without_a_trace_belong_to_the_trace_of_the_document() -> None:
    it = shelf()
    it.take(
        rec(encode(opened(A, alarm_at=AT + HOUR), id="1", source="/test", traceparent=f"00-{'a' * 32}-{'b' * 16}-01"))
    )
    it.tick(HOUR)
    it.take(said(added(A, 1), "2"))
    it.take(rec(encode(added(A, 2), id="3", source="/test", traceparent=f"00-{'c' * 32}-{'d' * 16}-01")))
    assert it.notes(A) == ["opened", "alarm", "added 1", "added 2"]
    traces = [(entry.traceparent or "").split("-")[1] for entry in it.histories[A]]
    assert traces == ["a" * 32, "a" * 32, "a" * 32, "c" * 32], "who has one of its own keeps it"


def test_a_duplicate_of_a_waiting_message_is_dropped() -> None:
    it = shelf()
    it.take(said(added(A, 1), "1"), said(added(A, 1), "1"))
    it.take(said(added(A, 1), "1"), said(opened(A), "2"))
    assert it.state(A) == Tally(total=1)


def test_a_message_that_has_waited_long_enough_is_asked_a_last_time() -> None:
    it = shelf()
    it.take(said(added(A, 1), "1"))
    assert it.tick(HOUR - timedelta(milliseconds=1)) == 0
    assert it.tick(timedelta(milliseconds=1)) == 1
    assert it.notes(A) == ["nobody came"]
    assert it.rows[A]["waiting"] == []
    assert "due_at" not in it.rows[A]


def test_each_message_has_its_own_patience() -> None:
    it = shelf()
    it.take(said(added(A, 1), "1"))
    it.at += HOUR / 2
    it.take(said(added(A, 2), "2"))
    it.tick(HOUR / 2)
    assert [held["message_id"] for held in it.rows[A]["waiting"]] == ["2"]
    assert it.rows[A]["due_at"] == AT + HOUR * 1.5


def test_rules_that_want_to_wait_for_ever_are_broken_rules() -> None:
    it = shelf(Rules(patient=False))
    it.take(said(added(A, 1), "1"))
    it.tick(HOUR)
    assert [letter.reason for letter in it.letters(A)] == [DeadLetterReason.FAILED]
    assert it.tick(HOUR) == 0


# ---- our code breaks


def test_a_message_that_breaks_our_code_parks_its_key_and_the_others_go_on() -> None:
    rules = Rules()
    it = shelf(rules)
    it.take(said(opened(A), "1"), said(added(A, UNLUCKY), "2"), said(added(A, 1), "3"), said(opened(B), "4"))
    it.take(said(added(A, 2), "5"), said(added(B, 5), "6"))
    assert it.state(A) == Tally(total=0)
    assert it.state(B) == Tally(total=5)
    assert [(letter.reason, letter.origin.id) for letter in it.letters(A)] == [
        (DeadLetterReason.FAILED, "2"),
        (DeadLetterReason.BEHIND, "3"),
        (DeadLetterReason.BEHIND, "5"),
    ]
    assert it.rows[A]["parked"] == [letter.letter_id for letter in it.letters(A)]
    assert it.rows[A]["open"]


def test_a_dead_letter_names_kind_and_place_and_never_the_value() -> None:
    it = shelf()
    it.take(said(opened(A), "1"), said(added(A, UNLUCKY), "2", partition=3, offset=42))
    (letter,) = it.letters(A)
    assert letter.error.startswith("ValueError at ")
    assert "bench.py:" in letter.error
    assert SECRET not in json.dumps([entry.body for entry in it.histories[A]])
    origin = letter.origin
    assert (origin.topic, origin.partition, origin.offset, origin.id) == ("tallies.events", 3, 42, "2")
    assert letter.topic == "dead-letters.tally"


def test_a_dead_letter_holds_the_whole_record_under_seal() -> None:
    it = shelf()
    record = said(added(A, UNLUCKY), "2")
    it.take(said(opened(A), "1"), record)
    headers, value = unpack(Opener(KEY).open(it.letters(A)[0].box))
    assert (list(headers), value) == (list(record.headers), record.value)


def test_what_comes_again_while_its_key_is_parked_is_put_aside_once() -> None:
    it = shelf()
    broken, behind = said(added(A, UNLUCKY), "2"), said(added(A, 1), "3")
    it.take(said(opened(A), "1"), broken, behind)
    it.take(broken, behind)
    assert len(it.letters(A)) == 2


def test_a_decision_that_raises_leaves_nothing_behind() -> None:
    it = shelf()
    it.take(said(opened(A), "1"))
    it.take(said(added(A, UNLUCKY), "2"))
    assert it.state(A) == Tally()
    assert it.notes(A) == ["opened"]
    assert verify_chain(it.histories[A]) is None
    assert it.effects == []


def test_dead_letters_taken_again_in_order_are_applied_in_order() -> None:
    rules = Rules()
    it = shelf(rules)
    it.take(said(opened(A), "1"), said(added(A, UNLUCKY), "2"), said(added(A, 1), "3"))
    rules.mended = True
    for letter in it.letters(A):
        it.redrive(letter)
    assert it.notes(A) == ["opened", "added 13", "added 1"]
    assert it.rows[A]["parked"] == []
    assert [each.letter_id for each in it.events(A, DeadLetterResolved)] == [x.letter_id for x in it.letters(A)]
    it.take(said(added(A, 4), "9"))
    assert it.state(A) == Tally(total=18)


def test_a_dead_letter_taken_again_out_of_turn_changes_nothing() -> None:
    rules = Rules()
    it = shelf(rules)
    it.take(said(opened(A), "1"), said(added(A, UNLUCKY), "2"), said(added(A, 1), "3"))
    rules.mended = True
    before = dict(it.rows[A])
    it.redrive(it.letters(A)[1])
    assert it.rows[A] == before


def test_a_dead_letter_taken_again_twice_is_applied_once() -> None:
    rules = Rules()
    it = shelf(rules)
    it.take(said(opened(A), "1"), said(added(A, UNLUCKY), "2"))
    rules.mended = True
    (letter,) = it.letters(A)
    it.redrive(letter)
    it.redrive(letter)
    assert it.state(A) == Tally(total=UNLUCKY)
    assert len(it.events(A, DeadLetterResolved)) == 1


def test_a_dead_letter_that_breaks_again_stays_first_in_line() -> None:
    it = shelf()
    it.take(said(opened(A), "1"), said(added(A, UNLUCKY), "2"), said(added(A, 1), "3"))
    before = dict(it.rows[A])
    it.redrive(it.letters(A)[0])
    assert it.rows[A] == before


def test_messages_that_wait_are_asked_when_a_redriven_cause_comes() -> None:
    rules = Rules(opens=False)
    it = shelf(rules)
    it.take(said(added(A, 1), "1"), said(opened(A), "2"))
    assert [letter.origin.id for letter in it.letters(A)] == ["2"]
    rules.opens = True
    it.redrive(it.letters(A)[0])
    assert it.notes(A) == ["opened", "added 1"]


def test_a_waiting_message_that_breaks_parks_the_key_and_those_behind_it_stay_in_line() -> None:
    rules = Rules()
    it = shelf(rules)
    it.take(said(added(A, UNLUCKY), "1"), said(added(A, 2), "2"))
    it.take(said(opened(A), "3"))
    assert it.notes(A) == ["opened"]
    assert [held["message_id"] for held in it.rows[A]["waiting"]] == ["2"]
    rules.mended = True
    it.redrive(it.letters(A)[0])
    assert it.notes(A) == ["opened", "added 13", "added 2"]


@pytest.mark.parametrize("allowed", [0, 1, 3])
def test_more_failures_in_a_row_than_allowed_stop_the_service_and_nothing_is_saved(allowed: int) -> None:
    it = shelf(failures_allowed=allowed)
    keys = [key_of(str(n)) for n in range(allowed + 1)]
    it.take(*(said(opened(key), f"open-{key}") for key in keys))
    before = {key: dict(row) for key, row in it.rows.items()}
    with pytest.raises(TooManyDeadLetters, match="ValueError at"):
        it.take(*(said(added(key, UNLUCKY), f"bad-{key}") for key in keys))
    assert it.rows == before
    assert SECRET not in str(it.histories)


def test_failures_with_successes_between_them_are_not_in_a_row() -> None:
    it = shelf(failures_allowed=1)
    for n in range(5):
        key = key_of(str(n))
        it.take(said(opened(key), f"open-{n}"), said(added(key, UNLUCKY), f"bad-{n}"))
    assert sum(len(it.letters(key_of(str(n)))) for n in range(5)) == 5


# ---- unreadable


def test_what_a_stranger_writes_unreadably_is_answered_and_parks_nothing() -> None:
    it = shelf()
    record = rec(encode(ask(A), id="1", source="/t"), value=json.dumps({"amount": SECRET}).encode())
    arrival = it.reader.read(record)
    assert arrival is not None
    it.take(record)
    assert it.notes(arrival.key) == ["cannot read test.tally.ask.v1 of police"]
    (letter,) = it.letters(arrival.key)
    assert letter.reason is DeadLetterReason.UNREADABLE
    assert letter.error == "case_id: missing; issued_at: missing; unit: missing; amount: int_type"
    assert it.rows[arrival.key]["parked"] == []
    assert SECRET not in it.histories[arrival.key][0].body


def test_what_a_trusted_sender_writes_unreadably_parks_the_key_it_named() -> None:
    it = shelf()
    it.take(said(opened(A), "1"))
    it.take(rec(encode(added(A, 1), id="2", source="/t"), value=b"not json"))
    assert [letter.reason for letter in it.letters(A)] == [DeadLetterReason.UNREADABLE]
    it.take(said(added(A, 1), "3"))
    assert [letter.reason for letter in it.letters(A)] == [DeadLetterReason.UNREADABLE, DeadLetterReason.BEHIND]


def test_a_letter_that_is_still_unreadable_stays_parked() -> None:
    it = shelf()
    it.take(rec(encode(added(A, 1), id="2", source="/t"), value=b"not json"))
    before = dict(it.rows[A])
    it.redrive(it.letters(A)[0])
    assert it.rows[A] == before


def test_rules_that_break_on_an_unreadable_message_park_it_alone() -> None:
    class Broken(Rules):
        def decide(self, tally, subject, context):
            raise ValueError(SECRET)

    it = shelf(Broken())
    record = rec(encode(ask(A), id="1", source="/t"), value=b"{}")
    arrival = it.reader.read(record)
    assert arrival is not None
    it.take(record)
    assert [letter.reason for letter in it.letters(arrival.key)] == [DeadLetterReason.FAILED]
    assert A not in it.rows


def test_a_strangers_unreadable_message_is_answered_when_mended_rules_take_it_again() -> None:
    class Broken(Rules):
        def decide(self, tally, subject, context):
            return super().decide(tally, subject, context) if self.mended else 1 / 0

    rules = Broken()
    it = shelf(rules)
    record = rec(encode(ask(A), id="1", source="/t"), value=b"{}")
    arrival = it.reader.read(record)
    assert arrival is not None
    it.take(record)
    rules.mended = True
    it.redrive(it.letters(arrival.key)[0])
    assert it.notes(arrival.key) == ["cannot read test.tally.ask.v1 of police"]
    assert it.rows[arrival.key]["parked"] == []


def test_a_message_that_waited_until_nobody_could_read_it_any_more_is_put_aside() -> None:
    it = shelf()
    it.take(said(added(A, 1), "1"))
    it.rows[A]["waiting"][0]["type"] = "test.tally.forgotten.v1"
    it.take(said(opened(A), "2"))
    assert it.notes(A) == ["opened"]
    (letter,) = it.letters(A)
    assert (letter.reason, letter.error) == (DeadLetterReason.UNREADABLE, "type: not read any more")
    assert it.rows[A]["waiting"] == []


# ---- timers


def test_a_timer_fires_once_when_its_instant_has_come() -> None:
    it = shelf()
    it.take(said(opened(A, alarm_at=AT + HOUR), "1"))
    assert it.rows[A]["due_at"] == AT + HOUR
    assert it.tick(HOUR / 2) == 0
    assert it.tick(HOUR / 2) == 1
    assert it.tick(HOUR) == 0
    assert it.notes(A) == ["opened", "alarm"]
    assert it.effects == [Ring(0)]


def test_a_timer_that_came_too_early_changes_nothing_but_looks_again_later() -> None:
    it = shelf()
    it.take(said(opened(A, alarm_at=AT + HOUR), "1"))
    it.apply([timer(A)])
    assert it.notes(A) == ["opened"]
    assert it.rows[A]["due_at"] == AT + HOUR


def test_several_documents_that_are_due_at_once_are_all_asked() -> None:
    it = shelf()
    it.take(said(opened(A, alarm_at=AT + HOUR), "1"), said(opened(B, alarm_at=AT + HOUR / 2), "2"))
    assert it.tick(HOUR) == 2
    assert it.notes(A) == it.notes(B) == ["opened", "alarm"]


def test_the_earliest_of_alarm_and_patience_is_what_the_document_waits_for() -> None:
    it = shelf()
    it.take(said(added(A, 1), "1"))
    assert it.rows[A]["due_at"] == AT + HOUR
    it.take(said(opened(A, alarm_at=AT + 2 * HOUR), "2"))
    assert it.rows[A]["due_at"] == AT + 2 * HOUR


def test_nothing_is_due_while_the_key_is_parked_and_everything_again_afterwards() -> None:
    rules = Rules()
    it = shelf(rules)
    it.take(said(opened(A, alarm_at=AT + HOUR), "1"), said(added(A, UNLUCKY), "2"))
    assert it.tick(2 * HOUR) == 0
    rules.mended = True
    it.redrive(it.letters(A)[0])
    assert it.tick() == 1
    assert it.notes(A) == ["opened", "added 13", "alarm"]


def test_a_timer_that_breaks_parks_its_key_and_can_be_taken_again() -> None:
    rules = Rules(alarm_breaks=True)
    it = shelf(rules)
    it.take(said(opened(A, alarm_at=AT + HOUR), "1"))
    it.tick(HOUR)
    (letter,) = it.letters(A)
    assert (letter.reason, letter.origin.topic) == (DeadLetterReason.FAILED, TIMER)
    assert it.tick(HOUR) == 0
    rules.alarm_breaks = False
    it.redrive(letter)
    assert it.notes(A) == ["opened", "alarm"]
    assert it.rows[A]["parked"] == []


# ---- what a service tells itself


def test_an_outcome_is_recorded_even_while_the_key_is_parked() -> None:
    it = shelf()
    it.take(said(opened(A), "1"), said(added(A, UNLUCKY), "2"))
    it.outcome(A, Rung())
    assert it.notes(A) == ["opened", "rung"]
    assert len(it.rows[A]["parked"]) == 1


def test_an_outcome_that_breaks_the_rules_leaves_the_document_as_it_was() -> None:
    it = shelf()
    it.take(said(opened(A), "1"))
    before = dict(it.rows[A])
    it.apply([internal(A, Rung(breaks=True))])
    assert it.rows[A] == before


def test_a_document_is_open_as_long_as_something_is_owed() -> None:
    it = shelf()
    it.take(said(opened(A), "1"))
    assert it.rows[A]["open"]
    it.take(said(added(A, 100), "2"))
    assert not it.rows[A]["open"]
    it.take(said(added(A, UNLUCKY), "3"))
    assert it.rows[A]["open"]


# ---- whatever happens


message = st.tuples(st.sampled_from("abc"), st.sampled_from(["open", "add", "zero", "bad", "unreadable", "ask"]))


def records(steps: list[tuple[str, str]], repeats: list[int]) -> list[Rec]:
    """The steps as records, some of them delivered again.

    Those that change nothing are not remembered and so come only once: behind a broken one they would get a letter.
    """
    made: dict[str, Callable[[str], Message]] = {
        "open": opened,
        "add": lambda key: added(key, 1),
        "zero": lambda key: added(key, 0),
        "bad": lambda key: added(key, UNLUCKY),
        "unreadable": lambda key: added(key, 1),
        "ask": ask,
    }
    found = []
    for n, (name, step) in enumerate(steps):
        changes = {"value": b"{}"} if step == "unreadable" else {}
        found.append(said(made[step](key_of(name)), f"{n}", offset=n, **changes))
    lasting = [record for record, (_, step) in zip(found, steps, strict=True) if step != "zero"]
    return found + [lasting[n % len(lasting)] for n in repeats if lasting]


@settings(max_examples=80, deadline=None)
@given(
    steps=st.lists(message, min_size=1, max_size=14),
    repeats=st.lists(st.integers(0, 20), max_size=4),
    cut=st.integers(1, 6),
)
def test_how_messages_are_cut_into_batches_makes_no_difference(
    steps: list[tuple[str, str]], repeats: list[int], cut: int
) -> None:
    history = records(steps, repeats)
    whole, parts = shelf(), shelf()
    whole.take(*history)
    for start in range(0, len(history), cut):
        parts.take(*history[start : start + cut])
    assert {key: [entry.id for entry in each] for key, each in whole.histories.items()} == {
        key: [entry.id for entry in each] for key, each in parts.histories.items()
    }
    for key, entries in whole.histories.items():
        assert [entry.type for entry in entries] == [entry.type for entry in parts.histories[key]]
        assert whole.state(key) == parts.state(key)
        assert whole.rows[key]["parked"] == parts.rows[key]["parked"]
        assert verify_chain(parts.histories[key]) is None


@settings(max_examples=80, deadline=None)
@given(steps=st.lists(message, min_size=1, max_size=14))
def test_every_message_is_applied_waits_or_has_a_letter_in_the_order_it_came(steps: list[tuple[str, str]]) -> None:
    it = shelf()
    it.take(*records(steps, []))
    for name in {name for name, _ in steps}:
        key = key_of(name)
        aside = [letter.origin.id for letter in it.letters(key)]
        waiting = [held["message_id"] for held in it.rows.get(key, {"waiting": []})["waiting"]]
        applied = [
            entry.cause for entry in it.histories.get(key, ()) if entry.type != DeadLettered.TYPE and entry.cause
        ]
        mine = [str(n) for n, (owner, step) in enumerate(steps) if owner == name and step != "zero"]
        assert set(mine) <= {*aside, *waiting, *applied}
        assert len(set(aside)) == len(aside)
        assert aside[1:] == sorted(aside[1:], key=int), "what came later is behind what came earlier"
