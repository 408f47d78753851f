"""Partners write their programs in other languages: librdkafka, and the CloudEvents SDK, take part without our code."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage
from cloudevents.core.v1.event import CloudEvent

from contracts.message import CASES
from tests.support.city import City, reference
from tests.support.strangers import Stranger, binary, event, handmade, structured

NAMESPACE = UUID("92a801e4-b01c-5be2-8e76-842b6e249209")


def submission(external_id: str) -> dict[str, Any]:
    """The body of a complaint, as the documentation describes it."""
    return {
        "channel": "partner",
        "external_id": external_id,
        "received_at": datetime.now(UTC).isoformat(),
        "appeal": "complaint",
        "category": "water-outage",
        "area": "nancheng",
        "title": "停水两天",
        "text": "自来水停了两天，无人告知。",
    }


def case_of(external_id: str) -> str:
    """As docs/partners.md tells a partner to compute it."""
    return str(uuid5(NAMESPACE, f"partner\n{external_id}"))


def about(case_id: str, type: str) -> Callable[[CloudEvent], bool]:
    """Whether an event is of this type and about this case."""
    return lambda found: found.get_type() == type and data_of(found)["case_id"] == case_id


def by_hand(data: dict[str, Any]) -> KafkaMessage:
    """Without the SDK."""
    value, headers = handmade("cn.xiaoneng.complaint.submit.v1", data)
    return KafkaMessage(headers, None, value)


def by_sdk(data: dict[str, Any]) -> KafkaMessage:
    """In binary mode, keyed as the contract asks."""
    return binary(event("cn.xiaoneng.complaint.submit.v1", data, key=case_of(data["external_id"])))


def by_sdk_structured(data: dict[str, Any]) -> KafkaMessage:
    """In structured mode, without a key."""
    return structured(event("cn.xiaoneng.complaint.submit.v1", data))


@dataclass(frozen=True)
class Strangers:
    """A portal of the channel `partner`, and the staff app of the water company."""

    portal: Stranger
    staff: Stranger

    def carry(self, message: KafkaMessage, case_id: str) -> list[CloudEvent]:
        """The complaint is submitted, signed for and answered; returns what both were told on the way."""
        self.portal.send("complaints.partner", message.value, message.headers, message.key)
        acknowledged = self.portal.read(about(case_id, "cn.xiaoneng.complaint.acknowledged.v1"))
        offered = self.staff.read(about(case_id, "cn.xiaoneng.assignment.offered.v1"))
        common = {"case_id": case_id, "issued_at": datetime.now(UTC).isoformat(), "unit": "water-company"}
        for type, more in (
            ("cn.xiaoneng.case.sign.v1", {}),
            ("cn.xiaoneng.case.report-handling.v1", {"result": "resolved", "reply": "已恢复供水。"}),
        ):
            value, headers = handmade(type, common | more)
            self.staff.send("handling.water-company", value, headers, case_id)
        return [acknowledged, offered, self.portal.read(about(case_id, "cn.xiaoneng.complaint.answered.v1"))]

    def err(self, message: KafkaMessage, id: str) -> CloudEvent:
        """A submission is refused; returns what the portal was told about it."""
        self.portal.send("complaints.partner", message.value, message.headers, message.key)
        return self.portal.read(lambda found: data_of(found).get("submission_id") == id)

    def rate(self, case_id: str) -> CloudEvent:
        """The complainant is satisfied; returns the answer to the rating."""
        rating = {"case_id": case_id, "channel": "partner", "issued_at": datetime.now(UTC).isoformat()}
        value, headers = handmade("cn.xiaoneng.case.rate.v1", rating | {"satisfaction": "satisfied", "solved": True})
        self.portal.send("feedback.partner", value, headers, case_id)
        return self.portal.read(lambda found: data_of(found).get("submission_id") == headers["ce_id"].decode())


@pytest.fixture(scope="package")
def strangers(city: City) -> Iterator[Strangers]:
    """Both listen."""
    bootstrap = city.deployment.engines.bootstrap
    with Stranger(bootstrap, "replies.partner") as portal, Stranger(bootstrap, "assignments.water-company") as staff:
        yield Strangers(portal, staff)


@pytest.mark.parametrize("write", [by_hand, by_sdk, by_sdk_structured])
async def test_a_strangers_portal_and_staff_app_carry_a_complaint_to_its_answer(
    strangers: Strangers, write: Callable[[dict[str, Any]], KafkaMessage]
) -> None:
    external_id = reference()
    case_id = case_of(external_id)
    message = write(submission(external_id))
    id = message.headers["ce_id"].decode() if "ce_id" in message.headers else json.loads(message.value)["id"]
    heard = await asyncio.to_thread(strangers.carry, message, case_id)
    assert len({data_of(each)["number"] for each in heard}) == 1
    assert data_of(heard[-1])["reply"] == "已恢复供水。"
    for each in (heard[0], heard[-1]):
        assert (data_of(each)["external_id"], data_of(each)["submission_id"]) == (external_id, id)
    for each in heard:
        assert each.get_extension("partitionkey") == each.get_subject() == case_id
        assert each.get_datacontenttype() == "application/json"
    assert [each.get_source() for each in heard] == ["/services/notify", "/services/routing", "/services/notify"]


async def test_a_strangers_rating_is_answered_with_the_reference_of_its_case(strangers: Strangers) -> None:
    external_id = reference()
    await asyncio.to_thread(strangers.carry, by_hand(submission(external_id)), case_of(external_id))
    answer = data_of(await asyncio.to_thread(strangers.rate, case_of(external_id)))
    assert (answer["counted"], answer["external_id"]) == (True, external_id)


@pytest.mark.parametrize(
    ("type", "changes", "code", "fits"),
    [
        ("cn.xiaoneng.complaint.submit.v1", {"area": "atlantis"}, ("area-unknown", "area"), True),
        ("cn.xiaoneng.complaint.submit.v1", {"text": 7}, ("malformed", "text"), False),
        ("cn.xiaoneng.complaint.sumbit.v1", {}, ("unknown-type", "type"), False),
    ],
)
async def test_a_strangers_mistake_is_answered_where_it_listens(
    strangers: Strangers, type: str, changes: dict[str, Any], code: tuple[str, str], fits: bool
) -> None:
    external_id = reference()
    wrong = event(type, submission(external_id) | changes, key="not the key that the page asks for")
    refused = await asyncio.to_thread(strangers.err, binary(wrong), wrong.get_id())
    (reason,) = data_of(refused)["reasons"]
    assert (reason["code"], reason["field"]) == code
    assert data_of(refused)["external_id"] == external_id
    assert refused.get_extension("partitionkey") == data_of(refused)["case_id"] == case_of(external_id)
    record = data_of(refused)["record"]
    assert record is None if fits else (record["topic"], record["id"]) == ("complaints.partner", wrong.get_id())


def test_the_namespace_of_case_ids_is_the_one_that_partners_have_been_told() -> None:
    assert CASES == NAMESPACE


def data_of(found: CloudEvent) -> dict[str, Any]:
    """The body of an event, which is always an object."""
    data = found.get_data()
    assert isinstance(data, dict)
    return data
