"""Photographs and other files of a form on their way to a service: each is stored or refused by its name."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from starlette.datastructures import FormData, UploadFile

from apps.web.services import Credential, Service, ServiceProblem
from apps.web.view import View
from contracts.attachments import MOST_ATTACHMENTS

NAME, KEPT = "attachments", "stored"
"""Fields of a form: files to be sent, and those that the service has already."""
ACCEPT = "image/*,.heic,.heif,application/pdf,audio/*,.amr,.m4a"
FILES_BYTES = 100_000_000
"""Size limit of a form with files."""
MOST_NAME = 80
UPLOAD_SECONDS = 120.0
Store = Callable[[BinaryIO, str], Awaitable[str]]
"""Sends a file of this media type to its service and returns its id. Raises `ServiceProblem`."""
_KEPT = re.compile(r"([0-9a-f]{32}) ?(.*)", re.DOTALL)


@dataclass(frozen=True)
class StoredFile:
    """A file that a service has: its id, and its name on the sender's device."""

    id: str
    name: str

    @property
    def value(self) -> str:
        """The value of the hidden field."""
        return f"{self.id} {self.name}"


@dataclass
class Files:
    """Files of one form."""

    stored: list[StoredFile] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """Sentences, each with the name of the file."""

    @property
    def ids(self) -> list[str]:
        """What a submission cites."""
        return [each.id for each in self.stored]


def kept(sent: FormData, name: str = KEPT) -> list[StoredFile]:
    """Files that were stored with an earlier version of the form, each once."""
    found: dict[str, StoredFile] = {}
    for value in sent.getlist(name):
        match = _KEPT.fullmatch(value) if isinstance(value, str) else None
        if match:
            found.setdefault(match[1], StoredFile(match[1], short(match[2])))
    return list(found.values())


def short(name: str) -> str:
    """The name of a file without folders, cut in its middle when it is long."""
    plain = re.sub(r"[\x00-\x1f\x7f]", "", name.replace("\\", "/").rpartition("/")[2]).strip()
    return plain if len(plain) <= MOST_NAME else f"{plain[: MOST_NAME - 15]}…{plain[-14:]}"


def megabytes(size: int) -> str:
    """A size as people write it."""
    return f"{size / 1_000_000:.0f} MB"


@dataclass(frozen=True)
class Uploads:
    """Passes the files of one form on to a service."""

    view: View
    store: Store
    most_bytes: int | None = None
    """Size limit of one file; None: the service decides."""

    async def take(self, sent: FormData, files: Files, name: str = NAME) -> None:
        """Add the files of the form; what the service refuses is named, the rest stays.

        Raises `ServiceProblem` where the service is away; files that were not stored are named then, too.
        """
        given = [each for each in sent.getlist(name) if isinstance(each, UploadFile) and (each.filename or each.size)]
        for n, each in enumerate(given):
            try:
                await self.one(each, files)
            except ServiceProblem:
                again = self.view.t("没有传上，请重新选择。", "it could not be stored; choose it again.")
                files.refused += [f"{short(lost.filename or '')}: {again}" for lost in given[n:]]
                raise

    async def one(self, file: UploadFile, files: Files) -> None:
        """Store one more file, or record why not."""
        view = self.view
        name = short(file.filename or "") or view.t("文件", "file")
        if len(files.stored) >= MOST_ATTACHMENTS:
            most = view.t(f"最多 {MOST_ATTACHMENTS} 个文件", f"no more than {MOST_ATTACHMENTS} files are taken")
            files.refused.append(f"{name}: {most}")
            return
        if self.most_bytes and file.size and file.size > self.most_bytes:
            most = megabytes(self.most_bytes)
            files.refused.append(
                f"{name}: " + view.t(f"超过 {most}，请压缩后重新选择。", f"larger than {most}; choose a smaller one.")
            )
            return
        try:
            await file.seek(0)
            stored = await self.store(file.file, file.content_type or "application/octet-stream")
        except ServiceProblem as problem:
            if problem.away:
                raise
            why: Sequence[Mapping[str, str]] = [{"zh": each.zh, "en": each.en} for each in problem.reasons]
            texts = why or [{"zh": problem.zh, "en": problem.en}]
            files.refused.append(f"{name}: " + " ".join(view.t(each["zh"], each["en"]) for each in texts))
            return
        files.stored.append(StoredFile(stored, name))


async def post_file(
    view: View, service: Service, path: str, who: Credential, content: BinaryIO, media_type: str
) -> str:
    """Upload a file to a service, without its name; returns its id. Raises `ServiceProblem`."""
    response = await view.services.request(
        "POST",
        service,
        path,
        who,
        files={"file": ("file", content, media_type)},
        seconds=UPLOAD_SECONDS,
    )
    return str(response.json()["file_id"])
