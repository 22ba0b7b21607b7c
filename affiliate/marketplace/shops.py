from typing import Any
from zoneinfo import available_timezones

from affiliate.common import money
from affiliate.common.models import User
from affiliate.marketplace.making import Maker
from affiliate.marketplace.places import Place
from shops.models import (
    ActivePeriod,
    Audience,
    Category,
    CodePolicy,
    Member,
    Product,
    Program,
    ProgramStatus,
    Role,
    Shop,
    WebhookSecret,
    WhoMayJoin,
)

_SYSTEMS = [name for name, _label in WebhookSecret.SYSTEMS]


def write_shops(root: Place, make: Maker) -> None:
    """Write shops with members, secrets, catalogue, programs and groups."""
    for place in root.each("shops"):
        shop = _shop(place, make)
        if shop is None:
            continue
        _members(place, shop, make)
        _secrets(place.at("webhook_secrets"), shop, make)
        _categories(place, shop, make)
        _products(place, shop, make)
        for row in place.each("programs"):
            _program(row, shop, make)


def _shop(place: Place, make: Maker) -> Shop | None:
    currency, zone = place.text("currency"), place.text("time_zone", "Europe/Paris")
    if currency and not money.is_currency(currency):
        place.fault("Is not a currency in use (ISO 4217).", "currency")
    if zone not in available_timezones():
        place.fault("Is not a time zone such as Europe/Paris.", "time_zone")
    shop: Shop | None = make.row(
        place,
        Shop,
        {"slug": place.text("slug", most=60)},
        name=place.text("name", most=120),
        currency=currency,
        country=place.text("country", most=2),
        time_zone=zone,
        hosts=place.texts("hosts"),
    )
    return shop


def _members(place: Place, shop: Shop, make: Maker) -> None:
    for row in place.each("members"):
        email = row.text("email").lower()
        if not email:
            continue
        user = User.objects.filter(email=email).first()
        if user is None:
            user = User.objects.create_user(email, is_staff=True)
            make.count(User)
        role = row.one_of("role", Role.values)
        make.row(row, Member, {"shop": shop, "user": user}, role=role)


def _secrets(place: Place, shop: Shop, make: Maker) -> None:
    for system in place.value:
        if system not in _SYSTEMS:
            place.fault(f"Must be one of: {', '.join(_SYSTEMS)}.", system)
            continue
        secret = place.text(system)
        known_by = {"shop": shop, "system": system, "secret": secret}
        make.row(place, WebhookSecret, known_by)


def _categories(place: Place, shop: Shop, make: Maker) -> None:
    # Parents may stand below their children: go round until nothing more fits.
    waiting = list(place.each("categories"))
    while waiting:
        later = []
        for row in waiting:
            parent_slug = row.text("parent", None)
            parent = shop.categories.filter(slug=parent_slug).first()
            if parent_slug and parent is None:
                later.append(row)
                continue
            slug = row.text("slug", most=60)
            name = row.text("name", "", most=120)
            known_by = {"shop": shop, "slug": slug}
            make.row(row, Category, known_by, parent=parent, name=name)
        if len(later) == len(waiting):
            for row in later:
                row.fault("Is not a category of this shop.", "parent")
            return
        waiting = later


def _products(place: Place, shop: Shop, make: Maker) -> None:
    categories = dict(shop.categories.values_list("slug", "id"))
    known = set(shop.products.values_list("sku", flat=True))
    fresh = []
    for row in place.each("products"):
        sku, slug = row.text("sku", most=100), row.text("category", None)
        if slug is not None and slug not in categories:
            row.fault("Is not a category of this shop.", "category")
        product = Product(
            shop=shop,
            sku=sku,
            name=row.text("name"),
            url=row.text("url", "", most=500),
            category_id=categories.get(slug),
            price_cents=row.whole("price_cents", None),
            currency=row.text("currency", shop.currency),
            image_url=row.text("image_url", "", most=500),
            is_active=row.flag("active", default=True),
        )
        if sku not in known:
            known.add(sku)
            fresh.append(product)
    # A catalogue is long: in bulk, with the checks made above.
    if not place.faults:
        Product.objects.bulk_create(fresh, batch_size=2_000)
        make.count(Product, len(fresh))


def _program(place: Place, shop: Shop, make: Maker) -> None:
    status = place.one_of("status", ProgramStatus.values, "draft")
    program: Any = make.row(
        place,
        Program,
        {"slug": place.text("slug", most=60)},
        shop=shop,
        name=place.text("name", most=120),
        currency=place.text("currency", shop.currency),
        status=status,
        enrollment=place.one_of("enrollment", WhoMayJoin.values, "open"),
        rate_bp=place.whole("rate_bp", most=10_000),
        cap_bp=place.whole("cap_bp", 8000, most=10_000),
        code_policy=place.one_of("code_policy", CodePolicy.values, "always"),
        window_days=place.whole("window_days", 30, most=90),
        hold_days=place.whole("hold_days", 30, most=60),
        shipping_days=place.whole("shipping_days", 5, most=60),
        rate_lock_days=place.whole("rate_lock_days", 30, most=365),
        halo=place.flag("halo", default=True),
        catalogue_only=place.flag("catalogue_only", default=False),
    )
    if program is None:
        return
    if status == ProgramStatus.ACTIVE and not program.active_periods.exists():
        # A past state: it has been active since ever.
        make.row(place, ActivePeriod, {"program": program, "starts_at": None})
    for group in place.each("groups"):
        known_by = {
            "program": program,
            "kind": "group",
            "slug": group.text("slug", most=60),
        }
        make.row(group, Audience, known_by, name=group.text("name", "", most=120))
