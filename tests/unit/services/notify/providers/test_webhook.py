"""What a webhook is sent, and how it knows who said it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from services.notify.providers.port import Letter, Refused
from services.notify.providers.webhook import body_of, is_signed, signature

LETTER = Letter(
    notice_id="answer.1", what="answer", to="hook", subject="", text="", data={"number": "BC-1", "结果": "已解决"}
)


def test_a_cloudevent_says_what_it_is_around_what_the_template_gave() -> None:
    assert json.loads(body_of(LETTER, cloudevent=True)) == {
        "specversion": "1.0",
        "id": "answer.1",
        "source": "/services/notify",
        "type": "cn.xiaoneng.webhook.answer.v1",
        "datacontenttype": "application/json",
        "data": {"number": "BC-1", "结果": "已解决"},
    }


def test_a_plain_body_is_what_the_template_gave_and_nothing_else() -> None:
    assert body_of(LETTER, cloudevent=False).decode() == '{"number":"BC-1","结果":"已解决"}'


def test_the_body_is_the_same_at_each_attempt() -> None:
    assert body_of(LETTER, cloudevent=True) == body_of(replace(LETTER, traceparent="00-1"), cloudevent=True)


@pytest.mark.parametrize("value", [object(), float("nan"), "\ud800"])
def test_what_json_cannot_say_is_refused_without_being_quoted(value: object) -> None:
    with pytest.raises(Refused, match=r"^template: \w+Error$"):
        body_of(replace(LETTER, data={"value": value}), cloudevent=True)


def test_a_signature_can_be_made_with_any_hmac() -> None:
    # printf '1700000000.{}' | openssl dgst -sha256 -hmac secret
    assert signature("secret", 1_700_000_000, b"{}") == (
        "t=1700000000,v1=b8569b78799ff9e3cbff0fc2d63a33a2b57f3282abd07c37ae5e8e7d79a5f163"
    )


def test_only_who_knows_the_secret_and_says_it_now_is_believed() -> None:
    said = signature("secret", 1_000_000, b"{}")
    assert is_signed("secret", said, b"{}", now=1_000_200)
    assert not is_signed("secret", said, b"{}", now=1_000_301)
    assert not is_signed("secret", said, b"{}", now=999_699)
    assert not is_signed("secret", said, b'{"a":1}', now=1_000_000)
    assert not is_signed("other", said, b"{}", now=1_000_000)
    for nonsense in ("", "t=", "t=x,v1=y", "t=1000000", "é", said.replace("t=1000000", "t=1000001")):
        assert not is_signed("secret", nonsense, b"{}", now=1_000_000)
