"""Stored files of a case and printed documents, streamed from the service that has them.

A browser shows what is known to be harmless (pictures, sound, PDF) and stores everything else.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack

import httpx
from starlette.background import BackgroundTask
from starlette.responses import Response, StreamingResponse

from apps.web.downloads import headers_of
from apps.web.services import Service, ServiceProblem
from apps.web.site import Page
from apps.web.view import View

IMAGES = ("image/jpeg", "image/png", "image/webp", "image/gif")
"""Shown as thumbnails."""
SECONDS = 30.0
"""Without a byte from the service."""


async def attachment(view: View) -> Response:
    """A stored file of a case."""
    case_id, file_id = view.request.path_params["case_id"], view.request.path_params["file_id"]
    return await streamed(view, "routing", f"/v1/cases/{case_id}/attachments/{file_id}", file_id)


async def document(view: View) -> Response:
    """One of the printed documents, as PDF."""
    number = view.request.path_params["number"]
    language = "en" if view.language == "en" else "zh"
    return await streamed(view, "notify", f"/v1/documents/{number}.pdf", f"{number}.pdf", {"language": language})


async def streamed(
    view: View, service: Service, path: str, name: str, params: Mapping[str, str] | None = None
) -> Response:
    """The file of a service, piece by piece. Raises `ServiceProblem`."""
    stack = AsyncExitStack()
    try:
        found = await stack.enter_async_context(
            view.services.stream(service, path, view.who, reason="handling", params=params, seconds=SECONDS)
        )
    except ServiceProblem:
        await stack.aclose()
        raise
    return StreamingResponse(
        _pieces(found, stack), headers=headers_of(found.headers, name), background=BackgroundTask(stack.aclose)
    )


async def _pieces(found: httpx.Response, stack: AsyncExitStack) -> AsyncIterator[bytes]:
    try:
        async for piece in found.aiter_bytes():
            yield piece
    finally:
        await stack.aclose()


PAGES = (
    Page("/cases/{case_id}/files/{file_id}", attachment),
    Page("/documents/{number}.pdf", document),
)
