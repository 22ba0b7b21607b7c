"""Who gets nothing, and which reason is shown (A6); borders to the microsecond."""

from datetime import timedelta

import pytest

from affiliate.common import ids
from creators.clicks import token
from shops.models import ActivePeriod
from tests.creators.judging import (
    MICROSECOND,
    PLACED,
    click,
    code,
    enrolled,
    judge,
    line,
    link,
    program,
    short,
    verdict,
)
from tests.factories.creators import ClickFactory, CreatorEmailFactory
from tests.factories.shops import (
    ActivePeriodFactory,
    CategoryFactory,
    ExclusionFactory,
    ProductFactory,
    ProgramFactory,
)

pytestmark = pytest.mark.django_db


# ------------------------------------------------------------------ enrollment


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"since": PLACED}, "attributed"),
        ({"since": PLACED + MICROSECOND}, "nobody"),
        ({"status": "ended", "ended_at": PLACED + MICROSECOND}, "attributed"),
        ({"status": "ended", "ended_at": PLACED}, "nobody"),
        ({"applied": True}, "nobody"),
        ({"rejected": True}, "nobody"),
    ],
    ids=str,
)
@pytest.mark.parametrize("via", ["click", "code"])
def test_the_enrollment_counts_at_the_moment_of_the_order(fields, state, via):
    ours = program()
    lea = enrolled(ours, **fields)
    code(lea, "LEA10")
    touch = {"codes": ["LEA10"]} if via == "code" else {"clicks": [click(link(lea))]}

    found = verdict(ours, **touch)

    assert found.state == state
    assert state == "attributed" or found.reason == "enrollment_not_active"


# ------------------------------------------------------------------ program


@pytest.mark.parametrize(
    ("periods", "state"),
    [
        ([(None, None)], "attributed"),
        ([(PLACED, None)], "attributed"),
        ([(PLACED + MICROSECOND, None)], "nobody"),
        ([(None, PLACED + MICROSECOND)], "attributed"),
        ([(None, PLACED)], "nobody"),
        ([], "nobody"),
        # Paused around the order, active before and after.
        (
            [
                (None, PLACED - timedelta(days=1)),
                (PLACED + timedelta(days=1), None),
            ],
            "nobody",
        ),
    ],
)
def test_the_program_counts_at_the_moment_of_the_order(periods, state):
    ours = ProgramFactory(status="active")
    for starts_at, ends_at in periods:
        ActivePeriodFactory(program=ours, starts_at=starts_at, ends_at=ends_at)

    found = verdict(ours, clicks=[click(link(ours))])

    assert found.state == state
    assert state == "attributed" or found.reason == "program_not_active"


def test_a_program_paused_after_the_order_still_earns():
    ours = program(status="paused")
    ActivePeriod.objects.update(ends_at=PLACED + timedelta(hours=1))

    assert verdict(ours, clicks=[click(link(ours))]).state == "attributed"


# ------------------------------------------------------------------ exclusions


def branch(shop):
    """Return (product, its category, the category above, the one above that)."""
    top = CategoryFactory(shop=shop)
    middle = CategoryFactory(shop=shop, parent=top)
    leaf = CategoryFactory(shop=shop, parent=middle)
    return ProductFactory(shop=shop, category=leaf), leaf, middle, top


@pytest.mark.parametrize("what", [0, 1, 2, 3])
def test_an_excluded_product_or_branch_earns_nothing(what):
    ours = program()
    chain = branch(ours.shop)
    key = "category" if what else "product"
    ExclusionFactory(program=ours, **{"product": None, key: chain[what]})

    found = verdict(ours, clicks=[click(link(ours))], product=chain[0])

    assert short(found) == ("nobody", "product_excluded", None)


def test_an_exclusion_reaches_nothing_beside_or_above_it():
    ours = program()
    product, leaf, middle, _ = branch(ours.shop)
    sibling = ProductFactory(shop=ours.shop, category=middle)
    ExclusionFactory(program=ours, product=None, category=leaf)

    assert verdict(ours, clicks=[click(link(ours))], product=sibling).creator
    assert verdict(ours, clicks=[click(link(ours))], product=product).creator is None


def test_an_exclusion_of_another_program_is_not_ours():
    ours = program()
    product = ProductFactory(shop=ours.shop)
    ExclusionFactory(program=program(shop=ours.shop), product=product)

    assert verdict(ours, clicks=[click(link(ours))], product=product).creator


@pytest.mark.parametrize(
    ("window", "state"),
    [
        ({"starts_at": PLACED}, "nobody"),
        ({"starts_at": PLACED + MICROSECOND}, "attributed"),
        ({"ends_at": PLACED + MICROSECOND}, "nobody"),
        ({"ends_at": PLACED}, "attributed"),
    ],
    ids=str,
)
def test_an_exclusion_holds_from_its_first_moment_to_before_its_end(window, state):
    ours = program()
    product = ProductFactory(shop=ours.shop)
    ExclusionFactory(program=ours, product=product, **window)

    found = verdict(ours, clicks=[click(link(ours))], product=product)

    assert found.state == state


def test_an_exclusion_leaves_the_line_to_another_program_of_the_shop():
    ours = program()
    other = program(shop=ours.shop)
    product = ProductFactory(shop=ours.shop)
    ExclusionFactory(program=ours, product=product)
    second = link(other)
    clicks = [click(link(ours)), click(second, before=timedelta(days=2))]

    assert verdict(ours, clicks=clicks, product=product).link == second


@pytest.mark.parametrize(("only", "reason"), [(True, "not_in_catalogue"), (False, "")])
def test_an_unknown_sku_earns_unless_the_catalogue_is_demanded(only, reason):
    ours = program(catalogue_only=only)

    found = verdict(ours, clicks=[click(link(ours))], product=None)

    assert found.reason == (reason or "latest_click")


def test_a_known_sku_earns_where_the_catalogue_is_demanded():
    ours = program(catalogue_only=True)

    found = verdict(
        ours, clicks=[click(link(ours))], product=ProductFactory(shop=ours.shop)
    )

    assert found.state == "attributed"


# ------------------------------------------------------------------ who clicked


@pytest.mark.parametrize(
    ("kept", "bought"),
    [
        ("lea@mail.example", "lea@mail.example"),
        ("lea@mail.example", "LEA@Mail.Example"),
        ("lea@mail.example", "lea+shopping@mail.example"),
        ("lea.martin@gmail.com", "leamartin@gmail.com"),
        ("leamartin@gmail.com", "l.e.a.martin+x@googlemail.com"),
    ],
)
@pytest.mark.parametrize("via", ["click", "code"])
def test_creators_earn_nothing_on_their_own_purchases(kept, bought, via):
    ours = program()
    lea = enrolled(ours)
    code(lea, "LEA10")
    CreatorEmailFactory(creator=lea.creator, address=kept)
    touch = {"codes": ["LEA10"]} if via == "code" else {"clicks": [click(link(lea))]}

    found = verdict(ours, buyer_hash=ids.email_hash(bought), **touch)

    assert short(found) == ("nobody", "own_purchase", None)


def test_any_address_of_the_creator_is_the_creators_own():
    ours = program()
    lea = enrolled(ours)
    for address in ("lea@mail.example", "bank@mail.example"):
        CreatorEmailFactory(creator=lea.creator, address=address)
    clicks = [click(link(lea))]

    found = verdict(ours, clicks=clicks, buyer_hash=ids.email_hash("bank@mail.example"))

    assert found.reason == "own_purchase"


@pytest.mark.parametrize("buyer", ["l.e.a@mail.example", "zoe@mail.example", None])
def test_other_buyers_earn_the_creator_the_commission(buyer):
    ours = program()
    lea = enrolled(ours)
    CreatorEmailFactory(creator=lea.creator, address="lea@mail.example")
    buyer_hash = ids.email_hash(buyer) if buyer else ""

    found = verdict(ours, clicks=[click(link(lea))], buyer_hash=buyer_hash)

    assert found.state == "attributed"


def test_a_creators_own_purchase_is_left_to_another_creators_click():
    ours = program()
    lea, zoe = enrolled(ours), link(ours)
    CreatorEmailFactory(creator=lea.creator, address="lea@mail.example")
    clicks = [click(link(lea)), click(zoe, before=timedelta(days=3))]

    found = verdict(ours, clicks=clicks, buyer_hash=ids.email_hash("lea@mail.example"))

    assert found.link == zoe


@pytest.mark.parametrize("is_imported", [False, True])
def test_a_bots_click_never_attributes(is_imported):
    ours = program()
    lea = link(ours)
    seen = click(lea, bot=True)
    if is_imported:
        seen = ClickFactory(
            link=lea, click_id="c-1", at=PLACED - timedelta(hours=1), bot=True
        ).click_id

    assert verdict(ours, clicks=[seen]).reason == "bot_click"


def test_a_forged_click_id_is_an_unknown_click():
    ours = program()
    real = click(link(ours))
    forged = real[:20] + ("A" if real[20] != "A" else "B") + real[21:]

    assert token.read(forged) is None
    assert verdict(ours, clicks=[forged]).reason == "click_unknown"
    assert verdict(ours, clicks=[""]).reason == "click_unknown"


# ------------------------------------------------------------------ two shops


def test_a_click_of_another_shop_is_an_unknown_click():
    ours, theirs = program(), program()

    assert verdict(ours, clicks=[click(link(theirs))]).reason == "click_unknown"


def test_a_code_of_another_shop_is_an_unknown_code():
    ours, theirs = program(), program()
    code(theirs, "LEA10")

    assert verdict(ours, codes=["LEA10"]).reason == "code_unknown"


def test_two_shops_with_one_code_each_keep_to_their_own():
    ours, theirs = program(), program()
    mine, yours = code(ours, "SUMMER"), code(theirs, "SUMMER")
    lines = [line(ours, codes=["SUMMER"]), line(theirs, codes=["SUMMER"])]

    found = judge(*lines)

    assert [each.code for each in found] == [mine, yours]
    assert [each.shop for each in found] == [ours.shop, theirs.shop]
