"""Files of orders, and what became of them."""

import csv

from shops import imports
from shops.models import OrderLine
from tests.shops.building import NOW

HEADER = "external_id,placed_at,status,line_external_id,sku,quantity,net,tax"
AT = "2026-11-03T10:15:00Z"


def saved(folder, *lines, header=HEADER, name="orders.csv", end="\n"):
    path = folder / name
    path.write_text("\n".join((header, *lines)) + end, encoding="utf-8")
    return path


def bring(shop, *paths, format="generic", **options):
    return imports.run(shop, format, paths, at=NOW, **options)


def rejected(folder, name="orders.csv.rejected.csv"):
    path = folder / name
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return [(int(row["row"]), row["reason"]) for row in csv.DictReader(file)]


def why(folder, name="orders.csv.rejected.csv"):
    with (folder / name).open(newline="") as file:
        return [row["detail"] for row in csv.DictReader(file)]


def nets(shop):
    lines = OrderLine.objects.filter(shop=shop).order_by("order__external_id", "pk")
    return [
        (line.order.external_id, line.external_id, line.net_cents)
        for line in lines.select_related("order")
    ]


def row(number="1001", line="1", net="40.00", sku="SERUM", quantity="2", tax="8.00"):
    return f"{number},{AT},paid,{line},{sku},{quantity},{net},{tax}"
