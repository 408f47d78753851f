"""`xn topics list` shows the whole registry."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from contracts.topics import REGISTRY
from infra.exits import Exit
from xn.__main__ import run
from xn.place import bodies_of, systems_of, units_of
from xn.topics import app

ROOT = Path(__file__).parents[3]


def test_every_topic_and_every_type_is_listed():
    done = CliRunner().invoke(app, ["list"], env={"COLUMNS": "240"})
    assert done.exit_code == 0
    for topic in REGISTRY.topics:
        assert topic.name in done.output
        assert all(message.__name__ in done.output for message in topic.messages)


def test_the_units_of_a_place_are_those_of_its_tree():
    assert "police-beicheng" in units_of(ROOT / "policies" / "demo")


def test_a_place_may_name_more_systems_whose_items_are_watched(tmp_path: Path):
    assert systems_of(tmp_path) == ["e-supervision"]
    (tmp_path / "systems.toml").write_text('[[system]]\nid = "approvals"\nzh = "网上审批"\nen = "Online approvals"\n')
    assert systems_of(tmp_path) == ["approvals", "e-supervision"]


def test_a_folder_that_is_no_place_is_said_to_be_none(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    with pytest.raises(OSError, match=r"units\.toml"):
        units_of(tmp_path)
    assert run(["topics", "ensure", "--place", str(tmp_path), "--bootstrap", "127.0.0.1:1"]) == Exit.CONTENT
    assert "units.toml is missing" in capfd.readouterr().err


def test_bodies_are_the_uppermost_unit_and_whoever_the_scores_name(tmp_path: Path):
    assert bodies_of(ROOT / "policies" / "demo") == ["city-12345", "city-office"]
    (tmp_path / "units.toml").write_text('[[unit]]\nid = "top"\n[[unit]]\nid = "below"\nparent = "top"\n')
    assert bodies_of(tmp_path) == ["top"]
