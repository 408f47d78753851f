"""The form of a complaint: what is missing, what is submitted, and where a refusal is shown."""

from __future__ import annotations

import pytest
from pydantic import SecretStr
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request

from apps.citizen.actions import ACTIONS, asked_questions, body_of, offered
from apps.citizen.actions import beside_fields as beside_action
from apps.citizen.app import build
from apps.citizen.complaint import beside_fields, check_contact, questions, specs, submission
from apps.citizen.filing import key_of, unasked
from apps.citizen.requests import Awaited
from apps.citizen.settings import CitizenSettings
from apps.citizen.words import limit_words
from apps.web.forms import read
from apps.web.place import Limit, Place, PlaceDocument
from apps.web.services import Reason, ServiceProblem
from apps.web.uploads import StoredFile, kept, short
from apps.web.view import View

PLACE = Place(
    PlaceDocument.model_validate(
        {
            "areas": [{"code": "city", "zh": "全市"}, {"code": "north", "zh": "北城", "parent": "city"}],
            "categories": [
                {
                    "code": "lights",
                    "zh": "路灯",
                    "questions": [
                        {
                            "code": "fault",
                            "zh": "故障",
                            "datatype": "singlevaluelist",
                            "required": True,
                            "values": [{"key": "dark", "zh": "不亮"}],
                        },
                        {"code": "lamps", "zh": "几盏", "datatype": "number"},
                        {
                            "code": "kind",
                            "zh": "种类",
                            "datatype": "multivaluelist",
                            "values": [{"key": "a", "zh": "甲"}, {"key": "b", "zh": "乙"}],
                        },
                    ],
                },
                {"code": "noise", "zh": "噪声"},
            ],
        }
    )
)
GOOD = (("appeal", "complaint"), ("category", "noise"), ("area", "north"), ("text", "很吵。"), ("told", "none"))


@pytest.fixture
def view() -> View:
    site = build(CitizenSettings(web_secret=SecretStr("s"), citizen_key=SecretStr("k")))
    scope = {"type": "http", "headers": [], "path": "/complain", "query_string": b"", "client": ("192.0.2.1", 1)}
    return View(Request(scope), site, "zh", PLACE)


def form_of(view: View, *fields: tuple[str, str]):
    sent = FormData([*(each for each in GOOD if each[0] not in dict(fields)), *fields])
    return (*read(view, specs(PLACE.categories.get(str(sent["category"]))), sent), sent)


def test_a_good_form_is_a_submission_with_a_receipt(view):
    form, values, _ = form_of(view)
    assert form.faults == []
    assert submission(view, values, ["f" * 32]) == {
        "appeal": "complaint",
        "category": "noise",
        "area": "north",
        "text": "很吵。",
        "title": "噪声",
        "receipt_wanted": True,
        "attachments": [{"file_id": "f" * 32}],
    }


@pytest.mark.parametrize("name", ["category", "area", "text", "appeal", "told"])
def test_what_is_missing_is_named_at_its_field(view, name):
    form, _, _ = form_of(view, (name, " "))
    assert [each.field for each in form.faults] == [name]


def test_questions_of_the_category_alone_count(view):
    form, values, _ = form_of(view, ("category", "lights"), ("attributes.lights.lamps", "3"))
    assert [each.field for each in form.faults] == ["attributes.lights.fault"]
    form, values, _ = form_of(
        view,
        ("category", "lights"),
        ("attributes.lights.fault", "dark"),
        ("attributes.lights.kind", "a"),
        ("attributes.lights.kind", "b"),
    )
    assert form.faults == []
    assert submission(view, values, [])["attributes"] == [
        {"code": "fault", "value": "dark"},
        {"code": "kind", "value": "a"},
        {"code": "kind", "value": "b"},
    ]
    assert form_of(view, ("attributes.lights.fault", "dark"))[1].get("attributes") is None


@pytest.mark.parametrize(
    ("told", "way", "contact"),
    [
        ("email", ["email"], {"reply_by": "email", "email": "li@city.example"}),
        ("sms", ["sms"], {"reply_by": "channel", "phone": "13800138000"}),
    ],
)
def test_a_contact_is_passed_on_for_the_way_that_was_chosen(view, told, way, contact):
    form, values, _ = form_of(
        view, ("told", told), *((f"contact.{name}", text) for name, text in contact.items() if name != "reply_by")
    )
    check_contact(view, form, values)
    assert form.faults == []
    assert submission(view, values, [])["contact"] == {**contact, "ways": way, "language": "zh"}


def test_an_anonymous_complaint_has_no_contact_whatever_was_typed(view):
    _, values, _ = form_of(view, ("contact.phone", "13800138000"))
    assert "contact" not in submission(view, values, [])


@pytest.mark.parametrize(("told", "field"), [("email", "contact.email"), ("sms", "contact.phone")])
def test_the_address_of_the_way_that_was_chosen_is_needed(view, told, field):
    form, values, _ = form_of(view, ("told", told))
    check_contact(view, form, values)
    assert [each.field for each in form.faults] == [field]


def test_a_refused_answer_is_shown_at_its_question(view):
    form, _, _ = form_of(view, ("category", "lights"), ("attributes.lights.fault", "dark"))
    reasons = (Reason("malformed", "不对", "wrong", "attributes.lamps"), Reason("x", "格式", "format", "contact.email"))
    form.refuse(view, beside_fields(ServiceProblem(422, "refused", "", "", reasons), "lights"))
    assert [each.field for each in form.faults] == ["attributes.lights.lamps", "contact.email"]


def test_every_category_with_questions_is_on_the_page(view):
    form, _, sent = form_of(view, ("category", "lights"), ("attributes.lights.lamps", "3"))
    (asked,) = questions(view, form, sent)
    assert [each.value for each in asked.fields] == ["", "3", ""]
    assert asked.fields[0].fault


def test_questions_that_were_not_on_the_page_are_asked_before_filing():
    lights, noise = PLACE.categories["lights"], PLACE.categories["noise"]
    assert unasked(lights, FormData([("asked", "")]))
    assert not unasked(lights, FormData([("asked", "lights")]))
    assert not unasked(noise, FormData([]))
    assert not unasked(None, FormData([]))


def test_the_same_form_has_one_key_and_a_changed_one_another():
    first, again = FormData([*GOOD, ("once", "1")]), FormData([*GOOD, ("once", "1")])
    changed = FormData([*GOOD[:-2], ("text", "很吵，请处理。"), ("told", "none")])
    assert key_of("1", first) == key_of("1", again) != key_of("1", changed)
    assert key_of("1", first) != key_of("2", first)


def test_stored_files_stay_and_anything_else_in_their_field_is_ignored():
    given = FormData([("stored", "a" * 32 + " 路灯.jpg"), ("stored", "a" * 32 + " again"), ("stored", "../x")])
    assert kept(given) == [StoredFile("a" * 32, "路灯.jpg")]
    assert kept(FormData([("stored", UploadFile(file=None))])) == []  # type: ignore[arg-type]


def test_a_file_name_loses_its_folders_and_its_middle():
    assert short("C:\\fakepath\\照片.jpg") == "照片.jpg"
    assert len(short("长" * 300 + ".jpg")) == 80
    assert short("长" * 300 + ".jpg").endswith(".jpg")
    assert short("a\x00b\n.jpg") == "ab.jpg"


def test_a_rating_is_a_grade_and_a_yes_or_no():
    action = ACTIONS["rate"]
    assert body_of(action, {"rate": {"satisfaction": "satisfied", "solved": "false"}}, []) == {
        "satisfaction": "satisfied",
        "solved": False,
    }


def test_actions_are_those_that_are_possible_and_not_just_done():
    can = ["reopen", "rate", "unknown"]
    assert [each.name for each in offered(can, "", rates_only=False)] == ["rate", "reopen"]
    assert [each.name for each in offered(can, "rate", rates_only=False)] == ["reopen"]
    assert [each.name for each in offered(can, "", rates_only=True)] == ["rate"]


def test_a_refused_reason_is_shown_at_the_field_of_its_action():
    problem = ServiceProblem(422, "refused", "", "", (Reason("text-missing", "空", "empty", "reason"),))
    assert beside_action(problem, ACTIONS["reopen"]).reasons[0].field == "reopen.reason"


@pytest.mark.parametrize(
    ("amount", "unit", "words"),
    [
        (15, "working-days", ("15 个工作日", "15 working days")),
        (0, "working-days", ("当日办结", "the same working day")),
        (24, "hours", ("24 小时", "24 hours")),
    ],
)
def test_a_limit_is_in_words(amount, unit, words):
    assert limit_words(Limit(amount=amount, unit=unit)) == words


def test_a_supplement_asks_the_questions_that_the_case_waits_for():
    fault = Awaited(zh="请补充：故障。", en="", field="attributes.fault")
    asked = asked_questions(
        PLACE, [fault, Awaited(zh="请说明楼号。", en=""), Awaited(zh="", en="", field="attributes.x")]
    )
    assert [each.code for each in asked] == ["fault"]
    assert [each.name for each in ACTIONS["supplement"].specs(asked)] == [
        *("supplement.attributes.fault", "supplement.text", "supplement.address"),
    ]
    assert [each.name for each in ACTIONS["reopen"].specs(asked)] == ["reopen.reason"]
    values = {"supplement": {"text": "三号楼", "attributes": {"fault": "dark"}}}
    assert body_of(ACTIONS["supplement"], values, ["f" * 32]) == {
        "text": "三号楼",
        "attributes": [{"code": "fault", "value": "dark"}],
        "attachments": [{"file_id": "f" * 32}],
    }
