"""Why this amount: read from the commission's own snapshot, not from today's terms."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Sum
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from affiliate.common import money
from payouts.models import Commission, CommissionKind

# The rank that `accrue` keeps: who * 3 + what, and 9 for the program's default (R2).
_WHO = ("creator", "group", "everyone")
_WHAT = ("product", "category", "everything")
_DEFAULT = 9
_LANGUAGES = ("fr", "en")


@dataclass(frozen=True)
class Terms:
    """One rate: whom and what it was for. `bp` or `flat_cents` is None."""

    id: int | None
    bp: int | None
    flat_cents: int | None
    who: str
    what: str
    group: str | None


def terms(rank: int, row: dict[str, Any]) -> Terms:
    """Return a rate of the snapshot in words: who creator|group|everyone|default."""
    who, what = ("default", "everything")
    if rank != _DEFAULT:
        who, what = _WHO[rank // 3], _WHAT[rank % 3]
    return Terms(
        row.get("id"),
        row.get("bp"),
        row.get("flat_cents"),
        who,
        what,
        row.get("group"),
    )


def won(commission: Commission) -> Terms:
    """Return the rate that decided the sale."""
    snapshot = commission.snapshot
    return terms(
        snapshot.get("rank", _DEFAULT),
        {
            "id": commission.rate_id,
            "bp": commission.rate_bp,
            "flat_cents": commission.flat_cents,
            "group": snapshot.get("group"),
        },
    )


def lost(commission: Commission) -> list[Terms]:
    """Return the rates that applied too and lost, the most specific first (R3)."""
    rows = commission.snapshot.get("lost_rates", [])
    return [terms(row["rank"], row) for row in rows]


def is_capped(commission: Commission) -> bool:
    """Say whether the program's highest rate held the amount down (B2, R7)."""
    if commission.rate_bp is not None:
        return commission.rate_bp * commission.multiplier_pct > commission.cap_bp * 100
    most = commission.base_cents * commission.cap_bp // 10_000
    return bool(commission.amount_cents) and commission.amount_cents == most


def explain(commission: Commission) -> dict[str, Any]:
    """Return the API's explanation of a sale, or of a correction of one.

    Shape: base_cents, rate, lost_rates, boost, lost_boosts, cap_bp, split,
    amount_cents, and the same in words in French and English, as said to the shop. A
    correction has the terms of its sale, and the base that was left.
    """
    sale = sale_of(commission)
    boost = None
    if sale.boost_id:
        boost = {
            "id": sale.boost_id,
            "name": sale.snapshot.get("boost", ""),
            "multiplier_pct": sale.multiplier_pct,
        }
    return {
        "base_cents": commission.base_cents,
        "rate": vars(won(sale)),
        "lost_rates": [vars(rate) for rate in lost(sale)],
        "boost": boost,
        "lost_boosts": sale.snapshot.get("lost_boosts", []),
        "cap_bp": sale.cap_bp,
        "split": None,
        "amount_cents": commission.amount_cents,
        "text": {
            language: sentence(commission, language, to_creator=False)
            for language in _LANGUAGES
        },
    }


def sentence(commission: Commission, language: str, *, to_creator: bool = True) -> str:
    """Return why a sale earns what it earns, or a correction changes, in plain words.

    Said to the creator ("your own rate"), or else to the shop.
    """
    with override(language):
        if commission.kind == CommissionKind.SALE:
            words = _of_sale(commission, language, to_creator)
        else:
            words = _of_correction(commission, language)
        return " ".join(words)


def sale_of(commission: Commission) -> Commission:
    """Return the sale that a correction corrects: its snapshot decided. Or itself."""
    if commission.kind == CommissionKind.SALE:
        return commission
    return Commission.objects.get(
        line=commission.line_id,
        creator=commission.creator_id,
        role=commission.role,
        number=0,
    )


def _of_sale(sale: Commission, language: str, to_creator: bool) -> Iterator[str]:
    def shown(cents: int) -> str:
        return money.show(cents, sale.currency, language)

    if not sale.base_cents:
        yield _(
            "Nothing was paid for this line, or all of it was given back, so it earns"
            " nothing."
        )
        return
    rate = won(sale)
    values = {
        "base": shown(sale.base_cents),
        "who": _own_reach(rate) if to_creator else _reach(rate),
    }
    if rate.bp is not None:
        values["rate"] = _decimal(rate.bp, language)
        words = _("%(rate)s %% of the %(base)s paid for the line without VAT: %(who)s.")
    else:
        values["flat"] = shown(rate.flat_cents or 0)
        words = _(
            "%(flat)s for each unit, %(base)s having been paid without VAT: %(who)s."
        )
    yield words % values
    yield from _of_terms(sale, language, to_creator)
    yield from _of_boosts(sale, language)
    yield from _of_result(sale, language)


def _of_boosts(sale: Commission, language: str) -> Iterator[str]:
    """Say what multiplied it, and whose budget had too little left (B2, B4)."""
    if sale.boost_id:
        yield _("The boost %(name)s multiplied it by %(times)s.") % {
            "name": sale.snapshot.get("boost", ""),
            "times": _decimal(sale.multiplier_pct, language),
        }
        if sale.snapshot.get("held_by") == "boost_budget":
            left = money.show(sale.extra_cents or 0, sale.currency, language)
            yield _("The boost's budget had only %(left)s left for this sale.") % {
                "left": left
            }
    for boost in sale.snapshot.get("lost_boosts", []):
        if boost.get("why") == "budget_used_up":
            yield _("The budget of the boost %(name)s was used up.") % {
                "name": boost["name"]
            }
    if is_capped(sale):
        yield _("The program's highest rate of %(cap)s %% holds.") % {
            "cap": _decimal(sale.cap_bp, language)
        }


def _of_result(sale: Commission, language: str) -> Iterator[str]:
    """Say what it comes to, within what the program's budget had left (P4, M4)."""

    def shown(cents: int) -> str:
        return money.show(cents, sale.currency, language)

    if sale.snapshot.get("held_by") == "program_budget":
        if not sale.most_cents:
            yield _("The program's budget was used up, so it earns nothing.")
            return
        yield _("The program's budget had only %(left)s left for this sale.") % {
            "left": shown(sale.most_cents)
        }
    if sale.amount_cents:
        yield _("That makes %(amount)s.") % {"amount": shown(sale.amount_cents)}
    else:
        yield _("That rounds to %(nothing)s.") % {"nothing": shown(0)}


def _of_terms(sale: Commission, language: str, to_creator: bool) -> Iterator[str]:
    """Say what was promised before a change (R6), and which condition failed (C6)."""
    until = sale.snapshot.get("promised_until")
    if until:
        words = (
            _("Your earlier rate of %(rate)s holds until %(day)s.")
            if to_creator
            else _("The creator's earlier rate of %(rate)s holds until %(day)s.")
        )
        rate = _pays(sale, sale.rate_bp, sale.flat_cents, language)
        yield words % {"rate": rate, "day": _day(until)}
    unmet = {
        "not_first_purchase": _(
            "The rate of %(rate)s is for a buyer's first purchase only."
        ),
        "cap_reached": _("All sales that the rate of %(rate)s is for had been made."),
    }
    for row in sale.snapshot.get("lost_rates", []):
        if row.get("why") in unmet:
            rate = _pays(sale, row.get("bp"), row.get("flat_cents"), language)
            yield unmet[row["why"]] % {"rate": rate}


def _pays(
    sale: Commission, bp: int | None, flat_cents: int | None, language: str
) -> str:
    if bp is None:
        return money.show(flat_cents or 0, sale.currency, language)
    blank = "\u00a0" if language == "fr" else " "
    return f"{_decimal(bp, language)}{blank}%"


def _day(moment: str) -> str:
    return date_format(timezone.localdate(datetime.fromisoformat(moment)))


def _of_correction(correction: Commission, language: str) -> Iterator[str]:
    def shown(cents: int) -> str:
        return money.show(cents, correction.currency, language)

    sale = sale_of(correction)
    before = _earned_before(correction)
    after = before + correction.amount_cents
    if correction.base_cents != sale.base_cents:
        yield _("Of the %(base)s paid for the line, %(left)s is left.") % {
            "base": shown(sale.base_cents),
            "left": shown(correction.base_cents),
        }
    elif sale.decline_reason and not after:
        yield _("The shop declined the sale: %(reason)s.") % {
            "reason": sale.get_decline_reason_display()
        }
    yield _(
        "By the terms of the sale the line now earns %(after)s instead of %(before)s."
    ) % {"after": shown(after), "before": shown(before)}
    amount = {"amount": shown(abs(correction.amount_cents))}
    if correction.amount_cents < 0:
        yield _("Taken back: %(amount)s.") % amount
    else:
        yield _("Given back: %(amount)s.") % amount


def _earned_before(correction: Commission) -> int:
    rows = Commission.objects.filter(
        line=correction.line_id,
        creator=correction.creator_id,
        role=correction.role,
        number__lt=correction.number,
    )
    return int(rows.aggregate(total=Sum("amount_cents"))["total"])


def _own_reach(rate: Terms) -> str:
    """Name the rate to the creator whom it pays."""
    return {
        ("creator", "product"): _("your own rate for this product"),
        ("creator", "category"): _("your own rate for this category"),
        ("creator", "everything"): _("your own rate"),
        ("group", "product"): _("your group's rate for this product"),
        ("group", "category"): _("your group's rate for this category"),
        ("group", "everything"): _("your group's rate"),
    }.get((rate.who, rate.what)) or _reach(rate)


def _reach(rate: Terms) -> str:
    """Name the rate to the shop that pays it."""
    words = {
        ("creator", "product"): _("the creator's own rate for this product"),
        ("creator", "category"): _("the creator's own rate for this category"),
        ("creator", "everything"): _("the creator's own rate"),
        ("group", "product"): _("the rate of the group %(group)s for this product"),
        ("group", "category"): _("the rate of the group %(group)s for this category"),
        ("group", "everything"): _("the rate of the group %(group)s"),
        ("everyone", "product"): _("the rate of this product"),
        ("everyone", "category"): _("the rate of this category"),
        ("everyone", "everything"): _("the rate for everyone"),
        ("default", "everything"): _("the program's rate"),
    }[rate.who, rate.what]
    return words % {"group": rate.group}


def _decimal(hundredths: int, language: str) -> str:
    whole, rest = divmod(hundredths, 100)
    text = f"{whole}.{rest:02}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if language == "fr" else text
