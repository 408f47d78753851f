"""The trial directory: passwords, waiting after wrong ones, and a file that changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from apps.web.sign_in.people import Directory, DirectoryError, entry
from tests.support.apps import PASSWORD, write_directory


class Monotonic:
    """Seconds that the test passes."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def file(tmp_path: Path) -> Path:
    write_directory(tmp_path / "people.toml", {"wang": ("police.desk-1",), "li": ("office.desk-1",)})
    return tmp_path / "people.toml"


def test_a_person_is_found_by_login_and_password_whatever_the_case(file):
    directory = Directory(file)
    found = directory.check(" Wang ", PASSWORD)
    assert found is not None
    assert found.posts == ("police.desk-1",)
    assert directory.check("wang", PASSWORD + " ") is None
    assert directory.check("zhao", PASSWORD) is None


def test_waiting_doubles_after_five_wrong_passwords_and_ends_with_the_right_one(file):
    clock = Monotonic()
    directory = Directory(file, clock)
    for _ in range(4):
        directory.check("wang", "x")
        assert directory.wait_seconds("wang") == 0
    waits = []
    for _ in range(12):
        directory.check("wang", "x")
        waits.append(directory.wait_seconds("WANG"))
    assert waits[:4] == [2, 4, 8, 16]
    assert waits[-1] == 300
    assert directory.wait_seconds("li") == 0
    clock.now += 300
    assert directory.wait_seconds("wang") == 0
    assert directory.check("wang", PASSWORD) is not None
    directory.check("wang", "x")
    assert directory.wait_seconds("wang") == 0


def test_a_changed_file_is_read_and_a_broken_one_is_not(file, caplog):
    directory = Directory(file)
    write_directory(file, {"wang": ("ecology.desk-1",), "zhao": ("office.desk-2",)})
    found = directory.check("wang", PASSWORD)
    assert found is not None
    assert found.posts == ("ecology.desk-1",)
    assert directory.check("li", PASSWORD) is None
    file.write_text("[[person]]\nlogin = 1")
    assert directory.check("zhao", PASSWORD) is not None
    assert "the directory stays as it was" in caplog.text
    file.unlink()
    assert directory.check("zhao", PASSWORD) is not None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[person", "people.toml: Expected"),
        ('[[person]]\nid = "abcd"', "person.0.login"),
        ('[[person]]\nid="a--b"\nlogin="a"\nname="A"\nposts=["x"]\nhash="$argon2id$x"', "person.0.id"),
        ('[[person]]\nid="abcd"\nlogin="A B"\nname="A"\nposts=["x"]\nhash="$argon2id$x"', "person.0.login"),
        ('[[person]]\nid="abcd"\nlogin="a"\nname="A"\nposts=[]\nhash="$argon2id$x"', "person.0.posts"),
        ('[[person]]\nid="abcd"\nlogin="a"\nname="A"\nposts=["x"]\nhash="$2b$x"', "person.0.hash"),
    ],
)
def test_a_file_that_cannot_be_used_names_the_entry_and_never_the_hash(tmp_path, text, said):
    (tmp_path / "people.toml").write_text(text)
    with pytest.raises(DirectoryError) as refused:
        Directory(tmp_path / "people.toml")
    assert said in str(refused.value)
    assert "argon2id$x" not in str(refused.value)
    assert "$2b$x" not in str(refused.value)


def test_two_people_with_one_login_or_id_are_refused(file):
    file.write_text(file.read_text().replace('login = "li"', 'login = "wang"'))
    with pytest.raises(DirectoryError, match="two people have the login wang"):
        Directory(file)


def test_an_entry_of_the_command_can_sign_in(tmp_path):
    (tmp_path / "people.toml").write_text(entry("p-12ab", "wang", '王 "敏"', ("police.desk-1",), "a password"))
    found = Directory(tmp_path / "people.toml").check("wang", "a password")
    assert found is not None
    assert found.name == '王 "敏"'
