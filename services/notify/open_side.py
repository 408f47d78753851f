"""What notify shows beyond notices: documents, the public screen, publications. Wired here, mounted by `app`.

Its press is its own: whoever waits for a document does not wait for a report that is being printed.
"""

from __future__ import annotations

from collections.abc import Callable

from infra.app import Application
from infra.http.endpoint import Interface
from infra.http.handing import HttpHanding
from infra.http.publishing import HttpPublisher
from infra.http.streaming import Streams
from infra.tail import follow
from services.notify.asking import Asking
from services.notify.board_api import TOPIC, BoardApi, board
from services.notify.document_api import VERIFY_PATH, DocumentApi, documents
from services.notify.domain.kept import Kept
from services.notify.domain.rules import Rules
from services.notify.papers import Papers
from services.notify.printing.press import Press
from services.notify.publication_views import PublicationViews
from services.notify.publicity_api import PublicityApi, publicity
from services.notify.screen import Screen
from services.notify.settings import NotifySettings


def open_side(
    application: Application[Kept], settings: NotifySettings, rules: Callable[[], Rules], press: Press
) -> tuple[Interface, ...]:
    """The interfaces; what they need works in the background. Whoever gave the press closes it."""
    asking, views = Asking(lambda: rules().policy), PublicationViews(application.store)
    screen = Screen(lambda: rules().policy)
    papers = Papers(
        application.store,
        rules,
        press,
        HttpHanding(application.record, application.health.not_ready),
        application.clock,
        settings.paper_key,
        f"{settings.public_url.rstrip('/')}{VERIFY_PATH}" if settings.public_url else "",
    )
    streams = Streams(settings.kafka_bootstrap, lambda: application.health.stopping)
    outgoing = HttpPublisher(application.publisher, application.health.not_ready)
    application.background.append(lambda: follow(settings.kafka_bootstrap, TOPIC, screen.take))
    return (
        documents(DocumentApi(papers, asking)),
        board(BoardApi(screen, views, streams, application.clock)),
        publicity(PublicityApi(views, asking, outgoing, application.outcomes, streams, application.clock)),
    )
