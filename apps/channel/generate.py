"""Made-up complaints of a place: the same seed and number always give the same complaint. Nobody in them exists.

E-mail addresses are under `example.invalid` (RFC 2606); phone numbers begin with 120, as no Chinese mobile does.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from contracts.channel import Attribute, Contact, SubmitComplaint
from contracts.channel_tables import channels_of, last_days_of
from contracts.codes import AppealType, Channel, ContactWay, ReplyBy

LONG_AGO = datetime(2026, 9, 18, 1, 0, tzinfo=UTC)
"""When the youngest complaint was spoken, where nobody says otherwise: a Friday morning in China."""
SPOKEN_WITHIN = timedelta(hours=8)

CONTACT_RATIO = 0.7
EMAIL_RATIO = 0.4
"""Of those with a contact: they are told by mail alone."""
SMS_RATIO = 0.15
"""Of those with a contact: by SMS alone."""
SMS_THEN_EMAIL_RATIO = 0.1
"""Of those with a contact: by SMS, and by mail where that does not work. All others are told by their channel."""
ABOUT_RATIO = 0.08
COMPETENT_RATIO = 0.75
"""Of the units complained about: those the case would have gone to."""
URGENT_RATIO = 0.35
"""Of the matters that can be urgent."""
IDENTITY_IN_TEXT_RATIO = 0.2
"""Of those with a contact: they say name and number in the text as well, and intake has to mask them."""

CHANNEL_WEIGHTS: Mapping[str, int] = {
    Channel.HOTLINE_12345: 50,
    Channel.WEB: 20,
    Channel.MAYOR_MAILBOX: 8,
    Channel.SERVICE_HALL: 6,
    Channel.CENTRE_96666: 5,
    Channel.PETITION_OFFICE: 4,
    Channel.ENTERPRISE_LINK: 4,
    Channel.RADIO: 3,
}
"""Of the channels that bring most; any other channel of a place counts `OTHER_CHANNEL_WEIGHT`."""
OTHER_CHANNEL_WEIGHT = 2
_APPEALS = {
    AppealType.REQUEST: 35,
    AppealType.COMPLAINT: 30,
    AppealType.CONSULT: 15,
    AppealType.REPORT: 8,
    AppealType.SUGGESTION: 7,
    AppealType.PRAISE: 5,
}
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_GIVEN = (
    "伟",
    "芳",
    "秀英",
    "敏",
    "静",
    "丽",
    "强",
    "磊",
    "洋",
    "艳",
    "勇",
    "娟",
    "涛",
    "明",
    "霞",
    "桂兰",
    "志强",
    "建华",
)
_SLOTS: Mapping[str, Sequence[str]] = {
    "road": ("人民路", "解放路", "建设大街", "朝阳路", "文化路", "新华街", "迎宾大道", "滨河路"),
    "estate": ("阳光小区", "幸福家园", "翠湖花园", "和平里小区", "锦绣苑", "东方新城", "银杏小区"),
    "shop": ("老灶台饭店", "万家超市", "好邻居便利店", "金麦烘焙店", "大拇指烧烤店"),
    "route": ("3", "7", "12", "21", "105"),
    "days": ("三天", "五天", "一周", "十多天", "半个月", "一个多月"),
    "hour": ("十", "十一", "十二"),
}
_ENDINGS = {
    AppealType.REQUEST: "希望尽快派人处理。",
    AppealType.COMPLAINT: "此前反映过没有结果，请督促处理并给予答复。",
    AppealType.REPORT: "现予以举报，请依法查处并为举报人保密。",
    AppealType.CONSULT: "请问这种情况应当由哪个部门办理、需要什么材料？",
}


@dataclass(frozen=True, slots=True)
class Accused:
    """A unit that may be complained about."""

    id: str
    zh: str
    areas: frozenset[str]
    below: frozenset[str]
    """Itself and its superiors."""


@dataclass(frozen=True)
class Place:
    """What can be complained about, where, and whom."""

    categories: Mapping[str, str]
    areas: Mapping[str, str]
    units: Sequence[Accused]
    competent: Mapping[str, str]
    """The unit that the first dispatch rule names, by category."""
    phrases: Mapping[str, Mapping[str, Any]]
    answers: Mapping[str, Sequence[Sequence[Attribute]]]
    """By category: for each question that must be answered, the answers that may be given."""
    channels: Mapping[str, int]
    """The weight of each channel of the place that is not withdrawn."""

    @classmethod
    def read(cls, directory: Path) -> Place:
        """From a folder of `policies/`. Categories without phrases get general ones."""
        tables = {name: tomllib.loads((directory / f"{name}.toml").read_text("utf-8")) for name in _FILES}
        rules = reversed(tables["dispatch"]["rule"])
        return cls(
            categories={each["code"]: each["zh"] for each in tables["categories"]["category"]},
            areas={each["code"]: each["zh"] for each in tables["areas"]["area"]},
            units=_accused(tables["units"]["unit"]),
            competent={category: rule["to"] for rule in rules for category in rule.get("categories", ())},
            phrases=tomllib.loads(Path(__file__).with_name("phrases.toml").read_text("utf-8")),
            answers={each["code"]: _answers(each) for each in tables["categories"]["category"]},
            channels=channel_weights(directory / "channels.toml"),
        )


_FILES = ("areas", "categories", "dispatch", "units")


def generate(count: int, seed: int, place_directory: Path, *, until: datetime = LONG_AGO) -> Iterator[SubmitComplaint]:
    """`count` complaints spoken in the hours before `until`. A longer run begins with the shorter one."""
    place = Place.read(place_directory)
    for number in range(count):
        yield complaint(place, seed, number, until)


def complaint(place: Place, seed: int, number: int, until: datetime) -> SubmitComplaint:
    """One complaint; depends on nothing but its arguments."""
    dice = Random(f"{seed}/{number}")  # noqa: S311 - dice, not secrets
    category = dice.choice(tuple(place.categories))
    phrases = place.phrases.get(category) or _general(place.categories[category])
    area = dice.choice([code for code in phrases.get("areas", place.areas) if code in place.areas] or [*place.areas])
    appeal = dice.choices(tuple(_APPEALS), tuple(_APPEALS.values()))[0]
    slots = {name: dice.choice(values) for name, values in _SLOTS.items()} | {"place": place.areas[area]}
    subject = dice.choice(phrases["subjects"])
    text = _text(dice, appeal, subject, phrases, slots)
    about = _about(dice, place, appeal, category, area)
    if about is not None:
        text += f"已多次向{about.zh}反映，对方互相推诿，不予受理，一并投诉该单位。"
    contact = _contact(dice, seed, number)
    if contact is not None and dice.random() < IDENTITY_IN_TEXT_RATIO:
        text += f"本人{contact.name}，电话{contact.phone}。"
    return SubmitComplaint(
        channel=dice.choices(tuple(place.channels), tuple(place.channels.values()))[0],
        external_id=f"g{seed}-{number:07d}",
        received_at=until - timedelta(seconds=dice.randrange(int(SPOKEN_WITHIN.total_seconds()))),
        appeal=appeal,
        category=category,
        area=area,
        title=slots["place"] + subject,
        text=text,
        about=about.id if about else None,
        urgent=_urgent(dice, appeal, phrases),
        contact=contact,
        attributes=tuple(Random(f"{seed}/{number}/{n}").choice(each) for n, each in enumerate(place.answers[category])),  # noqa: S311
    )


def channel_weights(file: Path) -> Mapping[str, int]:
    """The channels of a place that take complaints, with how much each brings; the well-known ones without a file."""
    tables = {"channels": tomllib.loads(file.read_text("utf-8"))} if file.is_file() else {}
    open_ones = [each for each in channels_of(tables) if each not in last_days_of(tables)]
    return {each: CHANNEL_WEIGHTS.get(each, OTHER_CHANNEL_WEIGHT) for each in open_ones or channels_of(tables)}


def _answers(category: Mapping[str, Any]) -> Sequence[Sequence[Attribute]]:
    required = (each for each in category.get("question", ()) if each.get("required"))
    return [
        [Attribute(code=each["code"], value=value["key"]) for value in each.get("values", ())]
        or [Attribute(code=each["code"], value="12")]
        for each in required
    ]


def _text(dice: Random, appeal: AppealType, subject: str, phrases: Mapping[str, Any], slots: Mapping[str, str]) -> str:
    situation = dice.choice(phrases["situations"]).format(**slots)
    if appeal is AppealType.PRAISE:
        return f"此前反映的“{subject}”问题，工作人员当天就到{slots['place']}现场处理，态度热情，结果满意，特此表扬。"
    if appeal is AppealType.SUGGESTION:
        return f"{situation}。建议{phrases['suggestion'].format(**slots)}，如不采纳请说明理由。"
    return f"{situation}。{_ENDINGS[appeal]}"


def _accused(units: Sequence[Mapping[str, Any]]) -> Sequence[Accused]:
    """All but the root, which has no superior to judge it, and the centres."""
    parents = {each["id"]: each.get("parent") for each in units}

    def line(unit: str | None) -> Iterator[str]:
        while unit is not None:
            yield unit
            unit = parents[unit]

    return [
        Accused(each["id"], each["zh"], frozenset(each["areas"]), frozenset(line(each["id"])))
        for each in units
        if "parent" in each and not each.get("dispatches")
    ]


def _about(dice: Random, place: Place, appeal: AppealType, category: str, area: str) -> Accused | None:
    """Only complaints and reports name a unit, mostly the one competent; of all that is generated, `ABOUT_RATIO` do."""
    accusing = (AppealType.COMPLAINT, AppealType.REPORT)
    share = sum(_APPEALS[each] for each in accusing) / sum(_APPEALS.values())
    drawn = dice.random() < ABOUT_RATIO / share
    here = [unit for unit in place.units if area in unit.areas]
    if not drawn or appeal not in accusing or not here:
        return None
    competent = [unit for unit in here if place.competent.get(category) in unit.below]
    return dice.choice(competent if competent and dice.random() < COMPETENT_RATIO else here)


def _urgent(dice: Random, appeal: AppealType, phrases: Mapping[str, Any]) -> bool:
    drawn = dice.random() < URGENT_RATIO
    return drawn and phrases.get("urgent", False) and appeal in (AppealType.REQUEST, AppealType.COMPLAINT)


def _contact(dice: Random, seed: int, number: int) -> Contact | None:
    if dice.random() >= CONTACT_RATIO:
        return None
    return Contact(
        name=dice.choice(_SURNAMES) + dice.choice(_GIVEN),
        phone=f"120{dice.randrange(10**8):08d}",
        email=f"g{seed}-{number}@example.invalid",
        **_ways(dice.random()),
    )


def _ways(drawn: float) -> dict[str, Any]:
    """How they chose to be told."""
    if drawn < EMAIL_RATIO:
        return {"reply_by": ReplyBy.EMAIL}
    if drawn < EMAIL_RATIO + SMS_RATIO:
        return {"ways": (ContactWay.SMS,)}
    if drawn < EMAIL_RATIO + SMS_RATIO + SMS_THEN_EMAIL_RATIO:
        return {"ways": (ContactWay.SMS, ContactWay.EMAIL)}
    return {"reply_by": ReplyBy.CHANNEL}


def _general(category: str) -> Mapping[str, Any]:
    """Words for a category that has none of its own."""
    return {
        "subjects": (f"{category}问题",),
        "situations": (f"{{place}}{{road}}{{days}}来存在{category}方面的问题，影响周边居民生活",),
        "suggestion": f"有关部门加强{category}方面的管理",
    }
