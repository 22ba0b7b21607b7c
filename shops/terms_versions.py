"""The text that creators accept when they join, version by version (rule P3)."""

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from affiliate.common import audit, outbox
from affiliate.common.errors import Refusal, Words
from affiliate.common.models import User
from shops.models import Program, ProgramStatus, TermsVersion

NOTICE = timedelta(days=15)
LONGEST = 100_000


class TermsWithoutNotice(Refusal):
    """Creators who sell by the old text have to hear of the new one 15 days before."""

    code: ClassVar[str] = "terms_without_notice"
    status: ClassVar[int] = 422
    title: ClassVar[Words] = _("A change of the terms is announced 15 days before.")
    way_out = _("Choose a later day for it to hold from.")


class NoTermsText(Refusal):
    """The text is empty or longer than a contract can be."""

    code: ClassVar[str] = "terms_text_missing"
    status: ClassVar[int] = 400
    title: ClassVar[Words] = _("The terms need a text, of 100,000 signs at most.")


@transaction.atomic
def publish(
    program: Program,
    text: str,
    *,
    at: datetime,
    in_force_from: datetime | None = None,
    by: User | None = None,
) -> TermsVersion:
    """Return the next version; without a day it holds as soon as it may.

    The first one, and any of a draft, holds at once; later ones 15 days (360 hours)
    after their publication. The text of the latest version again, for the same moment,
    returns that version.

    Raises NoTermsText, and TermsWithoutNotice for an earlier moment.
    """
    text = text.strip()
    if not 0 < len(text) <= LONGEST:
        raise NoTermsText(errors={"text": [NoTermsText.title]})
    program = Program.objects.select_for_update(no_key=True).get(pk=program.pk)
    latest = program.terms_versions.order_by("-number").first()
    same = (None, latest.in_force_from if latest else None)
    if latest is not None and latest.text == text and in_force_from in same:
        return latest
    needs_notice = latest is not None and program.status != ProgramStatus.DRAFT
    earliest = at + NOTICE if needs_notice else at
    if in_force_from is not None and in_force_from < earliest:
        said = _("Not before %(earliest)s.") % {"earliest": earliest.isoformat()}
        raise TermsWithoutNotice(errors={"in_force_from": [said]})
    version = TermsVersion.objects.create(
        program=program,
        number=latest.number + 1 if latest else 1,
        text=text,
        published_at=at,
        in_force_from=in_force_from or earliest,
    )
    outbox.leave("terms_version.published", version=version.pk)
    audit.record(
        f"shop:{program.shop_id}",
        "terms_version.published",
        version,
        at=at,
        actor=by,
        after={
            "program": program.pk,
            "number": version.number,
            "in_force_from": version.in_force_from.isoformat(),
        },
    )
    return version


def in_force(program: Program, *, at: datetime) -> TermsVersion | None:
    """Return the version that holds at this moment; None for a program without a text.

    A version replaces all of lower numbers from its own moment on.
    """
    held = program.terms_versions.filter(in_force_from__lte=at)
    return held.order_by("-number").first()
