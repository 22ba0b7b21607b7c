"""What a creator shows, and what it brought: links and codes, program by program."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

import segno
from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    When,
)
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from creators import links
from creators.clicks import token
from creators.models import (
    Code,
    CodeStatus,
    Creator,
    Enrollment,
    EnrollmentStatus,
    GroupMember,
    Link,
    Verdict,
    VerdictState,
)
from shops.models import ActivePeriod, ProgramStatus, Rate

_SHOWN = (EnrollmentStatus.ACTIVE, EnrollmentStatus.ENDED)
_QR_MARGIN = 2
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True)
class LinkRow:
    """One link; clicks without bots, orders and sales of the lines it won."""

    id: int
    title: str
    post: str
    url: str
    is_open: bool
    click_count: int
    order_count: int
    sales_cents: int


@dataclass(frozen=True)
class CodeRow:
    """One code; `state` is active, coming, over, used_up, retired or banned."""

    id: int
    code: str
    post: str
    state: str
    starts_on: date | None
    ends_on: date | None
    use_count: int
    max_uses: int | None
    order_count: int
    sales_cents: int


@dataclass(frozen=True)
class ProgramCard:
    """One program of the creator; `rate_bp` or `flat_cents` holds for most things."""

    id: int
    name: str
    shop: str
    currency: str
    is_active: bool
    ended_on: date | None
    rate_bp: int | None
    flat_cents: int | None
    links: Sequence[LinkRow]
    codes: Sequence[CodeRow]


@dataclass(frozen=True)
class _Brought:
    """What the lines of one link or code came to, in the program's currency."""

    order_count: int = 0
    sales_cents: int = 0


@dataclass
class _Shown:
    """What hangs on the enrollments of one creator, by its id."""

    links: dict[int, list[LinkRow]] = field(default_factory=dict)
    codes: dict[int, list[CodeRow]] = field(default_factory=dict)


def qr_of(creator_id: int, link_id: int) -> bytes:
    """Return the SVG picture of a link's address.

    Raises Link.DoesNotExist for a link that is not this creator's.
    """
    link = Link.objects.get(pk=link_id, enrollment__creator_id=creator_id)
    out = BytesIO()
    # Middle correction: a picture on a bottle or a screen is rarely flat and clean.
    segno.make(links.address(link), error="m", micro=False).save(
        out, kind="svg", border=_QR_MARGIN, light="#fff", omitsize=True
    )
    return out.getvalue()


def cards(creator_id: int, *, at: datetime) -> list[ProgramCard]:
    """Return the creator's programs with links and codes, those active at `at` first.

    The same number of queries whatever there is to show.
    """
    brought = _brought(creator_id)
    shown = _Shown()
    for link in _links(creator_id):
        shown.links.setdefault(link.enrollment_id, []).append(
            _link_row(link, brought.get(("link", link.pk), _Brought()))
        )
    for code in _codes(creator_id):
        shown.codes.setdefault(code.enrollment_id, []).append(
            _code_row(code, brought.get(("code", code.pk), _Brought()), at)
        )
    found = [_card(each, shown, at) for each in _enrollments(creator_id, at)]
    return sorted(found, key=lambda card: (not card.is_active, card.name.casefold()))


def _enrollments(creator_id: int, at: datetime) -> QuerySet[Enrollment]:
    periods = ActivePeriod.objects.filter(program=OuterRef("program"))
    last = periods.order_by(F("ends_at").desc(nulls_first=True))
    rate = _rate_on_most_things(at)
    return (
        Enrollment.objects.filter(creator_id=creator_id, status__in=_SHOWN)
        .select_related("program__shop")
        .annotate(
            is_program_active=Exists(periods.filter(_contains(at))),
            program_ends_at=Subquery(last.values("ends_at")[:1]),
            best_bp=Subquery(rate.values("rate_bp")[:1]),
            best_flat_cents=Subquery(rate.values("flat_cents")[:1]),
        )
        .order_by("pk")
    )


def _rate_on_most_things(at: datetime) -> QuerySet[Rate]:
    """Choose the rates on everything that reach an enrollment, the best first (R2)."""
    own = Q(audience=OuterRef("audience"))
    inside = GroupMember.objects.filter(
        GroupMember.inside(at), enrollment=OuterRef(OuterRef("pk"))
    )
    groups = Q(audience__in=inside.values("audience"))
    return (
        Rate.objects.filter(_contains(at), program=OuterRef("program"))
        .filter(Q(audience=None) | own | groups, product=None, category=None)
        .annotate(
            who=Case(
                When(audience=None, then=2),
                When(audience__kind="creator", then=0),
                default=1,
                output_field=IntegerField(),
            )
        )
        .order_by("who", F("rate_bp").desc(nulls_last=True), "pk")
    )


def _contains(at: datetime) -> Q:
    return (Q(starts_at=None) | Q(starts_at__lte=at)) & (
        Q(ends_at=None) | Q(ends_at__gt=at)
    )


def _card(enrollment: Any, shown: _Shown, at: datetime) -> ProgramCard:
    program, ended_at = enrollment.program, enrollment.ended_at
    is_enrolled = enrollment.since <= at and (ended_at is None or at < ended_at)
    if ended_at is None and program.status == ProgramStatus.ENDED:
        ended_at = enrollment.program_ends_at
    bp, flat_cents = enrollment.best_bp, enrollment.best_flat_cents
    return ProgramCard(
        id=program.pk,
        name=program.name,
        shop=program.shop.name,
        currency=program.currency,
        is_active=is_enrolled and enrollment.is_program_active,
        ended_on=timezone.localdate(ended_at) if ended_at and ended_at <= at else None,
        rate_bp=program.rate_bp if bp is None and flat_cents is None else bp,
        flat_cents=flat_cents,
        links=shown.links.get(enrollment.pk, []),
        codes=shown.codes.get(enrollment.pk, []),
    )


def _links(creator_id: int) -> QuerySet[Link]:
    return (
        Link.objects.filter(enrollment__creator_id=creator_id)
        .select_related("product")
        .annotate(click_count=Count("clicks", filter=Q(clicks__is_bot=False)))
        .order_by("pk")
    )


def _link_row(link: Link, brought: _Brought) -> LinkRow:
    return LinkRow(
        id=link.pk,
        title=link.product.name if link.product else "",
        post=link.post,
        url=links.address(link),
        is_open=link.closed_at is None,
        click_count=link.click_count,  # type: ignore[attr-defined]
        order_count=brought.order_count,
        sales_cents=brought.sales_cents,
    )


def _codes(creator_id: int) -> QuerySet[Code]:
    return (
        Code.objects.filter(enrollment__creator_id=creator_id)
        .annotate(use_count=Count("uses"))
        .order_by("pk")
    )


def _code_row(code: Code, brought: _Brought, at: datetime) -> CodeRow:
    use_count: int = code.use_count  # type: ignore[attr-defined]
    return CodeRow(
        id=code.pk,
        code=code.code,
        post=code.post,
        state=_code_state(code, use_count, at),
        starts_on=timezone.localdate(code.starts_at) if code.starts_at else None,
        # `ends_at` is the first moment without it, the reader wants the last day.
        ends_on=timezone.localdate(code.ends_at - _INSTANT) if code.ends_at else None,
        use_count=use_count,
        max_uses=code.max_uses,
        order_count=brought.order_count,
        sales_cents=brought.sales_cents,
    )


def _code_state(code: Code, use_count: int, at: datetime) -> str:
    if code.status != CodeStatus.ACTIVE:
        return str(code.status)
    if code.ends_at is not None and code.ends_at <= at:
        return "over"
    if code.max_uses is not None and use_count >= code.max_uses:
        return "used_up"
    return "coming" if code.starts_at is not None and code.starts_at > at else "active"


@dataclass(frozen=True)
class Touch:
    """How a line came to a creator: by a code, or by a click on a link.

    `words` is the code, or the link's product or address; `at` is the click's instant.
    """

    via: str
    words: str
    at: datetime | None


def touch_of(verdict: Verdict, creator: Creator) -> Touch | None:
    """Return the code or click of this creator that the line goes, or went, back to.

    A line that was cancelled, or went to someone else, keeps what was considered;
    what others showed is never told. None where nothing of this creator was.
    """
    if verdict.creator_id == creator.pk and verdict.code is not None:
        return Touch("code", verdict.code.code, None)
    for touch in verdict.touches:
        if touch["creator"] != creator.handle:
            continue
        if touch["kind"] == "code":
            return Touch("code", touch["ref"], None)
        link = _link_of(touch["ref"], creator)
        if link is not None:
            words = link.product.name if link.product else links.address(link)
            return Touch("click", words, parse_datetime(touch["at"]))
    return None


def _link_of(click_id: str, creator: Creator) -> Link | None:
    own = Link.objects.filter(enrollment__creator=creator).select_related("product")
    minted = token.read(click_id)
    if minted is not None:
        return own.filter(pk=minted.link_id).first()
    # A click that was loaded from a file has no token: its row names the link.
    return own.filter(clicks__pk=click_id).first()


def _brought(creator_id: int) -> dict[tuple[str, int], _Brought]:
    """Count orders and add up what was paid for their lines, less refunds.

    Lines in another currency than the program's are counted and not added: nothing is
    converted silently (rule M6).
    """
    rows = (
        Verdict.objects.filter(creator_id=creator_id, state=VerdictState.ATTRIBUTED)
        .values("link_id", "code_id")
        .annotate(
            orders=Count("line__order", distinct=True),
            sales=Sum(
                F("line__net_cents") - F("line__refunded_cents"),
                filter=Q(line__order__currency=F("program__currency")),
            ),
        )
    )
    return {
        ("link", row["link_id"]) if row["link_id"] else ("code", row["code_id"]): (
            _Brought(row["orders"], int(row["sales"] or 0))
        )
        for row in rows
    }
