"""What clerks read of a case, from its state and the events that intake has published about it."""

from __future__ import annotations

from datetime import timedelta

from contracts.attachments import Attachment
from contracts.channel import Attribute, SupplementComplaint
from contracts.clerking import RequestSupplement
from contracts.codes import Channel
from contracts.intake import SupplementReceived
from infra.document import Document
from services.intake.reception_views import PublishedCase
from tests.unit.services.intake.test_reception import CENTRE, CLERK, Reception, reception
from tests.unit.services.speaking import AT, CASE


def published(it: Reception) -> PublishedCase:
    document = Document(CASE)
    document.announce("intake", it.events, at=it.at, traceparent=None, cause="m1")
    found = PublishedCase.of(document.entries)
    assert found is not None
    return found


def test_a_case_held_for_its_scope_shows_the_rule_and_masked_text() -> None:
    found = published(reception(text="合同纠纷，电话13800138000"))
    assert found.why is not None
    assert found.why.code == "scope.between-private-parties"
    assert "13800138000" not in found.registered.text
    assert (found.asked_at, found.added_texts, found.attachments) == (None, (), ())


def test_a_request_for_a_supplement_and_its_answer_are_added() -> None:
    photo = Attachment(url="https://photos.example.com/1.jpg")
    it = reception(category="street-lighting", text="合同纠纷", attributes=(Attribute(code="fault", value="dark"),))
    it.at = AT + timedelta(hours=1)
    it.hear(
        RequestSupplement(case_id=CASE, issued_at=it.at, unit=CENTRE, actor=CLERK, missing=("请提供合同。",)),
        CENTRE,
        f"clerking.{CENTRE}",
    )
    assert published(it).asked_at == it.at
    given = SupplementComplaint(
        channel=Channel.WEB,
        external_id="x1",
        given_at=it.at,
        text="合同见附件。",
        attributes=(Attribute(code="fault", value="damaged"),),
        attachments=(photo,),
    )
    it.hear(given)
    found = published(it)
    assert found.added_texts == ("合同见附件。",)
    assert [each.url for each in found.attachments] == [photo.url]
    assert [(each.code, each.value) for each in found.attributes.values()] == [("fault", "damaged")]


def test_words_of_two_rounds_are_shown_once_each() -> None:
    it = reception(category="street-lighting")
    given = SupplementComplaint(
        channel=Channel.WEB,
        external_id="x1",
        given_at=it.at,
        text="三号杆。",
        attributes=(Attribute(code="fault", value="nonsense"),),
    )
    it.hear(given)
    assert published(it).added_texts == ("三号杆。",)
    last = {"text": "夜间不亮。", "attributes": (Attribute(code="fault", value="dark"),)}
    released = it.hear(given.model_copy(update=last))[-1]
    assert released.added_text == "三号杆。\n夜间不亮。"
    found = published(it)
    assert found.added_texts == ("三号杆。", "夜间不亮。")
    assert found.attributes["fault"].value == "dark"
    before = [each for each in it.events if not isinstance(each, SupplementReceived)]
    it.events = before
    assert published(it).added_texts == (released.added_text,), "an older history has the words in the release alone"


def test_a_history_without_a_registration_shows_nothing() -> None:
    assert PublishedCase.of(()) is None
