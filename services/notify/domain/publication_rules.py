"""Which rule answers which word about a publication."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID, uuid5

from contracts.board import PublicationReleased, PublicationWithdrawn
from contracts.codes import Language, RefusalCode
from contracts.message import Fact, Message
from contracts.posts import Acting
from contracts.publicity import (
    KINDS,
    ProposePublication,
    PublicationApproved,
    PublicationDeclined,
    PublicationOwed,
    PublicationProposed,
    PublicationRefused,
    PublicationTakenBack,
    PublicationVoided,
    PublicityCommand,
    ReviewPublication,
    WithdrawPublication,
    publication_key,
)
from contracts.refusals import Reason, reason, unreadable
from contracts.staff_notices import StaffNoticeOwed
from infra.decision import Context, Decision, Due, Subject, Unreadable
from services.notify.domain.owing import told_as
from services.notify.domain.policy import Policy
from services.notify.domain.publication import OVER, Publication, Stage

ABOUT_PUBLICATION = (
    ProposePublication,
    ReviewPublication,
    WithdrawPublication,
    PublicationOwed,
    PublicationVoided,
)
_REVIEW = "publication-review"
_SAID = ("what", "about", "title_zh", "title_en", "text_zh", "text_en")

Draft: TypeAlias = ProposePublication | PublicationOwed
Moved: TypeAlias = Decision[Publication]


def key_of_publicity(message: Message, speaker: str | None) -> str:
    """A proposal is that of the unit that the topic proves, whatever it says of itself."""
    if isinstance(message, ProposePublication):
        return publication_key(speaker or message.unit, message.reference)
    return message.key


@dataclass(frozen=True)
class PublicationRules:
    """The rules of one place."""

    policy: Policy

    def decide(self, kept: Publication | None, subject: Subject, context: Context) -> Moved:
        """What becomes of it, or why nothing does."""
        match subject:
            case ProposePublication():
                return self._propose(kept, subject, context)
            case PublicationOwed():
                return self._put_up(kept, subject, context)
            case ReviewPublication():
                return self._review(kept, subject, context)
            case WithdrawPublication():
                return self._withdraw(kept, subject, context)
            case PublicationVoided() if kept is not None and kept.stage not in OVER:
                return _taken_back(kept, None, subject.reason, context)
            case Due() if kept is not None:
                return _released_when_due(kept, (), context)
            case Unreadable():
                answer = _refusal(context.speaker, subject.type, unreadable(subject), context)
                return Decision(kept, (answer.model_copy(update={"record": subject.origin}),))
            case _:
                return Decision(kept)

    def due(self, kept: Publication) -> datetime | None:
        """When it becomes public."""
        return kept.public_at if kept.stage is Stage.APPROVED else None

    def is_open(self, kept: Publication) -> bool:
        """Whether somebody has to review it, or its day has to come."""
        return kept.stage in (Stage.PROPOSED, Stage.APPROVED)

    def reviewer(self, by: str, about: str | None) -> str | None:
        """Who reviews it: the first that the place names who neither proposes it nor is named in it; None: nobody."""
        table = self.policy.table.publication
        named = [*filter(None, (table.reviewed_by,)), *table.reviewed_otherwise_by]
        return next((each for each in named if each not in (by, about)), None)

    # ---- proposing

    def _propose(self, kept: Publication | None, said: ProposePublication, context: Context) -> Moved:
        by = context.speaker or said.unit
        if kept is not None:
            same = all(getattr(kept, name) == getattr(said, name) for name in _SAID)
            return Decision(kept) if same else _refuse(kept, said, RefusalCode.PUBLICATION_EXISTS, "reference", context)
        reviewer = self.reviewer(by, said.about)
        if by not in self.policy.table.publication.by:
            return _refuse(None, said, RefusalCode.NOT_PROPOSER, "unit", context)
        if not self.policy.directory.may_act(by, said.actor):
            return _refuse(None, said, RefusalCode.ACTOR_UNKNOWN, "actor", context)
        if said.what not in KINDS:
            return _refuse(None, said, RefusalCode.CODE_UNKNOWN, "what", context)
        if said.about is not None and said.about not in self.policy.names.units:
            return _refuse(None, said, RefusalCode.UNIT_UNKNOWN, "about", context)
        if reviewer is None:
            return _refuse(None, said, RefusalCode.NOBODY_REVIEWS, "about", context)
        return self._proposed(by, said, said.actor, reviewer, context)

    def _put_up(self, kept: Publication | None, owed: PublicationOwed, context: Context) -> Moved:
        """A measure needs nobody's leave to be put up; a person reviews it all the same."""
        if kept is not None:
            return Decision(kept)
        reviewer = self.reviewer(owed.by, owed.about)
        if reviewer is None:
            faults = (reason(RefusalCode.NOBODY_REVIEWS, "about"),)
            return Decision(None, (_refusal(owed.by, owed.TYPE, faults, context),))
        return self._proposed(owed.by, owed, None, reviewer, context)

    def _proposed(self, by: str, said: Draft, actor: str | None, reviewer: str, context: Context) -> Moved:
        kept = Publication(
            by=by,
            reference=said.reference,
            reviewer=reviewer,
            proposed_at=context.at,
            proposed_by=actor,
            concerns=(by, reviewer),
            **{name: getattr(said, name) for name in _SAID},
        )
        told = [
            PublicationProposed(
                unit=unit,
                occurred_at=context.at,
                by=by,
                reference=kept.reference,
                what=kept.what,
                about=kept.about,
                reviewer=reviewer,
                **kept.words,
            )
            for unit in kept.concerns
        ]
        return Decision(kept, (*told, self._owed(kept, context)))

    def _owed(self, kept: Publication, context: Context) -> StaffNoticeOwed:
        """The reviewer hears of it, whatever else units are told: nothing is published while they do not know."""
        language = Language(self.policy.receiver(kept.reviewer).language)
        chinese = language is Language.CHINESE
        facts = {
            "title": kept.title_zh if chinese else kept.title_en,
            "draft": kept.text_zh if chinese else kept.text_en,
            "unit_name": self.policy.names.unit(kept.about, language),
        }
        return StaffNoticeOwed(
            notice_id=str(uuid5(UUID(context.key), _REVIEW)),
            owed_at=context.at,
            to=kept.reviewer,
            what=_REVIEW,
            facts=told_as(facts),
        )

    # ---- reviewing, withdrawing

    def _review(self, kept: Publication | None, said: ReviewPublication, context: Context) -> Moved:
        fault = self._review_fault(kept, said, context)
        if kept is None or fault is not None:
            return _refuse(kept, said, *(fault or (RefusalCode.PUBLICATION_UNKNOWN, "reference")), context)
        public_at = max(said.public_at or context.at, context.at)
        reviewed = {"reviewed_at": context.at, "reviewed_by": said.actor, "review": said.reason}
        about: dict[str, Any] = {
            "occurred_at": context.at,
            "by": kept.by,
            "reference": kept.reference,
            "reviewer": kept.reviewer,
        }
        why: dict[str, Any] = {"actor": said.actor, "reason": said.reason}
        if not said.approved:
            declined = kept.model_copy(update={**reviewed, "stage": Stage.DECLINED})
            return Decision(declined, tuple(PublicationDeclined(unit=each, **about, **why) for each in kept.concerns))
        approved = kept.model_copy(update={**reviewed, "stage": Stage.APPROVED, "public_at": public_at})
        told = [PublicationApproved(unit=each, public_at=public_at, **about, **why) for each in kept.concerns]
        return _released_when_due(approved, tuple(told), context)

    def _review_fault(
        self, kept: Publication | None, said: ReviewPublication, context: Context
    ) -> tuple[RefusalCode, str] | None:
        speaker = context.speaker or said.unit
        if kept is None:
            return RefusalCode.PUBLICATION_UNKNOWN, "reference"
        if speaker in (kept.by, kept.about):
            return RefusalCode.OWN_REVIEW, "unit"
        if speaker != kept.reviewer:
            return RefusalCode.NOT_REVIEWER, "unit"
        if fault := self.policy.directory.unfit(Acting(speaker, said.actor), Acting(kept.by, kept.proposed_by)):
            return fault, "actor"
        if kept.stage is Stage.WITHDRAWN:
            return RefusalCode.PUBLICATION_OVER, "reference"
        return None if kept.stage is Stage.PROPOSED else (RefusalCode.PUBLICATION_DECIDED, "reference")

    def _withdraw(self, kept: Publication | None, said: WithdrawPublication, context: Context) -> Moved:
        speaker = context.speaker or said.unit
        if kept is None:
            return _refuse(kept, said, RefusalCode.PUBLICATION_UNKNOWN, "reference", context)
        if speaker not in kept.concerns:
            return _refuse(kept, said, RefusalCode.NOT_CONCERNED, "unit", context)
        if not self.policy.directory.may_act(speaker, said.actor):
            return _refuse(kept, said, RefusalCode.ACTOR_UNKNOWN, "actor", context)
        if kept.stage in OVER:
            return _refuse(kept, said, RefusalCode.PUBLICATION_OVER, "reference", context)
        return _taken_back(kept, speaker, said.reason, context)


def _released_when_due(kept: Publication, told: tuple[Fact, ...], context: Context) -> Moved:
    if kept.stage is not Stage.APPROVED or kept.public_at is None or kept.public_at > context.at:
        return Decision(kept, told)
    public = kept.model_copy(update={"stage": Stage.PUBLIC, "public_since": context.at})
    released = PublicationReleased(
        by=kept.by,
        reference=kept.reference,
        occurred_at=context.at,
        what=kept.what,
        about=kept.about,
        **kept.words,
    )
    return Decision(public, (*told, released))


def _taken_back(kept: Publication, by: str | None, why: str, context: Context) -> Moved:
    withdrawn = {"withdrawn_at": context.at, "withdrawn_by": by, "withdrawal": why}
    state = kept.model_copy(update={**withdrawn, "stage": Stage.WITHDRAWN, "public_since": None})
    about: dict[str, Any] = {"occurred_at": context.at, "by": kept.by, "reference": kept.reference}
    told: list[Fact] = [PublicationTakenBack(unit=each, withdrawn_by=by, reason=why, **about) for each in kept.concerns]
    if kept.stage is Stage.PUBLIC:
        told.append(PublicationWithdrawn(**about))
    return Decision(state, tuple(told))


def _refuse(kept: Publication | None, said: PublicityCommand, code: RefusalCode, field: str, context: Context) -> Moved:
    return Decision(kept, (_refusal(context.speaker or said.unit, said.TYPE, (reason(code, field),), context),))


def _refusal(unit: str, type: str, reasons: tuple[Reason, ...], context: Context) -> PublicationRefused:
    return PublicationRefused(
        unit=unit,
        occurred_at=context.at,
        about=context.key,
        command_id=context.message_id,
        command=type,
        reasons=reasons,
    )
