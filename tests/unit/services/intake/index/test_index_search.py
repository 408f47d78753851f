"""Searches: criteria, visibility, order and pages."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.codes import RefusalCode
from services.intake.index.access import Access, unit_access
from services.intake.index.question import MOST_PAGED, CaseQuestion, faults_of_question, from_query, number_prefix
from tests.unit.services.intake.index.lives import PLACE, case, event, found, index, life, registered, searched


@pytest.fixture(scope="module")
def filled() -> Any:
    """Four cases: answered and rated, new in another area, overdue, and about the police."""
    return index(
        *life(1, complainant="c-1"),
        registered(
            2,
            24,
            number="QS-20261103-000001",
            area="qingshan-qingshi",
            jurisdiction="qingshan-centre",
            channel="radio",
            title="路灯不亮",
            text="Lamp No. 5 on Shuangqiao street, 粤A座3号楼前 café",
            category="street-lighting",
            complainant="c-1",
            urgent=True,
        ),
        registered(3, 48, category="heating", title="暖气不热", text="室温只有12度", appeal="request"),
        event("case.assigned", 49, n=3, unit="urban-management", responsible="urban-management", rule="r"),
        event("clock.started", 49, n=3, clock="close", due_at="2026-11-10T16:00:00Z"),
        registered(4, 72, about="police-beicheng", title="民警态度", text="态度恶劣"),
        event("case.assigned", 73, n=4, unit="police-beicheng", responsible="beicheng-centre", rule="r"),
    )


@pytest.mark.parametrize(
    ("asked", "cases"),
    [
        ({"number": "bc 20261102–000001"}, [1]),
        ({"number": "BC202611"}, [4, 3, 1]),
        ({"number": "ＱＳ－20261103"}, [2]),
        ({"words": "噪声"}, [1]),
        ({"words": "烧烤店"}, [1]),
        ({"words": "店整改"}, [1]),
        ({"words": "烤整"}, []),
        ({"words": "噪声 整改"}, [1]),
        ({"words": "噪声 路灯"}, []),
        ({"words": "lamp"}, [2]),
        ({"words": "LAMP cafe"}, [2]),
        ({"words": "A座3号"}, [2]),
        ({"words": "12度"}, [3]),
        ({"words": 'a" OR "b*) NEAR('}, []),
        ({"words": "lamp*"}, [2]),
        ({"unit": ["urban-management"]}, [3]),
        ({"unit": ["city-office"]}, [4, 3, 2, 1]),
        ({"unit": ["city-office"], "below": False}, []),
        ({"centre": ["qingshan-centre"]}, [2]),
        ({"area": ["qingshan"]}, [2]),
        ({"area": ["qingshan"], "below": False}, []),
        ({"category": ["heating", "street-lighting"]}, [3, 2]),
        ({"appeal": ["request"]}, [3]),
        ({"channel": ["radio"]}, [2]),
        ({"state": "closed"}, [1]),
        ({"state": "open"}, [4, 3, 2]),
        ({"stage": ["offered"]}, [4, 3]),
        ({"urgent": True}, [2]),
        ({"overdue": True}, [3]),
        ({"overdue": False}, [4, 2, 1]),
        ({"rated": True}, [1]),
        ({"rated": False, "state": "closed"}, []),
        ({"satisfaction": ["satisfied", "dissatisfied"]}, [1]),
        ({"received_from": "2026-11-03", "received_to": "2026-11-04"}, [3, 2]),
        ({"closed_from": "2026-11-02"}, [1]),
        ({"closed_to": "2026-11-02T05:00:00Z"}, []),
        ({"complainant_of": case(1)}, [2, 1]),
        ({"complainant_of": case(3)}, []),
        ({"state": "open", "sort": "due"}, [2, 4, 3]),
        ({"channel": ["web"], "sort": "due", "order": "desc"}, [1, 3, 4]),
        ({"channel": ["web"], "sort": "updated", "order": "asc"}, [1, 3, 4]),
    ],
)
def test_a_criterion_finds_its_cases(filled: Any, asked: dict[str, Any], cases: list[int]) -> None:
    got = found(filled, **asked)
    assert got == [case(n) for n in cases]


def test_a_telephone_number_is_searched_by_its_opaque_reference(filled: Any) -> None:
    assert searched(filled, telephone="13800138000", complainant="c-1").total == 2
    assert searched(filled, telephone="13800138001", complainant="c-2").total == 0


def test_the_history_of_a_complainant_is_searched_by_a_case_that_the_key_may_see(filled: Any) -> None:
    centre = unit_access("qingshan-centre", PLACE)
    assert found(filled, centre, complainant_of=case(2)) == [case(2)]
    assert found(filled, centre, complainant_of=case(1)) == []


@pytest.mark.parametrize(
    ("unit", "cases"),
    [
        ("city-office", {1, 2, 3, 4}),
        ("beicheng-centre", {1, 3, 4}),
        ("qingshan-centre", {2}),
        ("police-beicheng", {1}),
        ("urban-management", {3}),
        ("ecology", set()),
    ],
)
def test_a_unit_sees_its_cases_and_those_below_it_but_never_one_about_itself(
    filled: Any, unit: str, cases: set[int]
) -> None:
    got = found(filled, unit_access(unit, PLACE), received_from="2026-01-01")
    assert set(got) == {case(n) for n in cases}


def test_a_unit_below_the_one_complained_about_does_not_see_the_case_either() -> None:
    below = next(unit for unit, parent in PLACE.units.parents.items() if parent == "urban-management")
    filled = index(registered(1, about="urban-management"), event("case.assigned", 1, unit=below, responsible=below))
    assert found(filled, unit_access(below, PLACE), number="BC-2026") == []
    assert found(filled, unit_access("urban-management", PLACE), number="BC-2026") == []
    assert found(filled, number="BC-2026") == [case(1)]


def test_a_unit_that_had_the_case_before_still_sees_it() -> None:
    filled = index(
        registered(1),
        event("case.assigned", 1, unit="ecology", responsible="beicheng-centre", rule="r"),
        event(
            "case.queued", 2, centre="beicheng-centre", responsible="beicheng-centre", returned_by="ecology", why="w"
        ),
        event("subtask.opened", 3, unit="human-resources", lead="police-beicheng", task="t"),
    )
    for unit in ("ecology", "human-resources"):
        assert found(filled, unit_access(unit, PLACE), number="BC-2026") == [case(1)]
    assert found(filled, unit_access("qingshan-centre", PLACE), number="BC-2026") == []


def test_a_channel_sees_its_own_cases(filled: Any) -> None:
    assert found(filled, Access(channel="radio"), received_from="2026-01-01") == [case(2)]
    assert found(filled, Access(channel="radio"), words="噪声") == []


def test_pages_hold_every_case_once() -> None:
    filled = index(*(registered(n, n / 10) for n in range(25)))
    pages = [searched(filled, category=["noise-residential"], page=page, page_size=10) for page in (1, 2, 3)]
    got = [row["number"] for page in pages for row in page.rows]
    assert got == sorted(got, reverse=True)
    assert (len(set(got)), {page.total for page in pages}) == (25, {25})


@pytest.mark.parametrize(
    ("asked", "code", "field"),
    [
        ({}, RefusalCode.SEARCH_TOO_WIDE, None),
        ({"sort": "due", "page_size": 10}, RefusalCode.SEARCH_TOO_WIDE, None),
        ({"words": "，。"}, RefusalCode.SEARCH_TOO_WIDE, "words"),
        ({"words": "😀😀", "state": "open"}, RefusalCode.SEARCH_TOO_WIDE, "words"),
        ({"words": " ".join(f"w{n}" for n in range(11))}, RefusalCode.MALFORMED, "words"),
        ({"received_from": "9999-12-31"}, RefusalCode.MALFORMED, "received_from"),
        ({"received_to": "0001-01-01"}, RefusalCode.MALFORMED, "received_to"),
        ({"received_to": "9999-12-31T23:59:59Z"}, RefusalCode.MALFORMED, "received_to"),
        ({"received_from": "1969-12-31T23:59:59Z"}, RefusalCode.MALFORMED, "received_from"),
        ({"received_from": "2026-W01-1"}, RefusalCode.MALFORMED, "received_from"),
        ({"received_from": "2026-02-30"}, RefusalCode.MALFORMED, "received_from"),
        ({"received_from": "2026-11-01T00:00:00"}, RefusalCode.MALFORMED, "received_from"),
        ({"received_from": "2026-11-02", "received_to": "2026-11-01"}, RefusalCode.MALFORMED, "received_to"),
        ({"closed_from": "2026-11-02", "closed_to": "2026-11-01T23:00:00+08:00"}, RefusalCode.MALFORMED, "closed_to"),
        ({"words": "声"}, RefusalCode.SEARCH_TOO_WIDE, "words"),
        ({"words": "噪声 a"}, RefusalCode.SEARCH_TOO_WIDE, "words"),
        ({"number": "B"}, RefusalCode.SEARCH_TOO_WIDE, "number"),
        ({"state": "open", "page": 201}, RefusalCode.PAGE_TOO_DEEP, "page"),
        ({"stage": ["asleep"]}, RefusalCode.MALFORMED, "stage"),
        ({"received_from": "yesterday"}, RefusalCode.MALFORMED, "received_from"),
        ({"complainant_of": "17"}, RefusalCode.MALFORMED, "complainant_of"),
    ],
)
def test_a_search_that_is_not_made_says_why(asked: dict[str, Any], code: RefusalCode, field: str | None) -> None:
    assert [(each.code, each.field) for each in faults_of_question(CaseQuestion.model_validate(asked), PLACE.zone)] == [
        (code, field)
    ]


def test_the_deepest_page_is_allowed() -> None:
    question = CaseQuestion.model_validate({"state": "open", "page": MOST_PAGED // 100, "page_size": 100})
    assert faults_of_question(question, PLACE.zone) == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("sl 20261123–000042", "SL-20261123-000042"),
        ("SL20261123000042", "SL-20261123-000042"),
        ("SL2026", "SL-2026"),
        ("ｓｌ－2026", "SL-2026"),
        ("sl", "SL"),
        ("SL-20261123-", "SL-20261123"),
    ],
)
def test_the_beginning_of_a_number_is_read_as_people_type_it(text: str, number: str) -> None:
    assert number_prefix(text) == number


def test_a_query_string_is_read_like_a_body() -> None:
    query = {"area": "beicheng, nancheng", "urgent": "true", "page": "2", "words": "a,b", "below": "maybe"}
    assert from_query(query) == {
        "area": ["beicheng", "nancheng"],
        "urgent": True,
        "page": 2,
        "words": "a,b",
        "below": "maybe",
    }
