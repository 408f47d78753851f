"""Photographs and other files of a form on their way to intake: each is stored or refused by its name."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from starlette.datastructures import FormData, UploadFile

from apps.citizen.proof import Own
from apps.citizen.requests import Requests
from apps.web.services import ServiceProblem
from apps.web.view import View
from contracts.attachments import MOST_ATTACHMENTS

log = logging.getLogger(__name__)
NAME, KEPT = "attachments", "stored"
"""Fields of a form: files to be sent, and those that intake has already."""
ACCEPT = "image/*,.heic,.heif,application/pdf,audio/*,.amr,.m4a"
MOST_NAME = 80
_KEPT = re.compile(r"([0-9a-f]{32}) ?(.*)", re.DOTALL)


@dataclass(frozen=True)
class StoredFile:
    """A file that intake has: its id, and its name on the complainant's device."""

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


def kept(sent: FormData) -> list[StoredFile]:
    """Files that were stored with an earlier version of the form, each once."""
    found: dict[str, StoredFile] = {}
    for value in sent.getlist(KEPT):
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


class Uploads:
    """Passes files on to intake."""

    def __init__(self, requests: Requests, most_bytes: int) -> None:
        self._requests = requests
        self.most_bytes = most_bytes

    async def take(self, view: View, sent: FormData, files: Files, address: str, own: Own | None = None) -> None:
        """Add the files of the form; what intake refuses is named, the rest stays.

        Raises `ServiceProblem` where intake is away; files that were not stored are named then, too.
        """
        given = [each for each in sent.getlist(NAME) if isinstance(each, UploadFile) and (each.filename or each.size)]
        for n, each in enumerate(given):
            try:
                await self.one(view, each, files, address, own)
            except ServiceProblem:
                again = view.t("没有传上，请重新选择。", "it could not be stored; choose it again.")
                files.refused += [f"{short(lost.filename or '')}: {again}" for lost in given[n:]]
                raise

    async def one(self, view: View, file: UploadFile, files: Files, address: str, own: Own | None = None) -> None:
        """Store one more file, or record why not."""
        name = short(file.filename or "") or view.t("文件", "file")
        if len(files.stored) >= MOST_ATTACHMENTS:
            most = view.t(f"最多 {MOST_ATTACHMENTS} 个文件", f"no more than {MOST_ATTACHMENTS} files are taken")
            files.refused.append(f"{name}: {most}")
            return
        if file.size and file.size > self.most_bytes:
            most = megabytes(self.most_bytes)
            files.refused.append(
                f"{name}: " + view.t(f"超过 {most}，请压缩后重新选择。", f"larger than {most}; choose a smaller one.")
            )
            return
        media_type = file.content_type or "application/octet-stream"
        try:
            await file.seek(0)
            stored = await self._requests.upload("file", file.file, media_type, own, address)
        except ServiceProblem as problem:
            if problem.away:
                raise
            why: Sequence[Mapping[str, str]] = [{"zh": each.zh, "en": each.en} for each in problem.reasons]
            texts = why or [{"zh": problem.zh, "en": problem.en}]
            files.refused.append(f"{name}: " + " ".join(view.t(each["zh"], each["en"]) for each in texts))
            return
        files.stored.append(StoredFile(stored, name))
