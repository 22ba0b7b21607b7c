"""A market to measure with: one shop, its catalogue and terms, and its creators.

Whatever is drawn is drawn from a seed: every run measures the same orders.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from affiliate.common.models import User
from creators.clicks import token
from creators.models import Click, Code, Creator, Enrollment, GroupMember, Link
from shops.models import (
    ActivePeriod,
    Audience,
    Boost,
    Category,
    Exclusion,
    Product,
    Program,
    Rate,
    Shop,
)
from shops.orders import LineFacts, OrderFacts

OPENED = datetime(2026, 1, 1, tzinfo=UTC)
FIRST_ORDER = datetime(2026, 3, 1, tzinfo=UTC)
PRODUCTS, CATEGORIES, GROUPS = 400, 20, 5
_LINES = 2


@dataclass(frozen=True)
class Market:
    """What orders are made of."""

    shop: Shop
    program: Program
    products: list[Product]
    enrollments: list[Enrollment]
    links: list[Link]
    codes: list[Code]


def build(creators: int) -> Market:
    """Return a shop with a catalogue and terms of every kind, and its creators."""
    shop = Shop.objects.create(
        slug="lune",
        name="Lune",
        currency="EUR",
        country="FR",
        time_zone="Europe/Paris",
        hosts=["lune.example"],
    )
    program = Program.objects.create(
        shop=shop,
        slug="lune",
        name="Lune",
        currency="EUR",
        rate_bp=800,
        status="active",
    )
    ActivePeriod.objects.create(program=program)
    products = _catalogue(shop)
    enrollments = enroll(program, creators)
    _terms(program, products, enrollments)
    links = [
        Link(enrollment=each, slug=f"l-{n}", destination="https://lune.example/")
        for n, each in enumerate(enrollments)
    ]
    codes = [
        Code(enrollment=each, program=program, code=f"CODE{n}")
        for n, each in enumerate(enrollments)
    ]
    return Market(
        shop,
        program,
        products,
        enrollments,
        Link.objects.bulk_create(links),
        Code.objects.bulk_create(codes),
    )


def _catalogue(shop: Shop) -> list[Product]:
    """Half of the categories lie below another one."""
    tops = Category.objects.bulk_create(
        Category(shop=shop, slug=f"top-{n}") for n in range(CATEGORIES // 2)
    )
    below = Category.objects.bulk_create(
        Category(shop=shop, slug=f"below-{n}", parent=top) for n, top in enumerate(tops)
    )
    categories = [*tops, *below]
    return Product.objects.bulk_create(
        Product(
            shop=shop,
            sku=f"SKU-{n}",
            name=f"Product {n}",
            url=f"https://lune.example/p/{n}",
            currency="EUR",
            category=categories[n % CATEGORIES],
        )
        for n in range(PRODUCTS)
    )


def enroll(program: Program, count: int) -> list[Enrollment]:
    """Return new creators' enrollments, active since the program opened."""
    users = User.objects.bulk_create(
        User(email=f"creator-{n}@mail.example", name=f"Creator {n}")
        for n in range(count)
    )
    creators = Creator.objects.bulk_create(
        Creator(user=user, handle=f"creator-{n}", name=user.name, country="FR")
        for n, user in enumerate(users)
    )
    audiences = Audience.objects.bulk_create(
        Audience(program=program, slug=each.handle, kind="creator") for each in creators
    )
    return Enrollment.objects.bulk_create(
        Enrollment(
            creator=creator,
            program=program,
            audience=audience,
            status="active",
            since=OPENED,
        )
        for creator, audience in zip(creators, audiences, strict=True)
    )


def _terms(
    program: Program, products: list[Product], enrollments: list[Enrollment]
) -> None:
    groups = Audience.objects.bulk_create(
        Audience(program=program, slug=f"group-{n}", kind="group")
        for n in range(GROUPS)
    )
    GroupMember.objects.bulk_create(
        GroupMember(
            audience=groups[n % GROUPS], enrollment=enrollments[n], program=program
        )
        for n in range(0, len(enrollments), 2)
    )
    categories = [each.category for each in products[:CATEGORIES]]
    percent = [
        *({"category": each, "rate_bp": 1000} for each in categories[:4]),
        *({"product": each, "rate_bp": 1200} for each in products[40:60]),
        *(
            {"category": categories[0], "audience": each, "rate_bp": 1500}
            for each in groups[:3]
        ),
        *(
            {"audience": each.audience, "rate_bp": 1100}
            for each in enrollments[: len(enrollments) // 10]
        ),
    ]
    Rate.objects.bulk_create(Rate(program=program, **each) for each in percent)
    Rate.objects.bulk_create(
        Rate(program=program, product=each, flat_cents=150) for each in products[60:65]
    )
    Exclusion.objects.create(program=program, category=categories[CATEGORIES // 2 - 1])
    week = timedelta(days=7)
    for n, reach in enumerate(
        (
            {"product": products[41]},
            {"category": categories[1]},
            {"audience": groups[0]},
        )
    ):
        Boost.objects.create(
            program=program,
            name=f"Boost {n}",
            multiplier_pct=150 + 50 * n,
            starts_at=FIRST_ORDER + n * week,
            ends_at=FIRST_ORDER + (n + 2) * week,
            **reach,
        )


def orders(market: Market, count: int, *, start: int = 0) -> Iterator[OrderFacts]:
    """Yield paid orders of two lines: by a code, by a click, by both, by nothing.

    A creator's click may be too old, and a code that nobody owns is typed now and then.
    """
    draw = random.Random(start)  # noqa: S311 (measured data, no secret)
    for n in range(start, start + count):
        placed = FIRST_ORDER + timedelta(seconds=120 * (n % 20_000) + n // 20_000)
        yield OrderFacts(
            external_id=f"O-{n:08d}",
            version=1,
            placed_at=placed,
            currency="EUR",
            status="paid",
            lines=tuple(_line(market, draw, m) for m in range(_LINES)),
            clicks=_clicks(market, draw, placed, n % 8),
            codes=_codes(market, draw, n % 8),
        )


def _line(market: Market, draw: random.Random, m: int) -> LineFacts:
    product, quantity = draw.choice(market.products), draw.randint(1, 3)
    net = quantity * draw.randint(500, 9_000)
    return LineFacts(str(m + 1), product.sku, quantity, net, net // 5)


def _clicks(
    market: Market, draw: random.Random, placed: datetime, turn: int
) -> tuple[str, ...]:
    def click(before: timedelta) -> str:
        return token.mint(draw.choice(market.links).pk, placed - before)

    hours = timedelta(hours=draw.randint(1, 600))
    if turn in (0, 1, 2):
        return (click(hours),)
    if turn == 3:
        return click(hours), click(timedelta(days=40))
    return ()


def _codes(market: Market, draw: random.Random, turn: int) -> tuple[str, ...]:
    if turn in (3, 4, 5):
        return (draw.choice(market.codes).code.lower(),)
    return ("WELCOME10",) if turn == 6 else ()


def keep_clicks(facts: list[OrderFacts]) -> None:
    """Leave the rows that the redirect's importer leaves of these orders' clicks."""
    touches = token.read_many(click for each in facts for click in each.clicks)
    Click.objects.bulk_create(
        Click(click_id=click_id, link_id=touch.link_id, at=touch.at)
        for click_id, touch in touches.items()
    )
