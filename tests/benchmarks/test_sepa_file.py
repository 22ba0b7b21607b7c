"""A SEPA file: how fast it is streamed, and that its size costs no memory."""

import hashlib
import io
import json
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sepaxml

from payouts.rails import sepa

pytestmark = pytest.mark.benchmark

PROJECT = Path(__file__).parent.parent.parent
IBANS = (
    "FR1420041010050500013M02606",
    "DE89370400440532013000",
    "ES9121000418450200051332",
    "NL91ABNA0417164300",
)
NAMES = ("Léa Martin", "Jürgen Groß", "Γιώργος Παπάς", "Zoé 🎉 & Co")
CENTS = 12_345
DEBTOR = sepa.Debtor("Lune SAS", "FR7630006000011234567890189", "AGRIFRPPXXX", None)
# What a transfer is in the file, for a writer that neither checks nor escapes.
LINE = (
    "<CdtTrfTxInf><PmtId><EndToEndId>PO-%012d</EndToEndId></PmtId><Amt>"
    '<InstdAmt Ccy="EUR">123.45</InstdAmt></Amt><Cdtr><Nm>%s</Nm></Cdtr><CdtrAcct><Id>'
    "<IBAN>%s</IBAN></Id></CdtrAcct><RmtInf><Ustrd>Commissions 2026-02</Ustrd></RmtInf>"
    "</CdtTrfTxInf>\n"
)


def transfers(count):
    for number in range(count):
        yield sepa.Transfer(
            end_to_end_id=f"PO-{number:012d}",
            amount_cents=CENTS,
            currency="EUR",
            creditor_name=NAMES[number % 4],
            creditor_iban=IBANS[number % 4],
            creditor_bic=None,
            remittance="Commissions 2026-02",
        )


def stream(path, count):
    return sepa.write_file(
        path,
        message_id="RUN-2026-02-EUR",
        created_at=datetime(2026, 3, 1, tzinfo=UTC),
        execution_date=date(2026, 3, 3),
        debtor=DEBTOR,
        transfers=transfers(count),
        count=count,
        total_cents=count * CENTS,
    )


def format_only(path, count):
    """Write as many bytes without a check: the least anyone could do in Python."""
    digest = hashlib.sha256()
    with path.open("wb") as out:
        for each in transfers(count):
            number = int(each.end_to_end_id[3:])
            data = (LINE % (number, each.creditor_name, each.creditor_iban)).encode()
            digest.update(data)
            out.write(data)


def build_tree(path, count, validate=False):
    config = {
        "name": DEBTOR.name,
        "IBAN": DEBTOR.iban,
        "BIC": DEBTOR.bic,
        "batch": True,
        "currency": "EUR",
    }
    tree = sepaxml.SepaTransfer(config, schema="pain.001.001.09")
    for each in transfers(count):
        tree.add_payment(
            {
                "name": each.creditor_name,
                "IBAN": each.creditor_iban,
                "amount": each.amount_cents,
                "execution_date": date(2026, 3, 3),
                "description": each.remittance,
                "endtoend_id": each.end_to_end_id,
            }
        )
    path.write_bytes(tree.export(validate=validate))


def build_checked_tree(path, count):
    build_tree(path, count, validate=True)


def rates(*ways, rounds=3):
    """Return transfers a CPU second of each (write, path, count), the best round.

    Taken in turns and in CPU time, so that a busy machine slows all of them alike.
    """
    best = [float("inf")] * len(ways)
    for _ in range(rounds):
        for way, (write, path, count) in enumerate(ways):
            start = time.process_time()
            write(path, count)
            best[way] = min(best[way], time.process_time() - start)
    return [count / seconds for (_, _, count), seconds in zip(ways, best, strict=True)]


def test_a_file_is_streamed_at_a_steady_rate(tmp_path):
    path = tmp_path / "run.xml"
    small, tree, checked_tree, limit, large = rates(
        (stream, path, 10_000),
        (build_tree, tmp_path / "tree.xml", 2_000),
        (build_checked_tree, tmp_path / "tree.xml", 500),
        (format_only, tmp_path / "limit", 100_000),
        (stream, path, 100_000),
    )

    print(f"\nstreamed, 10,000:    {small:9,.0f} transfers/s")
    print(f"streamed, 100,000:   {large:9,.0f} transfers/s")
    print(f"format only (limit): {limit:9,.0f} transfers/s, ours {large / limit:.2f}")
    print(f"sepaxml, unchecked:  {tree:9,.0f} transfers/s, ours {large / tree:.1f} x")
    print(f"sepaxml, as it comes:{checked_tree:9,.0f} transfers/s", end="")
    print(f", ours {large / checked_tree:.0f} x")
    assert large > small / 1.5
    assert sepa.validate(path) == []


MEASURE = """
import json, pathlib, sys, tracemalloc
import tests.benchmarks.test_sepa_file as bench

def high_water_kb():
    lines = pathlib.Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))

way, path, count = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3])
bench.stream(path, 10)
before = high_water_kb()
size = bench.run(way, path, count)
resident_kb = high_water_kb() - before
tracemalloc.start()
bench.run(way, path, count)
print(json.dumps({
    "resident_kb": resident_kb,
    "python_kb": tracemalloc.get_traced_memory()[1] // 1024,
    "size": size,
}))
"""


def run(way, path, count):
    """Write `count` transfers in the child; `kept` is what streaming must not be."""
    if way == "streamed":
        return stream(path, count).bytes
    kept = io.BytesIO()
    sepa.write(
        kept,
        message_id="RUN-2026-02-EUR",
        created_at=datetime(2026, 3, 1, tzinfo=UTC),
        execution_date=date(2026, 3, 3),
        debtor=DEBTOR,
        transfers=list(transfers(count)),
        count=count,
        total_cents=count * CENTS,
    )
    return len(kept.getvalue())


def measure(way, path, count):
    # A child of its own: a high-water mark never falls. VmHWM, because ru_maxrss of a
    # child starts at its parent's.
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, way, str(path), str(count)],
        cwd=PROJECT,
        check=True,
        capture_output=True,
        text=True,
    )
    figures = json.loads(done.stdout)
    print(
        f"\n{way:9}{count:8,} transfers, {figures['size'] / 1e6:5.1f} MB file: "
        f"resident +{figures['resident_kb']:,} kB, Python {figures['python_kb']:,} kB",
        end="",
    )
    return figures


def test_memory_is_flat_from_1_000_to_100_000_transfers(tmp_path):
    path = tmp_path / "run.xml"
    small = measure("streamed", path, 1_000)
    large = measure("streamed", path, 100_000)
    control = measure("kept", path, 100_000)

    # Resident memory also sees lxml and SQLite, whose cache holds 2 MB.
    assert large["python_kb"] < small["python_kb"] + 64
    assert large["resident_kb"] < small["resident_kb"] + 6_000
    assert control["python_kb"] > 30_000
    assert control["resident_kb"] > 30_000
