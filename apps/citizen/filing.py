"""File a complaint: the form, uploads while it is filled in, and the receipt."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

from starlette.datastructures import FormData, UploadFile
from starlette.responses import HTMLResponse, JSONResponse, Response

from apps.citizen.allowance import Allowance
from apps.citizen.complaint import beside_fields, check_contact, questions, specs, submission
from apps.citizen.proof import Own, Sealer
from apps.citizen.requests import Accepted, Requests, address_of, too_many
from apps.citizen.settings import CitizenSettings
from apps.citizen.uploads import Uploads
from apps.web.forms import Form, build, read
from apps.web.place import Category
from apps.web.services import ServiceProblem
from apps.web.uploads import ACCEPT, NAME, Files, kept
from apps.web.view import View
from contracts.attachments import MOST_ATTACHMENTS

FORM_FILES = 5
"""A form may carry so many files of the largest size; more are sent one by one, or in two forms."""
MOST_FORMS = 1_000
ONCE = "the-idempotency-key-of-this-form"


@dataclass
class _Filing:
    """One form that was sent."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    accepted: Accepted | None = None


def key_of(once: str, sent: FormData) -> str:
    """The idempotency key of a form: the same for the same content, another when it was changed and sent again."""
    content = [
        (name, value if isinstance(value, str) else f"{value.filename} {value.size}")
        for name, value in sent.multi_items()
        if name != "once"
    ]
    return hashlib.sha256(f"{once}\n{json.dumps(content)}".encode()).hexdigest()


def unasked(category: Category | None, sent: FormData) -> bool:
    """Whether the questions of the category were not on the page that was sent: without script, they come then."""
    return category is not None and bool(category.questions) and sent.get("asked") != category.code


class FilingPages:
    """The handlers."""

    def __init__(self, settings: CitizenSettings, requests: Requests, uploads: Uploads, sealer: Sealer) -> None:
        self._settings = settings
        self._requests = requests
        self._uploads = uploads
        self._sealer = sealer
        self._filings = Allowance(settings.citizen_filings_per_minute)
        self._sent = Allowance(settings.citizen_uploads_per_minute)
        self._filed: OrderedDict[str, _Filing] = OrderedDict()
        self._empty: dict[tuple[str, str], bytes] = {}

    async def form(self, view: View) -> Response:
        """The empty form: rendered once for each language and version of the place, but for its idempotency key."""
        if view.request.url.query or view.flash():
            return self._page(view, build(view, specs(None)), Files())
        key = (view.language, view.place.document.version)
        if key not in self._empty:
            form = build(view, specs(None))
            form.once = ONCE
            if len(self._empty) > 3:
                self._empty.clear()
            self._empty[key] = bytes(self._page(view, form, Files()).body)
        body = self._empty[key].replace(ONCE.encode(), str(uuid4()).encode())
        return HTMLResponse(body, headers={"Content-Language": "en" if view.language == "en" else "zh-CN"})

    async def file(self, view: View) -> Response:
        """File the complaint, or show the form with everything that is missing or refused."""
        sent = await view.form()
        try:
            return await self._file(view, sent)
        finally:
            await sent.close()

    async def _file(self, view: View, sent: FormData) -> Response:
        code = str(sent.get("category") or "")
        category = view.place.categories.get(code)
        form, values = read(view, specs(category), sent)
        check_contact(view, form, values)
        files, problem = Files(kept(sent)), None
        try:
            if seconds := self._filings.wait_seconds(address_of(view)):
                raise too_many(seconds)
            if unasked(category, sent) and not form.faults:
                await self._uploads.take(view, sent, files, address_of(view))
                return self._page(view, form, files, sent, more=True)
            accepted = await self._once(view, sent, form, values, files)
        except ServiceProblem as refused:
            accepted, problem = None, refused
            form.refuse(view, beside_fields(refused, code))
        if accepted is None:
            status = problem.status if problem is not None else 422
            return self._page(view, form, files, sent, status=status, away=problem is not None and problem.away)
        response = view.redirect("/complain/receipt")
        own = Own(number=accepted.number or "", code=accepted.receipt_code, case_id=accepted.case_id)
        self._sealer.write(view.request, response, own)
        return response

    async def _once(
        self, view: View, sent: FormData, form: Form, values: dict[str, Any], files: Files
    ) -> Accepted | None:
        """File once, however often the same form with the same content is sent; None where something is missing."""
        key = key_of(form.once, sent)
        filing = self._filed.setdefault(key, _Filing())
        while len(self._filed) > MOST_FORMS:
            self._filed.popitem(last=False)
        async with filing.lock:
            if filing.accepted is None:
                await self._uploads.take(view, sent, files, address_of(view))
                for each in files.refused:
                    form.fail(each, NAME)
                if not form.faults:
                    filing.accepted = await self._requests.submit(submission(view, values, files.ids), key)
            return filing.accepted

    def _page(
        self,
        view: View,
        form: Form,
        files: Files,
        sent: FormData | None = None,
        *,
        status: int = 200,
        away: bool = False,
        more: bool = False,
    ) -> Response:
        return view.render(
            "citizen/complain.html",
            status,
            form=form,
            asked=questions(view, form, sent),
            chosen=form["category"].value,
            files=files,
            filled=sent is not None,
            away=away,
            more=more,
            accept=ACCEPT,
            upload_to="/complain/files",
            most_files=MOST_ATTACHMENTS,
            most_bytes=self._settings.citizen_upload_bytes,
        )

    async def upload(self, view: View) -> Response:
        """Store one file while the form is filled in: its hidden field, or why not, as JSON for the page's script."""
        if seconds := self._sent.wait_seconds(address_of(view)):
            raise too_many(seconds)
        sent = await view.form()
        try:
            given, files = sent.get(NAME), Files()
            if isinstance(given, UploadFile):
                await self._uploads.one(view, given, files, address_of(view))
        except ServiceProblem as problem:
            return JSONResponse({"fault": view.t(problem.zh, problem.en)}, problem.status)
        finally:
            await sent.close()
        if not files.stored:
            return JSONResponse({"fault": " ".join(files.refused)}, 422)
        return JSONResponse({"value": files.stored[0].value, "name": files.stored[0].name}, 201)

    async def receipt(self, view: View) -> Response:
        """Number and receipt code; the number comes after some seconds, or later."""
        own = self._sealer.read(view.request)
        if own is None or not own.code or not own.case_id:
            return view.redirect("/track")
        status, away = None, False
        try:
            status = await self._requests.numbered(own.case_id, self._settings.citizen_number_seconds)
        except ServiceProblem:
            away = True
        response = view.render("citizen/receipt.html", own=own, case=status, away=away)
        if status is not None:
            self._sealer.write(view.request, response, replace(own, number=status.number))
        return response
