"""Templates of notices: every occasion can be told, a broken template is named, and facts are shown, never obeyed."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from contracts import codes
from contracts.codes import Language
from contracts.template_tables import OCCASIONS
from services.notify.defaults import table
from services.notify.domain.facts import FactError, name_of, read_facts, shown_instant
from services.notify.domain.samples import samples
from services.notify.domain.templates import LONGEST, Rendered, TemplateError, Templates
from services.notify.domain.vocabulary import VARIABLES, Kind

PLACE = {"place": {"zh": "示例市", "en": "Shili City", "timezone": "Asia/Shanghai"}}
OURS = Templates.from_tables("demo-1", PLACE)
ZH, EN = Language.CHINESE, Language.ENGLISH
NUMBER = "BC-20261123-000042"
VOID = {"meta", "br"}
GOLDEN = Path(__file__).parent / "golden"
"""Subject, text and short message with the samples."""


def place(what: str, language: Language = ZH, **parts: Any) -> Templates:
    """The templates of a place that has words of its own for one occasion."""
    words = {"subject": "{{ number }}", "text": "{{ title }}", **parts}
    return Templates.from_tables("place-1", {**PLACE, "templates": {what: {language.value: words}}})


def refused(what: str = "answer", **parts: Any) -> TemplateError:
    """Why those words cannot be used."""
    with pytest.raises(TemplateError) as caught:
        place(what, **parts)
    return caught.value


def told(what: str = "answer", language: Language = ZH, **facts: Any) -> Rendered:
    """A notice in our own words, with these facts instead of the samples."""
    return OURS.render(what, language, {**samples(what, language), **facts})


class Balanced(HTMLParser):
    """Every element is closed by its own end."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("absent", [False, True], ids=["everything", "the-least"])
@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("what", OCCASIONS)
def test_every_occasion_can_be_told_in_both_languages(what, language, absent):
    facts = samples(what, language, absent=absent)
    rendered = OURS.render(what, language, facts)
    assert rendered.subject
    assert "\n" not in rendered.subject
    assert rendered.text.endswith("\n")
    assert "\n\n\n" not in rendered.text
    assert rendered.html
    assert rendered.sms
    assert "\n" not in rendered.sms
    for part in (rendered.subject, rendered.text, rendered.html, rendered.sms):
        assert not re.search(r"\{\{|\{%|None|Undefined|\[\]|True|False", part)
    for name, variable in VARIABLES[what].items():
        if variable.kind is Kind.LINE and not variable.optional:
            assert facts[name] in rendered.subject + rendered.text
    assert OURS.flaws(what, language) == []


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("what", OCCASIONS)
def test_mails_are_whole_and_load_nothing(what, language):
    html = told(what, language).html
    assert html
    parser = Balanced()
    parser.feed(html)
    assert parser.open == []
    assert {name for name, _ in parser.attributes}.isdisjoint({"src", "background", "onclick", "class"})
    assert "件件有回音" in html
    assert "事事有着落" in html


@pytest.mark.parametrize("what", OCCASIONS)
def test_english_notices_hold_no_chinese_but_the_head_of_the_mail(what):
    rendered = told(what, EN)
    assert not re.search(r"[\u3000-\u9fff\uff00-\uffef]", rendered.subject + rendered.text + (rendered.sms or ""))


@pytest.mark.parametrize("what", OCCASIONS)
def test_every_value_of_the_vocabulary_has_a_sample_and_is_told_in_one_part_at_least(what):
    source = "".join(table("templates")[what]["zh"].values())
    ignored = {"name", "centre", "due_on", "registered_on", "receipt_code", "category_name", "solved", "days_left"}
    for name in set(VARIABLES[what]) - ignored:
        assert name in samples(what, ZH)
        assert name in source


def test_the_occasions_of_the_table_are_those_of_the_vocabulary():
    assert list(VARIABLES) == list(OCCASIONS)


@pytest.mark.parametrize(
    ("variable", "known"),
    [
        ("result", codes.HandlingResult),
        ("ending", codes.Ending),
        ("authority", codes.Authority),
        ("cause", codes.PauseReason),
        ("satisfaction", codes.Satisfaction),
        ("clock", codes.Stage),
        ("rung", codes.Rung),
    ],
)
def test_every_code_has_words_in_both_languages(variable, known):
    for code in known:
        assert set(table("words")[variable][code.value]) == {language.value for language in Language}


def test_a_code_without_words_is_its_own_word():
    assert "因new-reason（3次）" in told("supervision", why="new-reason").text


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.txt")), ids=lambda path: path.stem)
def test_the_words_are_exactly_these(path):
    what, language = path.stem.split(".")
    rendered = told(what, Language(language))
    assert f"{rendered.subject}\n\n{rendered.text}\n{rendered.sms}\n" == path.read_text("utf-8")


@pytest.mark.parametrize("result", codes.HandlingResult)
def test_an_answer_names_its_result(result):
    assert f"结果：{name_of('result', result.value, ZH)}\n" in told(result=result.value).text


def test_a_short_message_to_a_complainant_does_not_say_what_it_is_about():
    for what in OCCASIONS[: OCCASIONS.index("assignment")]:
        for language in Language:
            sms = told(what, language).sms
            assert sms
            assert samples(what, language).get("title", "") not in sms


def test_the_words_of_a_place_stand_instead_of_ours_and_the_other_language_stays():
    own = place("red", text="立即办理 {{ number }}", sms="红牌")
    assert own.render("red", ZH, samples("red", ZH)) == Rendered(NUMBER, f"立即办理 {NUMBER}\n", None, "红牌", None, {})
    assert own.render("red", EN, samples("red", EN)) == told("red", EN)


def test_an_approved_short_message_has_its_id_and_what_is_filled_in():
    own = place("answer", sms_template="SMS_1", sms_parameters={"number": "{{ number }}", "r": "{{ result_name }}"})
    rendered = own.render("answer", ZH, samples("answer", ZH))
    assert (rendered.sms_template, rendered.sms_parameters) == ("SMS_1", {"number": NUMBER, "r": "已解决"})


def test_a_mail_of_a_place_stands_in_the_same_frame_in_its_name():
    own = place("answer", html="<p>{{ reply }}</p>")
    html = own.render("answer", ZH, samples("answer", ZH)).html
    assert html
    assert ">示例市</div>" in html
    assert "<p>经现场核查" in html


def test_a_limit_that_ends_with_a_day_ends_at_24_o_clock_of_the_place():
    zone = ZoneInfo("Asia/Shanghai")
    midnight = datetime(2026, 12, 14, 16, tzinfo=UTC)
    assert shown_instant(midnight, ZH, zone) == "2026年12月14日24时"
    assert shown_instant(midnight, EN, zone) == "14 December 2026, 24:00"
    assert shown_instant(datetime(2026, 12, 31, 9, 30, tzinfo=UTC), ZH, zone) == "2026年12月31日17:30"


# ---- what is wrong with a template is named --------------------------------------------------------------------------


def test_an_unknown_variable_is_named_with_its_line_and_what_was_meant():
    (flaw,) = refused(text="您好\n{{ nummber }}\n").flaws
    assert (flaw.what, flaw.language, flaw.part, flaw.line) == ("answer", "zh", "text", 2)
    assert flaw.en == "there is no variable 'nummber': write number"
    assert "“nummber”" in flaw.zh


def test_a_variable_of_another_occasion_is_unknown():
    assert "there is no variable 'missing'" in str(refused(text="{{ missing }}"))


def test_a_syntax_error_is_named_with_its_line():
    error = refused(html="<p>\n\n{% if rating_url %}</p>")
    assert [(flaw.part, flaw.line) for flaw in error.flaws] == [("html", 3)]
    assert str(error).startswith("answer.zh.html, line 3: is no template: ")


def test_a_missing_part_is_named():
    with pytest.raises(TemplateError) as caught:
        Templates.from_tables("p", {**PLACE, "templates": {"answer": {"zh": {"subject": "x"}}}})
    assert [(flaw.what, flaw.language, flaw.part) for flaw in caught.value.flaws] == [("answer", "zh", "text")]


@pytest.mark.parametrize(
    ("tables", "named"),
    [
        ({"answers": {}}, "answers"),
        ({"answer": {"fr": {}}}, "answer.fr"),
        ({"answer": {"zh": {"subject": "a\nb", "text": "x"}}}, "answer.zh.subject"),
        ({"answer": {"zh": {"subject": "a", "text": "x", "colour": "red"}}}, "answer.zh.colour"),
        ({"answer": {"zh": {"subject": "a", "text": "x", "sms_template": "no blanks"}}}, "answer.zh.sms_template"),
        ({"answer": {"zh": {"subject": "a", "text": "x", "sms_parameters": {"n": "1"}}}}, "answer.zh.sms_parameters"),
    ],
)
def test_a_table_that_does_not_fit_is_named(tables, named):
    with pytest.raises(TemplateError) as caught:
        Templates.from_tables("p", {**PLACE, "templates": tables})
    assert str(caught.value).startswith(f"{named}: ")


def test_every_flaw_is_told_at_once():
    error = refused(subject="{{ x }}", text="{{ y }}", html="{{ z", sms="{{ number.__class__ }}")
    assert [flaw.part for flaw in error.flaws] == ["subject", "text", "html", "sms"]


def test_a_value_that_may_be_absent_has_to_be_tested():
    (flaw,) = refused(text="一\n二\n查询码 {{ receipt_code }}").flaws
    assert (flaw.part, flaw.line) == ("text", 3)
    assert "'receipt_code' is undefined" in flaw.en
    assert "if 判断" in flaw.zh
    for tested in (
        "{% if receipt_code %}{{ receipt_code }}{% endif %}",
        "{{ receipt_code or '无' }}",
        "{{ receipt_code | default('无') }}",
        "{{ '无' if receipt_code is none else receipt_code }}",
    ):
        assert place("answer", text="x" + tested).flaws("answer", ZH) == []


@pytest.mark.parametrize("source", ["{{ reasons }}", "{{ solved }}", "{{ none }}"])
def test_what_is_no_text_and_no_number_cannot_be_shown(source):
    what = "rating-counted" if "solved" in source else "rating-refused"
    assert "cannot be shown" in str(refused(what, text=source))


def test_a_text_that_says_nothing_is_a_flaw():
    assert "answer.zh.text, line 1: says nothing" in str(refused(text="{% if rating_code == 'x' %}y{% endif %}"))


# ---- a template reaches nothing --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__ }}",
        "{{ ''['__class__'] }}",
        "{{ number.upper() }}",
        "{{ number.upper }}",
        "{{ number | attr('upper') }}",
        "{{ self }}",
        "{{ self.__init__.__globals__ }}",
        "{{ lipsum() }}",
        "{{ cycler('a') }}",
        "{{ namespace(a=1) }}",
        "{{ rows.__globals__ }}",
        "{{ rows['_environment'] }}",
        "{{ '{0.__class__}'.format(number) }}",
        "{{ '%s' % number }}",
        "{{ number | format }}",
        "{{ reply | safe }}",
        "{{ loop }}",
        "{% for each in [1] %}{{ loop._iterator }}{% endfor %}",
        "{% include 'layout.html' %}",
        "{% import 'blocks.html' as b %}x",
        "{% extends 'layout.html' %}",
        "{% block a %}x{% endblock %}",
        "{% set x = number %}x",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% filter upper %}x{% endfilter %}",
    ],
)
@pytest.mark.parametrize("part", ["text", "html"])
def test_what_lies_behind_a_value_is_out_of_reach(source, part):
    error = refused(**{part: f"一\n{source}"})
    assert {(flaw.part, flaw.line) for flaw in error.flaws} == {(part, 2)}


@pytest.mark.parametrize(
    "source",
    [
        "{{ 'x' * 1000000000 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ number | center(1000000000) }}",
        "{{ number | indent(1000000000) }}",
        "{% for n in range(1000000000) %}x{% endfor %}",
        "{% for a in reply %}{% for b in reply %}x{% endfor %}{% endfor %}",
        "{% for a in [[1]] recursive %}{{ loop(a) }}{% endfor %}",
        "{{ reply | join(reply) | join(reply) | join(reply) }}",
        "{{ points('', points('', points('', reply))) }}",
        "{{ " + "not " * 10_000 + "number }}",
        "{{ " + "(" * 5_000 + "number" + ")" * 5_000 + " }}",
        "{{ " + "1 + " * 4_000 + "1 }}",
        "{% if number %}" * 900 + "{% endif %}" * 900,
    ],
    ids=lambda source: source[:30],
)
@pytest.mark.timeout(10)
def test_nothing_that_grows_without_end_is_begun(source):
    assert {flaw.part for flaw in refused(html=source).flaws} == {"html"}


@pytest.mark.timeout(10)
def test_a_notice_that_grows_too_long_is_not_sent():
    own = place("answer", text="{% for each in reply %}{{ reply }}{% endfor %}")
    with pytest.raises(TemplateError, match=r"^answer\.zh\.text.*more than 200000 characters"):
        own.render("answer", ZH, {**samples("answer", ZH), "reply": "长" * 4_000})


# ---- facts are shown, never obeyed -----------------------------------------------------------------------------------


def test_a_template_in_a_fact_stays_as_it_is():
    rendered = told(title="{{7*7}} {% if x %} {{ ''.__class__ }}", reply="{{ number }} {# gone? #}")
    assert "“{{7*7}} {% if x %} {{ ''.__class__ }}”" in rendered.text
    assert "\n{{ number }} {# gone? #}\n" in rendered.text
    assert rendered.html
    assert "{{7*7}}" in rendered.html
    assert "49" not in rendered.text


def test_html_in_a_fact_is_escaped_in_the_mail_and_plain_in_the_text():
    attack = "<script>alert(1)</script><img src=x onerror='a'>\" onmouseover=\""
    rendered = told(title=attack, reply=attack, reasons=[attack], name=attack, unit_name=attack)
    assert rendered.html
    assert "<script" not in rendered.html
    assert "<img" not in rendered.html
    assert rendered.html.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 5
    assert attack in rendered.text
    parser = Balanced()
    parser.feed(rendered.html)
    assert {name for name, _ in parser.attributes}.isdisjoint({"onerror", "onmouseover"})


def test_a_fact_in_the_subject_is_escaped_in_the_head_of_the_mail():
    rendered = told("red", title="</title><script>")
    assert rendered.html
    assert "<script" not in rendered.html
    assert rendered.subject.endswith("</title><script>")


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"])
def test_a_subject_stays_one_line_whatever_a_fact_holds(newline):
    rendered = told("red", title=f"噪声{newline}Bcc: all@example.org{newline}{newline}正文")
    assert rendered.subject == f"红牌：{NUMBER} 噪声 Bcc: all@example.org 正文"
    assert "“噪声 Bcc: all@example.org 正文”" in rendered.text


def test_marks_of_direction_and_controls_are_taken_out():
    hidden = "\u202e\u2066\u200f\u200b\u2069\x00\x1b[2J\x07\ufeff\ud800\U000e0041"
    rendered = told("red", title=f"噪{hidden}声", unit_name=f"局{hidden}")
    answer = told(reply=f"已{hidden}解决\n第二{hidden}行")
    assert rendered.subject == f"红牌：{NUMBER} 噪[2J声"
    for part in (rendered.subject, rendered.text, rendered.html, rendered.sms, answer.text, answer.html):
        assert part
        assert not set(part) & set(hidden) - set("[2J")
        part.encode()
    assert "已[2J解决\n第二[2J行\n" in answer.text


def test_names_of_other_scripts_and_emoji_are_kept():
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    assert f"ئۇيغۇر {family} Zoë，您好" in told(name=f"ئۇيغۇر {family} Zoë").text


def test_what_is_too_long_is_cut():
    rendered = told("red", title="长" * 1_000, unit_name="局" * 1_000)
    assert len(rendered.subject) == LONGEST["subject"]
    assert rendered.sms
    assert len(rendered.sms) == LONGEST["sms"]
    assert rendered.subject.endswith("…")


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://a.example/\n", "https://a.example/'><script>", "//a"])
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(TemplateError, match="rating_url is no link"):
        told(rating_url=url)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"number": None}, "answer needs number"),
        ({"numbr": "x"}, "answer knows no numbr"),
        ({"number": 7}, "number is no line"),
        ({"registered_on": datetime(2026, 11, 23, tzinfo=UTC)}, "registered_on is no date"),
        ({"reasons": "one"}, "reasons is no lines"),
        ({"reasons": [1]}, "an element of reasons does not fit lines"),
        ({"reopen_days": True}, "reopen_days is no number"),
    ],
)
def test_facts_that_do_not_fit_are_named_without_their_value(facts, said):
    with pytest.raises(TemplateError, match=f"^answer.zh.facts: {said}$"):
        told(**facts)


def test_an_instant_without_its_zone_is_refused():
    with pytest.raises(TemplateError, match="due_at is no instant"):
        told("red", due_at=datetime(2026, 11, 23))  # noqa: DTZ001


def test_a_record_with_other_fields_is_refused():
    with pytest.raises(TemplateError, match="an element of cases does not fit records"):
        told("daily", cases=[{"number": "x"}])


def as_text(value: Any) -> str:
    """A fact as it travels."""
    match value:
        case bool():
            return str(value).lower()
        case [str(), *_]:
            return "\n".join(value)
        case [dict(), *_]:
            return json.dumps([{name: as_text(each) for name, each in record.items()} for record in value])
        case date():  # an instant, too
            return value.isoformat()
        case _:
            return str(value)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("what", OCCASIONS)
def test_facts_that_travel_as_texts_are_the_same_when_they_arrive(what, language):
    facts = samples(what, language)
    travelled = {name.replace("_", "-"): as_text(value) for name, value in facts.items()}
    assert read_facts(what, travelled) == facts


@pytest.mark.parametrize(
    ("what", "texts", "said"),
    [
        ("red", {"days-left": "three"}, "days-left is no number"),
        ("red", {"due-at": "tomorrow"}, "due-at is no instant"),
        ("red", {"colour": "red"}, "red knows no colour"),
        ("assignment", {"urgent": "yes"}, "urgent is no flag"),
        ("daily", {"cases": "[1]"}, "cases is no records"),
        ("daily", {"cases": "{"}, "cases is no records"),
        ("daily", {"cases": '[{"colour": "red"}]'}, "cases is no records"),
    ],
)
def test_a_text_that_is_not_what_it_should_be_is_named_without_its_value(what, texts, said):
    with pytest.raises(FactError, match=f"^{said}$"):
        read_facts(what, texts)


def test_every_kind_is_shown_in_its_own_way():
    shown = {each.kind for vocabulary in VARIABLES.values() for each in vocabulary.values()}
    assert shown == set(Kind)
    assert "按时办结率：98.14%\n" in told("weekly", on_time_ratio=0.9814).text
    assert "（王府，时限2026年1月2日）" in told(
        "daily", cases=[{"number": "A", "title": "b", "unit_name": "王府", "due_on": date(2026, 1, 2)}]
    ).text  # fmt: skip
