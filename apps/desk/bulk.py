"""One command for several cases: sent beside each other, with a result for each case.

A list has, for each of its cases, a hidden field `seen` (`lists.seen` in `desk/lists.html`). A command is sent for the
version that the list showed: where another post has acted since, the service refuses it, and the result lists what was
done.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import FormData

from apps.desk.changes import Change, changes_of
from apps.web.services import Service, ServiceProblem
from apps.web.view import View

MOST = 100
"""Cases of one bulk action."""
AT_ONCE = 8
WAIT_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Job:
    """A command for one case."""

    case_id: str
    number: str
    title: str
    type: str
    data: Mapping[str, Any]
    note: str = ""
    """What it does, in the language of the page, such as the unit that gets the case."""
    version: int | None = None
    """Of the case as the list showed it; None: the command fits any."""
    service: Service = "routing"
    path: str = "/v1/commands"


@dataclass(frozen=True, slots=True)
class Seen:
    """A case as a list showed it."""

    case_id: str
    version: int | None = None
    number: str = ""
    unit: str = ""
    """The first suggestion."""
    title: str = ""

    @classmethod
    def of(cls, value: str) -> Seen:
        """From the hidden field: the parts of the case in order, `-` for none."""
        case_id, version, number, unit, title = [*value.split(" ", 4), *[""] * 5][:5]
        return cls(case_id, int(version) if version.isdigit() else None, number, unit.removeprefix("-"), title)

    def job(self, type: str, data: Mapping[str, Any], note: str = "") -> Job:
        """A command for the case as it was shown."""
        return Job(self.case_id, self.number, self.title, type, data, note, self.version)


@dataclass(frozen=True, slots=True)
class Result:
    """What the service decided; `done` is None while it has not."""

    job: Job
    done: bool | None
    text: str = ""
    """The refusal in words."""
    changes: Sequence[Change] = field(default=())
    """What others have done since the list was made."""


async def run(view: View, jobs: Sequence[Job], once: str) -> list[Result]:
    """Send all of them and wait for their outcomes. Sent again with the same `once`, they are the same commands."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(job: Job) -> Result:
        body = {"type": job.type, "case_id": job.case_id, "data": dict(job.data)}
        headers = {} if job.version is None else {"If-Match": f'"{job.version}"'}
        key = f"{once}-{job.case_id}"
        async with turns:
            try:
                answer = await view.send(job.service, job.path, body, once=key, wait=WAIT_SECONDS, headers=headers)
            except ServiceProblem as problem:
                reasons = [view.t(each.zh, each.en) for each in problem.reasons]
                words = view.t("；", "; ").join(reasons) or view.t(problem.zh, problem.en)
                return Result(job, False, words, changes_of(view, problem.document.get("since") or ()))
        return Result(job, True if answer.get("accepted") else None)

    return list(await asyncio.gather(*(one(job) for job in jobs)))


def once_of(sent: FormData) -> str:
    """The hidden field that makes a form that is sent twice one request."""
    return str(sent.get("once", ""))[:60]


def seen_of(sent: FormData) -> dict[str, Seen]:
    """The cases of a list, as it showed them, by id."""
    return {each.case_id: each for each in map(Seen.of, map(str, sent.getlist("seen")))}


def ticked(sent: FormData) -> list[Seen]:
    """The cases that were ticked, as the list showed them."""
    seen = seen_of(sent)
    return [seen.get(case_id, Seen(case_id)) for case_id in chosen(sent)]


def chosen(sent: FormData) -> list[str]:
    """The ids of the cases that were ticked, each once."""
    return list(dict.fromkeys(str(each) for each in sent.getlist("case")))[:MOST]
