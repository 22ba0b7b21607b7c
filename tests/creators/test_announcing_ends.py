"""R6: ends that lower, exclusions, many terms at once, and the words by e-mail."""

import pytest
from django.core import mail
from django.db.models.signals import post_init

from affiliate.common.models import Notice
from creators import announcing
from shops import exclusions, rates
from shops.models import Rate
from tests.creators.telling import BINDS, DAY, SAID, TICK, enroll, hand_out, told, words
from tests.factories import ProductFactory, ProgramFactory, RateFactory

pytestmark = pytest.mark.django_db

AHEAD = BINDS - 2 * DAY


@pytest.fixture
def program():
    """10 % with 30 days' notice, from 1 November to 1 December, each at 12:00 UTC."""
    return ProgramFactory(active=True, rate_bp=1000, name="Lune")


@pytest.fixture
def enrollment(program):
    return enroll(program)


def remind(at):
    count = announcing.remind(at=at)
    hand_out(at)
    return count


# ------------------------------------------------------------------ ends, exclusions


def test_an_end_that_lowers_is_told_with_what_holds_from_then_on(program, enrollment):
    rate = RateFactory(program=program, rate_bp=1500)

    rates.end(rate, SAID + DAY, at=SAID)
    hand_out()

    assert told(enrollment) == ["rate_lowered"]
    assert "From 1 December 2026, 13:00" in words(enrollment)
    assert "10% instead of 15%" in words(enrollment)
    assert (remind(AHEAD), remind(AHEAD)) == (1, 0)


def test_an_earlier_end_binds_no_later_than_the_one_promised(program, enrollment):
    rate = RateFactory(program=program, rate_bp=1500, ends_at=SAID + 20 * DAY)

    rates.end(rate, SAID + DAY, at=SAID)
    hand_out()

    assert "From 21 November 2026, 13:00" in words(enrollment)
    assert remind(SAID + 18 * DAY - TICK) == 0
    assert remind(SAID + 18 * DAY) == 1


def test_a_later_end_of_a_good_rate_is_good_news(program, enrollment):
    rate = RateFactory(program=program, rate_bp=1500, ends_at=SAID + 5 * DAY)

    rates.end(rate, SAID + 50 * DAY, at=SAID)
    hand_out()

    assert told(enrollment) == ["rate_raised"]
    assert "from 6 November 2026, 13:00" in words(enrollment)
    assert "It ends on 21 December 2026" in words(enrollment)


def test_the_end_of_a_low_rate_is_good_news(program, enrollment):
    rate = RateFactory(program=program, rate_bp=500)

    rates.end(rate, SAID + DAY, at=SAID)
    hand_out()

    assert told(enrollment) == ["rate_raised"]


def test_an_exclusion_is_a_decrease_to_nothing(program, enrollment):
    soap = ProductFactory(shop=program.shop, name="Soap")

    rates.exclude(program, product=soap, at=SAID)
    hand_out()

    assert told(enrollment) == ["rate_lowered"]
    assert "Soap earns 0% instead of 10%" in words(enrollment)
    assert remind(AHEAD) == 1


def test_the_end_of_an_exclusion_is_good_news_and_its_later_end_is_not(
    program, enrollment
):
    soap = ProductFactory(shop=program.shop, name="Soap")
    exclusion = rates.exclude(
        program, product=soap, ends_at=BINDS + 60 * DAY, at=SAID - 2 * DAY
    )
    exclusion = exclusions.end(exclusion, SAID + 40 * DAY, at=SAID)
    hand_out()
    assert told(enrollment) == ["rate_raised"]

    exclusions.end(exclusion, BINDS + 90 * DAY, at=BINDS)
    hand_out(BINDS)

    assert told(enrollment)[-1] == "rate_lowered"
    assert "Soap earns 0% instead of 10%" in words(enrollment)


# ------------------------------------------------------------------ many, and mails


def test_a_files_rates_are_told_as_one(program):
    one, other = enroll(program), enroll(program)
    for rate_bp in range(500, 512):
        product = ProductFactory(shop=program.shop)
        rates.add(program, product=product, rate_bp=rate_bp, at=SAID)
    hand_out()

    assert told(one) == told(other) == ["rates_changed"]
    assert remind(AHEAD) == 2
    assert told(one) == ["rates_changed", "rates_soon"]
    assert "binds you from 1 December 2026, 13:00" in words(one)


def read_to_tell(count):
    """Return how many rates are read to tell of so many that one file announced."""
    program, read = ProgramFactory(active=True), []
    enroll(program)
    for _ in range(count):
        product = ProductFactory(shop=program.shop)
        rates.add(program, product=product, rate_bp=500, at=SAID)

    def note(**_facts):
        read.append(1)

    post_init.connect(note, sender=Rate)
    try:
        hand_out()
    finally:
        post_init.disconnect(note, sender=Rate)
    return len(read)


def test_a_files_rates_are_read_all_together_once_not_for_each():
    few, many = read_to_tell(10), read_to_tell(40)

    assert many == 4 * few


def test_many_private_rates_are_told_to_whom_they_reach_alone(program):
    one, other = enroll(program), enroll(program)
    for rate_bp in range(500, 512):
        product = ProductFactory(shop=program.shop)
        rates.add(
            program, audience=one.audience, product=product, rate_bp=rate_bp, at=SAID
        )
    hand_out()

    assert (told(one), told(other)) == (["rates_changed"], [])


def test_each_reads_it_in_their_own_language_by_mail(program):
    enroll(program, language="fr", creator__user__email="fr@mail.example")
    enroll(program, language="en", creator__user__email="en@mail.example")

    rates.add(program, rate_bp=800, starts_at=SAID, at=SAID)
    hand_out()

    mails = {message.to[0]: message for message in mail.outbox}
    french, english = mails["fr@mail.example"], mails["en@mail.example"]
    assert english.subject == "Lune: a lower rate is announced"
    assert french.subject == "Lune : un taux plus bas est annoncé"
    assert (
        "À partir du 1er décembre 2026, 13:00 (UTC+01:00), vos ventes rapportent"
        " 8\xa0% au lieu de 10\xa0%." in french.body
    )
    assert "vos ventes rapportent 8\xa0% au lieu de 10\xa0%." in (
        french.alternatives[0].content
    )
    assert f"/portal/programs/{program.pk}/terms/" in french.body


def test_a_hostile_name_stays_text(enrollment):
    program = enrollment.program
    program.name = "<img src=x>\r\nBcc: a@b.example"
    program.save(update_fields=["name"])

    rates.add(program, rate_bp=800, starts_at=SAID, at=SAID)
    hand_out()

    (message,) = mail.outbox
    assert message.message()["Bcc"] is None
    assert "<img" not in message.alternatives[0].content
    assert "&lt;img src=x&gt; Bcc" in message.alternatives[0].content


def test_thirty_are_told_in_a_few_queries(program, django_assert_max_num_queries):
    for _ in range(30):
        enroll(program)
    rates.add(program, rate_bp=800, starts_at=SAID, at=SAID)

    with django_assert_max_num_queries(25):
        announcing.rates.announced(kind="rate", term=program.rates.get().pk, at=SAID)

    assert Notice.objects.count() == 30
