"""A complainant is forgotten: in histories, in states, on the bus; their case goes on, and the channel is answered."""

from __future__ import annotations

from uuid import uuid4

from contracts.channel import Contact
from contracts.codes import ReplyBy
from contracts.intake import ContactErased, ContactSealed, IdentityErased
from contracts.notify import ComplaintAnswered, NoticeSent
from contracts.routing import AssignmentOffered
from infra.document import verify_chain
from infra.store import Store
from services.intake.domain.erasure import FORGETTABLE
from tests.support.bus import complaint
from tests.support.city import City, reference

CLERK = "beicheng-centre.desk-2"


async def test_a_complainant_is_forgotten_and_it_is_shown(city: City) -> None:
    address = f"{uuid4().hex}@city.example"
    contact = Contact(email=address, phone="13912345678", reply_by=ReplyBy.EMAIL)
    submission = complaint(reference(), category="garbage-collection", contact=contact)
    await city.say(submission)
    offered = await city.heard(AssignmentOffered, submission.case_id)
    sealed = await city.heard(ContactSealed, submission.case_id)
    await city.heard(NoticeSent, submission.case_id, lambda told: told.by == ReplyBy.EMAIL)

    code, printed = await city.xn("erase", offered.number, "--actor", "beicheng-centre.desk-9")
    assert (code, printed) == (1, "xn: actor-unknown: The post is not one of this unit.\n")
    code, printed = await city.xn("erase", offered.number, "--actor", CLERK)
    assert code == 0, printed
    assert "not yet" not in printed
    assert "complaints.web still holds what the channel sent" in printed
    assert (await city.heard(IdentityErased, submission.case_id)).by == CLERK
    await city.heard(ContactErased, submission.case_id)

    for service in ("intake", "notify"):
        store = Store(city.deployment.engines.mongo_uri, f"{city.deployment.database}_{service}")
        try:
            history = await store.history(submission.case_id)
            documents = [each async for each in store.documents() if each["_id"] == submission.case_id]
        finally:
            await store.close()
        assert sealed.box not in str(documents)
        assert verify_chain(history, FORGETTABLE) is None
        assert (verify_chain(history) is None) == (service == "notify"), "only where it is allowed is a gap no forgery"

    await city.sign(offered.unit, submission.case_id)
    await city.report(offered.unit, submission.case_id, "已清运完毕。")
    assert (await city.heard(ComplaintAnswered, submission.case_id)).reply == "已清运完毕。"
    answer = await city.heard(NoticeSent, submission.case_id, lambda told: told.notice == "answer")
    assert answer.by == ReplyBy.CHANNEL
    code, printed = await city.xn("cases", "explain", offered.number)
    assert code == 0, printed
    assert "identity.erased" in printed
    code, printed = await city.xn("erase", "BC-20000101-000001", "--actor", CLERK)
    assert (code, printed) == (1, "xn: there is no case BC-20000101-000001\n")
