"""Pages that publish a draft, or propose it to another post that publishes it (一审一核)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.responses import Response

from apps.city.changes import compared
from apps.city.city import City, parsed
from apps.city.drafts import Draft, Proposal
from apps.city.overview import linked
from apps.city.published import FINAL, OtherVersion
from apps.web.services import ServiceProblem
from apps.web.view import View
from contracts.place_versions import place_of_texts

MOST_REASON = 500
OTHER = (
    "刚才已有别的版本发布，草稿没有发布。请先核对并转到最新版本上。",
    "Another version was published just now, and the draft was not. Compare it with the newest version first.",
)


class WrongTime(ValueError):
    """What was typed is no instant."""


class Publishing:
    """The handlers."""

    def __init__(self, city: City) -> None:
        self._city = city

    async def page(self, view: View) -> Response:
        """Check the draft once more, and publish or propose it."""
        draft = self._city.draft(view)
        if draft is None or not draft.changed_tables:
            return view.render("city/publish.html", draft=None)
        if view.request.method != "POST":
            return await self._page(view, draft)
        form = await view.form()
        typed = str(form.get("valid_from", ""))
        try:
            valid_from = instant_of(typed, view.place.zone)
        except WrongTime:
            return await self._page(view, draft, typed=typed, wrong=True, status=422)
        if str(form.get("version", "")) != self._version(draft):
            zh, en = "草稿在此期间已被改动，请重新核对。", "The draft was changed meanwhile; check it again."
            return view.redirect("/publish", zh, en)
        checked = await self._city.check(view, draft.texts)
        if not checked.clean:
            return await self._page(view, draft, typed=typed, status=422)
        if self._city.needs_second_post():
            return await self._propose(view, draft, valid_from)
        return await self._publish(view, draft, by=view.post, valid_from=valid_from)

    async def _page(
        self, view: View, draft: Draft, *, typed: str = "", wrong: bool = False, status: int = 200
    ) -> Response:
        checked = await self._city.check(view, draft.texts)
        words = self._city.words(view, parsed(draft.texts))
        newest = self._city.newest()
        scheduled = newest if newest.valid_from > view.site.clock() else None
        return view.render(
            "city/publish.html",
            status,
            draft=draft,
            checked=checked,
            faults=[linked(each, words) for each in checked.faults],
            tables=compared(draft.base_texts, draft.texts, words),
            behind=draft.base != newest.version,
            scheduled=scheduled,
            second=self._city.needs_second_post(),
            version=self._version(draft),
            typed=typed,
            wrong=wrong,
        )

    def _version(self, draft: Draft) -> str:
        return place_of_texts(self._city.published.place, draft.texts).version

    async def _propose(self, view: View, draft: Draft, valid_from: datetime | None) -> Response:
        proposal = Proposal(
            view.site.clock().isoformat(), valid_from.isoformat() if valid_from else None, self._version(draft)
        )
        await asyncio.to_thread(self._city.drafts.save, replace(draft, proposal=proposal, returned=""))
        zh, en = "已提交，待另一岗位审核发布。", "Proposed: another post reviews and publishes it."
        return view.redirect(f"/proposals/{draft.post}", zh, en)

    async def _publish(self, view: View, draft: Draft, *, by: str, valid_from: datetime | None) -> Response:
        edited_by = draft.post if draft.post != by else None
        try:
            version = await self._city.published.publish(
                draft.texts, draft.base, by=by, edited_by=edited_by, valid_from=valid_from
            )
        except OtherVersion:
            return view.redirect("/changes", *OTHER)
        except FINAL as error:
            zh = f"消息系统拒绝了发布（{type(error).__name__}）：请联系运维人员检查写入 reference.places 的权限。"
            en = f"The broker refused it ({type(error).__name__}). Ask for the right to write reference.places."
            return view.site.problem(view, ServiceProblem(502, "broker-refused", zh, en))
        await asyncio.to_thread(self._city.drafts.delete, draft.post)
        return view.redirect(f"/history/{version}", "已发布。", "Published.")

    # ---- proposals

    async def proposals(self, view: View) -> Response:
        """Drafts that wait for another post, and other drafts that are being edited."""
        drafts = [each for each in await asyncio.to_thread(list, self._city.drafts.all()) if each.changed_tables]
        words = self._city.words(view, {})
        return view.render("city/proposals.html", drafts=drafts, names=words, second=self._city.needs_second_post())

    async def proposal(self, view: View) -> Response:
        """One of them: what it changes, and its release or return."""
        draft = self._proposed(view)
        checked = await self._city.check(view, draft.texts)
        words = self._city.words(view, parsed(draft.texts))
        return view.render(
            "city/proposal.html",
            draft=draft,
            checked=checked,
            faults=[linked(each, words) for each in checked.faults],
            tables=compared(draft.base_texts, draft.texts, words),
            behind=draft.base != self._city.newest().version,
            own=self._same_person(view, draft),
        )

    async def release(self, view: View) -> Response:
        """Publish what another post has proposed."""
        draft, form = self._proposed(view), await view.form()
        here = f"/proposals/{draft.post}"
        if draft.proposal is None or self._same_person(view, draft):
            return view.redirect(
                here, "须由提交人以外的人发布。", "Another person than the proposer has to publish it."
            )
        if form.get("version") != draft.proposal.version:
            return view.redirect(here, "提交的内容已被改动，请重新核对。", "The proposal was changed; check it again.")
        if not (await self._city.check(view, draft.texts)).clean:
            return view.redirect(here, "还有需要改正的地方，没有发布。", "There are faults; nothing was published.")
        valid_from = draft.proposal.valid_from
        return await self._publish(
            view, draft, by=view.post, valid_from=datetime.fromisoformat(valid_from) if valid_from else None
        )

    async def send_back(self, view: View) -> Response:
        """Return a proposal to the post that made it, with a reason."""
        draft, form = self._proposed(view), await view.form()
        reason = str(form.get("reason", "")).strip()[:MOST_REASON]
        if not reason:
            return view.redirect(f"/proposals/{draft.post}", "请写明退回的理由。", "Give the reason.")
        if draft.proposal is not None:
            await asyncio.to_thread(self._city.drafts.save, replace(draft, proposal=None, returned=reason))
        return view.redirect("/proposals", "已退回修改。", "Returned.")

    def _proposed(self, view: View) -> Draft:
        try:
            draft = self._city.drafts.of(str(view.request.path_params["post"]))
        except ValueError:
            draft = None
        if draft is None:
            raise HTTPException(404)
        return draft

    def _same_person(self, view: View, draft: Draft) -> bool:
        """Whether the person signed in has made the draft, in this post or another."""
        return draft.post == view.post or (view.session is not None and draft.person == view.session.person)


def instant_of(text: str, zone: ZoneInfo) -> datetime | None:
    """A date and time of the city as an instant; None for an empty text. Raises `WrongTime`."""
    if not text.strip():
        return None
    try:
        local = datetime.fromisoformat(text.strip())
        return (local if local.tzinfo else local.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise WrongTime from None
