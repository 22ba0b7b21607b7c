"""Checks what a shop sends, field by field, and names every fault with its path.

Written by hand because a batch holds 10,000 orders: the happy path builds no path and
no message. A test holds it below 40 microseconds an order.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn, TypeVar

from django.utils.translation import gettext as _

from affiliate.common import ids, money
from affiliate.common.errors import Refusal
from shops.models import OrderStatus, Shop
from shops.orders.errors import InvalidMoment, InvalidOrder, InvalidRefund
from shops.orders.facts import LineFacts, OrderFacts, RefundFacts, RefundLineFacts

MOST_CENTS = 10**13
MOST_UNITS = 10**6
MOST_LINES = 1000
MOST_CLICKS = 50
MOST_CODES = 20
LONGEST = 100
LONGEST_ADDRESS = 320
LONGEST_REASON = 200
_MOST_VERSION = 2**63 - 1
_FIRST = datetime(2000, 1, 1, tzinfo=UTC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(hours=48)
_MICROSECOND = timedelta(microseconds=1)
_STATUSES = frozenset(OrderStatus.values)
# A NUL cannot be stored, a lone surrogate cannot be sent on, and neither a line break
# nor another control sign belongs into an identifier.
_UNFIT = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_RFC_3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})?"
)
_COUNTRY = re.compile(r"[A-Z]{2}")

Raw = Mapping[str, Any]
Line = TypeVar("Line", LineFacts, RefundLineFacts)


class _Faults(dict[str, list[str]]):
    """Collects messages by path."""

    def add(self, path: str, message: str) -> None:
        self.setdefault(path, []).append(message)

    def refuse(self, refusal: type[Refusal]) -> None:
        if self:
            detail = "; ".join(f"{path}: {said[0]}" for path, said in self.items())
            raise refusal(detail[:500], errors=self)


def parse(raw: object, shop: Shop, *, at: datetime) -> OrderFacts:
    """Return the facts of one order in the shape of the API, in UTC.

    `raw` is what JSON gives; fields we do not know are passed over. `at` is now: an
    order may be dated from the year 2000 until 48 hours ahead. The buyer's e-mail is
    replaced by its keyed hash.

    Raises InvalidOrder, naming every fault by its path, such as `lines[2].net_cents`.
    """
    if not isinstance(raw, Mapping):
        _refuse_shape("order", InvalidOrder)
    faults = _Faults()
    latest = at + _AHEAD
    external_id = _number(raw, faults)
    version = _version(raw, latest, faults)
    placed_at = _instant(raw.get("placed_at"), "placed_at", latest, faults)
    currency = _currency(raw.get("currency"), shop, faults)
    status = raw.get("status")
    if not isinstance(status, str) or status not in _STATUSES:
        faults.add("status", _("Give one of pending, paid, cancelled."))
    buyer_hash, buyer_country = _buyer(raw.get("buyer"), faults)
    clicks = _texts(raw.get("clicks"), "clicks", MOST_CLICKS, faults)
    codes = _texts(raw.get("codes"), "codes", MOST_CODES, faults)
    lines = _many(raw.get("lines"), _line, faults)
    _check_total(raw.get("total_net_cents"), lines, faults)
    faults.refuse(InvalidOrder)
    return OrderFacts(
        external_id,
        version,
        placed_at,
        currency,
        str(status),
        lines,
        buyer_hash,
        buyer_country,
        clicks,
        codes,
    )


def parse_refund(raw: object, *, at: datetime) -> RefundFacts:
    """Return the facts of one refund in the shape of the API, in UTC.

    Each line names `net_cents`, or `quantity` for the share of so many units, or both.
    Raises InvalidRefund, naming every fault by its path.
    """
    if not isinstance(raw, Mapping):
        _refuse_shape("refund", InvalidRefund)
    faults = _Faults()
    external_id = _text(raw, "external_id", "", faults)
    refunded_at = _instant(raw.get("refunded_at"), "refunded_at", at + _AHEAD, faults)
    lines = _many(raw.get("lines"), _refund_line, faults)
    reason = ""
    if raw.get("reason") is not None:
        reason = _text(raw, "reason", "", faults, LONGEST_REASON, may_be_blank=True)
    faults.refuse(InvalidRefund)
    return RefundFacts(external_id, refunded_at, lines, reason)


def _refuse_shape(path: str, refusal: type[Refusal]) -> NoReturn:
    message = _("Send an object with named fields.")
    raise refusal(f"{path}: {message}", errors={path: [message]})


def parse_instant(raw: object, name: str, *, at: datetime) -> datetime:
    """Return the instant under `name` (`cancelled_at`, `delivered_at`), in UTC.

    The bounds are those of an order's `placed_at`. Raises InvalidMoment.
    """
    faults = _Faults()
    value = raw.get(name) if isinstance(raw, Mapping) else None
    moment = _instant(value, name, at + _AHEAD, faults)
    faults.refuse(InvalidMoment)
    return moment


def micros(moment: datetime) -> int:
    """Return the microseconds since 1970: what orders a shop's `updated_at`."""
    return (moment - _EPOCH) // _MICROSECOND


def is_number(text: str) -> bool:
    """Say whether an order may have this external id."""
    is_short = 0 < len(text) <= LONGEST
    return is_short and is_fit(text) and not text.isspace() and not _is_dots(text)


def is_fit(text: str) -> bool:
    """Say whether the text can be stored and holds no control sign."""
    return _UNFIT.search(text) is None


def _is_dots(text: str) -> bool:
    """Say whether these are dots: addresses drop `.` and `..`, and lose the order."""
    return not text.strip(".")


# ------------------------------------------------------------------ single fields


def _number(raw: Raw, faults: _Faults) -> str:
    number = _text(raw, "external_id", "", faults)
    if number and _is_dots(number):
        faults.add("external_id", _("Not only dots: addresses drop them."))
    return number


def _missing() -> str:
    return _("This is missing.")


def _text(
    raw: Raw,
    name: str,
    prefix: str,
    faults: _Faults,
    longest: int = LONGEST,
    *,
    may_be_blank: bool = False,
) -> str:
    value = raw.get(name)
    if (
        type(value) is str
        and 0 < len(value) <= longest
        and not _UNFIT.search(value)
        and not value.isspace()
    ):
        return value
    if value == "" and may_be_blank:
        return ""
    faults.add(prefix + name, _why_no_text(value, longest))
    return ""


def _why_no_text(value: object, longest: int) -> str:
    if value is None:
        return _missing()
    if not isinstance(value, str):
        return _("Send this as text, in quotation marks.")
    if len(value) > longest:
        return _("At most %(count)d characters.") % {"count": longest}
    if not is_fit(value):
        return _("Leave out control characters and broken Unicode.")
    return _("This is empty.")


def _whole(
    raw: Raw,
    name: str,
    prefix: str,
    faults: _Faults,
    most: int,
    least: int = 0,
) -> int:
    value = raw.get(name)
    # A bool is an int to Python, but nobody pays True cents.
    if type(value) is int and least <= value <= most:
        return value
    if value is None:
        message = _missing()
    elif type(value) is not int:
        message = _("Send a whole number, without quotation marks or decimals.")
    elif value < 0 <= least:
        message = _("This cannot be negative.")
    else:
        message = _("From %(least)d to %(most)d.") % {"least": least, "most": most}
    faults.add(prefix + name, message)
    return 0


def _instant(value: object, path: str, latest: datetime, faults: _Faults) -> datetime:
    moment, fault = _read_instant(value)
    if moment is not None:
        if _FIRST <= moment <= latest:
            return moment
        if moment < _FIRST:
            fault = _("This is before the year 2000.")
        else:
            fault = _("This is more than 48 hours in the future.")
    faults.add(path, fault)
    return _FIRST


def _read_instant(value: object) -> tuple[datetime | None, str]:
    if value is None:
        return None, _missing()
    if type(value) is not str or not (found := _RFC_3339.fullmatch(value[:LONGEST])):
        return None, _("Send an instant such as 2026-11-03T10:15:00+01:00.")
    if found[2] is None:
        return None, _("Add the offset, such as +01:00 or Z.")
    try:
        return datetime.fromisoformat(value.upper()).astimezone(UTC), ""
    except (ValueError, OverflowError):
        return None, _("There is no such day or time.")


def _currency(value: object, shop: Shop, faults: _Faults) -> str:
    if type(value) is str and money.is_currency(value):
        return value
    if value is None:
        faults.add("currency", _missing())
    else:
        example = {"currency": shop.currency}
        faults.add(
            "currency",
            _("Send an ISO 4217 code in use, such as %(currency)s.") % example,
        )
    return ""


def _version(raw: Raw, latest: datetime, faults: _Faults) -> int:
    if raw.get("version") is None and raw.get("updated_at") is not None:
        return micros(_instant(raw["updated_at"], "updated_at", latest, faults))
    return _whole(raw, "version", "", faults, _MOST_VERSION)


def _buyer(value: object, faults: _Faults) -> tuple[str, str]:
    if value is None:
        return "", ""
    if not isinstance(value, Mapping):
        faults.add("buyer", _("A buyer is an object."))
        return "", ""
    hashed, country = "", value.get("country")
    if value.get("email") is not None:
        address = _text(
            value, "email", "buyer.", faults, LONGEST_ADDRESS, may_be_blank=True
        )
        hashed = ids.email_hash(address) if address else ""
    if country is None or country == "":
        return hashed, ""
    if type(country) is not str or not _COUNTRY.fullmatch(country):
        faults.add("buyer.country", _("Two capital letters, such as FR."))
        return hashed, ""
    return hashed, country


def _texts(value: object, name: str, most: int, faults: _Faults) -> tuple[str, ...]:
    if value is None or value == []:
        return ()
    if not isinstance(value, list):
        faults.add(name, _("Send a list."))
        return ()
    if len(value) > most:
        faults.add(name, _("At most %(count)d.") % {"count": most})
        return ()
    before = len(faults)
    for i, each in enumerate(value):
        _text({"": each}, "", f"{name}[{i}]", faults)
    return tuple(dict.fromkeys(value)) if len(faults) == before else ()


# ------------------------------------------------------------------ lines


def _many(
    value: object, read: Callable[[Raw, str, _Faults], Line], faults: _Faults
) -> tuple[Line, ...]:
    if not isinstance(value, list) or not value:
        faults.add(
            "lines",
            _missing() if value is None else _("Send a list of one line or more."),
        )
        return ()
    if len(value) > MOST_LINES:
        faults.add("lines", _("At most %(count)d.") % {"count": MOST_LINES})
        return ()
    lines = []
    seen: dict[str, int] = {}
    for i, raw in enumerate(value):
        prefix = f"lines[{i}]."
        if not isinstance(raw, Mapping):
            faults.add(prefix[:-1], _("A line is an object."))
            continue
        line = read(raw, prefix, faults)
        first = seen.setdefault(line.external_id, i)
        if first != i and line.external_id:
            faults.add(
                f"{prefix}external_id",
                _("lines[%(first)d] has the same.") % {"first": first},
            )
        lines.append(line)
    return tuple(lines)


def _line(raw: Raw, prefix: str, faults: _Faults) -> LineFacts:
    line = LineFacts(
        _text(raw, "external_id", prefix, faults),
        _text(raw, "sku", prefix, faults),
        _whole(raw, "quantity", prefix, faults, MOST_UNITS),
        _whole(raw, "net_cents", prefix, faults, MOST_CENTS),
        _whole_if_given(raw, "tax_cents", prefix, faults, MOST_CENTS) or 0,
    )
    if not line.quantity and line.net_cents and f"{prefix}quantity" not in faults:
        faults.add(f"{prefix}quantity", _("What was paid for has a unit or more."))
    return line


def _refund_line(raw: Raw, prefix: str, faults: _Faults) -> RefundLineFacts:
    quantity = _whole_if_given(raw, "quantity", prefix, faults, MOST_UNITS, least=1)
    if quantity is None:
        net_cents: int | None = _whole(raw, "net_cents", prefix, faults, MOST_CENTS)
    else:
        net_cents = _whole_if_given(raw, "net_cents", prefix, faults, MOST_CENTS)
    external_id = _text(raw, "external_id", prefix, faults)
    return RefundLineFacts(external_id, net_cents, quantity or 0)


def _whole_if_given(
    raw: Raw, name: str, prefix: str, faults: _Faults, most: int, least: int = 0
) -> int | None:
    if raw.get(name) is None:
        return None
    return _whole(raw, name, prefix, faults, most, least)


def _check_total(value: object, lines: tuple[LineFacts, ...], faults: _Faults) -> None:
    """A total is not needed; one that differs from its lines shows a fault in them."""
    if value is None or any(path.startswith("lines") for path in faults):
        return
    total = sum(line.net_cents for line in lines)
    if type(value) is not int or value != total:
        faults.add(
            "total_net_cents",
            _("The lines sum to %(total)d: send that, or correct the lines.")
            % {"total": total},
        )
