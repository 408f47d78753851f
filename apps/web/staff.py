"""Builds an app that people sign in to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path

from starlette.routing import BaseRoute

from apps.web.services import Services
from apps.web.sessions import Sessions
from apps.web.settings import StaffSettings
from apps.web.sign_in.pages import SignIn
from apps.web.site import Link, Page, Site, now
from apps.web.tokens import TokenSigner


def staff_site(
    name: str,
    title: tuple[str, str],
    package: Path,
    settings: StaffSettings,
    pages: Sequence[Page],
    *,
    navigation: Sequence[Link] = (),
    services: Services | None = None,
    routes: Sequence[BaseRoute] = (),
    tasks: Sequence[Callable[[], Awaitable[None]]] = (),
    closers: Sequence[Callable[[], Awaitable[None]]] = (),
    clock: Callable[[], datetime] = now,
) -> Site:
    """An app with sign-in, sessions and signed tokens. Raises `DirectoryError`, `OSError`, `ValueError`."""
    sessions = Sessions(settings, clock)
    sign_in = SignIn(settings, sessions)
    site = Site(
        name,
        title,
        package,
        settings,
        pages,
        navigation=navigation,
        services=services,
        sessions=sessions,
        signer=TokenSigner.from_file(settings.token_issuer, settings.token_key_file, clock),
        sign_in=sign_in.routes(),
        routes=routes,
        tasks=tasks,
        closers=closers,
        clock=clock,
    )
    sign_in.site = site
    return site
