"""What counts against a unit or a post and what was proposed, with the findings that each proposal rests on."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps.desk.oversight_fields import accountability
from apps.desk.parts import document
from apps.web.services import ServiceProblem
from apps.web.view import View
from apps.web.words import Names

STAGES: Names = {
    "open": ("待决定", "to be decided"),
    "lapsed": ("依据已撤销", "lapsed"),
    "expired": ("逾期未决，已失效", "expired"),
    "decided": ("已决定", "decided"),
    "reversed": ("已撤销", "reversed"),
}
KINDS: Names = {"unit": ("单位", "unit"), "post": ("岗位", "post")}


@dataclass(frozen=True)
class Proposal:
    """One proposal with its evidence."""

    document: Mapping[str, Any]
    step: Mapping[str, Any]
    evidence: Sequence[Mapping[str, Any]]
    """Findings that it rests on."""

    @property
    def id(self) -> str:
        """Its id."""
        return str(self.document["id"])


@dataclass(frozen=True)
class Record:
    """A unit's or post's record."""

    document: Mapping[str, Any]
    names: Mapping[str, Any]
    proposals: Sequence[Proposal]
    counted: Sequence[Mapping[str, Any]]
    """Findings that count now."""

    def named(self, kind: str, code: str) -> tuple[str, str]:
        """Names of a measure or an outcome: the code itself where the place does not list it any more."""
        found = next((each for each in self.names[kind] if each["id"] == code), None)
        return (found["zh"], found["en"]) if found else (code, code)


async def record_of(view: View, kind: str, subject: str) -> Record:
    """The record that the path or a form names. Raises `ServiceProblem`."""
    if kind not in KINDS or not subject or "/" in subject:
        raise ServiceProblem(404, "not-found", "没有找到。", "Not found.")
    found, findings, names = await asyncio.gather(
        view.get("scoring", f"/v1/conduct/{kind}/{subject}"),
        view.get("scoring", f"/v1/conduct/{kind}/{subject}/findings"),
        accountability(view),
    )
    return joined(document(found), document(findings)["findings"], names)


def joined(found: Any, findings: Sequence[Mapping[str, Any]], names: Mapping[str, Any]) -> Record:
    """The record with each proposal's findings, in the order of the days on which it happened."""
    by_key = {each["key"]: each["finding"] for each in findings}
    steps = {each["id"]: each for each in names["steps"]}
    proposals = [
        Proposal(
            each,
            steps.get(each["step"]) or {"zh": each["step"], "en": each["step"], "basis": ""},
            [finding for key, finding in by_key.items() if key in each["findings"]],
        )
        for each in reversed(found["proposals"])
    ]
    counted = [by_key[each["finding"]] for each in found["counted"] if each["finding"] in by_key]
    return Record(found, names, proposals, counted)
