"""Notify is killed when a server has taken a notice and has not said so; a server hangs or is out of order for days."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from contracts.channel import Contact, SubmitComplaint
from contracts.codes import ContactWay
from contracts.notify import NoticeFailed, NoticeSent
from contracts.staff_notices import StaffNoticeFailed, StaffNoticeOwed, StaffNoticeSent
from infra.local.engines import Engines
from tests.chaos.test_kills import QUICK
from tests.support.bus import complaint
from tests.support.city import attribute, reference
from tests.support.moods import Hangs, Holds, Says
from tests.support.waiting import wait_for
from tests.support.ways import Ways, place_of, ways_of
from xn.demo.listener import Answer

LEASE_SECONDS = 3
IN_EACH_FLOOD = 15
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
async def ways(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ways]:
    """One city for the file, on engines of its own. Who is left alone is tried again soon."""
    directory = tmp_path_factory.mktemp("ways")
    settings = {**QUICK, "XN_LEASE_SECONDS": str(LEASE_SECONDS), "XN_SMTP_TIMEOUT_SECONDS": "60"}
    terms = {"reset_seconds": 1.0, "timeout_seconds": 60.0, "limit_seconds": 60.0}
    with Engines("embedded", directory / "engines") as engines:
        async with ways_of(engines, directory, place_of(directory), terms=terms, settings=settings) as found:
            yield found


def submission(*chosen: ContactWay, matter: str = "housing-quality") -> SubmitComplaint:
    """Somebody who chose these ways; the matter says which unit gets it."""
    contact = Contact(phone="12013800000", email=f"{uuid4().hex[:8]}@city.example", ways=chosen)
    return complaint(reference(), category=matter, contact=contact)


async def killed_once_it_is_taken(ways: Ways, came: Callable[[], int], what: str) -> None:
    """The server has it, notify is killed before it hears so, and started again; the server has it a second time."""
    await wait_for(lambda: came() == 1, 60, f"{what} has come")
    (notify,) = ways.city.deployment.fleet["notify"]
    notify.kill()
    ways.mail.holds = False
    for each in (ways.sms, *ways.hooks.values()):
        each.moods.clear()
        each.released.set()
    await asyncio.to_thread(notify.start)
    for each in (ways.sms, *ways.hooks.values()):
        each.released.clear()
    await wait_for(lambda: came() == 2, 60, f"{what} has come again")


async def told_once(ways: Ways, notice: str, model: type[NoticeSent | StaffNoticeSent], by: str) -> None:
    """One fact of it, and no more requests."""
    sent = await ways.city.heard(model, where=attribute(notice_id=notice))
    assert (sent.by, sent.attempts) == (by, 2)
    await asyncio.sleep(LEASE_SECONDS + 1)  # a third attempt would be seen
    await ways.city.watch.poll()
    assert len([each for each in ways.city.all(model) if each.message.notice_id == notice]) == 1


async def test_a_mail_that_was_taken_before_a_crash_comes_again_as_the_same_mail(ways: Ways) -> None:
    ways.mail.holds = True
    spoken = submission(ContactWay.EMAIL)
    await ways.city.say(spoken)
    notice = f"acknowledgement.{spoken.case_id}"
    await killed_once_it_is_taken(ways, lambda: len(ways.mails(notice)), "the mail")
    await told_once(ways, notice, NoticeSent, "email")
    first, second = ways.mails(notice)
    assert first["Message-ID"] == second["Message-ID"], "by it a mailbox tells them apart"
    assert first.get_payload()[0].get_payload() == second.get_payload()[0].get_payload()  # type: ignore[union-attr,index]


async def test_an_sms_that_was_taken_before_a_crash_is_known_to_the_gateway_by_its_key(ways: Ways) -> None:
    ways.sms.moods.append(Holds())
    spoken = submission(ContactWay.SMS)
    await ways.city.say(spoken)
    notice = f"acknowledgement.{spoken.case_id}"
    await killed_once_it_is_taken(ways, lambda: len(ways.messages(notice)), "the SMS")
    await told_once(ways, notice, NoticeSent, "sms")
    first, second = ways.messages(notice)
    assert first == second
    assert (notice in ways.sms.taken_sms, ways.sms.again) == (True, 1), "it is sent to the telephone once"


async def test_a_webhook_that_was_taken_before_a_crash_is_known_to_its_receiver_by_its_key(ways: Ways) -> None:
    hook = ways.hooks["urban-management"]
    hook.moods.append(Holds())
    spoken = submission(ContactWay.CHANNEL, matter="garbage-collection")
    await ways.city.say(spoken)
    where = attribute(to="urban-management-beicheng", about=spoken.case_id)
    notice = (await ways.city.heard(StaffNoticeOwed, where=where)).notice_id
    await killed_once_it_is_taken(ways, lambda: len(ways.requests(notice)), "the request")
    await told_once(ways, notice, StaffNoticeSent, "webhook")
    first, second = ways.requests(notice)
    assert first.body == second.body
    assert (notice in hook.notices, hook.again) == (True, 1), "the second is answered 409, and that is as good"


# ---- bulkhead


async def test_a_gateway_that_hangs_keeps_nothing_but_sms_waiting(ways: Ways) -> None:
    ways.sms.always = Hangs()
    by_sms = [submission(ContactWay.SMS) for _ in range(IN_EACH_FLOOD)]
    by_mail = [submission(ContactWay.EMAIL) for _ in range(IN_EACH_FLOOD)]
    by_hook = [submission(ContactWay.CHANNEL, matter="garbage-collection") for _ in range(IN_EACH_FLOOD)]
    for each in (*by_sms, *by_mail, *by_hook):
        await ways.city.say(each)
    cases = {each.case_id for each in (*by_sms, *by_mail, *by_hook)}

    def told() -> Counter[str]:
        staff = [each.message for each in ways.city.all(StaffNoticeSent)]
        complainants = [each.message for each in ways.city.all(NoticeSent)]
        counted = Counter(each.by for each in complainants if each.case_id in cases)
        return counted + Counter(each.by for each in staff if each.about in cases and each.by == "webhook")

    wanted = {"email": IN_EACH_FLOOD, "webhook": IN_EACH_FLOOD, "channel": IN_EACH_FLOOD}
    await ways.city.watch.until(lambda _: told() == wanted, timeout=60)
    assert len(ways.sms.posted) > 0, "the gateway was asked, and hangs"
    ways.sms.always = None
    ways.sms.released.set()
    await ways.city.watch.until(lambda _: told()["sms"] == IN_EACH_FLOOD, timeout=120)
    assert told() == {**wanted, "sms": IN_EACH_FLOOD}
    assert {f"acknowledgement.{each.case_id}" for each in by_sms} <= set(ways.sms.taken_sms)
    ways.sms.released.clear()


# ---- out of order for days


@pytest.mark.parametrize("answer", [Answer(500), Answer(429, b"", {"Retry-After": "1"})], ids=["500", "429"])
async def test_a_provider_that_is_out_of_order_for_a_day_is_given_up_with_its_reason(
    own_embedded: Engines, tmp_path: Path, answer: Answer
) -> None:
    """An hour is a second here, for every service alike."""
    clock = {"XN_CLOCK_ORIGIN": datetime.now(UTC).isoformat(), "XN_CLOCK_SPEED": "3600", "XN_LEASE_SECONDS": "86400"}
    terms = {"reset_seconds": 0.5}
    async with ways_of(own_embedded, tmp_path, place_of(tmp_path), terms=terms, settings=clock) as ways:
        ways.hooks["urban-management"].always = Says(answer)
        ways.sms.always = Says(answer)
        spoken = submission(ContactWay.CHANNEL, matter="garbage-collection")
        await ways.city.say(spoken)
        where = attribute(to="urban-management-beicheng", about=spoken.case_id)
        notice = (await ways.city.heard(StaffNoticeOwed, where=where)).notice_id
        await ways.city.watch.until(
            lambda _: any(each.message.notice_id == notice for each in ways.city.all(StaffNoticeSent)), timeout=90
        )
        failed = [each.message for each in ways.city.all(StaffNoticeFailed) if each.message.notice_id == notice]
        assert [(each.by, each.next) for each in failed] == [("webhook", "sms"), ("sms", "inbox")]
        assert {each.why for each in failed} <= {f"http {answer.status}", "circuit open"}
        sent = await ways.city.heard(StaffNoticeSent, notice)
        assert sent.by == "inbox"
        assert len(ways.requests(notice)) > 1
        assert json.loads(ways.requests(notice)[0].body)["id"] == notice
        assert ways.city.all(NoticeFailed) == []
