"""Why an amount, in words: French and English, to the creator and to the shop."""

import pytest

from affiliate.common.models import User
from payouts import commissions, explanations
from payouts.models import Commission
from tests.factories.creators import GroupMemberFactory
from tests.factories.shops import (
    AudienceFactory,
    BoostFactory,
    CategoryFactory,
    ProductFactory,
    RateFactory,
)
from tests.payouts.earning import (
    cancel,
    earn,
    enrolled,
    program,
    refund,
    undo_refunds,
)
from tests.shops.rewriting import rewrite

pytestmark = pytest.mark.django_db

NB = "\u00a0"
THIN = "\u202f"


@pytest.fixture
def lea():
    return enrolled(program(rate_bp=1000))


def english(commission, **to):
    return explanations.sentence(commission, "en", **to)


def french(commission, **to):
    return explanations.sentence(commission, "fr", **to)


def last(sale):
    return Commission.objects.filter(line=sale.line).latest("number")


# ------------------------------------------------------------------ sales


def test_the_programs_rate(lea):
    sale = earn(lea, 19566)

    assert english(sale) == (
        "10 % of the €195.66 paid for the line without VAT: the program's rate."
        " That makes €19.57."
    )
    assert french(sale) == (
        f"10{NB}% des 195,66{NB}€ payés pour la ligne hors TVA{NB}: le taux du"
        f" programme. Cela fait 19,57{NB}€."
    )


def reaches(enrollment):
    """Return a product and what a rate may be for: the product, its branch, or all."""
    branch = CategoryFactory(shop=enrollment.program.shop)
    product = ProductFactory(shop=enrollment.program.shop, category=branch)
    return product, {
        "product": {"product": product},
        "category": {"category": branch},
        "everything": {},
    }


def audiences(enrollment):
    gold = AudienceFactory(program=enrollment.program, slug="gold")
    GroupMemberFactory(enrollment=enrollment, audience=gold)
    return {"creator": enrollment.audience, "group": gold, "everyone": None}


@pytest.mark.parametrize(
    ("who", "what", "to_creator", "to_shop", "in_french"),
    [
        (
            "creator",
            "product",
            "your own rate for this product",
            "the creator's own rate for this product",
            "votre taux personnel pour ce produit",
        ),
        (
            "creator",
            "category",
            "your own rate for this category",
            "the creator's own rate for this category",
            "votre taux personnel pour ce rayon",
        ),
        (
            "creator",
            "everything",
            "your own rate",
            "the creator's own rate",
            "votre taux personnel",
        ),
        (
            "group",
            "product",
            "your group's rate for this product",
            "the rate of the group gold for this product",
            "le taux de votre groupe pour ce produit",
        ),
        (
            "group",
            "category",
            "your group's rate for this category",
            "the rate of the group gold for this category",
            "le taux de votre groupe pour ce rayon",
        ),
        (
            "group",
            "everything",
            "your group's rate",
            "the rate of the group gold",
            "le taux de votre groupe",
        ),
        (
            "everyone",
            "product",
            "the rate of this product",
            "the rate of this product",
            "le taux de ce produit",
        ),
        (
            "everyone",
            "category",
            "the rate of this category",
            "the rate of this category",
            "le taux de ce rayon",
        ),
        (
            "everyone",
            "everything",
            "the rate for everyone",
            "the rate for everyone",
            "le taux pour tous",
        ),
    ],
)
def test_whose_rate_and_for_what(lea, who, what, to_creator, to_shop, in_french):
    product, reached = reaches(lea)
    audience = audiences(lea)[who]
    rate = RateFactory(
        program=lea.program, audience=audience, rate_bp=1250, **reached[what]
    )

    sale = earn(lea, 4000, product=product)

    start = "12.5 % of the €40.00 paid for the line without VAT: {}. That makes €5.00."
    assert english(sale) == start.format(to_creator)
    assert english(sale, to_creator=False) == start.format(to_shop)
    assert f"12,5{NB}%" in french(sale)
    assert f"{NB}: {in_french}." in french(sale)
    said = explanations.explain(sale)["rate"]
    assert said == {
        "id": rate.pk,
        "bp": 1250,
        "flat_cents": None,
        "who": who,
        "what": what,
        "group": "gold" if who == "group" else None,
    }


def test_a_flat_amount(lea):
    RateFactory(program=lea.program, flat=True, flat_cents=150)

    sale = earn(lea, 4000, quantity=2)

    assert english(sale) == (
        "€1.50 for each unit, €40.00 having been paid without VAT: the rate for"
        " everyone. That makes €3.00."
    )
    assert french(sale) == (
        f"1,50{NB}€ par article, 40,00{NB}€ ayant été payés hors TVA{NB}: le taux pour"
        f" tous. Cela fait 3,00{NB}€."
    )


@pytest.mark.parametrize("name", ["Launch", "-20 % %(times)s %s", "50%", "{base}"])
def test_a_boost_is_called_by_its_name_whatever_that_is(lea, name):
    BoostFactory(program=lea.program, name=name, multiplier_pct=150)

    sale = earn(lea, 4000)

    assert f"The boost {name} multiplied it by 1.5. That makes €6.00." in english(sale)
    assert f"Le bonus {name} l’a multiplié par 1,5. Cela fait 6,00{NB}€." in french(
        sale
    )


def test_a_group_is_called_by_its_slug_whatever_that_is(lea):
    gold = AudienceFactory(program=lea.program, slug="100% %(group)s")
    GroupMemberFactory(enrollment=lea, audience=gold)
    RateFactory(program=lea.program, audience=gold)

    sale = earn(lea)

    assert "group 100% %(group)s." in english(sale, to_creator=False)


def test_the_cap_is_told_where_it_held(lea):
    BoostFactory(program=lea.program, name="Launch", multiplier_pct=1000)

    sale = earn(lea, 4000)

    assert english(sale).endswith(
        "The boost Launch multiplied it by 10. The program's highest rate of 80 %"
        " holds. That makes €32.00."
    )
    assert f"Le taux le plus haut du programme, 80{NB}%, s’applique." in french(sale)


def test_a_rate_exactly_at_the_cap_was_not_held_down(lea):
    BoostFactory(program=lea.program, name="Launch", multiplier_pct=800)

    assert "highest" not in english(earn(lea, 4000))


def test_a_zero_is_explained(lea):
    sale = earn(lea, 4)

    assert sale.amount_cents == 0
    assert english(sale).endswith("That rounds to €0.00.")
    assert french(sale).endswith(f"Cela s’arrondit à 0,00{NB}€.")


def test_a_line_for_which_nothing_was_paid(lea):
    sale = earn(lea, 0)

    assert english(sale) == (
        "Nothing was paid for this line, or all of it was given back, so it earns"
        " nothing."
    )
    assert french(sale) == (
        f"Rien n’a été payé pour cette ligne, ou tout a été remboursé{NB}: elle ne"
        " rapporte rien."
    )


@pytest.mark.parametrize(
    ("currency", "cents", "makes"),
    [("JPY", 1980, "¥198"), ("USD", 19566, "$19.57"), ("KWD", 1234, "KWD 0.123")],
)
def test_money_is_shown_in_the_orders_currency(currency, cents, makes):
    sale = earn(enrolled(program(rate_bp=1000, currency=currency)), cents,
                currency=currency)  # fmt: skip

    assert english(sale).replace(NB, " ").endswith(f"That makes {makes}.")


# ------------------------------------------------------------------ corrections


def test_a_refund_is_told_by_what_is_left(lea):
    sale = earn(lea, 4000)
    refund(sale.line, 1500)

    assert english(last(sale)) == (
        "Of the €40.00 paid for the line, €25.00 is left. By the terms of the sale the"
        " line now earns €2.50 instead of €4.00. Taken back: €1.50."
    )
    assert french(last(sale)) == (
        f"Des 40,00{NB}€ payés pour la ligne, il reste 25,00{NB}€. Aux conditions de la"
        f" vente, la ligne rapporte désormais 2,50{NB}€ au lieu de 4,00{NB}€."
        f" Repris{NB}: 1,50{NB}€."
    )


def test_each_refund_is_told_from_where_the_one_before_left_it(lea):
    sale = earn(lea, 4000)
    refund(sale.line, 1500)
    refund(sale.line, 2500)

    assert english(last(sale)) == (
        "Of the €40.00 paid for the line, €0.00 is left. By the terms of the sale the"
        " line now earns €0.00 instead of €2.50. Taken back: €2.50."
    )


def test_a_cancelled_order_leaves_nothing_of_its_line(lea):
    sale = earn(lea, 4000)
    cancel(sale.line)

    assert english(last(sale)).startswith(
        "Of the €40.00 paid for the line, €0.00 is left."
    )


def test_a_refund_that_is_undone_gives_back(lea):
    sale = earn(lea, 4000)
    refund(sale.line, 1500)
    undo_refunds(sale.line)

    assert english(last(sale)) == (
        "By the terms of the sale the line now earns €4.00 instead of €2.50."
        " Given back: €1.50."
    )
    assert french(last(sale)).endswith(f"Rendu{NB}: 1,50{NB}€.")


def test_a_declined_sale_says_why(lea):
    sale = earn(lea, 4000)
    by = User.objects.create_user("owner@mail.example")
    commissions.decline(sale.pk, "test_order", by=by, at=sale.accrued_at)
    while commissions.accrue(at=sale.accrued_at).verdicts:
        pass

    assert english(last(sale)) == (
        "The shop declined the sale: the order was a test. By the terms of the sale the"
        " line now earns €0.00 instead of €4.00. Taken back: €4.00."
    )
    assert "La boutique a refusé la vente" in french(last(sale))


def test_a_correction_has_the_terms_of_its_sale(lea):
    rate = RateFactory(program=lea.program, audience=lea.audience, rate_bp=2000)
    boost = BoostFactory(program=lea.program, name="Launch", multiplier_pct=200)
    sale = earn(lea, 4000)
    refund(sale.line, 1000)

    said, of_sale = explanations.explain(last(sale)), explanations.explain(sale)

    for name in ("rate", "lost_rates", "boost", "lost_boosts", "cap_bp", "split"):
        assert said[name] == of_sale[name]
    assert said["rate"]["id"] == rate.pk
    assert said["boost"] == {
        "id": boost.pk,
        "name": "Launch",
        "multiplier_pct": 200,
    }
    assert (said["base_cents"], said["amount_cents"]) == (3000, -400)


def test_terms_that_change_later_change_no_words(lea):
    rate = RateFactory(program=lea.program, audience=lea.audience, rate_bp=2000)
    sale = earn(lea, 4000)
    before = explanations.explain(sale)

    type(rate).objects.filter(pk=rate.pk).update(rate_bp=100)
    rewrite(lea.program, rate_bp=100, cap_bp=200)

    assert explanations.explain(Commission.objects.get(pk=sale.pk)) == before


def test_losers_are_told_the_most_specific_first(lea):
    product, _reached = reaches(lea)
    mine = RateFactory(program=lea.program, audience=lea.audience, rate_bp=900)
    RateFactory(program=lea.program, product=product, rate_bp=None, flat_cents=70)
    RateFactory(program=lea.program, rate_bp=800)
    best = BoostFactory(program=lea.program, name="Best", multiplier_pct=300)
    BoostFactory(program=lea.program, name="Lost", multiplier_pct=200)

    said = explanations.explain(earn(lea, 4000, product=product))

    assert said["rate"]["id"] == mine.pk
    assert [(each["who"], each["what"]) for each in said["lost_rates"]] == [
        ("everyone", "product"),
        ("everyone", "everything"),
        ("default", "everything"),
    ]
    assert [(each["bp"], each["flat_cents"]) for each in said["lost_rates"]] == [
        (None, 70),
        (800, None),
        (1000, None),
    ]
    assert said["boost"]["id"] == best.pk
    assert [each["name"] for each in said["lost_boosts"]] == ["Lost"]
