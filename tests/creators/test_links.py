"""Links: handed out by enrollment, to the shop's own hosts, never twice (rule L1)."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from affiliate.common import ids
from creators import destinations, links
from creators.clicks import targets
from creators.models import Link
from tests.factories import EnrollmentFactory, LinkFactory, ProductFactory
from tests.factories.shops import MOMENT

pytestmark = pytest.mark.django_db


@pytest.fixture
def enrollment():
    return EnrollmentFactory(program__shop__hosts=["lune.example", "b.example"])


def product_of(enrollment, **fields):
    return ProductFactory(
        shop=enrollment.program.shop,
        **{"url": "https://lune.example/p/serum", **fields},
    )


# ------------------------------------------------------------------ where to


def test_a_link_leads_to_the_shops_front_page(enrollment):
    link = links.create(enrollment, at=MOMENT)

    assert link.destination == "https://lune.example/"
    assert (link.product, link.post, link.format) == (None, "", "")
    assert Link.objects.get(pk=link.pk).created_at == MOMENT


def test_a_link_leads_to_its_products_page(enrollment):
    product = product_of(enrollment)
    link = links.create(
        enrollment, product=product, post="reel 12", format="video", at=MOMENT
    )

    assert link.destination == "https://lune.example/p/serum"
    assert (link.product, link.post, link.format) == (product, "reel 12", "video")


def test_a_link_may_lead_to_another_page_of_the_shop(enrollment):
    link = links.create(enrollment, destination="HTTPS://B.example/sale?x=é", at=MOMENT)

    assert link.destination == "https://b.example/sale?x=%C3%A9"


@pytest.mark.parametrize(
    ("destination", "refusal"),
    [
        ("https://evil.example/", destinations.ForeignDestination),
        ("//evil.example/", destinations.NotAnAddress),
        ("javascript:alert(1)", destinations.NotAnAddress),
        ("https://lune.example@evil.example/", destinations.NotAnAddress),
        ("https://lunе.example/", destinations.ForeignDestination),  # a Cyrillic е
    ],
)
def test_a_link_leads_to_no_other_site(enrollment, destination, refusal):
    with pytest.raises(refusal):
        links.create(enrollment, destination=destination, at=MOMENT)

    assert not Link.objects.exists()


def test_a_products_page_elsewhere_is_refused_too(enrollment):
    product = product_of(enrollment, url="https://market.example/serum")

    with pytest.raises(destinations.ForeignDestination):
        links.create(enrollment, product=product, at=MOMENT)


def test_a_product_of_another_shop_is_refused(enrollment):
    product = ProductFactory(url="https://lune.example/p/serum")

    with pytest.raises(links.ForeignProduct):
        links.create(enrollment, product=product, at=MOMENT)


def test_a_product_without_an_address_leads_nowhere(enrollment):
    with pytest.raises(links.NoDestination):
        links.create(enrollment, product=product_of(enrollment, url=""), at=MOMENT)


def test_a_shop_without_hosts_leads_nowhere():
    enrollment = EnrollmentFactory(program__shop__hosts=[])

    with pytest.raises(links.NoDestination):
        links.create(enrollment, at=MOMENT)


@pytest.mark.parametrize("state", ["applied", "rejected", "ended"])
def test_only_who_is_active_in_the_program_gets_a_link(state):
    with pytest.raises(links.EnrollmentNotActive):
        links.create(EnrollmentFactory(**{state: True}), at=MOMENT)


# ------------------------------------------------------------------ slugs


def test_a_new_slug_is_short_and_cannot_be_guessed(enrollment):
    slugs = {links.create(enrollment, at=MOMENT).slug for _ in range(50)}

    assert len(slugs) == 50
    assert {len(slug) for slug in slugs} == {10}
    assert set("".join(slugs)) <= set(ids.SLUG_ALPHABET)
    assert len(set("".join(slugs))) > 20


def test_a_new_slug_that_is_taken_is_drawn_again(enrollment, monkeypatch):
    LinkFactory(slug="aaaaaaaaaa")
    drawn = iter(["aaaaaaaaaa", "bbbbbbbbbb"])
    monkeypatch.setattr(ids, "new_slug", lambda length: next(drawn))

    assert links.create(enrollment, at=MOMENT).slug == "bbbbbbbbbb"


def test_a_chosen_slug_is_kept_in_lower_case(enrollment):
    assert links.create(enrollment, slug=" K3V9x2 ", at=MOMENT).slug == "k3v9x2"


@pytest.mark.parametrize("slug", ["", "ab", "a" * 41, "a b c", "été", "a/b", "a.b"])
def test_a_slug_that_cannot_be_typed_is_refused(enrollment, slug):
    with pytest.raises(links.MalformedSlug):
        links.create(enrollment, slug=slug, at=MOMENT)


def test_the_same_wish_again_gives_the_same_link(enrollment):
    first = links.create(enrollment, slug="k3v9x2", post="reel", at=MOMENT)
    again = links.create(
        enrollment, slug="K3V9X2", post="reel", at=MOMENT + timedelta(days=1)
    )

    assert again == first
    assert Link.objects.get().created_at == MOMENT


@pytest.mark.parametrize(
    "other", [{"post": "story"}, {"destination": "https://b.example/"}]
)
def test_a_slug_is_never_used_for_something_else(enrollment, other):
    links.create(enrollment, slug="k3v9x2", post="reel", at=MOMENT)

    with pytest.raises(links.TakenSlug):
        links.create(enrollment, slug="k3v9x2", at=MOMENT, **{"post": "reel", **other})
    assert Link.objects.count() == 1


def test_the_slug_of_another_creators_closed_link_is_taken(enrollment):
    LinkFactory(slug="k3v9x2", destination="https://lune.example/", closed=True)

    with pytest.raises(links.TakenSlug):
        links.create(enrollment, slug="k3v9x2", at=MOMENT)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_want_a_slug_at_once_one_gets_it():
    wishes = [
        EnrollmentFactory(program__shop__hosts=["lune.example"]) for _ in range(6)
    ]
    start, results = threading.Barrier(len(wishes)), []

    def want(enrollment):
        start.wait()
        try:
            results.append(links.create(enrollment, slug="k3v9x2", at=MOMENT).slug)
        except links.TakenSlug:
            results.append("taken")
        finally:
            connection.close()

    threads = [threading.Thread(target=want, args=(wish,)) for wish in wishes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(results) == ["k3v9x2"] + ["taken"] * 5
    assert Link.objects.count() == 1


# ------------------------------------------------------------------ the end


def test_a_link_closes_once():
    link = LinkFactory()
    links.close(link.pk, at=MOMENT)
    links.close(link.pk, at=MOMENT + timedelta(days=1))

    link.refresh_from_db()
    assert link.closed_at == MOMENT


def test_this_process_knows_at_once(enrollment, django_capture_on_commit_callbacks):
    table, slug = targets.table, "k3v9x2"
    table._known[slug] = None
    with django_capture_on_commit_callbacks(execute=True):
        link = links.create(enrollment, slug=slug, at=MOMENT)
    assert slug not in table._known

    table._known[slug] = None
    with django_capture_on_commit_callbacks(execute=True):
        links.close(link.pk, at=MOMENT)
    assert slug not in table._known


def test_a_link_that_is_not_there_cannot_be_closed():
    with pytest.raises(Link.DoesNotExist):
        links.close(0, at=MOMENT)


def test_the_address_is_what_the_creator_shows(settings):
    settings.SITE_URL = "https://place.example/"

    assert links.address(LinkFactory(slug="k3v9x2")) == "https://place.example/l/k3v9x2"
