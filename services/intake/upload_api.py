"""HTTP endpoints for uploads: one request stores a file, a later submission cites it; its channel can download it."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import Response

from contracts.attachments import Attachment
from infra.http.downloads import download
from infra.http.endpoint import Answer, Caller, Endpoint, respond
from infra.http.problems import HttpProblem, ProblemDocument
from infra.http.publishing import SOON
from infra.http.uploading import FORM
from infra.media.kinds import STORED
from infra.store import StoreError
from services.intake.status import Standing
from services.intake.uploads import UploadDesk

FILE_ID = re.compile(r"[0-9a-f]{32}")


class UploadApi:
    """Handlers of the upload endpoints."""

    def __init__(self, uploads: UploadDesk) -> None:
        self._uploads = uploads

    async def upload(self, request: Request, caller: Caller) -> Response:
        """Store one file and answer with the reference for submissions."""
        stored = await self._uploads.take(self._uploads.file_of(request), caller.speaker, "file")
        return respond(stored, 201)

    async def read(self, request: Request, caller: Caller) -> Response:
        """Return a file that the caller's channel uploaded."""
        return await self.file(str(request.path_params["file_id"]), caller)

    async def file(self, file_id: str, caller: Caller) -> Response:
        """Return the file with this id. Raises `HttpProblem`."""
        try:
            found = (await self._uploads.files([file_id])).get(file_id) if FILE_ID.fullmatch(file_id) else None
        except StoreError:
            raise HttpProblem("unavailable", headers=SOON) from None
        if found is None or found.channel != caller.speaker:
            raise HttpProblem("not-found")
        return await download(self._uploads.objects, found.id, found.media_type, found.size_bytes, found.sha256)


async def evidence(uploads: UploadDesk, standing: Standing, file_id: str) -> Response:
    """Return a file that is part of the answer to this case. Raises `HttpProblem`."""
    found = next((each for each in standing.evidence if each.file_id == file_id), None)
    if found is None:
        raise HttpProblem("not-found")
    return await download(uploads.objects, file_id, found.media_type or "", found.size_bytes, found.sha256)


FILE = Answer("the file", media_types=tuple(sorted(STORED)), schema={"type": "string", "format": "binary"})


def upload_endpoints(
    uploads: UploadDesk, submit: str, read: str, seconds: float, faults: dict[int, Answer]
) -> tuple[Endpoint, ...]:
    """The upload and download endpoints of the native API, with these rights and error responses."""
    api = UploadApi(uploads)
    return (
        Endpoint(
            "POST",
            "/v1/attachments",
            api.upload,
            "Upload a file, to be cited in a submission or supplement",
            {201: Answer("the file's reference", Attachment), **faults},
            right=submit,
            form=uploads.form(1, "file"),
            form_schema=FORM,
            seconds=seconds,
        ),
        Endpoint(
            "GET",
            "/v1/attachments/{file_id}",
            api.read,
            "Download a file that the channel uploaded",
            {
                200: FILE,
                404: Answer("no such file of this channel", ProblemDocument),
                **{status: answer for status, answer in faults.items() if status in {401, 403, 429, 503}},
            },
            right=read,
        ),
    )
