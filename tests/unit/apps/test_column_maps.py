"""The built-in column maps read small files with each city's real columns, and all their codes exist."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from apps.channel.columns.cells import instant
from apps.channel.columns.column_map import ColumnMap
from apps.channel.columns.loading import load, shipped
from apps.channel.columns.mapping import read_file
from apps.channel.rows import RowRead
from contracts.channel import SubmitComplaint
from contracts.codes import AppealType, Channel

POLICIES = Path(__file__).resolve().parents[3] / "policies"
FILES = Path(__file__).parent / "files"


def complaints(name: str, file: str) -> list[SubmitComplaint]:
    rows = list(read_file(FILES / f"{file}.csv", load(name).map))
    assert all(isinstance(row, RowRead) for row in rows), rows
    return [row.complaint for row in rows if isinstance(row, RowRead)]


def test_chicago() -> None:
    light, call = complaints("chicago", "chicago")
    assert (light.external_id, light.category, light.area) == ("SR24-00000001", "street-lighting", "city")
    assert light.received_at == datetime(2024, 1, 16, 0, 30, tzinfo=UTC)
    assert light.channel == Channel.WEB
    assert light.text == "Street Light Out Complaint. 1 N EXAMPLE ST, Chicago, 00000. Ward 42. Community area 32"
    assert (light.latitude, light.longitude) == (41.5, -87.5)
    assert [(each.code, each.value) for each in light.attributes] == [("fault", "dark")]
    assert (call.category, call.appeal, call.channel) == ("other", AppealType.CONSULT, Channel.HOTLINE_12345)
    assert call.address == "2 W SAMPLE AVE"
    assert call.received_at == datetime(2024, 7, 4, 5, tzinfo=UTC)


def test_boston() -> None:
    (walk,) = complaints("boston", "boston")
    assert (walk.external_id, walk.category) == ("101000000001", "road-damage")
    assert walk.received_at == datetime(2024, 3, 1, 12, 45, 10, tzinfo=UTC)
    assert walk.title == "Sidewalk Repair"
    assert walk.appeal is AppealType.REQUEST
    assert "1 Example St, Boston, MA, 00000" in walk.text
    assert "Allston" in walk.text


def test_boston_since_2025() -> None:
    (parked,) = complaints("boston", "boston-since-2025")
    assert (parked.external_id, parked.category) == ("BCS-00000001", "parking-illegal")
    assert parked.received_at == datetime(2025, 10, 9, 16, 5, 0, 500_000, tzinfo=UTC)
    assert parked.title == "Car on the sidewalk"
    assert parked.channel == Channel.HOTLINE_12345
    assert (parked.latitude, parked.longitude) == (42.25, -71.25)


def test_san_francisco() -> None:
    bulky, light = complaints("san-francisco", "san-francisco")
    assert (bulky.external_id, bulky.category) == ("17000001", "garbage-collection")
    assert bulky.received_at == datetime(2024, 5, 20, 16, 10, 11, tzinfo=UTC)
    assert bulky.text == "Bulky Items. Furniture. 1 EXAMPLE ST, SAN FRANCISCO, CA, Chinatown"
    assert (light.category, light.latitude) == ("street-lighting", None)


@pytest.mark.parametrize(
    ("name", "export", "api"),
    [("chicago", "chicago", "chicago-api"), ("san-francisco", "san-francisco", "san-francisco-api")],
)
def test_the_columns_of_the_api_give_the_same_complaint(name: str, export: str, api: str) -> None:
    assert complaints(name, api)[0] == complaints(name, export)[0]


def codes(place: str, table: str, list_name: str) -> set[str]:
    return {each["code"] for each in tomllib.loads((POLICIES / place / f"{table}.toml").read_text())[list_name]}


@pytest.mark.parametrize("name", shipped())
def test_every_code_of_a_map_is_a_code_of_its_place(name: str) -> None:
    columns: ColumnMap = load(name).map
    categories = codes(columns.place, "categories", "category")
    areas = codes(columns.place, "areas", "area")
    assert {
        *columns.category.values.values(),
        *columns.attributes,
        *filter(None, [columns.category.fallback]),
    } <= categories
    assert {*columns.area.values.values(), *filter(None, [columns.area.fallback])} <= areas


def test_four_cities_are_shipped() -> None:
    assert shipped() == ("boston", "chicago", "new-york", "san-francisco")


@pytest.mark.parametrize("name", shipped())
def test_every_map_reads_what_spreadsheets_make_of_its_dates(name: str) -> None:
    columns = load(name).map
    for text in ("11/28/2025 8:15", "11/28/2025 8:15:00", "11/28/2025 8:15 AM", "11/28/2025 08:15:00 AM"):
        found = instant(text, columns.received_at.formats, columns.zone)
        assert found == datetime(2025, 11, 28, 8, 15, tzinfo=columns.zone), text


@pytest.mark.parametrize(
    ("name", "latitude", "longitude"),
    [
        ("boston", 42.36, -71.06),
        ("chicago", 41.88, -87.63),
        ("new-york", 40.71, -74.01),
        ("san-francisco", 37.77, -122.42),
    ],
)
def test_every_map_knows_the_area_of_its_city(name: str, latitude: float, longitude: float) -> None:
    within = load(name).map.position.within
    assert within is not None
    assert within.holds(latitude, longitude)
    assert not within.holds(longitude, latitude)
    assert not within.holds(latitude, -longitude)
