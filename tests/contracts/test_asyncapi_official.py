"""AsyncAPI's own JSON Schema accepts our documents.

It comes from the npm package `@asyncapi/specs`: no package for Python carries it. The marker `kafka` stands here for
"needs more tools than Python": CI runs these tests, `make test` does not, and without npm they fail, never skip.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from contracts.asyncapi import OUTSIDE, document
from contracts.roles import SERVICES

pytestmark = pytest.mark.kafka

VERSION = "6.11.1"
ARCHIVE = Path(__file__).parents[2] / "var" / "asyncapi" / f"asyncapi-specs-{VERSION}.tgz"
MEMBER = "package/schemas/3.0.0.json"


@pytest.fixture(scope="module")
def official() -> Draft7Validator:
    """The schema of AsyncAPI 3.0.0 with all its bindings, downloaded once."""
    if not ARCHIVE.exists():
        if shutil.which("npm") is None:
            pytest.fail("npm is not on PATH: apt-get install npm (Debian) or brew install node (macOS)")
        ARCHIVE.parent.mkdir(parents=True, exist_ok=True)
        command = ["npm", "pack", "--silent", "--pack-destination", str(ARCHIVE.parent), f"@asyncapi/specs@{VERSION}"]
        subprocess.run(command, check=True, timeout=120)
    with tarfile.open(ARCHIVE) as archive:
        member = archive.extractfile(MEMBER)
        assert member is not None
        schema = json.load(member)
    Draft7Validator.check_schema(schema)
    return Draft7Validator(schema)


@pytest.mark.parametrize("name", [None, *SERVICES, *OUTSIDE])
def test_the_official_schema_accepts_our_document(official: Draft7Validator, name: str | None):
    faults = [f"{error.json_path}: {error.message[:200]}" for error in official.iter_errors(document(name, replicas=3))]
    assert faults == []


@pytest.mark.parametrize(
    "path",
    [
        ("operations", "intake-receive-complaints.channel", "action"),
        ("channels", "cases.events", "bindings", "kafka", "partitions"),
        ("channels", "cases.events", "bindings", "kafka", "topicConfiguration", "cleanup.policy"),
        ("components", "messages", "CaseRegistered", "bindings", "kafka", "bindingVersion"),
        ("components", "schemas", "CaseRegistered", "type"),
        ("servers", "kafka", "protocol"),
    ],
    ids=lambda path: path[-1],
)
def test_the_official_schema_refuses_a_document_with_a_fault(official: Draft7Validator, path: tuple[str, ...]):
    said = document()
    place: Any = said
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = -1
    assert not official.is_valid(said)
