"""The folder of a place: read once, known by its version, and its errors name the file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from infra.place import PlaceError, read_place
from tests.support.deployment import DEMO


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "somewhere"
    place.mkdir()
    (place / "place.toml").write_text('timezone = "Asia/Shanghai"\n')
    (place / "areas.toml").write_text('[[area]]\ncode = "城"\n')
    return place


def test_every_file_is_a_table_by_its_name(folder: Path) -> None:
    place = read_place(folder)
    assert place["place"] == {"timezone": "Asia/Shanghai"}
    assert place["areas"] == {"area": [{"code": "城"}]}


def test_the_version_is_the_same_for_the_same_bytes(folder: Path) -> None:
    assert read_place(folder).version == read_place(folder).version
    assert read_place(folder).version.startswith("somewhere-")


CHANGES: dict[str, Callable[[Path], object]] = {
    "a byte": lambda areas: areas.write_text(areas.read_text() + "#"),
    "a file more": lambda areas: areas.with_name("more.toml").write_text(""),
    "a file less": lambda areas: areas.unlink(),
    "a file renamed": lambda areas: areas.rename(areas.with_name("zones.toml")),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_version_changes_with_whatever_changes(folder: Path, change: str) -> None:
    before = read_place(folder).version
    CHANGES[change](folder / "areas.toml")
    assert read_place(folder).version != before


def test_what_is_no_toml_file_is_not_looked_at(folder: Path) -> None:
    before = read_place(folder)
    (folder / "README.md").write_text("words")
    assert read_place(folder) == before


def test_broken_toml_is_named_with_its_line(folder: Path) -> None:
    (folder / "areas.toml").write_text('[[area]]\ncode = "x\n')
    with pytest.raises(PlaceError, match=r"areas\.toml: .*line 2"):
        read_place(folder)


def test_a_file_that_is_not_utf8_is_named(folder: Path) -> None:
    (folder / "areas.toml").write_bytes("城".encode("gbk"))
    with pytest.raises(PlaceError, match=r"areas\.toml"):
        read_place(folder)


def test_a_missing_file_is_named(folder: Path) -> None:
    with pytest.raises(PlaceError, match=r"^limits\.toml is missing$"):
        read_place(folder)["limits"]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(PlaceError, match="nowhere is not a folder"):
        read_place(tmp_path / "nowhere")


def test_the_demonstration_is_whole_and_its_version_fits_every_event() -> None:
    place = read_place(DEMO)
    assert {"areas", "categories", "dispatch", "limits", "place", "units"} <= set(place.tables)
    assert len(place.version) <= 64
