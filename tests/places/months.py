"""A month of each place of the sources: how many complaints of which kind came, who answers, how many are left.

The figures are the sources' own, divided where they are too large to be replayed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from contracts.channel import SubmitComplaint
from contracts.codes import AppealType, Channel


@dataclass(frozen=True)
class Lot:
    """So many complaints of one kind."""

    count: int
    category: str
    area: str
    unit: str | None = None
    """Who answers; None: whoever the dispatcher chooses, or nobody where it is out of scope."""
    left_open: int = 0
    """The last so many are not answered within the month."""
    unhappy: int = 0
    """The first so many say that they are not satisfied, and that nothing is solved."""
    sent_to: tuple[str, ...] = ()
    """Where no rule speaks about it: to whom the dispatcher sends it in turn. All but the last give it back."""
    redone: bool = False
    """Whoever verifies has each done again once."""
    channel: Channel = Channel.CENTRE_96666
    appeal: AppealType = AppealType.COMPLAINT


@dataclass(frozen=True)
class Said:
    """One complaint of a lot."""

    lot: Lot
    complaint: SubmitComplaint
    left_open: bool
    unhappy: bool


@dataclass(frozen=True)
class Month:
    """What happens in a place."""

    place: str
    lots: tuple[Lot, ...]
    received: int
    closed: int
    out_of_scope: int = 0
    """So many of them end with a reply that says why (不属于受理范围)."""
    closing_rate: str | None = "100.00"
    """办结率, as the source has it; None where it has one for each channel."""
    in_scope_rate: str = "100.00"
    """How many of those received a unit had to answer, as the source has it."""

    def complaints(self, start: datetime, end: datetime) -> Iterator[Said]:
        """Spread over the month by dice that always fall the same."""
        dice = Random(self.place)
        for n, lot in enumerate(self.lots):
            for i in range(lot.count):
                at = start + timedelta(seconds=dice.random() * (end - start).total_seconds())
                complaint = SubmitComplaint(
                    channel=lot.channel,
                    external_id=f"{self.place}-{n}-{i}",
                    received_at=at,
                    appeal=lot.appeal,
                    category=lot.category,
                    area=lot.area,
                    title=f"第{n}类第{i}件",
                    text=f"{lot.category} {i}：请予处理。",
                )
                yield Said(lot, complaint, left_open=i >= lot.count - lot.left_open, unhappy=i < lot.unhappy)


JIAN = Month(
    "jian-county",
    # S1¶4: “共受理各类投诉161件,通过自办、联办、转办等形式办结158件,正在调处3件,办结率98.14”
    (
        Lot(60, "service-attitude", "county-town", "efficiency-centre"),
        Lot(31, "illegal-charges", "county", "finance"),
        Lot(20, "rough-enforcement", "county", "forestry"),
        Lot(20, "enterprise-environment", "county-town", "commerce"),
        Lot(15, "power-cut", "jiebu", "jiebu-township", left_open=3),
        Lot(15, "farmers-burden", "dayangzhou", "dayangzhou-town"),
    ),
    received=161,
    closed=158,
    closing_rate="98.14",
)
JIAOZUO = Month(
    "jiaozuo-2006",
    # S0: “涉及基层站所的占83%”
    (
        Lot(50, "service-attitude", "wenxian", "zhangqiang-commerce", channel=Channel.WEB),
        Lot(33, "public-order", "qinyang", "wangzhao-police", channel=Channel.WEB),
        Lot(10, "road-transport", "city", "road-transport", channel=Channel.WEB),
        Lot(7, "housing-certificate", "city", "housing", channel=Channel.WEB),
    ),
    received=100,
    closed=100,
)
JIANGMEN = Month(
    "jiangmen-2008",
    # S2: “共处理市领导手机信息事项468件,办结460件,办结率为98.3%”: a quarter of it
    (
        Lot(60, "enterprise-environment", "city", "economy", channel=Channel.LEADER_MOBILE),
        Lot(30, "planning", "city", "planning", channel=Channel.LEADER_MOBILE, left_open=2),
        Lot(27, "taxes", "city", "state-taxes", channel=Channel.LEADER_MOBILE),
        # “2008年‘12345’政府热线…办结率达到99.6%,满意率达到98%”: 250 of 251, and 245 of 250
        Lot(50, "planning", "city", "planning", unhappy=2, channel=Channel.HOTLINE_12345),
        Lot(100, "property-management", "city", "construction", unhappy=1, channel=Channel.HOTLINE_12345),
        Lot(101, "school-fees", "city", "education", unhappy=2, left_open=1, channel=Channel.HOTLINE_12345),
        # “四市三区联网接受和处理群众诉求”: each of the seven centres answers its own, here what came over 网上留言版
        *(
            Lot(2, "other", area, f"{area}-12345", sent_to=(f"{area}-12345",), channel=Channel.WEB)
            for area in ("pengjiang", "jianghai", "xinhui", "taishan", "kaiping", "heshan", "enping")
        ),
    ),
    received=382,
    closed=379,
    closing_rate=None,
)
HANGZHOU = Month(
    "hangzhou-2004",
    # S3: “共受理群众投诉7039件,属于反映机关作风与效能问题的投诉2029件”: 28.83 %, which 47 of 163 are, too
    (
        Lot(70, "noise", "city"),
        Lot(46, "water-supply", "city"),
        Lot(12, "service-attitude", "yuhang-tangqi-village", "tangqi-village"),
        Lot(15, "buck-passing", "shangcheng", "shangcheng-centre"),
        Lot(16, "approvals", "city", "commerce"),
        # “逐条分析、梳理…几上几下征求意见,反复协商”: whose it is comes out when two have given it back
        Lot(4, "unclear-jurisdiction", "city", "land", sent_to=("planning", "housing", "land")),
    ),
    received=163,
    closed=163,
    out_of_scope=116,
    in_scope_rate="28.83",
)
NINGBO = Month(
    "ningbo-2004",
    # S4: the eight areas of rectification, and the four bans; at both levels
    (
        Lot(3, "land-requisition", "city", "land"),
        Lot(3, "demolition", "yuyao", "demolition"),
        Lot(3, "restructuring", "cixi", "economy"),
        Lot(3, "migrant-wages", "xiangshan", "labour", redone=True),
        Lot(3, "school-fees", "city", "education"),
        Lot(3, "medicine", "city", "health"),
        Lot(3, "farmers-burden", "xiangshan", "agriculture"),
        Lot(3, "work-safety", "cixi", "work-safety"),
        Lot(4, "four-bans", "city", "inspectors"),
    ),
    received=28,
    closed=28,
)
YIBIN = Month(
    "yibin-lingang",
    # S1¶6: a ledger of four kinds of projects, and what stood in the way of a road
    (
        Lot(4, "project", "zone", "project-owner", appeal=AppealType.REQUEST),
        Lot(4, "demolition", "shaping", "land-housing", redone=True),
        Lot(4, "planning", "zone", "planning-construction", appeal=AppealType.REQUEST),
        Lot(4, "buck-passing", "shaping", "shaping-town"),
    ),
    received=16,
    closed=16,
)
PRESET = Month(
    "preset-12345",
    (
        Lot(10, "noise", "east", "police-east", unhappy=1, channel=Channel.HOTLINE_12345, appeal=AppealType.REQUEST),
        Lot(10, "water-supply", "west", "water", channel=Channel.HOTLINE_12345, appeal=AppealType.REQUEST),
        Lot(10, "school-fees", "city", "education", channel=Channel.HOTLINE_12345, appeal=AppealType.CONSULT),
        Lot(4, "other", "city", channel=Channel.HOTLINE_12345),
    ),
    received=34,
    closed=34,
)

CALLS = Month(
    "jiangmen-2008",
    # S2: “共接入各类来电278.9万个,办理诉求事项36.25万宗”: 13.00 %, here 13 of 100. A call that is answered on the
    # spot has no record of its own yet: it is a consultation that the hotline answers itself.
    (
        Lot(
            87,
            "other",
            "city",
            "city-12345",
            sent_to=("city-12345",),
            channel=Channel.HOTLINE_12345,
            appeal=AppealType.CONSULT,
        ),
        Lot(7, "planning", "city", "planning", channel=Channel.HOTLINE_12345, appeal=AppealType.REQUEST),
        Lot(6, "school-fees", "city", "education", channel=Channel.HOTLINE_12345, appeal=AppealType.REQUEST),
    ),
    received=100,
    closed=100,
)

MONTHS = (JIAN, JIAOZUO, JIANGMEN, HANGZHOU, NINGBO, YIBIN, PRESET)
