"""The way of a table: preview, confirm, import; killed, overtaken, discarded, old."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import IntegrityError, transaction

from shops import catalogue
from shops.models import Shop, TableImport, TableStatus
from shops.tables import kinds, uploads
from shops.tables.products import Products
from tests.factories import ProductFactory, ShopFactory, TableImportFactory
from tests.shops.bringing import again, brought, changes, counts, imported, previewed
from tests.shops.building import NOW

pytestmark = pytest.mark.django_db
TABLE = "sku,name,price\nA,Serum,5\n"


@pytest.fixture
def shop() -> Shop:
    return ShopFactory()


def test_what_changed_since_the_preview_is_shown_again_and_not_applied(
    shop: Shop,
) -> None:
    upload = previewed(shop, "products", TABLE)
    catalogue.put(shop, {"sku": "A", "name": "Serum", "price_cents": 900})

    uploads.confirm(upload.pk, at=NOW)
    uploads.go_on(upload.pk, kinds.KINDS, at=NOW)

    upload = again(upload)
    assert upload.status == TableStatus.READY
    assert upload.reason.startswith("Something changed since the preview")
    assert changes(upload) == [(2, "price", "9.00 EUR", "5.00 EUR")]
    assert shop.products.get().price_cents == 900


def test_what_was_shown_again_can_be_confirmed(shop: Shop) -> None:
    upload = previewed(shop, "products", TABLE)
    catalogue.put(shop, {"sku": "A", "name": "Serum", "price_cents": 900})
    for _time in range(2):
        uploads.confirm(upload.pk, at=NOW)
        uploads.go_on(upload.pk, kinds.KINDS, at=NOW)

    assert again(upload).status == TableStatus.DONE
    assert shop.products.get().price_cents == 500


def test_confirming_and_working_twice_is_harmless(shop: Shop) -> None:
    upload = imported(shop, "products", TABLE)

    uploads.confirm(upload.pk, at=NOW)

    assert not uploads.go_on(upload.pk, kinds.KINDS, at=NOW)
    assert shop.products.count() == 1


@pytest.mark.parametrize(
    "status", [TableStatus.READING, TableStatus.REFUSED, TableStatus.DROPPED]
)
def test_only_what_was_previewed_is_confirmed(status: TableStatus) -> None:
    body = b"sku\n" if status == TableStatus.READING else None
    upload = TableImportFactory(status=status, body=body)

    with pytest.raises(uploads.NotReady):
        uploads.confirm(upload.pk, at=NOW)


def test_a_discarded_table_leaves_no_file(shop: Shop) -> None:
    upload = previewed(shop, "products", TABLE)

    uploads.drop(upload.pk)
    uploads.drop(upload.pk)

    assert (again(upload).status, again(upload).body) == (TableStatus.DROPPED, None)


def test_what_is_imported_is_not_discarded(shop: Shop) -> None:
    upload = imported(shop, "products", TABLE)

    with pytest.raises(uploads.NotReady):
        uploads.drop(upload.pk)


class Killed(BaseException):
    """What a worker's death looks like from inside."""


def test_an_import_that_dies_leaves_nothing_and_begins_anew(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = previewed(shop, "products", TABLE)
    uploads.confirm(upload.pk, at=NOW)

    def die(self: Products) -> None:
        assert shop.products.exists()
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Products, "finish", die)
        with pytest.raises(Killed):
            uploads.work(kinds.KINDS, at=NOW)
    assert not shop.products.exists()
    assert again(upload).status == TableStatus.WRITING

    assert uploads.work(kinds.KINDS, at=NOW) == 1
    assert again(upload).status == TableStatus.DONE
    assert shop.products.count() == 1


def test_a_table_that_fails_each_time_is_given_up_and_stops_no_other(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = brought(shop, "products", TABLE)
    good = brought(shop, "rates", "rate\n9\n")

    def fail(self: Products) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Products, "finish", fail)
    for _time in range(uploads.MAX_ATTEMPTS):
        uploads.work(kinds.KINDS, at=NOW)

    assert again(good).status == TableStatus.READY
    assert again(bad).status == TableStatus.REFUSED
    assert "could not be worked off" in again(bad).reason


def test_a_table_that_kills_its_workers_is_given_up(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = brought(shop, "products", TABLE)

    def die(self: Products) -> None:
        raise Killed

    monkeypatch.setattr(Products, "finish", die)
    for _time in range(uploads.MAX_ATTEMPTS):
        with pytest.raises(Killed):
            uploads.work(kinds.KINDS, at=NOW)

    assert uploads.work(kinds.KINDS, at=NOW) == 0
    assert again(upload).status == TableStatus.REFUSED


def test_the_progress_is_told_while_the_work_runs(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.clear()
    upload = brought(shop, "products", TABLE)
    assert uploads.progress(upload) == 0
    told = []
    monkeypatch.setattr(
        Products, "finish", lambda _self: told.append(uploads.progress(upload))
    )

    uploads.work(kinds.KINDS, at=NOW)

    assert told == [1]


def test_a_file_that_nobody_confirms_goes_after_a_day(shop: Shop) -> None:
    old = previewed(shop, "products", TABLE)
    uploads.purge(at=NOW + timedelta(hours=23))
    assert TableImport.objects.filter(pk=old.pk).exists()

    uploads.purge(at=NOW + timedelta(hours=25))

    assert not TableImport.objects.filter(pk=old.pk).exists()


def test_an_outcome_goes_after_a_week(shop: Shop) -> None:
    done = imported(shop, "products", TABLE)
    uploads.purge(at=NOW + timedelta(days=6))
    assert TableImport.objects.filter(pk=done.pk).exists()

    uploads.purge(at=NOW + timedelta(days=8))

    assert not TableImport.objects.filter(pk=done.pk).exists()


def test_many_rows_with_seven_bad_ones_bring_in_all_others(shop: Shop) -> None:
    """In batches: the bad ones stand in several, with a repetition across two."""
    lines = [f"SKU-{n},Product {n},{n % 90}.50" for n in range(6_000)]
    for place in (0, 1_999, 2_000, 4_500, 5_999):
        lines[place] = f"SKU-{place},Product,1.250"
    lines[3_999] = lines[5]
    ProductFactory(shop=shop, sku="SKU-77", name="Old")

    upload = imported(shop, "products", "\n".join(["sku,name,price", *lines, ""]))

    assert counts(upload) == {"new": 5_992, "changed": 1, "rejected": 7}
    assert shop.products.count() == 5_993
    repeated = [row["line"] for row in upload.plan["shown"]["rejected"]]
    assert repeated == [2, 7, 2001, 2002, 4001, 4502, 6001]


@pytest.mark.breaks("table_import_status_is_known")
def test_a_table_has_a_known_status() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        TableImportFactory(status="lost", body=None)


@pytest.mark.breaks("table_import_kind_is_known")
def test_a_table_has_a_known_kind() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        TableImportFactory(kind="orders")


@pytest.mark.breaks("table_import_keeps_its_file_while_open")
@pytest.mark.parametrize(
    ("status", "body"), [(TableStatus.READY, None), (TableStatus.DONE, b"sku\n")]
)
def test_a_file_is_kept_as_long_as_it_is_needed_and_no_longer(
    status: TableStatus, body: bytes | None
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        TableImportFactory(status=status, body=body)
