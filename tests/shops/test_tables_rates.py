"""Rates from tables: the same rules as by the form, row by row."""

from datetime import UTC, datetime, timedelta

import pytest

from affiliate.common.models import AuditEntry
from shops.models import Period, Program, Rate
from tests.factories import (
    AudienceFactory,
    CategoryFactory,
    EnrollmentFactory,
    ProductFactory,
    ProgramFactory,
    RateFactory,
)
from tests.shops.bringing import changes, counts, faults, imported, previewed
from tests.shops.building import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def program() -> Program:
    return ProgramFactory(active=True, slug="lune", name="Lune", rate_lock_days=30)


def test_rates_are_made_for_whom_and_what_the_row_says(program: Program) -> None:
    shop = program.shop
    ProductFactory(shop=shop, sku="SERUM")
    CategoryFactory(shop=shop, slug="care")
    AudienceFactory(program=program, slug="gold")
    EnrollmentFactory(program=program, creator__handle="lea")

    upload = imported(
        shop,
        "rates",
        "Programme;Créateur;Groupe;Produit;Catégorie;Taux;Montant fixe\n"
        "Lune;@LEA;;SERUM;;12,5 %;\n"
        "lune;;gold;;care;;2,00\n"
        "lune;;;;;9;\n",
    )

    assert faults(upload) == []
    assert [
        (
            str(rate.audience) if rate.audience else "",
            rate.product.sku if rate.product else "",
            rate.category.slug if rate.category else "",
            rate.rate_bp,
            rate.flat_cents,
        )
        for rate in Rate.objects.order_by("pk")
    ] == [
        (str(program.audiences.get(kind="creator")), "SERUM", "", 1250, None),
        ("gold", "", "care", None, 200),
        ("", "", "", 900, None),
    ]


@pytest.mark.parametrize(
    ("written", "chosen", "went"),
    [
        ("Lune", None, None),
        ("LUNE", None, None),
        ("lune", None, "lune"),
        ("lune-2", None, "lune-2"),
        ("Lune", "lune-2", "lune-2"),
        ("lune", "lune-2", "lune"),
        ("Soleil", "lune-2", "soleil"),
    ],
)
def test_a_name_of_two_programs_is_no_name_of_either(
    program: Program, written: str, chosen: str | None, went: str | None
) -> None:
    """A slug as it stands is always one program; a name may be the chosen one's."""
    for slug, name in (("lune-2", "Lune"), ("soleil", "Soleil")):
        ProgramFactory(shop=program.shop, active=True, slug=slug, name=name)
    known = {each.slug: each.pk for each in program.shop.programs.all()}
    options = {"program": known[chosen]} if chosen else {}

    upload = imported(program.shop, "rates", f"program,rate\n{written},9\n", **options)

    assert list(Rate.objects.values_list("program__slug", flat=True)) == (
        [went] if went else []
    )
    said = "Several programs are called this: write the slug."
    assert faults(upload) == ([] if went else [(2, "program", said)])


def test_a_rate_from_a_table_is_announced_and_noted_like_any_other(
    program: Program,
) -> None:
    upload = imported(program.shop, "rates", "rate\n9 %\n", program=program.pk)

    rate = Rate.objects.get()
    assert (rate.starts_at, rate.announced_at) == (NOW, NOW)
    assert rate.binds_at == NOW + timedelta(days=30)
    entry = AuditEntry.objects.get(action="rate.added")
    assert entry.actor_id == upload.by_id


def test_another_amount_replaces_the_rate_from_then_on(program: Program) -> None:
    there = RateFactory(program=program, rate_bp=1200, starts_at=None)

    table = "rate\n13 %\n"
    upload = previewed(program.shop, "rates", table, program=program.pk)
    assert changes(upload) == [(2, "rate", "12.00 %", "13.00 %")]

    imported(program.shop, "rates", table, program=program.pk)
    there.refresh_from_db()
    assert there.ends_at == NOW
    new = Rate.objects.exclude(pk=there.pk).get()
    assert (new.rate_bp, new.starts_at, new.ends_at) == (1300, NOW, None)


def test_another_end_moves_the_end(program: Program) -> None:
    RateFactory(program=program, rate_bp=1200, starts_at=None)

    upload = imported(
        program.shop, "rates", "rate,until\n12 %,2027-01-01\n", program=program.pk
    )

    assert counts(upload) == {"changed": 1}
    assert Rate.objects.get().ends_at == datetime(2026, 12, 31, 23, tzinfo=UTC)


def test_the_same_table_again_changes_nothing(program: Program) -> None:
    table = "rate,from,until\n12 %,2027-01-01,2027-06-01\n9 %,2027-06-01,\n"
    imported(program.shop, "rates", table, program=program.pk)

    upload = imported(program.shop, "rates", table, program=program.pk)

    assert counts(upload) == {"unchanged": 2}
    assert Rate.objects.count() == 2


@pytest.mark.parametrize(
    ("header", "row", "column", "said"),
    [
        ("rate", "0.5", "rate", "From 100 to 8000 basis points"),
        ("rate", "81 %", "rate", "From 100 to 8000 basis points"),
        ("rate", "twelve", "rate", "Write a percentage such as 12.5 %."),
        ("rate_bp", "12.5", "rate_bp", "Write a whole number"),
        ("rate,flat", "12,2.00", "flat", "Give a rate or a flat amount, not both."),
        ("flat", "1.250", "flat", "1.250 can be read as"),
        ("rate,product", "12,NONE", "product", "This is not in the shop's catalogue."),
        ("rate,group", "12,none", "creator", "This is not in the program."),
        ("rate,creator,group", "12,a,b", "group", "Leave one of the two empty"),
        ("rate,program", "12,other", "program", "The shop has no such program."),
        ("rate,until", "12,2020-01-01", "until", "It must end after it starts."),
        ("rate,until", "12,03/04/2027", "until", "Day and month can be taken"),
        ("rate,most sales", "12,5", "most_sales", "Give a number of sales and a"),
    ],
)
def test_a_row_that_breaks_a_rule_is_rejected_with_it_and_stops_no_other(
    program: Program, header: str, row: str, column: str, said: str
) -> None:
    CategoryFactory(shop=program.shop, slug="care")
    known = {"rate": "9", "rate_bp": "900", "flat": "2.00"}
    one = next(name for name in header.split(",") if name in known)
    good = ",".join(known[one] if n == one else "" for n in header.split(","))
    table = f"{header},category\n{row},\n{good},care\n"

    upload = imported(program.shop, "rates", table, program=program.pk)

    [(line, where, why)] = faults(upload)
    assert line == 2
    assert why.startswith(said)
    assert where.replace(" ", "_") == column
    assert Rate.objects.get().category.slug == "care"


@pytest.mark.parametrize("kind", ["product", "category", "program", "group"])
def test_another_shops_things_are_answered_as_not_there(
    program: Program, kind: str
) -> None:
    theirs = ProgramFactory(slug="theirs", active=True)
    ProductFactory(shop=theirs.shop, sku="x")
    CategoryFactory(shop=theirs.shop, slug="x")
    AudienceFactory(program=theirs, slug="x")
    name = "theirs" if kind == "program" else "x"

    upload = imported(
        program.shop,
        "rates",
        f"rate,{kind}\n12,{name}\n12,nothing\n",
        program=program.pk,
    )

    said = {(line, reason) for line, _column, reason in faults(upload)}
    assert len(said) == 2
    assert len({reason for _line, reason in said}) == 1
    assert not Rate.objects.exists()


def test_a_program_of_another_shop_is_not_chosen_by_its_number(
    program: Program,
) -> None:
    theirs = ProgramFactory(active=True)

    upload = imported(program.shop, "rates", "rate\n12\n", program=theirs.pk)

    assert counts(upload) == {"rejected": 1}
    assert not Rate.objects.exists()


def test_other_conditions_are_not_put_over_a_rate_that_holds(program: Program) -> None:
    RateFactory(
        program=program,
        rate_bp=1200,
        starts_at=None,
        most_sales=5,
        most_sales_per=Period.MONTH,
    )

    upload = imported(program.shop, "rates", "rate\n12\n", program=program.pk)

    [(_line, _column, said)] = faults(upload)
    assert said == "Another rate holds then, with other conditions."
    assert Rate.objects.count() == 1
