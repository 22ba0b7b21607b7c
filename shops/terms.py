"""What rates, exclusions and boosts share: whom and what they reach, and when."""

from datetime import datetime

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from affiliate.common import audit
from affiliate.common.errors import Refusal
from affiliate.common.models import User
from shops.models import Audience, Boost, Category, Exclusion, Product, Program, Rate

# The platform's floor and cap of a commission, in basis points (rule R7).
FLOOR_BP, CAP_BP = 100, 8000


class InvalidTerm(Refusal):
    """The term cannot be: `errors` names each field and what it may be."""

    code = "invalid_term"
    status = 400
    title = _("This rate, exclusion or boost cannot be.")
    way_out = _("Correct the fields named.")


class TermOverlaps(Refusal):
    """Two terms for the same creators and products at once: neither could be told."""

    code = "term_overlaps"
    status = 409
    title = _("Another rate for the same creators and products overlaps in time.")
    way_out = _("End the other one first, or choose another time.")


class Faults(dict[str, list[str]]):
    """Collects what is wrong with the fields of a term."""

    def add(self, field: str, message: object) -> None:
        """Note a message (a text, or one to be translated) beside a field."""
        self.setdefault(field, []).append(str(message))

    def refuse(self) -> None:
        """Raise InvalidTerm if anything is wrong."""
        if self:
            said = "; ".join(f"{field}: {each[0]}" for field, each in self.items())
            raise InvalidTerm(said, errors=self)


def check_reach(
    program: Program,
    faults: Faults,
    *,
    audience: Audience | None,
    product: Product | None,
    category: Category | None,
) -> None:
    """Note who or what is of another program or shop, and a product beside a category.

    The database refuses the same (invariant I21); here it gets a sentence.
    """
    if audience is not None and audience.program_id != program.pk:
        faults.add("audience", _("These creators are of another program."))
    if product is not None and product.shop_id != program.shop_id:
        faults.add("product", _("This product is of another shop."))
    if category is not None and category.shop_id != program.shop_id:
        faults.add("category", _("This category is of another shop."))
    if product is not None and category is not None:
        faults.add("category", _("Name a product or a category, not both."))


def check_window(
    faults: Faults, starts_at: datetime | None, ends_at: datetime | None
) -> None:
    """Note an end that is not after its start."""
    if starts_at and ends_at and ends_at <= starts_at:
        faults.add("ends_at", _("It must end after it starts."))


def is_of(error: IntegrityError, constraint: str) -> bool:
    """Say whether the database refused because of this constraint."""
    diagnosis = getattr(error.__cause__, "diag", None)
    return getattr(diagnosis, "constraint_name", None) == constraint


def note(
    term: Rate | Exclusion | Boost,
    action: str,
    *,
    at: datetime,
    by: User | None,
    **facts: object,
) -> None:
    """Write into the shop's audit trail what happened to a term."""
    audit.record(
        f"shop:{term.program.shop_id}",
        action,
        term,
        at=at,
        actor=by,
        after={"program": term.program_id, **facts},
    )
