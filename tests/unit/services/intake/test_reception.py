"""The reception: what is in scope, what is missing, what clerks judge, and that nothing ends without an answer."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from contracts.attachments import Attachment
from contracts.channel import (
    MAX_TEXT,
    AppealAnswer,
    Attribute,
    Contact,
    ReopenComplaint,
    SupplementComplaint,
    WithdrawComplaint,
)
from contracts.clerking import JudgeScope, RequestSupplement
from contracts.codes import AppealType, Authority, Channel, Ending, HandlingResult, Hold, RefusalCode
from contracts.intake import (
    CaseEnded,
    CaseRegistered,
    CaseReleased,
    ClerkingRefused,
    ContactSealed,
    ReceptionRequested,
    SubmissionRefused,
    SupplementReceived,
    SupplementRequested,
)
from contracts.message import Message
from contracts.refusals import reason
from contracts.routing import AskingEnded, CaseClosed, CaseReopened, ComplainantAsked
from infra.decision import Decision, Due, Problem, Subject, Unreadable
from services.intake.domain.catalogue import Catalogue
from services.intake.domain.decide import Rules
from services.intake.domain.numbering import Numbers
from services.intake.domain.registration import AddedWords, Registration
from services.intake.domain.repeats import Supplies
from services.intake.domain.scope import ScopeRule
from tests.unit.services.intake.test_submission import submission
from tests.unit.services.speaking import AT, CASE, context, decided, demo, only, read, told

CENTRE = "beicheng-centre"
CLERK = "beicheng-centre.desk-2"


def rules(**tables: Any) -> Rules:
    """The rules of the demonstration place, with one of its tables changed."""
    changed = deepcopy(demo().tables) | tables
    return Rules(Catalogue.from_tables("v", changed), seal=lambda _: "box", key_id="k")


RULES = rules()


@dataclass
class Reception:
    """One case in intake, and everything that was announced about it."""

    rules: Rules = RULES
    case: Registration | None = None
    at: datetime = AT
    events: list[Any] = field(default_factory=list)
    asked: int = 0

    def hear(self, subject: Subject, speaker: str = "web", topic: str = "") -> list[Any]:
        """What is announced on it."""
        self.asked += 1
        numbers = Numbers()
        numbers.add("BC-20261123", range(42, 43))
        decision: Decision[Registration] = decided(
            self.rules.decide(
                self.case,
                subject,
                context(speaker, topic=topic, at=self.at, message_id=f"m{self.asked}", supplies=Supplies(numbers)),
            )
        )
        self.case = decision.state
        found = read(decision.events)
        self.events += found
        return found

    def known(self) -> Registration:
        """The case, which there must be."""
        assert self.case is not None
        return self.case

    def due(self) -> datetime | None:
        """When it is to be looked at."""
        return self.rules.due(self.known())


def reception(the_rules: Rules = RULES, **changes: Any) -> Reception:
    it = Reception(the_rules)
    it.hear(submission(**{"contact": None, **changes}))
    return it


def lamp(**changes: Any) -> Reception:
    """A street lamp: what is wrong with it must be told."""
    return reception(category="street-lighting", **changes)


def answer(code: str = "fault", value: str = "dark", **more: Any) -> SupplementComplaint:
    return SupplementComplaint(
        channel=Channel.WEB, external_id="x1", given_at=AT, attributes=(Attribute(code=code, value=value),), **more
    )


def withdraw() -> WithdrawComplaint:
    return WithdrawComplaint(channel=Channel.WEB, external_id="x1", withdrawn_at=AT)


def judge(ending: Ending | None = None, reply: str = "", authority: Authority | None = None) -> JudgeScope:
    return JudgeScope(
        case_id=CASE, issued_at=AT, unit=CENTRE, actor=CLERK, ending=ending, reply=reply, authority=authority
    )


def ask(*missing: str) -> RequestSupplement:
    return RequestSupplement(case_id=CASE, issued_at=AT, unit=CENTRE, actor=CLERK, missing=missing or ("在哪里？",))


def names(events: list[Any]) -> list[str]:
    return [type(event).__name__ for event in events]


# ---- scope


@pytest.mark.parametrize(
    ("changes", "rule", "authority"),
    [
        ({"text": "有人正在持刀伤人"}, "emergency", Authority.POLICE),
        ({"category": "official-conduct", "text": "某科长索贿"}, "graft", Authority.DISCIPLINE_INSPECTION),
        ({"title": "法院判决不服"}, "litigation", Authority.COURT),
    ],
)
def test_what_is_anothers_business_gets_a_number_and_is_told_whose(
    changes: dict[str, Any], rule: str, authority: Authority
) -> None:
    it = reception(**changes)
    registered, ended = it.events
    assert (registered.number, registered.held) == ("BC-20261123-000042", Hold.SCOPE)
    assert (ended.ending, ended.authority) == (Ending.DIVERTED, authority)
    assert told(ended.reasons) == [(f"scope.{rule}", None)]
    assert it.known().ended is Ending.DIVERTED
    assert it.due() is None


def test_the_same_words_about_another_category_are_in_scope() -> None:
    assert names(reception(text="某科长索贿").events) == ["CaseRegistered"]


@pytest.mark.parametrize(
    ("raw", "fits"),
    [
        ({"categories": ["heating"]}, False),
        ({"categories": ["noise-construction"]}, True),
        ({"appeals": ["praise"]}, False),
        ({"channels": ["radio"]}, False),
        ({"channels": ["web"], "areas": ["beicheng-shuangqiao", "beicheng"]}, True),
        ({"areas": ["nancheng"]}, False),
        ({"words": ["没有这句", "打桩"]}, True),
        ({"words": ["没有这句"]}, False),
        ({}, True),
    ],
)
def test_a_rule_fits_when_all_its_conditions_do(raw: dict[str, Any], fits: bool) -> None:
    said = submission(category="noise-construction", text="还在打桩", appeal=AppealType.COMPLAINT)
    assert ScopeRule.of({"id": "r", "verdict": "out", "zh": "不受理。", "en": "No.", **raw}).fits(said) is fits


def test_the_first_rule_that_fits_decides_and_one_may_say_in() -> None:
    table = [
        {"id": "first", "verdict": "in", "zh": "受理。", "en": "In.", "words": ["打桩"]},
        {"id": "second", "verdict": "out", "zh": "不受理。", "en": "Out."},
    ]
    the_rules = rules(intake={"scope": table})
    assert names(reception(the_rules, text="还在打桩").events) == ["CaseRegistered"]
    declined = only(CaseEnded, reception(the_rules, text="别的事").events)
    assert (declined.ending, declined.authority, declined.reasons[0].zh) == (Ending.DECLINED, None, "不受理。")


@pytest.mark.parametrize("raw", [{"verdict": "diverted"}, {"verdict": "out", "authority": "police"}, {"verdict": "?"}])
def test_a_rule_that_contradicts_itself_is_no_rule(raw: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"authority|Verdict"):
        ScopeRule.of({"id": "r", "zh": "一", "en": "a", **raw})


# ---- what is missing


def test_what_is_missing_is_asked_for_at_once_and_completely() -> None:
    it = lamp()
    registered, asked = it.events
    assert (registered.held, asked.round, asked.centre, asked.by) == (Hold.SUPPLEMENT, 1, CENTRE, None)
    assert told(asked.missing) == [("answer-missing", "attributes.fault")]
    assert "故障情况" in asked.missing[0].zh
    assert asked.answer_by.isoformat() == "2026-12-01T00:00:00+08:00"  # seven days after the 23rd
    assert it.due() == asked.answer_by


def test_who_told_everything_is_asked_nothing() -> None:
    assert names(lamp(attributes=(Attribute(code="fault", value="dark"),)).events) == ["CaseRegistered"]


@pytest.mark.parametrize("value", ["", "  ", "not a value of the list"])
def test_an_answer_that_is_none_does_not_count(value: str) -> None:
    assert names(lamp(attributes=(Attribute(code="fault", value=value),)).events)[1] == "SupplementRequested"


def test_a_complete_answer_releases_the_case_with_what_was_added() -> None:
    it = lamp()
    received, released = it.hear(answer(text="三号杆。电话13900139000", address="双桥街"))
    assert (received.complete, received.round) == (True, 1)
    assert (released.added_text, released.address) == ("三号杆。电话＊＊＊", "双桥街")
    assert released.attributes == (Attribute(code="fault", value="dark"),)
    assert (it.known().held, it.due()) == (None, None)


def test_an_incomplete_answer_is_followed_by_a_second_round_which_is_counted() -> None:
    it = lamp()
    received, asked = it.hear(answer(value="nonsense"))
    assert (received.complete, asked.round) == (False, 2)
    assert names(it.hear(answer())) == ["SupplementReceived", "CaseReleased"]


def test_after_two_rounds_the_case_goes_on_with_what_there_is() -> None:
    it = lamp()
    it.hear(answer(value="nonsense"))
    received, released = it.hear(answer(value="nonsense", text="就是不亮"))
    assert (received.complete, released.added_text, it.due()) == (False, "就是不亮", None)


FAULT, NONSENSE = Attribute(code="fault", value="dark"), Attribute(code="fault", value="nonsense")


@pytest.mark.parametrize(
    ("first", "second", "text", "address", "answers"),
    [
        ({"text": "一"}, {"text": "二"}, "一\n二", "", (NONSENSE, FAULT)),
        ({"text": "一", "address": "双桥街"}, {}, "一", "双桥街", (NONSENSE, FAULT)),
        ({}, {"text": "二", "address": "双桥街"}, "二", "双桥街", (NONSENSE, FAULT)),
        ({"address": "双桥街"}, {"address": "三号杆"}, "", "双桥街；三号杆", (NONSENSE, FAULT)),
        ({"text": "一", "address": "双桥街"}, {"text": "一", "address": "双桥街"}, "一", "双桥街", (NONSENSE, FAULT)),
        ({"text": "一"}, {"text": "  ", "value": "nonsense"}, "一", "", (NONSENSE,)),
        ({"text": "电话13900139000"}, {"text": "二"}, "电话＊＊＊\n二", "", (NONSENSE, FAULT)),
        (
            {"text": "我是王小明"},
            {"contact": Contact(name="王小明", phone="13800138000")},
            "我是＊＊＊",
            "",
            (NONSENSE, FAULT),
        ),
    ],
)
def test_the_department_gets_the_words_of_both_rounds_in_order(
    first: dict[str, Any], second: dict[str, Any], text: str, address: str, answers: tuple[Attribute, ...]
) -> None:
    it = lamp()
    received, _ = it.hear(answer(**{"value": "nonsense", **first}))
    assert received.attributes == (NONSENSE,)
    assert received.address == first.get("address", "")
    released = only(CaseReleased, [each for each in it.hear(answer(**second)) if isinstance(each, CaseReleased)])
    assert (released.added_text, released.address, released.attributes) == (text, address, answers)
    assert it.known().words == AddedWords(), "the state has no words that are published"


def test_a_clerks_release_has_everything_that_was_added() -> None:
    it = reception(text="合同纠纷")
    photo = Attachment(url="https://photos.example.com/1.jpg")
    words = AddedWords(texts=("一", "二"), addresses=("双桥街",), answers=(FAULT,))
    it.case = it.known().model_copy(update={"words": words, "added": (photo,)})
    released = only(CaseReleased, it.hear(judge(), CENTRE))
    assert (released.added_text, released.address) == ("一\n二", "双桥街")
    assert (released.attributes, released.attachments) == ((FAULT,), (photo,))
    assert (it.known().words, it.known().added) == (AddedWords(), ())


def test_a_case_that_lapses_in_the_second_round_has_published_the_words_of_the_first() -> None:
    it = lamp()
    received, asked = it.hear(answer(value="nonsense", text="三号杆。电话13900139000", address="双桥街"))
    assert (received.added_text, received.address) == ("三号杆。电话＊＊＊", "双桥街")
    assert it.known().words.texts == ("三号杆。电话＊＊＊",)
    it.at = asked.answer_by
    assert only(CaseEnded, it.hear(Due())).ending is Ending.LAPSED
    assert it.known().words == AddedWords()


def test_a_state_of_an_earlier_version_has_no_words() -> None:
    stored = lamp().known().model_dump(mode="json", exclude={"words"})
    assert Registration.model_validate(stored).words == AddedWords()


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (answer(text="话" * (MAX_TEXT + 1)), ("text-too-long", "text")),
        (answer(code="nobody-asked"), ("malformed", "attributes.nobody-asked: unknown")),
        (answer().model_copy(update={"given_at": AT + timedelta(hours=1)}), ("received-in-future", "given_at")),
    ],
)
def test_a_supplement_that_is_none_is_refused_by_field(given: SupplementComplaint, why: tuple[str, str]) -> None:
    it = lamp()
    before = it.case
    assert told(only(SubmissionRefused, it.hear(given)).reasons) == [why]
    assert it.case == before


def test_a_name_that_was_told_at_first_is_masked_in_what_is_added_later() -> None:
    people = {
        "contact": Contact(name="欧阳小明", email="OuYang@city.example"),
        "agent": Contact(name="李大为", phone="66778899"),
    }
    it = lamp(**people)
    state = it.known().model_dump_json()
    (released,) = [
        event
        for event in it.hear(
            answer(text="我是欧阳小明，李大为代办，电话66778899，邮箱ouyang@city.example。", address="李大为家")
        )
        if isinstance(event, CaseReleased)
    ]
    assert released.added_text == "我是＊＊＊，＊＊＊代办，电话＊＊＊，邮箱＊＊＊。"
    assert released.address == "＊＊＊家"
    for identity in ("欧阳小明", "李大为", "66778899", "ouyang"):
        assert identity not in state.lower()
    assert it.known().traces, "a unit may ask again, and the answer may be appealed"
    it.hear(withdraw())
    assert it.known().traces == (), "nothing more is added to a case without an answer"


def test_the_agent_must_be_reachable_too_and_answers_belong_to_questions() -> None:
    it = Reception()
    strange = (Attribute(code="nobody-asked", value="x"),)
    refused = only(SubmissionRefused, it.hear(submission(agent=Contact(phone="abc"), attributes=strange)))
    assert told(refused.reasons) == [
        ("contact-malformed", "agent.phone: phone_not_a_number"),
        ("malformed", "attributes.nobody-asked: unknown"),
    ]


def test_a_new_contact_is_sealed() -> None:
    sealed, *_ = lamp().hear(answer(contact=Contact(name="王小明", phone="13800138000")))
    assert isinstance(sealed, ContactSealed)


def test_a_contact_by_which_nobody_could_be_reached_is_refused() -> None:
    it = lamp()
    assert told(only(SubmissionRefused, it.hear(answer(contact=Contact(email="x")))).reasons) == [
        ("contact-malformed", "contact.email: email_not_an_address")
    ]
    assert it.known().held is Hold.SUPPLEMENT


def test_who_does_not_answer_in_time_is_told_that_the_case_lapsed() -> None:
    it = lamp()
    it.at = it.due() or AT
    lapsed = only(CaseEnded, it.hear(Due()))
    assert lapsed.ending is Ending.LAPSED
    assert told(lapsed.reasons) == [("supplement-lapsed", None)]
    assert it.hear(Due()) == []
    assert told(only(SubmissionRefused, it.hear(answer())).reasons) == [("case-closed", None)]


def test_an_answer_that_nobody_asked_for_is_refused() -> None:
    assert told(only(SubmissionRefused, reception().hear(answer())).reasons) == [("not-asked", None)]


@pytest.mark.parametrize("said", [answer(), withdraw()], ids=["supplement", "withdrawal"])
def test_what_is_said_of_a_case_that_nobody_knows_is_refused(said: Message) -> None:
    assert told(only(SubmissionRefused, Reception().hear(said)).reasons) == [("case-unknown", "external_id")]
    foreign = Reception().hear(said, "radio")
    assert told(only(SubmissionRefused, foreign).reasons) == [("malformed", "channel")]


# ---- withdrawal


def test_a_complaint_may_be_taken_back_once_wherever_it_is() -> None:
    for it in (reception(), lamp(), reception(text="合同纠纷")):
        gone = only(CaseEnded, it.hear(withdraw()))
        assert (gone.ending, told(gone.reasons)) == (Ending.WITHDRAWN, [("withdrawn", None)])
        assert told(only(SubmissionRefused, it.hear(withdraw())).reasons) == [("case-closed", None)]


# ---- clerks


def closed(reply: str = "已修复。") -> CaseClosed:
    return CaseClosed(case_id=CASE, occurred_at=AT, unit="street-lamps", result=HandlingResult.RESOLVED, reply=reply)


def test_what_a_department_answered_is_kept_until_the_case_is_opened_again() -> None:
    it = reception(text="路灯")
    it.hear(answer())
    assert it.hear(closed()) == []
    case = it.known()
    assert (case.result, case.closed_at, case.reply) == (HandlingResult.RESOLVED, AT, "已修复。")
    assert not Rules.is_open(case)
    assert told(only(SubmissionRefused, it.hear(withdraw())).reasons) == [("case-closed", None)]
    it.hear(CaseReopened(case_id=CASE, occurred_at=AT, unit="street-lamps", count=1, reason="又坏了"), "")
    assert Rules.is_open(it.known())
    assert it.known().reply == ""
    assert names(it.hear(withdraw())) == ["CaseEnded"]


def test_a_case_that_was_taken_back_keeps_what_was_told_then() -> None:
    it = reception(text="路灯")
    it.hear(withdraw())
    it.hear(closed())
    assert (it.known().ended, it.known().closed_at) == (Ending.WITHDRAWN, None)


def test_the_end_of_a_case_that_is_not_known_is_looked_at_by_somebody() -> None:
    with pytest.raises(LookupError):
        RULES.decide(None, closed(), context())


def test_what_a_rule_leaves_to_a_clerk_waits_at_the_centre() -> None:
    registered, wanted = reception(text="合同纠纷").events
    assert registered.held is Hold.SCOPE
    assert (wanted.topic, wanted.number, wanted.why.code) == (
        f"reception.{CENTRE}",
        registered.number,
        "scope.between-private-parties",
    )


@pytest.mark.parametrize(
    ("about", "centre"),
    [
        (None, CENTRE),
        ("police-beicheng", CENTRE),
        (CENTRE, "city-12345"),
        ("city-12345", "city-office"),
        ("city-office", CENTRE),
    ],
)
def test_a_centre_that_is_complained_about_does_not_examine_the_case(about: str | None, centre: str) -> None:
    it = reception(text="合同纠纷", about=about)
    registered, wanted = it.events
    assert (wanted.topic, registered.jurisdiction) == (f"reception.{centre}", CENTRE)
    by = judge().model_copy(update={"actor": {CENTRE: CLERK}.get(centre, f"{centre}.desk-1")})
    for other in {CENTRE, "city-12345", "city-office"} - {centre}:
        assert told(only(ClerkingRefused, it.hear(by, other)).reasons) == [("not-your-centre", None)]
    assert names(it.hear(by, centre)) == ["CaseReleased"]


def test_a_clerk_lets_a_case_in() -> None:
    it = reception(text="合同纠纷")
    assert names(it.hear(judge(), CENTRE)) == ["CaseReleased"]
    assert told(only(ClerkingRefused, it.hear(judge(), CENTRE)).reasons) == [("not-held", None)]


def test_a_clerk_declines_or_diverts_with_a_reply() -> None:
    declined = only(CaseEnded, reception(text="合同纠纷").hear(judge(Ending.DECLINED, "请协商。"), CENTRE))
    assert (declined.reply, declined.by, declined.reasons) == ("请协商。", CLERK, ())
    diverted = reception(text="合同纠纷").hear(judge(Ending.DIVERTED, "请起诉。", Authority.COURT), CENTRE)
    assert only(CaseEnded, diverted).authority is Authority.COURT


@pytest.mark.parametrize(
    ("command", "speaker", "code"),
    [
        (judge(), "nancheng-centre", "not-your-centre"),
        (judge(Ending.DECLINED), CENTRE, "reply-missing"),
        (judge(Ending.DIVERTED, "x"), CENTRE, "authority-missing"),
        (judge(Ending.DECLINED, "x", Authority.COURT), CENTRE, "authority-missing"),
        (judge(Ending.LAPSED, "x"), CENTRE, "malformed"),
        (ask(), "nancheng-centre", "not-your-centre"),
        (judge().model_copy(update={"actor": "beicheng-centre.desk-9"}), CENTRE, "actor-unknown"),
        (judge().model_copy(update={"actor": "police-beicheng.desk-1"}), CENTRE, "actor-unknown"),
    ],
)
def test_what_a_clerk_may_not_do_is_refused_by_rule(command: Message, speaker: str, code: str) -> None:
    it = reception(text="合同纠纷")
    before = it.case
    refused = only(ClerkingRefused, it.hear(command, speaker))
    assert (refused.topic, refused.command_id, refused.command) == (f"reception.{speaker}", "m2", command.TYPE)
    assert told(refused.reasons)[0][0] == code
    assert it.case == before


def test_a_clerk_asks_in_their_own_words_and_any_answer_releases() -> None:
    it = reception(text="合同纠纷")
    asked = only(SupplementRequested, it.hear(ask("合同是和谁签的？", "哪一年签的？"), CENTRE))
    assert [each.zh for each in asked.missing] == [
        "请您补充：“合同是和谁签的？”。",
        "请您补充：“哪一年签的？”。",
    ]
    assert (asked.by, asked.round) == (CLERK, 1)
    assert names(it.hear(answer(text="和物业，2024年").model_copy(update={"attributes": ()}))) == [
        "SupplementReceived",
        "CaseReleased",
    ]


def test_a_clerks_message_that_fits_no_contract_is_answered_at_the_reception() -> None:
    unreadable = Unreadable(JudgeScope.TYPE, (Problem("actor", "missing"),))
    for centre in (CENTRE, "centre-96666"):  # the second is also the code of a channel
        refused = only(ClerkingRefused, Reception().hear(unreadable, centre, f"clerking.{centre}"))
        assert (refused.unit, told(refused.reasons)) == (centre, [("malformed", "actor: missing")])
    answer = Reception().hear(unreadable, "centre-96666", "complaints.centre-96666")
    assert only(SubmissionRefused, answer).channel == "centre-96666"


def test_a_command_about_an_unknown_or_ended_case_is_refused() -> None:
    assert told(only(ClerkingRefused, Reception().hear(judge(), CENTRE)).reasons) == [("case-unknown", "case_id")]
    it = reception(text="合同纠纷")
    it.hear(withdraw())
    assert told(only(ClerkingRefused, it.hear(judge(), CENTRE)).reasons) == [("case-closed", None)]


# ---- any history


class AnyHistory(RuleBasedStateMachine):
    """Random legal and illegal messages about one case; the facts announced must hold together."""

    @initialize(
        text=st.sampled_from(["路灯", "合同纠纷", "正在持刀"]), category=st.sampled_from(["street-lighting", "heating"])
    )
    def submit(self, text: str, category: str) -> None:
        self.it = reception(text=text, category=category)
        self.questions = 0
        self.added: list[SupplementComplaint] = []

    @rule(
        value=st.sampled_from(["dark", "nonsense", ""]),
        speaker=st.sampled_from(["web", "radio"]),
        text=st.sampled_from(["", " ", "三号杆。", "夜间。"]),
        address=st.sampled_from(["", "双桥街", "东门"]),
    )
    def supplement(self, value: str, speaker: str, text: str, address: str) -> None:
        given = answer(value=value, text=text, address=address)
        for event in self.it.hear(given, speaker):
            if isinstance(event, SupplementReceived):
                assert (event.added_text, event.address) == (text, address)
                if event.asked_by is None:
                    self.added.append(given)

    @rule(speaker=st.sampled_from(["web", "radio"]))
    def take_back(self, speaker: str) -> None:
        self.it.hear(withdraw(), speaker)

    @rule(
        ending=st.sampled_from([None, *Ending]),
        reply=st.sampled_from(["", "好"]),
        authority=st.sampled_from([None, Authority.COURT]),
        speaker=st.sampled_from([CENTRE, "nancheng-centre"]),
    )
    def clerk_judges(self, ending: Ending | None, reply: str, authority: Authority | None, speaker: str) -> None:
        self.it.hear(judge(ending, reply, authority), speaker)

    @rule(speaker=st.sampled_from([CENTRE, "nancheng-centre"]))
    def clerk_asks(self, speaker: str) -> None:
        self.it.hear(ask(), speaker)

    @rule(days=st.integers(1, 9))
    def a_unit_asks(self, days: int) -> None:
        """Routing lets a unit ask only in a case that is released and open, as far as it knows."""
        if self.it.known().held is None:
            self.questions += 1
            self.it.hear(
                ComplainantAsked(
                    case_id=CASE,
                    occurred_at=self.it.at,
                    unit="housing",
                    missing=(reason(RefusalCode.CLERK_ASKS, question="?"),),
                    answer_by=self.it.at + timedelta(days=days),
                    round=self.questions,
                ),
                "",
            )

    @rule(answered=st.booleans())
    def a_unit_asks_no_more(self, answered: bool) -> None:
        self.it.hear(AskingEnded(case_id=CASE, occurred_at=self.it.at, unit="housing", answered=answered), "")

    @rule(kind=st.sampled_from([ReopenComplaint, AppealAnswer]), speaker=st.sampled_from(["web", "radio"]))
    def the_complainant_requests(self, kind: type[ReopenComplaint | AppealAnswer], speaker: str) -> None:
        asked = kind(channel=Channel.WEB, external_id="x1", requested_at=AT, reason="未解决")
        before, found = self.it.known(), self.it.hear(asked, speaker)
        assert len(found) == 1, "forwarded or refused, never both, never neither"
        assert self.it.known() == before

    @rule(days=st.integers(0, 9))
    def time_passes(self, days: int) -> None:
        self.it.at += timedelta(days=days)
        due = self.it.due()
        if due is not None and due <= self.it.at:
            self.it.hear(Due())

    @invariant()
    def the_events_tell_the_state(self) -> None:
        """Whoever has only heard what was announced knows how the case stands."""
        held, ended, rounds = None, None, 0
        for event in self.it.events:
            match event:
                case CaseRegistered():
                    held = event.held
                case SupplementRequested():
                    held, rounds = Hold.SUPPLEMENT, event.round
                case CaseReleased():
                    held = None
                case CaseEnded():
                    held, ended = None, event.ending
                case _:
                    pass
        case = self.it.known()
        assert (case.held, case.ended, case.round) == (held, ended, rounds)

    @invariant()
    def it_is_registered_once_released_once_and_ended_once_with_a_reply(self) -> None:
        said = names(self.it.events)
        assert said.count("CaseRegistered") == 1
        assert said.count("CaseReleased") <= 1
        ends = [event for event in self.it.events if isinstance(event, CaseEnded)]
        assert len(ends) <= 1
        assert all(event.reply or event.reasons for event in ends)

    @invariant()
    def every_answer_was_asked_for_and_every_refusal_names_its_rule(self) -> None:
        asked = [event.round for event in self.it.events if isinstance(event, SupplementRequested)]
        given = [event for event in self.it.events if isinstance(event, SupplementReceived)]
        received = [event.round for event in given if event.asked_by is None]
        assert asked == list(range(1, len(asked) + 1))
        assert received == asked[: len(received)]
        to_units = [event.round for event in given if event.asked_by is not None]
        assert to_units == sorted(set(to_units)), "each question is answered once"
        assert len(to_units) <= self.questions
        for event in self.it.events:
            if isinstance(event, (SubmissionRefused, ClerkingRefused)):
                assert told(event.reasons)

    @invariant()
    def a_released_case_has_all_that_was_added_and_the_state_only_what_is_not_released(self) -> None:
        texts = list(dict.fromkeys(each.text for each in self.added if each.text.strip()))
        addresses = list(dict.fromkeys(each.address for each in self.added if each.address))
        answers = list(dict.fromkeys(each for given in self.added for each in given.attributes))
        words = self.it.known().words
        for released in (event for event in self.it.events if isinstance(event, CaseReleased)):
            assert (released.added_text, released.address) == ("\n".join(texts), "；".join(addresses))
            assert list(released.attributes) == answers
        if self.it.known().held is Hold.SUPPLEMENT:
            assert (list(words.texts), list(words.addresses), list(words.answers)) == (texts, addresses, answers)
        else:
            assert words == AddedWords()

    @invariant()
    def who_waits_is_waited_for_until_an_instant(self) -> None:
        case = self.it.known()
        assert (self.it.due() is not None) == (case.held is Hold.SUPPLEMENT)
        assert case.question is None or (case.held is None and not case.over)
        wanted = [event for event in self.it.events if isinstance(event, ReceptionRequested)]
        assert len(wanted) <= 1


TestAnyHistory = AnyHistory.TestCase
