"""The text that creators accept: published, and in force 15 days later (rule P3)."""

from datetime import timedelta

import pytest
from django.utils.translation import override

from affiliate.common.models import AuditEntry
from shops import terms_versions
from shops.models import TermsVersion
from tests.factories import ProgramFactory
from tests.factories.shops import MOMENT

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
INSTANT = timedelta(microseconds=1)


@pytest.fixture(autouse=True)
def in_english():
    with override("en"):
        yield


def publish(program, text="Be honest.", *, at=MOMENT, **fields):
    return terms_versions.publish(program, text, at=at, **fields)


def test_the_first_terms_hold_at_once():
    program = ProgramFactory(active=True)

    first = publish(program)

    assert (first.number, first.in_force_from) == (1, MOMENT)
    assert terms_versions.in_force(program, at=MOMENT) == first
    assert terms_versions.in_force(program, at=MOMENT - INSTANT) is None
    assert AuditEntry.objects.get().action == "terms_version.published"


def test_later_terms_hold_after_15_days():
    program = ProgramFactory(active=True)
    first = publish(program)

    second = publish(program, "Be kind.", at=MOMENT + DAY)

    notice = MOMENT + 16 * DAY
    assert (second.number, second.in_force_from) == (2, notice)
    assert terms_versions.in_force(program, at=notice - INSTANT) == first
    assert terms_versions.in_force(program, at=notice) == second


def test_a_change_without_notice_is_refused():
    program = ProgramFactory(active=True)
    publish(program)

    early = MOMENT + 15 * DAY - INSTANT
    with pytest.raises(terms_versions.TermsWithoutNotice) as refused:
        publish(program, "Be kind.", in_force_from=early)
    assert refused.value.errors == {
        "in_force_from": ["Not before 2026-11-18T09:15:00+00:00."]
    }
    assert TermsVersion.objects.count() == 1
    assert publish(program, "Be kind.", in_force_from=MOMENT + 15 * DAY).number == 2


def test_a_draft_changes_its_terms_at_once():
    program = ProgramFactory()
    publish(program)

    assert publish(program, "Be kind.").in_force_from == MOMENT


def test_the_same_text_again_is_the_same_version():
    program = ProgramFactory(active=True)
    first = publish(program)

    assert publish(program, " Be honest.\n", at=MOMENT + DAY) == first
    assert AuditEntry.objects.count() == 1


@pytest.mark.parametrize("text", ["", " \n", "x" * 100_001])
def test_terms_have_a_text(text):
    with pytest.raises(terms_versions.NoTermsText):
        publish(ProgramFactory(), text)
