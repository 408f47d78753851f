"""Made-up complaints: always the same, always such as intake takes, and in the proportions they are said to have."""

from __future__ import annotations

import shutil
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.channel.generate import SPOKEN_WITHIN, Place, channel_weights, complaint, generate
from contracts.channel import SubmitComplaint
from contracts.codes import AppealType, Channel

POLICIES = Path(__file__).parents[3] / "policies"
DEMO = POLICIES / "demo"
UNTIL = datetime(2026, 9, 18, 1, 0, tzinfo=UTC)
MANY = list(generate(4000, 7, DEMO))
SEEDS = st.integers(0, 2**31)


def share(*, of: list[SubmitComplaint], are: list[SubmitComplaint]) -> float:
    return len(are) / len(of)


@given(SEEDS, st.integers(0, 30), st.integers(0, 30))
@settings(max_examples=25)
def test_a_longer_run_begins_with_the_shorter_one(seed: int, short: int, more: int) -> None:
    assert list(generate(short + more, seed, DEMO))[:short] == list(generate(short, seed, DEMO))


def test_another_seed_makes_other_complaints() -> None:
    assert {each.case_id for each in generate(50, 1, DEMO)}.isdisjoint(each.case_id for each in generate(50, 2, DEMO))


def test_external_ids_are_unique() -> None:
    assert len({each.external_id for each in MANY}) == len(MANY)


@pytest.mark.parametrize("name", ["demo", "nyc311"])
@given(seed=SEEDS, number=st.integers(0, 10**6))
@settings(max_examples=200)
def test_every_complaint_is_one_that_the_place_knows(name: str, seed: int, number: int) -> None:
    place = Place.read(POLICIES / name)
    made = complaint(place, seed, number, UNTIL)
    units = {unit["id"]: unit for unit in tomllib.loads((POLICIES / name / "units.toml").read_text())["unit"]}
    assert made.category in place.categories
    assert made.area in place.areas
    assert made.title
    assert "{" not in made.title + made.text
    assert UNTIL - SPOKEN_WITHIN < made.received_at <= UNTIL
    assert SubmitComplaint.model_validate_json(made.model_dump_json()) == made
    if made.about is not None:
        assert made.area in units[made.about]["areas"]
        assert "parent" in units[made.about]
        assert not units[made.about].get("dispatches")


def test_every_category_of_the_demo_has_words_of_its_own() -> None:
    place = Place.read(DEMO)
    assert set(place.phrases) == set(place.categories)
    assert all(set(words.get("areas", ())) <= set(place.areas) for words in place.phrases.values())


def test_every_appeal_category_and_area_comes_up() -> None:
    place = Place.read(DEMO)
    assert {each.appeal for each in MANY} == set(AppealType)
    assert {each.category for each in MANY} == set(place.categories)
    assert {each.area for each in MANY} == set(place.areas)


def test_shares_are_as_described() -> None:
    known = [each for each in MANY if each.contact]
    chosen = [each.contact.allowed for each in MANY if each.contact]
    shares = {ways: chosen.count(ways) / len(chosen) for ways in set(chosen)}
    assert share(of=MANY, are=known) == pytest.approx(0.70, abs=0.03)
    assert shares == {
        ("email",): pytest.approx(0.40, abs=0.03),
        ("sms",): pytest.approx(0.15, abs=0.03),
        ("sms", "email"): pytest.approx(0.10, abs=0.03),
        ("channel",): pytest.approx(0.35, abs=0.03),
    }
    assert share(of=MANY, are=[each for each in MANY if each.about]) == pytest.approx(0.08, abs=0.015)
    assert 0.02 < share(of=MANY, are=[each for each in MANY if each.urgent]) < 0.10


def test_nobody_real_can_be_reached() -> None:
    contacts = [each.contact for each in MANY if each.contact]
    assert all((contact.email or "").endswith("@example.invalid") for contact in contacts)
    assert all((contact.phone or "").startswith("120") for contact in contacts)


def test_some_say_who_they_are_in_the_text_as_well() -> None:
    saying = [each for each in MANY if each.contact and (each.contact.phone or "") in each.text]
    assert 0.1 < share(of=MANY, are=saying) < 0.2


def test_the_time_of_speaking_can_be_set() -> None:
    now = datetime(2030, 1, 1, tzinfo=UTC)
    assert all(now - timedelta(hours=8) < each.received_at <= now for each in generate(20, 1, DEMO, until=now))


def test_every_channel_of_the_place_brings_some_and_no_other_does() -> None:
    place = Place.read(DEMO)
    assert "wechat" in place.channels
    assert {each.channel for each in MANY} == set(place.channels)


def test_a_withdrawn_channel_brings_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "city"
    shutil.copytree(DEMO, folder)
    table = folder / "channels.toml"
    forum = '\n[[channel]]\ncode = "forum"\nzh = "侨乡论坛"\nen = "forum"\n'
    table.write_text(table.read_text("utf-8") + forum, "utf-8")
    assert "forum" in Place.read(folder).channels
    table.write_text(table.read_text("utf-8") + "until = 2026-01-01\n", "utf-8")
    assert "forum" not in Place.read(folder).channels


def test_a_place_without_a_table_of_channels_has_the_well_known_ones() -> None:
    assert set(Channel) == set(channel_weights(POLICIES / "nothing" / "channels.toml"))
