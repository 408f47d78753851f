"""Submissions: registered with a number, or refused with every reason at once."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest

from contracts.channel import (
    MAX_TEXT,
    MAX_TITLE,
    Attribute,
    Contact,
    Instruction,
    SubmitComplaint,
    SupplementComplaint,
    WithdrawComplaint,
)
from contracts.codes import AppealType, Channel, ContactWay, Language, RefusalCode, ReplyBy
from contracts.dead_letters import Origin
from contracts.intake import CaseRegistered, ContactSealed, SubmissionRefused
from infra.decision import Decision, Internal, Problem, UnknownType, Unreadable
from infra.sealing import Opener, Sealer, new_private_key, public_key_of
from services.intake.domain.catalogue import Catalogue
from services.intake.domain.decide import Rules
from services.intake.domain.numbering import Numbers
from services.intake.domain.registration import Registration
from services.intake.domain.repeats import Supplies
from services.intake.domain.submission import CLOCK_TOLERANCE, OLDEST, faults, fingerprint
from tests.unit.contracts.golden import GOLDEN
from tests.unit.services.speaking import AT, CASE, context, demo, only, read, told, types

KEY = new_private_key()
SEALER = Sealer(public_key_of(KEY))
CATALOGUE = Catalogue.from_tables(demo().version, demo().tables)
RULES = Rules(CATALOGUE, SEALER.seal, SEALER.key_id)
OF_X1: dict[str, Any] = {"channel": Channel.WEB, "external_id": "x1", "given_at": AT, "withdrawn_at": AT}
CONTACT = Contact(name="王小明", phone="138-0013-8000", email="wang@example.com", reply_by=ReplyBy.EMAIL)


def submission(**changes: Any) -> SubmitComplaint:
    given: dict[str, Any] = {
        "channel": Channel.WEB,
        "external_id": "x1",
        "received_at": AT,
        "appeal": AppealType.COMPLAINT,
        "category": "noise-residential",
        "area": "beicheng",
        "title": "夜间噪声",
        "text": "楼下凌晨仍在营业。",
        "contact": CONTACT,
    }
    return SubmitComplaint(**{**given, **changes})


def decide(
    subject: Any, state: Registration | None = None, *, speaker: str = "web", **more: Any
) -> Decision[Registration]:
    numbers = Numbers()
    for prefix in ("SL", "BC", "NC", "QS"):
        numbers.add(f"{prefix}-20261123", range(42, 45))
    return RULES.decide(state, subject, context(speaker, supplies=Supplies(numbers), **more))


def refused(subject: Any, state: Registration | None = None, **more: Any) -> SubmissionRefused:
    decision = decide(subject, state, **more)
    assert decision.state == state
    return only(SubmissionRefused, decision.events)


# ---- registered


def test_a_complaint_gets_its_number_its_centre_and_its_words() -> None:
    decision = decide(submission(about="police-beicheng", urgent=True))
    event = only(CaseRegistered, decision.events)
    assert event.complainant
    assert event == CaseRegistered(
        case_id=CASE,
        occurred_at=AT,
        number="BC-20261123-000042",
        channel=Channel.WEB,
        appeal=AppealType.COMPLAINT,
        category="noise-residential",
        area="beicheng",
        jurisdiction="beicheng-centre",
        title="夜间噪声",
        text="楼下凌晨仍在营业。",
        received_at=AT,
        about="police-beicheng",
        urgent=True,
        reply_by=ReplyBy.EMAIL,
        language=Language.CHINESE,
        complainant=event.complainant,
        external_id="x1",
        submission_id="m1",
        policy=demo().version,
    )
    assert decision.state is not None
    assert (decision.state.number, decision.state.registered_at) == (event.number, AT)


def test_the_golden_sample_is_registered_at_the_demonstration_place_and_goes_on() -> None:
    """What partners copy first must not be refused, held or diverted there."""
    golden = GOLDEN[SubmitComplaint.TYPE]
    sample = SubmitComplaint.model_validate_json(golden.body)
    assert sample.attributes
    decision = decide(sample, speaker=sample.channel)
    assert types(decision) == ["ContactSealed", "CaseRegistered"]
    assert decision.state is not None
    assert (decision.state.held, decision.state.ended) == (None, None)
    assert only(CaseRegistered, decision.events).held is None


def test_a_registration_and_a_refusal_name_the_reference_and_the_message_they_answer() -> None:
    event = only(CaseRegistered, decide(submission(external_id="甲-1"), message_id="m7").events)
    assert (event.external_id, event.submission_id) == ("甲-1", "m7")
    for wrong in (submission(area="atlantis"), WithdrawComplaint(**OF_X1), SupplementComplaint(**OF_X1)):
        refusal = refused(wrong, message_id="m8")
        assert (refusal.external_id, refusal.submission_id, refusal.record) == ("x1", "m8", None)


def test_a_refusal_of_a_record_that_does_not_fit_names_the_record() -> None:
    origin = Origin(topic="complaints.web", partition=1, offset=7, id="m1", type="t")
    unknown = UnknownType("t", (SubmitComplaint.TYPE,))
    refusal = refused(Unreadable("t", (), unknown, "complaints.{channel}", origin, "x1"))
    assert (refusal.external_id, refusal.record) == ("x1", origin)
    assert told(refusal.reasons) == [("unknown-type", "type: unknown")]


@pytest.mark.parametrize(
    ("area", "centre", "prefix"),
    [
        ("city", "city-12345", "SL"),
        ("binhe", "city-12345", "SL"),
        ("beicheng-shuangqiao", "beicheng-centre", "BC"),
        ("nancheng", "nancheng-centre", "NC"),
        ("qingshan-shangwan", "qingshan-centre", "QS"),
    ],
)
def test_the_area_decides_whose_centre_it_is(area: str, centre: str, prefix: str) -> None:
    event = only(CaseRegistered, decide(submission(area=area)).events)
    assert event.jurisdiction == centre
    assert event.number.startswith(f"{prefix}-20261123-")


def test_the_contact_travels_sealed_before_the_registration() -> None:
    decision = decide(submission())
    assert types(decision) == ["ContactSealed", "CaseRegistered"]
    sealed = only(ContactSealed, decision.events)
    assert sealed.key_id == SEALER.key_id
    assert Contact.model_validate_json(Opener(KEY).open(sealed.box)) == CONTACT


def test_who_files_for_somebody_without_a_contact_is_told_instead() -> None:
    agent = Contact(name="赵代办", email="zhao@city.example", reply_by=ReplyBy.EMAIL, language=Language.ENGLISH)
    events = decide(submission(contact=None, agent=agent)).events
    assert Contact.model_validate_json(Opener(KEY).open(only(ContactSealed, events).box)) == agent
    registered = only(CaseRegistered, events)
    assert (registered.reply_by, registered.language, registered.complainant) == ("email", "en", None)
    own = only(ContactSealed, decide(submission(contact=CONTACT, agent=agent)).events)
    assert Contact.model_validate_json(Opener(KEY).open(own.box)) == CONTACT


def test_the_ways_that_are_allowed_travel_in_order_and_no_address_with_them() -> None:
    ways = (ContactWay.SMS, ContactWay.EMAIL, ContactWay.SMS)
    registered = only(CaseRegistered, decide(submission(contact=CONTACT.model_copy(update={"ways": ways}))).events)
    assert (registered.ways, registered.reply_by) == (("sms", "email"), "channel")
    first = only(CaseRegistered, decide(submission(contact=CONTACT.model_copy(update={"ways": ways[1:]}))).events)
    assert (first.ways, first.reply_by) == (("email", "sms"), "email")
    plain = only(CaseRegistered, decide(submission(contact=CONTACT)).events)
    assert (plain.ways, plain.reply_by) == ((), "email")


def test_everything_told_about_the_matter_goes_on_without_anybodys_identity() -> None:
    made = submission(
        category="noise-construction",
        contact=Contact(name="王小明", phone="13800138000"),
        agent=Contact(name="赵代办", phone="13900139000"),
        about_person="police.desk-1",
        confidential=True,
        problem="delay",
        address="安和里3号楼 王小明家",
        latitude=34.5,
        longitude=113.5,
        attributes=(Attribute(code="site", value="联系赵代办 13900139000"),),
        instruction=Instruction(by="mayor", text="请回复王小明", working_days=3),
        text="我是王小明，由赵代办（13900139000）代为反映。",
    )
    event = only(CaseRegistered, decide(made).events)
    assert (event.about_person, event.confidential, event.by_agent, event.problem) == (
        "police.desk-1",
        True,
        True,
        "delay",
    )
    assert (event.latitude, event.longitude) == (34.5, 113.5)
    assert event.address == "安和里3号楼 ＊＊＊家"
    assert event.attributes == (Attribute(code="site", value="联系＊＊＊ ＊＊＊"),)
    assert event.instruction == Instruction(by="mayor", text="请回复＊＊＊", working_days=3)
    for identity in ("王小明", "赵代办", "13900139000"):
        assert identity not in event.model_dump_json()


def test_who_stays_anonymous_is_answered_by_the_channel() -> None:
    decision = decide(submission(contact=None))
    assert types(decision) == ["CaseRegistered"]
    event = only(CaseRegistered, decision.events)
    assert (event.reply_by, event.language) == (ReplyBy.CHANNEL, Language.CHINESE)


def test_the_language_of_the_complainant_is_announced() -> None:
    contact = CONTACT.model_copy(update={"language": Language.ENGLISH})
    assert only(CaseRegistered, decide(submission(contact=contact)).events).language is Language.ENGLISH


@pytest.mark.parametrize("late", [timedelta(0), timedelta(days=3), OLDEST, -CLOCK_TOLERANCE])
def test_a_complaint_may_arrive_late_and_a_channels_clock_may_be_a_little_ahead(late: timedelta) -> None:
    assert only(CaseRegistered, decide(submission(received_at=AT - late)).events).received_at == AT - late


@pytest.mark.parametrize("length", [1, MAX_TEXT])
def test_a_text_of_any_allowed_length_is_registered_uncut(length: int) -> None:
    assert (
        len(only(CaseRegistered, decide(submission(text="诉" * length, title="题" * MAX_TITLE)).events).text) == length
    )


@pytest.mark.parametrize("phone", ["2610110", "138-0013-8000", "+86 138 0013 8000", "(0391) 261 0110", None, ""])
def test_a_telephone_number_may_be_written_as_people_write_it(phone: str | None) -> None:
    contact = Contact(name="王小明", phone=phone)
    assert types(decide(submission(contact=contact))) == ["ContactSealed", "CaseRegistered"]


def test_intake_remembers_nothing_of_who_the_complainant_is() -> None:
    state = decide(submission()).state
    assert state is not None
    for own in ("王小明", "138", "example.com"):
        assert own not in state.model_dump_json().replace("2026", "")


# ---- refused


FAULTS: list[tuple[dict[str, Any], str, str, str, str]] = [
    ({"channel": Channel.RADIO}, "malformed", "channel", "不符合约定的格式", "does not fit its contract"),
    ({"text": ""}, "text-missing", "text", "诉求内容为空", "text of the complaint is missing"),
    ({"text": " \n　"}, "text-missing", "text", "诉求内容为空", "text of the complaint is missing"),
    ({"text": "诉" * (MAX_TEXT + 1)}, "text-too-long", "text", "10000 字", "longer than 10000 characters"),
    ({"title": "题" * (MAX_TITLE + 1)}, "text-too-long", "title", "200 字", "longer than 200 characters"),
    ({"area": "atlantis"}, "area-unknown", "area", "区域代码", "list of areas"),
    ({"category": "dragons"}, "category-unknown", "category", "事项类别", "catalogue"),
    (
        {"received_at": AT + CLOCK_TOLERANCE + timedelta(milliseconds=1)},
        "received-in-future",
        "received_at",
        "晚于当前时间",
        "lies in the future",
    ),
    *(
        ({"received_at": at}, "malformed", "received_at", "不符合约定的格式", "does not fit its contract")
        for at in (AT - OLDEST - timedelta(seconds=1), datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))))
    ),
    ({"contact": Contact(reply_by=ReplyBy.EMAIL)}, "contact-missing", "contact.email", "未留电子邮箱", "no address"),
    (
        {"contact": Contact(email="a@b.cn", ways=(ContactWay.EMAIL, ContactWay.SMS))},
        "contact-phone-missing",
        "contact.phone",
        "未留手机号码",
        "no telephone number",
    ),
    (
        {"contact": Contact(phone="13800138000", ways=(ContactWay.SMS, ContactWay.EMAIL))},
        "contact-missing",
        "contact.email",
        "未留电子邮箱",
        "no address",
    ),
    (
        {"contact": Contact(email="", reply_by=ReplyBy.EMAIL)},
        "contact-missing",
        "contact.email",
        "未留电子邮箱",
        "no address",
    ),
    *(
        ({"contact": Contact(email=email)}, "contact-malformed", f"contact.email: {kind}", zh, en)
        for email, kind, zh, en in (
            ("wang", "email_not_an_address", "name@example.cn", "not well-formed"),
            ("@example.com", "email_not_an_address", "name@example.cn", "not well-formed"),
            ("a@b@c", "email_not_an_address", "name@example.cn", "not well-formed"),
            ("a b@c.cn", "email_not_an_address", "name@example.cn", "not well-formed"),
            ("a@b\nBcc: x@y", "email_invisible_character", "不可见字符", "invisible"),
            ("a@b.cn,c@d.cn", "email_not_an_address", "name@example.cn", "not well-formed"),
            ("<a@b.cn>", "email_not_an_address", "name@example.cn", "not well-formed"),
            ("a\u200bb@x.example", "email_invisible_character", "不可见字符", "invisible"),
            ("a..b@docomo.ne.jp", "email_dots", "连续的点", "twice in a row"),
            ('"a b"@x.example', "email_quoted", "引号", "quotes"),
            ("a@localhost", "email_domain", "域名", "domain"),
            ("l" * 65 + "@x.example", "email_too_long", "太长", "too long"),
        )
    ),
    *(
        (
            {"contact": Contact(phone=phone)},
            "contact-malformed",
            "contact.phone: phone_not_a_number",
            "无法识别",
            "cannot be read",
        )
        for phone in ("12", "phone", "138\n00138000", "one-two-three-four", "\u200b")
    ),
    *(
        (
            {"contact": Contact(phone=phone, ways=(ContactWay.SMS,))},
            "contact-malformed",
            f"contact.phone: {kind}",
            zh,
            en,
        )
        for phone, kind, zh, en in (
            ("010-62340000-8", "phone_extension", "分机", "extension"),
            ("13800138000/13900139000", "phone_several", "一个", "one telephone number"),
            ("010-6234000", "phone_not_in_plan", "位数", "check its digits"),
            ("400-800-1234", "phone_not_for_sms", "不能接收短信", "takes no text messages"),
        )
    ),
    (
        {"instruction": Instruction(by="mayor", text="\u200b")},
        "malformed",
        "instruction.text: text_missing",
        "可见文字",
        "visible text",
    ),
    *(
        ({"text": text}, "text-missing", "text", "诉求内容为空", "missing")
        for text in ("\u200b\u200d\ufeff", "\u2800", "\u3164", "\u3000\u00a0", "\U000e0041")
    ),
]


@pytest.mark.parametrize(
    ("changes", "code", "field", "zh", "en"), FAULTS, ids=[f"{f[1]}-{n}" for n, f in enumerate(FAULTS)]
)
def test_what_cannot_be_registered_is_refused_by_code_field_and_sentence(
    changes: dict[str, Any], code: str, field: str, zh: str, en: str
) -> None:
    event = refused(submission(**changes))
    assert told(event.reasons) == [(code, field)]
    assert zh in event.reasons[0].zh
    assert en in event.reasons[0].en
    assert (event.case_id, event.submission_id, event.policy) == (CASE, "m1", demo().version)
    assert (event.channel, event.reply_by) == (Channel.WEB, ReplyBy.CHANNEL)


def test_everything_wrong_is_told_at_once() -> None:
    event = refused(
        submission(
            channel=Channel.RADIO,
            text="",
            title="题" * 201,
            area="atlantis",
            category="dragons",
            received_at=AT + timedelta(days=1),
            contact=Contact(phone="x", email=None, reply_by=ReplyBy.EMAIL, language=Language.ENGLISH),
        )
    )
    assert told(event.reasons) == [
        ("malformed", "channel"),
        ("text-missing", "text"),
        ("text-too-long", "title"),
        ("area-unknown", "area"),
        ("category-unknown", "category"),
        ("received-in-future", "received_at"),
        ("contact-missing", "contact.email"),
        ("contact-malformed", "contact.phone: phone_not_a_number"),
    ]
    assert event.language is Language.ENGLISH


def test_a_refusal_goes_to_the_channel_that_spoke_not_to_the_one_it_claims_to_be() -> None:
    assert refused(submission(channel=Channel.RADIO), speaker="web").channel == Channel.WEB


def test_a_channel_that_the_place_does_not_have_is_refused_whatever_the_topic_proves() -> None:
    event = refused(submission(channel="overseas-forum"), speaker="overseas-forum")
    assert told(event.reasons) == [("channel-unknown", "channel")]
    assert event.channel == "overseas-forum"


@pytest.mark.parametrize(
    ("at", "taken"),
    [("2026-09-30T15:59:59Z", True), ("2026-09-30T16:00:00Z", False), ("2026-12-01T00:00:00Z", False)],
    ids=["last second of the last day", "midnight in China", "long after"],
)
def test_a_withdrawn_channel_takes_complaints_until_its_last_day_ends(at: str, taken: bool) -> None:
    forum = {"code": "overseas-forum", "zh": "侨乡论坛", "en": "forum", "until": date(2026, 9, 30)}
    catalogue = Catalogue.from_tables("v", {**demo().tables, "channels": {"channel": [forum]}})
    now = datetime.fromisoformat(at)
    said = submission(channel="overseas-forum", received_at=now - timedelta(hours=1))
    found = faults(said, catalogue, "overseas-forum", now)
    assert told(found) == ([] if taken else [("channel-withdrawn", "channel")])
    if not taken:
        assert "2026-09-30" in found[0].zh
        assert "2026-09-30" in found[0].en


def test_a_place_has_the_channels_of_its_table_and_else_the_well_known_ones() -> None:
    tables = demo().tables
    assert "wechat" in Catalogue.from_tables("v", tables).channels
    other = {**tables, "channels": {"channel": [{"code": "overseas-forum", "zh": "侨乡论坛", "en": "forum"}]}}
    assert set(Catalogue.from_tables("v", other).channels) == {"overseas-forum"}
    without = {name: table for name, table in tables.items() if name != "channels"}
    assert set(Catalogue.from_tables("v", without).channels) == {str(each) for each in Channel}


def test_a_message_that_fits_no_contract_is_refused_field_by_field() -> None:
    subject = Unreadable(SubmitComplaint.TYPE, (Problem("text", "missing"), Problem("contact.phone", "string_type")))
    event = refused(subject)
    assert told(event.reasons) == [("malformed", "text: missing"), ("malformed", "contact.phone: string_type")]
    assert (event.channel, event.submission_id) == (Channel.WEB, "m1")


def test_a_fault_with_a_very_long_name_is_told_all_the_same() -> None:
    (reason,) = refused(Unreadable("t", (Problem("x" * 300, "y" * 300),))).reasons
    assert len(reason.field or "") == len(reason.detail or "") == 200


def test_a_refused_submission_may_be_mended_and_sent_again() -> None:
    decision = decide(submission(text=""))
    assert decision.state is None
    assert types(decide(submission(), decision.state)) == ["ContactSealed", "CaseRegistered"]


def test_every_code_that_intake_can_give_is_told_here() -> None:
    given = {code for _, code, *_ in FAULTS} | {"already-registered"}
    assert given == {
        code.value
        for code in RefusalCode
        if code.value.startswith(("text-", "area-", "category-", "received-", "contact-", "malformed"))
    } | {"already-registered"}


# ---- again


def test_the_same_words_again_change_nothing_and_say_nothing() -> None:
    state = decide(submission()).state
    for again in (submission(), submission(contact=None), submission(received_at=AT + timedelta(hours=1))):
        assert decide(again, state, message_id="m2") == Decision(state)


@pytest.mark.parametrize(
    "changes", [{"text": "另一件事。"}, {"title": "另一件事"}, {"area": "nancheng"}, {"category": "heating"}]
)
def test_other_words_under_the_same_reference_are_refused_with_the_number_it_has(changes: dict[str, str]) -> None:
    state = decide(submission()).state
    event = refused(submission(**changes), state, message_id="m2")
    assert told(event.reasons) == [("already-registered", "external_id")]
    assert "BC-20261123-000042" in event.reasons[0].zh
    assert "BC-20261123-000042" in event.reasons[0].en
    assert event.submission_id == "m2"


def test_an_unreadable_message_leaves_a_registration_as_it_is() -> None:
    state = decide(submission()).state
    assert told(refused(Unreadable("t", (Problem("text", "missing"),)), state).reasons) == [
        ("malformed", "text: missing")
    ]


def test_a_fingerprint_is_of_the_matter_and_not_of_the_contact() -> None:
    assert fingerprint(submission()) == fingerprint(submission(contact=None, external_id="other"))
    assert fingerprint(submission()) != fingerprint(submission(text="别的"))


# ---- what must not happen


def test_a_registration_without_prepared_numbers_is_our_fault_not_the_citizens() -> None:
    with pytest.raises(TypeError, match="no numbers were prepared"):
        RULES.decide(None, submission(), context("web"))


def test_what_is_no_submission_is_not_decided() -> None:
    class Strange(Internal):
        """Nothing that intake knows."""

    with pytest.raises(TypeError, match="Strange"):
        RULES.decide(None, Strange(), context("web"))


def test_the_events_are_read_by_their_receivers_as_they_were_said() -> None:
    assert len(read(decide(submission()).events)) == 2
