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
from tests.shops.refusals import is_refused

pytestmark = pytest.mark.django_db
breaks = pytest.mark.breaks
DAY = timedelta(days=1)


def refuses(name, factory, base, fault):
    return pytest.param(factory, base, fault, marks=breaks(name))


@pytest.mark.parametrize(
    ("factory", "base", "fault"),
    [
        refuses(
            "commission_sale_is_number_zero",
            CommissionFactory,
            {"kind": "sale", "number": 0},
            {"number": 1},
        ),
        refuses(
            "commission_sale_is_number_zero",
            CommissionFactory,
            {"reversal": True, "number": 1},
            {"number": 0},
        ),
        refuses(
            "commission_never_exceeds_its_base",
            CommissionFactory,
            {"amount_cents": 4000, "base_cents": 4000},
            {"amount_cents": 4001},
        ),
        refuses(
            "commission_never_exceeds_its_base",
            CommissionFactory,
            {"amount_cents": 1},
            {"amount_cents": -1},
        ),
        refuses(
            "commission_correction_has_the_sign_of_its_kind",
            CommissionFactory,
            {"reversal": True, "amount_cents": -1},
            {"amount_cents": 1},
        ),
        refuses(
            "commission_correction_has_the_sign_of_its_kind",
            CommissionFactory,
            {"clawback": True, "amount_cents": -1},
            {"amount_cents": 1},
        ),
        refuses(
            "commission_correction_has_the_sign_of_its_kind",
            CommissionFactory,
            {"restoration": True, "amount_cents": 1},
            {"amount_cents": -1},
        ),
        refuses(
            "commission_base_is_not_negative",
            CommissionFactory,
            {"reversal": True, "base_cents": 0},
            {"base_cents": -1},
        ),
        refuses(
            "commission_zero_is_not_payable",
            CommissionFactory,
            {"void": True, "amount_cents": 0},
            {"status": "pending"},
        ),
        refuses(
            "commission_status_is_known",
            CommissionFactory,
            {"status": "pending"},
            {"status": "lost"},
        ),
        refuses(
            "commission_held_says_why",
            CommissionFactory,
            {"held": True},
            {"held_reason": ""},
        ),
        refuses(
            "commission_held_says_why",
            CommissionFactory,
            {"held": True, "held_from": "approved"},
            {"held_from": "paid"},
        ),
        refuses(
            "commission_hold_is_not_negative",
            CommissionFactory,
            {"hold_starts_on": MOMENT.date(), "payable_on": MOMENT.date()},
            {"payable_on": MOMENT.date() - DAY},
        ),
        refuses(
            "bank_account_iban_is_compact",
            BankAccountFactory,
            {"iban": "FR1420041010050500013M02606"},
            {"iban": "FR14 2004 1010 0505 0001 3M02 606"},
        ),
        refuses(
            "bank_account_iban_is_compact",
            BankAccountFactory,
            {"iban": "DE32500105170000000007"},
            {"iban": "de32500105170000000007"},
        ),
        refuses(
            "bank_account_is_usable_only_once_verified",
            BankAccountFactory,
            {"verified_at": MOMENT, "usable_from": MOMENT},
            {"verified_at": None},
        ),
        refuses(
            "bank_account_is_usable_only_once_verified",
            BankAccountFactory,
            {"verified_at": MOMENT, "usable_from": MOMENT},
            {"usable_from": MOMENT - DAY},
        ),
        refuses(
            "tax_profile_names_its_registration",
            TaxProfileFactory,
            {"kind": "fr_franchise", "siret": "73282932000074"},
            {"siret": "7328293200007"},
        ),
        refuses(
            "tax_profile_names_its_registration",
            TaxProfileFactory,
            {"kind": "fr_vat", "siret": "73282932000074"},
            {"siret": ""},
        ),
        refuses(
            "tax_profile_names_its_registration",
            TaxProfileFactory,
            {"kind": "eu_vat", "siret": "", "vat_number": "DE123456789"},
            {"vat_number": ""},
        ),
        refuses(
            "tax_profile_names_its_registration",
            TaxProfileFactory,
            {"kind": "non_eu", "siret": ""},
            {"kind": "unknown"},
        ),
    ],
)
def test_a_row_that_cannot_be_true_is_refused(factory, base, fault):
    is_refused(factory, base, fault)


@breaks("commission_rows_of_a_line_are_numbered")
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


@breaks("commission_is_of_the_shop_of_its_line")
def test_a_line_of_another_shop_earns_nothing_here():
    sale = CommissionFactory()
    here, elsewhere = OrderLineFactory(order__shop=sale.shop), OrderLineFactory()

    is_refused(like(sale), {"line_id": here.pk}, {"line_id": elsewhere.pk})


@breaks("commission_program_is_of_its_shop")
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


@breaks("commission_enrollment_is_of_its_program")
def test_the_enrollment_is_of_the_program():
    enrollment = EnrollmentFactory()
    other = ProgramFactory(shop=enrollment.program.shop)

    is_refused(
        CommissionFactory,
        {"enrollment": enrollment, "program": enrollment.program},
        {"program": other},
    )


@breaks("commission_enrollment_is_of_its_creator")
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
@breaks("commission_facts_stay")
def test_what_decided_a_commission_stays(field, value):
    sale = CommissionFactory()
    if field == "number":
        sale, value = CommissionFactory(reversal=True), 2
    changed = value() if callable(value) else value
    Commission.objects.filter(pk=sale.pk).update(status="approved")

    with pytest.raises(IntegrityError), transaction.atomic():
        Commission.objects.filter(pk=sale.pk).update(**{field: changed})


@breaks("commission_is_never_deleted")
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


@breaks("commission_moves_along_its_arrows")
def test_a_commission_moves_along_its_arrows_only():
    moved = set()
    for start in CommissionStatus:
        held = {"held_from": "pending", "held_reason": "Why?"}
        sale = CommissionFactory(status=start, **held)
        for end in CommissionStatus:
            try:
                with transaction.atomic():
                    Commission.objects.filter(pk=sale.pk).update(status=end)
                    moved.add((str(start), str(end)))
                    transaction.set_rollback(True)
            except IntegrityError:
                continue

    assert moved - {(each, each) for each in CommissionStatus} == ARROWS


# ------------------------------------------------------------------ bank and tax


@breaks("bank_account_is_the_only_live_one")
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
@breaks("bankaccount_facts_stay")
def test_an_account_is_replaced_never_changed(field, value):
    account = BankAccountFactory()
    changed = value() if callable(value) else value
    BankAccount.objects.filter(pk=account.pk).update(ended_at=MOMENT)

    with pytest.raises(IntegrityError), transaction.atomic():
        BankAccount.objects.filter(pk=account.pk).update(**{field: changed})


@breaks("payouts_taxprofile.creator_id")
def test_a_creator_has_one_tax_profile():
    lea = CreatorFactory()
    TaxProfileFactory(creator=lea)

    is_refused(TaxProfileFactory, {"creator": CreatorFactory()}, {"creator": lea})
