"""HTTP responses with a stored file: streamed, and always saved rather than displayed by a browser."""

from __future__ import annotations

import base64

from starlette.responses import Response, StreamingResponse

from infra.http.problems import HttpProblem
from infra.http.publishing import SOON
from infra.objects.port import ObjectStore, ObjectStoreError

_EXTENSIONS = {
    "application/pdf": "pdf",
    "audio/aac": "aac",
    "audio/amr": "amr",
    "audio/amr-wb": "awb",
    "audio/mp4": "m4a",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/wav": "wav",
    "image/gif": "gif",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
}


async def download(
    objects: ObjectStore, id: str, media_type: str, size_bytes: int | None, sha256: str | None
) -> Response:
    """Return a streaming response with the file and its digest (RFC 9530). Raises `HttpProblem`."""
    try:
        found = await objects.open(id)
    except ObjectStoreError:
        raise HttpProblem("unavailable", headers=SOON) from None
    if found is None:
        raise HttpProblem("not-found")
    headers = {"Content-Disposition": f'attachment; filename="{id[:12]}.{_EXTENSIONS.get(media_type, "bin")}"'}
    if size_bytes is not None:
        headers["Content-Length"] = str(size_bytes)
    if sha256 is not None:
        headers["Content-Digest"] = f"sha-256=:{base64.b64encode(bytes.fromhex(sha256)).decode()}:"
    return StreamingResponse(found, media_type=media_type, headers=headers)
