"""What is printed in the tests: a case, a measure, a unit and the figures of a week, all made up."""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from contracts.codes import Language, Satisfaction
from contracts.document_tables import DocumentCode
from services.notify.printing.facts import AdmonitionFacts, CardFacts, CaseFacts, Facts
from services.notify.printing.figures import (
    CategoryFigures,
    DayFigures,
    Figures,
    Issuer,
    OverdueCase,
    Ratings,
    Totals,
    UnitFigures,
)
from services.notify.printing.forms import Forms
from tests.support.deployment import ROOT

AT = datetime(2026, 5, 8, 2, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
CENTRE = Issuer(name="县机关效能投诉中心", zone=ZONE)
CENTRE_EN = Issuer(name="County complaint centre", zone=ZONE, language=Language.ENGLISH)

CASE = CaseFacts(
    number="XN-20260505-000042",
    channel="投诉电话 2610110",
    appeal="投诉",
    category="吃拿卡要",
    area="城南工业园区",
    title="办理营业执照多次往返",
    text="投诉人反映：本人到窗口办理营业执照变更，第一次被告知缺租赁合同，补齐后又被告知缺法人签字，前后往返四次。"
    "窗口人员态度冷淡，称“不归我管”。要求一次性告知所需材料，尽快办结。",
    complainant="张某（身份保密）",
    about="县工商局",
    urgent=True,
    received_at=datetime(2026, 5, 5, 1, 12, tzinfo=UTC),
    registered_at=datetime(2026, 5, 5, 1, 30, tzinfo=UTC),
    registered_by="efficiency-centre.clerk",
    due_at=datetime(2026, 5, 26, 9, 30, tzinfo=UTC),
    mode="联办",
    unit="县行政服务中心",
    co_handlers=("县市场监管局", "县政务服务办"),
    tasks=(
        "县市场监管局（限2026年5月12日）：请核查营业执照变更所需材料是否一次告知。",
        "县政务服务办：请核查窗口服务情况。",
    ),
    reports=("县市场监管局：材料清单已公示，窗口未逐项告知。", "县政务服务办（未承接）：窗口由县行政服务中心管理。"),
    proposed_unit="县行政服务中心",
    proposed_by="efficiency-centre.clerk",
    proposal="建议由县行政服务中心牵头，与相关窗口单位联办，核查是否履行一次性告知制。",
    approved_by="efficiency-centre.director",
    approved_at=datetime(2026, 5, 5, 6, 40, tzinfo=UTC),
    approval="同意。请按一次性告知制核查，结果报我。",
    approval_form="XN-20260505-000042-CP1",
    dispatched_at=datetime(2026, 5, 5, 7, 0, tzinfo=UTC),
    dispatched_by="efficiency-centre.clerk",
    result="已解决",
    reply="经核查，窗口人员未履行一次性告知义务，情况属实。已当面向您致歉，并于5月7日为您办结变更手续。",
    answered_at=datetime(2026, 5, 7, 8, 15, tzinfo=UTC),
    handled_by="service-hall.staff-2",
    satisfaction="满意",
    solved="是",
)
ADMONITION = AdmonitionFacts(
    number="XN-20260505-000042",
    unit="县工商局",
    post="登记窗口二号岗",
    findings=(
        "2026年4月28日至5月5日，未按窗口一次性告知制告知申请人全部材料，致其往返四次。",
        "答复申请人“不归我管”，违反首问负责制。",
    ),
    basis="《关于违反机关效能建设行为的暂行处理办法》",
    measure="书面检查",
    decided_by="leading-group.director",
    decided_at=datetime(2026, 5, 8, 1, 0, tzinfo=UTC),
    rectify_by=datetime(2026, 5, 22, 9, 30, tzinfo=UTC),
    appeal_to="县机关效能建设领导小组",
    appeal_days=15,
)
CARD = CardFacts(
    number="XN-CARD-commerce",
    unit="县工商局",
    unit_en="County administration of commerce",
    duties=("企业登记、变更、注销", "个体工商户登记", "消费投诉受理"),
    posts=("一号岗：企业登记", "二号岗：变更注销", "三号岗：消费投诉"),
    hotline="0796-2610000",
    complaint_line="2610110",
    address="县城人民路 8 号行政服务中心一楼",
    hours="工作日 8:30—12:00，14:30—17:30",
)
FACTS: dict[DocumentCode, Facts] = {
    "registration": CASE,
    "approval": CASE,
    "transfer": CASE,
    "feedback": CASE,
    "admonition": ADMONITION,
    "contact-card": CARD,
}


def forms(place: str = "jian-county") -> Forms:
    """The documents of a place of `policies/`."""
    return Forms.from_tables(
        {"documents": tomllib.loads((ROOT / "policies" / place / "documents.toml").read_text("utf-8"))}
    )


def figures() -> Figures:
    """A week of S1¶4's proportions: 158 closed and 3 open are 98.14 %."""
    return Figures(
        first_day=date(2026, 5, 1),
        last_day=date(2026, 5, 7),
        received=161,
        closed=158,
        on_time=155,
        open=3,
        overdue=2,
        before=Totals(received=149, closed=150, on_time=141, open=4, overdue=3),
        units=(
            UnitFigures(unit="县工商局", received=48, closed=47, on_time=46, open=1, overdue=1),
            UnitFigures(unit="县公安局", received=39, closed=39, on_time=39, open=0, overdue=0),
            UnitFigures(unit="界埠乡人民政府", received=35, closed=34, on_time=33, open=1, overdue=1),
            UnitFigures(unit="县国土资源局", received=22, closed=21, on_time=20, open=1, overdue=0),
            UnitFigures(unit="县自来水公司", received=17, closed=17, on_time=17, open=0, overdue=0),
        ),
        categories=(
            CategoryFigures(category="吃拿卡要", received=61, closed=60),
            CategoryFigures(category="拖拉推诿", received=54, closed=53),
            CategoryFigures(category="乱收费", received=46, closed=45),
        ),
        days=tuple(
            DayFigures(day=date(2026, 5, n + 1), received=received, closed=closed)
            for n, (received, closed) in enumerate(
                ((12, 9), (15, 11), (18, 16), (35, 24), (33, 38), (26, 31), (22, 29)),
            )
        ),
        ratings=Ratings(
            grades={
                Satisfaction.VERY_SATISFIED: 61,
                Satisfaction.SATISFIED: 48,
                Satisfaction.FAIRLY_SATISFIED: 15,
                Satisfaction.DISSATISFIED: 4,
                Satisfaction.VERY_DISSATISFIED: 1,
            },
            unanswered=29,
        ),
        yellow_cards=7,
        red_cards=2,
        overdue_cases=(
            OverdueCase(number="XN-20260414-000011", unit="界埠乡人民政府", due_on=date(2026, 5, 6), days=1),
            OverdueCase(number="XN-20260410-000007", unit="县工商局", due_on=date(2026, 4, 30), days=2),
        ),
    )
