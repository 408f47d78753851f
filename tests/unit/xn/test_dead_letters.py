"""Which letters wait for an operator, in which order they are shown, and how one goes round again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from contracts.dead_letters import DeadLettered, DeadLetterReason, DeadLetterResolved, Origin
from contracts.envelope import Envelope, encode
from contracts.message import Message, case_id_for
from xn import dead_letters
from xn.dead_letters import Letters, again, app, table, trace_id

AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
TRACE = "0af7651916cd43dd8448eb211c80319c"
A, B = case_id_for("web", "a"), case_id_for("web", "b")


def letter(case_id: str, letter_id: str, **changes: Any) -> DeadLettered:
    """A letter of scoring's, unless `changes` say otherwise."""
    topic = changes.pop("topic", "cases.events")
    given: dict[str, Any] = {
        "service": "scoring",
        "reason": DeadLetterReason.FAILED,
        "error": "KeyError at services/scoring/domain/clock.py:41",
        "origin": Origin(topic=topic, partition=2, offset=7, id=letter_id, type="t"),
        "traceparent": f"00-{TRACE}-b7ad6b7169203331-01",
        "box": "c2VhbGVk",
    }
    return DeadLettered(case_id=case_id, occurred_at=AT, letter_id=letter_id, **{**given, **changes})


def resolved(case_id: str, letter_id: str, service: str = "scoring") -> DeadLetterResolved:
    """The service has taken it."""
    return DeadLetterResolved(case_id=case_id, occurred_at=AT, service=service, letter_id=letter_id)


def letters(*messages: Message) -> Letters:
    """As they stand on the topics."""
    return Letters.of([("dead-letters.scoring", Envelope(str(n), "s", "t"), each) for n, each in enumerate(messages)])


def test_what_is_resolved_is_open_no_more():
    found = letters(letter(A, "1"), letter(A, "2"), letter(B, "3"), resolved(A, "1"))
    assert [each.letter_id for each in found.open()] == ["2", "3"]
    assert len(found.all) == 3


def test_a_resolution_that_is_read_before_its_letter_counts():
    assert letters(resolved(A, "1"), letter(A, "1")).open() == []


def test_timers_of_two_cases_may_share_a_letter_id():
    found = letters(letter(A, "timer:3"), letter(B, "timer:3"), resolved(A, "timer:3"))
    assert [each.case_id for each in found.open()] == [B]


def test_the_same_letter_in_two_services_is_two_letters():
    found = letters(letter(A, "1"), letter(A, "1", service="notify"), resolved(A, "1"))
    assert [each.service for each in found.open()] == ["notify"]


def test_a_letter_that_was_published_again_counts_once():
    assert len(letters(letter(A, "1"), letter(A, "1")).all) == 1


@pytest.mark.parametrize(
    ("topic", "reason", "state"),
    [
        ("complaints.web", DeadLetterReason.UNREADABLE, "answered"),
        ("handling.police-beicheng", DeadLetterReason.UNREADABLE, "answered"),
        ("feedback.web", DeadLetterReason.UNREADABLE, "answered"),
        ("cases.events", DeadLetterReason.UNREADABLE, "open"),
        ("complaints.web", DeadLetterReason.FAILED, "open"),
        ("handling.police-beicheng", DeadLetterReason.BEHIND, "open"),
        ("timer", DeadLetterReason.FAILED, "open"),
    ],
)
def test_only_what_its_sender_was_told_about_needs_nobody(topic: str, reason: DeadLetterReason, state: str):
    found = letters(letter(A, "1", topic=topic, reason=reason))
    assert found.state(found.all[0]) == state


def shown(found: Letters) -> str:
    """The table as text, as wide as it likes."""
    console = Console(width=320, color_system=None)
    with console.capture() as text:
        console.print(table(found, found.all))
    return text.get()


def test_letters_are_shown_by_key_and_in_the_order_of_each_key():
    text = shown(letters(letter(B, "one"), letter(A, "two"), letter(B, "three"), letter(A, "four")))
    first, second = sorted((A, B))
    order = {A: ("two", "four"), B: ("one", "three")}
    wanted = [*order[first], *order[second]]
    assert sorted(wanted, key=text.index) == wanted
    assert text.count(A) == text.count(B) == 2


def test_a_row_tells_reason_error_place_and_trace():
    text = shown(letters(letter(A, "1", error="odd [bold]KeyError[/bold] at x.py:1")))
    for told in ("failed", "odd [bold]KeyError[/bold] at x.py:1", "cases.events/2/7", TRACE):
        assert told in text


@pytest.mark.parametrize("traceparent", [None, "", "nonsense"])
def test_a_letter_without_a_trace_has_none(traceparent: str | None):
    assert trace_id(letter(A, "1", traceparent=traceparent)) == ""


def test_a_letter_goes_round_again_as_it_is_under_its_own_key_and_on_with_its_trace():
    sealed = letter(A, "1")
    command = again(sealed)
    kept = ("case_id", "service", "letter_id", "origin", "traceparent", "box")
    assert all(getattr(command, name) == getattr(sealed, name) for name in kept)
    record = encode(command, id="x", source="/operators/xn", traceparent=sealed.traceparent)
    assert (record.topic, record.key) == ("redrive.scoring", A.encode())
    assert ("traceparent", (sealed.traceparent or "").encode()) in record.headers


@pytest.mark.parametrize("key", [A.upper(), f" {A} ", A.replace("-", "\N{NON-BREAKING HYPHEN}")])
def test_the_case_of_a_redrive_is_read_in_any_spelling_of_its_id(key, monkeypatch):
    asked = []

    async def send_round(*arguments):
        asked.append(arguments)
        return [], []

    monkeypatch.setattr(dead_letters, "send_round", send_round)
    words = ["redrive", "--bootstrap", "127.0.0.1:1", "--service", "scoring", "--key", key]
    assert CliRunner().invoke(app, words).exit_code == 0
    assert asked == [("127.0.0.1:1", "scoring", A, 30.0)]


def test_a_redrive_of_what_is_no_case_id_is_refused():
    words = ["redrive", "--bootstrap", "127.0.0.1:1", "--service", "scoring", "--key", "BC-20261123-000042"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 2
    assert "is not the id of a case" in done.output


def test_a_redrive_is_of_one_case_or_of_all():
    words = ["redrive", "--bootstrap", "127.0.0.1:1", "--service", "scoring", "--key", A, "--all"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 2
    assert "either --key CASE or --all" in done.output


def test_no_option_takes_a_private_key():
    """What stands on a command line can be read by every process of the machine."""
    done = CliRunner().invoke(app, ["show", "--help"], env={"COLUMNS": "200"})
    assert "--key-env" in done.output
    assert "XN_DEAD_LETTER_KEY" in done.output


def test_a_service_that_does_not_exist_has_no_letters():
    done = CliRunner().invoke(app, ["list", "--bootstrap", "127.0.0.1:1", "--service", "billing"])
    assert done.exit_code == 2
