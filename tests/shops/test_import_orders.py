"""`manage.py import_orders`: the door to `imports.run`."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from shops.models import Order
from tests.factories.shops import ShopFactory
from tests.shops.tables import row, saved

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ShopFactory(slug="lune", currency="EUR")
    return tmp_path


def run(*words, shop="lune", format="generic"):
    out = StringIO()
    call_command(
        "import_orders",
        *(str(word) for word in words),
        "--shop",
        shop,
        "--format",
        format,
        "--at",
        "2026-11-22T12:00:00Z",
        stdout=out,
    )
    return out.getvalue()


def test_the_figures_are_one_json_object(folder):
    path = saved(folder, row("1001"), row("1002", net="x"), name="a.csv")

    said = json.loads(run(path, "--json"))

    assert said == {
        "rows": 2,
        "orders": {"created": 1},
        "refunds": {},
        "rejected_rows": 1,
        "reasons": {"invalid_order": 1},
        "rejects": ["a.csv.rejected.csv"],
    }


def test_the_currency_and_the_file_of_rejects_may_be_named(folder):
    path = saved(folder, row("1001", net="40", tax="8"), row("1002", net="x"))

    run(path, "--currency", "JPY", "--rejects", folder / "bad.csv")

    assert Order.objects.get().currency == "JPY"
    assert (folder / "bad.csv").exists()


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"shop": "sun"}, "no shop 'sun'"),
        ({"format": "excel"}, "invalid choice"),
        ({"words": ["--currency", "XXX"]}, "ISO 4217"),
        ({"words": ["none.csv"]}, "unreadable_file: none.csv"),
    ],
)
def test_what_cannot_be_imported_is_refused_in_words(folder, fault, said):
    words = fault.pop("words", [])

    with pytest.raises(CommandError, match=said):
        run(*words, saved(folder, row()), **fault)

    assert not Order.objects.exists()
