"""Links in notices: whom they are for, how long they are valid, and that short messages stay within their length."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from contracts.channel import Contact
from contracts.codes import Language
from contracts.links import CaseLink, LinkPurpose, read_link
from contracts.message import case_id_for
from infra.endpoints import page_base
from services.notify.domain.samples import samples
from services.notify.domain.sending import LinkTerms, Send, Way
from services.notify.domain.templates import Templates
from services.notify.links import NoticeLinks
from services.notify.providers.configuration import SmsTable
from services.notify.providers.sms import too_long
from services.notify.settings import NotifySettings
from services.notify.writing import Writer
from tests.unit.services.speaking import demo

CASE, KEY = case_id_for("web", "T-1"), b"a key of the tests"
AT = datetime(2026, 12, 14, 4, tzinfo=UTC)
CITIZEN, DESK = "https://12345.example/pages", "https://desk.example"
TERMS = LinkTerms(2, AT + timedelta(days=400), AT + timedelta(days=30))
LINKS = NoticeLinks(KEY, CITIZEN, DESK)
MINE = {"rating_url", "case_url"}


def send(what: str = "answer", way: Way = Way.EMAIL, **more: Any) -> Send:
    facts = samples(what, Language.CHINESE)
    return Send(
        key=CASE,
        notice_id=f"{what}.{CASE}",
        way=way,
        what=what,
        language=Language.CHINESE,
        facts={name: value for name, value in facts.items() if name not in {*MINE, "rating_code"}},
        contact_box=None,
        address=None,
        traceparent=None,
        attempt=1,
        **more,
    )


def link(url: str, path: str) -> CaseLink:
    base = f"{CITIZEN}/{path}/"
    assert url.startswith(base)
    return read_link(KEY, url.removeprefix(base))


def test_an_answer_has_a_link_to_rate_it_and_one_to_the_case() -> None:
    found = LINKS.of(send(links=TERMS))
    assert link(found["rating_url"], "r") == CaseLink(CASE, LinkPurpose.RATE, 2, AT + timedelta(days=30))
    assert link(found["case_url"], "c") == CaseLink(CASE, LinkPurpose.CASE, 2, AT + timedelta(days=400))


@pytest.mark.parametrize(
    ("what", "more", "wanted"),
    [
        ("acknowledgement", {"links": replace(TERMS, rate_until=None)}, {"case_url"}),
        ("supplement", {"links": replace(TERMS, rate_until=None)}, {"case_url"}),
        ("resumed", {"links": replace(TERMS, rate_until=None)}, set()),
        ("ended", {"links": TERMS}, set()),
        ("assignment", {"about": CASE}, {"case_url"}),
        ("silence", {"about": CASE}, {"case_url"}),
        ("finding", {"about": CASE}, set()),
        ("assignment", {}, set()),
    ],
)
def test_a_notice_has_the_links_that_its_template_knows(what: str, more: dict[str, Any], wanted: set[str]) -> None:
    assert set(LINKS.of(send(what, **more))) == wanted


def test_staff_are_led_to_the_case_without_a_signature() -> None:
    assert LINKS.of(send("red", about=CASE)) == {"case_url": f"{DESK}/cases/{CASE}"}


@pytest.mark.parametrize("what", ["answer", "assignment"])
def test_a_place_without_pages_has_no_links(what: str) -> None:
    assert NoticeLinks(KEY).of(send(what, links=TERMS if what == "answer" else None, about=CASE)) == {}


def writer(sms: SmsTable | None = None, links: NoticeLinks = LINKS) -> Writer:
    files = demo()
    templates = Templates.from_tables(files.version, files.tables)
    return Writer(lambda: templates, KEY, links, sms)


CONTACT = Contact(name="李四", phone="12013800000")


def gateway(segments: int) -> SmsTable:
    return SmsTable(
        url=SecretStr("https://sms.example/"),
        access_key="a",
        secret=SecretStr("s"),
        sign_name="北城诉求中心",
        templates={},
        segments=segments,
        parameter_characters=100,
    )


@pytest.mark.parametrize(("segments", "linked"), [(1, False), (2, True)])
def test_a_short_message_has_its_link_only_where_it_fits(segments: int, linked: bool) -> None:
    table = gateway(segments)
    letter = writer(table)(send(way=Way.SMS, links=TERMS), CONTACT)
    assert (CITIZEN in letter.text) is linked
    assert ("评价码" in letter.text) is not linked
    without = writer(table, NoticeLinks(KEY))(send(way=Way.SMS, links=TERMS), CONTACT)
    assert (too_long(letter, table) is None) or letter.text == without.text


def test_a_mail_has_both_links_and_its_letter_shows_none_of_them() -> None:
    letter = writer()(send(links=TERMS), CONTACT)
    assert letter.html is not None
    for path in ("/r/", "/c/"):
        assert f"{CITIZEN}{path}" in letter.text
        assert f"{CITIZEN}{path}" in letter.html
    assert CITIZEN not in repr(letter)
    assert CITIZEN not in repr(LINKS) or KEY.decode() not in repr(LINKS)
    assert KEY.decode() not in repr(LINKS)


# ---- settings


@pytest.mark.parametrize(
    ("given", "base"),
    [
        ("https://12345.example.gov.cn", "https://12345.example.gov.cn"),
        ("https://12345.example.gov.cn/", "https://12345.example.gov.cn"),
        (" https://12345.example.gov.cn:8443/citizen/ ", "https://12345.example.gov.cn:8443/citizen"),
        ("http://localhost:8090", "http://localhost:8090"),
        ("http://127.0.0.1:8090/", "http://127.0.0.1:8090"),
        ("http://[::1]:8090", "http://[::1]:8090"),
    ],
)
def test_the_base_of_pages_has_no_slash_at_its_end(given: str, base: str) -> None:
    assert page_base(given) == base


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("12345.example.gov.cn", "no address"),
        ("ftp://12345.example", "no address"),
        ("https://", "no address"),
        ("https://12345.example/a b", "no address"),
        ("https://12345.example:x", "no address"),
        ("http://12345.example.gov.cn", "must be https"),
        ("http://10.0.0.1", "must be https"),
        ("https://me:secret@12345.example", "no user, query or fragment"),
        ("https://12345.example/?a=1", "no user, query or fragment"),
        ("https://12345.example/#top", "no user, query or fragment"),
    ],
)
@pytest.mark.parametrize("name", ["citizen_url", "desk_url"])
def test_an_address_that_cannot_be_a_base_is_refused(name: str, given: str, why: str) -> None:
    with pytest.raises(ValidationError, match=why) as caught:
        NotifySettings.model_validate(
            {"contact_private_key": "k", "dead_letter_key": "k", name: given}, context={"test": True}
        )
    assert name in str(caught.value)
    assert "secret@" not in str(caught.value)
