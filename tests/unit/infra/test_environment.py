"""Names of environment variables: known ones are accepted, unknown ones with our prefix are refused."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from infra.environment import check_names, known_names
from infra.exits import Exit, Fault
from infra.sealing import new_private_key
from tests.support.forked import run
from xn.settings import names

ROOT = Path(__file__).resolve().parents[3]
STRANGERS = {"XN_HTTP_PROT", "XN_KAFKA_BOOTSTRAPS", "XN_QQQQ", "XN_SOMETHING_ELSE"}
"""Names that tests have refused."""


def test_the_list_holds_what_the_settings_and_options_name() -> None:
    assert known_names() == set(names().split())


def test_every_name_that_the_code_mentions_is_known() -> None:
    """Deployments, benches and tests set names that no class of settings would have to know."""
    found = {
        name
        for folder in ("apps", "bench", "infra", "services", "tests", "xn")
        for path in (ROOT / folder).rglob("*.py")
        for name in re.findall(r'"(XN_[A-Z0-9_]*[A-Z0-9])"', path.read_text("utf-8"))
    }
    assert len(found) > 25
    assert found - known_names() <= STRANGERS


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("XN_HTTP_PROT", "XN_HTTP_PROT is no setting: do you mean XN_HTTP_PORT?"),
        ("xn_http_prot", "xn_http_prot is no setting: do you mean XN_HTTP_PORT?"),
        ("XN_KAFKA_BOOTSTRAPS", "XN_KAFKA_BOOTSTRAPS is no setting: do you mean XN_KAFKA_BOOTSTRAP?"),
        ("XN_QQQQ", "XN_QQQQ is no setting: see docs/settings.md"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(name: str, line: str) -> None:
    with pytest.raises(Fault) as raised:
        check_names({name: "1", "PATH": "/", "XN_HTTP_PORT": "1", "xn_log_level": "INFO"})
    assert (raised.value.code, str(raised.value)) == (Exit.SETTING, line)


@pytest.mark.parametrize(
    ("environment", "line"),
    [
        ({"XN_SOMETHING_ELSE": "1"}, "XN_SOMETHING_ELSE is no setting"),
        ({"XN_HTTP_PORT": "hunter2"}, "XN_HTTP_PORT: Input should be a valid integer"),
        ({"XN_KAFKA_BOOTSTRAP": "hunter2"}, "XN_KAFKA_BOOTSTRAP: hunter2 is no host:port"),
        ({"XN_MONGO_URI": "mongodb://x:hunter2@h:port/"}, "XN_MONGO_URI: malformed"),
        ({"XN_POLICIES": "/nowhere", "XN_REFERENCE": "folder"}, "/nowhere is not a folder"),
        ({"XN_HTTP_KEYS_FILE": "/nowhere"}, "/nowhere: cannot be read"),
    ],
)
async def test_a_service_that_cannot_start_says_so_in_one_line(
    tmp_path: Path, environment: dict[str, str], line: str
) -> None:
    known = {"XN_DEAD_LETTER_KEY": new_private_key(), "XN_POLICIES": str(ROOT / "policies" / "demo")}
    code, printed = await run(
        "services.routing", env={**os.environ, **known, **environment}, log=tmp_path / "routing.log"
    )
    assert code in {Exit.SETTING, Exit.FILE, Exit.CONTENT}
    assert len(printed.splitlines()) == 1, printed
    assert line in printed
