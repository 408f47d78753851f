"""Two complainants, one matter: one case is handled, both are answered; and whoever is left alone is not forgotten."""

from __future__ import annotations

from datetime import UTC, datetime

from contracts.channel import WithdrawComplaint
from contracts.clerking import MergeCase, UnmergeCase
from contracts.codes import RefusalCode
from contracts.intake import ClerkingRefused
from contracts.notify import ComplaintAnswered, ComplaintEnded, ComplaintProgress
from contracts.routing import AssignmentOffered, AssignmentWithdrawn, CaseClosed, CaseJoined, CommandRefused
from contracts.scoring import ClockStopped
from tests.support.bus import complaint
from tests.support.city import City, reference

CENTRE, UNIT, CLERK = "beicheng-centre", "urban-management-beicheng", "beicheng-centre.desk-2"
CATEGORY = "garbage-collection"


async def offered(city: City) -> AssignmentOffered:
    """A new case, with its unit."""
    submission = complaint(reference(), category=CATEGORY)
    await city.say(submission)
    offer = await city.heard(AssignmentOffered, submission.case_id)
    assert offer.unit == UNIT
    return offer


async def merge(city: City, case_id: str, into: str) -> None:
    await city.say(MergeCase(case_id=case_id, issued_at=datetime.now(UTC), unit=CENTRE, actor=CLERK, into=into))


async def joined(city: City, case_id: str, into: str) -> None:
    """The case goes on as part of the other, its unit and its complainant know it."""
    await merge(city, case_id, into)
    said = await city.heard(CaseJoined, case_id)
    assert (said.leading, said.responsible) == (into, CENTRE)
    assert (await city.heard(AssignmentWithdrawn, case_id)).unit == UNIT
    await city.heard(ComplaintProgress, case_id, lambda told: told.what == "merged")


async def test_one_answer_closes_the_case_and_what_was_merged_into_it(city: City) -> None:
    leading, follower = await offered(city), await offered(city)
    await joined(city, follower.case_id, leading.case_id)
    await merge(city, leading.case_id, follower.case_id)
    refused = await city.heard(ClerkingRefused, leading.case_id)
    assert [why.code for why in refused.reasons] == [RefusalCode.CANNOT_LEAD]
    await city.sign(UNIT, follower.case_id)
    told = await city.heard(CommandRefused, follower.case_id)
    assert [why.code for why in told.reasons] == [RefusalCode.CASE_MERGED]
    await city.sign(UNIT, leading.case_id)
    await city.report(UNIT, leading.case_id, "已清运完毕。")
    for case_id in (leading.case_id, follower.case_id):
        assert (await city.heard(ComplaintAnswered, case_id)).reply == "已清运完毕。"
        assert (await city.heard(CaseClosed, case_id)).unit == UNIT
        await city.heard(ClockStopped, case_id)


async def test_who_was_merged_into_a_case_that_is_taken_back_is_handled_alone(city: City) -> None:
    submission = complaint(reference(), category=CATEGORY)
    await city.say(submission)
    await city.heard(AssignmentOffered, submission.case_id)
    follower = await offered(city)
    await joined(city, follower.case_id, submission.case_id)
    await city.say(
        WithdrawComplaint(
            channel=submission.channel, external_id=submission.external_id, withdrawn_at=datetime.now(UTC)
        )
    )
    await city.heard(ComplaintEnded, submission.case_id)
    await answered_alone(city, follower.case_id)


async def test_a_merger_that_is_undone_leaves_a_case_of_its_own(city: City) -> None:
    leading, follower = await offered(city), await offered(city)
    await joined(city, follower.case_id, leading.case_id)
    await city.say(UnmergeCase(case_id=follower.case_id, issued_at=datetime.now(UTC), unit=CENTRE, actor=CLERK))
    await city.heard(ComplaintProgress, follower.case_id, lambda told: told.what == "unmerged")
    await city.sign(UNIT, leading.case_id)
    await city.report(UNIT, leading.case_id, "已清运完毕。")
    await city.heard(ComplaintAnswered, leading.case_id)
    await answered_alone(city, follower.case_id)


async def answered_alone(city: City, case_id: str) -> None:
    """It is offered a second time, and has an answer of its own."""
    await city.watch.until(lambda _: len(city.all(AssignmentOffered, case_id)) == 2, timeout=30)
    await city.sign(UNIT, case_id)
    await city.report(UNIT, case_id, "单独办理完毕。")
    assert (await city.heard(ComplaintAnswered, case_id)).reply == "单独办理完毕。"
