"""What is said of notices that were sent: by providers on `receipts.<provider>`, by operators on `notices.redrive`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar
from uuid import NAMESPACE_OID, UUID, uuid5

from pydantic import Field

from contracts.dead_letters import Origin
from contracts.instants import AwareDatetime
from contracts.message import Code, Fact, Message, StaffId
from contracts.refusals import Reason
from contracts.text import CLEAN, IDENTIFIER


class ReportReceipt(Message):
    """A provider says what became of a notice it took (回执). Keyed by the notice's document."""

    TYPE: ClassVar[str] = "cn.xiaoneng.receipt.report.v1"
    TOPIC: ClassVar[str] = "receipts.{provider}"

    provider: Code
    """``sms``, ``mail``, or the id of a webhook."""
    notice_id: Annotated[str, Field(min_length=1, max_length=200), IDENTIFIER]
    delivered: bool
    code: Annotated[str, Field(max_length=60), CLEAN] = ""
    """The provider's own, such as ``UNDELIV``; never a number or an address."""
    reported_at: AwareDatetime

    @property
    def time(self) -> datetime:
        return self.reported_at

    @property
    def key(self) -> str:
        return document_of(self.notice_id)


class ReceiptRefused(Fact):
    """A receipt that fits no notice was kept, and this is why."""

    TYPE: ClassVar[str] = "cn.xiaoneng.receipt.refused.v1"
    TOPIC: ClassVar[str] = "notices.events"

    notice_id: Annotated[str, Field(max_length=200)]
    provider: Code
    occurred_at: AwareDatetime
    reasons: tuple[Reason, ...]
    record: Origin | None = None
    """The answered record, if it did not match its contract."""

    @property
    def time(self) -> datetime:
        return self.occurred_at

    @property
    def key(self) -> str:
        return document_of(self.notice_id)


class RedriveNotice(Message):
    """An operator has a notice sent again that was given up, or whose receiver says that nothing came."""

    TYPE: ClassVar[str] = "cn.xiaoneng.notice.redrive.v1"
    TOPIC: ClassVar[str] = "notices.redrive"

    notice_id: Annotated[str, Field(min_length=1, max_length=200), IDENTIFIER]
    issued_at: AwareDatetime
    by: StaffId

    @property
    def time(self) -> datetime:
        return self.issued_at

    @property
    def key(self) -> str:
        return document_of(self.notice_id)


def document_of(notice_id: str) -> str:
    """The document that a notice belongs to: the UUID its id is or ends with, or one made of an id that has none."""
    last = notice_id.rpartition(".")[2]
    try:
        return str(UUID(last))
    except ValueError:
        return str(uuid5(NAMESPACE_OID, notice_id))
