"""Code lists that are part of the language. Lists that a city configures (areas, categories, units) are not here."""

from __future__ import annotations

from enum import StrEnum


class Channel(StrEnum):
    """Default channels of a place without `channels.toml`. Source: the systems of S0–S4.

    The list is open: messages carry a `ChannelId`, and the list that counts is that of the place (`channels_of`).
    """

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


class Hold(StrEnum):
    """Why a registered case does not go on to a department yet; its centre answers for it meanwhile."""

    SCOPE = "scope"
    """A clerk has to say whether the matter is in scope (受理范围)."""
    SUPPLEMENT = "supplement"
    """Something is missing that only the complainant can give (补办, S3)."""


class Ending(StrEnum):
    """How a case ended without a department's answer. Every one of them comes with a reply."""

    DECLINED = "declined"
    """Out of scope."""
    DIVERTED = "diverted"
    """Another authority is competent: see `Authority`."""
    LAPSED = "lapsed"
    """What was missing was not given in time."""
    WITHDRAWN = "withdrawn"
    """By the complainant."""


class Authority(StrEnum):
    """Who is competent for what a complaint centre may not take. Source: S3, S4."""

    POLICE = "police"
    COURT = "court"
    DISCIPLINE_INSPECTION = "discipline-inspection"
    PETITION = "petition"


class HandlingMode(StrEnum):
    """How a case is handled. Source: S1¶4."""

    OWN = "own"
    """自办: by the centre itself."""
    TRANSFER = "transfer"
    """转办: by one unit."""
    JOINT = "joint"
    """联办: by a lead and co-handlers, in parallel."""


class ReplyBy(StrEnum):
    """How the complainant chose to be answered. Nobody is contacted by a way they did not choose."""

    CHANNEL = "channel"
    EMAIL = "email"


class ContactWay(StrEnum):
    """A way by which the complainant allows to be told. Source: domain §7, never by one they did not choose."""

    CHANNEL = "channel"
    """By whoever passed the complaint on."""
    EMAIL = "email"
    SMS = "sms"


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


class PauseReason(StrEnum):
    """Why a clock stands still; there is no other reason (S2, S3)."""

    SUPPLEMENT = "supplement"
    """补办: the complainant has been asked for what is missing."""
    THIRD_PARTY = "third-party"
    """等待第三方: somebody outside has to act first."""
    SHELVED = "shelved"
    """挂账: cannot be done now, kept on the list."""


class CallbackOutcome(StrEnum):
    """Result of one attempt to ask the person served how it went (回访)."""

    REACHED = "reached"
    NO_ANSWER = "no-answer"
    DECLINED = "declined"
    """The person does not want to rate and is not asked again."""
    UNREACHABLE = "unreachable"
    """The number does not exist, or belongs to another person."""


class HandlingResult(StrEnum):
    """What the responsible unit says became of the matter."""

    RESOLVED = "resolved"
    EXPLAINED = "explained"
    NOT_RESOLVED = "not-resolved"


class TimeUnit(StrEnum):
    """What a limit is counted in. Source: S0, which mixes 工作日 with 天; the 24 h of dispatch."""

    HOURS = "hours"
    """Of the wall clock, from the instant it starts."""
    WORKING_DAYS = "working-days"
    CALENDAR_DAYS = "calendar-days"


class Stage(StrEnum):
    """What a clock of a case measures; the clocks run beside each other. Source: S1¶4, S2, S3."""

    CLOSE = "close"
    """From the day the citizen spoke until the answer."""
    APPROVE = "approve"
    """当日报批: an approval form waits for its approver."""
    DISPATCH = "dispatch"
    """No unit has been asked yet, or none any more."""
    SIGN = "sign"
    """A unit was asked and has neither signed nor returned."""
    REPLY = "reply"
    """A unit has signed and not reported."""
    VERIFY = "verify"
    """A report waits for its verifier (销号)."""
    PART = "part"
    """A co-handler works on its part (联办)."""
    INSTRUCTION = "instruction"
    """A leader has asked for it (领导批示)."""
    ITEM = "item"
    """Another system's piece of work (电子监察)."""
    CALLBACK = "callback"
    """The person served is asked how it went (回访)."""
    REVIEW = "review"
    """The complainant's appeal against the answer waits for its reviewer (复核)."""


class Rung(StrEnum):
    """The steps of a clock, in order. Source: S1¶3 and S2, 电子监察 timing cards."""

    REMINDER = "reminder"
    YELLOW = "yellow"
    RED = "red"


class AssessmentKind(StrEnum):
    """What an assessment does to a score. Source: S2."""

    RATING = "rating"
    """Points of a hundred for a component: by the counterpart superior, by service objects."""
    DEDUCTION = "deduction"
    """扣分: 电子监察, 明察暗访, 行政过错."""
    BONUS = "bonus"
    """加分: counts only once it is approved."""
    VETO = "veto"
    """一票否决: 综合治理, 计划生育."""


class Verdict(StrEnum):
    """What a body has found of a complaint about conduct (有效投诉); appealable, then final. Source: domain §6."""

    VALID = "valid"
    PARTLY = "partly"
    INVALID = "invalid"
    UNDETERMINED = "undetermined"


class FindingSource(StrEnum):
    """How it came to light. Source: S2."""

    COMPLAINT = "complaint"
    SUPERIOR = "superior"
    """上级部门点名批评."""
    MEDIA = "media"
    """曝光."""
    E_SUPERVISION = "e-supervision"
    INSPECTION = "inspection"
    """明察暗访."""


class SubjectKind(StrEnum):
    """Who a finding is about: units and posts are counted apart."""

    UNIT = "unit"
    POST = "post"


class NoticeKind(StrEnum):
    """What a complainant is told."""

    ACKNOWLEDGEMENT = "acknowledgement"
    REFUSAL = "refusal"
    ANSWER = "answer"
    """How it ended: the department's answer, or why there is none."""


class RefusalCode(StrEnum):
    """Why a request was refused. A refusal is an answer: code, field or rule, and a sentence in two languages."""

    MALFORMED = "malformed"
    UNKNOWN_TYPE = "unknown-type"
    FIELD_UNKNOWN = "field-unknown"
    FIELD_REPEATED = "field-repeated"
    TEXT_MISSING = "text-missing"
    TEXT_TOO_LONG = "text-too-long"
    CHANNEL_UNKNOWN = "channel-unknown"
    CHANNEL_WITHDRAWN = "channel-withdrawn"
    AREA_UNKNOWN = "area-unknown"
    CATEGORY_UNKNOWN = "category-unknown"
    RECEIVED_IN_FUTURE = "received-in-future"
    CONTACT_MISSING = "contact-missing"
    CONTACT_MALFORMED = "contact-malformed"
    PHONE_MISSING = "contact-phone-missing"
    ALREADY_REGISTERED = "already-registered"
    CASE_UNKNOWN = "case-unknown"
    CASE_CLOSED = "case-closed"
    CASE_HELD = "case-held"
    NOT_HELD = "not-held"
    NOT_ASKED = "not-asked"
    NOT_YOUR_CENTRE = "not-your-centre"
    REPLY_MISSING = "reply-missing"
    AUTHORITY_MISSING = "authority-missing"
    ANSWER_MISSING = "answer-missing"
    CLERK_ASKS = "clerk-asks"
    SUPPLEMENT_LAPSED = "supplement-lapsed"
    WITHDRAWN = "withdrawn"
    NOT_RESPONSIBLE = "not-responsible"
    NOT_DISPATCHER = "not-dispatcher"
    NOT_SIGNED = "not-signed"
    NOT_VERIFIER = "not-verifier"
    NOT_REPORTED = "not-reported"
    REPORT_PENDING = "report-pending"
    REASON_MISSING = "reason-missing"
    ALREADY_SIGNED = "already-signed"
    RETURN_WINDOW_CLOSED = "return-window-closed"
    RETURN_PENDING = "return-pending"
    RULING_BINDS = "ruling-binds"
    UNIT_UNKNOWN = "unit-unknown"
    RECUSED = "recused"
    CASE_SUSPENDED = "case-suspended"
    NOT_SUSPENDED = "not-suspended"
    SUSPENSION_NOT_LISTED = "suspension-not-listed"
    SUSPENSION_USED_UP = "suspension-used-up"
    EXTENSION_PENDING = "extension-pending"
    EXTENSION_NOT_ASKED = "extension-not-asked"
    EXTENSION_TOO_LONG = "extension-too-long"
    EXTENSION_TOO_LATE = "extension-too-late"
    EXTENSIONS_USED_UP = "extensions-used-up"
    NOT_APPROVER = "not-approver"
    NOTHING_TO_APPROVE = "nothing-to-approve"
    ACTOR_MISSING = "actor-missing"
    ACTOR_UNKNOWN = "actor-unknown"
    ACTOR_RECUSED = "actor-recused"
    SAME_ACTOR = "same-actor"
    NOT_ASSIGNED = "not-assigned"
    ALREADY_THERE = "already-there"
    NOT_CLOSED = "not-closed"
    NOT_REOPENABLE = "not-reopenable"
    REOPEN_WINDOW_CLOSED = "reopen-window-closed"
    NOT_CO_HANDLER = "not-co-handler"
    ALREADY_CO_HANDLER = "already-co-handler"
    SUBTASKS_OPEN = "subtasks-open"
    NOT_INSTRUCTOR = "not-instructor"
    SUPPLEMENT_ASKED = "supplement-asked"
    SUPPLEMENT_PENDING = "supplement-pending"
    CONSULTATION_MISSING = "consultation-missing"
    CONSULTATION_INCOMPLETE = "consultation-incomplete"
    ADOPTION_MISSING = "adoption-missing"
    ADOPTION_NOT_EXPECTED = "adoption-not-expected"
    NOTES_FULL = "notes-full"
    REOPENINGS_USED_UP = "reopenings-used-up"
    ANSWER_APPEALED = "answer-appealed"
    NOTHING_APPEALED = "nothing-appealed"
    APPEALS_NOT_OFFERED = "appeals-not-offered"
    PROMISE_IN_PAST = "promise-in-past"
    CASE_MERGED = "case-merged"
    NOT_MERGED = "not-merged"
    CANNOT_LEAD = "cannot-lead"
    NOT_CLOSED_YET = "not-closed-yet"
    ALREADY_RATED = "already-rated"
    NOT_YOUR_CASE = "not-your-case"
    NOTHING_HANDLED = "nothing-handled"
    RATING_WINDOW_CLOSED = "rating-window-closed"
    CODE_WRONG = "code-wrong"
    ANSWER_SUPERSEDED = "answer-superseded"
    PROOF_MISSING = "proof-missing"
    LINK_INVALID = "link-invalid"
    LINK_EXPIRED = "link-expired"
    LINK_OF_ANOTHER_CASE = "link-of-another-case"
    LINK_RATES_ONLY = "link-rates-only"
    RATING_INCOMPLETE = "rating-incomplete"
    SEARCH_TOO_WIDE = "search-too-wide"
    PAGE_TOO_DEEP = "page-too-deep"
    EXPORT_TOO_LARGE = "export-too-large"
    ATTACHMENT_UNKNOWN = "attachment-unknown"
    ATTACHMENT_TAKEN = "attachment-taken"
    ATTACHMENT_DIFFERS = "attachment-differs"
    ATTACHMENT_EMPTY = "attachment-empty"
    ATTACHMENT_TOO_LARGE = "attachment-too-large"
    ATTACHMENTS_TOO_MANY = "attachments-too-many"
    ATTACHMENT_TYPE_NOT_TAKEN = "attachment-type-not-taken"
    ATTACHMENT_TYPE_MISMATCH = "attachment-type-mismatch"
    ATTACHMENT_DAMAGED = "attachment-damaged"
    ATTACHMENT_PIXELS = "attachment-pixels"
    ATTACHMENT_PROTECTED = "attachment-protected"
    ATTACHMENT_ENCLOSES = "attachment-encloses"
    ITEM_UNKNOWN = "item-unknown"
    ITEM_WATCHED = "item-watched"
    ITEM_FINISHED = "item-finished"
    ITEM_PAUSED = "item-paused"
    ITEM_NOT_PAUSED = "item-not-paused"
    ITEM_TYPE_UNKNOWN = "item-type-unknown"
    ITEM_LIMIT_TOO_LONG = "item-limit-too-long"
    ITEM_ON_THE_SPOT = "item-on-the-spot"
    ITEM_NOT_COORDINATED = "item-not-coordinated"
    ITEM_NOT_FORWARDED = "item-not-forwarded"
    ITEM_MISSING_UNNAMED = "item-missing-unnamed"
    ITEM_TOLD_ALREADY = "item-told-already"
    STEP_UNKNOWN = "step-unknown"
    STEP_OUT_OF_ORDER = "step-out-of-order"
    STEP_POST_WRONG = "step-post-wrong"
    STEP_ERROR_UNKNOWN = "step-error-unknown"
    STEPS_OPEN = "steps-open"
    STARTED_IN_FUTURE = "started-in-future"
    ISSUED_IN_FUTURE = "issued-in-future"
    ISSUED_TOO_EARLY = "issued-too-early"
    ASSESSMENT_EXISTS = "assessment-exists"
    ASSESSMENT_UNKNOWN = "assessment-unknown"
    ASSESSMENT_WITHDRAWN = "assessment-withdrawn"
    NOT_IN_SCORES = "not-in-scores"
    NOT_ASSESSOR = "not-assessor"
    PERIOD_NOT_BEGUN = "period-not-begun"
    POINTS_TOO_MANY = "points-too-many"
    NOT_FINDING_BODY = "not-finding-body"
    JUDGES_ITSELF = "judges-itself"
    CODE_UNKNOWN = "code-unknown"
    POST_UNKNOWN = "post-unknown"
    HAPPENED_IN_FUTURE = "happened-in-future"
    FINDING_EXISTS = "finding-exists"
    FINDING_UNKNOWN = "finding-unknown"
    FINDING_FINAL = "finding-final"
    FINDING_NOT_FINAL = "finding-not-final"
    NOT_CONCERNED = "not-concerned"
    APPEAL_PENDING = "appeal-pending"
    NOT_APPEALED = "not-appealed"
    APPEAL_WINDOW_CLOSED = "appeal-window-closed"
    NOT_APPEAL_BODY = "not-appeal-body"
    PROPOSAL_UNKNOWN = "proposal-unknown"
    PROPOSAL_CLOSED = "proposal-closed"
    NOT_DECIDER = "not-decider"
    MEASURE_NOT_TAKEN = "measure-not-taken"
    CONSENT_MISSING = "consent-missing"
    NOBODY_HEARS_APPEALS = "nobody-hears-appeals"
    NOT_INSPECTION_BODY = "not-inspection-body"
    INSPECTION_EXISTS = "inspection-exists"
    INSPECTION_UNKNOWN = "inspection-unknown"
    ENDS_BEFORE_IT_BEGINS = "ends-before-it-begins"
    UNIT_DID_NOT_EXIST = "unit-did-not-exist"
    NOT_PLANNED = "not-planned"
    VISIT_EXISTS = "visit-exists"
    MONITOR_NAMED = "monitor-named"
    RECTIFICATION_UNKNOWN = "rectification-unknown"
    RECTIFICATION_CLOSED = "rectification-closed"
    NOT_SURVEY_BODY = "not-survey-body"
    SURVEY_EXISTS = "survey-exists"
    SURVEY_UNKNOWN = "survey-unknown"
    SURVEY_CLOSED = "survey-closed"
    BATCH_EXISTS = "batch-exists"
    WEIGHTS_DO_NOT_ADD_UP = "weights-do-not-add-up"
    PAPERS_DO_NOT_ADD_UP = "papers-do-not-add-up"
    NOTICE_UNKNOWN = "notice-unknown"
    NOT_BY_THIS_PROVIDER = "not-by-this-provider"
    NOT_PROPOSER = "not-proposer"
    OWN_REVIEW = "own-review"
    NOT_REVIEWER = "not-reviewer"
    NOBODY_REVIEWS = "nobody-reviews"
    PUBLICATION_EXISTS = "publication-exists"
    PUBLICATION_UNKNOWN = "publication-unknown"
    PUBLICATION_DECIDED = "publication-decided"
    PUBLICATION_OVER = "publication-over"
