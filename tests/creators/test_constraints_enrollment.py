"""How enrollments may go, and what is kept of accepted terms (I13, I21, P2, P3)."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from creators.models import Enrollment, EnrollmentStatus, TermsAcceptance
from tests.factories import (
    EnrollmentFactory,
    ProgramFactory,
    TermsAcceptanceFactory,
    TermsVersionFactory,
)
from tests.factories.shops import MOMENT
from tests.shops.refusals import is_refused

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
SIDES = {
    "rejected": {"reason": "No.", "may_apply_again": "now"},
    "ended": {"since": MOMENT, "ended_at": MOMENT + DAY},
    "active": {"since": MOMENT},
}
PLAIN = {"reason": "", "may_apply_again": ""}


def made(status):
    return EnrollmentFactory(
        **{"status": status, "since": None, **SIDES.get(status, {})}
    )


@pytest.mark.breaks("enrollment_moves_along_its_arrows")
def test_an_enrollment_moves_along_its_arrows():
    moved = set()
    for start in EnrollmentStatus.values:
        row = made(start)
        for end in EnrollmentStatus.values:
            fields = {"status": end, **PLAIN, "asked_at": MOMENT, **SIDES.get(end, {})}
            try:
                with transaction.atomic():
                    Enrollment.objects.filter(pk=row.pk).update(**fields)
                    moved.add((start, end))
                    transaction.set_rollback(True)
            except IntegrityError:
                continue

    assert moved - {(each, each) for each in EnrollmentStatus.values} == {
        ("invited", "active"),
        ("invited", "rejected"),
        ("applied", "active"),
        ("applied", "rejected"),
        ("rejected", "applied"),
        ("rejected", "active"),
        ("rejected", "invited"),
        ("active", "ended"),
    }


@pytest.mark.breaks("enrollment_waits_before_it_asks_again")
@pytest.mark.parametrize(
    ("again", "asked_at", "may"),
    [
        ({"may_apply_again": "now"}, MOMENT, True),
        ({"may_apply_again": "never"}, MOMENT, False),
        ({"may_apply_again": "later", "again_at": MOMENT}, MOMENT, True),
        (
            {"may_apply_again": "later", "again_at": MOMENT},
            MOMENT - timedelta(microseconds=1),
            False,
        ),
        ({"may_apply_again": "later", "again_at": MOMENT}, None, False),
    ],
)
def test_who_was_rejected_waits_as_they_were_told(again, asked_at, may):
    row = EnrollmentFactory(rejected=True, **again)
    control = EnrollmentFactory(rejected=True, may_apply_again="never")

    with transaction.atomic():
        change(row, may, asked_at=asked_at, status="applied")
    change(control, False, asked_at=asked_at, status="active", since=MOMENT)
    change(control, True, asked_at=asked_at, status="invited")


def change(row, may, **fields):
    rows = Enrollment.objects.filter(pk=row.pk)
    fields = {**fields, **PLAIN, "again_at": None}
    if may:
        assert rows.update(**fields) == 1
        return
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(**fields)


@pytest.mark.breaks("enrollment_rejection_says_why_and_when_again")
@pytest.mark.parametrize(
    "fault",
    [
        {"reason": ""},
        {"may_apply_again": ""},
        {"may_apply_again": "soon"},
        {"may_apply_again": "later"},
        {"again_at": MOMENT},
        {"may_apply_again": "never", "again_at": MOMENT},
        {"rejected": False, "applied": True},
    ],
)
def test_a_rejection_says_why_and_when_again(fault):
    base = {"rejected": True, "reason": "No.", "may_apply_again": "now"}

    is_refused(EnrollmentFactory, base, fault)


# ------------------------------------------------------------------ acceptances


@pytest.mark.breaks("terms_are_accepted_once")
def test_a_version_is_accepted_once():
    kept = TermsAcceptanceFactory()
    again = TermsVersionFactory(
        program=kept.program, number=2, in_force_from=MOMENT + 15 * DAY
    )

    is_refused(
        TermsAcceptanceFactory,
        {"enrollment": kept.enrollment, "version": again},
        {"version": kept.version},
    )


@pytest.mark.breaks("terms_acceptance_keeps_a_keyed_hash")
@pytest.mark.parametrize("address", ["", "192.0.2.1", "f" * 63, "F" * 64])
def test_no_address_is_kept_as_it_is(address):
    is_refused(TermsAcceptanceFactory, {}, {"address_hash": address})


@pytest.mark.breaks("terms_acceptance_version_is_of_its_program")
def test_terms_of_another_program_are_not_accepted():
    is_refused(TermsAcceptanceFactory, {}, {"version": TermsVersionFactory})


@pytest.mark.breaks("terms_acceptance_enrollment_is_of_its_program")
def test_an_acceptance_is_of_the_program_of_its_enrollment():
    program = ProgramFactory()
    enrollment = EnrollmentFactory(program=program)

    is_refused(
        TermsAcceptanceFactory,
        {"program": program, "enrollment": enrollment},
        {"enrollment": EnrollmentFactory},
    )


@pytest.mark.breaks(
    "creators_termsacceptance_is_never_updated",
    "creators_termsacceptance_is_never_deleted",
    "creators_termsacceptance_is_never_truncated",
)
def test_an_acceptance_stays_as_it_was_given():
    rows = TermsAcceptance.objects.filter(pk=TermsAcceptanceFactory().pk)

    def empty():
        with connection.cursor() as cursor:
            cursor.execute("set constraints all immediate")
            cursor.execute("truncate creators_termsacceptance")

    for change in (
        lambda: rows.update(accepted_at=MOMENT + DAY),
        lambda: rows._raw_delete(using="default"),
        empty,
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
