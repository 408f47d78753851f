"""Providers are read from TOML; what is wrong is told by its place, never by its value."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from infra.sealing import new_private_key
from services.notify.domain.sending import Way
from services.notify.providers.configuration import Configuration, ProvidersError
from services.notify.providers.outlets import outlets_of
from services.notify.settings import NotifySettings

SECRET = "s3cr3t-of-nobody"
WHOLE = f"""
[mail]
host = "mail.city.example"
port = 465
username = "xiaoneng"
password = "{SECRET}"
tls = true
connections = 2
per_second = 20
sender = "xiaoneng@city.example"

[sms]
url = "https://sms.example/"
access_key = "key-of-nobody"
secret = "{SECRET}"
sign_name = "效能中心"
per_second = 50

[sms.templates.zh]
acknowledgement = "SMS_1"

[[webhook]]
id = "e-supervision"
url = "https://hooks.example/{SECRET}"
secret = "{SECRET}"

[[webhook]]
id = "petition-office"
url = "http://127.0.0.1:9/"
secret = "{SECRET}"
body = "plain"
"""


def settings() -> NotifySettings:
    return NotifySettings(
        contact_private_key=SecretStr(new_private_key()),
        dead_letter_key=SecretStr(new_private_key()),
        smtp_host="old.example",
        smtp_port=2525,
        smtp_connections=3,
        sender="old@city.example",
    )


def test_every_table_is_a_provider() -> None:
    outlets = outlets_of(Configuration.read(None, WHOLE, settings()))
    assert [(each.way, each.id, each.provider.name) for each in outlets] == [
        (Way.EMAIL, "", "smtp"),
        (Way.SMS, "", "sms"),
        (Way.WEBHOOK, "e-supervision", "webhook.e-supervision"),
        (Way.WEBHOOK, "petition-office", "webhook.petition-office"),
    ]
    assert (outlets[0].terms.workers, outlets[0].terms.per_second) == (2, 20)


def test_a_file_says_the_same_as_the_text(tmp_path: Path) -> None:
    file = tmp_path / "providers.toml"
    file.write_text(WHOLE, "utf-8")
    assert Configuration.read(file, None, settings()) == Configuration.read(None, WHOLE, settings())


def test_without_a_table_mail_goes_as_the_settings_say() -> None:
    for text in (None, "", WHOLE[WHOLE.index("[sms]") :]):
        mail = Configuration.read(None, text, settings()).mail
        assert (mail.host, mail.port, mail.connections, mail.sender) == ("old.example", 2525, 3, "old@city.example")


def test_nothing_secret_is_shown() -> None:
    shown = repr(Configuration.read(None, WHOLE, settings()))
    assert "mail.city.example" in shown
    for hidden in (SECRET, "key-of-nobody", "username"):
        assert hidden not in shown


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (f'secret = "{SECRET}"\nsign_name', "sign_name", "the setting: sms.secret: Field required"),
        ('sign_name = "效能中心"', "sign_name = 7", "the setting: sms.sign_name: Input should be a valid string"),
        ("xiaoneng@city.example", f"{SECRET}", "the setting: mail.sender: Value error, neither a mail address nor"),
        ("xiaoneng@city.example", f"a@b.cn, {SECRET}@c.cn", "the setting: mail.sender: Value error, neither"),
        ("port = 465", "port = 99999", "the setting: mail.port: Input should be less than or equal to 65535"),
        ("port = 465", 'port = "465"', "the setting: mail.port: Input should be a valid integer"),
        ("per_second = 20", "per_second = nan", "the setting: mail.per_second: "),
        ("tls = true", "tls = true\nstart_tls = true", "the setting: mail: Value error, tls and start_tls exclude"),
        ("templates.zh", "templates.fr", "the setting: sms.templates.fr"),
        ('body = "plain"', 'body = "xml"', "the setting: webhook.1.body: "),
        ('id = "petition-office"', 'id = "e-supervision"', "Value error, two webhooks have one id"),
        ('id = "petition-office"', 'id = "../x"', "the setting: webhook.1.id: "),
        ("http://127.0.0.1:9/", "http://10.0.0.1/", "the setting: webhook.1: Value error, url must be https"),
        ("http://127.0.0.1:9/", "ftp://10.0.0.1/", "the setting: webhook.1: Value error, url is no address of http"),
        ("http://127.0.0.1:9/", f"https://a:{SECRET}@h/", "the setting: webhook.1: Value error, url holds a password"),
        ("http://127.0.0.1:9/", f"https://h:{SECRET}/", "the setting: webhook.1: Value error, url is no address"),
        ("connections = 2", f'connections = 2\nunknown = "{SECRET}"', "the setting: mail.unknown: Extra inputs"),
        ("port = 465", f'port = 465 "{SECRET}"', "the setting: not TOML (at line 4, column 12)"),
    ],
)
def test_what_is_wrong_is_told_by_its_place_and_never_by_its_value(before: str, after: str, said: str) -> None:
    assert before in WHOLE
    with pytest.raises(ProvidersError) as found:
        Configuration.read(None, WHOLE.replace(before, after), settings())
    assert said in str(found.value)
    assert SECRET not in str(found.value)
    assert found.value.__cause__ is None


def test_clear_text_to_another_machine_must_be_allowed() -> None:
    text = WHOLE.replace('"http://127.0.0.1:9/"', '"http://10.0.0.1/"\nallow_http = true')
    assert Configuration.read(None, text, settings()).webhook[1].url.get_secret_value() == "http://10.0.0.1/"


def test_a_file_that_is_not_there_or_not_alone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProvidersError, match=r"providers.toml: cannot be read \(FileNotFoundError\)"):
        Configuration.read(tmp_path / "providers.toml", None, settings())
    with pytest.raises(ProvidersError, match="not in both"):
        Configuration.read(tmp_path / "providers.toml", WHOLE, settings())
