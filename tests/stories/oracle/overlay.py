"""Lay creators, touches, deliveries and refunds over the UCI months, by THE RULE.

THE RULE. Nothing is random: n is an order's invoice number, and everything follows
from n, from the order's instant and from its lines. Amounts, which UCI has in pounds,
are read as euros.

Shop. `retail` (GB, Europe/London, EUR). Its catalogue is every stock code that was ever
sold, except M, m, D, S, PADS, AMAZONFEE, BANK CHARGES and the codes whose first five
digits leave 5 when divided by 23: those stay unknown to the shop. A code that begins
with a digit falls under the category of its first two characters (cat-22), which falls
under that of its first character (cat-2); the others under cat-x-<two characters>,
below cat-x.

People and terms. In `cast`: three programs, one for each code policy, 24 creators.
Thirteen of `main` take turns: a is MAIN[n mod 13], b is the fifth after it. Of `focus`,
rex and sol take turns as r; of `circle`, uma, vic and wyn as c.

Who is touched. No order of a customer one of whose cancellations carries the same
minute as the sale of that stock code (who was first would be a matter of taste). Else:
- n mod 150 = 9, before 2011: NED10 (all of it comes back in April).
- n mod 120 = 33: a click on lou's product link of the program that is product-only.
- n mod 1700 = 61: the same for mia. n mod 210 = 34: XAN10 and xan's own click.
- n mod 20 < 8: the scene number (n div 4) mod 37 of SCENES, below, each in one line.
- The others have no touch.

Deliveries of touched orders, by n mod 10: 0-4 one parcel (1 + n mod 7) days and 3 hours
after the order; 5 parcels after 2 and 9 days; 6 one after 40 days; 7 parcels after 4
and 6 days, the later one reported first (these 3 hours more, too); 8 and 9 never.

Extra refunds of touched orders none of whose rows were rejected. "What is left" of a
line is its net minus all that the cancellations of the half-year take of it, so that no
sum exceeds what was paid.
- Ned's orders: all that is left of every line on 2011-04-10 at noon (UTC).
- n mod 9 = 4, lines whose number leaves 1 when divided by 3: a third of what is left
  (rounded down) 12 days after the order, another third after 45 days; and if n is even,
  the rest after 75 days, so that the line ends at exactly nothing.

Calendar. The file of a month, with its touches, is imported before the settle of the
1st of the next month, 06:00 in Paris; deliveries and refunds belong to the first such
settle at or after them. What comes after the last of these (2011-06-01) is left out.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.stories.oracle import cast
from tests.stories.oracle.facts import Delivery, Order, Refund, Touches
from tests.stories.oracle.reading import Month, Row, uncertain_customers

PARIS = ZoneInfo("Europe/Paris")
UNKNOWN_TO_THE_SHOP = ("M", "m", "D", "S", "PADS", "AMAZONFEE", "BANK CHARGES")
NED_GIVES_BACK_AT = datetime(2011, 4, 10, 12, tzinfo=UTC)


@dataclass
class Overlay:
    """The files that are laid over the months; by month where the months matter."""

    marketplace: dict[str, Any]
    touches: dict[str, Touches]
    deliveries: dict[str, list[Delivery]]
    refunds: dict[str, list[Refund]]


@dataclass
class Touching:
    """One order being touched: the rule's letters, and what was put on it so far."""

    order: Order
    clicks: list[dict[str, str]]
    click_ids: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)

    @property
    def n(self) -> int:
        """Give the invoice number."""
        return int(self.order.invoice)

    @property
    def a(self) -> str:
        """Name the creator of `main` whose turn it is."""
        return cast.MAIN[self.n % len(cast.MAIN)]

    @property
    def b(self) -> str:
        """Name another creator of `main`."""
        return cast.MAIN[(self.n + 5) % len(cast.MAIN)]

    @property
    def r(self) -> str:
        """Name the creator of `focus` whose turn it is."""
        return cast.FOCUS[self.n // 2 % 2]

    @property
    def c(self) -> str:
        """Name the creator of `circle` whose turn it is."""
        return cast.CIRCLE[self.n % 3]

    @property
    def product(self) -> str:
        """Find the first line's product that has links, else the first such product."""
        skus = [line.sku for line in self.order.lines]
        shown = [sku for sku in skus if sku in cast.PRODUCTS_WITH_LINKS]
        return (shown or list(cast.PRODUCTS_WITH_LINKS))[0]

    def click(
        self, who: str, program: str = "main", sku: str = "", **before: int
    ) -> "Touching":
        """Add a click through a link, so long before the order."""
        click_id = f"c-{len(self.clicks) + 1:07}"
        at = self.order.placed_at - timedelta(**before)
        slug = cast.link(who, program, sku)
        self.clicks.append({"id": click_id, "link": slug, "at": rfc3339(at)})
        self.click_ids.append(click_id)
        return self

    def code(self, *codes: str) -> "Touching":
        """Apply codes, in this order; a creator's name means their own code."""
        self.codes += [f"{c.upper()}10" if c.islower() else c for c in codes]
        return self

    def plain(self, click_id: str = "", code: str = "") -> "Touching":
        """Put a click id or a code on the order as it stands."""
        self.click_ids += [click_id] if click_id else []
        self.codes += [code] if code else []
        return self


Scene = Callable[[Touching], Touching]

# One scene, one line: what is on the order.
SCENES: tuple[Scene, ...] = (
    # 0-5: the plain cases.
    lambda t: t.code(t.a),
    lambda t: t.click(t.a, hours=2),
    lambda t: t.click(t.a, sku=t.product, days=3),
    lambda t: t.click(t.a, days=1).click(t.b, hours=3),
    lambda t: t.code(t.a, t.b),
    lambda t: t.click(t.b, hours=1).code(t.a),
    # 6-10: the edges of the window and of the order, to the microsecond.
    lambda t: t.click(t.a, days=30),
    lambda t: t.click(t.a, days=30, microseconds=1),
    lambda t: t.click(t.a, seconds=-1).click(t.b, days=3),
    lambda t: t.click(t.a, days=0),
    lambda t: t.click(t.a, microseconds=-1),
    # 11-13: two clicks at one instant; who had not joined yet; who had left.
    lambda t: t.click(t.a, hours=5).click(t.b, hours=5),
    lambda t: t.click("hana", hours=1).click(t.a, days=2),
    lambda t: t.click(t.a, days=2).click("ivo", minutes=30),
    # 14-20: codes that do not work, alone and beside a click; a limited code.
    lambda t: t.code("WELCOME5").click(t.a, days=6),
    lambda t: t.code("PIAOLD").click(t.b, hours=9),
    lambda t: t.code("QUINFEB").click(t.a, days=1),
    lambda t: t.code("PIAOLD", "WELCOME5"),
    lambda t: t.code("ORA50").click(t.b, days=2),
    lambda t: t.code(t.a, "ORA50"),
    lambda t: t.code("WELCOME5", "QUINFEB", t.b),
    # 21-22: a click nobody knows; a code in small letters.
    lambda t: t.plain(click_id=f"lost-{t.n}"),
    lambda t: t.plain(code=f"{t.a}10"),
    # 23-27: `circle`, where a code needs a click in the last seven days.
    lambda t: t.code(t.c).click(t.c, "circle", days=7),
    lambda t: t.code(t.c).click(t.c, "circle", days=7, seconds=1).click("ada"),
    lambda t: t.click(t.c, "circle", hours=20),
    lambda t: t.code(t.c),
    lambda t: t.click(t.c, "circle", days=5).click(t.a, days=1).code(t.c),
    # 28-33: `focus`, where a code needs the winning click and links are product-only.
    lambda t: t.code(t.r).click(t.r, "focus", days=1),
    lambda t: t.code(t.r).click(t.r, "focus", days=2).click(t.a, days=1),
    lambda t: t.code(t.r).click(t.a, days=2).click(t.r, "focus", days=1),
    lambda t: t.click(t.r, "focus", t.product, hours=4),
    lambda t: t.click("tom", "focus", t.product, days=2).click("bea", days=4),
    lambda t: t.click("tom", "focus", days=14),
    # 34-36: one code in two programs; two again, with the plain cases.
    lambda t: t.code("TOGETHER").click("sol", "focus", hours=2),
    lambda t: t.code(t.b),
    lambda t: t.click(t.b, days=10),
)


def lay(months: Sequence[Month]) -> Overlay:
    """Lay everything over the months."""
    clicks: list[dict[str, str]] = []
    touches = _touches(months, clicks)
    touched = [o for month in months for o in month.orders if o.invoice in touches]
    closes = {month.name: closes_at(month.name) for month in months}
    deliveries: dict[str, list[Delivery]] = {name: [] for name in closes}
    refunds: dict[str, list[Refund]] = {name: [] for name in closes}
    for delivery in [d for order in touched for d in _deliveries(order)]:
        if name := _month_of(delivery.delivered_at, closes):
            deliveries[name].append(delivery)
    for refund in _refunds(months, touched):
        if name := _month_of(refund.refunded_at, closes):
            refunds[name].append(refund)
    return Overlay(_marketplace(months, clicks), touches, deliveries, refunds)


def _touches(
    months: Sequence[Month], clicks: list[dict[str, str]]
) -> dict[str, Touches]:
    """Touch the orders by the rule, each click going into `clicks`."""
    left_alone = uncertain_customers(months)
    found = {}
    for order in [order for month in months for order in month.orders]:
        if order.customer in left_alone:
            continue
        touched = _touch(Touching(order, clicks))
        if touched.click_ids or touched.codes:
            found[order.invoice] = Touches(
                tuple(touched.click_ids), tuple(touched.codes)
            )
    return found


def closes_at(month: str) -> datetime:
    """Find the settle of a month's file: the 1st of the next one, 06:00 in Paris."""
    year, number = int(month[:4]), int(month[5:])
    return datetime(year + number // 12, number % 12 + 1, 1, 6, tzinfo=PARIS)


def rfc3339(at: datetime) -> str:
    """Write an instant in UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def category_of(sku: str) -> str:
    """Name the category of a stock code."""
    return f"{_top(sku)}-{sku[:2].lower()}" if sku[0] > "9" else f"cat-{sku[:2]}"


def _top(sku: str) -> str:
    return "cat-x" if sku[0] > "9" else f"cat-{sku[0]}"


def _is_known(sku: str) -> bool:
    if sku in UNKNOWN_TO_THE_SHOP:
        return False
    return not (sku[:5].isdigit() and int(sku[:5]) % 23 == 5)


def _marketplace(
    months: Sequence[Month], clicks: list[dict[str, str]]
) -> dict[str, Any]:
    sold: dict[str, Row] = {}
    for month in months:
        for sku, row in month.products.items():
            sold.setdefault(sku, row)
    products = [
        {
            "sku": sku,
            "name": sold[sku].description or sku,
            "url": f"https://retail.example/p/{sku}",
            "category": category_of(sku),
            "price_cents": int(sold[sku].price * 100),
        }
        for sku in sorted(sold)
        if _is_known(sku)
    ]
    parents = {category_of(str(p["sku"])): _top(str(p["sku"])) for p in products}
    tops = [{"slug": slug, "parent": None} for slug in sorted(set(parents.values()))]
    below = [{"slug": slug, "parent": parents[slug]} for slug in sorted(parents)]
    shop = {
        "slug": cast.SHOP,
        "name": "Retail",
        "currency": cast.CURRENCY,
        "country": "GB",
        "time_zone": "Europe/London",
        "hosts": ["retail.example"],
        "categories": tops + below,
        "products": products,
        "programs": cast.programs(),
    }
    return {"shops": [shop], "creators": cast.creators(), "clicks": clicks}


def _touch(t: Touching) -> Touching:
    if t.n % 150 == 9 and t.order.placed_at.year == 2010:
        return t.code("ned")
    if t.n % 120 == 33:
        return t.click("lou", "focus", t.product, hours=6)
    if t.n % 1700 == 61:
        return t.click("mia", "focus", t.product, hours=6)
    if t.n % 210 == 34:
        return t.click("xan", "focus", hours=7).code("xan")
    if t.n % 20 < 8:
        return SCENES[t.n // 4 % len(SCENES)](t)
    return t


def _deliveries(order: Order) -> list[Delivery]:
    n = int(order.invoice)
    days = {5: (2, 9), 6: (40,), 7: (6, 4), 8: (), 9: ()}.get(n % 10, (1 + n % 7,))
    return [
        Delivery(order.invoice, order.placed_at + timedelta(days=day, hours=3))
        for day in days
    ]


def _refunds(months: Sequence[Month], touched: Sequence[Order]) -> list[Refund]:
    """List the extra refunds by the rule, whenever they happen."""
    cancelled: dict[tuple[str, int], int] = {}
    for month in months:
        for refund in month.refunds:
            key = refund.order, refund.line
            cancelled[key] = cancelled.get(key, 0) + refund.net_cents
    torn = {r.row.invoice for month in months for r in month.rejected}
    found = []
    for order in touched:
        if order.invoice in torn:
            continue
        for line in order.lines:
            left = line.net_cents - cancelled.get((order.invoice, line.number), 0)
            for part, (at, cents) in enumerate(_parts(order, line.number, left), 1):
                if cents:
                    name = f"X{order.invoice}-{part}"
                    found.append(Refund(order.invoice, line.number, at, cents, name))
    return found


def _parts(order: Order, number: int, left: int) -> list[tuple[datetime, int]]:
    n = int(order.invoice)
    if n % 150 == 9 and order.placed_at.year == 2010:
        return [(NED_GIVES_BACK_AT, left)]
    if n % 9 != 4 or number % 3 != 1:
        return []
    third = left // 3
    parts = [(12, third), (45, third)]
    if n % 2 == 0:
        parts.append((75, left - 2 * third))
    return [(order.placed_at + timedelta(days=days), cents) for days, cents in parts]


def _month_of(at: datetime, closes: Mapping[str, datetime]) -> str:
    """Find the first file whose settle is not before `at`; empty when there is none."""
    return next((name for name, close in closes.items() if at <= close), "")
