"""Attachments of Open311 requests: `media_url` fields, and files in the form itself."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import Response

from contracts.attachments import MOST_ATTACHMENTS, Attachment
from contracts.channel import SubmitComplaint
from contracts.codes import RefusalCode
from contracts.refusals import malformed, reason
from infra.http.endpoint import Caller
from infra.http.forms import Form
from infra.http.problems import HttpProblem
from infra.http.publishing import SOON
from infra.objects.port import ObjectStoreError
from infra.store import StoreError
from services.intake.gateway import Gateway
from services.intake.open311_names import MEDIA, MEDIA_URL
from services.intake.upload_api import UploadApi


class Media:
    """Stores and serves the attachments of Open311 requests."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._api = UploadApi(gateway.uploads)

    async def stored(self, form: Form | None, fields: Sequence[tuple[str, str]], caller: Caller) -> list[Attachment]:
        """Store each file of the form and return the references. Raises `HttpProblem`."""
        files = form.files if form else []
        faults = [malformed(name, "unknown") for name, _ in files if not MEDIA.fullmatch(name)]
        faults += [malformed(name, "file") for name, _ in fields if MEDIA.fullmatch(name)]
        if len(files) + sum(bool(MEDIA_URL.fullmatch(name)) for name, _ in fields) > MOST_ATTACHMENTS:
            faults.append(reason(RefusalCode.ATTACHMENTS_TOO_MANY, "media_url", most=MOST_ATTACHMENTS))
        if faults:
            raise HttpProblem("refused", [each.model_dump() for each in faults])
        return [await self._gateway.uploads.take(file, caller.speaker, "media") for _, file in files]

    async def cited(self, submission: SubmitComplaint, caller: Caller) -> SubmitComplaint:
        """Assign the files to the request; a file already stored with the same request is not stored twice."""
        try:
            attachments = await self._gateway.uploads.same(submission.attachments, submission.case_id)
        except (StoreError, ObjectStoreError):
            raise HttpProblem("unavailable", headers=SOON) from None
        await self._gateway.claim(attachments, caller.speaker, submission.case_id)
        return submission.model_copy(update={"attachments": tuple(attachments)})

    async def file(self, file_id: str, caller: Caller) -> Response:
        """Return a file that the channel uploaded. Raises `HttpProblem`."""
        return await self._api.file(file_id, caller)


def addresses(attachments: Sequence[Attachment], base: str) -> list[str]:
    """The URL of each attachment; reading a stored file requires an API key of its channel."""
    return [each.url or f"{base}/open311/v2/media/{each.file_id}" for each in attachments]
