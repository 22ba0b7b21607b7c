"""`load_marketplace`: everything or nothing, every fault with its place."""

import copy
import json
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from affiliate import marketplace
from creators.models import Click, Code, Creator, Link
from payouts.models import BankAccount
from shops.models import ActivePeriod, Boost, Budget, Exclusion, Rate, Shop

AT = datetime(2026, 11, 1, tzinfo=UTC)
FILE: dict[str, Any] = {
    "shops": [
        {
            "slug": "lune",
            "name": "Maison Lune",
            "currency": "EUR",
            "country": "FR",
            "hosts": ["lune.example"],
            "webhook_secrets": {"shopify": "s3cret"},
            "members": [{"email": "owner@lune.example", "role": "owner"}],
            "categories": [
                {"slug": "serums", "parent": "care"},
                {"slug": "care", "parent": None},
            ],
            "products": [
                {
                    "sku": "SERUM-30",
                    "name": "Sérum",
                    "url": "https://lune.example/p/serum",
                    "category": "serums",
                    "price_cents": 2400,
                }
            ],
            "programs": [
                {
                    "slug": "lune-main",
                    "name": "Lune",
                    "status": "active",
                    "rate_bp": 1000,
                    "groups": [{"slug": "gold", "creators": ["lea"]}],
                    "rates": [
                        {
                            "who": {"creator": "lea"},
                            "what": {"product": "SERUM-30"},
                            "rate_bp": 1300,
                            "from": "2026-01-01T00:00:00Z",
                            "until": None,
                        },
                        {
                            "who": {"group": "gold"},
                            "what": {"category": "care"},
                            "rate_bp": 1200,
                        },
                        {"who": "everyone", "what": "everything", "flat_cents": 500},
                    ],
                    "exclusions": [{"category": "serums"}],
                    "boosts": [
                        {
                            "name": "Launch",
                            "who": "everyone",
                            "what": {"product": "SERUM-30"},
                            "multiplier_pct": 200,
                            "starts_at": "2026-06-01T00:00:00+02:00",
                            "ends_at": "2026-06-08T00:00:00+02:00",
                            "budget_cents": 90_000,
                        }
                    ],
                }
            ],
        }
    ],
    "creators": [
        {
            "handle": "lea",
            "email": "lea@mail.example",
            "name": "Léa",
            "country": "FR",
            "languages": ["fr"],
            "followers": 12000,
            "niches": ["care"],
            "bank_account": {
                "iban": "FR1420041010050500013M02606",
                "holder": "Léa Martin",
                "verified": True,
            },
            "tax": {"kind": "fr_franchise", "siret": "73282932000074"},
            "enrollments": [
                {
                    "program": "lune-main",
                    "since": "2026-01-15T00:00:00Z",
                    "links": [{"slug": "k3v9x2", "product": "SERUM-30"}],
                    "codes": [{"code": "LEA10"}],
                }
            ],
        }
    ],
    "clicks": [{"id": "c-0001", "link": "k3v9x2", "at": "2026-06-02T10:00:00Z"}],
}

pytestmark = pytest.mark.django_db


def test_a_file_makes_all_it_names() -> None:
    made = marketplace.load(FILE, at=AT)

    assert made["Shop"] == made["Creator"] == made["Boost"] == 1
    assert made["Rate"] == 3
    assert Link.objects.get().destination == "https://lune.example/p/serum"
    assert ActivePeriod.objects.get().starts_at is None
    assert Budget.objects.get(boost__name="Launch").amount_cents == 90_000
    since = datetime(2026, 1, 15, tzinfo=UTC)
    assert BankAccount.objects.get().usable_from == since
    assert (Code.objects.get().code, Click.objects.get().pk) == ("LEA10", "c-0001")


def test_loading_it_again_makes_nothing() -> None:
    marketplace.load(FILE, at=AT)

    assert marketplace.load(FILE, at=AT) == {}


def broken(*path: str | int, value: Any) -> dict[str, Any]:
    document = copy.deepcopy(FILE)
    place: Any = document
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return document


PROGRAM = ("shops", 0, "programs", 0)
ENROLLMENT = ("creators", 0, "enrollments", 0)
FAULTS = [
    (("shops", 0, "currency"), "XXX", "shops[0].currency"),
    (("shops", 0, "time_zone"), "Europe/Pariss", "shops[0].time_zone"),
    (("shops", 0, "name"), 7, "shops[0].name"),
    (
        ("shops", 0, "webhook_secrets", "magento"),
        "s3cret",
        "shops[0].webhook_secrets.magento",
    ),
    (
        ("shops", 0, "webhook_secrets", "tiktok_shop"),
        "no-app-key",
        "shops[0].webhook_secrets",
    ),
    (("shops", 0, "categories", 0, "parent"), "no", "shops[0].categories[0].parent"),
    (("shops", 0, "products", 0, "category"), "no", "shops[0].products[0].category"),
    (
        ("shops", 0, "products", 0, "price_cents"),
        2.5,
        "shops[0].products[0].price_cents",
    ),
    (("shops", 0, "members", 0, "role"), "king", "shops[0].members[0].role"),
    ((*PROGRAM, "rate_bp"), -1, "shops[0].programs[0].rate_bp"),
    (
        (*PROGRAM, "groups", 0, "creators"),
        ["nobody"],
        "shops[0].programs[0].groups[0].creators[0]",
    ),
    (
        (*PROGRAM, "rates", 0, "what"),
        {"product": "NO"},
        "shops[0].programs[0].rates[0].what.product",
    ),
    (
        (*PROGRAM, "rates", 1, "who"),
        {"group": "no"},
        "shops[0].programs[0].rates[1].who",
    ),
    (
        (*PROGRAM, "exclusions", 0),
        {"product": "GIFT"},
        "shops[0].programs[0].exclusions[0].product",
    ),
    (
        (*PROGRAM, "boosts", 0, "starts_at"),
        "2026-06-01",
        "shops[0].programs[0].boosts[0].starts_at",
    ),
    (
        (*PROGRAM, "boosts", 0, "budget_cents"),
        0,
        "shops[0].programs[0].boosts[0].budget_cents",
    ),
    ((*ENROLLMENT, "program"), "no", "creators[0].enrollments[0].program"),
    (
        (*ENROLLMENT, "links", 0, "product"),
        "NO",
        "creators[0].enrollments[0].links[0].product",
    ),
    (("creators", 0, "tax", "siret"), "123", "creators[0].tax"),
    (("clicks", 0, "link"), "no", "clicks[0].link"),
    (("clicks", 0, "at"), "2026-06-02T10:00:00", "clicks[0].at"),
    (("shops",), "lune", "shops"),
]


@pytest.mark.parametrize(("path", "value", "place"), FAULTS, ids=[x[2] for x in FAULTS])
def test_a_fault_is_told_with_its_place(
    path: tuple[str | int, ...], value: Any, place: str
) -> None:
    with pytest.raises(marketplace.BadFile) as refusal:
        marketplace.load(broken(*path, value=value), at=AT)

    assert place in refusal.value.errors


def test_a_bad_file_changes_nothing() -> None:
    with pytest.raises(marketplace.BadFile):
        marketplace.load(broken("clicks", 0, "link", value="no"), at=AT)

    for model in (Shop, Creator, Rate, Boost, Exclusion, Link):
        assert not model.objects.exists()


def test_what_stands_there_with_another_value_is_a_fault() -> None:
    marketplace.load(FILE, at=AT)

    with pytest.raises(marketplace.BadFile) as refusal:
        marketplace.load(broken(*PROGRAM, "rate_bp", value=1100), at=AT)

    assert list(refusal.value.errors) == ["shops[0].programs[0].rate_bp"]


def test_a_link_to_another_host_is_a_fault() -> None:
    elsewhere = "https://elsewhere.example/p"
    document = broken("shops", 0, "products", 0, "url", value=elsewhere)

    with pytest.raises(marketplace.BadFile) as refusal:
        marketplace.load(document, at=AT)

    assert "creators[0].enrollments[0].links[0].product" in refusal.value.errors


def test_the_command_lists_the_faults_and_fails(tmp_path: Path) -> None:
    path, errors = tmp_path / "market.json", StringIO()
    path.write_text(json.dumps(broken("clicks", 0, "link", value="no")))

    with pytest.raises(CommandError, match="bad_marketplace_file"):
        call_command("load_marketplace", str(path), stderr=errors)

    assert errors.getvalue() == "clicks[0].link: Is not a link of this marketplace.\n"


def test_the_command_says_that_a_file_is_no_json(tmp_path: Path) -> None:
    path = tmp_path / "market.json"
    path.write_text("{")

    with pytest.raises(CommandError, match="not JSON"):
        call_command("load_marketplace", str(path))
