"""Identity never travels: planted everywhere a complaint can carry it, it is found nowhere but where it must be.

It may stand in `complaints.<channel>`, which intake alone reads, and in the mail to the complainant.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.channel import Contact, SubmitComplaint
from contracts.codes import Channel, ContactWay, HandlingResult, ReplyBy
from contracts.envelope import encode
from contracts.intake import ContactSealed
from contracts.message import Message
from contracts.notify import ComplaintAnswered, NoticeFailed, NoticeSent, RatingAnswered
from contracts.roles import SERVICES
from contracts.routing import AssignmentOffered, CaseAssigned, CaseClosed
from contracts.scoring import CaseRated, ClockStopped
from infra.sealing import Opener, SealingError, new_private_key
from tests.support.bus import complaint
from tests.support.city import City, Headers, reference
from tests.support.rude_mail import UNKNOWN, UNWANTED
from tests.support.search import Needles, Written, in_databases, on_the_bus

CASES = 20


@dataclass(frozen=True)
class Person:
    """Somebody whose every word can be told from everybody else's."""

    run: str
    """A word that nothing but this run of the tests can have written."""
    number: int
    domain: str

    @property
    def mark(self) -> str:
        return f"{self.run}{self.number:02d}"

    @property
    def name(self) -> str:
        return f"欧阳{self.mark}明"

    @property
    def phone(self) -> str:
        return f"139{int(self.run, 16) % 10**6:06d}{self.number:02d}"

    @property
    def email(self) -> str:
        return f"ouyang.{self.mark}@{self.domain}"

    @property
    def spaced_phones(self) -> tuple[str, str]:
        """The same number as people write it."""
        parts = (self.phone[:3], self.phone[3:7], self.phone[7:])
        return "-".join(parts), " ".join(parts)

    @property
    def identity(self) -> tuple[str, ...]:
        """What gives them away: the word in their name and address, and the number in every way."""
        return (self.run, self.phone, *self.spaced_phones)

    def contact(self, reply_by: ReplyBy) -> Contact:
        """As a channel passes it on."""
        return Contact(name=self.name, phone=self.phone, email=self.email, reply_by=reply_by)

    @property
    def words(self) -> str:
        """A text that says it all once more."""
        dashed, spaced = self.spaced_phones
        return (
            f"我叫{self.name}，电话{self.phone}（即 +86 {dashed}，也可写 {spaced}），邮箱 {self.email.upper()}。"
            f"楼下噪声很大，请{self.name.upper()}本人来处理。"
        )

    def complaint(self, reply_by: ReplyBy = ReplyBy.EMAIL, **fields: Any) -> SubmitComplaint:
        """A complaint in which they stand wherever they can."""
        return complaint(
            reference(),
            contact=self.contact(reply_by),
            **{"title": f"{self.name} {self.phone} 投诉噪声", "text": self.words, **fields},
        )


def headers_of(person: Person, model: type[Message] = SubmitComplaint) -> Headers:
    """Headers of a submission, with the person in those that are free for a channel to fill."""
    return [
        ("content-type", b"application/json"),
        ("ce_specversion", b"1.0"),
        ("ce_id", secrets.token_hex(8).encode()),
        ("ce_source", f"/channels/web/{person.phone}".encode()),
        ("ce_type", model.TYPE.encode()),
        ("ce_subject", person.email.encode()),
        ("ce_caller", person.name.encode()),
        ("traceparent", f"00-{person.mark}".encode()),
        ("baggage", f"caller={person.phone}".encode()),
        ("x-caller", person.name.encode()),
    ]


def malformed(person: Person) -> Iterator[tuple[Headers, bytes]]:
    """Submissions that do not fit the contract, each in another way, with the person in each."""
    headers, whole = headers_of(person), json.loads(person.complaint().model_dump_json())
    yield headers, json.dumps(whole).encode()[:-30]
    yield headers, f"{person.words}".encode()
    yield headers, person.name.encode("gb18030") + person.mark.encode()
    yield [h for h in headers if h[0] != "ce_id"], json.dumps(whole).encode()
    yield [*headers, ("ce_time", person.phone.encode())], json.dumps(whole).encode()
    yield [("x-caller", person.name.encode())], json.dumps(whole).encode()
    event = {"id": reference(), "source": person.mark, "data": whole}  # the id is repeated in the answer
    yield [("content-type", b"application/cloudevents+json")], json.dumps(event).encode()
    for name, value in (
        ("contact", person.words),
        ("contact", {"name": person.name * 20}),
        ("contact", {"email": [person.email]}),
        ("contact", {"phone": int(person.phone)}),
        ("contact", {"reply_by": person.phone}),
        ("contact", {"language": person.name}),
        ("received_at", person.name),
        ("appeal", person.name),
        ("channel", person.name),
        ("category", person.name),
        ("area", person.email),
        ("about", person.name),
        ("urgent", person.phone),
        ("external_id", ""),
        ("text", {person.name: person.phone}),
        (person.mark, ...),
    ):
        spoilt = whole | ({name: value} if value is not ... else {"text": 5, person.mark: person.words})
        yield headers, json.dumps(spoilt).encode()


def refused(person: Person) -> Iterator[SubmitComplaint]:
    """Submissions that a rule forbids, each another rule, with the person in each."""
    email = ReplyBy.EMAIL
    contact = person.contact(email)
    yield person.complaint(area="atlantis")
    yield person.complaint(category="dragons", title=person.words * 3)
    yield person.complaint(text=person.words * 200)
    yield person.complaint(received_at=datetime.now(UTC) + timedelta(days=1))
    yield complaint(reference(), contact=contact.model_copy(update={"email": f"{person.name} at home"}))
    yield complaint(reference(), contact=contact.model_copy(update={"phone": person.name, "ways": (ContactWay.SMS,)}))
    yield complaint(reference(), contact=contact.model_copy(update={"email": None}), text=person.words)


@dataclass
class Planted:
    """Who was planted, and how many of what."""

    needles: Needles
    registered: list[tuple[Person, SubmitComplaint]]
    malformed: int
    refused: int


@pytest.fixture(scope="package")
async def planted(city: City) -> Planted:
    """Many complaints by many people have gone through everything that can happen to them."""
    domains = ("home.example", "home.example", UNKNOWN, UNWANTED)
    run = secrets.token_hex(6)
    people = [Person(run, n, domains[n % len(domains)]) for n in range(CASES)]
    found = Planted(Needles(text for person in people for text in person.identity), [], 0, 0)
    await _live(city, people, found)
    await _refuse(city, people[0], found)
    await _spoil(city, people[1], found)
    await _break(city, people[2], found)
    return found


async def _live(city: City, people: list[Person], found: Planted) -> None:
    """Complaints are registered, offered or queued, signed, answered, mailed or not, rated."""
    for n, person in enumerate(people):
        submission = person.complaint(
            ReplyBy.CHANNEL if n % 5 == 4 else ReplyBy.EMAIL, category="other" if n % 10 == 9 else "noise-residential"
        )
        record = encode(submission, id=secrets.token_hex(8), source=f"/channels/web/{person.phone}")
        extra = [h for h in headers_of(person) if h[0] in ("baggage", "x-caller", "ce_caller")]
        await city.put(record.topic, record.value, [*record.headers, *extra], key=person.phone.encode())
        found.registered.append((person, submission))
    handled = [(person, each) for person, each in found.registered if each.category != "other"]
    for _, submission in handled:
        unit = (await city.heard(AssignmentOffered, submission.case_id)).unit
        await city.sign(unit, submission.case_id)
        await city.report(unit, submission.case_id)
    for _, submission in handled:
        await city.heard(ComplaintAnswered, submission.case_id)
        await city.heard(ClockStopped, submission.case_id)
        await city.rate(Channel.WEB, submission.case_id)
        await city.heard(CaseRated, submission.case_id)
        await city.heard(RatingAnswered, submission.case_id)
    for person, submission in handled:
        mailed = submission.contact is not None and submission.contact.reply_by is ReplyBy.EMAIL
        ended = NoticeFailed if mailed and person.domain in (UNKNOWN, UNWANTED) else NoticeSent
        await city.watch.until(lambda _, each=submission, kind=ended: len(city.all(kind, each.case_id)) >= 2)  # type: ignore[misc]


async def _refuse(city: City, person: Person, found: Planted) -> None:
    for submission in refused(person):
        id = await city.say(submission)
        await city.refusal_of(id)
        found.refused += 1


async def _spoil(city: City, person: Person, found: Planted) -> None:
    places = [
        await city.put("complaints.web", value, headers, key=person.phone.encode())
        for headers, value in malformed(person)
    ]
    for place in places:
        await city.letter_about("intake", place)
    found.malformed = len(places)


async def _break(city: City, person: Person, found: Planted) -> None:
    """A case is parked in two services; what was said about it is put aside."""
    submission = person.complaint()
    await city.say(submission)
    await city.heard(CaseAssigned, submission.case_id)
    found.registered.append((person, submission))
    headers = encode(
        CaseClosed(
            case_id=submission.case_id,
            occurred_at=datetime.now(UTC),
            unit="police",
            result=HandlingResult.RESOLVED,
            reply="",
        ),
        id="x",
        source="/x",
    ).headers
    city.leave_silent(submission.case_id, "parked: nothing that follows is applied until somebody has dealt with it")
    place = await city.put("routing.events", b"{}", headers, key=submission.case_id.encode())
    await city.letter_about("notify", place)


def leaks(needles: Needles, written: list[Written]) -> dict[str, int]:
    """Where somebody was found, and how often."""
    assert written
    return dict(Counter(each.place for each in written if needles.found_in(each.hay)))


async def test_every_kind_of_end_was_reached(city: City, planted: Planted) -> None:
    assert planted.malformed >= 20
    assert planted.refused == 7
    why = {each.message.why for each in city.all(NoticeFailed)}
    assert {"smtp 550", "smtp 554"} <= why
    mailed = {str(mail["To"]) for mail in city.mail.kept}
    assert {person.email for person, _ in planted.registered[:2]} <= mailed


async def test_nobody_is_found_on_any_topic_but_those_of_the_channels(city: City, planted: Planted) -> None:
    written = [each async for each in on_the_bus(city.deployment.engines.bootstrap)]
    submissions = [each for each in written if each.place.startswith("complaints.")]
    others = [each for each in written if not each.place.startswith("complaints.")]
    topics = {each.place.split("/")[0] for each in others}
    assert {"cases.events", "contacts", "replies.web", "dead-letters.intake", "notices.events"} <= topics
    assert leaks(planted.needles, others) == {}
    assert len(leaks(planted.needles, submissions)) >= CASES + planted.malformed + planted.refused


async def test_nobody_is_found_in_any_database(city: City, planted: Planted) -> None:
    deployment = city.deployment
    written = list(in_databases(deployment.engines.mongo_uri, deployment.database))
    found = {each.place.split(".")[0] for each in written} - {f"{deployment.database}_files"}
    assert found == {f"{deployment.database}_{name}" for name in SERVICES}
    assert leaks(planted.needles, written) == {}


async def test_nobody_is_found_in_the_logs(city: City, planted: Planted) -> None:
    written = [Written(path.name, path.read_bytes()) for path in city.deployment.directory.glob("*.log")]
    assert len(written) == len(SERVICES)
    assert leaks(planted.needles, written) == {}
    for each in written:
        for line in each.hay.decode().splitlines():
            assert isinstance(json.loads(line), dict)


async def test_nobody_is_found_in_the_spans(city: City, planted: Planted) -> None:
    wanted = {submission.case_id for _, submission in planted.registered}
    await city.receiver.until(lambda spans: wanted <= {str(span.attributes.get("xn.case.id")) for span in spans})
    assert leaks(planted.needles, [Written("spans", body) for body in city.receiver.bodies]) == {}


async def test_nobody_is_found_on_any_page(city: City, planted: Planted) -> None:
    pages = ("/livez", "/readyz", "/metrics", "/asyncapi", "/asyncapi.json")
    written = [Written(service + page, city.page(service, page).content) for service in SERVICES for page in pages]
    assert leaks(planted.needles, written) == {}


async def test_the_contact_opens_with_notifys_key_and_with_no_other(city: City, planted: Planted) -> None:
    others = (city.deployment.dead_letter_key, new_private_key())
    for person, submission in planted.registered:
        sealed = await city.heard(ContactSealed, submission.case_id)
        opener = Opener(city.deployment.contact_key)
        assert sealed.key_id == opener.key_id
        opened = Contact.model_validate_json(opener.open(sealed.box))
        assert (opened.name, opened.phone, opened.email) == (person.name, person.phone, person.email)
        for key in others:
            with pytest.raises(SealingError):
                Opener(key).open(sealed.box)


async def test_the_matter_itself_is_still_told(city: City, planted: Planted) -> None:
    for _, submission in planted.registered[:5]:
        offered = await city.heard(AssignmentOffered, submission.case_id)
        assert "楼下噪声很大" in offered.text
        assert "投诉噪声" in offered.title


@pytest.mark.parametrize(
    "form", [str.encode, lambda text: json.dumps(text).encode(), lambda text: text.encode().hex().encode()]
)
def test_the_search_finds_what_it_looks_for(form: Any) -> None:
    needles = Needles(["欧阳小明"])
    assert needles.found_in(b"xx" + form("我是欧阳小明。") + b"xx") == {"欧阳小明"}
    assert needles.found_in(form("我是欧阳小红。")) == set()


@pytest.mark.parametrize("before", range(4))
def test_the_search_finds_base64_wherever_it_begins(before: int) -> None:
    needles = Needles(["13912345678"])
    assert needles.found_in(base64.b64encode(b"." * before + b"13912345678...")) == {"13912345678"}
