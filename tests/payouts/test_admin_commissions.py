"""Merchants read what they owe and decline sales, with a reason of the closed list."""

import pytest
from django.test import Client

from affiliate.common.models import AuditEntry
from creators.models import Verdict
from payouts.models import Commission
from shops.models import OrderLine, Role, Shop
from tests.factories import (
    CommissionFactory,
    DeliveryFactory,
    EnrollmentFactory,
    OrderLineFactory,
    ProductFactory,
    RefundLineFactory,
    ShopFactory,
    VerdictFactory,
)
from tests.shops.backoffice import member_browser, page_of, staff_browser, text

pytestmark = pytest.mark.django_db

LIST = "/admin/payouts/commission/"


@pytest.fixture
def shop() -> Shop:
    return ShopFactory()


@pytest.fixture
def browser(shop: Shop) -> Client:
    return member_browser(shop)


def sale(shop: Shop, **fields) -> Commission:
    """Return a commission with the verdict that it was accrued from."""
    row = CommissionFactory(enrollment__program__shop=shop, **fields)
    VerdictFactory(line=row.line, attributed=True, enrollment=row.enrollment)
    return row


def decline_many(browser: Client, *rows: Commission, **fields):
    chosen = {"_selected_action": [row.pk for row in rows]}
    return browser.post(
        LIST, {"action": "decline_many", **chosen, **fields}, follow=True
    )


# ------------------------------------------------------------------ one


def test_a_sale_is_declined_with_a_reason(browser: Client, shop: Shop) -> None:
    row = sale(shop)
    where = page_of(row, "decline")

    assert "the order was a test" in text(browser.get(where))
    browser.post(where, {"reason": "test_order"})

    row.refresh_from_db()
    assert row.decline_reason == "test_order"
    entry = AuditEntry.objects.get(action="commission.declined")
    assert (entry.chain, entry.after) == (f"shop:{shop.pk}", {"reason": "test_order"})


@pytest.mark.parametrize("reason", ["", "because", "held"])
def test_no_other_reason_is_taken(browser: Client, shop: Shop, reason: str) -> None:
    row = sale(shop)

    page = browser.post(page_of(row, "decline"), {"reason": reason})

    assert page.status_code == 200
    row.refresh_from_db()
    assert row.decline_reason == ""


def test_a_sale_decided_before_is_refused_politely(browser: Client, shop: Shop) -> None:
    row = sale(shop, approved=True)

    page = browser.post(page_of(row, "decline"), {"reason": "fraud"}, follow=True)

    assert "This commission can no longer be changed this way." in text(page)
    row.refresh_from_db()
    assert row.decline_reason == ""


@pytest.mark.parametrize(
    ("state", "shown"),
    [({}, True), ({"approved": True}, False), ({"decline_reason": "fraud"}, False)],
)
def test_the_button_is_there_while_it_can_be_pressed(
    browser: Client, shop: Shop, state: dict, shown: bool
) -> None:
    row = sale(shop, **state)

    page = browser.get(page_of(row))

    assert bool(page.context["actions_detail"]) == shown


# ------------------------------------------------------------------ many


def test_many_are_declined_and_those_decided_before_stay(
    browser: Client, shop: Shop
) -> None:
    waits, decided = [sale(shop), sale(shop)], sale(shop, approved=True)

    asked = decline_many(browser, *waits, decided)
    assert "Decline these commissions?" in text(asked)
    assert not Commission.objects.exclude(decline_reason="").exists()
    page = decline_many(browser, *waits, decided, reason="fraud")

    declined = Commission.objects.filter(decline_reason="fraud")
    assert set(declined) == set(waits)
    assert "2 commissions were declined." in text(page)
    assert "1 was decided before and stays as it is" in text(page)


def test_of_300_the_ones_in_a_run_stay_and_are_named(
    browser: Client, shop: Shop
) -> None:
    waits = [sale(shop) for _each in range(3)]
    rows = _copies(waits[0], 297)
    paid = sale(shop, in_run=True)

    page = decline_many(browser, *waits, *rows, paid, reason="duplicate")

    assert Commission.objects.filter(decline_reason="duplicate").count() == 300
    assert "300 commissions were declined." in text(page)
    order = paid.line.order.external_id
    said = f"1 was decided before and stays as it is: {order} (being paid)."
    assert said in text(page)
    paid.refresh_from_db()
    assert paid.decline_reason == ""


def _copies(row: Commission, count: int) -> list[Commission]:
    """Return sales of further lines of one order, made in few statements."""
    lines = OrderLine.objects.bulk_create(
        OrderLine(
            order=row.line.order,
            shop=row.line.shop,
            external_id=f"copy-{number}",
            sku="SERUM",
            quantity=1,
            net_cents=4000,
            tax_cents=0,
        )
        for number in range(count)
    )
    verdict = Verdict.objects.get(line=row.line)
    Verdict.objects.bulk_create(_like(verdict, line=line) for line in lines)
    made = Commission.objects.bulk_create(
        _like(row, id=None, line=line) for line in lines
    )
    return list(made)


def _like(row, **fields):
    """Return an unsaved row that differs in these fields."""
    kept = {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.name not in fields
    }
    return type(row)(**kept, **fields)


def test_what_came_in_since_the_question_is_not_declined_unseen(
    browser: Client, shop: Shop
) -> None:
    seen = sale(shop)
    asked = decline_many(browser, seen, select_across="1")
    newest = asked.context["newest"]
    unseen = sale(shop)

    decline_many(browser, seen, select_across="1", newest=newest, reason="fraud")

    unseen.refresh_from_db()
    seen.refresh_from_db()
    assert (seen.decline_reason, unseen.decline_reason) == ("fraud", "")


def test_commissions_are_exported_for_the_own_shop_with_their_filters(
    browser: Client, shop: Shop
) -> None:
    sale(shop, enrollment__creator__handle="lea")
    sale(shop, enrollment__creator__handle="tom", approved=True)
    sale(ShopFactory(), enrollment__creator__handle="theirs")

    answer = browser.get(f"{LIST}export/csv/", {"status__exact": "pending"})

    body = b"".join(answer.streaming_content).decode("utf-8-sig")
    header, row = body.splitlines()
    assert ',"lea",' in row
    assert header.replace('"', "").startswith(
        "order,placed at,line,SKU,creator,program,kind,base,rate"
    )
    assert ',40.00,"10 %","","",4.00,"EUR",' in row


def test_another_shops_sale_is_not_declined(browser: Client) -> None:
    foreign = sale(ShopFactory())

    decline_many(browser, foreign, reason="fraud")

    foreign.refresh_from_db()
    assert foreign.decline_reason == ""


@pytest.mark.parametrize("who", ["analyst", "support", "finance"])
def test_only_managers_decline(shop: Shop, who: str) -> None:
    row = sale(shop)
    browser = (
        member_browser(shop, Role.ANALYST) if who == "analyst" else staff_browser(who)
    )

    status = browser.post(page_of(row, "decline"), {"reason": "fraud"}).status_code
    decline_many(browser, row, reason="fraud")

    row.refresh_from_db()
    assert (status, row.decline_reason) == (403, "")
    assert browser.get(page_of(row)).status_code == 200


# ------------------------------------------------------------------ reading


def test_a_commission_says_how_it_came_about(browser: Client, shop: Shop) -> None:
    row = sale(
        shop,
        rate_bp=1250,
        amount_cents=500,
        base_cents=4000,
        snapshot={
            "rank": 5,
            "group": "gold",
            "lost_rates": [{"id": 1, "bp": 1000, "rank": 8}],
            "lost_boosts": [{"id": 2, "name": "Launch", "multiplier_pct": 150}],
        },
    )

    page = text(browser.get(page_of(row)))

    for words in ("€5.00", "€40.00", "12.5 %", "group gold", "10 %", "Launch ×1.5"):
        assert words in page


def test_a_commission_says_why_in_the_readers_language(
    browser: Client, shop: Shop
) -> None:
    row = sale(shop)

    english = text(browser.get(page_of(row)))
    french = text(browser.get(page_of(row), headers={"accept-language": "fr"}))

    assert "paid for the line without VAT" in english
    assert "payés pour la ligne hors TVA" in french


def test_an_order_shows_verdict_touches_and_what_it_earned(
    browser: Client, shop: Shop
) -> None:
    line = OrderLineFactory(
        order__shop=shop, product=ProductFactory(shop=shop, name="Serum")
    )
    enrollment = EnrollmentFactory(program__shop=shop, creator__handle="lea")
    VerdictFactory(
        line=line,
        attributed=True,
        enrollment=enrollment,
        touches=[
            {
                "kind": "click",
                "ref": "signed-click-id",
                "at": "2026-11-02T09:00:00+00:00",
                "creator": "lea",
                "outcome": "won",
                "why": "latest_click",
            },
            {
                "kind": "code",
                "ref": "OLD10",
                "at": None,
                "creator": "tom",
                "outcome": "lost",
                "why": "code_expired",
            },
        ],
    )
    CommissionFactory(line=line, enrollment=enrollment)
    RefundLineFactory(line=line)
    DeliveryFactory(order=line.order)

    page = text(browser.get(page_of(line.order)))

    for words in (
        "Serum",
        "@lea",
        "The latest eligible click before the order.",
        "Code OLD10 · @tom",
        "The code was no longer valid.",
        "€4.00",
        "€10.00",
    ):
        assert words in page
    assert "signed-click-id" not in page


def test_a_line_that_waits_for_its_verdict_says_so(browser: Client, shop: Shop) -> None:
    line = OrderLineFactory(order__shop=shop)

    assert "It will be decided within a minute." in text(
        browser.get(page_of(line.order))
    )


def test_the_list_of_orders_names_their_creators(browser: Client, shop: Shop) -> None:
    line = OrderLineFactory(order__shop=shop)
    enrollment = EnrollmentFactory(program__shop=shop, creator__handle="lea")
    VerdictFactory(line=line, attributed=True, enrollment=enrollment)

    page = text(browser.get("/admin/shops/order/"))

    assert "@lea" in page
    assert "€40.00" in page


# ------------------------------------------------------------------ corrections


def test_a_correction_is_not_declined_beside_its_sale(browser, shop) -> None:
    row = sale(shop)
    back = CommissionFactory(
        line=row.line, enrollment=row.enrollment, reversal=True, number=1
    )

    page = decline_many(browser, row, back)

    assert page.context["count"] == 1


def test_a_correction_shows_whose_rate_its_sale_had(browser, shop) -> None:
    row = sale(shop, snapshot={"rank": 5, "group": "gold"})
    back = CommissionFactory(
        line=row.line, enrollment=row.enrollment, reversal=True, number=1
    )

    assert "gold" in text(browser.get(page_of(back)))
