"""One pain.001.001.09 file: streamed out in constant memory, and checked by its XSD."""

import hashlib
import os
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import BinaryIO, TypedDict, Unpack

from lxml import etree

from payouts.rails.sepa import charset, errors, parties
from payouts.rails.sepa.parties import Debtor, Transfer

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
SCHEMA = Path(__file__).parent.parent / "schemas" / "pain.001.001.09.xsd"


class Batch(TypedDict):
    """What `write` and `write_file` take by keyword."""

    message_id: str
    created_at: datetime
    execution_date: date
    debtor: Debtor
    transfers: Iterable[Transfer]
    count: int
    total_cents: int


@dataclass(frozen=True, slots=True)
class FileDigest:
    """What was written. Store it: the same payouts exported again give the same."""

    sha256: str
    count: int
    total_cents: int
    bytes: int


def write(
    out: BinaryIO,
    *,
    message_id: str,
    created_at: datetime,
    execution_date: date,
    debtor: Debtor,
    transfers: Iterable[Transfer],
    count: int,
    total_cents: int,
) -> FileDigest:
    """Stream a SEPA credit transfer of `count` transfers in euro cents into `out`.

    The totals come first in the file, so they are declared, and the transfers are read
    once and held to them. The same arguments give the same bytes, whatever the zone of
    the aware `created_at`.

    Raises TotalsDiffer (sum again), NoTransfers, DuplicateEndToEndId, or the error of
    the first part that is not fit for SEPA. `out` then holds a broken start of a file:
    throw it away, or use `write_file`. Raises ValueError for a naive `created_at`.
    """
    if count < 1:
        raise errors.NoTransfers("A SEPA file needs at least one transfer.")
    debtor = parties.checked_debtor(debtor)
    totals = str(count), parties.as_decimal(total_cents)
    header = _header(message_id, created_at, totals, debtor)
    sink = _Sink(out)
    sink.write(b'<?xml version="1.0" encoding="UTF-8"?>\n')
    with (
        etree.xmlfile(sink, encoding="utf-8") as xml,  # type: ignore[attr-defined]
        xml.element(f"{{{NAMESPACE}}}Document", nsmap={None: NAMESPACE}),
        xml.element("CstmrCdtTrfInitn"),
    ):
        xml.write(header)
        with xml.element("PmtInf"), sink.broken_by_errors():
            for element in _payment(message_id, execution_date, totals, debtor):
                xml.write(element)
            for transfer in _held_to(transfers, count, total_cents):
                xml.write(_credit(transfer))
    return FileDigest(sink.sha256.hexdigest(), count, total_cents, sink.size)
