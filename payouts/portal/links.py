"""Links and codes of a creator, with what each earned."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import connection

from affiliate.common import reading
from creators import portal
from payouts.portal import sql


@dataclass(frozen=True)
class LinkRow(portal.LinkRow):
    """A link with the commissions of its lines, in the program's currency."""

    earned_cents: int


@dataclass(frozen=True)
class CodeRow(portal.CodeRow):
    """A code with the commissions of its lines, in the program's currency."""

    earned_cents: int


def read(creator_id: int, *, at: datetime) -> list[portal.ProgramCard]:
    """Return the creator's programs as they stand at `at`, rows with what they earned.

    The same number of queries whatever there is to show.
    """
    with reading.one_moment():
        cards = portal.cards(creator_id, at=at)
        earned = _earned(creator_id)
    return [
        replace(
            card,
            links=[
                LinkRow(**vars(row), earned_cents=earned.get((row.id, None), 0))
                for row in card.links
            ],
            codes=[
                CodeRow(**vars(row), earned_cents=earned.get((None, row.id), 0))
                for row in card.codes
            ],
        )
        for card in cards
    ]


def _earned(creator_id: int) -> dict[tuple[int | None, int | None], int]:
    with connection.cursor() as cursor:
        cursor.execute(sql.EARNED_BY_TOUCH, {"creator": creator_id})
        return {(link, code): int(cents) for link, code, cents in cursor.fetchall()}
