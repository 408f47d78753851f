"""What a demo shows, keeps and cleans away. That it runs is shown by `tests/integration/test_demo.py`."""

from __future__ import annotations

import json
import stat
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from types import SimpleNamespace

import pytest
from pydantic import SecretStr
from rich.console import Console
from typer.testing import CliRunner

from contracts.codes import RefusalCode
from infra.sealing import public_key_of
from services.notify.domain.vocabulary import VARIABLES
from services.notify.providers.configuration import Configuration
from services.notify.settings import NotifySettings
from tests.unit.xn.stories import AT, Told, case, ledger, named, refused, whole
from xn.audit import Ledger
from xn.audit.silence import Silent
from xn.demo import app, show
from xn.demo.city import private_key
from xn.demo.mail import MailServer
from xn.demo.providers import providers_of
from xn.demo.run import OURS, POLICIES, Plan, tidy
from xn.demo.sms import SmsGateway
from xn.demo.webhook import WebhookReceiver
from xn.place import webhooks_of

TOLD: Told = [*whole("a"), *named("c", refused("c", RefusalCode.TEXT_MISSING))]
PACE = show.Pace(seconds=2.0, messages=500, taken={"email": 3, "sms": 2, "webhook": 1})


def known() -> Ledger:
    """One case closed, one refused; submitted a second before."""
    found = ledger((), TOLD)
    for name in ("a", "c"):
        found.submit(case(name), AT - timedelta(seconds=1))
    return found


def text_of(shown: object) -> str:
    """What stands on the screen."""
    console = Console(width=200, color_system=None)
    with console.capture() as text:
        console.print(shown)
    return text.get()


def test_the_addresses_say_how_long_joining_a_group_takes(tmp_path: Path):
    console = Console(width=400, color_system=None)
    with console.capture() as text:
        show.addresses(console, {"intake": "URL"}, {"XN_KAFKA_BOOTSTRAP": "127.0.0.1:1"}, tmp_path)
    assert "3 to 5 s" in text.get()
    assert "docs/partners.md" in text.get()


def test_the_report_holds_every_figure():
    found = known()
    figures = show.report(found, found.audit(), 4, "embedded", PACE)
    wanted = (
        *("submitted", "registered", "refused", "rows_refused", "assigned", "closed", "acknowledged", "answered"),
        *("lost", "duplicated", "rated", "open_with_owner", "queued", "dead_letters", "refusal_reasons"),
        *("stages", "engine", "seconds", "messages_per_second", "passed"),
        *("mails", "sms", "webhooks", "notices", "ways_given_up", "staff_owed", "staff_told"),
    )
    assert [name for name in wanted if name not in figures] == []
    assert (figures["submitted"], figures["registered"], figures["refused"], figures["rows_refused"]) == (2, 1, 1, 4)
    assert (figures["mails"], figures["sms"], figures["webhooks"]) == (3, 2, 1)
    assert figures["notices"] == {"channel": 1, "email": 2, "sms": 0, "webhook": 0, "inbox": 0}
    assert (figures["refusal_reasons"], figures["messages_per_second"]) == ({"text-missing": 1}, 250.0)
    assert figures["stages"]["answer"] == {"cases": 1, "p50_seconds": 1.0, "p99_seconds": 1.0}
    assert json.loads(json.dumps(figures)) == figures


def test_a_report_can_be_made_when_nothing_happened():
    figures = show.report(Ledger(), Ledger().audit(), 0, "embedded", show.Pace(0.0, 0, {}))
    assert (figures["submitted"], figures["stages"], figures["complaints_per_second"]) == (0, {}, None)


def test_the_stages_are_told_in_two_languages_with_share_and_time():
    text = text_of(show.stages(known()))
    for name in show.STAGES.values():
        assert name in text
    assert "50.0%" in text


def test_every_way_is_told_with_what_its_provider_took():
    text = text_of(show.notices(known().audit(), PACE))
    for name in show.WAYS.values():
        assert name in text
    assert "0 of 0 to staff" in text
    summary = show.summary(known().audit(), PACE)
    assert "3 mails, 2 SMS, 1 webhooks, 0 in inboxes, 0 ways given up" in summary


def test_a_verdict_shows_the_sums_and_the_reasons():
    text = text_of(show.verdict(known().audit(), 4))
    for told in (
        "The audit passes",
        "✓ submitted 2 = registered 1 + refused 1",
        "✓ lost 0",
        "rows refused before submission 4",
        "refused, text-missing: 1",
    ):
        assert told in text


def test_a_verdict_on_a_loss_fails_and_names_it():
    found = known()
    found.submit(case("[b]"), AT)
    text = text_of(show.verdict(found.audit(), 0))
    assert "The audit FAILS" in text
    assert "✗ submitted 3 ≠ registered 1 + refused 1" in text
    assert "✗ lost 1" in text
    assert f"{case('[b]')}: submitted, neither registered nor refused" in text


def test_a_verdict_on_silence_fails_and_names_the_case():
    silent = Silent(case("a"), "BC-20261123-000007", "owner", AT, "beicheng-centre")
    text = text_of(show.verdict(known().audit(), 0, [silent]))
    assert "FAILS" in text
    assert "✗ silent 1" in text
    assert "BC-20261123-000007" in text
    assert "owner" in text
    figures = show.report(known(), known().audit(), 0, "embedded", PACE, [silent])
    assert (figures["silent"], figures["passed"]) == ([str(silent)], False)


def test_a_log_gets_lines_and_not_too_many(monkeypatch: pytest.MonkeyPatch):
    now = [0.0]
    monkeypatch.setattr(show, "time", SimpleNamespace(monotonic=lambda: now[0]))
    console = Console(width=200, color_system=None, force_terminal=False)
    with console.capture() as text, show.Progress(console, known(), 2) as progress:
        for _ in range(120):
            now[0] += 0.1
            progress()
    assert len(text.get().splitlines()) == 2
    assert "submitted 2  registered 1  refused 1  assigned 1  closed 1  answered 1  rated 1" in text.get()


def test_a_terminal_gets_a_bar_for_each_stage():
    text = text_of(show.bars(show.counted(known()), 2, 1.0))
    assert "递交 submitted" in text
    assert all(name in text for name in show.STAGES.values())


def test_a_key_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path):
    path = tmp_path / "keys" / "contact"
    key = private_key(path)
    assert public_key_of(key)
    assert private_key(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_only_what_a_demo_left_is_cleaned_away(tmp_path: Path):
    for name in OURS:
        (tmp_path / name).write_text("old")
    (tmp_path / "engines").unlink()
    (tmp_path / "engines" / "tansu").mkdir(parents=True)
    (tmp_path / "thesis.txt").write_text("mine")
    tidy(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["logs", "thesis.txt"]


def test_every_way_of_the_demo_place_has_its_provider_and_every_occasion_its_approved_text():
    webhooks = {id: WebhookReceiver() for id in webhooks_of(POLICIES / "demo")}
    gateway = SmsGateway()
    settings = NotifySettings(contact_private_key=SecretStr(""), dead_letter_key=SecretStr(""))
    found = Configuration.read(None, providers_of(gateway, webhooks, per_second=5.0), settings)
    assert found.sms is not None
    assert found.sms.url.get_secret_value() == gateway.url
    assert all(set(codes) == set(VARIABLES) for codes in found.sms.templates.values())
    assert [each.id for each in found.webhook] == ["city-12345", "urban-management"]
    assert {each.per_second for each in (found.sms, *found.webhook)} == {5.0}


async def test_a_mail_server_keeps_which_notices_it_took_and_no_word_of_them():
    server = MailServer(port=0)
    message = EmailMessage()
    message["Message-ID"], message["X-Xiaoneng-Notice"] = "<answer.x@city.invalid>", "answer"
    message["To"] = "li@example.com"
    message.set_content("已整改。")
    for _ in range(2):  # sent again after a crash: the same notice
        assert await server.handle_DATA(None, None, SimpleNamespace(content=message.as_bytes())) == "250 OK"
    assert (server.notices, server.message_ids) == (
        {"answer": {"<answer.x@city.invalid>"}},
        {"<answer.x@city.invalid>"},
    )
    assert server.accepted == 2
    assert "li@example.com" not in repr(vars(server))


def test_a_mail_server_without_a_mail_knows_no_ids():
    assert MailServer(port=0).message_ids == set()


@pytest.mark.parametrize(("words", "told"), [(["--engine", "rabbit"], "embedded"), (["--input", __file__], ".csv")])
def test_what_cannot_be_run_is_said_before_anything_starts(words: list[str], told: str, tmp_path: Path):
    done = CliRunner().invoke(app, [*words, "--directory", str(tmp_path / "demo")])
    assert done.exit_code == 2
    assert told in done.output
    assert not (tmp_path / "demo").exists()


def test_a_plan_without_an_input_has_generated_rows_and_time_enough(tmp_path: Path):
    plan = Plan.of(None, 30, 1, "embedded", tmp_path, keep=False, deadline=0)
    assert len(plan.rows) == 30
    assert plan.place.name == "demo"
    assert plan.deadline > 120


def test_an_input_brings_its_place(tmp_path: Path):
    path = tmp_path / "complaints.jsonl"
    path.write_text("{}\n")
    plan = Plan.of(path, 30, 1, "embedded", tmp_path, keep=False, deadline=7)
    assert (len(plan.rows), plan.place.name, plan.deadline) == (1, "demo", 7)
