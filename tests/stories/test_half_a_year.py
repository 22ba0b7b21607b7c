"""Real input, half a year: six months of real orders against the oracle, to the cent.

What is laid over the orders (creators, codes, clicks, rates, boosts, deliveries, more
refunds) is stated in tests/stories/oracle/overlay.py. The oracle was written from the
rules by someone who has not read the product.
"""

import csv
import json
from collections.abc import Iterator
from datetime import date, datetime
from io import StringIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db.models import Count, Sum
from django.db.models.functions import TruncMonth

from creators.models import Creator, Verdict
from payouts import invariants, ledger
from payouts.models import Commission, Run
from payouts.rails import sepa
from shops import orders
from shops.models import Order, OrderLine, Refund, Shop
from shops.orders import DeliveryFacts, RefundFacts, RefundLineFacts
from tests.stories.oracle import __main__ as oracle
from tests.stories.oracle.calendar import RUN_MONTHS
from tests.stories.oracle.overlay import closes_at

FILES = Path(__file__).parents[3] / "shared" / "data" / "orders"
LONDON = ZoneInfo("Europe/London")
MONTHS = ("2010-12", "2011-01", "2011-02", "2011-03", "2011-04", "2011-05")
# The oracle's words for the same reasons.
REASONS = {
    "code_applied": "code",
    "latest_click": "click",
    "clicked_after_order": "click_after_order",
    "code_needs_click": "code_without_click",
    "product_excluded": "excluded",
}

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def command(name: str, *words: str) -> dict[str, Any]:
    out = StringIO()
    call_command(name, *words, "--json", stdout=out)
    return json.loads(out.getvalue())


def rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open() as lines:
        yield from csv.DictReader(lines)


def bring(month: str, folder: Path, shop: Shop, at: datetime) -> None:
    command(
        "import_orders",
        "--shop",
        "retail",
        "--format",
        "uci",
        "--currency",
        "EUR",
        "--touches",
        str(folder / f"{month}.touches.csv"),
        "--rejects",
        str(folder / f"{month}.rejects.csv"),
        str(FILES / f"uci_online_retail_{month}.csv.gz"),
    )
    deliveries = [
        (row["order"], DeliveryFacts(datetime.fromisoformat(row["delivered_at"])))
        for row in rows(folder / f"{month}.deliveries.csv")
    ]
    orders.apply_many(shop, deliveries, at=at)
    refunds: dict[tuple[str, str, str], dict[str, int]] = {}
    for row in rows(folder / f"{month}.refunds.csv"):
        lines = refunds.setdefault(
            (row["order"], row["refund"], row["refunded_at"]), {}
        )
        lines[row["line"]] = int(row["net_cents"])
    outcomes = orders.apply_many(
        shop,
        [
            (
                order,
                RefundFacts(
                    external_id=number,
                    refunded_at=datetime.fromisoformat(at_),
                    lines=tuple(RefundLineFacts(*line) for line in lines.items()),
                ),
            )
            for (order, number, at_), lines in refunds.items()
        ],
        at=at,
    )
    assert {outcome.status for outcome in outcomes} <= {"created", "unchanged"}


def pay(month: str, folder: Path) -> None:
    at = closes_at(month).replace(day=2)
    command("settle", "--at", at.isoformat())
    opened = command("open_run", "--period", month, "--at", at.isoformat())
    number = str(opened["run"])
    command("approve_run", number, "--at", at.isoformat())
    sent = command("send_run", number, "--out", str(folder), "--at", at.isoformat())
    assert sepa.validate(Path(sent["file"])) == []
    command("finish_run", number, "--at", at.isoformat())


def payouts_of(period: str) -> dict[str, Any]:
    run = Run.objects.get(starts_on=date.fromisoformat(period))
    return {
        "payouts": dict(run.payouts.values_list("creator__handle", "amount_cents")),
        "skips": {
            skip.creator.handle: {"reason": skip.reason, "cents": skip.amount_cents}
            for skip in run.skips.select_related("creator")
        },
    }


def balances_of(handle: str) -> dict[str, int]:
    [balance] = ledger.balances(Creator.objects.get(handle=handle).pk)
    return {
        "paid_cents": balance.paid_cents,
        "pending_cents": balance.accrued_cents,
        "payable_cents": max(balance.payable_cents, 0),
        "owed_back_cents": max(-balance.payable_cents, 0),
    }


def earned_by_month(kind: str) -> dict[tuple[str, str], int]:
    """Cents of one kind of commission, by the local month of the order and creator."""
    sums = (
        Commission.objects.filter(kind=kind)
        .annotate(month=TruncMonth("line__order__placed_at", tzinfo=LONDON))
        .values_list("month", "creator__handle")
        .annotate(Sum("amount_cents"))
    )
    return {(f"{month:%Y-%m}", handle): cents for month, handle, cents in sums if cents}


def counts() -> tuple[int, ...]:
    models = (Order, OrderLine, Refund, Verdict, Commission)
    return tuple(model.objects.count() for model in models)


@pytest.mark.skipif(
    not FILES.exists(), reason=f"the six UCI months are read from {FILES}"
)
def test_half_a_year_of_real_orders_is_paid_as_the_rules_say(tmp_path: Path) -> None:
    oracle.write(tmp_path)
    expected = json.loads((tmp_path / "expected.json").read_text())
    command(
        "load_marketplace",
        str(tmp_path / "marketplace.json"),
        "--at",
        "2010-11-01T00:00:00Z",
    )
    shop = Shop.objects.get(slug="retail")
    for month in MONTHS:
        at = closes_at(month)
        bring(month, tmp_path, shop, at)
        command("settle", "--at", at.isoformat())
        if month in RUN_MONTHS:
            pay(month, tmp_path)
    pay("2011-06", tmp_path)

    reasons = Verdict.objects.values_list("reason").annotate(Count("line"))
    verdicts = Verdict.objects.filter(state="attributed")
    assert {REASONS.get(reason, reason): n for reason, n in reasons} == expected[
        "verdicts"
    ]["reasons"]
    assert (
        dict(verdicts.values_list("creator__handle").annotate(Count("line")))
        == expected["verdicts"]["creators"]
    )
    for run in expected["runs"]:
        wanted = {"payouts": run["payouts"], "skips": run["skips"]}
        assert payouts_of(run["period"][0]) == wanted, run["period"]
    for kind in ("sale", "reversal", "clawback"):
        assert earned_by_month(kind) == {
            (month, handle): figures[f"{kind}_cents"]
            for month, creators in expected["by_sale_month"].items()
            for handle, figures in creators.items()
            if figures.get(f"{kind}_cents")
        }, kind
    for handle, wanted in expected["balances"].items():
        assert balances_of(handle) == wanted, handle
    assert list(invariants.findings()) == []

    before = counts()
    for month in MONTHS:
        bring(month, tmp_path, shop, closes_at(month))
    command("settle", "--at", "2011-07-02T05:00:00Z")
    assert counts() == before
    assert list(invariants.findings()) == []
