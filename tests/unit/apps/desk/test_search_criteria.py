"""The criteria of a search, saved searches, figures, and the dispatcher's lists."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from starlette.datastructures import FormData, QueryParams

from apps.desk.bulk import MOST, chosen
from apps.desk.figures import lines_of, link_of
from apps.desk.queue import kind_of
from apps.desk.queue_case import is_own_proposal
from apps.desk.saved_views import MOST_OF_PERSON, SavedViews, SavedViewsError
from apps.desk.search_criteria import body_of, columns_of, criteria_of, is_asked, query_of


def test_a_telephone_number_is_in_no_address() -> None:
    criteria = criteria_of(FormData([("telephone", "13800138000"), ("area", "beicheng"), ("strange", "x")]))
    assert criteria == {"telephone": ["13800138000"], "area": ["beicheng"]}
    assert query_of(criteria, page=2) == "area=beicheng&page=2"
    assert body_of(criteria)["telephone"] == "13800138000"


def test_criteria_survive_the_address_and_become_the_body_of_a_request() -> None:
    form = [("stage", "queued"), ("stage", "offered"), ("urgent", "true"), ("words", "烧烤 噪声"), ("number", " ")]
    criteria = criteria_of(FormData([*form, ("columns", "title"), ("columns", "due_at")]))
    again = criteria_of(QueryParams(query_of(criteria)))
    assert again == criteria
    assert body_of(again, 3, 20) == {
        "page": 3,
        "page_size": 20,
        "stage": ["queued", "offered"],
        "urgent": True,
        "words": "烧烤 噪声",
    }
    assert columns_of(again) == ["title", "due_at"]


def test_order_and_columns_are_no_search() -> None:
    assert not is_asked({"sort": ["due"], "columns": ["title"], "below": ["false"]})
    assert is_asked({"sort": ["due"], "state": ["open"]})


async def test_views_belong_to_a_person_and_may_be_shared_within_the_unit(tmp_path: Path) -> None:
    file = tmp_path / "new" / "desk.sqlite"
    views = SavedViews(file)
    await views.save("ann", "centre", "mine", "state=open", shared=False)
    await views.save("ann", "centre", "ours", "urgent=true", shared=True)
    await views.save("ann", "centre", "mine", "state=closed", shared=False)
    again = SavedViews(file)  # as after a restart
    assert [(each.name, each.query) for each in await again.of("ann", "centre")] == [
        ("mine", "state=closed"),
        ("ours", "urgent=true"),
    ]
    assert [each.name for each in await again.of("bob", "centre")] == ["ours"]
    assert await again.of("bob", "other") == []
    (shared,) = await again.of("bob", "centre")
    assert not await again.delete("bob", shared.id)
    assert await again.delete("ann", shared.id)
    assert await again.of("bob", "centre") == []


async def test_a_person_has_a_bounded_number_of_views(tmp_path: Path) -> None:
    views = SavedViews(tmp_path / "desk.sqlite")
    for number in range(MOST_OF_PERSON):
        await views.save("ann", "centre", str(number), "state=open", shared=False)
    with pytest.raises(SavedViewsError):
        await views.save("ann", "centre", "one more", "state=open", shared=False)
    await views.save("ann", "centre", "7", "state=closed", shared=False)


def test_figures_link_to_the_days_of_their_bucket() -> None:
    names = ("received", "reopened", "answered", "on_time", "ended", "rated", "solved", "open_at_end")
    empty = dict.fromkeys(names, 0)
    buckets = [
        {**empty, "start": "2026-10-01", "received": 3},
        {**empty, "start": "2026-11-01"},
        {**empty, "start": "2026-12-01", "answered": 1},
    ]
    rows = [{"of": "heating", "zh": "供暖", "en": "Heating", "buckets": buckets}]
    lines = lines_of({"rows": rows}, {"of": "category", "to": "2026-12-09"})
    assert [(each["bucket"]["start"], each["first"]) for each in lines] == [("2026-10-01", True), ("2026-12-01", False)]
    assert lines[0]["links"]["received"] == "/search?category=heating&received_from=2026-10-01&received_to=2026-10-31"
    assert lines[1]["links"]["answered"].endswith("stage=closed&closed_from=2026-12-01&closed_to=2026-12-09")
    assert link_of("received", "all", "", "2026-10-01", "2026-10-31").startswith("/search?received_from=")
    assert link_of("received", "unit", "police", "2026-10-01", "2026-10-31") == ""


@pytest.mark.parametrize(
    ("stage", "rule", "kind"),
    [("proposed", "approval", "approval"), ("queued", "returned", "dispute"), ("queued", "no-rule", "dispatch")],
)
def test_a_waiting_case_is_in_one_list(stage: str, rule: str, kind: str) -> None:
    assert kind_of({"stage": stage, "rule": rule}) == kind


def test_only_a_proposal_of_the_own_post_is_left_to_another() -> None:
    case: dict[str, Any] = {"proposal": {"to": "police", "by": "centre.desk-1"}}
    assert is_own_proposal("centre.desk-1", case)
    assert not is_own_proposal("centre.desk-2", case)
    assert not is_own_proposal("centre.desk-1", {"proposal": {"to": "police", "by": None}})
    assert not is_own_proposal("centre.desk-1", {})


def test_a_bulk_action_takes_each_case_once_and_a_bounded_number() -> None:
    assert chosen(FormData([("case", "a"), ("case", "b"), ("case", "a")])) == ["a", "b"]
    assert len(chosen(FormData([("case", str(number)) for number in range(500)]))) == MOST
