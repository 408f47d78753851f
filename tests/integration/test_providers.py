"""The ways out of notify, over TCP, to servers that accept, refuse, hang, break off, answer twice and report."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest

from contracts.channel import Contact
from contracts.codes import Language
from infra.local.process import free_port
from services.notify.domain.sending import DeliveryFailed, HandedOver, Postponed, Send, Way
from services.notify.providers.webhook import is_signed
from tests.support.mail import MailServer
from tests.support.moods import Breaks, Hangs, Says, SaysTwice
from tests.support.rude_mail import UNKNOWN, UNWANTED, RudeMailServer
from tests.support.sms_gateway import SmsGateway
from tests.support.waiting import wait_for
from tests.support.ways_out import TEXT, WaysOut, sealed, ways_out
from tests.support.webhook_receiver import WebhookReceiver
from xn.demo.listener import Answer

SECRET = secrets.token_hex(16)
PERSON = Contact(name="欧阳秘", phone="139-0000-4711", email="ouyang.mi@example.cn")
TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def told(n: int, way: Way, **changed: object) -> Send:
    send = Send(
        key=f"case-{n}",
        notice_id=f"{way}.{n}",
        way=way,
        what="answer",
        language=Language.CHINESE,
        facts={"number": f"BC-{n}"},
        contact_box=sealed(PERSON) if way is not Way.WEBHOOK else None,
        address=None if way is not Way.WEBHOOK else "hook",
        traceparent=TRACEPARENT,
        attempt=1,
    )
    return replace(send, **changed)  # type: ignore[arg-type]


@pytest.fixture
def mail() -> Iterator[RudeMailServer]:
    with RudeMailServer() as server:
        yield server


@pytest.fixture
def sms() -> Iterator[SmsGateway]:
    with SmsGateway(access_key="key", secret=SECRET) as gateway:
        yield gateway


@pytest.fixture
def hook() -> Iterator[WebhookReceiver]:
    with WebhookReceiver(secret=SECRET) as receiver:
        yield receiver


def tables(mail: MailServer, sms: SmsGateway, hook: WebhookReceiver, terms: str = "") -> str:
    """One provider of each kind; `terms` are added to every table."""
    return f"""
        [mail]
        port = {mail.port}
        sender = "xiaoneng@city.example"
        {terms}
        [sms]
        url = "{sms.url}"
        access_key = "key"
        secret = "{SECRET}"
        sign_name = "效能中心"
        {terms}
        [sms.templates.zh]
        answer = "SMS_1"
        [[webhook]]
        id = "hook"
        url = "{hook.url}"
        secret = "{SECRET}"
        {terms}
    """


@pytest.fixture
async def ways(mail: RudeMailServer, sms: SmsGateway, hook: WebhookReceiver) -> AsyncIterator[WaysOut]:
    terms = "limit_seconds = 1.0\ntimeout_seconds = 5.0\nfailures = 50\n"
    async with ways_out(tables(mail, sms, hook, terms)) as found:
        yield found


# ---- mail


async def test_mails_arrive_with_text_and_html_over_few_connections(ways: WaysOut, mail: MailServer) -> None:
    outcomes = await ways.sent(*(told(n, Way.EMAIL) for n in range(40)))
    assert {type(each) for each in outcomes} == {HandedOver}
    assert mail.message_ids == {f"<email.{n}@city.example>" for n in range(40)}
    first = mail.kept[0]
    assert [part.get_content_type() for part in first.walk()][1:] == ["text/plain", "text/html"]
    assert first["To"] == PERSON.email


@pytest.mark.parametrize(
    ("reply", "why", "permanent"),
    [
        ("550 5.7.1 <ouyang.mi@example.cn> is unwanted", "smtp 550", True),
        ("451 try later", "smtp 451", False),
        ("421 going away", "smtp 421", False),
    ],
)
async def test_what_a_mail_server_says_is_told_by_its_code(
    ways: WaysOut, mail: MailServer, reply: str, why: str, permanent: bool
) -> None:
    mail.reply = reply
    assert await ways.sent(told(1, Way.EMAIL)) == [DeliveryFailed("email.1", Way.EMAIL, why, permanent)]
    mail.reply = "250 OK: queued as 4XyZ1234abc"
    assert await ways.sent(told(1, Way.EMAIL)) == [HandedOver("email.1", Way.EMAIL, None)]


async def test_an_address_is_refused_by_the_server_for_good_and_the_connection_goes_on(ways: WaysOut) -> None:
    strangers = [told(n, Way.EMAIL, contact_box=None, address=f"a@{d}") for n, d in enumerate([UNKNOWN, UNWANTED])]
    outcomes = await ways.sent(*strangers, told(2, Way.EMAIL))
    refused = {each.why for each in outcomes if isinstance(each, DeliveryFailed) and each.permanent}
    assert refused == {"smtp 550", "smtp 554"}
    assert HandedOver("email.2", Way.EMAIL, None) in outcomes


async def test_a_mail_server_that_is_slow_or_gone_is_tried_again(ways: WaysOut, mail: MailServer) -> None:
    mail.delay_seconds = 30
    assert await ways.sent(told(1, Way.EMAIL)) == [DeliveryFailed("email.1", Way.EMAIL, "time limit", False)]
    mail.delay_seconds = 0
    assert await ways.sent(told(2, Way.EMAIL)) == [HandedOver("email.2", Way.EMAIL, None)]
    mail.stop()
    (outcome,) = await ways.sent(told(3, Way.EMAIL))
    assert isinstance(outcome, DeliveryFailed)
    assert (outcome.why.startswith("SMTP"), outcome.permanent) == (True, False)
    mail.start()
    assert await ways.sent(told(3, Way.EMAIL)) == [HandedOver("email.3", Way.EMAIL, None)]


# ---- SMS


async def test_an_sms_arrives_signed_with_its_template_and_the_gateway_reports_it(
    ways: WaysOut, sms: SmsGateway, hook: WebhookReceiver
) -> None:
    assert await ways.sent(told(1, Way.SMS)) == [HandedOver("sms.1", Way.SMS, "00000001^0")]
    taken = sms.taken_sms["sms.1"]
    assert (taken.number, taken.template, json.loads(taken.parameters)) == (
        "13900004711",
        "SMS_1",
        {"number": "BC-1"},
    )
    sms.receipts_to = hook.url
    hook.always = Says(Answer(200))
    assert sms.report(["sms.1"], "BLACKLIST") == 200
    (receipt,) = json.loads(hook.posted[0].body)
    assert (receipt["out_id"], receipt["biz_id"], receipt["success"]) == ("sms.1", "00000001^0", False)


def says(code: str, status: int = 200, **headers: str) -> Says:
    return Says(Answer(status, json.dumps({"Code": code}).encode(), headers))


@pytest.mark.parametrize(
    ("mood", "outcome"),
    [
        (says("isv.MOBILE_NUMBER_ILLEGAL"), DeliveryFailed("sms.1", Way.SMS, "sms isv.MOBILE_NUMBER_ILLEGAL", True)),
        (says("isv.BUSINESS_LIMIT_CONTROL"), DeliveryFailed("sms.1", Way.SMS, "sms isv.BUSINESS_LIMIT_CONTROL", False)),
        (says("isp.SYSTEM_ERROR", 500), DeliveryFailed("sms.1", Way.SMS, "sms isp.SYSTEM_ERROR", False)),
        (says("Throttling.User", 429), DeliveryFailed("sms.1", Way.SMS, "sms Throttling.User", False)),
        (Says(Answer(502, b"<html>")), DeliveryFailed("sms.1", Way.SMS, "http 502", False)),
        (Says(Answer(200, b"x" * 1_000_000)), DeliveryFailed("sms.1", Way.SMS, "sms: an answer without a code", False)),
        (Hangs(), DeliveryFailed("sms.1", Way.SMS, "time limit", False)),
        (Breaks(), DeliveryFailed("sms.1", Way.SMS, "ServerDisconnectedError", False)),
    ],
)
async def test_what_a_gateway_does_instead_is_told_and_the_next_one_goes(
    ways: WaysOut, sms: SmsGateway, mood: Says | Hangs | Breaks, outcome: DeliveryFailed
) -> None:
    sms.moods.append(mood)
    assert await ways.sent(told(1, Way.SMS)) == [outcome]
    assert await ways.sent(told(1, Way.SMS)) == [HandedOver("sms.1", Way.SMS, "00000001^0")]


async def test_a_text_that_is_too_long_never_reaches_the_gateway(ways: WaysOut, sms: SmsGateway) -> None:
    box = sealed(PERSON.model_copy(update={"name": "名" * 60}))
    (outcome,) = await ways.sent(told(1, Way.SMS, contact_box=box))
    length = len("【效能中心】") + 60 + len(TEXT)
    assert outcome == DeliveryFailed("sms.1", Way.SMS, f"too-long: {length} characters, 70 at most", True)
    assert sms.posted == []


async def test_a_gateway_that_is_given_another_secret_takes_nothing(ways: WaysOut, sms: SmsGateway) -> None:
    sms.secret = "another"
    assert await ways.sent(told(1, Way.SMS)) == [DeliveryFailed("sms.1", Way.SMS, "sms SignatureDoesNotMatch", False)]
    assert sms.taken_sms == {}


# ---- webhooks


async def test_a_webhook_gets_a_signed_cloudevent_in_the_trace_of_its_case(
    ways: WaysOut, hook: WebhookReceiver
) -> None:
    assert await ways.sent(told(1, Way.WEBHOOK)) == [HandedOver("webhook.1", Way.WEBHOOK, None)]
    (posted,) = hook.posted
    said = json.loads(posted.body)
    assert (said["id"], said["type"], said["data"]) == (
        "webhook.1",
        "cn.xiaoneng.webhook.answer.v1",
        {"number": "BC-1"},
    )
    assert posted.headers["idempotency-key"] == "webhook.1"
    assert posted.headers["content-type"] == "application/cloudevents+json"
    assert posted.headers["traceparent"].split("-")[1] == TRACEPARENT.split("-")[1]
    assert posted.headers["traceparent"] != TRACEPARENT
    assert not is_signed("another", posted.headers["x-xiaoneng-signature"], posted.body, 0)


@pytest.mark.parametrize(
    ("mood", "why", "permanent", "retry_after"),
    [
        (Says(Answer(410)), "http 410", True, None),
        (Says(Answer(401)), "http 401", True, None),
        (Says(Answer(422)), "http 422", True, None),
        (Says(Answer(302, b"", {"Location": "http://127.0.0.1:9/"})), "http 302", True, None),
        (Says(Answer(408)), "http 408", False, None),
        (Says(Answer(425)), "http 425", False, None),
        (Says(Answer(500)), "http 500", False, None),
        (Hangs(), "time limit", False, None),
        (Breaks(), "ServerDisconnectedError", False, None),
        (Breaks(taken=True), "ServerDisconnectedError", False, None),
    ],
)
async def test_what_a_receiver_does_instead_is_told_and_the_next_one_goes(
    ways: WaysOut,
    hook: WebhookReceiver,
    mood: Says | Hangs | Breaks,
    why: str,
    permanent: bool,
    retry_after: float | None,
) -> None:
    hook.moods.append(mood)
    outcome = DeliveryFailed("webhook.1", Way.WEBHOOK, why, permanent, retry_after)
    assert await ways.sent(told(1, Way.WEBHOOK)) == [outcome]
    assert await ways.sent(told(1, Way.WEBHOOK)) == [HandedOver("webhook.1", Way.WEBHOOK, None)]
    assert hook.accepted == 1, "and it was taken once"


async def test_a_receiver_that_has_the_notice_already_has_accepted_it(ways: WaysOut, hook: WebhookReceiver) -> None:
    for _ in range(2):
        assert await ways.sent(told(1, Way.WEBHOOK)) == [HandedOver("webhook.1", Way.WEBHOOK, None)]
    assert (hook.accepted, hook.again) == (1, 1)


async def test_the_second_of_two_answers_is_never_taken_for_that_to_the_next_notice(
    ways: WaysOut, hook: WebhookReceiver
) -> None:
    hook.moods.append(SaysTwice())
    hook.always = Says(Answer(500))
    await ways.sent(told(1, Way.WEBHOOK))
    outcomes = [(await ways.sent(told(n, Way.WEBHOOK)))[0] for n in range(2, 12)]
    assert {type(each) for each in outcomes} == {DeliveryFailed}
    assert len(hook.posted) == 11


async def test_what_a_receiver_sets_is_not_sent_back_and_no_proxy_of_the_environment_is_asked(
    ways: WaysOut, hook: WebhookReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("no_proxy", "")
    hook.moods.append(Says(Answer(200, b"", {"Set-Cookie": "who=xiaoneng; Path=/"})))
    for n in range(2):
        assert await ways.sent(told(n, Way.WEBHOOK)) == [HandedOver(f"webhook.{n}", Way.WEBHOOK, None)]
    assert ["cookie" in each.headers for each in hook.posted] == [False, False]
    assert {each.headers["connection"] for each in hook.posted} == {"close"}


async def test_an_answer_without_end_is_not_read(ways: WaysOut, hook: WebhookReceiver) -> None:
    hook.moods.append(Says(Answer(200, b"x" * 20_000_000)))
    assert await ways.sent(told(1, Way.WEBHOOK)) == [HandedOver("webhook.1", Way.WEBHOOK, None)]


# ---- lanes


async def test_a_provider_that_hangs_costs_no_other_a_single_letter(
    mail: RudeMailServer, sms: SmsGateway, hook: WebhookReceiver
) -> None:
    sms.always = Hangs()
    async with ways_out(tables(mail, sms, hook, "limit_seconds = 120.0\ntimeout_seconds = 120.0\n")) as ways:
        await ways.delivery.perform([told(n, Way.SMS) for n in range(300)])
        sends = [told(n, way) for n in range(300) for way in (Way.EMAIL, Way.WEBHOOK)]
        await ways.delivery.perform(sends)
        outcomes = await ways.until(600, seconds=100)
        assert {type(each) for each in outcomes} == {HandedOver}, "not one SMS had an end before all others had"
        assert (mail.accepted, hook.accepted, len(sms.posted)) == (300, 300, 4)
        assert ways.metric("queue", provider="sms") == 296
        sms.released.set()


async def test_a_receiver_that_asks_for_it_is_left_alone_and_asked_again_afterwards(
    mail: RudeMailServer, sms: SmsGateway, hook: WebhookReceiver
) -> None:
    hook.moods.append(Says(Answer(429, b"", {"Retry-After": "1"})))
    async with ways_out(tables(mail, sms, hook)) as ways:
        assert await ways.sent(told(1, Way.WEBHOOK)) == [DeliveryFailed("webhook.1", Way.WEBHOOK, "http 429", False, 1)]
        postponed = await ways.sent(*(told(n, Way.WEBHOOK) for n in range(2, 10)))
        assert {type(each) for each in postponed} == {Postponed}
        assert len(hook.posted) == 1, "nobody called meanwhile"
        assert ways.metric("circuit", provider="webhook.hook") == 2
        await wait_for(lambda: ways.metric("circuit", provider="webhook.hook") == 1, 60, "a second")
        outcomes = await ways.sent(*(told(n, Way.WEBHOOK) for n in range(1, 10)))
        assert {type(each) for each in outcomes} == {HandedOver}


async def test_a_provider_that_is_gone_is_called_a_few_times_and_not_for_every_letter(
    mail: RudeMailServer, sms: SmsGateway, hook: WebhookReceiver
) -> None:
    terms = "failures = 3\nconnections = 1\nreset_seconds = 60\n"
    sms.always = Breaks()
    async with ways_out(tables(mail, sms, hook, terms)) as ways:
        outcomes = await ways.sent(*(told(n, Way.SMS) for n in range(100)))
        assert [type(each) for each in outcomes] == [DeliveryFailed] * 3 + [Postponed] * 97
        assert len(sms.posted) == 3
        assert await ways.sent(told(1, Way.EMAIL)) == [HandedOver("email.1", Way.EMAIL, None)]


async def test_after_a_crash_between_acceptance_and_record_the_receiver_sees_one_notice(
    ways: WaysOut, mail: MailServer, sms: SmsGateway, hook: WebhookReceiver
) -> None:
    every = [told(1, way) for way in (Way.EMAIL, Way.SMS, Way.WEBHOOK)]
    for send in every:
        ways.loses = 1
        await ways.delivery.perform([send])
        await wait_for(lambda: ways.loses == 0, 60, "a record that is lost")
    assert ways.outcomes == []
    assert {type(each) for each in await ways.sent(*every)} == {HandedOver}
    assert (mail.message_ids, list(sms.taken_sms), hook.notices) == (
        {"<email.1@city.example>"},
        ["sms.1"],
        {"webhook.1"},
    )
    assert (mail.accepted, sms.again, hook.again) == (2, 1, 1), "each was asked twice"


async def test_neither_secrets_nor_people_stand_in_logs_outcomes_or_spans(
    mail: RudeMailServer, sms: SmsGateway, hook: WebhookReceiver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.ERROR, "httpx")  # as every service has it: it would log the addresses of webhooks
    hook.moods += [Says(Answer(500)), Breaks(), Says(Answer(400, PERSON.model_dump_json().encode()))]
    sms.moods += [Says(Answer(400, b'{"Code":"13900004711"}')), Breaks(), says("isv.MOBILE_NUMBER_ILLEGAL")]
    text = tables(mail, sms, hook).replace(f'"{hook.url}"', f'"{hook.url}{SECRET}"')
    async with ways_out(text) as ways:
        everywhere = [told(n, way) for n in range(4) for way in (Way.EMAIL, Way.SMS, Way.WEBHOOK)]
        unwanted = told(7, Way.EMAIL, contact_box=None, address=f"ouyang.mi@{UNWANTED}")
        unknown = told(8, Way.EMAIL, contact_box=None, address=f"ouyang.mi@{UNKNOWN}")
        broken = told(9, Way.SMS, contact_box=sealed(PERSON.model_copy(update={"phone": "欧阳秘"})))
        outcomes = await ways.sent(*everywhere, unwanted, unknown, broken)
    assert len({type(each) for each in outcomes}) == 2
    said = caplog.text + "".join(repr(vars(each)) for each in caplog.records) + repr(outcomes) + repr(everywhere)
    for hidden in (SECRET, "欧阳秘", "ouyang.mi", "13900004711", "139-0000-4711", TEXT):
        assert hidden not in said
    assert str(mail.kept[0]["To"]) == "ouyang.mi@example.cn", "what is looked for is there to be found"


async def test_a_port_where_nobody_listens_is_unavailable(
    mail: RudeMailServer, sms: SmsGateway, hook: WebhookReceiver
) -> None:
    text = tables(mail, sms, hook)
    for port in (mail.port, sms.port, hook.port):
        text = text.replace(str(port), str(free_port()))
    async with ways_out(text) as ways:
        outcomes = await ways.sent(*(told(1, way) for way in (Way.EMAIL, Way.SMS, Way.WEBHOOK)))
    assert {(each.why, each.permanent) for each in outcomes if isinstance(each, DeliveryFailed)} == {
        ("SMTPConnectError", False),
        ("ClientConnectorError", False),
    }
