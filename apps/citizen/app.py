"""The public pages: every address of the app."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from apps.citizen.actions import ACTIONS
from apps.citizen.filing import FORM_FILES, FilingPages
from apps.citizen.proof import Sealer
from apps.citizen.public import PublicPages
from apps.citizen.requests import Requests
from apps.citizen.settings import CitizenSettings
from apps.citizen.tracking import TrackingPages
from apps.citizen.uploads import Uploads
from apps.web.bodies import FORM_BYTES
from apps.web.services import Services
from apps.web.site import Handler, Link, Page, Site, now

NAVIGATION = (
    Link("/complain", "我要投诉", "File a complaint"),
    Link("/track", "查询办理", "Follow a case"),
    Link("/published", "公开信息", "Published"),
    Link("/figures", "今日数据", "Figures"),
    Link("/paper", "文书核验", "Check a paper"),
    Link("/help", "帮助", "Help"),
)


def build(settings: CitizenSettings, clock: Callable[[], datetime] = now) -> Site:
    """The app."""
    services = Services(settings)
    requests = Requests(services, settings.citizen_key.get_secret_value())
    sealer = Sealer(settings.web_secret.get_secret_value(), clock)
    uploads = Uploads(requests, settings.citizen_upload_bytes)
    public = PublicPages(settings, requests)
    filing = FilingPages(settings, requests, uploads, sealer)
    tracking = TrackingPages(settings, requests, uploads, sealer)
    files_bytes = FORM_FILES * settings.citizen_upload_bytes
    pages = (
        _page("/", public.home),
        _page("/help", public.help),
        _page("/published", public.published),
        _page("/figures", public.figures),
        _page("/paper", public.paper),
        _page("/paper", public.check, "POST"),
        _page("/complain", filing.form),
        _page("/complain", filing.file, "POST", files_bytes),
        _page("/complain/files", filing.upload, "POST", settings.citizen_upload_bytes + 100_000),
        _page("/complain/receipt", filing.receipt),
        _page("/track", tracking.ask),
        _page("/track", tracking.track, "POST"),
        _page("/c/{token}", tracking.link),
        _page("/r/{token}", tracking.link),
        _page("/case", tracking.case),
        _page("/case/files/{file_id}", tracking.evidence),
        _page("/case/leave", tracking.leave, "POST"),
        *(
            _page(f"/case/{name}", tracking.act, "POST", files_bytes if action.files else FORM_BYTES)
            for name, action in ACTIONS.items()
        ),
        *(_page(f"/case/{name}", tracking.see) for name in ACTIONS),
    )
    return Site(
        "citizen",
        ("市民诉求服务", "Citizens' complaints"),
        Path(__file__).parent,
        settings,
        pages,
        navigation=NAVIGATION,
        services=services,
        clock=clock,
    )


def _page(path: str, handle: Handler, method: str = "GET", most_bytes: int = FORM_BYTES) -> Page:
    return Page(path, handle, (method,), open=True, most_bytes=most_bytes)
