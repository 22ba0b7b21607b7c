"""Whom a program takes, and which rule an applicant does not meet (rule P2)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from affiliate.common.errors import Refusal, Words
from creators.models import Creator
from shops.models import Program


class NotEligible(Refusal):
    """The creator does not meet the program's rules: `errors` has each by its code."""

    code: ClassVar[str] = "not_eligible"
    status: ClassVar[int] = 422
    title: ClassVar[Words] = gettext_lazy("This program asks for something else.")
    way_out = gettext_lazy("Complete the profile, or choose another program.")


@dataclass(frozen=True)
class Unmet:
    """One rule that is not met: a stable code, and words with both sides of it."""

    code: str
    words: str


def unmet(creator: Creator, program: Program, *, at: datetime) -> list[Unmet]:
    """Return the rules that a creator does not meet, none for who may join.

    What the creator has not said is not met. An age counts by the day in the shop's
    time zone. The same before an application as during it: a page may show it.
    """
    return [
        *_country(creator, program),
        *_followers(creator, program),
        *_niches(creator, program),
        *unmet_age(creator, program, at=at),
    ]


def demand(creator: Creator, program: Program, *, at: datetime) -> None:
    """Raise NotEligible with every rule that is not met."""
    _refuse(unmet(creator, program, at=at))


def demand_age(creator: Creator, program: Program, *, at: datetime) -> None:
    """Raise NotEligible for who is too young: an invitation does not make up for it."""
    _refuse(list(unmet_age(creator, program, at=at)))


def unmet_age(creator: Creator, program: Program, *, at: datetime) -> Iterator[Unmet]:
    """Yield what is missing to the least age."""
    needed = {"needed": program.least_age}
    if creator.born_on is None:
        yield Unmet(
            "birth_date_unknown",
            _("You need to be %(needed)d; your date of birth is not known.") % needed,
        )
        return
    age = age_on(
        creator.born_on, at.astimezone(ZoneInfo(program.shop.time_zone)).date()
    )
    if age < program.least_age:
        both = {**needed, "has": age}
        yield Unmet(
            "too_young", _("You need to be %(needed)d, you are %(has)d.") % both
        )


def age_on(born_on: date, day: date) -> int:
    """Return the full years; who was born on 29 February turns on 1 March else."""
    had_birthday = (day.month, day.day) >= (born_on.month, born_on.day)
    return day.year - born_on.year - (0 if had_birthday else 1)


def _refuse(found: list[Unmet]) -> None:
    if found:
        said = " ".join(rule.words for rule in found)
        raise NotEligible(said, errors={rule.code: [rule.words] for rule in found})


def _country(creator: Creator, program: Program) -> Iterator[Unmet]:
    if not program.countries or creator.country in program.countries:
        return
    needed = {"needed": ", ".join(program.countries)}
    if not creator.country:
        words = _("You need to live in %(needed)s; your country is not known.") % needed
        yield Unmet("country_unknown", words)
        return
    both = {**needed, "has": creator.country}
    words = _("You need to live in %(needed)s, you live in %(has)s.") % both
    yield Unmet("country_not_taken", words)


def _followers(creator: Creator, program: Program) -> Iterator[Unmet]:
    least, most, has = (
        program.least_followers,
        program.most_followers,
        creator.followers,
    )
    if least is None and most is None:
        return
    if has is None:
        yield Unmet("followers_unknown", _("Your number of followers is not known."))
    elif least is not None and has < least:
        both = {"needed": _number(least), "has": _number(has)}
        words = _("You need %(needed)s followers, you have %(has)s.") % both
        yield Unmet("too_few_followers", words)
    elif most is not None and has > most:
        both = {"most": _number(most), "has": _number(has)}
        words = _("At most %(most)s followers, you have %(has)s.") % both
        yield Unmet("too_many_followers", words)


def _niches(creator: Creator, program: Program) -> Iterator[Unmet]:
    wanted = {niche.casefold() for niche in program.niches}
    if not wanted or wanted & {niche.casefold() for niche in creator.niches}:
        return
    needed = {"needed": ", ".join(program.niches)}
    if not creator.niches:
        words = _("You need one of these niches: %(needed)s; yours are not known.")
        yield Unmet("niches_unknown", words % needed)
        return
    both = {**needed, "has": ", ".join(creator.niches)}
    words = _("You need one of these niches: %(needed)s; yours: %(has)s.") % both
    yield Unmet("niche_not_taken", words)


def _number(count: int) -> str:
    return number_format(count, use_l10n=True, force_grouping=True)
