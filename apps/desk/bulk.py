"""One command for several cases: sent beside each other, with a result for each case."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData

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
    service: Service = "routing"
    path: str = "/v1/commands"


@dataclass(frozen=True, slots=True)
class Result:
    """What the service decided; `done` is None while it has not."""

    job: Job
    done: bool | None
    text: str = ""
    """The refusal in words."""


async def run(view: View, jobs: Sequence[Job], once: str) -> list[Result]:
    """Send all of them and wait for their outcomes. Sent again with the same `once`, they are the same commands."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(job: Job) -> Result:
        body = {"type": job.type, "case_id": job.case_id, "data": dict(job.data)}
        async with turns:
            try:
                answer = await view.send(job.service, job.path, body, once=f"{once}-{job.case_id}", wait=WAIT_SECONDS)
            except ServiceProblem as problem:
                reasons = [view.t(each.zh, each.en) for each in problem.reasons]
                return Result(job, False, view.t("；", "; ").join(reasons) or view.t(problem.zh, problem.en))
        return Result(job, True if answer.get("accepted") else None)

    return list(await asyncio.gather(*(one(job) for job in jobs)))


def once_of(sent: FormData) -> str:
    """The hidden field that makes a form that is sent twice one request."""
    return str(sent.get("once", ""))[:60]


def chosen(sent: FormData) -> list[str]:
    """The ids of the cases that were ticked, each once."""
    return list(dict.fromkeys(str(each) for each in sent.getlist("case")))[:MOST]
