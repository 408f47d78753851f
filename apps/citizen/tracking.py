"""Follow a case: by number and code or by a link out of a notice, its timeline, and what may be done about it."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace

from starlette.datastructures import FormData
from starlette.responses import Response

from apps.citizen.actions import ACTIONS, Action, asked_questions, beside_fields, body_of, offered
from apps.citizen.allowance import Allowance
from apps.citizen.filing import MOST_FORMS, key_of
from apps.citizen.proof import TOKEN, Own, Sealer
from apps.citizen.requests import Requests, Status, address_of, too_many
from apps.citizen.settings import CitizenSettings
from apps.citizen.uploads import Uploads
from apps.citizen.words import ENDINGS, GRADES, STAGE_TONES, limit_words
from apps.web.downloads import headers_of
from apps.web.forms import Form, Spec, build, read
from apps.web.place import Question
from apps.web.services import ServiceProblem
from apps.web.uploads import ACCEPT, NAME, Files, kept
from apps.web.view import View
from apps.web.words import COMPLAINANT_RESULTS, COMPLAINANT_STAGES

PROOF: tuple[Spec, ...] = (
    Spec(
        "number",
        "受理编号",
        "Case number",
        "text",
        ("如 BC-20261123-000042", "Such as BC-20261123-000042"),
        required=True,
        most=60,
    ),
    Spec(
        "receipt_code",
        "查询码",
        "Receipt code",
        "text",
        ("16 位数字", "16 digits"),
        required=True,
        most=60,
        inputmode="numeric",
    ),
)
REFUSED_PROOFS = {"link-invalid", "link-expired", "proof-missing"}


class TrackingPages:
    """The handlers."""

    def __init__(self, settings: CitizenSettings, requests: Requests, uploads: Uploads, sealer: Sealer) -> None:
        self._requests = requests
        self._uploads = uploads
        self._sealer = sealer
        self._sent = Allowance(settings.citizen_uploads_per_minute)
        self._most_file_bytes = settings.citizen_upload_bytes
        self._stored: OrderedDict[str, Files] = OrderedDict()

    async def ask(self, view: View) -> Response:
        """The form for number and code."""
        return self._question(view, build(view, PROOF))

    async def track(self, view: View) -> Response:
        """Look the case up; the proof goes into the sealed cookie and the browser to `/case`."""
        sent = await view.form()
        form, values = read(view, PROOF, sent)
        if form.faults:
            return self._question(view, form, 422)
        own = Own(number=str(values["number"]), code=str(values["receipt_code"]))
        try:
            await self._requests.status(own, address_of(view), fresh=True)
        except ServiceProblem as problem:
            if problem.status == 404:
                form.fail(
                    view.t("编号或查询码不正确，请核对后重试。", "Number or code is wrong; compare both and try again.")
                )
                return self._question(view, form, 404)
            form.refuse(view, problem)
            return self._question(view, form, problem.status)
        response = view.redirect("/case")
        self._sealer.write(view.request, response, own)
        return response

    async def link(self, view: View) -> Response:
        """Exchange the token of a notice's link for the sealed cookie, and leave its address.

        The page moves on by itself, not by a redirect: a browser that comes from a mail sends no strict cookie to the
        target of a redirect. It may not be named as a referrer, and browsers replace it in their history.
        """
        token = str(view.request.path_params["token"])
        if not TOKEN.fullmatch(token):
            return self._question(view, self._lost(view, "link-invalid"), 404)
        response = view.render("citizen/link.html", headers={"Referrer-Policy": "no-referrer"})
        rates_only = view.request.url.path.startswith("/r/")
        self._sealer.write(view.request, response, Own(link=token, rates_only=rates_only))
        return response

    async def case(self, view: View) -> Response:
        """The case of the cookie."""
        own = await self._own(view)
        if own is None:
            return self._question(view, self._lost(view, "ended"), 401)
        return await self._case(view, own)

    async def evidence(self, view: View) -> Response:
        """A file that the unit has given with its answer."""
        own = await self._own(view)
        if own is None:
            return self._question(view, self._lost(view, "ended"), 401)
        file_id = str(view.request.path_params["file_id"])
        found = await self._requests.evidence(own, file_id, address_of(view))
        return Response(found.content, headers=headers_of(found.headers, file_id))

    async def act(self, view: View) -> Response:
        """Do something about the case; a refusal is shown beside its field."""
        action = ACTIONS[view.request.url.path.rpartition("/")[2]]
        sent = await view.form()
        try:
            own = await self._own(view)
            if own is None:
                return self._question(view, self._lost(view, "ended"), 401)
            return await self._act(view, own, action, sent)
        finally:
            await sent.close()

    async def _act(self, view: View, own: Own, action: Action, sent: FormData) -> Response:
        asked = await self._asked(view, own, action)
        form, values = read(view, action.specs(asked), sent)
        files, status = Files(kept(sent)), 422
        try:
            await self._files(view, own, action, sent, files)
            for each in files.refused:
                form.fail(each, NAME)
            if not form.faults:
                body = body_of(action, values, files.ids)
                done = await self._requests.act(action.name, own, body, form.once, address_of(view))
                late = ("已收到，正在处理；请稍后刷新查看。", "Received and being processed; reload in a moment.")
                return view.redirect(f"/case?done={action.name}", *(action.done if done else late))
        except ServiceProblem as problem:
            status = problem.status
            form.refuse(view, beside_fields(problem, action))
        return await self._case(view, own, (action, form, files), status)

    async def _asked(self, view: View, own: Own, action: Action) -> list[Question]:
        """The questions that a supplement answers. Raises `ServiceProblem`."""
        if not action.files or not own.proof:
            return []
        return asked_questions(view.place, (await self._requests.status(own, address_of(view))).awaited)

    async def _files(self, view: View, own: Own, action: Action, sent: FormData, files: Files) -> None:
        """Store the files of a supplement. A form that is sent again cites what it has stored: the same request."""
        if not action.files:
            return
        key = key_of(str(sent.get("once")), sent)
        if (known := self._stored.get(key)) is not None:
            files.stored = known.stored
            return
        if seconds := self._sent.wait_seconds(address_of(view)):
            raise too_many(seconds)
        await self._uploads.take(view, sent, files, address_of(view), own)
        if not files.refused:
            self._stored[key] = files
        while len(self._stored) > MOST_FORMS:
            self._stored.popitem(last=False)

    async def see(self, view: View) -> Response:
        """`/case/ACTION` by its address, such as after a change of language: the case."""
        return view.redirect("/case" + (f"?{view.request.url.query}" if view.request.url.query else ""))

    async def leave(self, view: View) -> Response:
        """Forget the case."""
        response = view.redirect("/", "已退出查看。", "This browser no longer shows the case.")
        self._sealer.end(response)
        return response

    async def _own(self, view: View) -> Own | None:
        """The case of the cookie; a case that was filed here learns its number. Raises `ServiceProblem`."""
        own = self._sealer.read(view.request)
        if own is None or own.proof or not own.case_id:
            return own
        found = await self._requests.numbered(own.case_id, 0)
        return replace(own, number=found.number) if found else own

    async def _case(
        self, view: View, own: Own, failed: tuple[Action, Form, Files] | None = None, code: int = 200
    ) -> Response:
        if not own.proof:
            return view.redirect("/complain/receipt")
        try:
            status = await self._requests.status(own, address_of(view))
        except ServiceProblem as problem:
            if problem.status == 404 or any(each.code in REFUSED_PROOFS for each in problem.reasons):
                form = build(view, PROOF)
                form.refuse(view, problem)
                response = self._question(view, form, problem.status)
                self._sealer.end(response)
                return response
            raise
        done = view.request.query_params.get("done", "") if view.flash() else ""  # later, the status knows
        actions = offered(status.can, done, rates_only=own.rates_only)
        if failed is not None and failed[0] not in actions:
            actions.insert(0, failed[0])
        asked = asked_questions(view.place, status.awaited)
        forms = {each.name: build(view, each.specs(asked)) for each in actions}
        if failed is not None:
            forms[failed[0].name] = failed[1]
        return view.render(
            "citizen/case.html",
            code,
            own=own,
            case=status,
            actions=actions,
            forms=forms,
            failed=failed[0].name if failed else "",
            files=failed[2] if failed else Files(),
            opened=self._opened(status, own, failed),
            accept=ACCEPT,
            upload_to="",
            stages=COMPLAINANT_STAGES,
            tones=STAGE_TONES,
            results=COMPLAINANT_RESULTS,
            endings=ENDINGS,
            grades=GRADES,
            limit_words=limit_words,
            most_bytes=self._most_file_bytes,
        )

    @staticmethod
    def _opened(status: Status, own: Own, failed: tuple[Action, Form, Files] | None) -> str:
        """The action whose form is shown open."""
        if failed is not None:
            return failed[0].name
        return "supplement" if "supplement" in status.can and not own.rates_only else "rate"

    def _question(self, view: View, form: Form, status: int = 200) -> Response:
        return view.render("citizen/track.html", status, form=form)

    @staticmethod
    def _lost(view: View, why: str) -> Form:
        form = build(view, PROOF)
        if why == "ended":
            form.fail(
                view.t("为保护隐私，查看已超时，请重新输入。", "For your privacy the view has ended; enter both again.")
            )
        else:
            form.fail(
                view.t("链接不完整，请从通知中完整复制。", "The link is not complete; copy all of it from the notice.")
            )
        return form
