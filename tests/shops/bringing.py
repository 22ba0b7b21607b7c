"""Tables brought by a merchant, and what became of them."""

import csv
import io

from openpyxl import Workbook

from shops.models import TableImport
from shops.tables import kinds, uploads
from tests.factories import UserFactory
from tests.shops.building import NOW


def brought(shop, kind, body, *, by=None, name="table.csv", **options):
    """Keep a table; text is UTF-8."""
    raw = body.encode() if isinstance(body, str) else body
    return uploads.keep(
        shop,
        kind,
        name=name,
        body=raw,
        options=options,
        language="en",
        by=by or UserFactory(),
        at=NOW,
    )


def previewed(shop, kind, body, *, at=NOW, makers=kinds.KINDS, **options):
    """Return a table with what it would change; nothing is saved."""
    upload = brought(shop, kind, body, **options)
    uploads.go_on(upload.pk, makers, at=at)
    return again(upload)


def imported(shop, kind, body, *, at=NOW, makers=kinds.KINDS, **options):
    """Return a table that was previewed, confirmed and imported."""
    upload = previewed(shop, kind, body, at=at, makers=makers, **options)
    uploads.confirm(upload.pk, at=at)
    uploads.go_on(upload.pk, makers, at=at)
    return again(upload)


def again(upload):
    return TableImport.objects.get(pk=upload.pk)


def counts(upload):
    return upload.plan["counts"]


def faults(upload):
    """Return (line, column, reason) of what is shown as rejected."""
    return [
        (row["line"], fault["column"], fault["reason"])
        for row in upload.plan["shown"].get("rejected", [])
        for fault in row["faults"]
    ]


def changes(upload):
    """Return (line, column, was, becomes) of what is shown as changed."""
    return [
        (row["line"], *change)
        for row in upload.plan["shown"].get("changed", [])
        for change in row["changes"]
    ]


def rejects(upload):
    """Return the rows of the file of rejected rows."""
    text = bytes(upload.rejects or b"").decode()
    return list(csv.reader(io.StringIO(text)))


def workbook(*rows, formats=()):
    """Return the bytes of an XLSX; `formats` are (cell, number format)."""
    book = Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    for cell, number_format in formats:
        sheet[cell].number_format = number_format
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
