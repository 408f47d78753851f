"""The city app on one page: its pages and what they work with."""

from __future__ import annotations

from pathlib import Path

from apps.city.changes import Changes
from apps.city.checking import Checker
from apps.city.city import City
from apps.city.days import Calendar
from apps.city.drafts import Drafts
from apps.city.editor import Editor
from apps.city.history import History
from apps.city.overview import Overview
from apps.city.place import PublishedPlace
from apps.city.published import Published
from apps.city.publishing import Publishing
from apps.city.settings import CitySettings
from apps.city.whole_table import WholeTable
from apps.web.services import Services
from apps.web.site import Link, Page, Site, now
from apps.web.staff import staff_site

BOTH = ("GET", "POST")
SEND = ("POST",)


def build(settings: CitySettings) -> Site:
    """The app. Raises what `staff_site` raises."""
    services = Services(settings)
    published = Published(settings.kafka_bootstrap, settings.city_place, now)
    city = City(published, Drafts(settings.city_drafts / settings.city_place), Checker(services))
    site = staff_site(
        "city",
        ("地方配置管理", "Administration of the place"),
        Path(__file__).parent,
        settings,
        pages_of(city),
        navigation=(
            Link("/", "配置表", "Tables", "g t"),
            Link("/calendar", "年历", "Calendar", "g y"),
            Link("/changes", "修改对比", "Changes", "g c"),
            Link("/publish", "发布", "Publish", "g p"),
            Link("/proposals", "各人草稿", "Drafts", "g d"),
            Link("/history", "历史版本", "History", "g h"),
        ),
        services=services,
        tasks=(published.follow,),
    )
    site.place = PublishedPlace(services, published)
    return site


def pages_of(city: City) -> tuple[Page, ...]:
    """Every page, for administrators alone."""
    overview, editor, whole, changes = Overview(city), Editor(city), WholeTable(city), Changes(city)
    publishing, history, calendar = Publishing(city), History(city), Calendar(city)
    pages = (
        Page("/", overview.first),
        Page("/tables/{table}", overview.table),
        Page("/tables/{table}/edit", editor.part, BOTH),
        Page("/tables/{table}/text", whole.text, BOTH),
        Page("/tables/{table}/remove", editor.remove, SEND),
        Page("/tables/{table}/move", editor.move, SEND),
        Page("/tables/{table}/drop", whole.drop, SEND),
        Page("/tables/{table}/restore", whole.restore, SEND),
        Page("/calendar", calendar.present),
        Page("/calendar/{year}", calendar.year, BOTH),
        Page("/changes", changes.compare),
        Page("/changes/take-over", changes.take_over, SEND),
        Page("/changes/discard", changes.discard, SEND),
        Page("/publish", publishing.page, BOTH),
        Page("/proposals", publishing.proposals),
        Page("/proposals/{post}", publishing.proposal),
        Page("/proposals/{post}/release", publishing.release, SEND),
        Page("/proposals/{post}/return", publishing.send_back, SEND),
        Page("/history", history.versions),
        Page("/history/{version}", history.version),
        Page("/history/{version}/restore", history.restore, SEND),
        Page("/history/{version}/{table}", history.table),
    )
    return tuple(Page(each.path, city.guarded(each.handle), each.methods) for each in pages)
