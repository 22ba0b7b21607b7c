"""Restricted goods: refused, reviewed, paused when a licence runs out (rule P5)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils.translation import override

from affiliate.common.models import AuditEntry
from shops import gates, licences, programs
from shops.gates import rules, words
from shops.models import ProgramStatus
from tests.factories import (
    CategoryFactory,
    ExclusionFactory,
    LicenceFactory,
    ProgramFactory,
    RestrictionFactory,
    UserFactory,
)
from tests.factories.shops import MOMENT
from tests.shops.refusals import is_refused

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def in_english():
    with override("en"):
        yield


def program(*codes, countries=("FR",), licence=None, **restriction):
    made = ProgramFactory(countries=list(countries))
    fields = {"codes": list(codes), "platforms": ["youtube"], **restriction}
    RestrictionFactory(program=made, **fields)
    if licence:
        LicenceFactory(shop=made.shop, code=licence, reviewed=True)
    return made


def closed(made, at=MOMENT, **fields):
    found = gates.unmet(made, at=at, **fields)
    return [(each.code, each.gate) for each in found]


def refused(made, at=MOMENT):
    with pytest.raises(gates.GateClosed) as refusal:
        programs.activate(made, at=at)
    made.refresh_from_db()
    assert made.status == ProgramStatus.DRAFT
    assert not made.active_periods.exists()
    assert refusal.value.way_out
    return refusal.value


# ------------------------------------------------------------------ the law's lines


def test_gambling_without_age_exclusion_is_refused():
    fields = {"licence": "GAMBLING", "notice": "18+"}

    said = refused(program("GAMBLING", **fields))

    assert said.errors == {
        "GAMBLING.AGE18": [
            "Gambling and betting: the platforms have to keep out minors (Loi 2023-451"
            " art. 4; CSI L320-12, D320-2)."
        ]
    }
    assert "Turn the age exclusion on" in str(said.way_out)
    good = programs.activate(
        program("GAMBLING", excludes_minors=True, **fields), at=MOMENT
    )
    assert good.status == "active"


def test_crypto_is_paused_when_its_licence_has_run_out():
    made = programs.activate(program("CRYPTO", licence="CRYPTO"), at=MOMENT)
    last = datetime(2026, 12, 31, 22, 59, 59, 999999, tzinfo=UTC)
    over = datetime(2026, 12, 31, 23, tzinfo=UTC)

    assert programs.pause_gated(at=last) == 0
    assert programs.pause_gated(at=over) == 1
    assert programs.pause_gated(at=over) == 0

    made.refresh_from_db()
    assert made.status == "paused"
    assert made.active_periods.get().ends_at == over
    entry = AuditEntry.objects.get(action="program.gate_closed")
    assert entry.after == {"gates": "CRYPTO.LICENCE"}
    with pytest.raises(gates.GateClosed):
        programs.activate(made, at=over)


def test_nicotine_in_france_is_refused():
    said = refused(program("NICOTINE", licence="NICOTINE"))

    assert said.errors == {
        "NICOTINE.BLOCK": [
            "Tobacco, vapes and nicotine: may not be promoted here (Loi 2023-451 art."
            " 4; CSP L3512-4, L3513-4; Décret 2025-898 (oral nicotine))."
        ]
    }


def test_less_healthy_food_is_refused_for_an_audience_in_the_uk():
    assert list(refused(program("LHF", countries=["GB"])).errors) == ["LHF.BLOCK"]
    assert programs.activate(program("LHF", countries=["BE"]), at=MOMENT).pk
    assert closed(program("LHF", countries=[], notice="Manger.")) == [("LHF", "BLOCK")]


def test_alcohol_on_tiktok_is_refused_until_a_person_has_looked():
    said = refused(program("ALCOHOL", platforms=["tiktok"]))

    assert list(said.errors) == ["ALCOHOL.REVIEW"]
    assert "TikTok branded content policy" in str(said)
    good = program("ALCOHOL", platforms=["tiktok"], licence="ALCOHOL")
    assert programs.activate(good, at=MOMENT).status == "active"


@pytest.mark.parametrize(
    ("code", "anywhere", "on_tiktok"),
    [
        ("MEDICAL_DEVICE", ["REVIEW"], []),
        ("TICKETS", ["REVIEW"], []),
        ("FOOD_SUPPLEMENT", ["CLAIMS"], ["REVIEW"]),
        ("INFANT_FOOD", ["CLAIMS"], ["REVIEW"]),
        ("ENERGY_DRINK", ["CLAIMS"], ["REVIEW"]),
    ],
)
def test_goods_that_a_person_looks_at_are_refused_until_then(code, anywhere, on_tiktok):
    everywhere = {f"{code}.{gate}" for gate in anywhere}
    said = refused(program(code))
    assert set(said.errors) == everywhere

    said = refused(program(code, platforms=["tiktok"]))
    assert set(said.errors) == everywhere | {f"{code}.{gate}" for gate in on_tiktok}

    good = program(code, platforms=["tiktok"], licence=code)
    assert programs.activate(good, at=MOMENT).status == "active"


# ------------------------------------------------------------------ the rest


def test_a_program_without_restricted_goods_meets_no_gate():
    assert closed(program()) == closed(ProgramFactory()) == []


def test_a_rule_holds_from_its_own_day_on():
    made = program("GREEN_CLAIMS")
    before = datetime(2026, 9, 26, 21, 59, 59, tzinfo=UTC)

    assert closed(made, at=before) == []
    assert closed(made, at=before + timedelta(seconds=1)) == [
        ("GREEN_CLAIMS", "CLAIMS")
    ]


def test_platforms_that_are_not_named_are_all_meant():
    assert ("WEIGHT_LOSS", "REVIEW") in closed(program("WEIGHT_LOSS", platforms=[]))
    assert closed(program("WEIGHT_LOSS")) == [("WEIGHT_LOSS", "CLAIMS")]


@pytest.mark.parametrize(
    "fault", [{"reviewed": False}, {"expires_on": date(2026, 11, 2)}]
)
def test_only_a_reviewed_licence_that_holds_counts(fault):
    made = program("CRYPTO")
    base = {"shop": made.shop, "reviewed": True}

    LicenceFactory(**{**base, **fault})
    LicenceFactory(reviewed=True)  # of another shop
    assert closed(made) == [("CRYPTO", "LICENCE")]
    LicenceFactory(**base)
    assert closed(made) == []


def test_a_category_brings_its_goods_unless_it_is_excluded():
    made = ProgramFactory(countries=["FR"])
    drinks = CategoryFactory(shop=made.shop)
    CategoryFactory(shop=made.shop, parent=drinks, gate_codes=["ALCOHOL"])
    CategoryFactory(gate_codes=["NICOTINE"])  # of another shop
    assert set(closed(made)) == {("ALCOHOL", "REVIEW")}

    ended = ExclusionFactory(
        program=made, product=None, category=drinks, ends_at=MOMENT + DAY
    )
    assert set(closed(made)) == {("ALCOHOL", "REVIEW")}
    type(ended).objects.update(ends_at=None)

    assert closed(made) == []


def test_a_review_counts_once():
    licence, first = LicenceFactory(), UserFactory()

    licences.review(licence, at=MOMENT, by=first)
    again = licences.review(licence, at=MOMENT + DAY, by=UserFactory())

    assert (again.reviewed_by, again.reviewed_at) == (first, MOMENT)
    assert AuditEntry.objects.get().action == "licence.reviewed"


def test_every_rule_says_where_it_comes_from():
    for rule in rules.in_file():
        assert rule.source
        assert rule.confidence in "ABCU"
        assert rule.gates
        assert set(rule.gates) <= set(rules.GATES)
        assert all(
            place == "*" or place in rules.PLATFORMS or place.isupper()
            for place in rule.places
        )


def test_every_code_of_a_rule_has_words_and_no_words_are_without_a_rule():
    assert sorted(words.GOODS) == rules.codes()


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Less healthy food and drink (fat, sugar, salt)"),
        ("fr", "Aliments et boissons gras, sucrés ou salés"),
    ],
)
def test_a_refusal_names_the_goods_in_the_readers_language(language, said):
    with override(language):
        refusal = refused(program("LHF"))

    assert list(refusal.errors) == ["LHF.NOTICE"]
    assert str(refusal.detail).startswith(said)
    assert "LHF" not in str(refusal.detail)


def test_goods_are_chosen_by_words_in_their_order_and_kept_by_code():
    offered = words.choices()

    assert offered[0] == (
        "AESTHETIC_PROCEDURE",
        "Aesthetic procedures with a risk for health",
    )
    assert ("TRAINING_CPF", "Training paid by the CPF (French training account)") in (
        offered
    )
    assert words.name_of("NO_LONGER_A_RULE") == "NO_LONGER_A_RULE"


# ------------------------------------------------------------------ constraints


@pytest.mark.breaks("licence_is_kept_once")
def test_a_licence_is_kept_once():
    known = LicenceFactory()
    base = {"shop": known.shop, "code": known.code, "reference": "other"}

    is_refused(LicenceFactory, base, {"reference": known.reference})


@pytest.mark.breaks("licence_names_goods_and_reference")
@pytest.mark.parametrize("fault", [{"code": ""}, {"reference": ""}])
def test_a_licence_says_what_it_is(fault):
    is_refused(LicenceFactory, {}, fault)


@pytest.mark.breaks("licence_is_reviewed_by_someone")
@pytest.mark.parametrize("fault", [{"reviewed_by": None}, {"reviewed_at": None}])
def test_a_review_is_someones(fault):
    is_refused(LicenceFactory, {"reviewed": True}, fault)


@pytest.mark.breaks("shops_restriction.program_id")
def test_a_program_declares_its_goods_once():
    known = RestrictionFactory()

    with pytest.raises(IntegrityError), transaction.atomic():
        RestrictionFactory(program=known.program)
