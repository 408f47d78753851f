"""Lanes: what one provider does to its letters, and never to those of another."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace

import pytest
from prometheus_client import CollectorRegistry

from contracts.channel import Contact
from contracts.codes import Language
from infra.decision import Internal
from infra.sealing import KeyRing, Sealer, new_private_key, public_key_of
from infra.telemetry import Tracing
from services.notify.domain.sending import DeliveryFailed, HandedOver, Postponed, Send, Way
from services.notify.providers.delivery import MOST_OUTCOMES, Delivery, Render
from services.notify.providers.lane import Terms
from services.notify.providers.metrics import DeliveryMetrics
from services.notify.providers.outlets import Outlet
from services.notify.providers.port import Accepted, Letter, Refused, Unavailable
from tests.support.waiting import wait_for

KEY = new_private_key()


@dataclass
class Told:
    """A provider that does what it is told, and keeps what it was sent."""

    name: str = "smtp"
    answer: Callable[[Letter], Accepted] = lambda letter: Accepted(f"ref-{letter.notice_id}")
    letters: list[Letter] = field(default_factory=list)
    may_end: asyncio.Event = field(default_factory=asyncio.Event)
    closed: bool = False

    def __post_init__(self) -> None:
        self.may_end.set()

    async def send(self, letter: Letter) -> Accepted:
        self.letters.append(letter)
        await self.may_end.wait()
        return self.answer(letter)

    async def close(self) -> None:
        self.closed = True


def raising(error: Exception) -> Callable[[Letter], Accepted]:
    def answer(_: Letter) -> Accepted:
        raise error

    return answer


def wanted(n: int = 0, **changed: object) -> Send:
    send = Send(
        key=f"case-{n}",
        notice_id=f"answer.{n}",
        way=Way.EMAIL,
        what="answer",
        language=Language.CHINESE,
        facts={"reply": "秘密"},
        contact_box=None,
        address="li@example.cn",
        traceparent=None,
        attempt=1,
    )
    return replace(send, **changed)  # type: ignore[arg-type]


def plain(send: Send, _: Contact | None) -> Letter:
    return Letter(notice_id="", what=send.what, to="", subject="s", text="t")


class Loop:
    """Runs a delivery and keeps what it reports."""

    def __init__(self, *outlets: Outlet, render: Render = plain) -> None:
        self.registry = CollectorRegistry()
        self.tracing = Tracing("notify", None, "test")
        self.delivery = Delivery(outlets, KeyRing(KEY), render, self.tracing, DeliveryMetrics.create(self.registry))
        self.delivery.record = self.record
        self.outcomes: list[tuple[str, Internal]] = []
        self.batches: list[int] = []

    async def record(self, outcomes) -> None:
        self.batches.append(len(outcomes))
        self.outcomes += outcomes

    @property
    def results(self) -> list[Internal]:
        return [outcome for _, outcome in self.outcomes]

    async def until(self, count: int) -> list[Internal]:
        await wait_for(lambda: len(self.outcomes) >= count, 60, f"{count} outcomes")
        return self.results

    def metric(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(f"xn_delivery_{name}", labels)


@contextlib.asynccontextmanager
async def running(*outlets: Outlet, render: Render = plain) -> AsyncIterator[Loop]:
    loop = Loop(*outlets, render=render)

    async def forever(task) -> None:
        while True:
            await task()
            await asyncio.sleep(0)

    tasks = [asyncio.create_task(forever(each)) for each in loop.delivery.tasks]
    try:
        yield loop
    finally:
        for each in tasks:
            each.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        loop.tracing.close()


async def test_what_a_provider_takes_is_handed_over_under_the_notice_and_for_its_address() -> None:
    mail = Told()
    async with running(Outlet(Way.EMAIL, mail, Terms())) as loop:
        await loop.delivery.perform([wanted(1)])
        await loop.until(1)
    assert loop.outcomes == [("case-1", HandedOver("answer.1", Way.EMAIL, "ref-answer.1"))]
    assert (mail.letters[0].notice_id, mail.letters[0].to) == ("answer.1", "li@example.cn")
    assert (mail.letters[0].traceparent or "").startswith("00-")
    assert loop.metric("attempts_total", provider="smtp", outcome="accepted") == 1


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (Refused("smtp 550"), DeliveryFailed("answer.0", Way.EMAIL, "smtp 550", permanent=True)),
        (Refused("smtp 450", permanent=False), DeliveryFailed("answer.0", Way.EMAIL, "smtp 450", permanent=False)),
        (Unavailable("http 503", 9), DeliveryFailed("answer.0", Way.EMAIL, "http 503", False, 9)),
        (RuntimeError("li@example.cn"), DeliveryFailed("answer.0", Way.EMAIL, "RuntimeError", permanent=False)),
    ],
)
async def test_whatever_a_provider_does_has_an_outcome(error: Exception, outcome: DeliveryFailed) -> None:
    async with running(Outlet(Way.EMAIL, Told(answer=raising(error)), Terms())) as loop:
        await loop.delivery.perform([wanted()])
        assert await loop.until(1) == [outcome]


async def test_a_provider_that_hangs_is_given_up_after_its_limit_and_others_never_wait() -> None:
    hanging, quick = Told("webhook.a"), Told("webhook.b")
    hanging.may_end.clear()
    terms = Terms(workers=2, limit_seconds=0.5, failures=1_000)
    async with running(Outlet(Way.WEBHOOK, hanging, terms, "a"), Outlet(Way.WEBHOOK, quick, terms, "b")) as loop:
        await loop.delivery.perform([wanted(n, way=Way.WEBHOOK, address="a") for n in range(50)])
        await loop.delivery.perform([wanted(n, way=Way.WEBHOOK, address="b") for n in range(100, 300)])
        await wait_for(lambda: len(quick.letters) == 200, 60, "the quick lane")
        assert len(hanging.letters) == 2, "no more than its workers"
        await wait_for(lambda: len(loop.results) >= 202, 60, "the limit")
    late = [each for each in loop.results if isinstance(each, DeliveryFailed)]
    assert {(each.why, each.permanent) for each in late} == {("time limit", False)}


async def test_what_does_not_fit_into_a_lane_is_postponed_and_what_waits_is_bounded() -> None:
    mail = Told()
    mail.may_end.clear()
    async with running(Outlet(Way.EMAIL, mail, Terms(workers=1, room=10))) as loop:
        await loop.delivery.perform([wanted(n) for n in range(1_000)])
        postponed = await loop.until(990)
        assert {type(each) for each in postponed} == {Postponed}
        assert loop.metric("postponed_total", provider="smtp", why="no room") == 990
        mail.may_end.set()
        await loop.until(1_000)
    assert len(mail.letters) == 10
    assert max(loop.batches) == 500


async def test_a_notice_that_is_under_way_is_not_sent_beside_itself() -> None:
    mail = Told()
    mail.may_end.clear()
    async with running(Outlet(Way.EMAIL, mail, Terms())) as loop:
        await loop.delivery.perform([wanted(1), wanted(1)])
        assert await loop.until(1) == [Postponed("answer.1", Way.EMAIL, "under way", 10.0)]
        mail.may_end.set()
        await loop.until(2)
        await loop.delivery.perform([wanted(1)])
        await loop.until(3)
    assert len(mail.letters) == 2


async def test_an_open_circuit_postpones_at_once_and_one_letter_tries_it_afterwards() -> None:
    mail = Told(answer=raising(Unavailable("http 500")))
    terms = Terms(workers=4, failures=3, reset_seconds=0.3)
    async with running(Outlet(Way.EMAIL, mail, terms)) as loop:
        for n in range(3):
            await loop.delivery.perform([wanted(n)])
            await loop.until(n + 1)
        assert loop.metric("circuit", provider="smtp") == 2
        await loop.delivery.perform([wanted(n) for n in range(10, 30)])
        postponed = (await loop.until(23))[3:]
        assert all(isinstance(each, Postponed) and 0 < each.seconds <= 0.3 for each in postponed)
        assert len(mail.letters) == 3
        await wait_for(lambda: loop.metric("circuit", provider="smtp") == 1, 60, "half-open")
        mail.answer = lambda _: Accepted(None)
        mail.may_end.clear()
        await loop.delivery.perform([wanted(n) for n in range(40, 60)])
        await wait_for(lambda: len(mail.letters) == 4, 60, "the one that tries")
        await asyncio.sleep(0.1)
        assert len(mail.letters) == 4, "the others wait for its end"
        mail.may_end.set()
        assert all(isinstance(each, HandedOver) for each in (await loop.until(43))[23:])
        assert loop.metric("circuit", provider="smtp") == 0


async def test_a_circuit_that_opens_again_postpones_those_that_waited_for_the_trial() -> None:
    mail = Told(answer=raising(Unavailable("http 500", 0.2)))
    async with running(Outlet(Way.EMAIL, mail, Terms(workers=4, reset_seconds=60))) as loop:
        await loop.delivery.perform([wanted(0)])
        await loop.until(1)
        await wait_for(lambda: loop.metric("circuit", provider="smtp") == 1, 60, "half-open")
        mail.answer = raising(Unavailable("http 500"))
        await loop.delivery.perform([wanted(n) for n in range(1, 11)])
        results = (await loop.until(11))[1:]
    assert [type(each) for each in results] == [DeliveryFailed, *[Postponed] * 9]
    assert len(mail.letters) == 2


async def test_refusals_of_letters_do_not_open_the_circuit() -> None:
    mail = Told(answer=raising(Refused("smtp 550")))
    async with running(Outlet(Way.EMAIL, mail, Terms(failures=2))) as loop:
        await loop.delivery.perform([wanted(n) for n in range(20)])
        assert {type(each) for each in await loop.until(20)} == {DeliveryFailed}
        assert loop.metric("circuit", provider="smtp") == 0


async def test_no_more_than_the_agreed_rate_goes_out() -> None:
    mail = Told()
    async with running(Outlet(Way.EMAIL, mail, Terms(workers=8, per_second=20))) as loop:
        began = asyncio.get_running_loop().time()
        await loop.delivery.perform([wanted(n) for n in range(22)])
        await loop.until(22)
        took = asyncio.get_running_loop().time() - began
    assert took >= 0.99, "two at once, and one each twentieth of a second"


@pytest.mark.parametrize(("per_second", "places"), [(None, 5_000), (2, 60), (1_000, 5_000), (0.01, 1)])
def test_no_more_letters_wait_than_the_rate_lets_go_within_half_a_minute(per_second: float | None, places: int) -> None:
    assert Terms(per_second=per_second).places == places


# ---- whom it is for and what it says


def sealed(contact: Contact) -> str:
    return Sealer(public_key_of(KEY)).seal(contact.model_dump_json().encode())


async def test_a_contact_is_opened_for_the_address_of_its_way() -> None:
    mail, sms = Told("smtp"), Told("sms")
    box = sealed(Contact(phone="13900000001", email="li@example.cn"))
    seen: list[Contact | None] = []

    def render(send: Send, contact: Contact | None) -> Letter:
        seen.append(contact)
        return plain(send, contact)

    async with running(Outlet(Way.EMAIL, mail, Terms()), Outlet(Way.SMS, sms, Terms()), render=render) as loop:
        await loop.delivery.perform(
            [wanted(1, contact_box=box, address=None), wanted(2, contact_box=box, address=None, way=Way.SMS)]
        )
        await loop.until(2)
    assert (mail.letters[0].to, sms.letters[0].to) == ("li@example.cn", "13900000001")
    assert [contact and contact.email for contact in seen] == ["li@example.cn"] * 2


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"contact_box": sealed(Contact(name="李"))}, "contact: no address"),
        ({"contact_box": "bm90IGEgYm94"}, "contact: SealingError"),
        ({"contact_box": Sealer(public_key_of(KEY)).seal(b'{"email": 7}')}, "contact: ValidationError"),
        ({"address": None}, "contact: no address"),
        ({"way": Way.SMS}, "sms: no provider"),
        ({"way": Way.WEBHOOK, "address": "unknown"}, "webhook: no provider"),
    ],
)
async def test_who_cannot_be_reached_is_given_up_for_good(changed: dict[str, object], why: str) -> None:
    mail = Told()
    async with running(Outlet(Way.EMAIL, mail, Terms())) as loop:
        await loop.delivery.perform([wanted(0, **changed)])
        (outcome,) = await loop.until(1)
    assert isinstance(outcome, DeliveryFailed)
    assert (outcome.why, outcome.permanent, mail.letters) == (why, True, [])


@pytest.mark.parametrize(
    ("error", "permanent"),
    [(ValueError("秘密"), True), (KeyError("秘密"), True), (TypeError("秘密"), False)],
)
async def test_a_template_that_cannot_be_filled_is_told_without_its_words(
    error: Exception, permanent: bool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    def render(_: Send, __: Contact | None) -> Letter:
        raise error

    async with running(Outlet(Way.EMAIL, Told(), Terms()), render=render) as loop:
        await loop.delivery.perform([wanted()])
        (outcome,) = await loop.until(1)
    assert outcome == DeliveryFailed("answer.0", Way.EMAIL, f"template: {type(error).__name__}", permanent)
    assert "秘密" not in caplog.text + repr([each.__dict__ for each in caplog.records])


async def test_while_too_much_is_unrecorded_nothing_more_is_taken() -> None:
    mail = Told()
    loop = Loop(Outlet(Way.EMAIL, mail, Terms()))
    await loop.delivery.perform([wanted(n, way=Way.SMS) for n in range(MOST_OUTCOMES)])
    await loop.delivery.perform([wanted(1)])
    await loop.delivery.close()
    assert {type(each) for each in loop.results} == {DeliveryFailed}
    assert len(loop.results) == MOST_OUTCOMES
    await loop.delivery.perform([wanted(1), wanted(1)])
    await loop.delivery.report()
    assert len(loop.results) == MOST_OUTCOMES + 1, "once it is recorded, more is taken"


async def test_closing_lets_what_is_under_way_end_and_leaves_what_only_waited() -> None:
    mail = Told()
    mail.may_end.clear()
    async with running(Outlet(Way.EMAIL, mail, Terms(workers=2))) as loop:
        await loop.delivery.perform([wanted(n) for n in range(10)])
        await wait_for(lambda: len(mail.letters) == 2, 60, "two under way")
        closing = asyncio.create_task(loop.delivery.close())
        await asyncio.sleep(0.05)
        assert not closing.done()
        assert not mail.closed
        mail.may_end.set()
        await closing
    assert [type(each) for each in loop.results] == [HandedOver] * 2
    assert len(mail.letters) == 2
    assert mail.closed


def test_what_is_wanted_shows_neither_address_nor_contact_nor_facts() -> None:
    shown = repr(wanted(contact_box="c2VhbGVk"))
    assert "answer.0" in shown
    for hidden in ("li@example.cn", "c2VhbGVk", "秘密"):
        assert hidden not in shown
