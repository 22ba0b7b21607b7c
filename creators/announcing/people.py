"""Whom an announcement reaches."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from affiliate.common.models import User
from creators.models import Enrollment, EnrollmentStatus, GroupMember
from shops.models import Program, Rate


def enrolled(
    program_id: int,
    audiences: Collection[int | None] = (None,),
    *,
    before: datetime | None = None,
) -> "QuerySet[Enrollment]":
    """Return who is in a program, and in one of these audiences; None is everyone.

    `before` keeps those who were in before that moment, and in the group by then.
    """
    rows = Enrollment.objects.filter(program=program_id, status=EnrollmentStatus.ACTIVE)
    if before is not None:
        rows = rows.filter(since__lt=before)
    if None not in audiences:
        inside = Q(ends_at=None) if before is None else GroupMember.inside(before)
        member = GroupMember.objects.filter(
            inside, enrollment=OuterRef("pk"), audience__in=audiences
        )
        rows = rows.filter(Q(audience__in=audiences) | Exists(member))
    return rows


def touched_by(
    rows: "QuerySet[Enrollment]", rate: Rate, at: datetime
) -> "QuerySet[Enrollment]":
    """Leave out whom a rate does not reach: a rate of their own on everything wins.

    Who goes before what (rule R2); only one without conditions and without an end
    counts, for any other lets the rate through at times.
    """
    own = Q(audience=OuterRef("audience"))
    if rate.audience_id is None:
        inside = GroupMember.objects.filter(
            GroupMember.inside(at), enrollment=OuterRef(OuterRef("pk"))
        )
        own |= Q(audience__in=inside.values("audience"))
    elif rate.audience is not None and rate.audience.kind == "creator":
        return rows
    better = Rate.objects.filter(
        own,
        Q(starts_at=None) | Q(starts_at__lte=at),
        program=rate.program_id,
        product=None,
        category=None,
        ends_at=None,
        is_first_purchase_only=False,
        most_sales=None,
    )
    return rows.exclude(Exists(better.exclude(pk=rate.pk)))


def users(rows: "QuerySet[Enrollment]") -> "QuerySet[User]":
    """Return the people behind enrollments."""
    return User.objects.filter(creator__enrollments__in=rows)


def path_of(program: Program) -> str:
    """Return where a creator who is in a program, or was, reads what it pays them."""
    return reverse("portal_terms", args=[program.pk])


def card_of(program: Program) -> str:
    """Return where the programs of a creator are; others may not read its terms."""
    return f"{reverse('portal_links')}#program-{program.pk}"


def names(program: Program) -> dict[str, Any]:
    """Return the words that every notice about a program may need."""
    return {
        "program": program.name,
        "shop": program.shop.name,
        "currency": program.currency,
    }
