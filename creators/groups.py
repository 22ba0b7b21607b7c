"""Who is in a group of a program, and for which orders (rules R4, R6)."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from affiliate.common import audit
from affiliate.common.models import User
from creators.announcing import groups as leaving
from creators.models import Enrollment, GroupMember
from shops.models import Audience, ProgramStatus, Rate

_INSTANT = timedelta(microseconds=1)


@transaction.atomic
def join(
    group: Audience, enrollment: Enrollment, *, at: datetime, by: User | None = None
) -> GroupMember:
    """Put a creator into a group, for orders placed from `at` on.

    Who is in stays in; who was to leave stays too, without a gap.
    """
    _lock(enrollment)
    found = _not_over(at).filter(audience=group, enrollment=enrollment).first()
    if found is not None and found.ends_at is None:
        return found
    member = found or GroupMember(
        audience=group,
        enrollment=enrollment,
        program=group.program,
        starts_at=at,
    )
    member.ends_at = None
    member.save(force_insert=found is None, force_update=found is not None)
    _note(member, "group.joined", at, by)
    return member


@transaction.atomic
def leave(
    member: GroupMember, *, at: datetime, by: User | None = None
) -> datetime | None:
    """Take a creator out of a group; return from when, None for who was out already.

    Where the group has rates, those are kept for the program's `rate_lock_days`: to
    lose one is a lower rate (R6). Else, or in a draft, it holds for orders placed from
    `at` on. Leaving again moves nothing.
    """
    _lock(member.enrollment)
    found = _not_over(at).filter(pk=member.pk).select_related("program").first()
    if found is None:
        return None
    if found.ends_at is not None:
        return found.ends_at
    ends_at = at + _notice(found, at)
    if found.starts_at is not None:
        ends_at = max(ends_at, found.starts_at + _INSTANT)
    found.ends_at = ends_at
    found.save(update_fields=["ends_at"])
    leaving.left(found, at=at)
    _note(found, "group.left", at, by)
    return ends_at


def _notice(member: GroupMember, at: datetime) -> timedelta:
    kept = Q(ends_at=None) | Q(ends_at__gt=at) | Q(end_binds_at__gt=at)
    has_rates = Rate.objects.filter(kept, audience=member.audience_id).exists()
    if not has_rates or member.program.status == ProgramStatus.DRAFT:
        return timedelta(0)
    return timedelta(days=member.program.rate_lock_days)


def _lock(enrollment: Enrollment) -> None:
    rows = Enrollment.objects.select_for_update(of=("self",), no_key=True)
    rows.get(pk=enrollment.pk)


def _not_over(at: datetime) -> QuerySet[GroupMember]:
    return GroupMember.objects.filter(Q(ends_at=None) | Q(ends_at__gt=at))


def _note(member: GroupMember, action: str, at: datetime, by: User | None) -> None:
    ends_at = member.ends_at.isoformat() if member.ends_at else None
    audit.record(
        f"shop:{member.program.shop_id}",
        action,
        member.audience,
        at=at,
        actor=by,
        after={"creator": member.enrollment.creator_id, "until": ends_at},
    )
