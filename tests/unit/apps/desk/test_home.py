"""Tiles of the first page: each list in which a unit has something to do, and nothing else."""

from __future__ import annotations

from apps.desk.home import COUNTING, KINDS, waiting_tiles
from apps.web.words import WAITS


def test_a_tile_has_the_number_of_its_list_and_leads_there() -> None:
    tiles = waiting_tiles(
        {
            "intake": {
                "counts": {"verification": 2, "extension": 0},
                "oldest": {"verification": "2026-11-23T01:00:00Z"},
                "held": 3,
            },
            "scoring": {"counts": {"measure": 1, "finding-appeal": 4}},
            "notify": {"counts": {"publication": 5}},
        }
    )
    assert [(each.href, each.count, each.oldest) for each in tiles] == [
        ("/reception?hold=scope", 3, ""),
        ("/waiting/verification", 2, "2026-11-23T01:00:00Z"),
        ("/conduct", 1, ""),
        ("/conduct", 4, ""),
        ("/publications", 5, ""),
    ]


def test_a_service_that_is_away_leaves_the_tiles_of_the_others() -> None:
    tiles = waiting_tiles({"intake": None, "scoring": None, "notify": {"counts": {"silence": 1}}})
    assert [each.href for each in tiles] == ["/silences"]


def test_every_kind_of_wait_has_a_tile_and_one_request_counts_all_kinds_of_a_service() -> None:
    assert {each.what for each in KINDS if each.service == "intake"} == {*WAITS, "held"}
    assert list(COUNTING) == ["intake", "scoring", "notify"]
