"""Leaving a group takes its rates away, with the notice of a lower rate (R6)."""

from datetime import datetime, timedelta

from django.db.models import QuerySet

from affiliate.common import notify
from affiliate.common.models import User
from creators.announcing import people
from creators.models import GroupMember

_AHEAD = timedelta(days=2)


def left(member: GroupMember, *, at: datetime) -> None:
    """Tell a creator from when on the rates of a group are no longer theirs.

    Nothing where that is now: no rate of the group was promised.
    """
    if member.ends_at is not None and member.ends_at > at:
        creator = User.objects.filter(pk=member.enrollment.creator.user_id)
        _tell(creator, member, _key(member), at)


def remind(*, at: datetime) -> int:
    """Tell again, from two days before, who was told earlier and still leaves; once."""
    leaving = GroupMember.objects.filter(
        ends_at__gt=at, ends_at__lte=at + _AHEAD
    ).select_related("audience", "program__shop")
    told = 0
    for member in leaving.order_by("pk"):
        first = (member.ends_at or at) - _AHEAD
        told_before = User.objects.filter(
            notices__key=_key(member), notices__created_at__lte=first
        )
        told += _tell(told_before, member, f"{_key(member)}:soon", at)
    return told


def _key(member: GroupMember) -> str:
    ends_at = member.ends_at.isoformat() if member.ends_at else ""
    return f"group_member:{member.pk}:leaves:{ends_at}"


def _tell(whom: "QuerySet[User]", member: GroupMember, key: str, at: datetime) -> int:
    program, group = member.program, member.audience
    return notify.tell(
        whom,
        "creators/group_left",
        key,
        path=people.path_of(program),
        at=at,
        params={
            **people.names(program),
            "group": group.name or group.slug,
            "ends_at": member.ends_at,
        },
    )
