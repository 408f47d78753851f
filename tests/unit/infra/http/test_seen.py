"""What happened after the version that a client saw, from documents of the small service of `bench`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response

from contracts.refusals import malformed
from infra.http.endpoint import Caller
from infra.http.keys import new_key
from infra.http.problems import HttpProblem
from infra.http.seen import Change, Seen, changed_by_others, seen_version, with_version
from infra.store import Whole
from tests.unit.infra.bench import AT, Noted, Shelf, Tally, added, ask, key_of, opened, said, shelf

A, UNIT, POST = key_of("a"), "police", "police.desk-1"


class Saved:
    """A shelf as the store that changes are read from."""

    def __init__(self, it: Shelf[Tally]) -> None:
        self.it = it

    async def whole(self, key: str) -> Whole | None:
        row = self.it.rows.get(key)
        return Whole(row["state"], tuple(row["applied"]), tuple(self.it.histories[key])) if row else None


def post_of(body: Mapping[str, Any]) -> str | None:
    """The small service names no posts: what it notes of the health office stands for one."""
    return "health.desk-1" if body["what"] == "asked by health" else None


async def since(it: Shelf[Tally], version: int, unit: str = UNIT) -> list[Change]:
    saved: Any = Saved(it)
    seen = Seen(saved, Noted.TOPIC, "told.{unit}", lambda state, unit: unit == UNIT and state["total"] >= 0, post_of)
    return await seen.since(A, unit, version)


@pytest.fixture
def it() -> Shelf[Tally]:
    """Opened, asked by two units, refused, added to: five events of which one is a refusal."""
    found = shelf()
    asked = [(ask(A), "one"), (ask(A, -1), "refused"), (ask(A, unit="health"), "two")]
    found.take(said(opened(A), "1"), *(said(each, id) for each, id in asked), said(added(A, 2), "3"))
    return found


async def test_changes_name_who_gave_the_command_and_what_followed(it: Shelf[Tally]) -> None:
    found = await since(it, 0)
    assert [(each.facts["what"], each.unit, each.post) for each in found] == [
        ("opened", None, None),
        ("asked by police", "police", None),
        ("asked by health", "health", "health.desk-1"),
        ("added 2", None, None),
    ]
    assert {each.type for each in found} == {Noted.TYPE}
    assert found[0].at == AT
    assert found[0].facts == {"what": "opened", "total": 0}


@pytest.mark.parametrize(("version", "count"), [(0, 4), (1, 3), (2, 2), (3, 2), (4, 1), (5, 0), (99, 0)])
async def test_only_what_came_after_the_version_is_a_change(it: Shelf[Tally], version: int, count: int) -> None:
    assert len(await since(it, version)) == count


async def test_a_unit_that_may_not_see_the_document_gets_what_was_published_to_it(it: Shelf[Tally]) -> None:
    assert await since(it, 0, unit="health") == []
    *_, last = it.histories[A]
    it.histories[A].append(replace(last, position=last.position + 1, topic="told.health", cause="one"))
    (found,) = await since(it, 5, unit="health")
    assert (found.facts["what"], found.unit) == ("added 2", "police")
    assert await since(it, 6, unit="health") == []
    assert await since(it, 0, unit="ecology") == []
    assert await since(shelf(), 0) == []


@pytest.mark.parametrize(
    ("unit", "post", "others"),
    [
        (None, None, False),
        (UNIT, POST, False),
        (None, POST, False),
        (UNIT, "police.desk-2", True),
        (UNIT, None, True),
        ("health", POST, True),
        (None, "police.desk-2", True),
    ],
)
def test_another_post_conflicts_but_neither_the_own_nor_a_time_limit(
    unit: str | None, post: str | None, others: bool
) -> None:
    caller = Caller("r", "", "", new_key(UNIT, ("act",), kind="unit", post=POST)[1])
    assert changed_by_others([Change(type="t", at=AT, unit=unit, post=post, facts={})], UNIT, caller) is others


@pytest.mark.parametrize(("header", "version"), [('"12"', 12), ('W/"0"', 0), ("*", None), (None, None)])
def test_a_version_is_an_etag(header: str | None, version: int | None) -> None:
    headers = [(b"if-match", header.encode())] if header is not None else []
    assert seen_version(Request({"type": "http", "headers": headers}), fault) == version
    assert with_version(Response(), 12).headers["etag"] == '"12"'


@pytest.mark.parametrize("header", ["12", '"x"', '"1", "2"', '"-1"', '"1234567890"'])
def test_anything_else_is_a_fault(header: str) -> None:
    with pytest.raises(HttpProblem) as problem:
        seen_version(Request({"type": "http", "headers": [(b"if-match", header.encode())]}), fault)
    assert problem.value.reasons[0]["field"] == "If-Match"


def fault(field: str, detail: str) -> HttpProblem:
    return HttpProblem("refused", [malformed(field, detail).model_dump()])
