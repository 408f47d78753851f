"""Erasure: who wants to be forgotten is, whatever has become of the case."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.channel import Contact
from contracts.clerking import EraseIdentity
from contracts.codes import Channel, Ending
from contracts.intake import ClerkingRefused, ContactErased, IdentityErased
from infra.decision import Decision, Due, Forget, Forgotten
from services.intake.domain.decide import Rules
from services.intake.domain.registration import Registration
from tests.unit.services.intake.test_reception import CENTRE, CLERK, RULES, answer, lamp
from tests.unit.services.speaking import AT, CASE, context, decided, only, read, told

SAID = EraseIdentity(case_id=CASE, issued_at=AT, unit=CENTRE, actor=CLERK)


def case(**changes: Any) -> Registration:
    given = {"number": "N-1", "registered_at": AT, "fingerprint": "", "centre": CENTRE, "channel": Channel.WEB}
    known = {"complainant": "c-1", "matter": "路灯", "traces": ((1, "h"),)}
    return Registration(**{**given, **known, **changes})


def decide(it: Registration | None, subject: Any, speaker: str = CENTRE) -> Decision[Registration]:
    return decided(RULES.decide(it, subject, context(speaker)))


@pytest.mark.parametrize("over", [{}, {"closed_at": AT}, {"ended": Ending.WITHDRAWN}])
def test_nothing_is_left_and_it_is_said_once(over: dict[str, Any]) -> None:
    done = decide(case(**over), SAID)
    contact, identity = read(done.events)
    assert (type(contact), type(identity), identity.by) == (ContactErased, IdentityErased, CLERK)
    assert done.effects == (Forget(CASE),)
    it = done.state
    assert it is not None
    assert (it.complainant, it.matter, it.traces, it.erased_at) == (None, "", (), AT)
    again = decide(it, SAID)
    assert again.events == ()
    assert again.effects == (Forget(CASE),)


def test_what_was_sealed_is_wanted_gone_until_it_is() -> None:
    it = decide(case(), SAID).state
    assert it is not None
    assert Rules.due(it) == AT
    assert decide(it, Due()).effects == (Forget(CASE),)
    done = decide(it, Forgotten()).state
    assert done is not None
    assert Rules.due(done) is None


def test_another_centre_may_not_and_an_unknown_case_is_refused() -> None:
    for it, speaker, code in ((case(), "nancheng-centre", "not-your-centre"), (None, CENTRE, "case-unknown")):
        refused = decide(it, SAID, speaker)
        assert refused.state == it
        assert [found for found, _ in told(only(ClerkingRefused, refused.events).reasons)] == [code]


def test_who_gives_a_contact_later_may_be_forgotten_again() -> None:
    it = lamp()
    it.case = decide(it.known(), SAID).state
    it.hear(answer(value="nonsense", contact=Contact(phone="13800138000")))
    it.hear(answer(contact=Contact(phone="13800138000")))
    assert it.known().erased_at is None
    assert len(decide(it.known(), SAID).events) == 2
