"""Code lists that are part of the language. Lists that a city configures (areas, categories, units) are not here."""

from __future__ import annotations

from enum import StrEnum


class Channel(StrEnum):
    """Where a complaint was spoken. Source: the systems of S0–S4; each publishes to its own topic."""

    HOTLINE_12345 = "hotline-12345"
    CENTRE_96666 = "centre-96666"
    RADIO = "radio"
    PETITION_OFFICE = "petition-office"
    SERVICE_HALL = "service-hall"
    MEDIA = "media"
    LEADER_MOBILE = "leader-mobile"
    MAYOR_MAILBOX = "mayor-mailbox"
    DEPUTY_PROPOSAL = "deputy-proposal"
    ENTERPRISE_LINK = "enterprise-link"
    WEB = "web"
    LETTER_BOX = "letter-box"
    VISIT = "visit"
    PARTNER = "partner"


class AppealType(StrEnum):
    """What the citizen wants (诉求类型). Source: S2."""

    CONSULT = "consult"
    REQUEST = "request"
    COMPLAINT = "complaint"
    REPORT = "report"
    SUGGESTION = "suggestion"
    PRAISE = "praise"


class ReplyBy(StrEnum):
    """How the complainant chose to be answered. Nobody is contacted by a way they did not choose."""

    CHANNEL = "channel"
    EMAIL = "email"


class Language(StrEnum):
    """Language of what the complainant reads (BCP 47)."""

    CHINESE = "zh"
    ENGLISH = "en"


class Satisfaction(StrEnum):
    """The five grades of the person served. Source: S2."""

    VERY_SATISFIED = "very-satisfied"
    SATISFIED = "satisfied"
    FAIRLY_SATISFIED = "fairly-satisfied"
    DISSATISFIED = "dissatisfied"
    VERY_DISSATISFIED = "very-dissatisfied"


class HandlingResult(StrEnum):
    """What the responsible unit says became of the matter."""

    RESOLVED = "resolved"
    EXPLAINED = "explained"
    NOT_RESOLVED = "not-resolved"


class Rung(StrEnum):
    """The steps of a clock, in order. Source: S1¶3 and S2, 电子监察 timing cards."""

    REMINDER = "reminder"
    YELLOW = "yellow"
    RED = "red"


class NoticeKind(StrEnum):
    """What a complainant is told."""

    ACKNOWLEDGEMENT = "acknowledgement"
    REFUSAL = "refusal"
    ANSWER = "answer"


class RefusalCode(StrEnum):
    """Why a request was refused. A refusal is an answer: code, field or rule, and a sentence in two languages."""

    MALFORMED = "malformed"
    TEXT_MISSING = "text-missing"
    TEXT_TOO_LONG = "text-too-long"
    AREA_UNKNOWN = "area-unknown"
    CATEGORY_UNKNOWN = "category-unknown"
    RECEIVED_IN_FUTURE = "received-in-future"
    CONTACT_MISSING = "contact-missing"
    CONTACT_MALFORMED = "contact-malformed"
    ALREADY_REGISTERED = "already-registered"
    CASE_UNKNOWN = "case-unknown"
    CASE_CLOSED = "case-closed"
    NOT_RESPONSIBLE = "not-responsible"
    NOT_DISPATCHER = "not-dispatcher"
    NOT_SIGNED = "not-signed"
    ALREADY_SIGNED = "already-signed"
    RETURN_WINDOW_CLOSED = "return-window-closed"
    RETURN_PENDING = "return-pending"
    RULING_BINDS = "ruling-binds"
    UNIT_UNKNOWN = "unit-unknown"
    RECUSED = "recused"
    NOT_CLOSED_YET = "not-closed-yet"
    ALREADY_RATED = "already-rated"
    NOT_YOUR_CASE = "not-your-case"
