"""What a status and its Retry-After mean."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.notify.providers.port import Refused, Unavailable
from services.notify.providers.posting import MOST_RETRY_AFTER_SECONDS, Answer, retry_after, taken

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Mon, 23 Nov 2026 09:01:30 GMT", 90.0),
        ("Mon, 23 Nov 2026 17:01:30 +0800", 90.0),
        ("Mon, 23 Nov 2026 08:00:00 GMT", 0.0),
        ("99999999999999999999", MOST_RETRY_AFTER_SECONDS),
        ("Fri, 01 Jan 2100 00:00:00 GMT", MOST_RETRY_AFTER_SECONDS),
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("١٢", None),
        ("Mon, 99 Nov 2026 09:01:30 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_never_more_than_an_hour(text: str | None, seconds: float | None) -> None:
    assert retry_after(text, NOW) == seconds


def is_taken(status: int) -> bool:
    try:
        taken(Answer(status, {}, b""), NOW)
    except (Refused, Unavailable):
        return False
    return True


def test_what_is_accepted_now_or_was_before_is_taken_and_nothing_else_is() -> None:
    assert [status for status in range(100, 600) if is_taken(status)] == [*range(200, 300), 409]


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 403, 404, 410, 413, 422])
def test_a_request_that_will_not_do_is_refused_for_good(status: int) -> None:
    with pytest.raises(Refused) as refused:
        taken(Answer(status, {}, b""), NOW)
    assert (refused.value.why, refused.value.permanent) == (f"http {status}", True)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_who_cannot_now_is_asked_again_when_they_say(status: int) -> None:
    with pytest.raises(Unavailable) as away:
        taken(Answer(status, {"retry-after": "7"}, b""), NOW)
    assert (away.value.why, away.value.retry_after_seconds) == (f"http {status}", 7.0)
