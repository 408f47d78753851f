"""Signed links: what they hold, and that nobody without the key can make or change one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.links import LINK_CHARACTERS, CaseLink, LinkError, LinkPurpose, link_token, read_link
from contracts.message import case_id_for

KEY, CASE = b"a key of the tests", case_id_for("web", "T-1")
AT = datetime(2026, 12, 14, 4, tzinfo=UTC)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

links = st.builds(
    CaseLink,
    st.uuids().map(str),
    st.sampled_from(LinkPurpose),
    st.integers(0, 65_535),
    st.integers(0, 2**32 - 1).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
)


@given(links, st.binary(min_size=16, max_size=64))
def test_a_token_is_read_as_it_was_signed(link: CaseLink, key: bytes) -> None:
    token = link_token(key, link)
    assert (len(token), set(token) <= set(ALPHABET)) == (LINK_CHARACTERS, True)
    assert read_link(key, token) == link
    assert read_link(key, f" {token}\n") == link


@given(links, st.integers(0, LINK_CHARACTERS - 1), st.characters())
def test_any_changed_character_is_refused(link: CaseLink, position: int, other: str) -> None:
    token = link_token(KEY, link)
    changed = token[:position] + other + token[position + 1 :]
    if changed.strip() == token:
        return
    with pytest.raises(LinkError):
        read_link(KEY, changed)


@pytest.mark.parametrize("position", range(LINK_CHARACTERS))
def test_no_other_letter_at_any_position_gives_the_same_link(position: int) -> None:
    token = link_token(KEY, CaseLink(CASE, LinkPurpose.RATE, 1, AT))
    for other in {*ALPHABET, "+", "/", "=", " ", "Ａ", "\x00"} - {token[position]}:
        changed = token[:position] + other + token[position + 1 :]
        if changed.strip() != token:
            with pytest.raises(LinkError):
                read_link(KEY, changed)


@given(links, st.data())
def test_a_part_of_a_token_or_more_than_it_is_refused(link: CaseLink, data: st.DataObject) -> None:
    token = link_token(KEY, link)
    cut = data.draw(st.integers(0, LINK_CHARACTERS - 1))
    more = data.draw(st.text(ALPHABET, min_size=1, max_size=60))
    for each in (token[:cut], token[cut + 1 :] if cut else token[1:], token + more, more + token, token * 2):
        with pytest.raises(LinkError):
            read_link(KEY, each)


@given(links, st.binary(min_size=1, max_size=64).filter(lambda key: key != KEY))
def test_a_link_signed_with_another_key_is_refused(link: CaseLink, key: bytes) -> None:
    if key.ljust(64, b"\0") == KEY.ljust(64, b"\0"):  # HMAC pads short keys with zeros: they are one key
        return
    with pytest.raises(LinkError):
        read_link(KEY, link_token(key, link))


@given(st.text(max_size=300) | st.binary(max_size=60).map(lambda raw: raw.decode("latin-1")))
def test_whatever_is_no_token_is_refused(text: str) -> None:
    with pytest.raises(LinkError):
        read_link(KEY, text)


@pytest.mark.parametrize(("late", "expired"), [(-1, False), (0, True), (1, True)])
def test_a_link_expires_at_its_instant(late: int, expired: bool) -> None:
    link = read_link(KEY, link_token(KEY, CaseLink(CASE, LinkPurpose.CASE, 0, AT)))
    assert link.expired(AT + timedelta(seconds=late)) is expired
