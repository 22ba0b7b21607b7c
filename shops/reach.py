"""Whom and what a term is for, in the words of the API: slugs, SKUs, handles."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from shops import terms
from shops.models import Audience, Boost, Category, Exclusion, Product, Program, Rate

EVERYONE, EVERYTHING = "everyone", "everything"


def read(program: Program, who: object, what: object) -> dict[str, Any]:
    """Return audience, product and category as the verbs of terms take them.

    `who` is everyone, a group or a creator of the program; `what` is everything, a
    product or a category of its shop. Raises terms.InvalidTerm: what is another
    shop's is told like what is not there.
    """
    faults = terms.Faults()
    found: dict[str, Any] = {
        "audience": _who(program, who, faults),
        **_what(program, what, faults),
    }
    faults.refuse()
    return found


def who_of(term: Rate | Boost) -> str | dict[str, str]:
    """Return which creators a term reaches, as `read` takes it."""
    audience = term.audience
    return EVERYONE if audience is None else {audience.kind: audience.slug}


def what_of(term: Rate | Boost | Exclusion) -> str | dict[str, str]:
    """Return which goods a term reaches, as `read` takes it."""
    if term.product is not None:
        return {"product": term.product.sku}
    return EVERYTHING if term.category is None else {"category": term.category.slug}


def _who(program: Program, who: object, faults: terms.Faults) -> Audience | None:
    if who == EVERYONE:
        return None
    named = _named(who, ("group", "creator"))
    if named is None:
        said = _('Give "everyone", {"group": slug} or {"creator": handle}.')
        faults.add("who", said)
        return None
    kind, slug = named
    audience = program.audiences.filter(kind=kind, slug=slug).first()
    if audience is None:
        faults.add("who", _("This is not in the program."))
    return audience


def _what(program: Program, what: object, faults: terms.Faults) -> dict[str, Any]:
    nothing: dict[str, Any] = {"product": None, "category": None}
    if what == EVERYTHING:
        return nothing
    named = _named(what, ("product", "category"))
    if named is None:
        said = _('Give "everything", {"product": SKU} or {"category": slug}.')
        faults.add("what", said)
        return nothing
    kind, name = named
    shop: Any = program.shop_id
    found: Product | Category | None = (
        Product.objects.filter(shop=shop, sku=name).first()
        if kind == "product"
        else Category.objects.filter(shop=shop, slug=name).first()
    )
    if found is None:
        faults.add("what", _("This is not in the shop's catalogue."))
    return {**nothing, kind: found}


def _named(value: object, kinds: tuple[str, str]) -> tuple[str, str] | None:
    if not isinstance(value, Mapping) or len(value) != 1:
        return None
    kind, name = next(iter(value.items()))
    is_text = isinstance(name, str) and "\0" not in name
    return (kind, name) if kind in kinds and is_text else None
