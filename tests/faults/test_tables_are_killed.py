"""A worker dies while it imports a table: nothing of it is there, then all of it."""

import pytest

from shops.models import TableStatus
from shops.tables import uploads
from tests.factories import ShopFactory
from tests.faults.crew import held, is_stuck, until
from tests.shops.bringing import again, previewed
from tests.shops.building import NOW

pytestmark = [pytest.mark.faults, pytest.mark.slow]


def test_an_import_whose_worker_is_killed_leaves_nothing_and_is_finished_by_the_next(
    crew, transactional_db
):
    shop = ShopFactory()
    rows = "".join(f"SKU-{n},Product {n},{n}.50\n" for n in range(1, 4_001))
    upload = previewed(shop, "products", f"sku,name,price\n{rows}")
    uploads.confirm(upload.pk, at=NOW)
    crew.beat()

    with held("shops_product"):
        worker = crew.worker()
        until(lambda: is_stuck("worker"), "a worker that is about to write products")
        worker.kill()
    assert shop.products.count() == 0
    assert again(upload).status == TableStatus.WRITING

    crew.worker("survivor")
    until(lambda: again(upload).status == TableStatus.DONE, "the table is imported")
    assert shop.products.count() == 4_000
    assert again(upload).body is None
