"""Lists of cases, of a channel and at a reception: every filter is part of the query, so that none hides another."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.clerking import JudgeScope
from contracts.codes import Hold
from contracts.message import case_id_for
from infra.document import Document
from infra.local.engines import Engines
from infra.possible import Possible
from infra.store import Store
from services.intake.domain.attaching import StoredFile
from services.intake.domain.registration import Registration
from services.intake.reception_views import ReceptionViews
from services.intake.status import listed_of
from tests.support.intake_store import intake_store
from tests.unit.services.speaking import registered

BEGIN = datetime(2026, 11, 20, 1, tzinfo=UTC)
SPAN = (BEGIN, BEGIN + timedelta(days=1))


@pytest.fixture
async def store(embedded: Engines) -> AsyncIterator[Store]:
    """A fresh database of intake."""
    async with intake_store(embedded) as store:
        yield store


def case(n: int, channel: str = "web", **state: Any) -> Document:
    """A case that was received `n` seconds after the beginning."""
    document = Document(case_id_for(channel, f"case-{n}"))
    document.state = {
        "number": f"BC-20261120-{n:06d}",
        "channel": channel,
        "category": "heating",
        "registered_at": "2026-11-29T01:30:00Z",
        "received_at": (BEGIN + timedelta(seconds=n)).isoformat().replace("+00:00", "Z"),
        **state,
    }
    return document


async def numbers(store: Store, *, span: tuple[datetime, datetime] = SPAN, limit: int = 1000, **more: Any) -> list[int]:
    """The cases of the channel `web` that are listed, by their position."""
    found = await listed_of(store, "web", span, limit=limit, **more)
    return [int(each.number[-6:]) for each in found]


async def test_old_closed_cases_are_found_behind_more_open_ones_than_a_list_holds(store: Store) -> None:
    closed = [case(1, ended="withdrawn"), case(2, closed_at="2026-11-21T00:00:00Z"), case(3, ended="declined")]
    await store.save([*closed, *(case(n) for n in range(4, 24)), case(30, channel="radio")], "w1", set())
    assert await numbers(store, limit=5, only_open=False) == [3, 2, 1]
    assert await numbers(store, limit=2, only_open=False) == [3, 2]
    assert await numbers(store, limit=5, only_open=True) == [23, 22, 21, 20, 19]
    assert await numbers(store, limit=5) == [23, 22, 21, 20, 19]


async def test_filters_are_combined(store: Store) -> None:
    await store.save(
        [case(1, category="road"), case(2, ended="declined"), case(3), case(4, category="road", ended="x")], "w1", set()
    )
    assert await numbers(store, categories=["road"]) == [4, 1]
    assert await numbers(store, categories=["road", "heating"], only_open=False) == [4, 2]
    assert await numbers(store, categories=["road"], only_open=True) == [1]
    at = BEGIN + timedelta(seconds=2)
    assert await numbers(store, span=(at, at)) == [2]
    assert await numbers(store, span=(at, at + timedelta(microseconds=999_999)), only_open=False) == [2]
    assert await numbers(store, span=(at, at), only_open=True) == []


def held(n: int, centre: str = "beicheng-centre", **state: Any) -> Document:
    """A registered case of the centre, `n` seconds after the beginning."""
    at, id = BEGIN + timedelta(seconds=n), case_id_for("web", f"held-{n}")
    document = Document(id)
    fact = registered(case_id=id, occurred_at=at, received_at=at)
    registration = Registration(
        number=f"BC-20261120-{n:06d}", registered_at=at, fingerprint="f", channel=fact.channel, centre=centre
    )
    document.state = {**registration.model_dump(mode="json"), **state}
    document.announce("intake", [fact], at=at, traceparent=None, cause="m1")
    return document


async def no_files(_: Collection[str]) -> dict[str, StoredFile]:
    return {}


async def test_the_held_queue_has_a_centres_held_cases_the_oldest_first_page_by_page(store: Store) -> None:
    scope, supplement = {"held": "scope"}, {"held": "supplement"}
    other = [held(2, held=None), held(6, "nancheng-centre", **scope), held(7, ended="declined")]
    await store.save([held(5, **scope), held(1, **supplement), held(3, **scope), *other], "w1", set())
    views = ReceptionViews(store, no_files, lambda: BEGIN + timedelta(hours=1), lambda *_: ())

    async def listed(hold: Hold | None, page: int = 1, size: int = 50) -> tuple[list[int], int | None]:
        found = await views.held("beicheng-centre", hold, page, size)
        return [int(each.number[-6:]) for each in found.cases], found.next_page

    assert await listed(None) == ([1, 3, 5], None)
    assert await listed(Hold.SCOPE) == ([3, 5], None)
    assert await listed(Hold.SUPPLEMENT) == ([1], None)
    assert [await listed(None, page, 2) for page in (1, 2, 3)] == [([1, 3], 2), ([5], None), ([], None)]
    (oldest, *_) = (await views.held("beicheng-centre", None, 1, 50)).cases
    assert oldest.age_seconds == 3599


async def test_a_case_is_shown_to_its_centre_alone_and_a_file_as_long_as_it_is_kept(store: Store) -> None:
    file = StoredFile("0" * 32, "web", "image/png", 3, "0" * 64)

    async def files(ids: Collection[str]) -> dict[str, StoredFile]:
        return dict.fromkeys(ids, file)

    kept, erased = held(1, held="scope", files=[file.id]), held(2, held="scope", files=[])
    await store.save([kept, erased], "w1", set())
    views = ReceptionViews(store, files, lambda: BEGIN, lambda *_: (Possible(type=JudgeScope.TYPE),))
    shown = await views.case(kept.key, "beicheng-centre", None)
    assert shown is not None
    assert (shown.stage, shown.hold, shown.age_seconds) == ("scope", "scope", 0)
    assert (shown.version, [each.type for each in shown.can]) == (1, [JudgeScope.TYPE])
    assert await views.case(kept.key, "nancheng-centre", None) is None
    assert await views.case(case_id_for("web", "nobody"), "beicheng-centre", None) is None
    assert await views.file(kept.key, file.id, "beicheng-centre") == file
    assert await views.file(kept.key, file.id, "nancheng-centre") is None
    assert await views.file(erased.key, file.id, "beicheng-centre") is None
