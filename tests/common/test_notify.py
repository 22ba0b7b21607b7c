"""People are told once, in their own language, on their pages and by e-mail."""

import smtplib
from copy import deepcopy
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from affiliate.common import notices, notify, outbox
from affiliate.common.models import Notice, OutboxMessage, User
from tests.common.racing import race
from tests.factories import NoticeFactory, UserFactory

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 3, 10, 15, tzinfo=UTC)
HOSTILE = "Eve & <b>Co</b>\r\nBcc: all@mail.example\n\nPay here"


@pytest.fixture(autouse=True)
def topic(settings, tmp_path):
    """Give the tests a topic of their own: what a floor puts into templates/emails."""
    folder = tmp_path / "emails" / "test"
    folder.mkdir(parents=True)
    load = "{% load i18n figures %}"
    (folder / "hello.subject.txt").write_text(
        load + "{% translate 'E-mail address' %}: {{ name }}\n"
    )
    (folder / "hello.txt").write_text(
        load + "{{ name }}, {{ begins_at|plain_instant }}\n\n{{ rate_bp|percent_bp }}\n"
    )
    engines = deepcopy(settings.TEMPLATES)
    engines[0]["DIRS"].append(tmp_path)
    settings.TEMPLATES = engines
    return "test/hello"


def tell(*people, key="rate:12:announced", name="L'Été & Cie"):
    with transaction.atomic():
        return notify.tell(
            User.objects.filter(pk__in=[person.pk for person in people]),
            "test/hello",
            key,
            path="/portal/",
            at=AT,
            params={"name": name, "begins_at": AT, "rate_bp": 1250},
        )


def html_of(message):
    (alternative,) = message.alternatives
    return alternative.content


# ------------------------------------------------------------------ tell


def test_many_are_told_in_two_statements(django_assert_num_queries):
    people = UserFactory.create_batch(30)

    with django_assert_num_queries(2 + 2):  # two of them are the savepoint
        assert tell(*people) == 30

    assert Notice.objects.count() == OutboxMessage.objects.count() == 30


def test_who_was_told_is_not_told_again_and_a_new_one_is():
    first, second = UserFactory.create_batch(2)
    tell(first)

    assert tell(first, second) == 1

    assert Notice.objects.filter(user=first).count() == 1
    assert OutboxMessage.objects.count() == 2


def test_the_same_person_is_told_of_another_subject():
    person = UserFactory()
    tell(person)

    assert tell(person, key="rate:13:announced") == 1


def test_a_person_found_twice_is_told_once():
    person = UserFactory()
    NoticeFactory.create_batch(2, user=person)
    twice = User.objects.filter(notices__pk__gt=0, pk=person.pk)

    with transaction.atomic():
        assert notify.tell(twice, "test/hello", "a", path="/", at=AT) == 1


def test_a_closed_account_is_told_nothing():
    assert tell(UserFactory(is_active=False)) == 0


def test_the_message_that_is_left_names_an_id_and_nothing_else():
    tell(UserFactory())

    assert OutboxMessage.objects.get().payload == {"notice": Notice.objects.get().pk}


@pytest.mark.django_db(transaction=True)
def test_nobody_is_told_of_what_is_rolled_back():
    person = UserFactory()
    with transaction.atomic():
        tell(person)
        transaction.set_rollback(True)

    assert not Notice.objects.exists()
    assert not OutboxMessage.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_deliveries_at_once_tell_each_person_once():
    people = UserFactory.create_batch(20)

    assert sum(race([lambda: tell(*people)] * 2)) == 20

    assert Notice.objects.count() == OutboxMessage.objects.count() == 20


# ------------------------------------------------------------------ e-mail


@pytest.mark.parametrize(
    ("language", "subject", "hello", "moment", "rate"),
    [
        ("en", "E-mail address: L'Été & Cie", "Hello Ada Moon,",
         "3 November 2026, 11:15 (GMT+01:00)", "12.5%"),
        ("fr", "Adresse e-mail: L'Été & Cie", "Bonjour Ada Moon,",
         "3 novembre 2026, 11:15 (UTC+01:00)", "12,5\xa0%"),
    ],
)  # fmt: skip
def test_an_email_speaks_the_persons_language_as_text_and_as_a_page(
    settings, language, subject, hello, moment, rate
):
    settings.SITE_URL = "https://market.example"
    tell(UserFactory(email="ada@mail.example", name="Ada Moon", language=language))

    swept = outbox.sweep(10, at=AT)

    assert (swept.sent, swept.failed) == (1, 0)
    (message,) = mail.outbox
    assert (message.subject, message.to) == (subject, ["ada@mail.example"])
    assert message.body.startswith(f"{hello}\n\nL'Été & Cie, {moment}\n\n{rate}\n\n")
    assert "\nhttps://market.example/portal/\n" in message.body
    page = html_of(message)
    assert f'<html lang="{language}">' in page
    assert "L&#x27;Été &amp; Cie" in page
    assert moment in page
    assert 'href="https://market.example/portal/"' in page
    assert Notice.objects.get().mailed_at == AT


def test_a_hostile_name_makes_no_header_no_paragraph_and_no_element():
    tell(UserFactory(name=HOSTILE), name=HOSTILE)

    outbox.sweep(10, at=AT)

    (message,) = mail.outbox
    assert message.subject.endswith("Eve & <b>Co</b> Bcc: all@mail.example Pay here")
    assert message.recipients() == message.to
    assert message.message()["Bcc"] is None
    assert "\nBcc:" not in message.body
    assert "\nPay here" not in message.body
    assert "<b>Co</b>" not in html_of(message)
    assert "Eve &amp; &lt;b&gt;Co&lt;/b&gt;" in html_of(message)


def test_who_has_no_name_is_greeted_without_one():
    tell(UserFactory(name="", language="en"))

    outbox.sweep(10, at=AT)

    assert mail.outbox[0].body.startswith("Hello,\n")


@pytest.mark.parametrize("lacking", [{"email": ""}, {"is_active": False}])
def test_without_an_address_or_an_account_it_stays_a_notice(lacking):
    person = UserFactory()
    tell(person)
    User.objects.update(**lacking)

    assert outbox.sweep(10, at=AT).sent == 1

    assert mail.outbox == []
    assert Notice.objects.get().mailed_at is None


def test_a_second_delivery_mails_nothing():
    tell(UserFactory())
    notice = Notice.objects.get()
    outbox.sweep(10, at=AT)

    notify.mail(notice=notice.pk, at=AT + timedelta(days=1))

    assert len(mail.outbox) == 1
    notice.refresh_from_db()
    assert notice.mailed_at == AT


@pytest.mark.django_db(transaction=True)
def test_a_process_that_dies_before_the_mail_is_sent_leaves_it_to_the_next(
    monkeypatch,
):
    tell(UserFactory())
    send = mail.EmailMultiAlternatives.send

    def die(_message):
        raise SystemExit

    monkeypatch.setattr(mail.EmailMultiAlternatives, "send", die)
    with pytest.raises(SystemExit):
        outbox.sweep(10, at=AT)
    assert Notice.objects.get().mailed_at is None
    monkeypatch.setattr(mail.EmailMultiAlternatives, "send", send)

    assert outbox.sweep(10, at=AT + timedelta(minutes=1)).sent == 1

    assert len(mail.outbox) == 1


def test_what_a_mail_server_says_stays_out_of_log_and_outbox(monkeypatch, caplog):
    tell(UserFactory(email="secret@mail.example", name="Ada Secret"))

    def refuse(message):
        raise smtplib.SMTPRecipientsRefused({message.to[0]: (550, b"no")})

    monkeypatch.setattr(mail.EmailMultiAlternatives, "send", refuse)

    assert outbox.sweep(10, at=AT).failed == 1

    row = OutboxMessage.objects.get()
    assert "MailNotSent" in row.last_error
    assert "ecret" not in caplog.text + row.last_error + str(row.payload)


# ------------------------------------------------------------------ reading


def test_unread_is_counted_and_marked_once():
    person = UserFactory()
    notice, _other = NoticeFactory.create_batch(2, user=person)
    NoticeFactory()

    assert notices.unread_count(person.pk) == 2
    assert notices.mark_read(person.pk, notice.pk, at=AT)
    assert notices.mark_read(person.pk, notice.pk, at=AT + timedelta(days=1))

    assert notices.unread_count(person.pk) == 1
    notice.refresh_from_db()
    assert notice.read_at == AT


def test_another_persons_notice_is_as_missing_as_an_unknown_one():
    notice = NoticeFactory()
    stranger = UserFactory()

    assert not notices.mark_read(stranger.pk, notice.pk, at=AT)
    assert not notices.mark_read(stranger.pk, 0, at=AT)
    assert notices.mark_all_read(stranger.pk, up_to=notice.pk, at=AT) == 0

    notice.refresh_from_db()
    assert notice.read_at is None


def test_all_that_was_seen_is_marked_and_what_came_since_is_not():
    person = UserFactory()
    _first, second, third = NoticeFactory.create_batch(3, user=person)

    assert notices.mark_all_read(person.pk, up_to=second.pk, at=AT) == 2

    unread = Notice.objects.filter(read_at=None)
    assert list(unread) == [third]


def test_what_is_older_than_two_years_goes():
    NoticeFactory(created_at=AT - timedelta(days=730, microseconds=1))
    kept = NoticeFactory(created_at=AT - timedelta(days=730))

    assert notices.purge(at=AT) == 1

    assert Notice.objects.get() == kept


# ------------------------------------------------------------------ constraints


@pytest.mark.breaks("notice_is_told_once")
def test_a_person_has_one_notice_of_a_subject():
    notice = NoticeFactory()
    NoticeFactory(key=notice.key)

    with pytest.raises(IntegrityError, match="notice_is_told_once"):
        NoticeFactory(user=notice.user, key=notice.key)


@pytest.mark.breaks("notice_names_its_topic_and_subject")
@pytest.mark.parametrize(
    "lacking",
    [{"topic": "../../settings"}, {"topic": "hello"}, {"topic": ""}, {"key": ""}],
)
def test_a_notice_names_templates_of_ours_and_its_subject(lacking):
    with pytest.raises(IntegrityError, match="notice_names_its_topic_and_subject"):
        NoticeFactory(**lacking)


@pytest.mark.breaks("notice_leads_to_a_page_of_ours")
@pytest.mark.parametrize(
    "path", ["", "portal/", "//evil.example/", "/\\evil.example", "https://a.example"]
)
def test_a_notice_leads_to_a_page_of_ours(path):
    with pytest.raises(IntegrityError, match="notice_leads_to_a_page_of_ours"):
        NoticeFactory(path=path)
