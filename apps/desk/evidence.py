"""Files of the desk's forms: evidence of a unit's report goes to routing, attachments of a caller's case to intake."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, BinaryIO

from starlette.datastructures import FormData

from apps.web.forms import Field, Form, Spec
from apps.web.services import Credential, Service, ServiceProblem
from apps.web.uploads import ACCEPT, Files, Uploads, kept, post_file
from apps.web.view import View

EVIDENCE = Spec(
    "evidence",
    "佐证材料",
    "Evidence",
    "file",
    help=(
        "照片、PDF、录音，可选多个。照片中的拍摄位置等信息会自动去除。",
        "Photographs, PDF, recordings; several may be chosen. Location and other hidden details are removed.",
    ),
    accept=ACCEPT,
)
EVIDENCE_SHOWN = Spec(
    "evidence_shown",
    "随答复提供给诉求人查看",
    "The complainant may open the evidence with the answer",
    "check",
    help=(
        "不勾选时只有办理、核查和监督单位可以查看。",
        "Otherwise only the units that handle, verify and supervise the case may.",
    ),
)
ATTACHMENTS = Spec(
    "attachments",
    "照片或文件",
    "Photographs or files",
    "file",
    help=(
        "来电人发来的照片、PDF、录音，可选多个。",
        "Photographs, PDF or recordings of the caller; several may be chosen.",
    ),
    accept=ACCEPT,
)


async def take_evidence(view: View, case_id: str, sent: FormData, form: Form, data: dict[str, Any]) -> None:
    """Store the evidence of the form for a report about the case; `data` gets its ids."""
    ids = await _take(view, form, sent, EVIDENCE.name, "routing", f"/v1/cases/{case_id}/evidence", view.who)
    _put(data, EVIDENCE.name, ids)


async def take_attachments(view: View, channel: str, sent: FormData, form: Form, data: dict[str, Any]) -> None:
    """Store the files of a caller for the channel; `data` gets the references."""
    who = view.acting("channel", channel)
    ids = await _take(view, form, sent, ATTACHMENTS.name, "intake", "/v1/attachments", who)
    _put(data, ATTACHMENTS.name, [{"file_id": each} for each in ids])


def _put(data: dict[str, Any], name: str, value: list[Any]) -> None:
    data.pop(name, None)
    if value:
        data[name] = value


async def _take(
    view: View, form: Form, sent: FormData, name: str, service: Service, path: str, who: Credential
) -> list[str]:
    """The ids of what is stored. What is not stored is named beside the field; the form has the rest."""

    async def store(content: BinaryIO, media_type: str) -> str:
        return await post_file(view, service, path, who, content, media_type)

    files = Files(kept(sent, name))
    away = None
    try:
        await Uploads(view, store).take(sent, files, name)
    except ServiceProblem as problem:
        away = view.t(problem.zh, problem.en)
    for each in (*files.refused, *((away,) if away else ())):
        form.fail(each, name)
    form.fields = [_with_stored(view, each, files) if each.name == name else each for each in form.fields]
    return files.ids


def _with_stored(view: View, field: Field, files: Files) -> Field:
    """The field with the files that are stored, and how to leave one out."""
    untick = view.t("以下文件已上传，取消勾选即不提交。", " The files below are uploaded; untick one to leave it out.")
    text = f"{field.help}{untick}" if files.stored else field.help
    return replace(field, values=[each.value for each in files.stored], help=text)
