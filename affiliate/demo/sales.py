from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

_VAT_PCT = 20


@dataclass
class Sale:
    """One order as the shop will send it, and what happens to it afterwards."""

    shop: str
    order: dict[str, Any]
    delivered_at: datetime | None = None
    refund: dict[str, Any] | None = None
    cancelled_at: datetime | None = None


def sales(
    seed: int, first: date, market: dict[str, Any], *, orders: int, until: datetime
) -> Iterator[Sale]:
    """Yield four weeks of so many orders for every shop of the marketplace file.

    About a third comes by a code, a third by a click, the rest by nobody; some are
    refunded in part, some cancelled, some never paid.
    """
    random = Random(seed + 1)  # noqa: S311  (made-up data, nothing secret)
    start = datetime(first.year, first.month, first.day, 8, tzinfo=UTC)
    for shop in market["shops"]:
        touches = _Touches(market, shop["programs"][0]["slug"])
        for number in range(orders):
            minutes = number * 28 * 24 * 60 // orders + random.randrange(60)
            placed_at = start + timedelta(minutes=minutes)
            sale = _sale(random, shop, f"{first:%y%m%d}{number:04}", placed_at, touches)
            yield _so_far(sale, until)


def _so_far(sale: Sale, until: datetime) -> Sale:
    """Leave out what has not happened yet."""
    if sale.delivered_at and sale.delivered_at > until:
        sale.delivered_at = None
    if sale.cancelled_at and sale.cancelled_at > until:
        sale.cancelled_at = None
    if sale.refund and datetime.fromisoformat(sale.refund["refunded_at"]) > until:
        sale.refund = None
    return sale


class _Touches:
    """The codes and clicks that a program's creators have out."""

    def __init__(self, market: dict[str, Any], program: str) -> None:
        rows = [
            row
            for creator in market["creators"]
            for row in creator["enrollments"]
            if row["program"] == program
        ]
        self.codes = [code["code"] for row in rows for code in row["codes"]]
        slugs = {link["slug"] for row in rows for link in row["links"]}
        self.clicks = [
            (datetime.fromisoformat(click["at"]), click["id"])
            for click in market["clicks"]
            if click["link"] in slugs
        ]

    def before(self, moment: datetime) -> list[str]:
        """Return the ids of the clicks of the week before."""
        week = timedelta(days=7)
        return [key for at, key in self.clicks if moment - week < at < moment]


def _sale(
    random: Random,
    shop: dict[str, Any],
    number: str,
    placed_at: datetime,
    touches: _Touches,
) -> Sale:
    lines = [
        _line(random, str(place), product)
        for place, product in enumerate(
            random.sample(shop["products"], k=random.choice((1, 1, 2, 3))), start=1
        )
    ]
    fate = random.random()
    order = {
        "external_id": number,
        "version": 1,
        "placed_at": placed_at.isoformat(),
        "currency": shop["currency"],
        "status": "pending" if fate > 0.97 else "paid",
        "buyer": {"email": f"client{number}@mail.example", "country": "FR"},
        "clicks": [],
        "codes": [],
        "lines": lines,
    }
    source, clicks = random.random(), touches.before(placed_at)
    if source < 0.33:
        order["codes"] = [random.choice(touches.codes)]
    elif source < 0.70 and clicks:
        order["clicks"] = random.sample(clicks, k=min(len(clicks), 2))
    elif source > 0.97:
        order["codes"] = ["BIENVENUE10"]
    sale = Sale(shop["slug"], order)
    if fate < 0.05:
        sale.cancelled_at = placed_at + timedelta(hours=5)
    elif fate < 0.95:
        sale.delivered_at = placed_at + timedelta(days=random.randrange(2, 6))
        if fate < 0.12:
            half = lines[0]["net_cents"] // 2
            sale.refund = {
                "external_id": f"R{number}",
                "refunded_at": (placed_at + timedelta(days=9)).isoformat(),
                "lines": [{"external_id": "1", "net_cents": half}],
                "reason": "retour",
            }
    return sale


def _line(random: Random, number: str, product: dict[str, Any]) -> dict[str, Any]:
    quantity = random.choice((1, 1, 1, 2, 3))
    gross = product["price_cents"] * quantity
    if random.random() < 0.2:
        gross -= gross // 10
    net = gross * 100 // (100 + _VAT_PCT)
    return {
        "external_id": number,
        "sku": product["sku"],
        "quantity": quantity,
        "net_cents": net,
        "tax_cents": gross - net,
    }
