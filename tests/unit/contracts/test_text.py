"""Visible text, cleaning of free text, and validation of identifiers."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any, get_args, get_origin

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from contracts.channel import Attribute, SubmitComplaint, WithdrawComplaint
from contracts.clerking import JudgeScope, RequestSupplement
from contracts.codes import Channel
from contracts.conduct import RecordFinding
from contracts.handling import ReportHandling, RequestReturn
from contracts.inspections import RecordVisit
from contracts.items import WatchItem
from contracts.message import case_id_for
from contracts.publicity import ProposePublication
from contracts.refusal_details import DETAILS
from contracts.refusals import malformed
from contracts.surveys import RecordResponses
from contracts.tables import Name
from contracts.text import cleaned, identifier_fault, is_visible
from contracts.topics import REGISTRY
from tests.unit.contracts.golden import GOLDEN
from xn.contracts import is_request

INVISIBLE = (
    "",
    " \t\r\n",
    "\u3000\u00a0\u2003\u205f",
    "\u200b\u200c\u200d\ufeff\u2060",
    "\u00ad\u061c\u180e\u200e\u200f",
    "\u2028\u2029",
    "\x00\x01\x7f\x85",
    "\u202a\u202e\u2066\u2069",
    "\u2800\u2800",
    "\u115f\u1160\u3164\uffa0",
    "\u17b4\u17b5",
    "\u0301\u20dd\ufe0f",
    "\U000e0041\U000e007f",
    "\U000e0100\u034f\u180b",
    "\ufffc",
    "\ue000\U0010fffd",
    "\ufdd0\ufffe\U0001ffff",
    "\U0002ffff",
    "\u0378",
    "\U00013441\U0001d159",
)
VISIBLE = (
    "a",
    "。",
    "1",
    "夜",
    "🙂",
    "👩\u200d👧",
    "é",
    "e\u0301",
    "हि",
    "\u200b!",
    "\U0001fae8",
    "\U0002ebf0",
    "ﷺ",
    "≈",
    "⠁",
)
FREE = st.text(st.characters() | st.sampled_from("\x00\x0b\x85\u2028\u202e\u2066\u200d\ufe0f\ufdd0\uffff\n\t"))


@pytest.mark.parametrize("text", INVISIBLE, ids=ascii)
def test_a_text_without_a_visible_character_is_none(text: str):
    assert not is_visible(text)
    assert not is_visible(cleaned(text))


@pytest.mark.parametrize("text", VISIBLE, ids=ascii)
def test_a_text_with_one_visible_character_is_one(text: str):
    assert is_visible(text)
    assert cleaned(text) == text


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("夜间\x00噪声\x07", "夜间噪声"),
        ("a\x0bb\x0cc\x85d\u2028e\u2029f", "a\nb\nc\nd\ne\nf"),
        ("请付\u202e100\u202c元\u2066!\u2069", "请付100元!"),
        ("\ufdd0a\ufffe\U0010ffff", "a"),
        ("a\ud83d", "a"),
        ("一\t二\r\n三", "一\t二\r\n三"),
        ("می\u200cخواهم 👩\u200d👧 ❤\ufe0f \u200fע", "می\u200cخواهم 👩\u200d👧 ❤\ufe0f \u200fע"),
        ("\U0001f3f4\U000e0067\U000e0062\U000e007f", "\U0001f3f4\U000e0067\U000e0062\U000e007f"),
    ],
    ids=ascii,
)
def test_cleaning_takes_out_what_harms_and_leaves_what_scripts_need(text: str, clean: str):
    assert cleaned(text) == clean


@given(FREE)
def test_cleaning_twice_changes_nothing_and_no_text_grows(text: str):
    clean = cleaned(text)
    assert cleaned(clean) == clean
    assert len(clean) <= len(text)
    kinds = {unicodedata.category(character) for character in clean if character not in "\t\r\n"}
    assert not kinds & {"Cc", "Cs", "Zl", "Zp"}
    assert is_visible(clean) == is_visible(text)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("2026-11-0001", None),
        ("a b", None),
        ("来信 12#乙", None),
        ("é", None),
        ("हिन्दी", None),
        ("🙂", None),
        ("", "identifier_blank"),
        (" ", "identifier_blank"),
        ("\u3164", "identifier_blank"),
        ("\u200b", "identifier_blank"),
        ("a ", "identifier_outer_space"),
        ("\u3000a", "identifier_outer_space"),
        ("a\n", "identifier_outer_space"),
        ("e\u0301", "identifier_not_nfc"),
        ("\u212b", "identifier_not_nfc"),
        ("a\u200b", "identifier_invisible_character"),
        ("a\ufeffb", "identifier_invisible_character"),
        ("a\tb", "identifier_invisible_character"),
        ("a\x00b", "identifier_invisible_character"),
        ("a\u202eb", "identifier_invisible_character"),
        ("a\u3000b", "identifier_invisible_character"),
        ("a\u2028b", "identifier_invisible_character"),
        ("a\u2800b", "identifier_invisible_character"),
        ("a\ue000", "identifier_invisible_character"),
        ("❤\ufe0f", "identifier_invisible_character"),
        ("\u0301b", "identifier_invisible_character"),
    ],
    ids=ascii,
)
def test_an_identifier_is_visible_characters_in_form_c(text: str, fault: str | None):
    assert identifier_fault(text) == fault


@given(FREE, FREE)
@example("é", "e\u0301")
@example("a", "a ")
def test_two_identifiers_never_look_the_same_for_a_space_or_a_form(one: str, other: str):
    def bare(text: str) -> str:
        visible = "".join(each for each in text if unicodedata.category(each)[0] not in "CZ" or each == " ")
        return unicodedata.normalize("NFC", visible.strip())

    if identifier_fault(one) is None and identifier_fault(other) is None and bare(one) == bare(other):
        assert one == other


# ---- every entry


def sent(type: str, **changes: Any) -> bytes:
    return json.dumps({**GOLDEN[type].value, **changes}).encode()


REQUIRED_TEXTS = [
    (RequestReturn, "reason"),
    (ReportHandling, "reply"),
    (RecordFinding, "facts"),
    (RecordVisit, "seen"),
    (ProposePublication, "title_zh"),
]
IDENTIFIERS = [
    (SubmitComplaint, "external_id"),
    (WithdrawComplaint, "external_id"),
    (WatchItem, "external_id"),
    (RecordFinding, "reference"),
    (RecordVisit, "visit"),
    (RecordResponses, "batch"),
    (ProposePublication, "reference"),
]


@pytest.mark.parametrize(("model", "field"), REQUIRED_TEXTS)
@pytest.mark.parametrize("text", ["\u200b\u200d\ufeff", "\u2800", "\u3164", "\x00"], ids=ascii)
def test_a_required_text_that_nobody_sees_is_refused(model: Any, field: str, text: str):
    with pytest.raises(ValidationError) as refused:
        model.model_validate_json(sent(model.TYPE, **{field: text}))
    assert [(each["loc"], each["type"]) for each in refused.value.errors()] == [((field,), "text_missing")]


@pytest.mark.parametrize(("model", "field"), IDENTIFIERS)
@pytest.mark.parametrize("id", [" ", "1 ", "e\u0301", "1\u202e", "1\x00"], ids=ascii)
def test_an_identifier_that_is_none_is_refused_and_never_changed(model: Any, field: str, id: str):
    with pytest.raises(ValidationError) as refused:
        model.model_validate_json(sent(model.TYPE, **{field: id}))
    assert [(each["loc"], each["type"]) for each in refused.value.errors()] == [((field,), identifier_fault(id))]


def test_a_complaint_loses_its_stray_characters_and_nothing_else():
    complaint = SubmitComplaint.model_validate_json(
        sent(SubmitComplaint.TYPE, text="噪\x00声\u202e。", title="\x07夜间", address="北\u2028城")
    )
    assert (complaint.text, complaint.title, complaint.address) == ("噪声。", "夜间", "北\n城")
    assert complaint.case_id == case_id_for(complaint.channel, complaint.external_id)
    assert SubmitComplaint.model_validate_json(complaint.model_dump_json()) == complaint


@pytest.mark.parametrize(
    "made",
    [
        lambda text: Attribute(code="floor", value=text).value,
        lambda text: (
            WithdrawComplaint(
                channel=Channel.WEB, external_id="1", withdrawn_at=datetime(2026, 11, 2, tzinfo=UTC), reason=text
            ).reason
        ),
        lambda text: JudgeScope.model_validate_json(sent(JudgeScope.TYPE, reply=text)).reply,
        lambda text: RequestSupplement.model_validate_json(sent(RequestSupplement.TYPE, missing=[text])).missing[0],
    ],
)
def test_a_free_text_is_cleaned_wherever_it_enters(made: Any):
    assert made("a\x00b\u202e") == "ab"


JUDGED_ELSEWHERE = {
    "phone": "by infra/contact_addresses.py",
    "email": "by infra/contact_addresses.py",
    "receipt": "compared with a hash",
    "receipt_code": "made by us",
    "code": "compared with a code that we made",
    "proposal_id": "compared with an id that we made",
}


def texts_of(model: type[BaseModel], path: str) -> Iterator[tuple[str, str]]:
    """Path and declaration of each field of plain text, those of nested models included."""
    for name, field in model.model_fields.items():
        yield from _texts(field.annotation, repr(field.metadata), f"{path}.{name}")


def _texts(annotation: Any, told: str, path: str) -> Iterator[tuple[str, str]]:
    if annotation is str:
        yield path, told
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield from texts_of(annotation, path)
    elif get_origin(annotation) is Annotated:
        yield from _texts(get_args(annotation)[0], told + repr(annotation.__metadata__), path)
    else:
        for each in get_args(annotation):
            yield from _texts(each, told, path)


def test_every_text_that_partners_write_is_cleaned_or_checked():
    """A new field fails here: annotate it with one of contracts/text.py or a pattern, or add it above."""
    asked = [message for type, message in REGISTRY.messages.items() if is_request(type)]
    texts = [each for message in asked for each in texts_of(message, message.__name__)]
    assert len(texts) > 200
    assert not [
        path
        for path, told in texts
        if not re.search("pattern=['\"r]|AfterValidator", told) and path.rpartition(".")[2] not in JUDGED_ELSEWHERE
    ]


def test_every_detail_has_a_sentence_in_chinese_and_in_english():
    for zh, en in DETAILS.values():
        assert re.search(r"[\u4e00-\u9fff].*。$", zh)
        assert re.fullmatch(r"[A-Z][ -~]+\.", en)
    assert len({zh for zh, _ in DETAILS.values()}) == len({en for _, en in DETAILS.values()}) == len(DETAILS)


def test_a_refusal_of_an_identifier_says_what_is_wrong_in_both_languages():
    told = malformed("external_id", "identifier_not_nfc")
    assert (told.code, told.field, told.detail) == ("malformed", "external_id", "identifier_not_nfc")
    assert "NFC" in told.zh
    assert "NFC" in told.en
    assert "contract" in malformed("unit", "missing").en


def test_a_name_in_a_table_is_visible_and_never_changed():
    names = TypeAdapter(Name)
    assert names.validate_python("滨江区") == "滨江区"
    for name, kind in (("\u3164", "text_missing"), ("滨\u202e江", "text_forbidden_character")):
        with pytest.raises(ValidationError) as refused:
            names.validate_python(name)
        assert refused.value.errors()[0]["type"] == kind
