"""Keys are found by their hash alone; a file that is none says where."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.http.keys import KeyRing, KeysError, hash_of, new_key, stored

KEY = f'[[key]]\nid = "abcd"\nhash = "{hash_of("x")}"\nspeaker = "w"\nrights = []\n'


def test_a_new_key_is_found_and_nothing_near_it() -> None:
    key, kept = new_key("web", ["submit"])
    other, others = new_key("web", ["submit"])
    ring = KeyRing.of([kept, others])
    assert ring.find(key) == kept
    assert ring.find(other) == others
    assert key != other
    for wrong in (
        "",
        key[:-1],
        key + "x",
        key.upper(),
        f"xn.{kept.id}.",
        f"xn.{others.id}.{key.split('.')[2]}",
        "\ud800.a.b",
    ):
        assert ring.find(wrong) is None


def test_what_is_stored_does_not_tell_the_key_and_is_read_again(tmp_path: Path) -> None:
    key, kept = new_key("service-hall", ["read", "submit"], per_minute=7)
    text = stored(kept)
    assert key.split(".")[2] not in text
    file = tmp_path / "keys.toml"
    file.write_text(text)
    assert KeyRing.read(file, None).find(key) == kept
    assert KeyRing.read(None, text).find(key) == kept
    assert KeyRing.read(None, text).speakers == {"service-hall"}
    assert repr(KeyRing.read(None, text)) == "KeyRing()"


def test_the_post_of_a_key_is_read_again_and_a_file_without_posts_is_still_read() -> None:
    key, kept = new_key("police-beicheng", ["act"], kind="unit", post="police-beicheng.desk-2")
    old, without = new_key("ecology", ["act"])
    ring = KeyRing.read(None, stored(kept) + "\n" + stored(without))
    assert [found.post for each in (key, old) if (found := ring.find(each))] == ["police-beicheng.desk-2", None]


def test_no_list_is_an_empty_ring() -> None:
    assert len(KeyRing.read(None, None)) == 0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[key", "not TOML"),
        ('[[key]]\nid = "abcd"', r"key\.0\.speaker: Field required"),
        ('[[key]]\nid = "abcd"\nhash = "plain"\nspeaker = "web"\nrights = []', "hash"),
        (f'[[key]]\nid = "a.b"\nhash = "{hash_of("x")}"\nspeaker = "web"\nrights = []', "id"),
        (f'[[key]]\nid = "abcd"\nhash = "{hash_of("x")}"\nspeaker = "w w"\nrights = []', "speaker"),
        (f'[[key]]\nid = "abcd"\nhash = "{hash_of("x")}"\nspeaker = "w"\nrights = []\nnote = 1', "note"),
        (f'{KEY}kind = "unit"\npost = "Li Wei"', "post"),
        (f'{KEY}kind = "channel"\npost = "w.desk-1"', "only a key of kind unit"),
        (f'{KEY}post = "w.desk-1"', "only a key of kind unit"),
        (
            f'[[key]]\nid = "abcd"\nhash = "{hash_of("x")}"\nspeaker = "w"\nrights = []\n' * 2,
            "two keys have the id abcd",
        ),
    ],
)
def test_a_list_that_is_none_says_where(text: str, says: str) -> None:
    with pytest.raises(KeysError, match=says) as raised:
        KeyRing.read(None, text)
    assert hash_of("x") not in str(raised.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeysError, match=r"none\.toml"):
        KeyRing.read(tmp_path / "none.toml", None)
