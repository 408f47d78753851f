"""Who is told what, when and how, by a place's tables: quiet hours, receivers, names, days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.codes import Language
from services.notify.domain.policy import Policy, address_of
from services.notify.domain.sending import Way
from tests.unit.services.notify.place import policy
from tests.unit.services.speaking import demo

SHANGHAI, KATHMANDU = ZoneInfo("Asia/Shanghai"), ZoneInfo("Asia/Kathmandu")


def quiet(begins: str = "21:30", ends: str = "07:30", zone: str = "Asia/Shanghai", **more: Any) -> Policy:
    """The demo place with these quiet hours."""
    hours = {"begins": begins, "ends": ends, "ways": ["sms"], **more}
    place = {**demo().tables["place"], "timezone": zone}
    return policy(notices={"quiet": hours}, place=place)


def local(hour: int, minute: int = 0, day: int = 23, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("at", "until"),
    [
        (local(21, 29), None),
        (local(21, 30), local(7, 30, 24)),
        (local(23, 59), local(7, 30, 24)),
        (local(0, 0), local(7, 30)),
        (local(7, 29), local(7, 30)),
        (local(7, 30), None),
        (local(12), None),
    ],
)
def test_a_night_begins_one_day_and_ends_on_the_next(at: datetime, until: datetime | None) -> None:
    assert quiet().quiet_until(Way.SMS, "reminder", at) == until


@pytest.mark.parametrize(
    ("at", "until"), [(local(11, 59), None), (local(12), local(14)), (local(13, 59), local(14)), (local(14), None)]
)
def test_quiet_hours_may_lie_within_a_day(at: datetime, until: datetime | None) -> None:
    assert quiet("12:00", "14:00").quiet_until(Way.SMS, "reminder", at) == until


def test_hours_are_those_of_the_place_also_where_they_are_not_whole() -> None:
    nepal = quiet(zone="Asia/Kathmandu")
    assert nepal.quiet_until(Way.SMS, "reminder", local(21, 30, zone=KATHMANDU)) == local(7, 30, 24, KATHMANDU)
    assert nepal.quiet_until(Way.SMS, "reminder", local(21, 30)) is None, "there it is a quarter past seven"


def test_hours_that_end_when_they_begin_are_none() -> None:
    assert quiet("00:00", "00:00").quiet_until(Way.SMS, "reminder", local(0)) is None


def test_only_the_ways_that_disturb_are_quiet() -> None:
    night = local(2)
    by_mail = quiet(ways=["email", "webhook"])
    asked = {way: by_mail.quiet_until(way, "reminder", night) is not None for way in Way}
    assert asked == {Way.EMAIL: True, Way.WEBHOOK: True, Way.SMS: False, Way.CHANNEL: False, Way.INBOX: False}


def test_what_cannot_wait_is_told_at_any_hour() -> None:
    exempt = quiet(not_for=["red", "acknowledgement"])
    assert exempt.quiet_until(Way.SMS, "red", local(2)) is None
    assert exempt.quiet_until(Way.SMS, "acknowledgement", local(2)) is None
    assert exempt.quiet_until(Way.SMS, "yellow", local(2)) == local(7, 30)


CLOCK = st.times().map(lambda each: f"{each.hour:02}:{each.minute:02}")


@given(begins=CLOCK, ends=CLOCK, minutes=st.integers(0, 7 * 24 * 60))
def test_quiet_hours_end_within_a_day_and_nothing_is_quiet_when_they_have(begins: str, ends: str, minutes: int) -> None:
    by, at = quiet(begins, ends), local(0) + timedelta(minutes=minutes)
    until = by.quiet_until(Way.SMS, "reminder", at)
    if until is not None:
        assert timedelta(0) < until - at <= timedelta(days=1)
        assert by.quiet_until(Way.SMS, "reminder", until) is None
        assert until.astimezone(SHANGHAI).strftime("%H:%M") == ends


# ---- receivers


def test_a_post_is_told_by_its_own_ways_or_by_its_units_or_by_the_inbox() -> None:
    by = policy()
    captain = by.receiver("urban-management-beicheng", "urban-management-beicheng.captain")
    assert (captain.ways, captain.phone) == (["sms"], "12000000032")
    assert by.receiver("urban-management-beicheng", "urban-management-beicheng.patrol-1").webhook == "urban-management"
    assert by.receiver("education").ways == ["inbox"]
    assert by.receiver("nobody", "nobody.chief").ways == ["inbox"]


def test_each_way_has_its_address() -> None:
    receiver = policy().receiver("urban-management-beicheng")
    assert {way: address_of(receiver, way) for way in Way} == {
        Way.WEBHOOK: "urban-management",
        Way.SMS: "12000000031",
        Way.EMAIL: None,
        Way.CHANNEL: None,
        Way.INBOX: None,
    }


def test_a_place_without_the_tables_tells_complainants_all_and_staff_nothing() -> None:
    tables = {name: table for name, table in demo().tables.items() if name not in {"notices", "receivers"}}
    bare = Policy.from_tables("bare", tables)
    assert bare.tells_complainant("delayed")
    assert not bare.tells_staff("red")
    assert bare.receiver("police").ways == ["inbox"]


def test_who_is_told_what_is_the_places_to_say() -> None:
    by = policy(notices={"complainant": {"tells": ["answer"]}, "staff": {"tells": ["red"]}})
    assert (by.tells_complainant("answer"), by.tells_complainant("delayed")) == (True, False)
    assert (by.tells_staff("red"), by.tells_staff("yellow")) == (True, False)


# ---- names and days


def test_what_the_place_does_not_know_any_more_is_called_by_its_code() -> None:
    names = policy().names
    assert names.unit("police", Language.ENGLISH) == "Public Security Bureau"
    assert names.unit("police", Language.CHINESE) == "示例市公安局"
    assert (names.unit("closed-down", Language.CHINESE), names.unit(None, Language.CHINESE)) == ("closed-down", None)
    assert names.category("closed-down", Language.ENGLISH) == "closed-down"
    assert names.area("closed-down", Language.ENGLISH) == "closed-down"


def test_a_limit_that_ends_at_midnight_ends_with_the_day_before() -> None:
    by = policy()
    midnight = datetime(2026, 12, 15, tzinfo=SHANGHAI)
    assert by.last_day(midnight) == date(2026, 12, 14)
    assert by.last_day(midnight + timedelta(minutes=1)) == date(2026, 12, 15)
    assert by.day(midnight) == date(2026, 12, 15)
