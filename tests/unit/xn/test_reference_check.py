"""A bad place is refused with every fault at once: file, line, field, and what to do in two languages."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from contracts.place_comparison import differences
from contracts.place_versions import PublishedVersions
from contracts.reference_faults import faults_of
from contracts.toml_faults import Fault
from services.notify.domain.templates import Templates
from services.notify.printing.forms import Forms
from tests.support.deployment import DEMO, ROOT
from tests.unit.services.scoring.notices import complete
from xn.reference.checking import check_folder, check_texts
from xn.reference.command import app
from xn.reference.publishing import texts_of

TEXTS = texts_of(DEMO)


def faults(**changed: Callable[[str], str]) -> tuple[Fault, ...]:
    """What is wrong with the demo place after these changes of its files."""
    texts = {**TEXTS, **{name: change(TEXTS[name]) for name, change in changed.items()}}
    return check_texts({name: text.encode() for name, text in texts.items()}).faults


def swap(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return change


def at(name: str, words: str, nth: int = 1) -> int:
    """The line of the demo file on which these words stand for the nth time."""
    numbers = [n for n, line in enumerate(TEXTS[name].split("\n"), 1) if words in line]
    return numbers[nth - 1]


@pytest.mark.parametrize("folder", sorted(p for p in (ROOT / "policies").iterdir() if p.is_dir()), ids=lambda p: p.name)
def test_our_own_places_have_nothing_to_mend(folder):
    assert check_folder(folder).faults == ()


SCORES_END = len(TEXTS["scores"].split("\n"))


def ranking(rule: str) -> Callable[[str], str]:
    """Ranks, and one consequence with these last lines."""

    def change(text: str) -> str:
        ranked = swap('grading = "bands"', 'grading = "ranking"')(text)
        return f'{ranked}\n[[consequence]]\nid = "x"\nzh = "x"\nen = "x"\nbasis = "S0"\n{rule}'

    return change


CASES = {
    "an unknown unit": (
        {"dispatch": swap('to = "water-company"', 'to = "wasser"')},
        ("dispatch.toml", at("dispatch", 'to = "water-company"'), "rule[2].to"),
    ),
    "an unknown area of a unit": (
        {"units": swap('    "beicheng",\n', '    "beichen",\n')},
        ("units.toml", at("units", '"beicheng",'), "unit[0].areas[1]"),
    ),
    "an unknown category": (
        {"dispatch": swap('"water-quality"', '"wine"')},
        ("dispatch.toml", at("dispatch", '"water-quality"'), "rule[2].categories[1]"),
    ),
    "an unknown appeal": (
        {"dispatch": swap('["praise"]', '["prase"]')},
        ("dispatch.toml", at("dispatch", '["praise"]'), "rule[0].appeals[0]"),
    ),
    "a word that no document knows": (
        {"documents": swap('value = "complainant"', 'value = "phone"')},
        ("documents.toml", at("documents", 'value = "complainant"'), "document[0].row[2].boxes[0].value"),
    ),
    "a document that there is twice": (
        {"documents": swap('code = "approval"', 'code = "registration"')},
        ("documents.toml", at("documents", 'code = "approval"'), "document[1].code"),
    ),
    "a field that nobody knows": (
        {"place": lambda text: text + 'colour = "red"\n'},  # behind the last table: it belongs to that
        ("place.toml", len(TEXTS["place"].split("\n")), "open311.colour"),
    ),
    "weights that do not make a hundred": (
        {"scores": swap("direct-rating = 80", "direct-rating = 70")},
        ("scores.toml", at("scores", "[group.weights]"), "group[0].weights"),
    ),
    "a weight of a component that there is not": (
        {"scores": swap("direct-rating = 80", "charm = 80")},
        ("scores.toml", at("scores", "direct-rating = 80"), "group[0].weights.charm"),
    ),
    "a class of units in two groups": (
        {"scores": swap('classes = ["stationed"]', 'classes = ["stationed", "public-facing"]')},
        ("scores.toml", at("scores", 'classes = ["stationed"]'), "group[2].classes[1]"),
    ),
    "a class of units that there is not": (
        {"scores": swap('classes = ["stationed"]', 'classes = ["stationary"]')},
        ("scores.toml", at("scores", 'classes = ["stationed"]'), "group[2].classes[0]"),
    ),
    "bands that go up": (
        {"scores": swap("points = 80", "points = 95")},
        ("scores.toml", at("scores", "points = 80"), "band[1].points"),
    ),
    "points without a band": (
        {"scores": swap('en = "poor"\npoints = 0', 'en = "poor"\npoints = 10')},
        ("scores.toml", at("scores", 'en = "poor"') + 1, "band[3].points"),
    ),
    "a component with two sources": (
        {"scores": swap('rate = "points"', 'rate = "points"\nassessed_by = ["city-office"]')},
        ("scores.toml", at("scores", 'id = "direct-rating"'), "component[0].id"),
    ),
    "a component without a source": (
        {"scores": swap('rate = "on-time"\n', "")},
        ("scores.toml", at("scores", 'id = "on-time"'), "component[6].id"),
    ),
    "channels of what is no rate": (
        {"scores": swap('assessed_by = ["city-office"]', 'assessed_by = ["city-office"]\nchannels = ["web"]')},
        ("scores.toml", at("scores", 'assessed_by = ["city-office"]') + 1, "component[1].channels"),
    ),
    "a channel that there is not": (
        {"scores": swap('"petition-office"', '"pigeon"')},
        ("scores.toml", at("scores", '"petition-office"'), "component[0].channels[2]"),
    ),
    "a channel twice": (
        {"channels": swap('code = "wechat"', 'code = "web"')},
        ("channels.toml", at("channels", 'code = "wechat"'), "channel[14].code"),
    ),
    "a channel whose code fits no topic": (
        {"channels": swap('code = "wechat"', 'code = "WeChat"')},
        ("channels.toml", at("channels", 'code = "wechat"'), "channel[14].code"),
    ),
    "a channel without a name": (
        {"channels": swap('\nen = "WeChat"', "")},
        ("channels.toml", at("channels", 'code = "wechat"') - 1, "channel[14].en"),
    ),
    "a channel of a scope rule that there is not": (
        {"intake": swap('id = "emergency"\n', 'id = "emergency"\nchannels = ["pigeon"]\n')},
        ("intake.toml", at("intake", 'id = "emergency"') + 1, "scope[0].channels[0]"),
    ),
    "a rate that there is not": (
        {"scores": swap('rate = "points"', 'rate = "charm"')},
        ("scores.toml", at("scores", 'rate = "points"'), "component[0].rate"),
    ),
    "a body that there is not": (
        {"scores": swap('approved_by = "city-office"', 'approved_by = "city-offices"')},
        ("scores.toml", at("scores", "approved_by"), "bonus[0].approved_by"),
    ),
    "a bonus approved by who enters it": (
        {"scores": swap('approved_by = "city-office"', 'approved_by = "city-12345"')},
        ("scores.toml", at("scores", "approved_by"), "bonus[0].approved_by"),
    ),
    "two deductions of one name": (
        {"scores": swap('id = "fault"', 'id = "inspection"')},
        ("scores.toml", at("scores", 'id = "fault"'), "deduction[2].id"),
    ),
    "a consequence of a rank that nobody has": (
        {"scores": lambda text: f'{text}\n[[consequence]]\nid = "x"\nzh = "x"\nen = "x"\nbasis = "S0"\nbottom = 2\n'},
        ("scores.toml", len(TEXTS["scores"].split("\n")) + 2, "consequence[0].id"),
    ),
    "growth without a year to compare with": (
        {"scores": ranking("bottom = 2\ngrowth_below = 5\n")},
        ("scores.toml", SCORES_END + 7, "consequence[0].growth_below"),
    ),
    "a last place in a group of one": (
        {"scores": ranking("bottom = 2\n")},
        ("scores.toml", SCORES_END + 6, "consequence[0].bottom"),
    ),
    "a first place in a group of one": (
        {"scores": ranking("top = 1\n")},
        ("scores.toml", SCORES_END + 6, "consequence[0].top"),
    ),
    "a consequence for a group that there is not": (
        {"scores": ranking('groups = ["courts"]\nbottom = 2\n')},
        ("scores.toml", SCORES_END + 6, "consequence[0].groups[0]"),
    ),
    "who is dissatisfied counted as satisfied": (
        {"scores": swap('"fairly-satisfied"]', '"fairly-satisfied", "dissatisfied"]')},
        ("scores.toml", at("scores", "satisfied = ["), "ratings.satisfied[3]"),
    ),
    "a good grade counted and a better one not": (
        {"scores": swap('["very-satisfied", "satisfied", ', '["very-satisfied", ')},
        ("scores.toml", at("scores", "satisfied = ["), "ratings.satisfied[1]"),
    ),
    "a grade listed twice": (
        {"scores": swap('"fairly-satisfied"]', '"satisfied"]')},
        ("scores.toml", at("scores", "satisfied = ["), "ratings.satisfied[2]"),
    ),
    "awards by number and by share": (
        {"scores": swap("awards = 3", "awards = 3\nawards_percent = 15")},
        ("scores.toml", at("scores", "awards = 3") + 1, "group[0].awards_percent"),
    ),
    "a ladder with a gap": (
        {"accountability": swap("count = 3", "count = 4")},
        ("accountability.toml", at("accountability", "count = 3"), "step[2].count"),
    ),
    "a step with a measure that there is not": (
        {"accountability": swap('measures = ["dismissal"]', 'measures = ["exile"]')},
        ("accountability.toml", at("accountability", 'measures = ["dismissal"]'), "step[4].measures[0]"),
    ),
    "a step without a legal basis": (
        {"accountability": swap('basis = "公务员考核规定(试行)"', 'basis = ""')},
        ("accountability.toml", at("accountability", 'basis = "公务员考核规定(试行)"'), "step[4].basis"),
    ),
    "a body of appeal that there is not": (
        {"accountability": swap('appeals_to = "city-office"', 'appeals_to = "heaven"')},
        ("accountability.toml", at("accountability", "appeals_to"), "findings.appeals_to"),
    ),
    "another body of appeal that there is not": (
        {"accountability": swap('"qingshan-office"]', '"heaven"]')},
        ("accountability.toml", at("accountability", "appeals_otherwise_to"), "findings.appeals_otherwise_to[1]"),
    ),
    "a decider against whom nobody else could hear": (
        {"accountability": swap('["human-resources", "qingshan-office"]', '["human-resources", "city-office"]')},
        ("accountability.toml", at("accountability", 'post = "city-office"'), "decider.post"),
    ),
    "a body against whose findings nobody else could hear": (
        {"accountability": swap('["human-resources", "qingshan-office"]', '["city-office"]')},
        ("accountability.toml", at("accountability", 'by = ["city-office"'), "findings.by[0]"),
    ),
    "two measures of one name": (
        {"accountability": swap('id = "dismissal"', 'id = "training"')},
        ("accountability.toml", at("accountability", 'id = "dismissal"'), "measure[7].id"),
    ),
    "a limit without its unit": (
        {"limits": swap('request = "10 working days"', 'request = "10"')},
        ("limits.toml", at("limits", 'request = "10'), "close.appeals.request"),
    ),
    "an appeal without a limit": (
        {"limits": swap('praise = "10 working days"\n', "")},
        ("limits.toml", at("limits", "[close.appeals]"), "close.appeals.praise"),
    ),
    "a limit for a matter that nobody may bring": (
        {"limits": swap('heating = "5', 'heatings = "5')},
        ("limits.toml", at("limits", 'heating = "5'), "close.categories.heatings"),
    ),
    "extensions of a matter without a limit of its own": (
        {"limits": swap("times = 1\n", 'times = 1\n\n[extension.most]\nnoise-residential = "60 working days"\n')},
        ("limits.toml", at("limits", "[extension]") + 5, "extension.most.noise-residential"),
    ),
    "extensions that leave no room": (
        {"limits": swap("times = 1\n", 'times = 1\n\n[extension.most]\nheating = "5 working days"\n')},
        ("limits.toml", at("limits", "[extension]") + 5, "extension.most.heating"),
    ),
    "extensions in another unit": (
        {"limits": swap("times = 1\n", 'times = 1\n\n[extension.most]\nheating = "60 calendar days"\n')},
        ("limits.toml", at("limits", "[extension]") + 5, "extension.most.heating"),
    ),
    "measures published without a reviewer": (
        {
            "notices": swap(
                'reviewed_by = "city-office"\nreviewed_otherwise_by = ["human-resources", "qingshan-office"]', ""
            )
        },
        ("accountability.toml", at("accountability", "publish = true"), "pursuit.publish"),
    ),
    "a measure whose reviewer is the unit concerned": (
        {"notices": swap('["human-resources", "qingshan-office"]', '["human-resources"]')},
        ("accountability.toml", at("accountability", "publish = true"), "pursuit.publish"),
    ),
    "cards that do not rise": (
        {"limits": swap("yellow_ratio = 0.8", "yellow_ratio = 0.4")},
        ("limits.toml", at("limits", "yellow_ratio"), "close.rungs.yellow_ratio"),
    ),
    "a level that is told before the one below it": (
        {"limits": swap('"5 working days"]', '"1 working day"]')},
        ("limits.toml", at("limits", "escalate_after"), "alarms.escalate_after[1]"),
    ),
    "levels in different units": (
        {"limits": swap('"5 working days"]', '"500 hours"]')},
        ("limits.toml", at("limits", "escalate_after"), "alarms.escalate_after[1]"),
    ),
    "a working day that ends before it begins": (
        {"limits": swap('work_ends = "17:30"', 'work_ends = "07:30"')},
        ("limits.toml", at("limits", "work_ends"), "alarms.work_ends"),
    ),
    "a deduction of two sources": (
        {"scores": swap('assessed_by = ["city-12345"]\nmost', 'assessed_by = ["city-12345"]\nred_card = 1\nmost')},
        ("scores.toml", at("scores", 'id = "e-supervision"'), "deduction[0].id"),
    ),
    "a deduction without a source": (
        {"scores": swap('assessed_by = ["city-12345"]\nmost = 10\n', "most = 10\n")},
        ("scores.toml", at("scores", 'id = "e-supervision"'), "deduction[0].id"),
    ),
    "red cards of a system that there is not": (
        {"scores": swap('assessed_by = ["city-12345"]\nmost = 10', 'red_card = 1\nsystems = ["abacus"]\nmost = 10')},
        ("scores.toml", at("scores", 'id = "e-supervision"') + 4, "deduction[0].systems[0]"),
    ),
    "systems of what counts no items": (
        {"scores": swap('rate = "on-time"\n', 'rate = "on-time"\nsystems = ["e-supervision"]\n')},
        ("scores.toml", at("scores", 'rate = "on-time"') + 1, "component[6].systems"),
    ),
    "a time zone that is none": (
        {"place": swap("Asia/Shanghai", "Asia/Shang")},
        ("place.toml", at("place", "timezone"), "timezone"),
    ),
    "a calendar that is not known": (
        {"place": swap('"china"', '"mars"')},
        ("place.toml", at("place", "calendar"), "calendar"),
    ),
    "a prefix in small letters": (
        {"areas": swap('"BC"', '"bc"')},
        ("areas.toml", at("areas", '"BC"'), "jurisdiction[1].prefix"),
    ),
    "a prefix used twice": (
        {"areas": swap('"BC"', '"SL"')},
        ("areas.toml", at("areas", '"BC"'), "jurisdiction[1].prefix"),
    ),
    "an entry without its name": (
        {"categories": swap('zh = "施工噪声"\n', "")},
        ("categories.toml", at("categories", "[[category]]", 2), "category[1].zh"),
    ),
    "a rule for everything": (
        {"dispatch": swap('appeals = ["praise"]\n', "")},
        ("dispatch.toml", at("dispatch", "[[rule]]"), "rule[0]"),
    ),
    "a variable that nobody knows, in the third line of a text": (
        {"templates": swap("编号：{{ number }}", "编号：{{ nummer }}")},
        ("templates.toml", at("templates", "编号：{{ number }}"), "acknowledgement.zh.text"),
    ),
    "a template that is none": (
        {"templates": swap("We promise an answer by {{ promised_on }}", "We promise an answer by {{ promised_on }")},
        ("templates.toml", at("templates", "We promise an answer by"), "delayed.en.text"),
    ),
    "a value that may be absent and is not tested": (
        {"templates": swap("{{ due_on or '规定时限' }}", "{{ due_on }}")},
        ("templates.toml", at("templates", "sms_parameters"), "acknowledgement.zh.sms_parameters.day"),
    ),
    "an attribute of a value": (
        {"templates": swap("红牌：{{ unit_name }}，", "红牌：{{ unit_name.__class__ }}，")},
        ("templates.toml", at("templates", "红牌：{{ unit_name }}，"), "red.zh.sms"),
    ),
    "a notice without a text": (
        {"templates": lambda text: f'{text}\n[answer.zh]\nsubject = "x"\n'},
        ("templates.toml", len(TEXTS["templates"].split("\n")) + 1, "answer.zh.text"),
    ),
    "an occasion that there is not": (
        {"templates": lambda text: f"{text}\n[birthday.zh]\n"},
        ("templates.toml", len(TEXTS["templates"].split("\n")) + 1, "birthday"),
    ),
    "a limit of reviews where no answer can be appealed": (
        {"limits": swap("[appeal]\ndays = 30\n", "")},
        ("limits.toml", at("limits", "review ="), "stages.review"),
    ),
    "a post for a channel that there is not": (
        {"posts": swap('channels = ["hotline-12345", "centre-96666"]', 'channels = ["hotline-12345", "hotline"]')},
        ("posts.toml", at("posts", "channels ="), "post[6].channels[1]"),
    ),
    "a centre with one post, which would review its own answers": (
        {
            "posts": lambda text: (
                text + '\n[[post]]\nid = "nancheng-centre.desk"\nunit = "nancheng-centre"\nduty = "leader"\n'
            )
        },
        ("posts.toml", len(TEXTS["posts"].split("\n")) + 3, f"post[{TEXTS['posts'].count('[[post]]')}].unit"),
    ),
    "a time to answer that is over when it begins": (
        {"limits": swap("[question]\ndays = 7", "[question]\ndays = 0")},
        ("limits.toml", at("limits", "[question]") + 1, "question.days"),
    ),
    "fewer reopenings than none": (
        {"limits": swap("by_complainant = 1", "by_complainant = -1")},
        ("limits.toml", at("limits", "by_complainant"), "reopen.by_complainant"),
    ),
    "a text without its end": (
        {"place": swap('"china"', '"china')},
        ("place.toml", at("place", "calendar"), "place"),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_fault_names_file_line_and_field(case):
    changed, expected = CASES[case]
    found = faults(**changed)
    assert expected in [(fault.file, fault.line, fault.field) for fault in found]
    assert all(fault.zh and fault.en for fault in found)


WORDS = {case for case, (_, (file, *_)) in CASES.items() if file in {"templates.toml", "documents.toml"}} - {
    "a document that there is twice"
}
"""What only who fills them can judge."""


@pytest.mark.parametrize("case", sorted(WORDS))
def test_notify_refuses_words_that_cannot_be_filled(case):
    changed, _ = CASES[case]
    tables = {name: tomllib.loads(changed.get(name, str)(text)) for name, text in TEXTS.items()}
    with pytest.raises(ValueError, match=r"\w"):
        (Templates.from_tables("v", tables), Forms.from_tables(tables))


@pytest.mark.parametrize("case", sorted(set(CASES) - WORDS - {"a text without its end"}))
def test_a_service_that_is_given_the_tables_finds_the_same_faults(case):
    changed, (file, _, field) = CASES[case]
    tables = {name: tomllib.loads(changed.get(name, str)(text)) for name, text in TEXTS.items()}
    assert any(fault.startswith(f"{file}: {field}: ") for fault in faults_of(tables))


def test_a_service_misses_a_table_that_is_not_there():
    tables = {name: tomllib.loads(text) for name, text in TEXTS.items() if name != "limits"}
    assert faults_of(tables) == ("limits.toml is missing",)


NOTICE = 'source = "国办发明电〔2026〕1号"'


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (f"[[year]]\nyear = 2027\n{NOTICE}\ndays_off = [2027-01-01]\ndays_worked = [2027-01-03]\n", None),
        (f"[[year]]\nyear = 2026\n{NOTICE}\ndays_off = [2026-10-10]\ndays_worked = [2026-10-07]\n", None),
        (f"[[year]]\nyear = 2026\n{NOTICE}\n\n[[year]]\nyear = 2026\nsource = '国办发明电〔2026〕2号'\n", None),
        (
            f"[[year]]\nyear = 2027\n{NOTICE}\ndays_off = [2027-01-01]\ndays_worked = [2027-01-01]\n",
            "year[0].days_worked[0]",
        ),
        (f"[[year]]\nyear = 2027\n{NOTICE}\ndays_off = [2026-01-01]\n", "year[0].days_off[0]"),
        (f"[[year]]\nyear = 2013\n{NOTICE}\ndays_off = [2012-12-31, 2014-01-02]\n", None),
        (f"[[year]]\nyear = 2012\n{NOTICE}\ndays_worked = [2011-12-31]\n", None),
        (f"[[year]]\nyear = 2013\n{NOTICE}\ndays_off = [2012-11-30]\n", "year[0].days_off[0]"),
        (f"[[year]]\nyear = 2013\n{NOTICE}\ndays_off = [2014-02-03]\n", "year[0].days_off[0]"),
        (f"[[year]]\nyear = 2012\n{NOTICE}\ndays_worked = [2010-12-31]\n", "year[0].days_worked[0]"),
        (f"[[year]]\nyear = 2027\n{NOTICE}\n\n" * 2, "year[1]"),
        ("[[year]]\nyear = 2027\n", "year[0].source"),
    ],
)
def test_the_notice_of_a_year_names_days_that_it_can_change(text, field):
    texts = {name: content.encode() for name, content in {**TEXTS, "calendar": text}.items()}
    found = check_texts(texts).faults
    assert [(fault.file, fault.field) for fault in found] == ([("calendar.toml", field)] if field else [])


def calendar_remarks(text: str, place: str = TEXTS["place"]) -> list[str]:
    texts = {name: content.encode() for name, content in {**TEXTS, "place": place, "calendar": text}.items()}
    checked = check_texts(texts)
    assert checked.faults == ()
    return [remark for remark in checked.remarks if remark.startswith("calendar.toml: ")]


def test_the_check_names_the_notice_without_which_limits_are_provisional():
    (remark,) = calendar_remarks("")
    assert "no complete notice for 2027" in remark
    assert "on or after 2026-12-25" in remark
    assert "尚无2027年" in remark


def test_the_check_names_what_an_incomplete_notice_lacks():
    incomplete, awaited = calendar_remarks(f"[[year]]\nyear = 2027\n{NOTICE}\ndays_off = [2027-01-01]\n")
    assert "the notice for 2027 is incomplete" in incomplete
    assert "Spring Festival" in incomplete
    assert "New Year" not in incomplete
    assert "no complete notice for 2027" in awaited


def test_a_complete_notice_moves_the_remark_to_the_next_year():
    days = ", ".join(str(day) for day in sorted(complete(2027).days_off))
    (remark,) = calendar_remarks(f"[[year]]\nyear = 2027\n{NOTICE}\ndays_off = [{days}]\n")
    assert "no complete notice for 2028" in remark
    assert "2027-12-25" in remark


def test_days_added_to_a_year_of_the_package_need_no_remark_of_their_own():
    assert len(calendar_remarks(f"[[year]]\nyear = 2026\n{NOTICE}\ndays_off = [2026-03-02]\n")) == 1


def test_the_check_names_holidays_and_working_weekends_that_a_notice_cancels():
    cancelled, _ = calendar_remarks(
        f"[[year]]\nyear = 2026\n{NOTICE}\ndays_off = [2026-10-10]\ndays_worked = [2026-10-07]\n"
    )
    assert "cancels" in cancelled
    assert "2026-10-07, 2026-10-10" in cancelled
    assert "取消" in cancelled


def test_the_check_names_days_that_a_notice_does_not_change():
    for day in ("days_off = [2026-03-01]", "days_worked = [2026-03-02]"):
        idle, _ = calendar_remarks(f"[[year]]\nyear = 2026\n{NOTICE}\n{day}\n")
        assert "so anyway" in idle
        assert day.split("[")[1].strip("]") in idle


def test_a_notice_that_the_package_knows_needs_no_remark():
    days = "days_off = [2026-10-01]\ndays_worked = [2026-10-10]"
    assert len(calendar_remarks(f"[[year]]\nyear = 2026\n{NOTICE}\n{days}\n")) == 1


def test_a_notice_of_a_place_of_weekends_is_checked_as_well():
    place = TEXTS["place"].replace('calendar = "china"', 'calendar = "weekends"')
    (idle,) = calendar_remarks(f"[[year]]\nyear = 2026\n{NOTICE}\ndays_off = [2026-03-01]\n", place)
    assert "so anyway" in idle


def test_a_place_that_counts_weekends_alone_awaits_no_notice():
    assert calendar_remarks("", TEXTS["place"].replace('calendar = "china"', 'calendar = "weekends"')) == []


@pytest.mark.parametrize(("last", "named"), [(2, set()), (5, set()), (6, {"public-facing"}), (9, {"public-facing"})])
def test_a_group_has_more_units_than_its_first_and_last(last, named):
    """The group has nine units and honours three."""
    found = faults(scores=ranking(f'groups = ["public-facing", "grass-roots"]\nbottom = {last}\n'))
    assert {fault.en.split("'")[1] for fault in found} - {"grass-roots"} == named


def test_a_unit_that_is_its_own_superior_is_found():
    root = 'class = "party-and-masses"\n'
    found = faults(units=swap(root, root + 'parent = "police-beicheng"\n'))
    assert "'police-beicheng' is its own superior: correct `parent`" in [fault.en for fault in found]


def test_an_area_that_the_superior_does_not_have_is_found():
    found = faults(units=swap('    "binhe",\n', ""))
    assert ("units.toml", "unit[1].areas[4]") in {(fault.file, fault.field) for fault in found}


def test_all_faults_are_told_at_once():
    found = faults(place=swap("Asia/Shanghai", "X"), dispatch=swap('to = "water-company"', 'to = "x"'))
    assert {fault.file for fault in found} == {"place.toml", "dispatch.toml"}


def test_a_missing_file_is_named():
    without = {name: text.encode() for name, text in TEXTS.items() if name != "limits"}
    (fault,) = check_texts(without).faults
    assert (fault.file, fault.field) == ("limits.toml", "limits")


def test_a_file_without_a_model_is_allowed_and_told():
    result = check_texts({**{name: text.encode() for name, text in TEXTS.items()}, "colours": b"red = 1"})
    assert result.faults == ()
    assert any("colours.toml" in remark for remark in result.remarks)


def test_a_name_that_fits_no_topic_is_refused():
    result = check_texts({**{name: text.encode() for name, text in TEXTS.items()}, "My Table": b"red = 1"})
    assert [fault.file for fault in result.faults] == ["My Table.toml"]


def test_the_command_ends_with_one_and_names_the_place(tmp_path: Path):
    bad = tmp_path / "bad"
    shutil.copytree(DEMO, bad)
    (bad / "place.toml").write_text(TEXTS["place"].replace("Asia/Shanghai", "Mars"))
    result = CliRunner().invoke(app, ["check", str(bad)])
    assert result.exit_code == 1
    assert f"place.toml:{at('place', 'timezone')}: timezone" in result.output
    refused = CliRunner().invoke(app, ["publish", str(bad), "--bootstrap", "127.0.0.1:1"])
    assert refused.exit_code == 1, "a place with faults is refused before anybody is connected to"
    assert CliRunner().invoke(app, ["check", str(DEMO)]).exit_code == 0


def test_differences_name_entries_and_fields():
    old = {"units": {"unit": [{"id": "a", "areas": ["x"]}, {"id": "b", "areas": ["x"]}]}, "place": {"zh": "甲"}}
    new = {"units": {"unit": [{"id": "a", "areas": ["x", "y"]}, {"id": "c", "areas": ["x"]}]}, "place": {"zh": "乙"}}
    assert list(differences(old, new)) == [
        "~ place.zh: 甲 → 乙",
        "+ units.unit[a].areas: y",
        "- units.unit[b]",
        "+ units.unit[c]",
    ]
    assert list(differences(old, old)) == []


def test_the_order_of_rules_is_a_difference():
    rules = [{"id": "a", "to": "x"}, {"id": "b", "to": "x"}]
    assert list(differences({"rule": rules}, {"rule": rules[::-1]})) == ["~ rule: order changed"]


def test_nothing_published_has_no_versions():
    assert PublishedVersions().versions("demo") == []


def test_a_ladder_of_posts_without_any_posts_is_found():
    texts = {name: text.encode() for name, text in texts_of(ROOT / "policies" / "ningbo-2004").items()}
    lines = texts["accountability"].decode().split("\n")
    expected = [
        ("accountability.toml", lines.index('ladder = "post"') + 1, "step[0].ladder"),
        ("accountability.toml", lines.index("hold_the_leader = true") + 1, "pursuit.hold_the_leader"),
    ]
    for posts in ({}, {"posts": b"# None yet.\n"}):
        without = {name: text for name, text in texts.items() if name != "posts"}
        found = check_texts({**without, **posts}).faults
        assert sorted((fault.file, fault.line, fault.field) for fault in found) == sorted(expected)
        assert all("posts.toml" in fault.zh and "posts.toml" in fault.en for fault in found)
    assert check_texts(texts).faults == ()


TYPE = '[[type]]\nid = "{}"\nzh = "即办件"\nen = "x"\nobligation = "{}"\n'


@pytest.mark.parametrize(
    ("text", "line", "field"),
    [
        (TYPE.format("a", "on-the-spot") + 'limit = "0 working days"\n', 0, None),
        (TYPE.format("a", "on-the-spot") + 'limit = "2 hours"\n', 0, None),
        (TYPE.format("a", "on-the-spot"), 1, "type[0].limit"),
        (TYPE.format("a", "on-the-spot") + 'limit = "1 working day"\n', 6, "type[0].limit"),
        (TYPE.format("a", "on-the-spot") + "limit = 1\n", 6, "type[0].limit"),
        (TYPE.format("a", "by-hand"), 5, "type[0].obligation"),
        (TYPE.format("a", "told-once") * 2, 7, "type[1].id"),
    ],
    ids=["same day", "hours", "no limit", "a day", "no unit", "no such obligation", "twice"],
)
def test_types_of_items_are_checked(text, line, field):
    texts = {name: content.encode() for name, content in {**TEXTS, "systems": text}.items()}
    found = [(fault.file, fault.line, fault.field) for fault in check_texts(texts).faults]
    assert found == ([("systems.toml", line, field)] if field else [])


PROCEDURE = '[[procedure]]\nid = "{}"\nzh = "程序"\nen = "x"\n'
STEP = '[[procedure.step]]\nid = "{}"\nzh = "环节"\nen = "x"\n'


@pytest.mark.parametrize(
    ("text", "line", "field"),
    [
        (PROCEDURE.format("a") + STEP.format("one") + 'post = "beicheng-centre.director"\n', 0, None),
        (PROCEDURE.format("a") + STEP.format("one") + 'post = "cook"\n', 9, "procedure[0].step[0].post"),
        (PROCEDURE.format("a") + STEP.format("one") * 2, 10, "procedure[0].step[1].id"),
        ((PROCEDURE.format("a") + STEP.format("one")) * 2, 10, "procedure[1].id"),
        (PROCEDURE.format("a"), 1, "procedure[0].step"),
        ('[[error]]\nid = "e"\nzh = "差错"\nen = "x"\n' * 2, 6, "error[1].id"),
    ],
    ids=["a post", "no such post", "a step twice", "a procedure twice", "no steps", "an error twice"],
)
def test_procedures_are_checked(text, line, field):
    texts = {name: content.encode() for name, content in {**TEXTS, "procedures": text}.items()}
    found = [(fault.file, fault.line, fault.field) for fault in check_texts(texts).faults]
    assert found == ([("procedures.toml", line, field)] if field else [])


def test_a_deduction_for_errors_in_steps_has_no_other_source():
    head = '\n[[deduction]]\nid = "errors"\nzh = "差错"\nen = "x"\nmost = 5\nstep_error = 1\n'
    (alone,) = faults(scores=f"{{}}{head}".format)
    assert alone.field.split(".")[-1] == "step_error", "the place has no procedures"
    procedures = PROCEDURE.format("a") + STEP.format("one") + '[[error]]\nid = "e"\nzh = "差错"\nen = "x"\n'
    texts = {**TEXTS, "procedures": procedures, "scores": TEXTS["scores"] + head}
    assert check_texts({name: text.encode() for name, text in texts.items()}).faults == ()
    for other in ("red_card = 1\n", 'assessed_by = ["city-office"]\n'):
        found = check_texts(
            {name: text.encode() for name, text in {**texts, "scores": texts["scores"] + other}.items()}
        )
        assert [(fault.file, fault.field.split(".")[-1]) for fault in found.faults] == [("scores.toml", "id")]
