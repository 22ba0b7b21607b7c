from datetime import UTC, datetime
from typing import Any

from affiliate.common import ids
from affiliate.common.errors import Refusal
from affiliate.common.models import User
from affiliate.marketplace.making import Maker
from affiliate.marketplace.places import Place
from creators import destinations
from creators.models import (
    Click,
    Code,
    Creator,
    CreatorEmail,
    Enrollment,
    Link,
)
from payouts.models import BankAccount, TaxKind, TaxProfile
from shops.models import Audience, Program

# A code that is retired, no day being given, earns on no order.
_SINCE_EVER = datetime(1970, 1, 1, tzinfo=UTC)


def write_creators(root: Place, make: Maker) -> None:
    """Write creators with accounts, tax data, enrollments, links and codes."""
    for place in root.each("creators"):
        creator = _creator(place, make)
        if creator is None:
            continue
        since = [
            moment
            for row in place.each("enrollments")
            if (moment := _enrollment(row, creator, make))
        ]
        if place.has("bank_account"):
            _bank_account(
                place.at("bank_account"), creator, min(since, default=make.at), make
            )
        if place.has("tax"):
            tax = place.at("tax")
            make.row(
                tax,
                TaxProfile,
                {"creator": creator},
                kind=tax.one_of("kind", TaxKind.values),
                siret=tax.text("siret", "", most=14),
                vat_number=tax.text("vat_number", "", most=20),
            )


def _creator(place: Place, make: Maker) -> Any:
    handle, email = place.text("handle", most=40), place.text("email").lower()
    if not handle or not email:
        return None
    creator = Creator.objects.filter(handle=handle).first()
    if creator is not None:
        return creator
    user = User.objects.filter(email=email).first()
    if user is None:
        user = User.objects.create_user(email, name=place.text("name", most=120))
        make.count(User)
    creator = make.row(
        place,
        Creator,
        {"handle": handle},
        user=user,
        name=place.text("name", most=120),
        country=place.text("country", most=2),
        languages=place.texts("languages"),
        followers=place.whole("followers", None),
        niches=place.texts("niches"),
    )
    if creator is not None:
        CreatorEmail.objects.create(creator=creator, email_hash=ids.email_hash(email))
    return creator


def _bank_account(place: Place, creator: Creator, since: datetime, make: Maker) -> None:
    # A past state: a verified account has been usable since the creator joined.
    verified_at = since if place.flag("verified", default=False) else None
    account = BankAccount.objects.filter(creator=creator, ended_at=None).first()
    iban = place.text("iban").replace(" ", "")
    if account is not None:
        if account.iban != iban:
            place.fault("Is already there with another value; change it there.", "iban")
        return
    make.row(
        place,
        BankAccount,
        {"creator": creator, "iban": iban},
        bic=place.text("bic", "", most=11),
        holder=place.text("holder", most=120),
        currency=place.text("currency", "EUR"),
        verified_at=verified_at,
        usable_from=place.instant("usable_from", verified_at),
    )


def _enrollment(place: Place, creator: Creator, make: Maker) -> datetime | None:
    program = Program.objects.filter(slug=place.text("program")).first()
    if program is None:
        place.fault("Is not a program of this marketplace.", "program")
        return None
    since, ended_at = place.instant("since", make.at), place.instant("ended_at", None)
    enrollment = Enrollment.objects.filter(creator=creator, program=program).first()
    if enrollment is None:
        audience = make.row(
            place,
            Audience,
            {"program": program, "kind": "creator", "slug": creator.handle},
            name=creator.name,
        )
        enrollment = make.row(
            place,
            Enrollment,
            {"creator": creator, "program": program},
            audience=audience,
            status="ended" if ended_at else "active",
            since=since,
            ended_at=ended_at,
        )
    if enrollment is not None:
        for row in place.each("links"):
            _link(row, enrollment, program, make)
        for row in place.each("codes"):
            _code(row, enrollment, program, make)
    return since if isinstance(since, datetime) else None


def _link(place: Place, enrollment: Enrollment, program: Program, make: Maker) -> None:
    sku, product = place.text("product", None), None
    if sku is not None:
        product = program.shop.products.filter(sku=sku).first()
        if product is None:
            place.fault("Is not a product of this shop.", "product")
            return
    hosts = program.shop.hosts
    wanted = product.url if product else ""
    if not wanted and not hosts:
        place.fault("The shop has no host to lead to.")
        return
    try:
        destination = destinations.of_shop(wanted or f"https://{hosts[0]}/", hosts)
    except Refusal as refusal:
        place.fault(str(refusal), "product")
        return
    make.row(
        place,
        Link,
        {"slug": place.text("slug", most=40).lower()},
        enrollment=enrollment,
        product=product,
        destination=destination,
        post=place.text("post", "", most=120),
        format=place.text("format", "", most=8),
    )


def _code(place: Place, enrollment: Enrollment, program: Program, make: Maker) -> None:
    status = place.one_of("status", ["active", "retired", "banned"], "active")
    code = place.text("code", most=40)
    retired_at = place.instant("retired_at", None)
    if retired_at is None and status != "active":
        retired_at = _SINCE_EVER
    make.row(
        place,
        Code,
        {"program": program, "code": code},
        enrollment=enrollment,
        post=place.text("post", "", most=120),
        format=place.text("format", "", most=8),
        status="retired" if retired_at and status == "active" else status,
        retired_at=retired_at,
        starts_at=place.instant("starts_at", None),
        ends_at=place.instant("ends_at", None),
        max_uses=place.whole("max_uses", None, least=1, most=10**6),
    )


def write_clicks(root: Place, make: Maker) -> None:
    """Write past clicks in bulk; what is known by its id stays."""
    links = dict(Link.objects.values_list("slug", "id"))
    clicks = []
    for place in root.each("clicks"):
        slug = place.text("link").lower()
        if slug and slug not in links:
            place.fault("Is not a link of this marketplace.", "link")
        click_id, at = place.text("id", most=100), place.instant("at")
        if slug in links and click_id and at:
            is_bot = place.flag("bot", default=False)
            clicks.append(
                Click(click_id=click_id, link_id=links[slug], at=at, is_bot=is_bot)
            )
    if not root.faults:
        before = Click.objects.count()
        Click.objects.bulk_create(clicks, batch_size=5_000, ignore_conflicts=True)
        make.count(Click, Click.objects.count() - before)
