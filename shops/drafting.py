"""Programs as a shop writes them: made as drafts, changed while creators are told."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from affiliate.common import audit
from affiliate.common.errors import Refusal
from affiliate.common.models import User
from shops import budgets, program_settings, programs, terms
from shops.models import Program, ProgramStatus, Shop

# Once a program was active, creators sold on the word of these.
_FIXED = ("rate_bp", "cap_bp", "currency")
_LONGEST_SLUG, _TRIES = 60, 50
# What verbs of their own change, after the fields.
_LATER = ("status", "ends_at", "budget_cents")


class TermsFixed(Refusal):
    """Default rate, cap, currency and notice stay as creators found them.

    The notice of a lower rate may grow.
    """

    code = "program_terms_fixed"
    title = _("These terms of the program are fixed: creators joined on their word.")
    way_out = _("Add a rate for everyone from a moment on, or make a new program.")


class SlugTaken(Refusal):
    """Another program, of whichever shop, has this slug."""

    code = "program_slug_taken"
    title = _("Another program has this slug.")
    way_out = _("Choose another one, or leave it out to get one.")


class SlugFixed(Refusal):
    """A slug stays: files and addresses name the program by it."""

    code = "program_slug_fixed"
    title = _("The slug of a program stays.")
    way_out = _("Leave it out, or make a new program.")


class NoWayBack(Refusal):
    """A program that was active is no draft again."""

    code = "program_not_draft"
    title = _("This program is no draft any more.")
    way_out = _("Pause it instead.")


@transaction.atomic
def create(
    shop: Shop, facts: Mapping[str, Any], *, at: datetime, by: User | None = None
) -> Program:
    """Return a new draft of these fields; without a slug it gets one of its name.

    Raises django's ValidationError, naming each field, and SlugTaken.
    """
    given = {name: value for name, value in facts.items() if name != "slug"}
    program = Program(shop=shop, **{"currency": shop.currency, **given})
    wanted = facts.get("slug")
    program.slug = wanted or _free_slug(f"{shop.slug}-{program.name}")
    program.full_clean(validate_unique=False, exclude=["shop", "slug"])
    if Program.objects.filter(slug=program.slug).exists():
        raise SlugTaken(errors={"slug": [SlugTaken.title]})
    try:
        with transaction.atomic():
            program.save(force_insert=True)
    except IntegrityError as error:
        if terms.is_of(error, "program_slug_is_unique"):
            raise SlugTaken(errors={"slug": [SlugTaken.title]}) from error
        raise
    _note(program, "program.added", at, by, {}, sorted(given))
    return program


@transaction.atomic
def begin(
    shop: Shop, facts: Mapping[str, Any], *, at: datetime, by: User | None = None
) -> Program:
    """Return a new program, with the budget, `status` and `ends_at` given.

    Raises what `create` and `change` raise; then nothing was made.
    """
    later = {name: facts[name] for name in _LATER if name in facts}
    first = {name: value for name, value in facts.items() if name not in later}
    return _turn(create(shop, first, at=at, by=by), later, at, by)


@transaction.atomic
def change(
    program: Program, facts: Mapping[str, Any], *, at: datetime, by: User | None = None
) -> Program:
    """Change these fields of a program, then its budget, end and status, if given.

    The same again changes nothing. `status` calls the verbs of shops.programs;
    `ends_at` plans the end, also beside the status `ended`, which alone ends at once.
    Once the program is no draft, what decides verdicts and days changes by
    `program_settings.change`: at once, or 15 days later.

    Raises TermsFixed, SlugFixed, NoWayBack, programs.ProgramEnded,
    programs.EndWithoutNotice, budgets.BudgetBelowSpent and django's ValidationError,
    naming each field.
    """
    program = Program.objects.select_for_update(no_key=True).get(pk=program.pk)
    fields = {
        name: value
        for name, value in facts.items()
        if name not in _LATER and getattr(program, name) != value
    }
    if fields:
        if program.status == ProgramStatus.ENDED:
            raise programs.ProgramEnded
        fixed = [name for name in _FIXED if name in fields]
        notice = program.rate_lock_days
        if fields.get("rate_lock_days", notice) < notice:
            fixed.append("rate_lock_days")
        if "slug" in fields:
            raise SlugFixed(errors={"slug": [SlugFixed.title]})
        if fixed and program.status != ProgramStatus.DRAFT:
            raise TermsFixed(errors={name: [TermsFixed.title] for name in fixed})
        program = _write(program, fields, at, by)
    return _turn(program, facts, at, by)


def _write(
    program: Program, fields: Mapping[str, Any], at: datetime, by: User | None
) -> Program:
    is_draft = program.status == ProgramStatus.DRAFT
    dated = {} if is_draft else _named(fields, program_settings.NAMES)
    plain = _named(fields, set(fields) - set(dated))
    before = {name: getattr(program, name) for name in plain}
    for name, value in fields.items():
        setattr(program, name, value)
    program.full_clean(validate_unique=False, exclude=["shop", "slug"])
    if plain:
        program.save(update_fields=sorted(plain))
        _note(program, "program.changed", at, by, before, sorted(plain))
    program_settings.change(program, dated, at=at, by=by)
    return Program.objects.get(pk=program.pk)


def _named(fields: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name in names}


def _turn(
    program: Program, facts: Mapping[str, Any], at: datetime, by: User | None
) -> Program:
    status, ends_at = facts.get("status"), facts.get("ends_at")
    if facts.get("budget_cents") is not None:
        budgets.limit(program, facts["budget_cents"], at=at, by=by)
    if ends_at is not None:
        program = programs.plan_end(program, ends_at=ends_at, at=at, by=by)
    if status == ProgramStatus.DRAFT and program.status != ProgramStatus.DRAFT:
        raise NoWayBack
    if status == ProgramStatus.ACTIVE:
        return programs.activate(program, at=at, by=by)
    if status == ProgramStatus.PAUSED:
        return programs.pause(program, at=at, by=by)
    if status == ProgramStatus.ENDED and ends_at is None:
        return programs.end(program, at=at, by=by)
    return program


def _free_slug(name: str) -> str:
    start = slugify(name)[: _LONGEST_SLUG - 5] or "program"
    tried = [start, *(f"{start}-{number}" for number in range(2, _TRIES))]
    known = Program.objects.filter(slug__in=tried).values_list("slug", flat=True)
    taken = set(known)
    return next((slug for slug in tried if slug not in taken), f"{start}-{_TRIES}")


def _note(
    program: Program,
    action: str,
    at: datetime,
    by: User | None,
    before: Mapping[str, Any],
    names: list[str],
) -> None:
    audit.record(
        f"shop:{program.shop_id}",
        action,
        program,
        at=at,
        actor=by,
        before=before or None,
        after={name: getattr(program, name) for name in names},
    )
