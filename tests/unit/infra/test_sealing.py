"""Sealed boxes: anybody closes one, only the owner of the key opens it."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.sealing import KeyRing, Opener, Sealer, SealingError, key_id, new_private_key, public_key_of

KEY, OTHER = new_private_key(), new_private_key()
NO_KEYS = ["", "no base64!", "AAAA", base64.b64encode(bytes(31)).decode(), base64.b64encode(bytes(33)).decode(), "密钥"]


@settings(max_examples=50, deadline=None)
@given(clear=st.binary(max_size=500))
def test_what_is_sealed_is_opened_as_it_was(clear: bytes) -> None:
    assert Opener(KEY).open(Sealer(public_key_of(KEY)).seal(clear)) == clear


def test_every_box_is_a_new_one() -> None:
    sealer = Sealer(public_key_of(KEY))
    assert sealer.seal(b"x") != sealer.seal(b"x")


def test_a_box_tells_nothing_of_what_is_in_it() -> None:
    box = Sealer(public_key_of(KEY)).seal(b"13800138000")
    assert b"13800138000" not in base64.b64decode(box)


def test_another_key_does_not_open_it() -> None:
    with pytest.raises(SealingError, match=key_id(public_key_of(OTHER))):
        Opener(OTHER).open(Sealer(public_key_of(KEY)).seal(b"x"))


@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_a_box_with_one_byte_changed_does_not_open(data: st.DataObject) -> None:
    box = bytearray(base64.b64decode(Sealer(public_key_of(KEY)).seal(b"some words")))
    box[data.draw(st.integers(0, len(box) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(SealingError):
        Opener(KEY).open(base64.b64encode(box).decode())


@pytest.mark.parametrize("box", ["", "no base64!", "AAAA", "盒子"])
def test_what_is_no_box_does_not_open(box: str) -> None:
    with pytest.raises(SealingError):
        Opener(KEY).open(box)


@pytest.mark.parametrize("key", NO_KEYS)
def test_what_is_no_key_is_refused_at_once_and_not_quoted(key: str) -> None:
    for take in (Sealer, Opener, public_key_of):
        with pytest.raises(SealingError, match="is base64 of 32 bytes") as error:
            take(key)
        assert not key or key not in str(error.value)


def test_both_halves_of_a_pair_have_the_same_name_and_other_pairs_another() -> None:
    assert Sealer(public_key_of(KEY)).key_id == Opener(KEY).key_id == key_id(public_key_of(KEY))
    assert Opener(KEY).key_id != Opener(OTHER).key_id


def test_private_keys_are_fresh() -> None:
    assert len({new_private_key() for _ in range(20)}) == 20


def test_a_ring_opens_what_is_sealed_for_any_of_its_keys_and_names_the_one_in_force() -> None:
    ring = KeyRing(KEY, OTHER)
    assert ring.key_id == key_id(public_key_of(KEY))
    assert ring.replaced == (key_id(public_key_of(OTHER)),)
    for key in (KEY, OTHER):
        assert ring.open(Sealer(public_key_of(key)).seal(b"x")) == b"x"
    with pytest.raises(SealingError):
        ring.open(Sealer(public_key_of(new_private_key())).seal(b"x"))
    with pytest.raises(SealingError):
        KeyRing(KEY, "no key")
