"""The row of a case: stages, parts of units, handlings; the same in whatever order its events arrive."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.topics import REGISTRY
from services.intake.index.facts import ANSWERS, FIELDS, NAMES, TOPICS, Reported
from services.intake.index.fold import STAGES
from services.intake.index.projection import Projection
from services.intake.index.schema import opened
from services.intake.index.timeline import STAFF_NAMES
from tests.unit.services.intake.index.lives import case, event, index, life, rank_of, registered

CENTRE, POLICE = "beicheng-centre", "police-beicheng"


def row(*events: Reported) -> dict[str, Any]:
    connection = index(*events)
    connection.row_factory = sqlite3.Row
    return dict(connection.execute("SELECT * FROM cases").fetchone())


def assigned(hours: float, unit: str = POLICE) -> Reported:
    return event("case.assigned", hours, unit=unit, responsible=CENTRE, rule="r")


def queued(hours: float, **fields: Any) -> Reported:
    return event("case.queued", hours, centre=CENTRE, responsible=CENTRE, why="w", **fields)


def signed(hours: float, unit: str = POLICE) -> Reported:
    return event("case.signed", hours, unit=unit)


CLOSED = event("case.closed", 9, unit=POLICE, result="resolved", reply="已整改。")


@pytest.mark.parametrize(
    ("events", "stage"),
    [
        ((), "queued"),
        ((registered(held="scope"),), "scope"),
        ((registered(held="scope"), event("case.released", 1)), "queued"),
        ((registered(), event("supplement.requested", 1, missing=[], round=1)), "awaits-complainant"),
        ((registered(), queued(1, proposed=POLICE)), "proposed"),
        ((registered(), queued(1, proposed=POLICE), queued(2)), "queued"),
        ((registered(), assigned(1)), "offered"),
        ((registered(), assigned(1), queued(2, returned_by=POLICE)), "queued"),
        ((registered(), assigned(1), signed(2)), "signed"),
        ((registered(), assigned(1), signed(2), event("case.suspended", 3, unit=POLICE, until="x")), "suspended"),
        ((registered(), signed(2), event("case.suspended", 3), event("case.resumed", 4)), "signed"),
        ((registered(), signed(2), event("complainant.asked", 3, unit=POLICE)), "awaits-complainant"),
        ((registered(), signed(2), event("complainant.asked", 3), event("asking.ended", 4)), "signed"),
        ((registered(), signed(2), event("handling.reported", 3, verifier=CENTRE)), "reported"),
        ((registered(), signed(2), event("handling.reported", 3, verifier=CENTRE), event("redo.ordered", 4)), "signed"),
        ((registered(), event("case.merged", 1, into=case(2))), "merged"),
        ((registered(), event("case.merged", 1, into=case(2)), event("case.unmerged", 2)), "queued"),
        ((registered(), signed(2), CLOSED), "closed"),
        ((registered(), signed(2), CLOSED, event("case.reopened", 10, unit=POLICE, count=1)), "queued"),
        ((registered(), CLOSED, event("case.reopened", 10, unit=POLICE, count=1), assigned(11)), "offered"),
        ((registered(), event("case.ended", 3, ending="withdrawn")), "ended"),
    ],
)
def test_a_case_is_in_its_stage(events: tuple[Reported, ...], stage: str) -> None:
    got = row(*(events or (registered(),)))
    assert got["stage"] == stage
    assert got["open"] == (stage not in {"closed", "ended"})
    assert stage in STAGES


@pytest.mark.parametrize(
    ("events", "due", "provisional", "paused"),
    [
        ([("clock.started", 1, {"due_at": "2026-11-10T00:00:00Z", "provisional": True})], "10", 1, 0),
        ([("clock.started", 1, {"due_at": "2026-11-10T00:00:00Z"}), ("clock.paused", 2, {})], "10", 0, 1),
        (
            [
                ("clock.started", 1, {"due_at": "2026-11-10T00:00:00Z"}),
                ("clock.paused", 2, {}),
                ("clock.resumed", 3, {"due_at": "2026-11-12T00:00:00Z"}),
                ("clock.extended", 4, {"due_at": "2026-11-20T00:00:00Z"}),
            ],
            "20",
            0,
            0,
        ),
    ],
)
def test_the_due_date_follows_the_clock_of_the_whole_case(
    events: list[tuple[str, float, dict[str, Any]]], due: str, provisional: int, paused: int
) -> None:
    got = row(registered(), *(event(name, hours, clock="close", **body) for name, hours, body in events))
    connection = sqlite3.connect(":memory:")
    day = connection.execute("SELECT strftime('%d', ? / 1000000, 'unixepoch')", (got["due"],)).fetchone()[0]
    connection.close()
    assert (day, got["provisional"], got["paused"]) == (due, provisional, paused)


def test_a_reopened_case_has_a_handling_for_each_answer() -> None:
    events = [*life(1), event("case.reopened", 30, unit=POLICE, count=1, requested_by="complainant")]
    got = (
        index(*events).execute("SELECT answer, unit, ended IS NULL, satisfaction FROM handlings ORDER BY 1").fetchall()
    )
    assert got == [(1, POLICE, 0, "satisfied"), (2, POLICE, 1, None)]
    assert (row(*events)["rated"], row(*events)["reopened_by_complainant"]) == (None, 1)


def test_the_reference_of_a_complainant_is_gone_after_an_erasure() -> None:
    connection = index(*life(1, complainant="c-secret"), event("identity.erased", 20, by="beicheng-centre.desk-1"))
    assert row(*life(1, complainant="c-secret"))["complainant"] == "c-secret"
    dump = "\n".join(map(str, (connection.execute(f"SELECT * FROM {t}").fetchall() for t in ("cases", "events"))))
    assert "c-secret" not in dump


def test_an_event_before_the_registration_waits_for_it() -> None:
    connection = opened(":memory:", "tests")
    projection = Projection(connection)
    projection.apply([signed(2)], {})
    assert connection.execute("SELECT count(*) FROM cases").fetchone() == (0,)
    projection.apply([registered()], {})
    assert connection.execute("SELECT stage FROM cases").fetchone() == ("signed",)


EVENTS = [
    *life(1),
    event("case.reopened", 30, unit=POLICE, count=1),
    assigned(31, "ecology"),
    event("clock.started", 31, clock="close-2", due_at="2026-12-10T00:00:00Z"),
    event("note.added", 32, unit="ecology", text="已联系"),
    *life(2, 3),
    event("extension.requested", 33, unit="ecology", approver=CENTRE, working_days=5, reason="r"),
    event("subtask.opened", 34, unit="human-resources", lead="ecology", task="t"),
    event("subtask.opened", 34, unit="housing", lead="ecology", task="t"),
    event("subtask.ended", 35, unit="housing", lead="ecology", ending="reported", words="w"),
    event("complainant.asked", 36, unit="ecology", missing=[], answer_by="2026-11-12T00:00:00+08:00"),
    event("review.opened", 30, n=2, unit=POLICE, reviewer="police", reason="r", submission_id="a-2"),
    event("case.ended", 40, n=3, ending="withdrawn", submission_id="w-3"),
    registered(3, 1),
]


def dump(connection: sqlite3.Connection) -> list[Any]:
    """Everything that can be asked, without row numbers and order of arrival."""
    columns = [name for _, name, *_ in connection.execute("PRAGMA table_info(cases)") if name != "n"]
    cases = f"SELECT {', '.join(columns)} FROM cases ORDER BY case_id"
    handlings = (
        "SELECT c.case_id, h.answer, h.unit, h.started, h.ended, h.rated FROM handlings h JOIN cases c USING (n)"
    )
    words = "SELECT c.case_id, t.words FROM texts t JOIN cases c USING (n) ORDER BY 1"
    units = "SELECT c.case_id, k.unit FROM concerned k JOIN cases c USING (n) ORDER BY 1, 2"
    hits = "SELECT c.case_id FROM cases c WHERE n IN (SELECT rowid FROM words WHERE words MATCH '\"烧烤\"') ORDER BY 1"
    outcomes = "SELECT id, accepted, reasons FROM outcomes ORDER BY 1"
    waits = "SELECT c.case_id, w.what, w.unit, w.since, w.until FROM waits w JOIN cases c USING (n) ORDER BY 1, 2, 3"
    found = [connection.execute(query).fetchall() for query in (cases, words, units, hits, outcomes, waits)]
    return [*found, sorted(connection.execute(handlings).fetchall(), key=str)]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_topics_in_any_order_and_events_twice_make_the_same_index(data: st.DataObject) -> None:
    """The events of a case stay in order within a topic; topics and batches are mixed at random."""
    left = {rank: [each for each in EVENTS if rank_of(each.name) == rank] for rank in range(len(TOPICS))}
    connection = opened(":memory:", "tests")
    projection, read = Projection(connection), list[Reported]()
    while any(left.values()):
        rank = data.draw(st.sampled_from([each for each, events in left.items() if events]))
        size = data.draw(st.integers(1, len(left[rank])))
        batch, left[rank] = left[rank][:size], left[rank][size:]
        again = data.draw(st.lists(st.sampled_from(read), max_size=3)) if read else []
        projection.apply([*again, *batch], {})
        read += batch
    assert dump(connection) == dump(index(*EVENTS))


def test_every_type_that_is_read_is_in_the_registry_and_has_its_fields() -> None:
    for type, name in NAMES.items():
        fields = REGISTRY.messages[type].model_fields
        nested = {"unit", "answer", "started_at", "ended_at", "ending", "on_time", "returned_by"}
        wanted = {*FIELDS.get(name, ())} - (nested if name == "case.measured" else set())
        if name in ANSWERS:
            wanted.add(ANSWERS[name][0])
        assert wanted <= set(fields), name
        assert name in STAFF_NAMES or name in {*ANSWERS, "case.measured", "answer.appealed"}, name


def test_what_is_indexed_is_on_the_topics_that_are_read() -> None:
    assert set(NAMES) <= {each.TYPE for topic in TOPICS for each in REGISTRY[topic].messages}
