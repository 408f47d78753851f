"""A labelled set of complaints by one complainant: pairs in several words, of one matter or of two."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

Matter = tuple[str, str, str, str]
"""Category; then the thing, what is wrong and what follows from it, each in three ways of saying it."""
MATTERS: tuple[Matter, ...] = (
    (
        "noise-construction",
        "工地|建筑工地|施工现场",
        "夜里打桩|深夜施工打桩|半夜还在打桩",
        "吵得睡不着觉|噪音太大无法休息|严重影响睡眠",
    ),
    (
        "noise-commercial",
        "烧烤店|路边烧烤摊|烧烤大排档",
        "凌晨放音乐|半夜音响开得很大|通宵播放音乐",
        "老人孩子没法睡|吵得一家人休息不好|影响居民休息",
    ),
    (
        "garbage-collection",
        "垃圾桶|垃圾收集点|垃圾房",
        "三天没人清运|好几天没有清理|堆成山没人收",
        "臭气熏天|味道很难闻|苍蝇满天飞",
    ),
    (
        "street-lighting",
        "路灯|路边的灯|街灯",
        "坏了半个月不亮|一直不亮|熄灭两周没修",
        "晚上走路很危险|老人摔倒了|黑灯瞎火不安全",
    ),
    ("road-damage", "路面|马路|道路", "有个大坑|塌陷了一块|坑洼不平积水", "电动车容易摔|车子底盘刮坏|出行不便"),
    (
        "water-outage",
        "自来水|家里的水|小区供水",
        "停了两天|断断续续没水|从昨天起没有水",
        "没法做饭洗衣|生活很不方便|老人小孩用水困难",
    ),
    (
        "parking-illegal",
        "人行道|盲道|消防通道",
        "停满了私家车|被车辆占用|天天有车乱停",
        "行人只能走机动车道|推婴儿车过不去|存在安全隐患",
    ),
    (
        "property-service",
        "物业公司|小区物业|物业管理处",
        "电梯坏了不修|电梯故障没人管|迟迟不维修电梯",
        "老人上不了楼|每天爬楼梯|业主意见很大",
    ),
    (
        "wage-arrears",
        "老板|施工单位|包工头",
        "拖欠三个月工资|欠薪不给|工钱一直不发",
        "一家人等钱吃饭|春节没法回家|要求尽快支付",
    ),
    ("school-fees", "学校|幼儿园|小学", "乱收补课费|强制交资料费|额外收取费用", "家长不敢说|没有发票|希望退还"),
)
PLACES = (
    ("beicheng-shuangqiao", "双桥街道安和里3号楼"),
    ("beicheng-shuangqiao", "双桥街道建设路口"),
    ("nancheng", "南城新村西门"),
    ("nancheng", "南城农贸市场旁"),
    ("binhe", "滨河路与建设路交叉口"),
    ("binhe", "滨河公园北门"),
    ("qingshan-qingshi", "青石镇老街"),
    ("qingshan-qingshi", "青石镇三中后门"),
)
"""Area, and where in it."""
FORMS = (
    "{place}的{thing}{wrong}，{effect}，请尽快处理。",
    "您好，我是{place}的居民，{thing}{wrong}，{effect}。",
    "{effect}！{place}{thing}{wrong}，打了好几次电话都没人管。",
    "反映：{thing}{wrong}，位置在{place}，{effect}，望解决。",
    "我住在{place}附近，最近{thing}{wrong}，实在受不了，{effect}，请有关部门管一管。",
    "上次反映过的{place}{thing}{wrong}的问题还没有解决，{effect}。",
)


@dataclass(frozen=True)
class Said:
    """A complaint."""

    category: str
    area: str
    text: str


def pairs(seed: int, count: int) -> Iterator[tuple[Said, Said, bool]]:
    """Half of them are of one matter: in other words, one in ten under another category. The others are of two: another
    thing, as often as not at the same place, or the same thing at another place.
    """
    dice = Random(seed)
    for _ in range(count):
        matter, place, kind = dice.choice(MATTERS), dice.choice(PLACES), dice.random()
        one = _say(dice, matter, place)
        if kind < 0.5:
            other = _say(dice, matter, place)
            other = Said("other", other.area, other.text) if dice.random() < 0.1 else other
        elif kind < 0.75:
            another = dice.choice([each for each in MATTERS if each is not matter])
            other = _say(dice, another, place if dice.random() < 0.5 else dice.choice(PLACES))
        else:
            other = _say(dice, matter, dice.choice([each for each in PLACES if each != place]))
        yield one, other, kind < 0.5


def _say(dice: Random, matter: Matter, place: tuple[str, str]) -> Said:
    category, *parts = matter
    thing, wrong, effect = (dice.choice(part.split("|")) for part in parts)
    text = dice.choice(FORMS).format(place=place[1], thing=thing, wrong=wrong, effect=effect)
    return Said(category, place[0], text)
