"""Who may join a program, when it ends, and its terms: what the database refuses."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from shops.models import TermsVersion
from tests.factories import ProgramFactory, TermsVersionFactory
from tests.factories.shops import MOMENT
from tests.shops.refusals import is_refused, make

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
NOTICE = timedelta(hours=360)


@pytest.mark.breaks("program_countries_are_iso")
@pytest.mark.parametrize("countries", [["fr"], ["F"], [""], ["FR", "F1"]])
def test_countries_are_two_capital_letters(countries):
    is_refused(ProgramFactory, {"countries": ["FR", "BE"]}, {"countries": countries})


@pytest.mark.breaks("program_takes_some_number_of_followers")
def test_at_most_is_not_less_than_at_least():
    base = {"least_followers": 1000, "most_followers": 1000}

    is_refused(ProgramFactory, base, {"most_followers": 999})
    assert ProgramFactory(least_followers=None, most_followers=0).pk


@pytest.mark.breaks("program_least_age_is_18_to_99")
@pytest.mark.parametrize("age", [0, 17, 100])
def test_nobody_under_18_is_asked_for(age):
    is_refused(ProgramFactory, {"least_age": 18}, {"least_age": age})


@pytest.mark.breaks("program_end_is_announced_before")
@pytest.mark.parametrize(
    "fault",
    [
        {"end_announced_at": None},
        {"ends_at": None},
        {"end_announced_at": MOMENT + timedelta(microseconds=1)},
    ],
)
def test_an_end_is_announced_before_it_comes(fault):
    is_refused(ProgramFactory, {"ends_at": MOMENT, "end_announced_at": MOMENT}, fault)


# ------------------------------------------------------------------ terms


@pytest.mark.breaks("terms_version_number_is_unique_in_program")
def test_a_number_is_one_version():
    first = TermsVersionFactory()

    is_refused(
        TermsVersionFactory, {"program": first.program, "number": 2}, {"number": 1}
    )


@pytest.mark.breaks("terms_version_is_published_before_it_holds")
def test_terms_hold_from_their_publication_at_the_earliest():
    fault = {"in_force_from": MOMENT - timedelta(microseconds=1)}

    is_refused(TermsVersionFactory, {"in_force_from": MOMENT}, fault)


@pytest.mark.breaks("terms_version_has_number_and_text")
@pytest.mark.parametrize("fault", [{"number": 0}, {"text": ""}])
def test_terms_have_number_and_text(fault):
    is_refused(TermsVersionFactory, {"number": 1, "text": "a"}, fault)


@pytest.mark.breaks("terms_version_has_notice")
def test_new_terms_of_a_running_program_hold_15_days_after_they_were_published():
    program = ProgramFactory(active=True)
    TermsVersionFactory(program=program)
    draft = TermsVersionFactory().program

    later = {"program": program, "number": 2, "in_force_from": MOMENT + NOTICE}
    fault = {"in_force_from": MOMENT + NOTICE - timedelta(microseconds=1)}
    is_refused(TermsVersionFactory, later, fault)
    make(TermsVersionFactory, {"program": draft, "number": 2})


@pytest.mark.breaks(
    "shops_termsversion_is_never_updated",
    "shops_termsversion_is_never_deleted",
    "shops_termsversion_is_never_truncated",
)
def test_what_was_published_stays():
    rows = TermsVersion.objects.filter(pk=TermsVersionFactory().pk)

    def empty():
        with connection.cursor() as cursor:
            cursor.execute("set constraints all immediate")
            cursor.execute("truncate shops_termsversion cascade")

    for change in (
        lambda: rows.update(text="Something else."),
        lambda: rows._raw_delete(using="default"),
        empty,
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
