"""Takes what a complainant adds to a case: for the reception, which asked first, or for a unit that asked later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from contracts.attachments import Attachment
from contracts.channel import MAX_ANSWER, Attribute, Contact, SupplementComplaint
from contracts.codes import Hold, RefusalCode
from contracts.intake import ContactSealed, SupplementReceived
from contracts.refusals import Reason, reason
from contracts.text import is_visible
from infra.decision import Context, Decision
from services.intake.domain.asking import empty_fault, is_awaited
from services.intake.domain.attaching import Files, attachment_faults, completed, file_ids
from services.intake.domain.catalogue import Catalogue
from services.intake.domain.redaction import redact
from services.intake.domain.registration import AddedWords, Registration
from services.intake.domain.releasing import release
from services.intake.domain.submission import supplement_faults
from services.intake.domain.supplement import MOST_ROUNDS, answers_of, ask, missing_answers
from services.intake.domain.traces import mask, traces_of


@dataclass(frozen=True)
class Supplements:
    """The rules of one place. `sealed` encrypts a contact for notify."""

    catalogue: Catalogue
    sealed: Callable[[Contact | None, Context], tuple[ContactSealed, ...]]
    trace_key: bytes

    def faults(
        self, case: Registration, given: SupplementComplaint, files: Files, context: Context
    ) -> tuple[Reason, ...]:
        """Everything that keeps a supplement from being taken."""
        if case.held is not Hold.SUPPLEMENT and not is_awaited(case, context):
            return (reason(RefusalCode.NOT_ASKED),)
        return (
            *(() if case.held else empty_fault(given)),
            *supplement_faults(given, self.catalogue, case.category, context.at),
            *attachment_faults(given.attachments, files, context.speaker, context.key),
        )

    def take(
        self, case: Registration, given: SupplementComplaint, files: Files, context: Context
    ) -> Decision[Registration]:
        """The supplement is forwarded to the unit that asked, or completes the complaint for the reception."""
        cited = completed(given.attachments, files)
        known = self._known(case, given, cited)
        sealed = self.sealed(given.contact, context)
        if known.question is not None and known.held is None:
            asked = {"round": known.question.round, "complete": True, "asked_by": known.question.unit}
            answer = self._received(known, given, cited, context, **asked)
            return Decision(known.model_copy(update={"question": None}), (*sealed, answer))
        done = self._at_the_reception(known, given, cited, context)
        return Decision(done.state, (*sealed, *done.events))

    def _known(self, case: Registration, given: SupplementComplaint, cited: tuple[Attachment, ...]) -> Registration:
        offer = self.catalogue.offers.get(case.category)
        answered = dict.fromkeys((*case.answered, *answers_of(offer, given.attributes)))
        update: dict[str, Any] = {
            "answered": tuple(answered),
            "added": (*case.added, *cited) if case.held else (),
            "files": (*case.files, *file_ids(cited)),
        }
        if given.contact is not None:
            traces = dict.fromkeys((*case.traces, *traces_of((given.contact,), self.trace_key)))
            update |= {"erased_at": None, "traces": tuple(traces)}
        return case.model_copy(update=update)

    def _at_the_reception(
        self, case: Registration, given: SupplementComplaint, cited: tuple[Attachment, ...], context: Context
    ) -> Decision[Registration]:
        """Released when nothing is missing any more; asked once more, with a higher round, when something still is."""
        missing = missing_answers(self.catalogue.offers.get(case.category), case.answered)
        received = self._received(case, given, cited, context, round=case.round, complete=not missing)
        case = case.model_copy(update={"words": self._words(case, given)})
        if missing and case.round < MOST_ROUNDS:
            asked, request = ask(case, missing, self.catalogue, context)
            return Decision(asked, (received, request.model_copy(update={"submission_id": context.message_id})))
        released = release(case, self.catalogue.version, context)
        return Decision(released.state, (received, *released.events))

    def _words(self, case: Registration, given: SupplementComplaint) -> AddedWords:
        """With those of this supplement. Earlier ones are masked again: a contact may have been given since."""
        known, masked = case.words, masking(case, self.trace_key, given.contact)
        answers = masked_answers((*known.answers, *given.attributes), masked)
        return AddedWords(
            texts=_each_once((*known.texts, given.text), masked),
            addresses=_each_once((*known.addresses, given.address), masked),
            answers=tuple(dict.fromkeys(answers)),
        )

    def _received(
        self,
        case: Registration,
        given: SupplementComplaint,
        cited: tuple[Attachment, ...],
        context: Context,
        **more: Any,
    ) -> SupplementReceived:
        """The supplement with identity masked; `more` has the fields of the one who asked."""
        masked = masking(case, self.trace_key, given.contact)
        return SupplementReceived(
            case_id=context.key,
            occurred_at=context.at,
            attachments=cited,
            added_text=masked(given.text),
            address=masked(given.address),
            attributes=masked_answers(given.attributes, masked),
            submission_id=context.message_id,
            **more,
        )


def _each_once(texts: tuple[str, ...], masked: Callable[[str], str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(masked(each) for each in texts if is_visible(each)))


def masking(case: Registration, key: bytes, contact: Contact | None = None) -> Callable[[str], str]:
    """Masks identity in words that are added to a case: by its traces, by the contact, and what looks like it."""
    return lambda text: redact(mask(text, case.traces, key), contact)


def masked_answers(answers: tuple[Attribute, ...], masked: Callable[[str], str]) -> tuple[Attribute, ...]:
    """The answers to a category's questions, without identity."""
    return tuple(each.model_copy(update={"value": masked(each.value)[:MAX_ANSWER]}) for each in answers)
