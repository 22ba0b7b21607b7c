"""How a creator comes into a program, and leaves it (rules P1 to P3)."""

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from affiliate.common import audit
from affiliate.common.errors import Refusal, Words
from affiliate.common.models import User
from creators import acceptances, eligibility
from creators.announcing import joining
from creators.links import EnrollmentNotActive
from creators.models import Again, Creator, Enrollment, EnrollmentStatus
from shops import gates, rates
from shops.models import Audience, Program, ProgramStatus, Rate, WhoMayJoin

LONGEST_REASON, LONGEST_DELAY_DAYS = 200, 730
_SLUG_LENGTH = 60
# What a step changes.
_STEP = (
    "status", "since", "ended_at", "asked_at", "reason", "may_apply_again", "again_at"
)  # fmt: skip
_INSTANT = timedelta(microseconds=1)


class ProgramTakesNobody(Refusal):
    """The program is a draft, paused or over: nobody joins it now."""

    code: ClassVar[str] = "program_not_active"
    title: ClassVar[Words] = _("This program takes nobody now.")
    way_out = _("Wait until it is active, or choose another program.")


class InvitationOnly(Refusal):
    """The shop chooses who joins, and has not invited this creator."""

    code: ClassVar[str] = "invitation_only"
    status: ClassVar[int] = 403
    title: ClassVar[Words] = _("This program takes creators by invitation only.")
    way_out = _("Ask the shop for an invitation.")


class MayNotApplyAgain(Refusal):
    """An application was rejected for good, or the time to wait is not over."""

    code: ClassVar[str] = "may_not_apply_again"
    title: ClassVar[Words] = _("This program has rejected the application.")
    way_out = _("Only an invitation of the shop leads in now.")


class EnrollmentEnded(Refusal):
    """An ended enrollment stays ended: its dates decide whose past orders are."""

    code: ClassVar[str] = "enrollment_ended"
    title: ClassVar[Words] = _("This creator has left the program.")
    way_out = _("Make a new program, or choose another one.")


class NotApplied(Refusal):
    """There is no application to decide on."""

    code: ClassVar[str] = "enrollment_not_applied"
    title: ClassVar[Words] = _("There is no application to decide on.")
    way_out = _("Wait for an application, or invite the creator.")


class NotInvited(Refusal):
    """There is no invitation to accept."""

    code: ClassVar[str] = "not_invited"
    title: ClassVar[Words] = _("There is no invitation to accept.")
    way_out = _("Apply to the program, or ask the shop for an invitation.")


class AlreadyIn(Refusal):
    """The creator is in, or invited, on other terms than those offered now."""

    code: ClassVar[str] = "already_enrolled"
    title: ClassVar[Words] = _("This creator is in the program, or invited, already.")
    way_out = _("Add a rate for this creator instead.")


class UnclearDecision(Refusal):
    """A rejection has a reason, and says whether and when one may apply again."""

    code: ClassVar[str] = "decision_incomplete"
    status: ClassVar[int] = 400
    title: ClassVar[Words] = _("The decision cannot be told like this.")
    way_out = _("Correct the fields named.")


@transaction.atomic
def apply(
    creator: Creator,
    program: Program,
    *,
    terms_version: int | None,
    address: str,
    at: datetime,
) -> Enrollment:
    """Let a creator ask to join: in at once where the program is open, else waiting.

    `terms_version` is the number of the text that was accepted, None where the program
    has none; `address` is where the request came from. Who has applied, or is in,
    stays as they are; an invitation is accepted by it.

    Raises ProgramTakesNobody, InvitationOnly, MayNotApplyAgain, EnrollmentEnded,
    eligibility.NotEligible and acceptances.TermsNotAccepted.
    """
    creator, program, enrollment = _locked(creator, program)
    status = enrollment.status if enrollment else None
    if enrollment and status == EnrollmentStatus.INVITED:
        return accept_invitation(
            enrollment, terms_version=terms_version, address=address, at=at
        )
    if enrollment and status in (EnrollmentStatus.APPLIED, EnrollmentStatus.ACTIVE):
        return enrollment
    _demand_open(program, creator, at)
    if program.enrollment == WhoMayJoin.INVITATION:
        raise InvitationOnly
    if enrollment is not None:
        _demand_another_try(enrollment, at)
    eligibility.demand(creator, program, at=at)
    version = acceptances.demand(program, terms_version, at=at)
    is_open = program.enrollment == WhoMayJoin.OPEN
    asked = EnrollmentStatus.ACTIVE if is_open else EnrollmentStatus.APPLIED
    enrollment = _turn(enrollment or _new(creator, program), asked, at, creator.user)
    if version is not None:
        acceptances.keep(enrollment, version, address=address, at=at)
    return enrollment


@transaction.atomic
def approve(
    enrollment: Enrollment, *, at: datetime, by: User | None = None
) -> Enrollment:
    """Take an applicant in: orders placed from `at` on may be theirs.

    Who accepted a text that was replaced since then is in, paid, and shown as waiting
    to accept the one in force (`acceptances.missing`). Twice is
    harmless. Raises NotApplied, and ProgramTakesNobody.
    """
    creator, program, enrollment = _locked_again(enrollment)
    if enrollment.status == EnrollmentStatus.ACTIVE:
        return enrollment
    if enrollment.status != EnrollmentStatus.APPLIED:
        raise NotApplied
    _demand_open(program, creator, at)
    eligibility.demand_age(creator, program, at=at)
    return _turn(enrollment, EnrollmentStatus.ACTIVE, at, by)


@transaction.atomic
def reject(
    enrollment: Enrollment,
    *,
    reason: str,
    may_apply_again: str,
    after_days: int | None = None,
    at: datetime,
    by: User | None = None,
) -> Enrollment:
    """Turn an applicant away, or take an invitation back, with words for the creator.

    `may_apply_again` is `now`, `later` (then `after_days` says how much) or `never`;
    an invitation leads in anyway. What is rejected already stays as it was.

    Raises UnclearDecision and NotApplied.
    """
    _check_rejection(reason, may_apply_again, after_days)
    _creator, _program, enrollment = _locked_again(enrollment)
    if enrollment.status == EnrollmentStatus.REJECTED:
        return enrollment
    if enrollment.status not in (EnrollmentStatus.APPLIED, EnrollmentStatus.INVITED):
        raise NotApplied
    if enrollment.status == EnrollmentStatus.INVITED:
        _take_back_rates(enrollment, at, by)
    enrollment.reason = reason.strip()
    enrollment.may_apply_again = may_apply_again
    enrollment.again_at = at + timedelta(days=after_days) if after_days else None
    return _turn(enrollment, EnrollmentStatus.REJECTED, at, by)


@transaction.atomic
def end(
    enrollment: Enrollment, *, reason: str = "", at: datetime, by: User | None = None
) -> Enrollment:
    """Let a creator leave: orders placed from `at` on are no longer theirs.

    What was sold before is still approved and paid. It cannot be taken back; twice is
    harmless. Raises EnrollmentNotActive, and UnclearDecision for a long reason.
    """
    if len(reason.strip()) > LONGEST_REASON:
        raise UnclearDecision(errors={"reason": [_reason_bounds()]})
    _creator, _program, enrollment = _locked_again(enrollment)
    if enrollment.status == EnrollmentStatus.ENDED:
        return enrollment
    if enrollment.status != EnrollmentStatus.ACTIVE or enrollment.since is None:
        raise EnrollmentNotActive
    enrollment.ended_at = max(at, enrollment.since + _INSTANT)
    enrollment.reason = reason.strip()
    return _turn(enrollment, EnrollmentStatus.ENDED, at, by)


@transaction.atomic
def invite(
    program: Program,
    creator: Creator,
    *,
    rate_bp: int | None = None,
    flat_cents: int | None = None,
    at: datetime,
    by: User | None = None,
) -> Enrollment:
    """Ask a creator in, also with a rate of their own on everything (rule P1).

    Who has applied is in at once. The same invitation again changes nothing, nor does
    one without a rate to who is in.

    Raises AlreadyIn for another rate, EnrollmentEnded, ProgramTakesNobody for a
    program that is over, and shops.terms.InvalidTerm.
    """
    creator, program, enrollment = _locked(creator, program)
    if program.is_over(at):
        raise ProgramTakesNobody
    enrollment = enrollment or _new(creator, program)
    if enrollment.status == EnrollmentStatus.ENDED:
        raise EnrollmentEnded
    is_in = enrollment.status in (EnrollmentStatus.INVITED, EnrollmentStatus.ACTIVE)
    if not _has_rate(enrollment, rate_bp, flat_cents):
        if is_in:
            raise AlreadyIn
        if enrollment.audience.pk is None:
            enrollment.audience.save(force_insert=True)
        rates.add(
            program,
            audience=enrollment.audience,
            rate_bp=rate_bp,
            flat_cents=flat_cents,
            starts_at=at,
            at=at,
            by=by,
        )
    if is_in:
        return enrollment
    if enrollment.status == EnrollmentStatus.APPLIED:
        return approve(enrollment, at=at, by=by)
    return _turn(enrollment, EnrollmentStatus.INVITED, at, by)


@transaction.atomic
def accept_invitation(
    enrollment: Enrollment, *, terms_version: int | None, address: str, at: datetime
) -> Enrollment:
    """Let an invited creator in; the shop's choice stands above all rules but the age.

    Accepting again changes nothing. Raises NotInvited, ProgramTakesNobody,
    eligibility.NotEligible and acceptances.TermsNotAccepted.
    """
    creator, program, enrollment = _locked_again(enrollment)
    if enrollment.status == EnrollmentStatus.ACTIVE:
        return enrollment
    if enrollment.status != EnrollmentStatus.INVITED:
        raise NotInvited
    _demand_open(program, creator, at)
    eligibility.demand_age(creator, program, at=at)
    version = acceptances.demand(program, terms_version, at=at)
    if version is not None:
        acceptances.keep(enrollment, version, address=address, at=at)
    return _turn(enrollment, EnrollmentStatus.ACTIVE, at, creator.user)


def _locked(
    creator: Creator, program: Program
) -> tuple[Creator, Program, Enrollment | None]:
    """Lock a creator, so that two ways into a program follow one another."""
    creator = Creator.objects.select_for_update(no_key=True).get(pk=creator.pk)
    program = Program.objects.select_related("shop").get(pk=program.pk)
    rows = Enrollment.objects.select_for_update(no_key=True)
    return creator, program, rows.filter(creator=creator, program=program).first()


def _locked_again(enrollment: Enrollment) -> tuple[Creator, Program, Enrollment]:
    creator, program, found = _locked(enrollment.creator, enrollment.program)
    if found is None:
        raise Enrollment.DoesNotExist
    return creator, program, found


def _demand_open(program: Program, creator: Creator, at: datetime) -> None:
    if program.status != ProgramStatus.ACTIVE or program.is_over(at):
        raise ProgramTakesNobody
    gates.demand(program, at=at, countries=[creator.country])


def _demand_another_try(enrollment: Enrollment, at: datetime) -> None:
    if enrollment.status == EnrollmentStatus.ENDED:
        raise EnrollmentEnded
    if enrollment.may_apply_again == Again.NEVER:
        raise MayNotApplyAgain(enrollment.reason)
    if enrollment.again_at is not None and at < enrollment.again_at:
        way_out = _("Apply again from %(day)s on.")
        day = enrollment.again_at.date().isoformat()
        raise MayNotApplyAgain(enrollment.reason, way_out=way_out % {"day": day})


def _check_rejection(reason: str, may_apply_again: str, days: int | None) -> None:
    errors: dict[str, list[Words]] = {}
    if not 0 < len(reason.strip()) <= LONGEST_REASON:
        errors["reason"] = [_reason_bounds()]
    if may_apply_again not in Again.values:
        known = {"choices": ", ".join(Again.values)}
        errors["may_apply_again"] = [_("Give one of %(choices)s.") % known]
    is_later = may_apply_again == Again.LATER
    if is_later and not 1 <= (days or 0) <= LONGEST_DELAY_DAYS:
        said = _("From 1 to %(most)d days.") % {"most": LONGEST_DELAY_DAYS}
        errors["after_days"] = [said]
    if not is_later and days is not None:
        errors["after_days"] = [_("Only for those who may apply again later.")]
    if errors:
        raise UnclearDecision(errors=errors)


def _take_back_rates(enrollment: Enrollment, at: datetime, by: User | None) -> None:
    """End what an invitation offered: who was never in was promised nothing (R6)."""
    offered = Rate.objects.filter(audience=enrollment.audience_id).exclude(
        ends_at__lte=at
    )
    for rate in offered.order_by("pk"):
        rates.end(rate, max(at, (rate.starts_at or at) + _INSTANT), at=at, by=by)


def _has_rate(
    enrollment: Enrollment, rate_bp: int | None, flat_cents: int | None
) -> bool:
    """Say whether this creator already has the rate that is offered, or none is."""
    if rate_bp is None and flat_cents is None:
        return True
    own = Rate.objects.filter(
        audience=enrollment.audience_id,
        product=None,
        category=None,
        ends_at=None,
        is_first_purchase_only=False,
        most_sales=None,
    )
    is_saved = enrollment.pk is not None
    return is_saved and own.filter(rate_bp=rate_bp, flat_cents=flat_cents).exists()


def _reason_bounds() -> str:
    return str(_("From 1 to %(most)d signs.") % {"most": LONGEST_REASON})


def _new(creator: Creator, program: Program) -> Enrollment:
    """Return an unsaved enrollment with its audience of one."""
    slug = creator.handle
    if program.audiences.filter(kind="creator", slug=slug).exists():
        # Someone else had this handle when they joined.
        slug = f"{slug[: _SLUG_LENGTH - 20]}-{creator.pk}"
    audience = Audience(program=program, kind="creator", slug=slug, name=creator.name)
    return Enrollment(creator=creator, program=program, audience=audience, status="")


def _turn(
    enrollment: Enrollment, status: EnrollmentStatus, at: datetime, by: User | None
) -> Enrollment:
    """Save the next step of an enrollment, and write it into the shop's trail."""
    before = enrollment.status
    enrollment.status = status
    is_asked = before in ("", EnrollmentStatus.REJECTED)
    if is_asked:
        enrollment.asked_at = at
    if status == EnrollmentStatus.ACTIVE:
        enrollment.since = at
    if status not in (EnrollmentStatus.REJECTED, EnrollmentStatus.ENDED):
        enrollment.reason = enrollment.may_apply_again = ""
        enrollment.again_at = None
    if enrollment.pk is None:
        if enrollment.audience.pk is None:
            enrollment.audience.save(force_insert=True)
        enrollment.save(force_insert=True)
    else:
        enrollment.save(update_fields=_STEP)
    joining.turned(enrollment, before, at=at, by=by)
    audit.record(
        f"shop:{enrollment.program.shop_id}",
        f"enrollment.{status.value}",
        enrollment,
        at=at,
        actor=by,
        before={"status": before} if before else None,
        after={"creator": enrollment.creator_id, "status": status.value},
    )
    return enrollment
