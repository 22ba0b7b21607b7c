"""A shop's first program, step by step: each is kept, and the last one opens it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from affiliate.common import audit
from affiliate.common.models import User
from shops import (
    boosts,
    drafting,
    exclusions,
    programs,
    rates,
    reach,
    terms,
    terms_versions,
)
from shops.models import (
    Boost,
    Category,
    Exclusion,
    Product,
    Program,
    ProgramPlan,
    ProgramStatus,
    Restriction,
    Shop,
)

STEPS = ("terms", "goods", "launch", "text", "look")
# A boost starts in the future (rule B3): so long after the activation, if at once.
AT_ONCE = timedelta(minutes=1)
_LONGEST_DAYS = 365


@transaction.atomic
def begin(
    shop: Shop, facts: Mapping[str, Any], *, at: datetime, by: User | None = None
) -> Program:
    """Return a new draft of these terms, whose other steps are open.

    Raises what `drafting.create` raises.
    """
    program = drafting.create(shop, facts, at=at, by=by)
    ProgramPlan.objects.create(program=program)
    return program


@transaction.atomic
def rewrite(
    program: Program, facts: Mapping[str, Any], *, at: datetime, by: User | None = None
) -> Program:
    """Change the terms of the draft; the same again changes nothing.

    Raises drafting.NoWayBack once it is active, and what `drafting.change` raises.
    """
    _plan(program)
    return drafting.change(program, facts, at=at, by=by)


@transaction.atomic
def choose_goods(
    program: Program,
    *,
    categories: Collection[Category],
    skus: Sequence[str],
    restricted: Mapping[str, Any],
    at: datetime,
    by: User | None = None,
) -> None:
    """Exclude these goods, and no others, and keep what the law restricts.

    `restricted` has codes, platforms, excludes_minors and notice (rule P5): gates act
    when the program is activated. The same again changes nothing.

    Raises terms.InvalidTerm for a SKU that the shop has not, and drafting.NoWayBack.
    """
    plan = _plan(program)
    products = _products(program, skus)
    wanted: dict[tuple[str, int], Any] = {
        ("category", each.pk): each for each in categories
    }
    wanted |= {("product", each.pk): each for each in products}
    for exclusion in Exclusion.objects.filter(program=program, ends_at=None):
        if exclusion.category_id is not None:
            key = ("category", exclusion.category_id)
        else:
            key = ("product", exclusion.product_id or 0)
        if wanted.pop(key, None) is None:
            exclusions.end(exclusion, at, at=at, by=by)
    for (kind, _pk), goods in wanted.items():
        asked: dict[str, Any] = {kind: goods}
        rates.exclude(program, **asked, at=at, by=by)
    before = Restriction.objects.filter(program=program).values(*restricted).first()
    if before != dict(restricted):
        Restriction.objects.update_or_create(program=program, defaults=restricted)
        _note(program, "program.restricted", at, by, before, restricted)
    _reach_step(plan, 2)


@transaction.atomic
def plan_launch(
    program: Program,
    launch: Mapping[str, Any] | None,
    *,
    at: datetime,
    by: User | None = None,
) -> None:
    """Keep the boost that begins with the program; None for none.

    `launch` has name, multiplier_pct, starts_at (ISO, or None for the activation),
    days, what (as the API takes it) and budget_cents. It is tried and taken back.

    Raises terms.InvalidTerm, saying the bounds, and drafting.NoWayBack.
    """
    plan = _plan(program)
    if launch is not None:
        with transaction.atomic():
            _launch(program, launch, at, by)
            transaction.set_rollback(True)
    plan.launch = None if launch is None else dict(launch)
    _reach_step(plan, 3)


@transaction.atomic
def write(program: Program, text: str, *, at: datetime) -> None:
    """Keep the text that creators will accept; it is published by the activation.

    Raises terms_versions.NoTermsText and drafting.NoWayBack.
    """
    plan = _plan(program)
    text = text.strip()
    if not 0 < len(text) <= terms_versions.LONGEST:
        raise terms_versions.NoTermsText(
            errors={"text": [terms_versions.NoTermsText.title]}
        )
    plan.text = text
    _reach_step(plan, 4)


@transaction.atomic
def activate(program: Program, *, at: datetime, by: User | None = None) -> Program:
    """Publish the text, open the program and announce its launch boost, or nothing.

    An active program stays as it is. Raises gates.GateClosed, terms.InvalidTerm if
    the boost should have started by now, terms_versions.NoTermsText, and what
    `programs.activate` raises.
    """
    program = Program.objects.select_for_update(no_key=True).get(pk=program.pk)
    if program.status == ProgramStatus.ACTIVE:
        return program
    plan = _plan(program)
    terms_versions.publish(program, plan.text, at=at, by=by)
    program = programs.activate(program, at=at, by=by)
    if plan.launch is not None:
        _launch(program, plan.launch, at, by)
    _reach_step(plan, 5)
    return program


def _plan(program: Program) -> ProgramPlan:
    """Return the plan under its lock. Raises drafting.NoWayBack: it is no draft."""
    program = Program.objects.select_for_update(no_key=True).get(pk=program.pk)
    if program.status != ProgramStatus.DRAFT:
        raise drafting.NoWayBack
    ProgramPlan.objects.get_or_create(program=program)
    return ProgramPlan.objects.select_for_update().get(program=program)


def _reach_step(plan: ProgramPlan, step: int) -> None:
    plan.step = max(plan.step, step)
    plan.save(update_fields=["step", "launch", "text"])


def _products(program: Program, skus: Sequence[str]) -> list[Product]:
    found = list(Product.objects.filter(shop=program.shop_id, sku__in=skus))
    known = {product.sku for product in found}
    faults = terms.Faults()
    for sku in skus:
        if sku not in known:
            faults.add("products", _("The shop has no product %(sku)s.") % {"sku": sku})
    faults.refuse()
    return found


def _launch(
    program: Program, launch: Mapping[str, Any], at: datetime, by: User | None
) -> Boost:
    faults = terms.Faults()
    days: int = launch["days"]
    if not 1 <= days <= _LONGEST_DAYS:
        faults.add("days", _("From 1 to %(most)d.") % {"most": _LONGEST_DAYS})
    faults.refuse()
    given = launch.get("starts_at")
    starts_at = (given and parse_datetime(given)) or at + AT_ONCE
    return boosts.add(
        program,
        name=launch["name"],
        multiplier_pct=launch["multiplier_pct"],
        starts_at=starts_at,
        ends_at=starts_at + timedelta(days=days),
        budget_cents=launch.get("budget_cents"),
        **reach.read(program, reach.EVERYONE, launch["what"]),
        at=at,
        by=by,
    )


def _note(
    program: Program,
    action: str,
    at: datetime,
    by: User | None,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any],
) -> None:
    audit.record(
        f"shop:{program.shop_id}",
        action,
        program,
        at=at,
        actor=by,
        before=before,
        after=after,
    )
