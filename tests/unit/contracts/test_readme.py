"""What the page for partners shows does what it says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import contracts
from contracts.codes import Channel
from contracts.topics import REGISTRY, all_topics
from tests.unit.contracts.golden import GOLDEN

FOLDER = Path(contracts.__path__[0])
PAGE = (FOLDER / "README.md").read_text(encoding="utf-8")


def snippet(number: int) -> str:
    blocks: list[str] = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    return blocks[number]


class Producer:
    """Keeps what it is given, with the signature of a Kafka client."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, dict[str, Any]]] = []

    def produce(self, topic: str, **record: Any) -> None:
        self.sent.append((topic, record))


def test_the_example_publishes_a_complaint_on_the_topic_of_its_channel():
    producer = Producer()
    exec(snippet(0), {"producer": producer})
    ((topic, record),) = producer.sent
    assert topic in all_topics(units=[])
    assert topic == f"complaints.{Channel.RADIO}"
    assert REGISTRY.matching(topic).messages[0].model_validate_json(record["value"]).key == record["key"].decode()


def test_the_example_reads_the_types_it_wants_and_skips_all_others():
    handled: list[str] = []
    records = [(sample.topic, sample.raw_headers, sample.body) for sample in GOLDEN.values()]
    exec(snippet(1), {"records": records, "handle": lambda source, id, message: handled.append(message.TYPE)})
    assert handled == ["cn.xiaoneng.complaint.answered.v1", "cn.xiaoneng.complaint.refused.v1"]


def test_every_file_that_the_page_names_is_there():
    names = re.findall(r"`([a-z/]+(?:\.(?:py|json|md)|/))`", PAGE)
    assert {"topics.py", "schemas/", "samples/", "docs/topics.md"} <= set(names)
    assert [name for name in names if not (FOLDER / name).exists() and not (FOLDER.parent / name).exists()] == []


def test_the_changelog_counts_the_types_and_topics_there_are():
    told = f"{len(REGISTRY.messages)} types on {len(REGISTRY.topics)} topics"
    assert told in (FOLDER / "CHANGELOG.md").read_text(encoding="utf-8")
