"""The topic registry is complete and keeps its own rules."""

from __future__ import annotations

import re
from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest

import contracts
from contracts.channel import RateCase, SubmitComplaint
from contracts.message import Message
from contracts.registry import Registry, Topic
from contracts.roles import SERVICES
from contracts.topics import REGISTRY, all_topics

PRINCIPALS = {*SERVICES, "{channel}", "{unit}", "{system}", "{body}", "{provider}", "{service}", "operator", "public"}

topics = pytest.mark.parametrize("topic", REGISTRY.topics, ids=lambda topic: topic.name)


def declared_messages() -> list[type[Message]]:
    """Every message class of every module of the contracts; what others are made of is no message itself."""
    names = (path.stem for path in Path(contracts.__path__[0]).glob("*.py"))
    modules = [import_module(f"contracts.{name}") for name in names if name != "__init__"]
    classes = {each for module in modules for each in vars(module).values() if isinstance(each, type)}
    return sorted(
        (each for each in classes if issubclass(each, Message) and not each.__subclasses__()),
        key=lambda each: each.__name__,
    )


def test_each_message_class_travels_on_exactly_one_topic():
    carried = Counter(message for topic in REGISTRY.topics for message in topic.messages)
    assert carried == Counter(declared_messages())


def test_no_two_message_classes_share_a_type_or_a_name():
    for said in ([m.TYPE for m in declared_messages()], [m.__name__ for m in declared_messages()]):
        assert [name for name, count in Counter(said).items() if count > 1] == []


@pytest.mark.parametrize("message", declared_messages(), ids=lambda message: message.__name__)
def test_a_type_names_its_subject_its_noun_and_its_version(message: type[Message]):
    assert re.fullmatch(r"cn\.xiaoneng\.[a-z]+\.[a-z]+(-[a-z]+)*\.v[1-9][0-9]*", message.TYPE)


@pytest.mark.parametrize("message", declared_messages(), ids=lambda message: message.__name__)
def test_a_placeholder_of_a_topic_is_a_required_field_of_its_messages(message: type[Message]):
    fields = REGISTRY[message.TOPIC].fields
    assert len(fields) <= 1
    assert all(message.model_fields[name].is_required() for name in fields)


@topics
def test_a_topic_has_writer_reader_messages_and_description(topic: Topic):
    assert topic.writers
    assert topic.readers
    assert topic.messages
    assert topic.description.endswith(".")
    assert {*topic.writers, *topic.readers} <= PRINCIPALS


@topics
def test_a_topic_is_named_by_subject_and_noun(topic: Topic):
    word = r"[a-z]+(?:-[a-z]+)*"
    assert topic.name == "contacts" or re.fullmatch(rf"{word}\.(?:{word}|\{{[a-z]+\}})", topic.name)


@topics
def test_a_principal_that_is_a_placeholder_fills_the_name_of_the_topic(topic: Topic):
    placeholders = {name.strip("{}") for name in (*topic.writers, *topic.readers) if name.startswith("{")}
    assert placeholders == set(topic.fields)


def test_only_complaints_hold_identity_in_clear_briefly_and_for_intake_alone():
    (topic,) = (topic for topic in REGISTRY.topics if topic.clear_identity)
    assert topic.name == "complaints.{channel}"
    assert topic.readers == ("intake",)
    assert topic.retention_days <= 7
    assert not topic.compacted


def test_each_service_writes_to_topics_of_its_own():
    """The name of the topic tells who speaks. Families of units and channels are told apart by their placeholder."""
    assert [topic.name for topic in REGISTRY.topics if len(topic.writers) != 1] == []


def test_each_concrete_topic_belongs_to_exactly_one_declaration():
    concrete = all_topics(units=["city-12345", "events", "water-company"], bodies=["events"])
    for name, topic in concrete.items():
        assert [each for each in REGISTRY.topics if re.fullmatch(each.pattern, name)] == [topic]
        assert REGISTRY.matching(name) is topic


def test_each_concrete_topic_is_a_name_that_kafka_takes():
    names = all_topics(units=["u" * 60], bodies=["u" * 60])
    assert [name for name in names if not re.fullmatch(r"[a-zA-Z0-9._-]{1,249}", name)] == []
    assert len({name.replace(".", "_") for name in names}) == len(names), "Kafka's metrics confuse dot and underscore"


def test_the_placeholder_is_read_back_from_a_concrete_name():
    topic = REGISTRY["assignments.{unit}"]
    assert topic.expand({"unit": ["a", "b-c"]}) == ["assignments.a", "assignments.b-c"]
    assert [topic.parameter(name) for name in topic.expand({"unit": ["a", "b-c"]})] == ["a", "b-c"]
    assert REGISTRY["cases.events"].parameter("cases.events") is None


def test_a_family_cannot_be_expanded_without_the_values_of_its_placeholder():
    with pytest.raises(KeyError, match="unit"):
        REGISTRY["assignments.{unit}"].expand({"channel": ["web"]})


def test_an_undeclared_topic_is_unknown():
    with pytest.raises(KeyError):
        REGISTRY.matching("cases.rumours")
    with pytest.raises(KeyError):
        REGISTRY.matching("complaints.")


def test_a_compacted_topic_is_kept_without_a_term_and_any_other_for_its_days():
    assert REGISTRY["contacts"].config() == {"cleanup.policy": "compact", "max.message.bytes": "1048576"}
    assert REGISTRY["complaints.{channel}"].config() == {
        "cleanup.policy": "delete",
        "max.message.bytes": "2097152",
        "retention.ms": "259200000",
    }


def test_a_topic_declared_twice_is_refused():
    topic = REGISTRY["feedback.{channel}"]
    with pytest.raises(ValueError, match="declared twice"):
        Registry((topic, topic))


def test_a_message_announced_on_a_topic_not_its_own_is_refused():
    stray = Topic("stray.events", "Stray.", (SubmitComplaint, RateCase), ("intake",), ("routing",))
    with pytest.raises(ValueError, match=r"SubmitComplaint says it travels on complaints\.\{channel\}"):
        Registry((stray,))
