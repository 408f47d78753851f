"""What is said to have gone to whom by which way, against what the provider of each way really took."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from contracts.message import Message
from contracts.notify import NoticeFailed, NoticeSent
from contracts.staff_notices import StaffNoticeFailed, StaffNoticeOwed, StaffNoticeSent

TAKEN = {"email": "mail", "sms": "SMS", "webhook": "request"}
"""What comes of a notice at the provider of each way that has one."""
_AGAIN = re.compile(r"again-[0-9]+\.(?=[0-9a-f-]{36}$)")
"""A notice to staff is announced as itself, however often an operator had it sent."""


@dataclass
class Carried:
    """Every notice on the bus, to complainants and to staff, by the ways it took."""

    said: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """By way: what is said to have gone."""
    missed: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """By way: what was given up; its provider may have taken it all the same."""
    owed: set[str] = field(default_factory=set)
    """What staff are owed."""
    told: set[str] = field(default_factory=set)
    """What staff were told."""

    def see(self, message: Message) -> None:
        """One more message; only notices count."""
        match message:
            case NoticeSent() | StaffNoticeSent():
                self.said[message.by].add(message.notice_id)
                if isinstance(message, StaffNoticeSent):
                    self.told.add(message.notice_id)
            case NoticeFailed() | StaffNoticeFailed():
                self.missed[message.by].add(message.notice_id)
            case StaffNoticeOwed():
                self.owed.add(message.notice_id)
            case _:
                pass

    @property
    def by_way(self) -> Mapping[str, int]:
        """How many went by each way."""
        return {way: len(notices) for way, notices in sorted(self.said.items()) if notices}

    @property
    def failures(self) -> Mapping[str, int]:
        """How many each way was given up for."""
        return {way: len(notices) for way, notices in sorted(self.missed.items()) if notices}

    def told_twice(self) -> Iterator[str]:
        """Notices that went by two ways, though the first had not failed."""
        stand = Counter(notice for way, said in self.said.items() for notice in said - self.missed[way])
        yield from (f"{notice}: told by {count} ways" for notice, count in sorted(stand.items()) if count > 1)

    def never_came(self, taken: Mapping[str, Collection[str]]) -> Iterator[str]:
        """Notices that are said to be sent, and that no provider has taken."""
        for way, ids in taken.items():
            for notice in sorted(self.said[way] - _known(ids)):
                yield f"{notice}: said to be sent, no {TAKEN[way]} came"

    def nobody_owed(self, taken: Mapping[str, Collection[str]]) -> Iterator[str]:
        """What providers took that is no notice: second ones.

        A notice that was given up may have been taken, when the server's answer was lost on its way.
        """
        for way, ids in taken.items():
            for notice in sorted(_known(ids) - self.said[way] - self.missed[way]):
                yield f"{notice}: a {TAKEN[way]} came that is no notice"


def _known(ids: Collection[str]) -> set[str]:
    return {_AGAIN.sub("", each) for each in ids}


def notices_of(message_ids: Collection[str]) -> set[str]:
    """The notices of mails: the local part of each Message-ID."""
    return {each.strip().strip("<>").rsplit("@", 1)[0] for each in message_ids}
