"""Which text creators accepted, when and from where, and who has yet to (rule P3)."""

from datetime import timedelta

import pytest
from django.utils.translation import override

from creators import acceptances, enrollments
from creators.models import Enrollment, TermsAcceptance
from tests.creators.joining import accept, apply, program
from tests.factories import EnrollmentFactory, TermsVersionFactory
from tests.factories.shops import MOMENT

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_english():
    with override("en"):
        yield


def test_joining_keeps_the_version_the_time_and_a_hash_of_the_address():
    version = TermsVersionFactory(program=program())

    enrollment = apply(to=version.program, number=1)

    kept = TermsAcceptance.objects.get()
    assert (kept.enrollment, kept.version) == (enrollment, version)
    assert kept.accepted_at == MOMENT
    assert kept.address_hash == acceptances.address_hash("192.0.2.1")
    assert "192" not in kept.address_hash[:3]


@pytest.mark.parametrize("number", [None, 2])
def test_joining_without_the_version_in_force_is_refused(number):
    version = TermsVersionFactory(program=program())
    invited = EnrollmentFactory(
        invited=True, program=version.program, creator__eligible=True
    )

    for way in (
        lambda: apply(to=version.program, number=number),
        lambda: accept(invited, number=number),
    ):
        with pytest.raises(acceptances.TermsNotAccepted) as refused:
            way()
        assert refused.value.errors == {"terms_version": ["Version 1 is in force."]}
    assert not TermsAcceptance.objects.exists()


def test_who_has_yet_to_accept_new_terms_is_in_and_shown_as_waiting():
    first = TermsVersionFactory(program=program())
    enrollment = apply(to=first.program, number=1)
    notice = MOMENT + timedelta(hours=360)
    second = TermsVersionFactory(
        program=first.program, number=2, published_at=MOMENT, in_force_from=notice
    )

    def waits(at):
        rows = acceptances.with_waiting(Enrollment.objects.all(), at=at)
        assert rows.get().is_waiting == bool(acceptances.missing(enrollment, at=at))
        return rows.get().is_waiting

    assert not waits(notice - timedelta(microseconds=1))
    assert waits(notice)
    assert enrollment.status == "active"
    for _again in range(2):
        kept = acceptances.accept(enrollment, 2, address="::1", at=notice)
    assert (kept.version, kept.accepted_at) == (second, notice)
    assert not waits(notice)
    with pytest.raises(acceptances.TermsNotAccepted):
        acceptances.accept(enrollment, 1, address="::1", at=notice)


@pytest.mark.parametrize(
    ("approved_after", "is_waiting"),
    [
        (timedelta(hours=360) - timedelta(microseconds=1), False),
        (timedelta(hours=360), True),
        (timedelta(hours=360) + timedelta(microseconds=1), True),
    ],
)
def test_who_is_approved_after_the_terms_changed_is_in_and_waiting_to_accept(
    approved_after, is_waiting
):
    first = TermsVersionFactory(program=program("approval"))
    enrollment = apply(to=first.program, number=1)
    second = TermsVersionFactory(
        program=first.program,
        number=2,
        published_at=MOMENT,
        in_force_from=MOMENT + timedelta(hours=360),
    )
    at = MOMENT + approved_after

    enrollment = enrollments.approve(enrollment, at=at)

    assert (enrollment.status, enrollment.since) == ("active", at)
    assert acceptances.missing(enrollment, at=at) == (second if is_waiting else None)
    rows = acceptances.with_waiting(Enrollment.objects.all(), at=at)
    assert rows.get().is_waiting is is_waiting
    acceptances.accept(enrollment, 2, address="::1", at=at)
    assert acceptances.missing(enrollment, at=at) is None


def test_who_applied_and_is_invited_after_the_terms_changed_is_waiting_too():
    first = TermsVersionFactory(program=program("approval"))
    enrollment = apply(to=first.program, number=1)
    at = MOMENT + timedelta(hours=360)
    TermsVersionFactory(
        program=first.program, number=2, published_at=MOMENT, in_force_from=at
    )

    enrollment = enrollments.invite(first.program, enrollment.creator, at=at)

    assert enrollment.status == "active"
    assert acceptances.missing(enrollment, at=at).number == 2
