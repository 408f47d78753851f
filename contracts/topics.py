"""Every topic of the system: who may write, who may read, what it holds and for how long.

Everything about topics is derived from here: creation, access rules, AsyncAPI, documentation, tests.
"""

from __future__ import annotations

from collections.abc import Iterable

from contracts import channel, clerking, dead_letters, handling, intake, items, notify, reference, routing, scoring
from contracts.codes import Channel
from contracts.registry import MEBIBYTE, Registry, Topic

SERVICES = ("intake", "routing", "scoring", "notify")
E_SUPERVISION = "e-supervision"
"""The system of 电子监察, which every deployment has a topic for (S2, S1¶3)."""

REGISTRY = Registry(
    (
        Topic(
            name="complaints.{channel}",
            description="Complaints as a channel passes them on, identity in clear; read by intake alone.",
            messages=(channel.SubmitComplaint, channel.SupplementComplaint, channel.WithdrawComplaint),
            writers=("{channel}",),
            readers=("intake",),
            partitions=4,
            retention_days=3,
            max_message_bytes=2 * MEBIBYTE,
            clear_identity=True,
        ),
        Topic(
            name="replies.{channel}",
            description="What the channel's complainants are owed: numbers, refusals with reasons, answers.",
            messages=(
                notify.ComplaintAcknowledged,
                notify.ComplaintRefused,
                notify.ComplaintAnswered,
                notify.ComplaintEnded,
                notify.SupplementAsked,
                notify.ComplaintProgress,
                notify.RatingAnswered,
            ),
            writers=("notify",),
            readers=("{channel}",),
            partitions=4,
        ),
        Topic(
            name="feedback.{channel}",
            description="Ratings by the people served.",
            messages=(channel.RateCase,),
            writers=("{channel}",),
            readers=("scoring",),
            partitions=4,
        ),
        Topic(
            name="cases.events",
            description="Facts of intake: what was registered, refused, held, released, merged or ended, and why.",
            messages=(
                intake.CaseRegistered,
                intake.SubmissionRefused,
                intake.CaseReleased,
                intake.CaseEnded,
                intake.SupplementRequested,
                intake.SupplementReceived,
                intake.RepeatLinked,
                intake.CaseMerged,
                intake.CaseUnmerged,
                intake.FollowerAdded,
                intake.FollowerRemoved,
                intake.IdentityErased,
            ),
            writers=("intake",),
            readers=("routing", "scoring", "notify"),
        ),
        Topic(
            name="clerking.{unit}",
            description="What a centre's clerks say about cases not dispatched yet; the topic proves who speaks.",
            messages=(
                clerking.JudgeScope,
                clerking.RequestSupplement,
                clerking.MergeCase,
                clerking.UnmergeCase,
                clerking.EraseIdentity,
            ),
            writers=("{unit}",),
            readers=("intake",),
            partitions=1,
        ),
        Topic(
            name="reception.{unit}",
            description="A centre's work at the reception, and the answers to its clerks' commands.",
            messages=(intake.ReceptionRequested, intake.ClerkingRefused),
            writers=("intake",),
            readers=("{unit}",),
            partitions=1,
        ),
        Topic(
            name="contacts",
            description="How to reach a complainant, sealed for notify; the last record of a case replaces all before.",
            messages=(intake.ContactSealed, intake.ContactErased),
            writers=("intake",),
            readers=("notify",),
            compacted=True,
            sealed=True,
        ),
        Topic(
            name="routing.events",
            description="Facts of routing: who is asked, who is responsible, who closed.",
            messages=(
                routing.CaseAssigned,
                routing.CaseQueued,
                routing.CaseSigned,
                routing.HandlingReported,
                routing.RedoOrdered,
                routing.CaseEscalated,
                routing.CaseSuspended,
                routing.CaseResumed,
                routing.ExtensionRequested,
                routing.ExtensionDecided,
                routing.DelayExplained,
                routing.SubtaskOpened,
                routing.SubtaskEnded,
                routing.CaseClosed,
                routing.CaseReopened,
                routing.CaseJoined,
            ),
            writers=("routing",),
            readers=("intake", "scoring", "notify"),
        ),
        Topic(
            name="routing.followers",
            description="What becomes of a case, told to each case that was merged into it; routing tells itself.",
            messages=(routing.LeadingCaseClosed, routing.LeadingCaseEnded),
            writers=("routing",),
            readers=("routing",),
            partitions=4,
        ),
        Topic(
            name="assignments.{unit}",
            description="A unit's own work, and the answers to its commands.",
            messages=(
                routing.AssignmentOffered,
                routing.AssignmentWithdrawn,
                routing.DispatchRequested,
                routing.VerificationRequested,
                routing.RedoRequested,
                routing.SupervisionRequested,
                routing.SubtaskRequested,
                routing.SubtaskWithdrawn,
                routing.SubtaskAnswered,
                routing.ExtensionApprovalRequested,
                routing.ExtensionAnswered,
                routing.SuspensionEnded,
                routing.CommandRefused,
            ),
            writers=("routing",),
            readers=("{unit}",),
            partitions=1,
        ),
        Topic(
            name="handling.{unit}",
            description="What a unit says about its cases; the topic proves who speaks.",
            messages=(
                handling.SignCase,
                handling.RequestReturn,
                handling.ReportHandling,
                handling.VerifyReport,
                handling.DispatchCase,
                handling.ApproveDispatch,
                handling.ReassignCase,
                handling.RequestTransfer,
                handling.SuspendCase,
                handling.ResumeCase,
                handling.RequestExtension,
                handling.DecideExtension,
                handling.ExplainDelay,
                handling.ReopenCase,
                handling.InviteCoHandler,
                handling.ReportSubtask,
                handling.DeclineSubtask,
                handling.CancelSubtask,
            ),
            writers=("{unit}",),
            readers=("routing",),
            partitions=1,
        ),
        Topic(
            name="scoring.events",
            description="Facts of scoring: deadlines, rungs, ratings.",
            messages=(
                scoring.ClockStarted,
                scoring.ClockRungReached,
                scoring.ClockPaused,
                scoring.ClockResumed,
                scoring.ClockExtended,
                scoring.ClockStopped,
                scoring.ClockEscalated,
                scoring.ClockReckoned,
                scoring.CaseMeasured,
                scoring.CaseRated,
                scoring.RatingRefused,
            ),
            writers=("scoring",),
            readers=("notify",),
        ),
        Topic(
            name="items.{system}",
            description="Pieces of work with a limit that another system wants watched; the topic proves who speaks.",
            messages=(items.WatchItem, items.PauseItem, items.ResumeItem, items.FinishItem),
            writers=("{system}",),
            readers=("scoring",),
            partitions=4,
        ),
        Topic(
            name="watch.{system}",
            description="What became of a system's items: ends, cards, escalations, and what was refused.",
            messages=(
                items.ItemWatched,
                items.ItemRungReached,
                items.ItemEscalated,
                items.ItemMoved,
                items.ItemFinished,
                items.ItemRefused,
            ),
            writers=("scoring",),
            readers=("{system}", "notify"),
            partitions=4,
        ),
        Topic(
            name="notices.events",
            description="Facts of notify: what was told, by which way, after how many attempts.",
            messages=(notify.NoticeSent, notify.NoticeFailed, notify.SupplementTold, notify.ProgressTold),
            writers=("notify",),
            readers=("scoring",),
        ),
        Topic(
            name="dead-letters.{service}",
            description="Messages a service could not apply, sealed, until somebody has dealt with them.",
            messages=(dead_letters.DeadLettered, dead_letters.DeadLetterResolved),
            writers=("{service}",),
            readers=("operator",),
            partitions=1,
            retention_days=365,
            max_message_bytes=4 * MEBIBYTE,
            sealed=True,
        ),
        Topic(
            name="redrive.{service}",
            description="Dead letters that an operator sends round again, still sealed.",
            messages=(dead_letters.Redrive,),
            writers=("operator",),
            readers=("{service}",),
            partitions=4,
            max_message_bytes=4 * MEBIBYTE,
            sealed=True,
        ),
        Topic(
            name="reference.places",
            description="Reference data of each place: its tables by content, then the list of each version.",
            messages=(reference.ReferencePublished, reference.PlacePublished),
            writers=("operator",),
            readers=(*SERVICES, "operator"),
            partitions=1,
            compacted=True,
            max_message_bytes=4 * MEBIBYTE,
        ),
    )
)


def all_topics(
    units: Iterable[str], channels: Iterable[str] = tuple(Channel), systems: Iterable[str] = (E_SUPERVISION,)
) -> dict[str, Topic]:
    """Every concrete topic name of a deployment with these units, channels and systems, with its declaration."""
    values = {
        "unit": tuple(units),
        "channel": tuple(str(name) for name in channels),
        "system": tuple(systems),
        "service": SERVICES,
    }
    return {name: topic for topic in REGISTRY.topics for name in topic.expand(values)}
