"""Keeps orders as their newest version says, in batches (rule A7, invariant I4)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _

from shops.models import Order, Shop
from shops.orders import early, errors, sql, staging
from shops.orders.facts import OrderFacts, Outcome, Status
from shops.orders.state import Orders


def record(shop: Shop, facts: OrderFacts, *, at: datetime) -> tuple[Order, Outcome]:
    """Keep one order and return it with what became of it; see `record_many`.

    Raises OrderConflict, CurrencyChanged or BelowRefunded; the order stays as it was.
    """
    (outcome,) = record_many(shop, [facts], at=at)
    if outcome.status == "rejected":
        raise errors.BY_CODE[outcome.code](errors=outcome.errors)
    return Order.objects.get(shop=shop, external_id=facts.external_id), outcome


@transaction.atomic
def record_many(
    shop: Shop, facts: Sequence[OrderFacts], *, at: datetime
) -> list[Outcome]:
    """Keep the newest version of each order and say what became of each, in order.

    The same version again changes nothing, and neither does an older one. A rejected
    order leaves nothing and never stops the others; two versions in one batch end as
    if they had been sent one after the other. Events that came before their order are
    applied. The lines of every changed order are queued for the floor above.

    Any number of callers may bring the same orders at once, in any order.
    """
    hashes = [each.content_hash() for each in facts]
    outcomes: dict[int, Outcome] = {}
    changed: set[int] = set()
    rounds, twins = _rounds(facts, hashes)
    with connection.cursor() as cursor:
        for places in rounds:
            batch = _Batch(
                shop,
                places,
                [facts[place] for place in places],
                [hashes[place] for place in places],
            )
            outcomes |= _keep(cursor, batch, changed, at)
        early.queue(cursor, changed)
    for place, first in twins.items():
        said = outcomes[first]
        outcomes[place] = (
            said
            if said.status == "rejected"
            else Outcome(said.external_id, "unchanged")
        )
    return [outcomes[place] for place in range(len(facts))]


@dataclass(frozen=True)
class _Batch:
    """Orders of different numbers, by rising number; `places` are the caller's."""

    shop: Shop
    places: list[int]
    facts: list[OrderFacts]
    hashes: list[str]


@dataclass(frozen=True)
class _Known:
    """An order that was here before, locked until we are done."""

    id: int
    version: int
    content_hash: str
    currency: str


def _rounds(
    facts: Sequence[OrderFacts], hashes: Sequence[str]
) -> tuple[list[list[int]], dict[int, int]]:
    """Part the places into rounds without two orders of one number.

    The second part of the answer are the places that repeat another one exactly.
    """
    first: dict[tuple[str, int, str], int] = {}
    twins: dict[int, int] = {}
    turns: Counter[str] = Counter()
    rounds: list[list[int]] = []
    for place, each in enumerate(facts):
        key = each.external_id, each.version, hashes[place]
        if (earlier := first.setdefault(key, place)) != place:
            twins[place] = earlier
            continue
        turn = turns[each.external_id]
        turns[each.external_id] += 1
        if turn == len(rounds):
            rounds.append([])
        rounds[turn].append(place)
    for places in rounds:
        places.sort(key=lambda place: facts[place].external_id)
    return rounds, twins


def _keep(
    cursor: CursorWrapper, batch: _Batch, changed: set[int], at: datetime
) -> dict[int, Outcome]:
    """Create what is new, judge and update what is not; add to `changed`."""
    staged = staging.stage(cursor, batch.facts, batch.hashes)
    params = {**staged.params, "shop": batch.shop.pk, "at": at}
    cursor.execute(sql.CREATE.format(orders=staged.orders, lines=staged.lines), params)
    ids: dict[str, int] = dict(cursor.fetchall())
    said: dict[str, Status] = dict.fromkeys(ids, "created")
    refused: dict[str, Outcome] = {}
    if len(ids) < len(batch.facts):
        known = _lock(cursor, batch, ids)
        newer, refused = _judge(batch, known)
        updated, below = _update(cursor, batch, newer, staged, params)
        refused |= below
        said |= dict.fromkeys(updated, "updated")
        changed |= {known[number].id for number in updated}
        ids |= {number: known[number].id for number in updated}
    changed |= early.apply(cursor, batch.shop, ids)
    return {
        place: refused.get(each.external_id)
        or Outcome(each.external_id, said.get(each.external_id, "unchanged"))
        for place, each in zip(batch.places, batch.facts, strict=True)
    }


def _lock(
    cursor: CursorWrapper, batch: _Batch, made: Mapping[str, int]
) -> dict[str, _Known]:
    numbers = [f.external_id for f in batch.facts if f.external_id not in made]
    cursor.execute(sql.LOCK_KNOWN, [batch.shop.pk, numbers])
    return {row[0]: _Known(*row[1:5]) for row in cursor.fetchall()}


def _judge(
    batch: _Batch, known: Mapping[str, _Known]
) -> tuple[list[int], dict[str, Outcome]]:
    """Return the places (in the batch) of newer versions, and who is refused why."""
    newer: list[int] = []
    refused: dict[str, Outcome] = {}
    for n, each in enumerate(batch.facts):
        if (there := known.get(each.external_id)) is None:
            continue
        if each.version == there.version and batch.hashes[n] != there.content_hash:
            refused[each.external_id] = _conflict(each)
        elif each.version > there.version and each.currency != there.currency:
            refused[each.external_id] = _currency_changed(each, there)
        elif each.version > there.version:
            newer.append(n)
    return newer, refused


def _update(
    cursor: CursorWrapper,
    batch: _Batch,
    newer: list[int],
    staged: staging.Batch,
    params: dict[str, Any],
) -> tuple[list[str], dict[str, Outcome]]:
    """Apply newer versions; return the numbers updated, and who is refused why."""
    if not newer:
        return [], {}
    facts = {n: batch.facts[n] for n in newer}
    orders = Orders(cursor, batch.shop.pk, [f.external_id for f in facts.values()])
    below = orders.reprice(list(facts.values()))
    accepted = [n for n, each in facts.items() if each.external_id not in below]
    if accepted:
        orders.clear()
        statement = sql.UPDATE.format(orders=staged.orders, lines=staged.lines)
        cursor.execute(statement, {**params, "accepted": accepted})
        orders.write()
    refused = {
        number: Outcome(number, "rejected", "below_refunded", why)
        for number, why in below.items()
    }
    return [facts[n].external_id for n in accepted], refused


def _conflict(each: OrderFacts) -> Outcome:
    message = _("Version %(version)d is known with other content: send a higher one.")
    said = message % {"version": each.version}
    return Outcome(each.external_id, "rejected", "order_conflict", {"version": [said]})


def _currency_changed(each: OrderFacts, there: _Known) -> Outcome:
    said = _("This order was paid in %(currency)s.") % {"currency": there.currency}
    return Outcome(
        each.external_id, "rejected", "currency_changed", {"currency": [said]}
    )
