"""Why this amount: read from the commission's own snapshot, not from today's terms."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from affiliate.common import money
from payouts.models import Commission

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
    """Return the API's explanation of a sale; its corrections share it.

    Shape: base_cents, rate, lost_rates, boost, lost_boosts, cap_bp, split,
    amount_cents, and the same in one sentence in French and English.
    """
    boost = None
    if commission.boost_id:
        boost = {
            "id": commission.boost_id,
            "name": commission.snapshot.get("boost", ""),
            "multiplier_pct": commission.multiplier_pct,
        }
    return {
        "base_cents": commission.base_cents,
        "rate": vars(won(commission)),
        "lost_rates": [vars(rate) for rate in lost(commission)],
        "boost": boost,
        "lost_boosts": commission.snapshot.get("lost_boosts", []),
        "cap_bp": commission.cap_bp,
        "split": None,
        "amount_cents": commission.amount_cents,
        "text": {language: sentence(commission, language) for language in _LANGUAGES},
    }


def sentence(commission: Commission, language: str) -> str:
    """Return why a sale earns what it earns, in one or two plain sentences."""

    def shown(cents: int) -> str:
        return money.show(cents, commission.currency, language)

    with override(language):
        words = [_opening(commission, shown(commission.base_cents), language)]
        if commission.boost_id:
            words.append(
                _("The boost %(name)s multiplied it by %(times)s.")
                % {
                    "name": commission.snapshot.get("boost", ""),
                    "times": _decimal(commission.multiplier_pct, language),
                }
            )
        if is_capped(commission):
            words.append(
                _("The program's highest rate of %(cap)s %% holds.")
                % {"cap": _decimal(commission.cap_bp, language)}
            )
        if commission.amount_cents:
            words.append(
                _("That makes %(amount)s.") % {"amount": shown(commission.amount_cents)}
            )
        elif commission.base_cents:
            words.append(_("That is less than half a cent, so it is 0."))
        else:
            words.append(_("Nothing was paid for this line, so it is 0."))
        return " ".join(words)


def _opening(commission: Commission, base: str, language: str) -> str:
    rate = won(commission)
    values = {"base": base, "who": _reach(rate)}
    if rate.bp is not None:
        values["rate"] = _decimal(rate.bp, language)
        return (
            _("%(rate)s %% of the %(base)s paid for the line without VAT: %(who)s.")
            % values
        )
    values["flat"] = money.show(rate.flat_cents or 0, commission.currency, language)
    return (
        _("%(flat)s for each unit, %(base)s having been paid without VAT: %(who)s.")
        % values
    )


def _reach(rate: Terms) -> str:
    return {
        "creator": {
            "product": _("your own rate for this product"),
            "category": _("your own rate for this category"),
            "everything": _("your own rate"),
        },
        "group": {
            "product": _("your group's rate for this product"),
            "category": _("your group's rate for this category"),
            "everything": _("your group's rate"),
        },
        "everyone": {
            "product": _("the rate of this product"),
            "category": _("the rate of this category"),
            "everything": _("the rate for everyone"),
        },
        "default": {"everything": _("the program's rate")},
    }[rate.who][rate.what]


def _decimal(hundredths: int, language: str) -> str:
    whole, rest = divmod(hundredths, 100)
    text = f"{whole}.{rest:02}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if language == "fr" else text
