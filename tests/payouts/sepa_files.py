"""Transfers to write SEPA files of, and ways to read what was written."""

import io
import re
from dataclasses import replace
from datetime import UTC, date, datetime

from lxml import etree

from payouts.rails import sepa

IBANS = (
    "FR1420041010050500013M02606",
    "DE89370400440532013000",
    "ES9121000418450200051332",
    "NL91ABNA0417164300",
    "CH9300762011623852957",
)
LUNE = sepa.Debtor("Lune SAS", "FR7630006000011234567890189", "AGRIFRPPXXX", None)
CREATED_AT = datetime(2026, 3, 1, 6, 30, 15, 999_999, tzinfo=UTC)
NS = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}


def transfer(number=1, **changes):
    plain = sepa.Transfer(
        end_to_end_id=f"PO-{number:08d}",
        amount_cents=1_000 + number,
        currency="EUR",
        creditor_name="Lea Martin",
        creditor_iban=IBANS[number % len(IBANS)],
        creditor_bic=None,
        remittance="Commissions 2026-02",
    )
    return replace(plain, **changes)


def batch(*transfers, **changes):
    plain = {
        "message_id": "RUN-2026-02-EUR",
        "created_at": CREATED_AT,
        "execution_date": date(2026, 3, 3),
        "debtor": LUNE,
        "transfers": transfers,
        "count": len(transfers),
        "total_cents": sum(each.amount_cents for each in transfers),
    }
    return plain | changes


def written(*transfers, **changes):
    out = io.BytesIO()
    sepa.write(out, **batch(*transfers, **changes))
    return out.getvalue()


def texts(content, path):
    found = etree.fromstring(content).iterfind(path, NS)
    return [element.text for element in found]


def leaves(content):
    """Return (path, attributes, text) of each leaf, in document order."""
    tree = etree.fromstring(content).getroottree()
    return [
        (
            re.sub(r"\{[^}]*\}", "", tree.getelementpath(element)),
            dict(element.attrib),
            element.text,
        )
        for element in tree.iter(etree.Element)
        if len(element) == 0
    ]
