"""Reads a form that was sent, of a bounded size."""

from __future__ import annotations

from starlette.datastructures import FormData
from starlette.requests import ClientDisconnect

from apps.web.services import ServiceProblem
from apps.web.view import View

DRAINED_BYTES = 500_000_000
"""Bytes of a too large form that are read and discarded: browsers show no answer before they have sent the form."""


async def form_of(view: View, most_bytes: int) -> FormData:
    """The fields and files of the request. Raises `ServiceProblem` where they are more than that."""
    length = view.request.headers.get("content-length", "")
    if length.isdigit() and int(length) <= most_bytes:
        return await view.form()
    if length.isdigit() and int(length) <= DRAINED_BYTES:
        try:
            async for _ in view.request.stream():
                pass
        except ClientDisconnect:
            pass
    most = f"{most_bytes / 1_000_000:.0f} MB"
    raise ServiceProblem(
        413,
        "too-large",
        f"照片和文件合计不能超过 {most}。请返回，减少文件后重新提交；填写的内容还在。",
        f"All files together may have {most}. Go back and choose fewer; what you typed is still there.",
    )
