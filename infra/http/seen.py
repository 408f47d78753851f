"""What happened to an aggregate after the version that a client saw, so that no command overwrites what is unseen.

The version of a document is the number of its events. A client gives the one that its page was rendered from as
`If-Match` (RFC 9110 §13.1.1).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import Response

from infra.document import Entry, is_refusal
from infra.http.endpoint import Caller, Parameter
from infra.http.problems import HttpProblem
from infra.store import Store

IF_MATCH = Parameter(
    "If-Match",
    "header",
    "the `version` that the sender saw: where another post has changed the case since, 409 with `since`",
)
_VERSION = re.compile(r'(?:W/)?"([0-9]{1,9})"')
_LEFT_OUT = {"case_id", "occurred_at", "policy"}
CHANGED = {
    "code": "changed-meanwhile",
    "field": "If-Match",
    "zh": "您打开之后，本件已由他人处理；请先查看变化，再决定是否提交。",
    "en": "Another post has acted on this since you opened it; look at what changed before you decide.",
}


class Change(BaseModel):
    """One event that happened after the version that the client saw."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    type: str
    """CloudEvents type, such as ``cn.xiaoneng.case.signed.v1``."""
    at: datetime
    unit: str | None = None
    """The unit that gave the command; absent where a rule, a time limit, a complainant or another service caused it."""
    post: str | None = None
    """The post that acted; absent: the unit's desk, or no unit."""
    facts: dict[str, Any]
    """Fields of the event."""

    def is_by(self, unit: str, post: str | None) -> bool:
        """Whether this post of the unit has caused it, or no unit has."""
        return (self.unit is None and self.post is None) or ((self.unit or unit) == unit and self.post == post)


@dataclass(frozen=True)
class Seen:
    """Finds changes of the documents of one kind, for units that may see them."""

    store: Store
    topic: str
    """The topic whose events a page shows: ``routing.events``."""
    own_topic: str
    """The topic of a unit, whose events it may always see: ``assignments.{unit}``."""
    may_see: Callable[[Mapping[str, Any], str], bool]
    """Whether a unit may see a document, from its state."""
    post_of: Callable[[Mapping[str, Any]], str | None]
    """The post that an event names as the one that acted, from the event's fields."""

    async def since(self, key: str, unit: str, version: int) -> list[Change]:
        """Every change after this version, in order. Raises `StoreError`.

        Of a document that the unit may not see, only what was published to the unit: that it has lost the case.
        """
        found = await self.store.whole(key)
        if found is None:
            return []
        topic = self.topic if self.may_see(found.state, unit) else self.own_topic.format(unit=unit)
        own = [each for each in found.history if each.key == key and each.topic == topic]
        later = [each for each in own if each.position >= version and not is_refusal(each.type)]
        return self._changes(later, found.applied)

    def _changes(self, entries: Sequence[Entry], applied: Sequence[str]) -> list[Change]:
        """One command may cause several events, of which not all name the post."""
        bodies = [json.loads(each.body or "{}") for each in entries]
        posts: dict[str, str] = {}
        for each, body in zip(entries, bodies, strict=True):
            if post := self.post_of(body):
                posts.setdefault(each.cause, post)
        return [
            Change(
                type=each.type,
                at=each.at,
                unit=_sender(each.cause, applied),
                post=posts.get(each.cause),
                facts={name: value for name, value in body.items() if name not in _LEFT_OUT},
            )
            for each, body in zip(entries, bodies, strict=True)
        ]


def _sender(cause: str, applied: Sequence[str]) -> str | None:
    """The unit whose topic a message came on; the ids of clients' messages alone have a digest after the cause."""
    found = next((each for each in applied if cause and f":{cause}:" in each), None)
    return found.partition(":")[0].rpartition(".")[2] if found else None


def seen_version(request: Request, fault: Callable[[str, str], HttpProblem]) -> int | None:
    """The version of `If-Match`; None without one, or for any. Raises what `fault` returns if it is none."""
    header = request.headers.get("if-match", "*").strip()
    if header == "*":
        return None
    if found := _VERSION.fullmatch(header):
        return int(found[1])
    raise fault("If-Match", "pattern")


def changed_by_others(changes: Sequence[Change], unit: str, caller: Caller) -> bool:
    """Whether another post than the caller's has changed anything."""
    return not all(each.is_by(unit, caller.post) for each in changes)


def with_version(response: Response, version: int) -> Response:
    """The response with the version as its `ETag`."""
    response.headers["ETag"] = f'"{version}"'
    return response
