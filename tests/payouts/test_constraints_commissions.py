"""What the database refuses of commissions, bank accounts and tax profiles."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from payouts.models import BankAccount, Commission, CommissionStatus
from tests.factories.creators import CreatorFactory, EnrollmentFactory
from tests.factories.payouts import (
    BankAccountFactory,
    CommissionFactory,
    TaxProfileFactory,
)
from tests.factories.shops import MOMENT, OrderLineFactory, ProgramFactory, RateFactory
from tests.payouts.arrows import moves
from tests.shops.refusals import is_refused

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("factory", "base", "fault"),
    [
        pytest.param(
            CommissionFactory,
            {"kind": "sale", "number": 0},
            {"number": 1},
            marks=pytest.mark.breaks("commission_sale_is_number_zero"),
        ),
        pytest.param(
            CommissionFactory,
            {"reversal": True, "number": 1},
            {"number": 0},
            marks=pytest.mark.breaks("commission_sale_is_number_zero"),
        ),
        pytest.param(
            CommissionFactory,
            {"amount_cents": 4000, "base_cents": 4000},
            {"amount_cents": 4001},
            marks=pytest.mark.breaks("commission_never_exceeds_its_base"),
        ),
        pytest.param(
            CommissionFactory,
            {"amount_cents": 400, "most_cents": 400},
            {"most_cents": 399},
            marks=pytest.mark.breaks("commission_stays_within_its_grant"),
        ),
        pytest.param(
            CommissionFactory,
            {"amount_cents": 1},
            {"amount_cents": -1},
            marks=pytest.mark.breaks("commission_never_exceeds_its_base"),
        ),
        pytest.param(
            CommissionFactory,
            {"reversal": True, "amount_cents": -1},
            {"amount_cents": 1},
            marks=pytest.mark.breaks("commission_correction_has_the_sign_of_its_kind"),
        ),
        pytest.param(
            CommissionFactory,
            {"clawback": True, "amount_cents": -1},
            {"amount_cents": 1},
            marks=pytest.mark.breaks("commission_correction_has_the_sign_of_its_kind"),
        ),
        pytest.param(
            CommissionFactory,
            {"restoration": True, "amount_cents": 1},
            {"amount_cents": -1},
            marks=pytest.mark.breaks("commission_correction_has_the_sign_of_its_kind"),
        ),
        pytest.param(
            CommissionFactory,
            {"reversal": True, "base_cents": 0},
            {"base_cents": -1},
            marks=pytest.mark.breaks("commission_base_is_not_negative"),
        ),
        pytest.param(
            CommissionFactory,
            {"void": True, "amount_cents": 0},
            {"status": "pending"},
            marks=pytest.mark.breaks("commission_zero_is_not_payable"),
        ),
        pytest.param(
            CommissionFactory,
            {"status": "pending"},
            {"status": "lost"},
            marks=pytest.mark.breaks("commission_status_is_known"),
        ),
        pytest.param(
            CommissionFactory,
            {"held": True},
            {"held_reason": ""},
            marks=pytest.mark.breaks("commission_held_says_why"),
        ),
        pytest.param(
            CommissionFactory,
            {"held": True, "held_from": "approved"},
            {"held_from": "paid"},
            marks=pytest.mark.breaks("commission_held_says_why"),
        ),
        pytest.param(
            CommissionFactory,
            {"hold_starts_on": MOMENT.date(), "payable_on": MOMENT.date()},
            {"payable_on": MOMENT.date() - DAY},
            marks=pytest.mark.breaks("commission_hold_is_not_negative"),
        ),
        pytest.param(
            BankAccountFactory,
            {"iban": "FR1420041010050500013M02606"},
            {"iban": "FR14 2004 1010 0505 0001 3M02 606"},
            marks=pytest.mark.breaks("bank_account_iban_is_compact"),
        ),
        pytest.param(
            BankAccountFactory,
            {"iban": "DE32500105170000000007"},
            {"iban": "de32500105170000000007"},
            marks=pytest.mark.breaks("bank_account_iban_is_compact"),
        ),
        pytest.param(
            BankAccountFactory,
            {"verified_at": MOMENT, "usable_from": MOMENT},
            {"verified_at": None},
            marks=pytest.mark.breaks("bank_account_is_usable_only_once_verified"),
        ),
        pytest.param(
            BankAccountFactory,
            {"verified_at": MOMENT, "usable_from": MOMENT},
            {"usable_from": MOMENT - DAY},
            marks=pytest.mark.breaks("bank_account_is_usable_only_once_verified"),
        ),
        pytest.param(
            TaxProfileFactory,
            {"kind": "fr_franchise", "siret": "73282932000074"},
            {"siret": "7328293200007"},
            marks=pytest.mark.breaks("tax_profile_names_its_registration"),
        ),
        pytest.param(
            TaxProfileFactory,
            {"kind": "fr_vat", "siret": "73282932000074"},
            {"siret": ""},
            marks=pytest.mark.breaks("tax_profile_names_its_registration"),
        ),
        pytest.param(
            TaxProfileFactory,
            {"kind": "eu_vat", "siret": "", "vat_number": "DE123456789"},
            {"vat_number": ""},
            marks=pytest.mark.breaks("tax_profile_names_its_registration"),
        ),
        pytest.param(
            TaxProfileFactory,
            {"kind": "non_eu", "siret": ""},
            {"kind": "unknown"},
            marks=pytest.mark.breaks("tax_profile_names_its_registration"),
        ),
    ],
)
def test_a_row_that_cannot_be_true_is_refused(factory, base, fault):
    is_refused(factory, base, fault)


@pytest.mark.breaks("commission_rows_of_a_line_are_numbered")
def test_a_line_has_one_sale_per_creator():
    sale = CommissionFactory()
    same = {"line": sale.line, "enrollment": sale.enrollment}

    is_refused(
        CommissionFactory,
        {**same, "reversal": True, "number": 1},
        {"number": 0, "kind": "sale", "amount_cents": 400, "base_cents": 4000},
    )


# ------------------------------------------------------------------ one shop, one deal


def like(sale):
    """Return what makes a further row of this sale, with some differences."""
    same = {f.attname: getattr(sale, f.attname) for f in Commission._meta.fields}
    del same["id"]
    return lambda **changes: Commission.objects.create(**{**same, **changes})


@pytest.mark.breaks("commission_is_of_the_shop_of_its_line")
def test_a_line_of_another_shop_earns_nothing_here():
    sale = CommissionFactory()
    here, elsewhere = OrderLineFactory(order__shop=sale.shop), OrderLineFactory()

    is_refused(like(sale), {"line_id": here.pk}, {"line_id": elsewhere.pk})


@pytest.mark.breaks("commission_program_is_of_its_shop")
def test_a_program_of_another_shop_pays_nothing_here():
    sale = CommissionFactory()
    ours, theirs = (
        {
            "program_id": each.program_id,
            "enrollment_id": each.pk,
            "creator_id": each.creator_id,
        }
        for each in (
            EnrollmentFactory(program=ProgramFactory(shop=sale.shop)),
            EnrollmentFactory(),
        )
    )

    is_refused(like(sale), ours, theirs)


@pytest.mark.breaks("commission_enrollment_is_of_its_program")
def test_the_enrollment_is_of_the_program():
    enrollment = EnrollmentFactory()
    other = ProgramFactory(shop=enrollment.program.shop)

    is_refused(
        CommissionFactory,
        {"enrollment": enrollment, "program": enrollment.program},
        {"program": other},
    )


@pytest.mark.breaks("commission_enrollment_is_of_its_creator")
def test_the_enrollment_is_of_the_creator():
    enrollment = EnrollmentFactory()

    is_refused(
        CommissionFactory,
        {"enrollment": enrollment, "creator": enrollment.creator},
        {"creator": CreatorFactory()},
    )


# ------------------------------------------------------------------ facts stay


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount_cents", 401),
        ("base_cents", 4001),
        ("currency", "USD"),
        ("rate_bp", 1001),
        ("flat_cents", 1),
        ("multiplier_pct", 200),
        ("cap_bp", 7999),
        ("number", 0),
        ("kind", "reversal"),
        ("rate", RateFactory),
        ("line", OrderLineFactory),
        ("creator", CreatorFactory),
    ],
)
@pytest.mark.breaks("commission_facts_stay")
def test_what_decided_a_commission_stays(field, value):
    sale = CommissionFactory()
    if field == "number":
        sale, value = CommissionFactory(reversal=True), 2
    changed = value() if callable(value) else value
    Commission.objects.filter(pk=sale.pk).update(status="approved")

    with pytest.raises(IntegrityError), transaction.atomic():
        Commission.objects.filter(pk=sale.pk).update(**{field: changed})


@pytest.mark.breaks("commission_is_never_deleted")
def test_a_commission_is_never_deleted():
    sale = CommissionFactory()

    with pytest.raises(IntegrityError), transaction.atomic():
        sale.delete()

    assert Commission.objects.filter(pk=sale.pk).exists()


ARROWS = {
    ("pending", "approved"),
    ("pending", "void"),
    ("pending", "held"),
    ("approved", "in_run"),
    ("approved", "held"),
    ("in_run", "approved"),
    ("in_run", "paid"),
    ("paid", "approved"),
    ("held", "pending"),
    ("held", "approved"),
    ("held", "void"),
}


@pytest.mark.breaks("commission_moves_along_its_arrows")
def test_a_commission_moves_along_its_arrows_only():
    def commission(status):
        return CommissionFactory(status=status, held_from="pending", held_reason="Why?")

    assert moves(Commission, list(CommissionStatus), commission) == ARROWS


# ------------------------------------------------------------------ bank and tax


@pytest.mark.breaks("bank_account_is_the_only_live_one")
def test_a_creator_has_one_live_account_a_currency():
    lea = CreatorFactory()
    BankAccountFactory(creator=lea)
    BankAccountFactory(creator=lea, currency="USD")

    is_refused(
        BankAccountFactory, {"creator": lea, "ended_at": MOMENT}, {"ended_at": None}
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("iban", "FR1420041010050500013M02606"),
        ("currency", "USD"),
        ("creator", CreatorFactory),
    ],
)
@pytest.mark.breaks("bankaccount_facts_stay")
def test_an_account_is_replaced_never_changed(field, value):
    account = BankAccountFactory()
    changed = value() if callable(value) else value
    BankAccount.objects.filter(pk=account.pk).update(ended_at=MOMENT)

    with pytest.raises(IntegrityError), transaction.atomic():
        BankAccount.objects.filter(pk=account.pk).update(**{field: changed})


@pytest.mark.breaks("payouts_taxprofile.creator_id")
def test_a_creator_has_one_tax_profile():
    lea = CreatorFactory()
    TaxProfileFactory(creator=lea)

    is_refused(TaxProfileFactory, {"creator": CreatorFactory()}, {"creator": lea})
