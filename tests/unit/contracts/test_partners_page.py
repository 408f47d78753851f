"""The page for partners agrees with the code: key algorithm, test vectors, replies, codes."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from uuid import NAMESPACE_OID, NAMESPACE_URL, UUID, uuid5

import pytest

from contracts.channel import SubmitComplaint
from contracts.codes import RefusalCode
from contracts.items import ITEMS
from contracts.message import CASES, case_id_for
from contracts.notify import Reply
from contracts.topics import REGISTRY

PAGE = (Path(__file__).parents[3] / "docs" / "partners.md").read_text(encoding="utf-8")
VECTORS = [
    (json.loads(channel), json.loads(external_id), case_id)
    for channel, external_id, case_id in re.findall(
        r"^\| `(\".*\")` \| `(\".*\")` \| `([0-9a-f-]{36})` \|$", PAGE, re.MULTILINE
    )
]


def by_hand(namespace: str, name: str) -> str:
    """UUIDv5 as RFC 9562 §5.5 describes it, without a library."""
    digest = bytearray(hashlib.sha1(UUID(namespace).bytes + name.encode(), usedforsecurity=False).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    text = digest.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def test_there_are_vectors_of_every_kind():
    assert len(VECTORS) >= 8
    assert len({case_id for _, _, case_id in VECTORS}) == len(VECTORS)
    assert any(external_id.isascii() for _, external_id, _ in VECTORS)
    assert any("\u4e00" <= letter <= "\u9fff" for _, external_id, _ in VECTORS for letter in external_id)
    assert any(ord(letter) > 0xFFFF for _, external_id, _ in VECTORS for letter in external_id)


@pytest.mark.parametrize(("channel", "external_id", "case_id"), VECTORS)
def test_a_vector_is_what_the_algorithm_of_the_page_and_our_code_give(channel: str, external_id: str, case_id: str):
    (namespace,) = re.findall(r"- namespace: `([0-9a-f-]{36})`", PAGE)
    assert by_hand(namespace, f"{channel}\n{external_id}") == case_id
    assert case_id_for(channel, external_id) == case_id


def test_the_namespaces_are_those_of_the_code():
    assert uuid5(NAMESPACE_URL, "urn:xiaoneng:cases") == CASES
    for namespace in (CASES, ITEMS, NAMESPACE_OID):
        assert f"`{namespace}`" in PAGE


def test_the_schemas_describe_the_key_with_the_same_namespace():
    for message in REGISTRY["replies.{channel}"].messages:
        assert str(CASES) in json.dumps(message.model_json_schema())
    assert "partners.md" in SubmitComplaint.model_json_schema()["properties"]["external_id"]["description"]


def test_every_reply_is_in_the_table_and_can_be_correlated():
    replies = REGISTRY["replies.{channel}"].messages
    listed = re.findall(r"^\| `(cn\.xiaoneng\.[a-z.-]+\.v\d)` \|", PAGE, re.MULTILINE)
    assert sorted(listed) == sorted(message.TYPE for message in replies)
    for message in replies:
        assert issubclass(message, Reply)
        assert {"case_id", "external_id", "submission_id"} <= set(message.model_fields)
        (row,) = re.findall(rf"^\| `{re.escape(message.TYPE)}` \|.*$", PAGE, re.MULTILINE)
        fields = re.findall(r"`([a-z_]+)`", row.rpartition("| ")[0].rpartition("| ")[2])
        assert set(fields) <= set(message.model_fields), message


def test_the_codes_and_the_body_of_the_page_are_real():
    for code in ("malformed", "unknown-type", "area-unknown"):
        assert f"`{code}`" in PAGE
        assert RefusalCode(code)
    (body,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    vector = (SubmitComplaint.model_validate_json(body).channel, json.loads(body)["external_id"])
    assert vector in {(channel, external_id) for channel, external_id, _ in VECTORS}
