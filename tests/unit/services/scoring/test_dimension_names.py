"""Numbers by a dimension are shown with names in Chinese and English, over HTTP and on a terminal."""

from __future__ import annotations

from io import StringIO

from rich.console import Console

from contracts.code_names import APPEAL_NAMES, CHANNEL_NAMES
from contracts.codes import AppealType, Channel
from services.scoring.domain.scores.counting import Tally
from services.scoring.domain.scores.items import ItemTally
from services.scoring.domain.scores.naming import DimensionNames
from services.scoring.domain.scores.policy import ScorePolicy
from services.scoring.item_views import ITEM_DIMENSIONS
from services.scoring.score_documents import item_numbers_of, numbers_of
from services.scoring.score_views import BY
from tests.unit.policies.opened import opened
from tests.unit.services.scoring.score_makers import NOVEMBER, handling
from xn.scores.showing import items_table, numbers_table

PLACE = opened("jiangmen-2008")
POLICY: ScorePolicy = PLACE.scores


def test_every_code_of_the_language_has_two_names() -> None:
    assert set(CHANNEL_NAMES) == set(Channel)
    assert set(APPEAL_NAMES) == set(AppealType)
    assert all(each[of] for names in (CHANNEL_NAMES, APPEAL_NAMES) for each in names.values() for of in ("zh", "en"))


def test_every_dimension_names_what_it_counts_by() -> None:
    found = {
        "unit": ("planning", "市规划局"),
        "centre": ("city-12345", "12345政府服务热线"),
        "level": ("district", "区县"),
        "channel": ("overseas-forum", "侨乡论坛"),
        "category": ("noise", "噪声"),
        "appeal": ("complaint", "投诉"),
        "area": ("pengjiang", "蓬江区"),
        "system": ("e-supervision", "电子监察系统"),
        "matter": ("leader-instruction", "办理领导批示件"),
        "all": ("all", "全部"),
    }
    assert set(found) == {*BY, *ITEM_DIMENSIONS}
    for by, (code, zh) in found.items():
        assert zh[:2] in POLICY.names.name(by, code, "zh"), by
        assert POLICY.names.name(by, code, "en") != code or by in {"all", "level", "appeal"}, by


def test_a_code_that_the_place_has_given_up_is_shown_as_it_is_or_by_its_common_name() -> None:
    names = DimensionNames.from_tables({"units": {"unit": []}, "channels": {"channel": []}})
    assert names.name("channel", "old-forum", "zh") == "old-forum"
    assert names.name("channel", "web", "zh") == "网站"


def test_numbers_over_http_have_code_and_names() -> None:
    row = numbers_of("channel", "overseas-forum", Tally(), POLICY)
    assert (row.of, row.zh) == ("overseas-forum", "侨乡论坛")
    items = item_numbers_of("system", "e-supervision", ItemTally(), POLICY)
    assert (items.of, items.zh, items.en) == ("e-supervision", "电子监察系统", "Electronic supervision")


def test_numbers_on_a_terminal_have_code_and_names() -> None:
    tally = Tally()
    tally.add(handling(channel="overseas-forum"), POLICY.span(NOVEMBER))
    printed = Console(width=240, record=True, file=StringIO())
    printed.print(numbers_table({"overseas-forum": tally}, "channel", POLICY))
    printed.print(items_table({"e-supervision": ItemTally()}, "system", POLICY))
    shown = printed.export_text()
    for words in ("overseas-forum", "侨乡论坛", "forum of the home of overseas Chinese", "电子监察系统"):
        assert words in shown
