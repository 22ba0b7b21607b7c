"""Which text of a program's terms its creators accepted, and who has yet to (P3)."""

from datetime import datetime
from typing import ClassVar

from django.db import transaction
from django.db.models import (
    BooleanField,
    Exists,
    ExpressionWrapper,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.utils.translation import gettext_lazy as _

from affiliate.common import audit, ids
from affiliate.common.errors import Refusal, Words
from creators.models import Enrollment, TermsAcceptance
from shops import terms_versions
from shops.models import Program, TermsVersion

_PURPOSE = "terms-acceptance"


class TermsNotAccepted(Refusal):
    """The program has terms, and the applicant said yes to another text or to none."""

    code: ClassVar[str] = "terms_not_accepted"
    status: ClassVar[int] = 422
    title: ClassVar[Words] = _("The terms in force have to be accepted.")
    way_out = _("Read the version in force and accept it.")


def demand(
    program: Program, number: int | None, *, at: datetime
) -> TermsVersion | None:
    """Return the version in force, whose number the applicant has to have accepted.

    None for a program without a text. Raises TermsNotAccepted, naming the number.
    """
    version = terms_versions.in_force(program, at=at)
    if version is not None and version.number != number:
        said = _("Version %(number)d is in force.") % {"number": version.number}
        raise TermsNotAccepted(said, errors={"terms_version": [said]})
    return version


def keep(
    enrollment: Enrollment, version: TermsVersion, *, address: str, at: datetime
) -> TermsAcceptance:
    """Return the proof that a text was accepted; the first time counts.

    Of the network address a keyed hash is kept: it proves an address that someone
    names, and tells none.
    """
    kept, _is_new = TermsAcceptance.objects.get_or_create(
        enrollment=enrollment,
        version=version,
        defaults={
            "program_id": enrollment.program_id,
            "accepted_at": at,
            "address_hash": address_hash(address),
        },
    )
    return kept


@transaction.atomic
def accept(
    enrollment: Enrollment, number: int, *, address: str, at: datetime
) -> TermsAcceptance:
    """Keep that an enrolled creator accepted the version in force, or the next one.

    Accepting again changes nothing. Raises TermsNotAccepted for a version that does
    not exist or was replaced.
    """
    enrollment = Enrollment.objects.select_for_update(of=("self",), no_key=True).get(
        pk=enrollment.pk
    )
    version = enrollment.program.terms_versions.filter(number=number).first()
    held = terms_versions.in_force(enrollment.program, at=at)
    if version is None or (held is not None and version.number < held.number):
        raise TermsNotAccepted
    known = TermsAcceptance.objects.filter(enrollment=enrollment, version=version)
    if (before := known.first()) is not None:
        return before
    kept = keep(enrollment, version, address=address, at=at)
    audit.record(
        f"shop:{enrollment.program.shop_id}",
        "terms_version.accepted",
        enrollment,
        at=at,
        actor=enrollment.creator.user,
        after={"number": version.number},
    )
    return kept


def address_hash(address: str) -> str:
    """Return what stands for a network address beside an acceptance."""
    return ids.keyed_hash(_PURPOSE, address.strip().lower())


def missing(enrollment: Enrollment, *, at: datetime) -> TermsVersion | None:
    """Return the version in force that this creator has yet to accept, if any.

    Such a creator is shown as waiting, and is still paid for what is sold.
    """
    version = terms_versions.in_force(enrollment.program, at=at)
    if version is None:
        return None
    kept = TermsAcceptance.objects.filter(enrollment=enrollment, version=version)
    return None if kept.exists() else version


def with_waiting(
    rows: "QuerySet[Enrollment]", *, at: datetime
) -> "QuerySet[Enrollment]":
    """Annotate `is_waiting`: the version in force has yet to be accepted."""
    held = TermsVersion.objects.filter(
        program=OuterRef("program"), in_force_from__lte=at
    ).order_by("-number")
    kept = TermsAcceptance.objects.filter(
        enrollment=OuterRef("pk"), version=OuterRef("version_in_force")
    )
    return rows.annotate(
        version_in_force=Subquery(held.values("pk")[:1]),
        is_waiting=ExpressionWrapper(
            Q(version_in_force__isnull=False) & ~Exists(kept),
            output_field=BooleanField(),
        ),
    )
