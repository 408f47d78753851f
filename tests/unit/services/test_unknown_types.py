"""Every service that reads partners' topics refuses records of unknown types."""

from __future__ import annotations

import re
from typing import Any

import pytest

from contracts.dead_letters import Origin
from contracts.topics import REGISTRY
from infra.decision import UnknownType, Unreadable
from infra.sealing import Sealer, new_private_key, public_key_of
from services.intake.domain.catalogue import Catalogue
from services.intake.domain.decide import Rules as IntakeRules
from services.notify.domain.notice import LEASE
from services.notify.domain.rules import Rules as NotifyRules
from services.routing.domain.decide import Rules as RoutingRules
from services.routing.domain.dispatch import DispatchPolicy
from services.scoring.domain.decide import Rules as ScoringRules
from tests.unit.services.speaking import context, decided, demo, read, told

SEALER = Sealer(public_key_of(new_private_key()))
UNIT = "police-beicheng"
ANSWERED = {
    "complaints.{channel}": ("web", "cases.events"),
    "clerking.{unit}": ("beicheng-centre", "reception.beicheng-centre"),
    "handling.{unit}": (UNIT, f"assignments.{UNIT}"),
    "feedback.{channel}": ("web", "scoring.events"),
    "items.{system}": ("e-supervision", "watch.e-supervision"),
    "assessments.{body}": (UNIT, f"assessed.{UNIT}"),
    "oversight.{unit}": (UNIT, f"conduct.{UNIT}"),
    "publicity.{unit}": (UNIT, f"published.{UNIT}"),
    "receipts.{provider}": ("sms", "notices.events"),
}
"""By topic: a sender, and the refusal's topic; notify forwards refusals of intake and scoring to the channel."""


def rules_of(service: str) -> Any:
    version, tables = demo().version, demo().tables
    match service:
        case "intake":
            return IntakeRules(Catalogue.from_tables(version, tables), SEALER.seal, SEALER.key_id)
        case "routing":
            return RoutingRules(DispatchPolicy.from_tables(version, tables))
        case "scoring":
            return ScoringRules.from_tables(version, tables)
        case _:
            return NotifyRules.from_tables(version, tables, LEASE)


@pytest.mark.parametrize("name", ANSWERED)
def test_an_unknown_type_is_refused_where_its_sender_listens(name: str) -> None:
    topic, (speaker, answer) = REGISTRY[name], ANSWERED[name]
    origin = Origin(topic=name, partition=0, offset=7, id="m1", type="cn.xiaoneng.misspelt.v1")
    unknown = UnknownType(origin.type, tuple(each.TYPE for each in topic.messages))
    subject = Unreadable(origin.type, (), unknown, name, origin)
    (service,) = topic.readers
    sent_on = re.sub(r"{\w+}", speaker, name)
    (refusal,) = read(decided(rules_of(service).decide(None, subject, context(speaker, topic=sent_on))).events)
    assert refusal.topic == answer
    assert refusal.record == origin
    assert told(refusal.reasons) == [("unknown-type", "type: unknown")]
    assert all(each.TYPE in refusal.reasons[0].en for each in topic.messages)
    assert origin.type in refusal.reasons[0].zh


def test_no_topic_of_partners_is_left_out() -> None:
    ours = {"intake", "routing", "scoring", "notify", "{service}", "operator"}
    assert {topic.name for topic in REGISTRY.topics if not set(topic.writers) & ours} == set(ANSWERED)
