"""`manage.py import_orders`: the door to `imports.run`."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from affiliate.management.commands.import_orders import Command
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
        "rejects": [str(folder / "a.csv.rejected.csv")],
    }


def test_rejected_rows_are_warned_of_and_what_is_whole_is_silent(folder, capsys):
    run(saved(folder, row("1001"), name="whole.csv"))
    assert capsys.readouterr().err == ""

    path = saved(folder, row("1001"), row("1002", net="x"), name="a.csv")
    run(path)

    said = f"1 of 2 rows were rejected: see {path}.rejected.csv."
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(("net", "status"), [("40.00", None), ("x", 1)])
def test_the_exit_status_from_a_shell_says_whether_rows_were_rejected(
    folder, monkeypatch, net, status
):
    # A command that is run from a shell closes its connections.
    monkeypatch.setattr("django.core.management.base.connections.close_all", bool)
    path = saved(folder, row("1001"), row("1002", net=net))
    words = ["import_orders", "--shop", "lune", "--format", "generic", str(path)]
    words += ["--at", "2026-11-22T12:00:00Z"]

    left = None
    try:
        Command().run_from_argv(["manage.py", *words])
    except SystemExit as end:
        left = end.code

    assert left == status
    assert Order.objects.filter(external_id="1001").exists()


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
