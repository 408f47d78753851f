"""Cards of items and rectifications, proposals, and time that counts for nothing: who of the house is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.codes import FindingSource, Language, RefusalCode, Rung, SubjectKind, TimeUnit, Verdict
from contracts.conduct import FindingRecorded, MeasureProposed
from contracts.inspections import RectificationEscalated, RectificationOrdered, RectificationRungReached, Rectify
from contracts.items import ItemEscalated, ItemRungReached
from contracts.message import Message
from contracts.receipts import ReceiptRefused, RedriveNotice, ReportReceipt
from contracts.refusals import reason
from contracts.scoring import ExtensionRefused
from contracts.staff_notices import StaffNoticeOwed, StaffNoticeSent
from infra.decision import Decision
from services.notify.domain.case_rules import CaseRules
from services.notify.domain.kept import Kept
from services.notify.domain.notice import LEASE
from services.notify.domain.oversight import key_of_oversight
from services.notify.domain.policy import Policy
from services.notify.domain.rules import Rules
from services.notify.domain.sending import DeliveryFailed, HandedOver, Send, Way
from services.notify.domain.staff import StaffNotice
from services.notify.domain.templates import Templates
from tests.unit.services.notify.place import policy
from tests.unit.services.speaking import AT, CASE, context, decided, demo, only, read, registered

UNIT, BODY = "police-beicheng", "city-office"
DUE = datetime(2026, 11, 28, tzinfo=UTC)
TELLS = {"staff": {"tells": ["item", "rectification", "proposal", "finding", "extension-refused"]}}
RECEIVERS = {
    "receiver": [
        {"unit": UNIT, "ways": ["sms"], "phone": "+86 10 5550 0100"},
        {"unit": "human-resources", "ways": ["inbox"], "language": "en"},
    ]
}


def place() -> Policy:
    return policy(notices={"quiet": {"ways": []}, **TELLS}, receivers=RECEIVERS)


def rules(**notices: Any) -> Rules:
    tables = {**demo().tables, "notices": {"quiet": {"ways": []}, **(notices or TELLS)}, "receivers": RECEIVERS}
    return Rules.from_tables("demo", tables, LEASE)


def of_item(**changes: Any) -> ItemRungReached:
    given = {"system": "e-supervision", "external_id": "LIC-7", "occurred_at": AT, "unit": UNIT}
    return ItemRungReached(**{**given, "rung": Rung.RED, "due_at": DUE, **changes})


def to_be_put_right(model: type[Any] = RectificationRungReached, **changes: Any) -> Any:
    given: dict[str, Any] = {
        "unit": UNIT,
        "occurred_at": AT,
        "body": BODY,
        "reference": "AF-1",
        "visit": "07",
        "number": 1,
        "due_at": DUE,
    }
    return model(**{**given, **changes})


def ordered(**changes: Any) -> RectificationOrdered:
    rectify = Rectify(amount=10, unit=TimeUnit.WORKING_DAYS, what="公示值班表")
    more = {"rectify": rectify, "provisional": False, "calendar": "c", "policy": "demo"}
    found: RectificationOrdered = to_be_put_right(RectificationOrdered, **{**more, **changes})
    return found


def proposed(**changes: Any) -> MeasureProposed:
    given: dict[str, Any] = {
        "unit": "human-resources",
        "occurred_at": AT,
        "kind": SubjectKind.POST,
        "subject": "police-beicheng.desk-2",
        "proposal_id": str(uuid4()),
        "step": "post-2",
        "measures": ("incompetent", "training"),
        "basis": "办法",
        "findings": (str(uuid4()), str(uuid4())),
        "since": date(2026, 1, 1),
        "policy": "demo",
    }
    return MeasureProposed(**{**given, **changes})


def recorded(**changes: Any) -> FindingRecorded:
    given: dict[str, Any] = {
        "unit": UNIT,
        "occurred_at": AT,
        "body": BODY,
        "reference": "F-31",
        "verdict": Verdict.PARTLY,
        "source": FindingSource.COMPLAINT,
        "units": (UNIT, "ecology"),
        "happened_on": date(2026, 11, 12),
        "facts": "未一次性告知。",
        "appeal_until": DUE,
        "policy": "demo",
    }
    return FindingRecorded(**{**given, **changes})


def begun(fact: Message, by: Rules | None = None) -> Decision[Kept]:
    key = key_of_oversight(fact, None)
    return decided((by or rules()).decide(None, fact, replace(context(), key=key)))


FACTS = [
    of_item(),
    ItemEscalated(
        system="e-supervision", external_id="L", occurred_at=AT, unit="ecology", level=1, to=UNIT, due_at=DUE
    ),
    ordered(),
    to_be_put_right(rung=Rung.YELLOW, task="公示值班表"),
    to_be_put_right(RectificationEscalated, about="ecology", level=2, task="公示值班表"),
    proposed(),
    recorded(),
]


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: type(fact).__name__)
def test_a_unit_is_told_in_words_that_the_place_has(fact: Any) -> None:
    kept = begun(fact).state
    assert isinstance(kept, StaffNotice)
    assert kept.to == getattr(fact, "to", fact.unit)
    words = Templates.from_tables("demo", demo().tables)
    for language in Language:
        rendered = words.render(kept.what, language, kept.told)
        assert rendered.subject
        assert rendered.text


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: type(fact).__name__)
def test_what_the_place_does_not_tell_begins_nothing(fact: Any) -> None:
    assert begun(fact, rules(staff={})) == Decision(None)


def test_whoever_inspected_is_not_told_to_put_it_right() -> None:
    assert begun(ordered(unit=BODY)).state is None
    assert begun(to_be_put_right(unit=BODY, rung=Rung.RED)).state is None
    assert begun(recorded(unit=BODY)).state is None
    assert begun(to_be_put_right(RectificationEscalated, unit=BODY, about=UNIT, level=1)).state is not None


def test_each_card_is_a_notice_of_its_own_and_the_same_whenever_it_is_said() -> None:
    facts = [of_item(), of_item(rung=Rung.YELLOW), of_item(external_id="LIC-8"), ordered(), ordered(unit=BODY)]
    keys = {key_of_oversight(fact, "ignored") for fact in facts}
    assert len(keys) == len(facts)
    assert {str(UUID(key)) for key in keys} == keys
    assert key_of_oversight(of_item(occurred_at=AT + timedelta(hours=1)), None) == key_of_oversight(of_item(), None)


def test_a_card_that_comes_again_is_not_told_again() -> None:
    fact = of_item()
    first = begun(fact)
    assert [type(effect) for effect in first.effects] == [Send]
    again = decided(rules().decide(first.state, fact, replace(context(), key=key_of_oversight(fact, None))))
    assert (again.events, again.effects) == ((), ())


def test_a_proposal_is_told_in_the_deciders_language() -> None:
    kept = begun(proposed()).state
    assert isinstance(kept, StaffNotice)
    assert kept.told["measures"] == ["graded incompetent this year", "compulsory training"]
    assert (kept.told["step_name"], kept.told["findings"], kept.told["since"]) == (
        "second valid complaint",
        2,
        date(2026, 1, 1),
    )


# ---- time that counts for nothing


def test_whoever_asked_for_time_and_whoever_granted_it_hear_that_it_counts_for_nothing() -> None:
    by = CaseRules(place(), LEASE)
    case = decided(by.decide(None, registered(), context())).state
    refused = ExtensionRefused(
        case_id=CASE,
        occurred_at=AT,
        clock="close",
        unit=UNIT,
        approver="beicheng-centre",
        working_days=5,
        requested_at=AT,
        due_at=DUE,
        reasons=(reason(RefusalCode.NOTICE_UNKNOWN, "notice_id"),),
    )
    decision = decided(by.decide(case, refused, context()))
    owed = [each for each in read(decision.events) if isinstance(each, StaffNoticeOwed)]
    assert [(each.to, each.what) for each in owed] == [
        (UNIT, "extension-refused"),
        ("beicheng-centre", "extension-refused"),
    ]
    later = refused.model_copy(update={"requested_at": AT + timedelta(days=1)})
    more = [each for each in decided(by.decide(case, later, context())).events if isinstance(each, StaffNoticeOwed)]
    assert not {each.notice_id for each in owed} & {each.notice_id for each in more}


# ---- receipts of staff notices


def sent() -> tuple[StaffNotice, str]:
    """A notice that the gateway has taken."""
    fact = of_item()
    key = key_of_oversight(fact, None)
    kept = begun(fact).state
    taken = decided(rules().decide(kept, HandedOver(key, Way.SMS), replace(context(), key=key)))
    assert isinstance(taken.state, StaffNotice)
    assert only(StaffNoticeSent, taken.events).by == "sms"
    return taken.state, key


def receipt(key: str, provider: str = "sms", speaker: str = "sms", **changes: Any) -> Decision[Kept]:
    kept, _ = sent()
    said = ReportReceipt(**{"provider": provider, "notice_id": key, "delivered": True, "reported_at": AT, **changes})
    return decided(rules().decide(kept, said, replace(context(speaker), key=key)))


def test_a_receipt_says_that_it_has_arrived_or_sends_it_the_next_way() -> None:
    _, key = sent()
    arrived = receipt(key).state
    assert isinstance(arrived, StaffNotice)
    assert arrived.notice.status == "delivered"
    lost = receipt(key, delivered=False, code="UNDELIV").state
    assert isinstance(lost, StaffNotice)
    assert (lost.notice.way, lost.notice.why) == (Way.INBOX, "sms: receipt: UNDELIV")
    assert lost.dead_at == AT


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"notice_id": f"again-3.{CASE}"}, RefusalCode.NOTICE_UNKNOWN),
        ({"provider": "mail", "speaker": "mail"}, RefusalCode.NOT_BY_THIS_PROVIDER),
        ({"provider": "sms", "speaker": "mail"}, RefusalCode.NOT_BY_THIS_PROVIDER),
    ],
)
def test_a_receipt_that_fits_no_notice_is_refused(said: dict[str, Any], code: RefusalCode) -> None:
    kept, key = sent()
    decision = receipt(key, **said)
    assert decision.state == kept
    assert [each.code for each in only(ReceiptRefused, decision.events).reasons] == [code]


def test_a_notice_that_was_given_up_is_owed_again_from_its_first_way_on() -> None:
    fact = of_item()
    key = key_of_oversight(fact, None)
    about = replace(context(), key=key)
    dead = decided(rules().decide(begun(fact).state, DeliveryFailed(key, Way.SMS, "sms no", permanent=True), about))
    assert isinstance(dead.state, StaffNotice)
    assert dead.state.dead_at == AT
    again = decided(rules().decide(dead.state, RedriveNotice(notice_id=key, issued_at=AT, by="city-office"), about))
    assert isinstance(again.state, StaffNotice)
    assert [each.notice_id for each in again.effects if isinstance(each, Send)] == [f"again-1.{key}"]
    assert again.state.dead_at is None
