"""Budgets of boosts (rule B4) and of programs (rule P4): they hold to the cent."""

from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from affiliate.common import audit, outbox
from affiliate.common.errors import Refusal
from affiliate.common.models import User
from shops import programs, terms
from shops.models import Boost, Budget, Program, ProgramStatus

CLOSED = "budget.closed"
_MOST_CENTS = 10**13

# The constraint refuses what would pass the budget, whoever comes at once. A boost that
# is used up is over from that moment on; what was placed before finds nothing left.
_SPEND = """
with spent as (
  update shops_budget b
     set spent_cents = b.spent_cents + s.cents,
         closed_at = case when b.spent_cents + s.cents >= b.amount_cents
                          then %(at)s::timestamptz end
    from unnest(%(ids)s::bigint[], %(cents)s::bigint[]) s(id, cents)
   where b.id = s.id
  returning b.id, b.boost_id, b.closed_at
),
over as (
  update shops_boost b
     set ends_at = greatest(s.closed_at, b.starts_at + interval '1 microsecond')
    from spent s
   where s.closed_at is not null and b.id = s.boost_id and b.ends_at > s.closed_at
)
select id from spent where closed_at is not null order by id
"""


class BudgetBelowSpent(Refusal):
    """What was promised to creators stays promised: a budget is not cut below it."""

    code = "budget_below_spent"
    status = 422
    title = _("This budget is less than what is spent already.")
    way_out = _("Choose at least what is spent, or end the boost or program.")


class PromisedAlready(Refusal):
    """Creators sell on its word: a budget that counts is raised, never cut."""

    code = "budget_promised"
    status = 422
    title = _("Creators sell on the word of this boost or program already.")
    way_out = _("Raise the budget, end the boost early, or pause the program.")


class BoostIsOver(Refusal):
    """Creators were told that it is over; it does not begin again."""

    code = "boost_over"
    title = _("This boost is over.")
    way_out = _("Make a new boost.")


@transaction.atomic
def limit(
    program: Program,
    amount_cents: int,
    *,
    boost: Boost | None = None,
    at: datetime,
    by: User | None = None,
) -> Budget:
    """Let a boost, or the whole program, cost `amount_cents` at most, and return that.

    In minor units of the program's currency; only orders in it count, and only they
    meet a boost that has a budget. The same again changes nothing.

    Orders that were placed are not reached (rule R4): a boost has its budget before it
    starts, and of a program that is no draft only orders placed from `at` on count;
    then a budget is raised only. A program whose budget was used up may be activated
    again once it is raised.

    Raises terms.InvalidTerm, saying the bounds, BudgetBelowSpent, PromisedAlready, and
    BoostIsOver.
    """
    faults = terms.Faults()
    if not 1 <= amount_cents <= _MOST_CENTS:
        said = _("From 1 to %(most)d minor units.") % {"most": _MOST_CENTS}
        faults.add("budget_cents", said)
    faults.refuse()
    # Program, budget, boost: whoever sells takes the last two in the same order.
    program = Program.objects.select_for_update(no_key=True).get(pk=program.pk)
    is_draft = program.status == ProgramStatus.DRAFT
    counts_from = None if is_draft or boost else at
    budget, is_new = _locked(program, boost, amount_cents, counts_from)
    has_begun = not is_draft and not is_new
    if boost is not None:
        boost = Boost.objects.select_for_update(no_key=True).get(
            pk=boost.pk, program=program
        )
        if boost.ends_at is not None and boost.ends_at <= at:
            raise BoostIsOver
        has_begun = boost.starts_at is None or boost.starts_at <= at
    before = None if is_new else budget.amount_cents
    if amount_cents == before:
        return budget
    if amount_cents < budget.spent_cents:
        raise BudgetBelowSpent(errors={"budget_cents": [BudgetBelowSpent.title]})
    if has_begun and (before is None or amount_cents < before):
        raise PromisedAlready(errors={"budget_cents": [PromisedAlready.title]})
    budget.amount_cents = amount_cents
    budget.closed_at = None
    budget.save(update_fields=["amount_cents", "closed_at"])
    _note(budget, "budget.set", at, by, before=before)
    return budget


def spend(cents: Mapping[int, int], *, at: datetime) -> None:
    """Take what was granted off budgets, by their id; what reaches its end closes.

    The caller holds the rows' locks, in key order, and has granted no more than was
    left: the database refuses anything else. For each that closes a message is left.
    """
    taken = {key: value for key, value in cents.items() if value}
    if not taken:
        return
    with connection.cursor() as cursor:
        ids, granted = list(taken), list(taken.values())
        cursor.execute(_SPEND, {"ids": ids, "cents": granted, "at": at})
        closed = [row[0] for row in cursor.fetchall()]
    for budget_id in closed:
        outbox.leave(CLOSED, budget=budget_id)


@outbox.subscribe(CLOSED)
def close(budget: int, at: datetime) -> None:
    """Pause the program whose budget is used up, and write it into the shop's trail.

    A budget that was raised meanwhile pauses nothing; twice is harmless.
    """
    found = Budget.objects.select_related("boost").get(pk=budget)
    # Whoever activates the program at this moment is waited for.
    program = Program.objects.select_for_update(no_key=True).get(pk=found.program_id)
    found.refresh_from_db(fields=["closed_at"])
    if found.closed_at is None:
        return
    if found.boost is None and program.status == ProgramStatus.ACTIVE:
        programs.pause(program, at=at)
    _note(found, "budget.used_up", at, None, before=None)


def _locked(
    program: Program,
    boost: Boost | None,
    amount_cents: int,
    counts_from: datetime | None,
) -> tuple[Budget, bool]:
    """Return the budget under its lock, and whether it was made just now.

    Who comes at the same moment waits for whoever makes it.
    """
    rows = Budget.objects.select_for_update(no_key=True).filter(
        program=program, boost=boost
    )
    found = rows.first()
    if found is None:
        try:
            with transaction.atomic():
                made = Budget.objects.create(
                    program=program,
                    boost=boost,
                    amount_cents=amount_cents,
                    counts_from=counts_from,
                )
                return made, True
        except IntegrityError:
            return rows.get(), False
    return found, False


def _note(
    budget: Budget, action: str, at: datetime, by: User | None, *, before: int | None
) -> None:
    audit.record(
        f"shop:{budget.program.shop_id}",
        action,
        budget.boost or budget.program,
        at=at,
        actor=by,
        before=None if before is None else {"budget_cents": before},
        after={"budget_cents": budget.amount_cents},
    )
