"""Every way out against its real server: what complainants and staff receive, and what they never do."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from contracts.channel import Contact, SubmitComplaint
from contracts.codes import ContactWay, Language
from contracts.intake import ContactErased
from contracts.notify import ComplaintAcknowledged, ComplaintAnswered, NoticeDelivered, NoticeFailed, NoticeSent
from contracts.receipts import ReceiptRefused, ReportReceipt
from contracts.routing import AssignmentOffered
from contracts.staff_notices import StaffNoticeOwed, StaffNoticeSent
from infra.local.engines import Engines
from services.notify.providers.webhook import is_signed
from tests.support.bus import complaint
from tests.support.city import attribute, reference
from tests.support.moods import Hangs, Says
from tests.support.rude_mail import UNKNOWN, UNWANTED
from tests.support.waiting import wait_for
from tests.support.ways import Ways, around_now, part_of, place_of, ways_of
from xn.demo.listener import Answer
from xn.reference.publishing import publish, texts_of

EMAIL, SMS, CHANNEL = ContactWay.EMAIL, ContactWay.SMS, ContactWay.CHANNEL
QUIET = around_now()
SHANGHAI = ZoneInfo("Asia/Shanghai")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
async def ways(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ways]:
    """One city for the file, on engines of its own; it is quiet there now."""
    directory = tmp_path_factory.mktemp("ways")
    place = place_of(directory, quiet=QUIET)
    settings = {"XN_REFERENCE_LOOK_SECONDS": "0.3"}
    with Engines("embedded", directory / "engines") as engines:
        async with ways_of(engines, directory, place, settings=settings) as found:
            yield found


def contact(*chosen: ContactWay, domain: str = "city.example", **more: Any) -> Contact:
    """Somebody whom nobody else is."""
    given = {"name": "李四", "phone": "12013800000", "email": f"{uuid4().hex[:8]}@{domain}", "ways": chosen, **more}
    return Contact.model_validate(given, strict=False)


def submission(*chosen: ContactWay, matter: str = "housing-quality", **more: Any) -> SubmitComplaint:
    """A complaint that a unit gets which is told by the inbox alone, unless its matter is another."""
    fields: dict[str, Any] = {name: more.pop(name) for name in ("title", "text", "area") if name in more}
    return complaint(reference(), category=matter, contact=contact(*chosen, **more), **fields)


async def said(ways: Ways, spoken: SubmitComplaint) -> str:
    """It is submitted; the id of its acknowledgement."""
    await ways.city.say(spoken)
    return f"acknowledgement.{spoken.case_id}"


async def sent(ways: Ways, notice_id: str) -> NoticeSent:
    """The complainant was told this."""
    return await ways.city.heard(NoticeSent, where=attribute(notice_id=notice_id))


async def answered(ways: Ways, spoken: SubmitComplaint, reply: str = "已责令整改，请放心。") -> NoticeSent:
    """A unit has answered, and the complainant was told."""
    offered = await ways.city.heard(AssignmentOffered, spoken.case_id)
    await ways.city.sign(offered.unit, spoken.case_id)
    await ways.city.report(offered.unit, spoken.case_id, reply)
    return await sent(ways, f"answer.{spoken.case_id}")


# ---- complainants


@pytest.mark.parametrize(
    ("language", "greeting", "answer"),
    [(Language.CHINESE, "您好", "已整改"), (Language.ENGLISH, "Dear", "It is mended")],
)
async def test_a_mail_has_text_and_html_in_the_language_that_was_chosen(
    ways: Ways, language: Language, greeting: str, answer: str
) -> None:
    spoken = submission(EMAIL, language=language)
    notice = await said(ways, spoken)
    assert (await sent(ways, notice)).by == "email"
    (mail,) = ways.mails(notice)
    number = (await ways.city.acknowledged(spoken)).number
    assert spoken.contact is not None
    assert (mail["To"], mail["X-Xiaoneng-Notice"]) == (spoken.contact.email, "acknowledgement")
    for subtype in ("plain", "html"):
        text = part_of(mail, subtype)
        assert greeting in text
        assert number in text
        assert "李四" in text
    assert (await answered(ways, spoken, answer)).by == "email"
    (mail,) = ways.mails(f"answer.{spoken.case_id}")
    assert answer in part_of(mail, "plain")
    assert answer in part_of(mail, "html")


async def test_an_sms_names_the_approved_template_and_its_parameters(ways: Ways) -> None:
    spoken = submission(SMS)
    notice = await said(ways, spoken)
    assert (await sent(ways, notice)).by == "sms"
    (asked,) = ways.messages(notice)
    assert (asked["PhoneNumbers"], asked["TemplateCode"]) == ("12013800000", "SMS_zh_acknowledgement")
    parameters = json.loads(asked["TemplateParam"])
    assert parameters["number"] == (await ways.city.acknowledged(spoken)).number
    assert (await answered(ways, spoken, "已整改。")).by == "sms"
    (asked,) = ways.messages(f"answer.{spoken.case_id}")
    assert json.loads(asked["TemplateParam"])["reply"] == "已整改。"


async def test_who_chose_the_channel_is_told_on_its_topic_and_nowhere_else(ways: Ways) -> None:
    spoken = submission(CHANNEL)
    notice = await said(ways, spoken)
    assert (await sent(ways, notice)).by == "channel"
    assert (await answered(ways, spoken)).by == "channel"
    assert (await ways.city.heard(ComplaintAnswered, spoken.case_id)).reply == "已责令整改，请放心。"
    for each in (notice, f"answer.{spoken.case_id}"):
        assert (ways.mails(each), ways.messages(each), ways.requests(each)) == ([], [], [])


# ---- the next way


@pytest.mark.parametrize(("domain", "why"), [(UNKNOWN, "smtp 550"), (UNWANTED, "smtp 554")])
async def test_an_address_that_cannot_be_reached_gives_way_to_a_telephone(ways: Ways, domain: str, why: str) -> None:
    notice = await said(ways, submission(EMAIL, SMS, domain=domain))
    assert (await sent(ways, notice)).by == "sms"
    failed = await ways.city.heard(NoticeFailed, where=attribute(notice_id=notice))
    assert (failed.by, failed.why, failed.next) == ("email", why, "sms")
    assert len(ways.messages(notice)) == 1


async def test_a_number_that_the_gateway_does_not_know_gives_way_to_a_mail(ways: Ways) -> None:
    ways.sms.moods.append(Says(Answer(200, b'{"Code": "isv.MOBILE_NUMBER_ILLEGAL"}')))
    notice = await said(ways, submission(SMS, EMAIL))
    assert (await sent(ways, notice)).by == "email"
    failed = await ways.city.heard(NoticeFailed, where=attribute(notice_id=notice))
    assert (failed.why, failed.next) == ("sms isv.MOBILE_NUMBER_ILLEGAL", "email")
    assert len(ways.mails(notice)) == 1


async def test_an_answer_that_fits_no_sms_arrives_whole_by_mail(ways: Ways) -> None:
    spoken, reply = submission(SMS, EMAIL), "已清运。" * 2_500
    await said(ways, spoken)
    assert (await answered(ways, spoken, reply)).by == "email"
    notice = f"answer.{spoken.case_id}"
    failed = await ways.city.heard(NoticeFailed, where=attribute(notice_id=notice))
    assert failed.why.startswith("too-long: ")
    assert (ways.messages(notice), failed.next) == ([], "email")
    (mail,) = ways.mails(notice)
    assert reply in part_of(mail, "plain")


async def test_an_answer_that_fits_no_sms_is_told_by_the_channel_where_nothing_else_was_chosen(ways: Ways) -> None:
    spoken, reply = submission(SMS), "已清运。" * 2_500
    await said(ways, spoken)
    assert (await answered(ways, spoken, reply)).by == "channel"
    assert (await ways.city.heard(ComplaintAnswered, spoken.case_id)).reply == reply
    assert ways.mails(f"answer.{spoken.case_id}") == [], "there is an address, and it was not chosen"


@pytest.mark.parametrize("chosen", [EMAIL, SMS])
async def test_nobody_is_contacted_by_a_way_they_did_not_choose(ways: Ways, chosen: ContactWay) -> None:
    if chosen is SMS:
        ways.sms.moods.append(Says(Answer(200, b'{"Code": "isv.BLACKLIST_PHONE"}')))
    notice = await said(ways, submission(chosen, domain=UNKNOWN if chosen is EMAIL else "city.example"))
    assert (await sent(ways, notice)).by == "channel"
    assert ways.mails(notice) == []
    assert len(ways.messages(notice)) == (chosen is SMS)


@pytest.mark.parametrize(
    "answer",
    [Answer(500), Answer(503, b"", {"Retry-After": "1"}), Answer(429, b"", {"Retry-After": "1"}), Answer(200, b"?")],
    ids=["500", "503", "429", "no answer to speak of"],
)
async def test_a_gateway_that_fails_for_now_is_asked_again_with_the_same_key(ways: Ways, answer: Answer) -> None:
    ways.sms.moods.append(Says(answer))
    notice = await said(ways, submission(SMS, EMAIL))
    told = await sent(ways, notice)
    assert (told.by, told.attempts) == ("sms", 2)
    assert len(ways.messages(notice)) == 2
    assert ways.mails(notice) == []


# ---- staff


async def owed(ways: Ways, spoken: SubmitComplaint, unit: str) -> str:
    """The unit is to be told of its assignment: the notice."""
    where = attribute(to=unit, what="assignment", about=spoken.case_id)
    return (await ways.city.heard(StaffNoticeOwed, where=where)).notice_id


async def test_a_unit_with_a_system_gets_a_signed_request(ways: Ways) -> None:
    spoken = submission(CHANNEL, matter="garbage-collection")
    await said(ways, spoken)
    notice = await owed(ways, spoken, "urban-management-beicheng")
    assert (await ways.city.heard(StaffNoticeSent, notice)).by == "webhook"
    (posted,) = ways.requests(notice)
    secret = ways.hooks["urban-management"].secret
    assert is_signed(secret, posted.headers["x-xiaoneng-signature"], posted.body, int(time.time()))
    told = json.loads(posted.body)
    assert (told["id"], told["type"]) == (notice, "cn.xiaoneng.webhook.assignment.v1")
    assert told["data"]["facts"]["number"] == (await ways.city.acknowledged(spoken)).number
    assert "12013800000" not in posted.body.decode()
    assert "李四" not in posted.body.decode()


async def test_a_unit_with_a_desk_gets_a_mail_and_one_with_neither_finds_it_in_its_inbox(ways: Ways) -> None:
    by_mail, by_inbox = submission(CHANNEL, matter="noise-residential"), submission(CHANNEL)
    await said(ways, by_mail)
    await said(ways, by_inbox)
    notice = await owed(ways, by_mail, "police-beicheng")
    assert (await ways.city.heard(StaffNoticeSent, notice)).by == "email"
    (mail,) = ways.mails(notice)
    assert (mail["To"], mail["X-Xiaoneng-Notice"]) == ("desk@police-beicheng.shili.invalid", "assignment")
    notice = await owed(ways, by_inbox, "housing")
    assert (await ways.city.heard(StaffNoticeSent, notice)).by == "inbox"
    assert (await ways.kept(notice))["notice"]["status"] == "sent"


async def test_a_telephone_does_not_ring_in_quiet_hours(ways: Ways) -> None:
    spoken = submission(CHANNEL, matter="water-outage", area="binhe")
    await said(ways, spoken)
    notice = await owed(ways, spoken, "water-company")
    await answered(ways, spoken)  # whatever else has to be said of the case is said
    waiting = (await ways.kept(notice))["notice"]
    until = datetime.fromisoformat(str(waiting["next_at"])).astimezone(SHANGHAI)
    assert (waiting["status"], waiting["attempts"]) == ("pending", 0)
    assert (until.hour, until.minute) == (QUIET[1].hour, QUIET[1].minute)
    assert ways.messages(notice) == []


# ---- receipts


async def receipt(ways: Ways, notice: str, *, delivered: bool, code: str = "") -> None:
    """The gateway reports."""
    report = ReportReceipt(
        provider="sms", notice_id=notice, delivered=delivered, code=code, reported_at=datetime.now(UTC)
    )
    await ways.city.say(report)


async def test_what_the_gateway_reports_as_arrived_is_known_to_have_arrived(ways: Ways) -> None:
    spoken = submission(SMS)
    notice = await said(ways, spoken)
    await sent(ways, notice)
    await receipt(ways, notice, delivered=True)
    assert (await ways.city.heard(NoticeDelivered, spoken.case_id)).by == "sms"
    (kept,) = (await ways.kept(spoken.case_id))["notices"]
    assert kept["status"] == "delivered"


async def test_what_did_not_arrive_goes_the_next_way(ways: Ways) -> None:
    spoken = submission(SMS, EMAIL)
    notice = await said(ways, spoken)
    await sent(ways, notice)
    await receipt(ways, notice, delivered=False, code="UNDELIV")
    failed = await ways.city.heard(NoticeFailed, spoken.case_id)
    assert (failed.why, failed.next) == ("receipt: UNDELIV", "email")
    await ways.city.heard(NoticeSent, where=attribute(notice_id=notice, by="email"))
    assert (len(ways.messages(notice)), len(ways.mails(notice))) == (1, 1)


async def test_a_receipt_of_what_nobody_sent_is_refused_with_a_reason(ways: Ways) -> None:
    notice = f"answer.{uuid4()}"
    await receipt(ways, notice, delivered=True)
    refused = await ways.city.heard(ReceiptRefused, where=attribute(notice_id=notice))
    assert [each.code for each in refused.reasons] == ["notice-unknown"]


# ---- erasure, injection, templates


async def test_who_is_erased_while_a_notice_is_under_way_hears_by_the_channel_alone(ways: Ways) -> None:
    ways.sms.moods.append(Hangs())
    spoken = submission(SMS, EMAIL)
    notice = await said(ways, spoken)
    await wait_for(lambda: bool(ways.messages(notice)), 60, "the gateway has been asked")
    number = (await ways.city.heard(ComplaintAcknowledged, spoken.case_id)).number
    code, printed = await ways.city.xn("erase", number, "--actor", "beicheng-centre.desk-2")
    assert code == 0, printed
    await ways.city.heard(ContactErased, spoken.case_id)
    assert (await sent(ways, notice)).by == "channel"
    ways.sms.released.set()
    assert (await answered(ways, spoken)).by == "channel"
    gone = await ways.kept(spoken.case_id)
    assert ("contact_box" in gone, "contact_key" in gone) == (False, False)
    assert ways.mails(notice) == ways.mails(f"answer.{spoken.case_id}") == []
    assert (len(ways.messages(notice)), ways.messages(f"answer.{spoken.case_id}")) == (1, [])
    ways.sms.released.clear()


EVIL = "{{ 7*7 }}{% for x in y %}<script>alert(1)</script>\r\nBcc: all@city.example\r\n\r\n冒充"


async def test_what_a_complainant_or_a_unit_writes_adds_no_header_no_receiver_and_no_code(ways: Ways) -> None:
    spoken = submission(EMAIL, title=EVIL.replace("\r\n", " "), text=EVIL + "噪声", name=EVIL)
    notice = await said(ways, spoken)
    await sent(ways, notice)
    await answered(ways, spoken, EVIL + "已整改")
    for each in (notice, f"answer.{spoken.case_id}"):
        (mail,) = ways.mails(each)
        assert spoken.contact is not None
        assert (mail["To"], mail["Bcc"], mail["Cc"]) == (spoken.contact.email, None, None)
        assert mail.keys() == list(dict.fromkeys(mail.keys())), "each header once"
        plain, html = part_of(mail, "plain"), part_of(mail, "html")
        assert "{{ 7*7 }}" in plain
        assert "<script>" not in html
        assert "&lt;script&gt;" in html
    assert [mail for mail in ways.mail.kept if "all@city.example" in str(mail["To"])] == []


async def test_a_template_that_names_what_is_not_known_never_comes_into_force(ways: Ways) -> None:
    place = ways.city.deployment.place
    texts = texts_of(place)
    broken = {**texts, "templates": texts["templates"].replace("{{ reply }}\n", "{{ repply }}\n", 1)}
    assert broken != texts
    version = (await publish(place.name, broken, ways.city.deployment.engines.bootstrap, by="tests")).version
    log = next(ways.city.deployment.directory.glob("notify-*.log"))
    await wait_for(lambda: version in log.read_text(), 60, "notify has looked at the version")
    line = next(each for each in map(json.loads, log.read_text().splitlines()) if each.get("version") == version)
    assert line["message"] == "reference data refused; the last good version stays"
    assert "answer.zh.text" in line["why"]
    assert "repply" in line["why"]
    spoken = submission(EMAIL)
    await said(ways, spoken)
    assert (await answered(ways, spoken, "仍按原文告知。")).by == "email"
    (mail,) = ways.mails(f"answer.{spoken.case_id}")
    assert "仍按原文告知。" in part_of(mail, "plain")
    await publish(place.name, texts, ways.city.deployment.engines.bootstrap, by="tests")


async def test_every_way_has_been_used_and_nothing_was_told_twice(ways: Ways) -> None:
    await asyncio.sleep(1)  # a duplicate that is still under way would be seen
    assert ways.sms.again == 0
    told = [(each.message.notice_id, each.message.by) for each in ways.city.all(NoticeSent)]
    assert len(told) == len(set(told))
    ids = [str(mail["Message-ID"]) for mail in ways.mail.kept]
    assert len(ids) == len(set(ids))
    assert {by for _, by in told} == {"channel", "email", "sms"}
