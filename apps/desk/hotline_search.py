"""Finds cases during a call: by number, telephone or words, among those of the channel and of the agent's unit."""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from apps.desk.parts import document
from apps.web.services import ServiceProblem
from apps.web.view import View

Criterion = Literal["telephone", "number", "words"]
_TELEPHONE = re.compile(r"[+(]?[0-9][0-9 ()-]{4,}")
_NUMBER = re.compile(r"[A-Za-z]{2,4}[ -]?[0-9][0-9 -]*")


@dataclass(frozen=True, slots=True)
class Found:
    """A case of the search, and whether it came by the agent's channel, so that the agent may act on it."""

    case: Mapping[str, Any]
    own: bool

    @property
    def case_id(self) -> str:
        """The id of the case."""
        return str(self.case["case_id"])

    @property
    def open(self) -> bool:
        """Whether it is not answered or ended yet."""
        return self.case["stage"] not in {"closed", "ended"}


def channels_of(view: View) -> Sequence[str]:
    """The channels that the post may speak for."""
    post = view.place.posts.get(view.post)
    return post.channels if post else ()


def channel_of(view: View, chosen: str = "") -> str:
    """The channel that was chosen, or the first of the post. Raises `ServiceProblem` where the post has none."""
    own = channels_of(view)
    if not own:
        raise ServiceProblem(
            403,
            "no-channel",
            "您的岗位不受理任何渠道的来电。",
            "Your post speaks for no channel.",
        )
    return chosen if chosen in own else own[0]


def criterion_of(text: str) -> Criterion:
    """What was typed: a telephone number, the number of a case, or words."""
    plain = unicodedata.normalize("NFKC", text).strip()
    dashed = re.sub(r"[‐-―−–—]", "-", plain)
    if _TELEPHONE.fullmatch(dashed):
        return "telephone"
    return "number" if _NUMBER.fullmatch(dashed) else "words"


async def find(view: View, channel: str, asked: Mapping[str, Any]) -> list[Found]:
    """Cases that fit, the latest first; the unit's own view adds those of other channels. Raises `ServiceProblem`.

    The criteria travel in the body of the request: addresses are logged.
    """
    body = {"page_size": 20, **asked}

    async def by_channel() -> Sequence[Mapping[str, Any]]:
        found = document(await view.services.post("intake", "/v1/cases/search", body, view.acting("channel", channel)))
        return list(found["cases"])

    async def by_unit() -> Sequence[Mapping[str, Any]]:
        try:
            found = document(await view.services.post("intake", "/v1/cases/search", body, view.who))
        except ServiceProblem as problem:
            if problem.away:
                raise
            return []
        return list(found["cases"])

    own, others = await asyncio.gather(by_channel(), by_unit())
    known = {case["case_id"] for case in own}
    every = [Found(case, own=True) for case in own]
    every += [Found(case, own=False) for case in others if case["case_id"] not in known]
    return sorted(every, key=lambda each: str(each.case["received_at"]), reverse=True)


async def history(view: View, channel: str, case_id: str) -> list[Found]:
    """The other cases of the complainant of a case. Raises `ServiceProblem`."""
    return [each for each in await find(view, channel, {"complainant_of": case_id}) if each.case_id != case_id]


def alike(found: Sequence[Found], category: str, area: str) -> list[Found]:
    """Open cases of the caller about what may be the same matter."""
    return [each for each in found if each.open and (each.case["category"] == category or each.case["area"] == area)]
