"""Files of the complainant's forms on their way to intake."""

from __future__ import annotations

from typing import BinaryIO

from starlette.datastructures import FormData, UploadFile

from apps.citizen.proof import Own
from apps.citizen.requests import Requests
from apps.web import uploads
from apps.web.uploads import Files
from apps.web.view import View


class Uploads:
    """Passes files on to intake."""

    def __init__(self, requests: Requests, most_bytes: int) -> None:
        self._requests = requests
        self.most_bytes = most_bytes

    async def take(self, view: View, sent: FormData, files: Files, address: str, own: Own | None = None) -> None:
        """Add the files of the form; what intake refuses is named, the rest stays. Raises `ServiceProblem`."""
        await self._of(view, address, own).take(sent, files)

    async def one(self, view: View, file: UploadFile, files: Files, address: str, own: Own | None = None) -> None:
        """Store one more file, or record why not. Raises `ServiceProblem`."""
        await self._of(view, address, own).one(file, files)

    def _of(self, view: View, address: str, own: Own | None) -> uploads.Uploads:
        async def store(content: BinaryIO, media_type: str) -> str:
            return await self._requests.upload("file", content, media_type, own, address)

        return uploads.Uploads(view, store, self.most_bytes)
