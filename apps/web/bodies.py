"""Reads a form that was sent, of a bounded size."""

from __future__ import annotations

from starlette.datastructures import FormData
from starlette.requests import ClientDisconnect, Request

from apps.web.services import ServiceProblem

FORM_BYTES = 4_000_000
"""Size limit of a form without files."""
DRAINED_BYTES = 500_000_000
"""Bytes of a too large form that are read and discarded: browsers show no answer before they have sent the form."""


async def form_of(request: Request, most_bytes: int = FORM_BYTES) -> FormData:
    """The fields and files of the request. Raises `ServiceProblem` where they are more than that."""
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) <= most_bytes:
        return await request.form(max_files=20, max_fields=1_000, max_part_size=2 * 1024 * 1024)
    if length.isdecimal() and int(length) <= DRAINED_BYTES:
        try:
            async for _ in request.stream():
                pass
        except ClientDisconnect:
            pass
    most = f"{most_bytes / 1_000_000:.0f} MB"
    raise ServiceProblem(
        413,
        "too-large",
        f"整份表单（包括照片和文件）不能超过 {most}。请返回，减少内容后重新提交；填写的内容还在。",
        f"The whole form, its files included, may have {most}. Go back and send less; what you typed is still there.",
    )
