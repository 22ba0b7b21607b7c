"""Links: what a creator shows, and where it leads (rule L1)."""

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from affiliate.common import ids
from affiliate.common.errors import Refusal, Words
from creators import destinations
from creators.clicks import targets
from creators.models import Enrollment, EnrollmentStatus, Link
from shops.models import Product, Shop

# 31 signs, so 10 of them are 49 bits: nobody guesses one, and two seldom meet.
_SLUG_LENGTH, _TRIES = 10, 5


class EnrollmentNotActive(Refusal):
    """The creator is not, or no longer, in the program: have them enrolled first."""

    code: ClassVar[str] = "enrollment_not_active"
    title: ClassVar[Words] = _("This creator is not active in the program.")
    way_out = _("Accept the creator into the program first.")


class MalformedSlug(Refusal):
    """The slug cannot be typed by everyone: 3 to 40 letters, digits, dashes."""

    code: ClassVar[str] = "slug_malformed"
    status: ClassVar[int] = 400
    title: ClassVar[Words] = _("This cannot be the end of a link.")
    way_out = _("Use 3 to 40 letters without accents, digits, dashes, underscores.")


class TakenSlug(Refusal):
    """Another link has, or had, this slug: slugs are never used again."""

    code: ClassVar[str] = "slug_taken"
    title: ClassVar[Words] = _("Another link has this ending.")
    way_out = _("Choose another one, or leave it out to get a new one.")


class ForeignProduct(Refusal):
    """The product is another shop's: choose one of the program's shop."""

    code: ClassVar[str] = "product_of_another_shop"
    status: ClassVar[int] = 400
    title: ClassVar[Words] = _("This product is not of the program's shop.")
    way_out = _("Choose a product of this shop.")


class NoDestination(Refusal):
    """Neither product nor shop has an address: give one, or enter the shop's hosts."""

    code: ClassVar[str] = "link_leads_nowhere"
    status: ClassVar[int] = 400
    title: ClassVar[Words] = _("There is no address to lead to.")
    way_out = _("Give the product an address, or the shop its hosts.")


@transaction.atomic
def create(
    enrollment: Enrollment,
    *,
    product: Product | None = None,
    post: str = "",
    format: str = "",
    destination: str | None = None,
    slug: str | None = None,
    at: datetime,
) -> Link:
    """Give a creator a link, by default to the product's page or the shop's front page.

    Without `slug` each call makes a new link. With one, a second call for the same
    thing returns the link it made first.

    Raises EnrollmentNotActive, ForeignProduct, NoDestination, destinations.Refusal for
    an address that is not the shop's, MalformedSlug, and TakenSlug.
    """
    if enrollment.status != EnrollmentStatus.ACTIVE:
        raise EnrollmentNotActive
    shop = enrollment.program.shop
    if product is not None and product.shop_id != shop.pk:
        raise ForeignProduct(errors={"product": [ForeignProduct.title]})
    link = Link(
        enrollment=enrollment,
        product=product,
        destination=destinations.of_shop(
            destination or _own_address(shop, product), shop.hosts
        ),
        post=post,
        format=format,
        created_at=at,
    )
    return _save_as(link, slug) if slug is not None else _save_under_new_slug(link)


@transaction.atomic
def close(link_id: int, *, at: datetime) -> Link:
    """Have a link lead nowhere any more; it shows a friendly page instead.

    Closing again changes nothing. Clicks that were answered before keep earning. Other
    processes notice within half a minute. Raises Link.DoesNotExist.
    """
    link = Link.objects.select_for_update(no_key=True).get(pk=link_id)
    if link.closed_at is None:
        link.closed_at = at
        link.save(update_fields=["closed_at"])
        transaction.on_commit(lambda: targets.table.forget(link.slug))
    return link


def address(link: Link) -> str:
    """Return what the creator shows: the public address of a link."""
    return f"{settings.SITE_URL.rstrip('/')}/l/{link.slug}"


def _own_address(shop: Shop, product: Product | None) -> str:
    url = product.url if product else f"https://{shop.hosts[0]}/" if shop.hosts else ""
    if not url:
        raise NoDestination
    return url


def _save_as(link: Link, slug: str) -> Link:
    link.slug = slug.strip().lower()
    if not targets.is_slug(link.slug):
        raise MalformedSlug(errors={"slug": [MalformedSlug.title]})
    if _inserted(link):
        return link
    known = Link.objects.get(slug=link.slug)
    if _terms(known) != _terms(link):
        raise TakenSlug(errors={"slug": [TakenSlug.title]})
    return known


def _save_under_new_slug(link: Link) -> Link:
    for _try in range(_TRIES):
        link.slug = ids.new_slug(_SLUG_LENGTH)
        if _inserted(link):
            return link
    raise RuntimeError("Every new slug is taken: is the random source broken?")


def _inserted(link: Link) -> bool:
    """Insert the link; False if its slug is taken, also by who was faster just now."""
    try:
        with transaction.atomic():
            link.save(force_insert=True)
    except IntegrityError as error:
        cause = error.__cause__
        if cause is None or "link_slug_is_never_reused" not in str(cause):
            raise
        return False
    # A slug that was asked for before it existed is remembered as unknown.
    transaction.on_commit(lambda: targets.table.forget(link.slug))
    return True


def _terms(link: Link) -> tuple[object, ...]:
    return (
        link.enrollment_id,
        link.product_id,
        link.destination,
        link.post,
        link.format,
    )
