"""A document: its history is chained, its ids are deterministic, its tail is what may not have been published."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.message import event_id
from infra.document import Document, Entry, Held, digest_of, verify_chain
from infra.store import tail_start
from tests.unit.infra.bench import AT, Noted, key_of

A = key_of("a")


def noted(what: str) -> Noted:
    return Noted(case_id=A, occurred_at=AT, what=what)


def history(*whats: str) -> list[Entry]:
    document = Document(A)
    document.announce("tally", [noted(what) for what in whats], at=AT, traceparent=None, cause="1")
    return document.entries


def test_ids_follow_from_publisher_key_and_position_alone() -> None:
    now, later = Document(A), Document(A)
    now.announce("tally", [noted("x"), noted("y")], at=AT, traceparent=None, cause="1")
    later.announce("tally", [noted("x"), noted("y")], at=AT + timedelta(1), traceparent="t", cause="2")
    assert [entry.id for entry in now.entries] == [entry.id for entry in later.entries]
    assert [entry.id for entry in now.entries] == [event_id("tally", A, 0), event_id("tally", A, 1)]


def test_another_publisher_or_position_has_another_id() -> None:
    assert len({event_id("tally", A, 0), event_id("tally", A, 1), event_id("other", A, 0)}) == 3


def test_a_saved_document_goes_on_where_it_stopped() -> None:
    first = Document(A)
    first.announce("tally", [noted("x")], at=AT, traceparent=None, cause="1")
    saved = Document.from_mongo({"_id": A, **first.fields("w", tail_from=0), "applied": []})
    saved.announce("tally", [noted("y")], at=AT, traceparent=None, cause="2")
    assert [entry.position for entry in saved.entries] == [1]
    assert saved.entries[0].id == event_id("tally", A, 1)
    assert verify_chain([*first.entries, *saved.entries]) is None


def test_an_entry_is_the_same_after_a_round_trip() -> None:
    (entry,) = history("x")
    assert Entry.from_mongo(entry.to_mongo()) == entry


def test_a_held_message_is_the_same_after_a_round_trip() -> None:
    held = Held("t:1", "t", "1", "type", "{}", "police", None, AT)
    document = Document(A, waiting=[held])
    assert Document.from_mongo({"_id": A, **document.fields("w", tail_from=0), "applied": []}).waiting == [held]


def test_a_loaded_document_has_nothing_to_save() -> None:
    document = Document(A)
    assert not document.touched
    document.announce("tally", [], at=AT, traceparent=None, cause="1")
    assert not document.touched
    document.mark_applied("t:1")
    assert document.touched


def test_an_id_is_remembered_once_however_often_it_is_marked() -> None:
    document = Document(A, applied=["t:0"])
    for id in ("t:0", "t:1", "t:1"):
        document.mark_applied(id)
    assert document.newly_applied == ["t:1"]
    assert document.has_applied("t:0")
    assert document.has_applied("t:1")
    assert not document.has_applied("t:2")


def test_a_document_with_nothing_due_has_no_due_field() -> None:
    assert "due_at" not in Document(A).fields("w", tail_from=0)
    assert Document(A, due_at=AT).fields("w", tail_from=0)["due_at"] == AT


def test_an_empty_history_and_an_untouched_one_are_whole() -> None:
    assert verify_chain([]) is None
    assert verify_chain(history("x", "y", "z")) is None


@pytest.mark.parametrize("field", [each.name for each in fields(Entry)])
@pytest.mark.parametrize("at", [0, 1, 2])
def test_an_entry_that_was_altered_is_found(field: str, at: int) -> None:
    entries = history("x", "y", "z")
    altered = {"position": 7, "at": AT + timedelta(seconds=1)}.get(field, "altered")
    entries[at] = replace(entries[at], **{field: altered})  # type: ignore[arg-type]
    assert verify_chain(entries) == at


def test_an_entry_altered_together_with_its_hash_breaks_the_one_after_it() -> None:
    entries, forged = history("x", "y", "z"), history("x", "forged", "z")
    assert verify_chain([entries[0], forged[1], entries[2]]) == 2


@settings(max_examples=60, deadline=None)
@given(count=st.integers(2, 8), data=st.data())
def test_an_entry_that_was_removed_is_found_where_it_stood(count: int, data: st.DataObject) -> None:
    entries = history(*map(str, range(count)))
    gone = data.draw(st.integers(0, count - 2))
    assert verify_chain(entries[:gone] + entries[gone + 1 :]) == gone


@settings(max_examples=60, deadline=None)
@given(count=st.integers(2, 8), data=st.data())
def test_entries_in_another_order_are_found(count: int, data: st.DataObject) -> None:
    entries = history(*map(str, range(count)))
    shuffled = data.draw(st.permutations(entries))
    first = next((n for n, entry in enumerate(shuffled) if entry != entries[n]), None)
    assert verify_chain(shuffled) == first


def test_entries_removed_from_the_end_no_longer_reach_the_head() -> None:
    document = Document(A)
    document.announce("tally", [noted("x"), noted("y")], at=AT, traceparent=None, cause="1")
    fields = document.fields("w", tail_from=0)
    cut = document.entries[:-1]
    assert (len(cut), cut[-1].hash) != (fields["length"], fields["head"])
    assert (len(document.entries), document.entries[-1].hash) == (fields["length"], fields["head"])


def test_the_tail_starts_behind_everything_when_the_last_batch_was_published() -> None:
    assert tail_start(Document(A, version=3, length=5, tail_from=2, write_id="w"), set()) == 5


def test_the_tail_stays_where_it_was_while_the_last_batch_may_not_have_been_published() -> None:
    assert tail_start(Document(A, version=3, length=5, tail_from=2, write_id="w"), {"w", "v"}) == 2


def test_the_tail_of_a_new_document_is_its_beginning() -> None:
    assert tail_start(Document(A), {"w"}) == 0


def test_what_was_forgotten_by_right_leaves_the_chain_whole() -> None:
    entries = history("x", "y", "z")
    forgotten = [entries[0], replace(entries[1], body="", digest=digest_of(entries[1].body)), entries[2]]
    assert verify_chain(forgotten, {Noted.TYPE}) is None
    assert verify_chain(forgotten) == 1, "of this type nothing may be forgotten"
    assert Entry.from_mongo(forgotten[1].to_mongo()) == forgotten[1]


@pytest.mark.parametrize(
    "forged",
    [{"body": "", "digest": None}, {"body": "", "digest": digest_of("other")}, {"digest": digest_of("other")}],
)
def test_what_was_altered_is_not_taken_for_forgotten(forged: dict[str, str | None]) -> None:
    entries = history("x", "y")
    assert verify_chain([entries[0], replace(entries[1], **forged)], {Noted.TYPE}) == 1  # type: ignore[arg-type]
