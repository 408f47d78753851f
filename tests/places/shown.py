"""What the month of each place shows beside its numbers: scores, ranks, findings, and what follows from them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from decimal import Decimal

from contracts.codes import FindingSource, SubjectKind
from contracts.routing import AssignmentOffered, CaseClosed, RedoOrdered
from services.scoring.domain.scores.counting import Rate, Tally, shown
from services.scoring.domain.scores.scorecard import Scorecard
from tests.places.inspected import inspected
from tests.places.replay import Replay
from tests.places.windows import procedure, windows

FOUR_CITIES = ("taishan", "kaiping", "heshan", "enping")
THREE_DISTRICTS = ("pengjiang", "jianghai", "xinhui")
UNIT, POST = SubjectKind.UNIT, SubjectKind.POST


def percent(tally: Tally, rate: str) -> str:
    """A rate, as it is shown."""
    return str(shown(tally.rates[rate].value()))


def falling(units: Sequence[str], first: int = 95, step: int = 5) -> dict[str, int]:
    """Points for units: each so much less than the one before."""
    return {unit: first - step * n for n, unit in enumerate(units)}


def followed_by(cards: Sequence[Scorecard], consequence: str) -> list[str]:
    """Units for which that follows, the best first."""
    return [card.unit.id for card in cards if consequence in card.consequences]


async def jian_county(replay: Replay) -> None:
    """Plaques and public statements; the township that cut the power."""
    year = replay.this_year
    for group in ("first", "second", "third"):
        ratings = falling(replay.peers(group), step=9)
        await replay.enter("efficiency-centre", "image", ratings, year)
        await replay.enter("efficiency-centre", "grass-roots", ratings, year)
    groups = (await replay.scores(year)).cards
    for group in ("first", "second", "third"):
        order = [card.unit.id for card in groups[group]]
        assert order == replay.peers(group)
        assert followed_by(groups[group], "plaque") == order[:3]
        assert followed_by(groups[group], "public-statement") == order[-3:]
    found = await replay.finds(
        "efficiency-centre", "jiebu-township", "leading-group", post="jiebu-township.clerk", source=FindingSource.MEDIA
    )
    unit = await replay.proposed(found, UNIT, "jiebu-township")
    post = await replay.proposed(found, POST, "jiebu-township.clerk")
    assert (unit.unit, unit.measures) == ("efficiency-office", ("circulated-criticism",))
    assert post.measures == ("apology", "self-criticism", "moved")
    await inspected(replay, "efficiency-centre")


async def jiaozuo(replay: Replay) -> None:
    """“涉及基层站所的占83%”; the red card for the last two."""
    levels = await replay.numbers("level")
    everywhere = sum(tally.counts["closed"] for tally in levels.values())
    assert str(shown(Rate(levels["town"].counts["closed"], everywhere).value())) == "83.00"
    year = replay.this_year
    for group in ("department", "station"):
        await replay.enter("revolution-office", "ten-thousand", falling(replay.peers(group), step=12), year)
    groups = (await replay.scores(year)).cards
    for group in ("department", "station"):
        order = [card.unit.id for card in groups[group]]
        assert order == replay.peers(group)
        assert followed_by(groups[group], "red-card") == order[-2:]
        assert followed_by(groups[group], "resignation") == []
    found = await replay.finds(
        "revolution-office", "road-transport", "leading-group", source=FindingSource.INSPECTION, problem="delay"
    )
    proposed = await replay.proposed(found, UNIT, "road-transport")
    assert (proposed.unit, proposed.measures) == ("discipline", ("red-card",))


async def jiangmen(replay: Replay) -> None:
    """Rates of each channel, 80/10/10, and the second year of the party departments."""
    channels = await replay.numbers("channel")
    hotline, mobile = channels["hotline-12345"], channels["leader-mobile"]
    closed = {
        name: shown(Rate(each.counts["closed"], each.counts["received"]).value()) for name, each in channels.items()
    }
    assert closed == {"hotline-12345": Decimal("99.60"), "leader-mobile": Decimal("98.29"), "web": Decimal("100.00")}
    centres = await replay.numbers("centre")
    assert {centre: centres[centre].counts["closed"] for centre in centres if centre != "city-12345"} == {
        f"{area}-12345": 2 for area in FOUR_CITIES + THREE_DISTRICTS
    }
    assert (percent(hotline, "satisfaction"), percent(mobile, "satisfaction")) == ("98.00", "100.00")

    facing = ("planning", "construction", "education")
    await replay.enter("style-office", "superior", dict.fromkeys(facing, 90), replay.this_month)
    await replay.enter("style-office", "service-objects", dict.fromkeys(facing, 70), replay.this_month)
    cards = {card.unit.id: card for card in (await replay.scores(replay.this_month)).cards["public-facing"]}
    # what the hotline's ratings are worth, at 80 %, and 9 and 7 of the two others
    expected = {"planning": ("83.20", "82.56"), "construction": ("84.55", "83.64"), "education": ("84.10", "83.28")}
    assert {
        unit: (str(shown(cards[unit].lines[0].value)), str(shown(cards[unit].total))) for unit in facing
    } == expected
    assert (cards["construction"].rank, cards["education"].rank, cards["planning"].rank) == (1, 2, 3)
    assert cards["economy"].total is None, "its cases came over the leaders' mobiles, which are none of the six"

    year, party = replay.this_year, replay.peers("party")
    for period, points in ((year.year_before, (95, 90, 60, 60, 60)), (year, (95, 90, 63, 62, 66))):
        for item in ("superior", "service-objects"):
            await replay.enter("style-office", item, dict(zip(party, points, strict=True)), period)
    found = (await replay.scores(year)).cards["party"]
    assert sorted(followed_by(found, "talk")) == sorted(party[2:])
    assert followed_by(found, "replaced") == [party[3]]

    finding = await replay.finds(
        "discipline", "planning", "leading-group", post="planning.officer-1", source=FindingSource.INSPECTION
    )
    unit = await replay.proposed(finding, UNIT, "planning")
    post = await replay.proposed(finding, POST, "planning.officer-1")
    assert (unit.measures, unit.unit) == (("public-apology",), "style-office")
    assert (post.measures, post.step) == (("admonition-talk", "no-top-grade"), "post-1")
    await procedure(replay)


async def hangzhou(replay: Replay) -> None:
    """The lowest level, what was given back twice, and who deals with officials."""
    levels, units = await replay.numbers("level"), await replay.numbers()
    assert {level: levels[level].counts["answered"] for level in ("village", "district", "city")} == {
        "village": 12,
        "district": 15,
        "city": 20,
    }
    assert units["land"].counts["answered"] == 4
    cards = (await replay.scores(replay.this_month)).tallies.by_unit
    assert [percent(cards[unit], "return") for unit in ("planning", "housing", "land")] == ["100.00", "100.00", "0.00"]
    ruled = [each for each in replay.people.heard if isinstance(each, AssignmentOffered) and each.unit == "land"]
    assert {each.binding for each in ruled} == {True}
    found = await replay.finds("centre-96666", "land", "leading-group", post="land.window-a")
    assert (await replay.proposed(found, POST, "land.window-a")).unit == "personnel"
    assert (await replay.proposed(found, UNIT, "land")).measures == ("circulated-criticism", "exposure")
    await windows(replay)


async def ningbo(replay: Replay) -> None:
    """“一律追究领导责任”: the leader is held for what the inspectors found of another."""
    units = await replay.numbers()
    assert percent(units["labour"], "redo") == "100.00"
    cards = (await replay.scores(replay.this_month)).cards["department"]
    assert {card.rank for card in cards} == {None}
    assert all(card.band is not None for card in cards)
    closed = [each for each in replay.people.heard if isinstance(each, CaseClosed)]
    assert None not in {each.verified_by for each in closed}
    found = await replay.finds("inspectors", "labour", "leading-group", post="labour.officer-a", ban="games-at-work")
    unit = await replay.proposed(found, UNIT, "labour")
    assert unit.measures == ("leader-held",)
    for post in ("labour.officer-a", "labour.director"):
        proposed = await replay.proposed(found, POST, post)
        assert (proposed.step, proposed.measures, proposed.unit) == ("post-1", ("warning-letter",), "supervision")


async def yibin(replay: Replay) -> None:
    """One leader and two staff of each item; all is struck off by who supervises it, some after it was done again."""
    offered = [each for each in replay.people.heard if isinstance(each, AssignmentOffered)]
    assert {(each.leader, each.staff) for each in offered} == {
        (f"{unit}.director", (f"{unit}.officer-1", f"{unit}.officer-2"))
        for unit in ("project-owner", "land-housing", "planning-construction", "shaping-town")
    }
    closed = [each for each in replay.people.heard if isinstance(each, CaseClosed)]
    assert {each.verified_by for each in closed} == {"supervision-bureau"}
    assert len({each.case_id for each in replay.people.heard if isinstance(each, RedoOrdered)}) == 4
    units = await replay.numbers()
    assert [percent(units[unit], "redo") for unit in ("land-housing", "project-owner")] == ["100.00", "0.00"]
    found = await replay.finds("supervision-bureau", "shaping-town", "work-committee", post="shaping-town.officer-1")
    assert (await replay.proposed(found, UNIT, "shaping-town")).unit == "management-committee"
    assert (await replay.proposed(found, POST, "shaping-town.officer-1")).measures == ("admonition-talk",)


async def preset(replay: Replay) -> None:
    """The three rates in bands, and no ranks."""
    found = (await replay.scores(replay.this_month)).cards
    cards = {card.unit.id: card for cards in found.values() for card in cards}
    police = cards["police-east"]
    assert [(line.id, str(shown(line.value))) for line in police.lines] == [
        ("response", "100.00"),
        ("resolution", "90.00"),
        ("satisfaction", "90.00"),
    ]
    assert (str(shown(police.total)), police.band, police.rank, police.small_sample) == (
        "92.00",
        "excellent",
        None,
        True,
    )
    key = await replay.finds("city-12345", "police-east", "government", post="police-east.officer-1")
    proposed = await replay.proposed(key, POST, "police-east.officer-1")
    assert (proposed.unit, proposed.measures) == ("government-office", ("talk",))


SHOWN: Mapping[str, Callable[[Replay], Awaitable[None]]] = {
    "jian-county": jian_county,
    "jiaozuo-2006": jiaozuo,
    "jiangmen-2008": jiangmen,
    "hangzhou-2004": hangzhou,
    "ningbo-2004": ningbo,
    "yibin-lingang": yibin,
    "preset-12345": preset,
}
