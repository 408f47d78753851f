"""Places that contradict themselves are refused with file, line and field: codes, names, limits, rules, questions."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from contracts.handling_checks import consultations_can_be_held
from contracts.procedure_checks import steps_have_owners
from contracts.reference_findings import Tables
from contracts.toml_faults import Fault
from tests.support.deployment import ROOT
from xn.reference.checking import check_texts
from xn.reference.publishing import texts_of

TEXTS = {name: texts_of(ROOT / "policies" / name) for name in ("hangzhou-2004", "jiangmen-2008", "jian-county", "demo")}
CHANNEL = '\n[[channel]]\ncode = "{}"\nzh = "{}"\nen = "{}"\n'
TYPE = '\n[[type]]\nid = "x"\nzh = "x"\nen = "x"\nobligation = "{}"\nlimit = "{}"\n'
SERIES = '\n[[series]]\nid = "daily"\nzh = "x"\nen = "x"\nevery_days = 1\nto = ["leading-group"]\n'
RULE = '\n[[rule]]\nid = "{}"\nto = "planning"\n'
QUESTION = (
    '\n[[category]]\ncode = "new"\nzh = "x"\nen = "x"\n[[category.question]]\ncode = "q"\nzh = "x"\nen = "x"\n'
    'datatype = "{}"\n'
)
VALUE = '[[category.question.values]]\nkey = "k"\nzh = "x"\nen = "x"\n'
UNIT = '\n[[unit]]\nid = "{}"\nzh = "x"\nen = "x"\nlevel = "city"\nparent = "city-government"\nareas = ["city"]\n'
REVIEWERS = 'reviewed_by = "leading-group"\nreviewed_otherwise_by = ["personnel", "efficiency-office"]'

Change = Mapping[str, tuple[str, str] | str | bytes]
"""By table: words and what replaces them, lines that are added, or another content."""


def faults(place: str, changes: Change) -> list[Fault]:
    texts = {name: text.encode() for name, text in TEXTS[place].items()}
    for name, change in changes.items():
        text = TEXTS[place].get(name, "# new\n")
        if isinstance(change, bytes):
            texts[name] = change
        elif isinstance(change, str):
            texts[name] = (text + change).encode()
        else:
            assert change[0] in text
            texts[name] = text.replace(*change, 1).encode()
    found = check_texts(texts).faults
    assert all(max(each.zh) >= "一" and each.en.isascii() for each in found if "“" not in each.zh), found
    assert not any(sign in each.en for each in found for sign in ("^[", "Input should")), "no pattern, no foreign words"
    return list(found)


def line(place: str, table: str, words: str, after: int = 0) -> int:
    """The line with these words; -1: the line after the last one, where added lines begin."""
    lines = TEXTS[place].get(table, "# new\n").split("\n")
    return len(lines) + after if not words else next(n for n, each in enumerate(lines, 1) if words in each) + after


J, H, D = "jiangmen-2008", "hangzhou-2004", "demo"
CHANNELS = TEXTS[J]["channels"].count("[[channel]]")
"""Position of one more."""
CASES: dict[str, tuple[str, Change, str, int, str]] = {
    f"a channel called {code!r}": (
        J,
        {"channels": CHANNEL.format(code, "新", "new")},
        "channels",
        line(J, "channels", "", 2),
        f"channel[{CHANNELS}].code",
    )
    for code in (
        "侨乡论坛",
        "WeChat",
        "web",
        "a.b",
        "a_b",
        "a--b",
        "",
        "intake",
        "notify",
        "operator",
        "mail",
        "sms",
        "ｗｅｂ",
    )
}
CASES |= {
    "a channel with the Chinese name of another": (
        J,
        {"channels": CHANNEL.format("forum", "侨乡论坛", "new")},
        "channels",
        line(J, "channels", "", 3),
        f"channel[{CHANNELS}].zh",
    ),
    "a channel whose name has a line break": (
        J,
        {"channels": CHANNEL.format("forum", "新\\n名", "new")},
        "channels",
        line(J, "channels", "", 3),
        f"channel[{CHANNELS}].zh",
    ),
    "a unit with the name of a service": (
        J,
        {"units": UNIT.format("scoring")},
        "units",
        line(J, "units", "", 2),
        "unit[30].id",
    ),
    "a system with the name of a provider": (
        J,
        {"systems": '\n[[system]]\nid = "sms"\nzh = "x"\nen = "x"\n'},
        "systems",
        line(J, "systems", "", 2),
        "system[1].id",
    ),
    "a unit of a class that nobody compares": (
        J,
        {"units": UNIT.format("new-office") + 'class = "pulic-facing"\n'},
        "units",
        line(J, "units", "", 8),
        "unit[30].class",
    ),
    "a series that names a channel twice": (
        H,
        {"notices": SERIES + 'channels = ["web", "web"]\n'},
        "notices",
        line(H, "notices", "", 7),
        "series[0].channels[1]",
    ),
    "a series without the number of its issue": (
        H,
        {"notices": SERIES + 'number = "第期"\n'},
        "notices",
        line(H, "notices", "", 7),
        "series[0].number",
    ),
    "a series with an unknown placeholder": (
        H,
        {"notices": SERIES + 'number = "{month}第{n}期"\n'},
        "notices",
        line(H, "notices", "", 7),
        "series[0].number",
    ),
    "an interval whose day is a text": (
        H,
        {"notices": SERIES + '[[series.interval]]\nsince = "2010-09-06"\nevery_days = 7\n'},
        "notices",
        line(H, "notices", "", 8),
        "series[0].interval[0].since",
    ),
    "a proposal that only its proposer could review": (
        H,
        {"notices": (REVIEWERS, 'reviewed_by = "inspectors"')},
        "notices",
        line(H, "notices", "by = ["),
        "publication.by[2]",
    ),
    "a complaint limit that is over when it begins": (
        J,
        {"limits": ('complaint = "15 working days"', 'complaint = "0 working days"')},
        "limits",
        line(J, "limits", "complaint ="),
        "close.appeals.complaint",
    ),
    "a stage of no calendar days": (
        J,
        {"limits": ('sign = "1 working day"', 'sign = "0 calendar days"')},
        "limits",
        line(J, "limits", "sign ="),
        "stages.sign",
    ),
    "a negative limit": (
        J,
        {"limits": ('sign = "1 working day"', 'sign = "-1 working days"')},
        "limits",
        line(J, "limits", "sign ="),
        "stages.sign",
    ),
    "a limit in days": (
        J,
        {"limits": ('sign = "1 working day"', 'sign = "1 day"')},
        "limits",
        line(J, "limits", "sign ="),
        "stages.sign",
    ),
    "urgent cases later than others": (
        J,
        {"limits": ('dispatch_urgent = "2 hours"', 'dispatch_urgent = "24 hours"')},
        "limits",
        line(J, "limits", "dispatch_urgent ="),
        "stages.dispatch_urgent",
    ),
    "urgent cases alone": (
        J,
        {"limits": ('dispatch = "24 hours"\n', "")},
        "limits",
        line(J, "limits", "dispatch_urgent =", -1),
        "stages.dispatch_urgent",
    ),
    "overruns that never go up": (
        J,
        {"limits": ('escalate_after = ["1 working day", "5 working days"]', "")},
        "limits",
        line(J, "limits", "escalate ="),
        "alarms.escalate",
    ),
    "a first level at once": (
        J,
        {"limits": ('escalate_after = ["1 working day", ', 'escalate_after = ["0 working days", ')},
        "limits",
        line(J, "limits", "escalate_after ="),
        "alarms.escalate_after[0]",
    ),
    "a type done on the spot in a hundred hours": (
        H,
        {"systems": TYPE.format("on-the-spot", "100 hours")},
        "systems",
        line(H, "systems", "", 6),
        "type[6].limit",
    ),
    "a type that has no hours": (
        H,
        {"systems": TYPE.format("within-limit", "0 hours")},
        "systems",
        line(H, "systems", "", 6),
        "type[6].limit",
    ),
    "points for errors of no procedure": (
        H,
        {"scores": '\n[[deduction]]\nid = "x"\nzh = "x"\nen = "x"\nstep_error = 1\nmost = 10\n'},
        "scores",
        line(H, "scores", "", 5),
        "deduction[1].step_error",
    ),
    "a rule behind one that takes all": (
        J,
        {"dispatch": RULE.format("more") + 'categories = ["noise"]\nareas = ["city"]\n'},
        "dispatch",
        line(J, "dispatch", "", 2),
        "rule[9].id",
    ),
    "a rule that names a category twice": (
        J,
        {"dispatch": RULE.format("more") + 'categories = ["other", "other"]\n'},
        "dispatch",
        line(J, "dispatch", "", 4),
        "rule[9].categories[1]",
    ),
    "a scope rule for everything": (
        J,
        {"intake": ('words = ["受贿", "索贿", "贪污"]\n', "")},
        "intake",
        line(J, "intake", "verdict =", -1),
        "scope[0].verdict",
    ),
    "an area for city apps that there is not": (
        J,
        {"place": ('area = "city"', 'area = "moon"')},
        "place",
        line(J, "place", "area ="),
        "open311.area",
    ),
    "a choice without answers": (
        J,
        {"categories": QUESTION.format("singlevaluelist")},
        "categories",
        line(J, "categories", "", 9),
        "category[13].question[0].datatype",
    ),
    "a text with answers": (
        J,
        {"categories": QUESTION.format("string") + VALUE},
        "categories",
        line(J, "categories", "", 9),
        "category[13].question[0].datatype",
    ),
    "an answer twice": (
        J,
        {"categories": QUESTION.format("singlevaluelist") + VALUE * 2},
        "categories",
        line(J, "categories", "", 15),
        "category[13].question[0].values[1].key",
    ),
    "covert visits without an interval": (
        J,
        {"accountability": ('every = "quarter"\n', "")},
        "accountability",
        line(J, "accountability", "covert_only", -1),
        "inspections.covert_only",
    ),
    "instructions of a post that is no leader": (
        D,
        {"posts": ('id = "city-office.deputy"\n', 'id = "city-office.deputy"\ninstructs = true\n')},
        "posts",
        line(D, "posts", 'id = "city-office.deputy"', 1),
        "post[1].instructs",
    ),
    "a consultation that is required by another word": (
        D,
        {"dispatch": ("[consultation]\nrequired = true", '[consultation]\nrequired = "yes"')},
        "dispatch",
        line(D, "dispatch", "[consultation]", 1),
        "consultation.required",
    ),
    "a mark before the first byte": (
        J,
        {"channels": b"\xef\xbb\xbf" + TEXTS[J]["channels"].encode()},
        "channels",
        1,
        "channels",
    ),
    "another encoding": (
        J,
        {"channels": TEXTS[J]["channels"].encode("gbk")},
        "channels",
        line(J, "channels", "12345热线"),
        "channels",
    ),
    "lists without end": (J, {"channels": "\nx = " + "[" * 3000 + "]" * 3000 + "\n"}, "channels", 1, "channels"),
    "a file that is nearly a table": ("jian-county", {"procedure": "\n[[procedure]]\n"}, "procedure", 1, "procedure"),
}


@pytest.mark.parametrize("case", sorted(CASES))
def test_a_contradiction_is_found_where_it_is_written(case: str) -> None:
    place, changes, table, at, field = CASES[case]
    assert [(each.file, each.line, each.field) for each in faults(place, changes)] == [(f"{table}.toml", at, field)]


def test_names_are_compared_without_letter_case() -> None:
    found = faults(J, {"channels": CHANNEL.format("forum", "新", "RADIO") + CHANNEL.format("forum-2", "新二", "Radio")})
    assert [each.field for each in found] == [f"channel[{CHANNELS + 1}].en"]


def test_a_step_is_done_by_its_post_or_by_any_post_of_a_place_that_has_some() -> None:
    step = {"id": "a", "zh": "x", "en": "x"}
    tables: Tables = {"procedures": {"procedure": [{"step": [step, {**step, "id": "b", "post": "u.clerk"}]}]}}
    assert [each.path for each in steps_have_owners(tables)] == [("procedure", 0, "step", 0, "id")]
    assert list(steps_have_owners({**tables, "posts": {"post": [{"id": "u.clerk"}]}})) == []


def test_a_consultation_needs_a_centre_that_rules_and_another_unit() -> None:
    centre: dict[str, object] = {"id": "centre", "dispatches": True}

    def found(required: bool, *units: dict[str, object]) -> list[object]:
        tables: Tables = {"dispatch": {"consultation": {"required": required}}, "units": {"unit": list(units)}}
        return [each.path for each in consultations_can_be_held(tables)]

    where = ("consultation", "required")
    assert found(True, centre, {"id": "unit"}) == []
    assert found(True, {"id": "a"}, {"id": "b"}) == [where]
    assert found(True, centre) == [where]
    assert found(False, {"id": "a"}) == []


@pytest.mark.parametrize("place", sorted(TEXTS))
def test_the_places_themselves_have_no_fault(place: str) -> None:
    assert faults(place, {}) == []


@pytest.mark.parametrize(
    ("added", "field"),
    [('categories = ["no-such"]', "reply[0].categories[0]"), ('units = ["no-such"]', "reply[0].units[0]")],
)
def test_a_reply_template_names_what_exists(added: str, field: str) -> None:
    table = f'[[reply]]\ncode = "x"\nzh = "x"\nen = "x"\ntext = "x"\n{added}\n'
    (found,) = faults("demo", {"replies": table.encode()})
    assert (found.file, found.field) == ("replies.toml", field)
