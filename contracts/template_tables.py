"""`templates.toml`: what the people of a place are told, in the place's own words.

A table for each occasion and language; whatever is not there is told in the words that come with notify. What may
stand between braces is looked at by `xn reference check`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field, StringConstraints

from contracts.codes import Language
from contracts.tables import Table
from contracts.text import LEGIBLE

Line = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"^[^\r\n]*\S[^\r\n]*$"), LEGIBLE]
Prose = Annotated[str, StringConstraints(min_length=1, max_length=20_000, pattern=r"\S"), LEGIBLE]
SmsTemplate = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,60}$")]
Parameter = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,59}$")]


class TemplateText(Table):
    """The words of one occasion in one language. A part that is absent is not sent."""

    subject: Line
    text: Prose
    html: Prose | None = None
    """What stands between head and foot of the mail, which are the same for all."""
    sms: Prose | None = None
    sms_template: SmsTemplate | None = None
    """Id of the text that the provider of short messages has approved."""
    sms_parameters: dict[Parameter, Line] = Field(default_factory=dict)
    """What is filled into that text."""


class Languages(Table):
    """An occasion in the languages in which the place has words of its own for it."""

    zh: TemplateText | None = None
    en: TemplateText | None = None


class TemplatesTable(Table):
    """`templates.toml`: the occasions."""

    acknowledgement: Languages = Languages()
    """To the complainant: the complaint has its number."""
    refusal: Languages = Languages()
    """It was not registered."""
    supplement: Languages = Languages()
    """Something is missing (补办, S3)."""
    extended: Languages = Languages()
    """It takes longer (S2)."""
    suspended: Languages = Languages()
    """It rests (挂账, S2)."""
    resumed: Languages = Languages()
    """It goes on."""
    delayed: Languages = Languages()
    """Why it is late, and by when it is promised (S2)."""
    reopened: Languages = Languages()
    """It is handled again."""
    appealed: Languages = Languages()
    """The appeal against the answer was accepted (复核)."""
    appeal_upheld: Languages = Field(default=Languages(), alias="appeal-upheld")
    """The answer was reviewed and upheld, with the reason."""
    merged: Languages = Languages()
    """It is handled together with others."""
    unmerged: Languages = Languages()
    """It is handled by itself again."""
    answer: Languages = Languages()
    """The department's answer."""
    ended: Languages = Languages()
    """It ended without one, and why."""
    rating_counted: Languages = Field(default=Languages(), alias="rating-counted")
    """The rating counts."""
    rating_refused: Languages = Field(default=Languages(), alias="rating-refused")
    """The rating does not, and why."""
    assignment: Languages = Languages()
    """To a unit: here is a case."""
    ruling: Languages = Languages()
    """A ruling binds it to a case (会商)."""
    instruction: Languages = Languages()
    """To the unit that handles a case and to its centre: a leader has given an instruction (批示)."""
    return_reported: Languages = Field(default=Languages(), alias="return-reported")
    """To the superior of a unit that returned a case: the reason (否定报备)."""
    subtask: Languages = Languages()
    """To a co-handler: here is a part of a case (联办)."""
    subtask_ended: Languages = Field(default=Languages(), alias="subtask-ended")
    """To the lead: a co-handler has reported its part, or declined it."""
    reminder: Languages = Languages()
    """A limit comes nearer (催办)."""
    yellow: Languages = Languages()
    """It is near (黄牌)."""
    red: Languages = Languages()
    """It is over (红牌)."""
    escalation: Languages = Languages()
    """To a superior: a limit below it is over (逐级上报)."""
    supervision: Languages = Languages()
    """To a superior: it supervises a case from now on (提级督办)."""
    redo: Languages = Languages()
    """To the unit: the verifier was not content."""
    answer_appeal: Languages = Field(default=Languages(), alias="answer-appeal")
    """To the reviewer: an answer is appealed (复核)."""
    extension_refused: Languages = Field(default=Languages(), alias="extension-refused")
    """There is no more time."""
    rectification: Languages = Languages()
    """An inspection wants something put right; its cards, too (整改)."""
    item: Languages = Languages()
    """Cards of another system's item (电子监察)."""
    proposal: Languages = Languages()
    """To who decides: a measure is proposed (问责)."""
    finding: Languages = Languages()
    """To a unit: something was found against it, and may be appealed against (认定)."""
    publication_review: Languages = Field(default=Languages(), alias="publication-review")
    """Something waits for its review before it is published."""
    daily: Languages = Languages()
    """To supervisors: the day (日报)."""
    weekly: Languages = Languages()
    """The week (周报)."""
    bulletin: Languages = Languages()
    """A numbered bulletin (通报)."""
    silence: Languages = Languages()
    """A case has no acknowledgement, owner, deadline or answer when it should."""

    def entries(self) -> Iterator[tuple[str, Language, TemplateText]]:
        """Everything that is there: occasion, language, words."""
        for name, field in type(self).model_fields.items():
            for language in Language:
                if (text := getattr(getattr(self, name), language.value)) is not None:
                    yield field.alias or name, language, text


OCCASIONS = tuple(field.alias or name for name, field in TemplatesTable.model_fields.items())
"""What somebody can be told about, as it stands in the file."""
