"""What rates, exclusions and boosts share: whom and what they reach, and when."""

from datetime import datetime, timedelta

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from affiliate.common import audit, outbox
from affiliate.common.errors import Refusal
from affiliate.common.models import User
from shops.models import (
    Audience,
    Boost,
    Category,
    Exclusion,
    Product,
    Program,
    ProgramStatus,
    Rate,
)

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


def announced(program: Program, at: datetime) -> dict[str, datetime | None]:
    """Return since when a term made at `at` is known, and from when it binds (R6).

    Those enrolled before `announced_at` have the better of the terms before and after
    until `binds_at`; who comes later has the term at once. Nobody was promised a draft.
    Waits for an activation at the same moment; call it in a transaction.
    """
    program = Program.objects.select_for_update(no_key=True).get(pk=program.pk)
    if program.status == ProgramStatus.DRAFT:
        return {"announced_at": None, "binds_at": None}
    days = timedelta(days=program.rate_lock_days)
    return {"announced_at": at, "binds_at": at + days}


def check_end(
    faults: Faults, term: Rate | Exclusion, ends_at: datetime, at: datetime
) -> None:
    """Note an end in the past, of what is over, or while a moved end has notice."""
    if ends_at < at or (term.ends_at is not None and term.ends_at <= at):
        faults.add("ends_at", _("This has passed already."))
    if term.end_binds_at is not None and at < term.end_binds_at:
        faults.add(
            "ends_at",
            _("Its end was announced; it can be moved again from %(moment)s on.")
            % {"moment": term.end_binds_at.isoformat()},
        )
    check_window(faults, term.starts_at, ends_at)


def move_end(term: Rate | Exclusion, ends_at: datetime, at: datetime) -> None:
    """Write the new end, announced now, beside the one that was promised (R6)."""
    known = announced(term.program, at)
    fields = ["ends_at"]
    if known["announced_at"] is not None:
        term.promised_ends_at = term.ends_at
        term.end_announced_at = known["announced_at"]
        term.end_binds_at = known["binds_at"]
        fields += ["promised_ends_at", "end_announced_at", "end_binds_at"]
    term.ends_at = ends_at
    term.save(update_fields=fields)
    if known["announced_at"] is not None:
        outbox.leave("term.end_announced", kind=kind_of(term), term=term.pk)


def announce(term: Rate | Exclusion) -> None:
    """Leave word of a new term for whoever tells creators (R6); nobody, of a draft."""
    if term.announced_at is not None:
        outbox.leave("term.announced", kind=kind_of(term), term=term.pk)


def kind_of(term: Rate | Exclusion) -> str:
    """Return rate or exclusion: what a message names beside the id."""
    return str(term._meta.model_name)


def of(kind: str, term_id: int) -> Rate | Exclusion:
    """Return the rate or exclusion that a message names, with what it is about."""
    model: type[Rate] | type[Exclusion] = Rate if kind == "rate" else Exclusion
    rows = model._default_manager.select_related("program__shop", "product", "category")
    return rows.get(pk=term_id)


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
