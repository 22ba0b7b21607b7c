"""The wizard's verbs: each step is kept, the last opens the program or nothing."""

from datetime import timedelta

import pytest
from django.utils import translation

from shops import drafting, first_program, terms_drafts, terms_versions
from shops.gates import GateClosed
from shops.models import Boost, Exclusion, Program, ProgramStatus, TermsVersion
from shops.terms import InvalidTerm
from tests.factories.shops import (
    MOMENT,
    CategoryFactory,
    ProductFactory,
    ProgramFactory,
    ShopFactory,
)

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
NOTHING_RESTRICTED = {"codes": [], "excludes_minors": False, "notice": ""}
LAUNCH = {
    "name": "Launch",
    "multiplier_pct": 200,
    "starts_at": None,
    "days": 7,
    "what": "everything",
    "budget_cents": None,
}


@pytest.fixture
def program():
    facts = {"name": "Friends", "rate_bp": 1000, "countries": ["FR"]}
    return first_program.begin(ShopFactory(), facts, at=MOMENT)


def choose(program, *, at=MOMENT, **goods):
    chosen = {"categories": [], "skus": [], "restricted": NOTHING_RESTRICTED, **goods}
    first_program.choose_goods(program, **chosen, at=at)


def filled(program, **launch):
    choose(program)
    first_program.plan_launch(program, {**LAUNCH, **launch}, at=MOMENT)
    first_program.write(program, "Be fair.", at=MOMENT)
    return program


def test_the_last_step_opens_the_program_with_its_text_and_boost(program):
    opened = first_program.activate(filled(program), at=MOMENT)

    boost = Boost.objects.get()
    assert opened.status == ProgramStatus.ACTIVE
    assert TermsVersion.objects.get().text == "Be fair."
    assert (boost.multiplier_pct, boost.starts_at) == (200, MOMENT + MINUTE)
    assert boost.ends_at == MOMENT + MINUTE + timedelta(days=7)


def test_opening_twice_is_harmless(program):
    first_program.activate(filled(program), at=MOMENT)

    first_program.activate(program, at=MOMENT + MINUTE)

    assert Boost.objects.count() == 1


def test_nothing_but_the_draft_is_there_before(program):
    filled(program)

    assert not Boost.objects.exists()
    assert not TermsVersion.objects.exists()
    program.refresh_from_db()
    assert (program.status, program.plan.step) == (ProgramStatus.DRAFT, 4)


def test_a_closed_gate_leaves_the_draft_as_it_was(program):
    filled(program)
    choose(program, restricted={**NOTHING_RESTRICTED, "codes": ["NICOTINE"]})

    with pytest.raises(GateClosed) as refusal:
        first_program.activate(program, at=MOMENT)

    assert "NICOTINE.BLOCK" in refusal.value.errors
    assert "L3512-4" in str(refusal.value)
    assert refusal.value.way_out
    program.refresh_from_db()
    assert program.status == ProgramStatus.DRAFT
    assert not TermsVersion.objects.exists()


def test_a_launch_whose_moment_has_passed_is_refused_and_nothing_opens(program):
    filled(program, starts_at=(MOMENT + MINUTE).isoformat())

    with pytest.raises(InvalidTerm) as refusal:
        first_program.activate(program, at=MOMENT + 2 * MINUTE)

    assert list(refusal.value.errors) == ["starts_at"]
    program.refresh_from_db()
    assert program.status == ProgramStatus.DRAFT


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"multiplier_pct": 100}, "multiplier_pct"),
        ({"days": 0}, "days"),
        ({"days": 366}, "days"),
        ({"starts_at": MOMENT.isoformat()}, "starts_at"),
        ({"what": {"product": "UNKNOWN"}}, "what"),
        ({"budget_cents": 0}, "budget_cents"),
    ],
)
def test_a_launch_that_cannot_be_is_refused_at_its_step(program, wrong, field):
    with pytest.raises(InvalidTerm) as refusal:
        first_program.plan_launch(program, {**LAUNCH, **wrong}, at=MOMENT)

    assert list(refusal.value.errors) == [field]
    assert program.plan.launch is None


def test_a_launch_may_be_taken_back(program):
    filled(program)
    first_program.plan_launch(program, None, at=MOMENT)

    first_program.activate(program, at=MOMENT)

    assert not Boost.objects.exists()


def test_goods_are_excluded_and_taken_in_again(program):
    hair = CategoryFactory(shop=program.shop)
    soap = ProductFactory(shop=program.shop, sku="SOAP")
    choose(program, categories=[hair], skus=["SOAP"])
    choose(program, categories=[hair], skus=["SOAP"])

    choose(program, skus=["SOAP"], at=MOMENT + MINUTE)

    held = Exclusion.objects.filter(ends_at=None).get()
    assert held.product == soap
    assert Exclusion.objects.count() == 2


def test_an_unknown_sku_is_named(program):
    ProductFactory(sku="ELSEWHERE")

    with pytest.raises(InvalidTerm) as refusal, translation.override("en"):
        choose(program, skus=["ELSEWHERE"])

    assert refusal.value.errors == {"products": ["The shop has no product ELSEWHERE."]}
    assert not Exclusion.objects.exists()


def test_an_empty_text_is_refused(program):
    with pytest.raises(terms_versions.NoTermsText):
        first_program.write(program, "  ", at=MOMENT)


def test_a_program_that_is_active_is_not_rewritten():
    program = ProgramFactory(active=True)

    with pytest.raises(drafting.NoWayBack):
        first_program.rewrite(program, {"name": "Other"}, at=MOMENT)

    assert not Program.objects.filter(name="Other").exists()


def test_a_text_is_drafted_from_the_terms_in_both_languages(program):
    text = terms_drafts.suggest(program)

    assert "10 %" in text
    assert text.count("Friends") == 2
    assert "1. Commission." in text
    assert "30 days before it" in text
