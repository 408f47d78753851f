"""Everything notify serves over HTTP, put together: notices, receipts, silence, series, documents, the public side."""

from __future__ import annotations

from collections.abc import Callable

from contracts.speakers import kind_of
from infra.app import Application
from infra.http.handing import HttpHanding
from infra.http.key_file import KeyFile
from infra.http.publishing import HttpPublisher
from infra.http.serving import HttpSide, Limits
from infra.http.streaming import Streams
from services.notify.asking import Asking
from services.notify.domain.kept import Kept
from services.notify.domain.rules import Rules
from services.notify.notice_api import NoticeApi, notices
from services.notify.notice_views import NoticeViews
from services.notify.open_side import open_side
from services.notify.place_api import PlaceApi, place
from services.notify.printing.press import Press
from services.notify.receipt_api import ReceiptApi, receipts
from services.notify.series_api import SeriesApi, series
from services.notify.series_views import SeriesViews
from services.notify.settings import NotifySettings
from services.notify.silence_api import SilenceApi, silence
from services.notify.silence_views import SilenceViews
from services.notify.waiting_api import WaitingApi, waiting


def mount(application: Application[Kept], settings: NotifySettings, rules: Callable[[], Rules], press: Press) -> None:
    """It is served beside health and metrics. Raises `KeysError`."""
    asking = Asking(lambda: rules().policy)
    outgoing = HttpPublisher(application.publisher, application.health.not_ready)
    notice_api = NoticeApi(
        NoticeViews(application.store, rules),
        asking,
        outgoing,
        HttpHanding(application.record, application.health.not_ready),
        Streams(settings.kafka_bootstrap, lambda: application.health.stopping),
        application.clock,
    )
    series_api = SeriesApi(SeriesViews(application.store, lambda: rules().policy), asking)
    keys = KeyFile.of(settings, "notify", kind_of, "unit", "provider")
    application.mount(
        HttpSide(
            "Xiaoneng: notify",
            "1.0.0",
            (
                notices(notice_api),
                receipts(ReceiptApi(outgoing, application.clock)),
                silence(SilenceApi(SilenceViews(application.store), asking)),
                series(series_api),
                waiting(WaitingApi(application.store, asking)),
                place(PlaceApi(asking)),
                *open_side(application, settings, rules, press),
            ),
            keys=application.watched(keys),
            tracing=application.tracing,
            metrics=application.metrics,
            limits=Limits(settings.http_body_bytes, settings.http_seconds),
        )
    )
