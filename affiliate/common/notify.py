"""Tells people things: a notice each on their pages, and an e-mail by the outbox.

A verb tells in its own transaction, many people in one statement; the outbox mails
each of them afterwards, in their own language.
"""

import smtplib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import translation
from psycopg.types.json import Jsonb

from affiliate.common import notices, outbox
from affiliate.common.models import Notice, User

_MAIL = "notice.mail"


class MailNotSent(Exception):  # noqa: N818  named for the state, as the house does
    """The mail server did not take it. Says no more: its own words hold the address."""


@transaction.atomic(savepoint=False)
def tell(
    people: "QuerySet[User]",
    topic: str,
    key: str,
    *,
    path: str,
    at: datetime,
    params: Mapping[str, Any] | None = None,
) -> int:
    """Leave a notice, and an e-mail to be sent, for each of these; return how many.

    `topic` is `<floor>/<name>` and names the templates in `emails/`; `path` is the page
    it is about. `params` are plain values: an instant is named `*_at`, everything else
    is what the templates ask for.

    Who was told of this `key` before is passed over, so that a second delivery, or
    two at once, change nothing. Accounts that are closed are told nothing.
    """
    chosen, values = (
        people.filter(is_active=True).order_by().values("pk").query.sql_with_params()
    )
    told = f"""
        insert into notice (user_id, topic, key, path, params, created_at)
        select id, %s, %s, %s, %s, %s from ({chosen}) as person(id)
         group by id order by id
        on conflict (user_id, key) do nothing
        returning id
    """  # noqa: S608  the choice is Django's own SQL, its values are parameters
    facts = Jsonb(
        dict(params or {}), dumps=DjangoJSONEncoder(ensure_ascii=False).encode
    )
    given: list[Any] = [topic, key, path, facts, at, *values]
    with connection.cursor() as cursor:
        cursor.execute(told, given)
        fresh = [pk for (pk,) in cursor.fetchall()]
    outbox.leave_many(_MAIL, ({"notice": pk} for pk in fresh))
    return len(fresh)


@outbox.subscribe(_MAIL)
def mail(*, notice: int, at: datetime) -> None:
    """Send a notice to the person's address, in their language; once mailed, nothing.

    Without an address, or with a closed account, it stays a notice on their pages.
    What was mailed is noted with the message, so that only a process that dies between
    the mail server's yes and the commit sends it again. Raises MailNotSent.
    """
    rows = Notice.objects.select_for_update(of=("self",)).select_related("user")
    found = rows.filter(pk=notice, mailed_at=None).first()
    if found is None or not found.user.email or not found.user.is_active:
        return
    with translation.override(found.user.language):
        message = _message(found)
    try:
        message.send()
    except (smtplib.SMTPException, OSError) as error:
        raise MailNotSent(type(error).__name__) from None
    found.mailed_at = at
    found.save(update_fields=["mailed_at"])


def _message(notice: Notice) -> EmailMultiAlternatives:
    said = notices.words(notice)
    context = {
        "name": " ".join(notice.user.name.split()),
        "subject": said.subject,
        "paragraphs": said.paragraphs,
        "url": f"{settings.SITE_URL.rstrip('/')}{notice.path}",
        "language": notice.user.language,
    }
    message = EmailMultiAlternatives(
        said.subject,
        render_to_string("emails/frame.txt", context).strip() + "\n",
        to=[notice.user.email],
        # Answering machines leave it alone (RFC 3834).
        headers={"Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(
        render_to_string("emails/frame.html", context), "text/html"
    )
    return message
