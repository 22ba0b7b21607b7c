import io
import itertools
import os
import signal
import subprocess
import sys
import traceback
from dataclasses import replace
from pathlib import Path

import pytest

from payouts.rails import sepa
from tests.payouts.sepa_files import LUNE, batch, texts, transfer, written

PROJECT = Path(__file__).parent.parent.parent

REFUSED = [
    ({"currency": "GBP"}, sepa.CurrencyNotSepa, "currency_not_sepa"),
    ({"amount_cents": 0}, sepa.AmountNotSepa, "amount_not_sepa"),
    ({"amount_cents": -1}, sepa.AmountNotSepa, "amount_not_sepa"),
    ({"amount_cents": 100_000_000_000}, sepa.AmountNotSepa, "amount_not_sepa"),
    (
        {"creditor_iban": "FR1520041010050500013M02606"},
        sepa.InvalidIban,
        "invalid_iban",
    ),
    (
        {"creditor_iban": "FR14XXXX1010050500013M02606"},
        sepa.InvalidIban,
        "invalid_iban",
    ),
    ({"creditor_iban": ""}, sepa.InvalidIban, "invalid_iban"),
    ({"creditor_iban": "SA0380000000608010167519"}, sepa.IbanNotSepa, "iban_not_sepa"),
    ({"creditor_bic": "PSSTF"}, sepa.InvalidBic, "invalid_bic"),
    ({"end_to_end_id": ""}, sepa.IdNotSepa, "id_not_sepa"),
    ({"end_to_end_id": "P" * 36}, sepa.IdNotSepa, "id_not_sepa"),
    ({"end_to_end_id": "PO 1"}, sepa.IdNotSepa, "id_not_sepa"),
    ({"end_to_end_id": "PO_1"}, sepa.IdNotSepa, "id_not_sepa"),
    ({"end_to_end_id": "é"}, sepa.IdNotSepa, "id_not_sepa"),
    ({"end_to_end_id": "/PO1"}, sepa.IdNotSepa, "id_not_sepa"),
    ({"end_to_end_id": "PO1/"}, sepa.IdNotSepa, "id_not_sepa"),
    ({"end_to_end_id": "PO//1"}, sepa.IdNotSepa, "id_not_sepa"),
    ({"end_to_end_id": "PO1\n"}, sepa.IdNotSepa, "id_not_sepa"),
]


@pytest.mark.parametrize(("changes", "error", "code"), REFUSED)
def test_a_transfer_unfit_for_sepa_leaves_no_file(changes, error, code, tmp_path):
    good, bad = transfer(1), transfer(2, **changes)

    with pytest.raises(error) as refusal:
        sepa.write_file(tmp_path / "run.xml", **batch(good, bad))

    assert refusal.value.code == code
    assert list(tmp_path.iterdir()) == []
    logged = "".join(traceback.format_exception(refusal.value))
    assert good.creditor_name not in logged
    assert not bad.creditor_iban or bad.creditor_iban[4:] not in logged


@pytest.mark.parametrize("cents", [1, 99_999_999_999])
def test_the_smallest_and_the_largest_amount_pass(cents, tmp_path):
    sepa.write_file(tmp_path / "run.xml", **batch(transfer(amount_cents=cents)))

    assert sepa.validate(tmp_path / "run.xml") == []


@pytest.mark.parametrize("good", ["P" * 35, "a/b", "-?:().,'+", "0"])
def test_ids_of_the_allowed_signs_pass(good, tmp_path):
    sepa.write_file(tmp_path / "run.xml", **batch(transfer(end_to_end_id=good)))

    assert sepa.validate(tmp_path / "run.xml") == []
    assert texts((tmp_path / "run.xml").read_bytes(), ".//p:EndToEndId") == [good]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"message_id": "M" * 36}, sepa.IdNotSepa),
        ({"debtor": replace(LUNE, identifier="SIRET é")}, sepa.IdNotSepa),
        ({"debtor": replace(LUNE, iban=LUNE.iban[:-1])}, sepa.InvalidIban),
        ({"debtor": replace(LUNE, bic="AGRI")}, sepa.InvalidBic),
    ],
)
def test_a_debtor_unfit_for_sepa_writes_nothing(changes, error):
    out = io.BytesIO()

    with pytest.raises(error):
        sepa.write(out, **batch(transfer(), **changes))

    assert out.getvalue() == b""


def test_an_id_twice_is_refused_by_name(tmp_path):
    transfers = [transfer(1), transfer(2), transfer(1, amount_cents=7)]

    with pytest.raises(sepa.DuplicateEndToEndId, match="PO-00000001") as refusal:
        sepa.write_file(tmp_path / "run.xml", **batch(*transfers))

    assert refusal.value.code == "duplicate_end_to_end_id"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "declared",
    [
        {"count": 2},
        {"count": 4},
        {"total_cents": 3_005},
        {"total_cents": 3_007},
        {"total_cents": -3_006},
        {"count": 3, "transfers": ()},
    ],
)
def test_totals_that_differ_leave_the_former_file(declared, tmp_path):
    path = tmp_path / "run.xml"
    path.write_bytes(b"the former file")
    transfers = [transfer(1), transfer(2), transfer(3)]

    with pytest.raises(sepa.TotalsDiffer) as refusal:
        sepa.write_file(path, **batch(*transfers, **declared))

    assert refusal.value.code == "totals_differ"
    assert [each.name for each in tmp_path.iterdir()] == ["run.xml"]
    assert path.read_bytes() == b"the former file"


def test_an_endless_run_is_refused_at_the_first_transfer_too_many():
    endless = map(transfer, itertools.count(1))

    with pytest.raises(sepa.TotalsDiffer):
        written(transfers=endless, count=3, total_cents=3_006)

    assert next(endless).end_to_end_id == "PO-00000005"


def test_a_refused_file_does_not_look_whole():
    out = io.BytesIO()

    with pytest.raises(sepa.TotalsDiffer):
        sepa.write(out, **batch(transfer(1), transfer(2), total_cents=1))

    assert b"</Document>" not in out.getvalue()


def test_a_full_disk_leaves_no_file(tmp_path, monkeypatch):
    def refuse(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)

    with pytest.raises(OSError, match="No space left"):
        sepa.write_file(tmp_path / "run.xml", **batch(transfer()))

    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fills_midway_is_heard_of():
    transfers = [transfer(number) for number in range(1, 301)]

    with (
        open("/dev/full", "wb", buffering=0) as full,
        pytest.raises(OSError, match="28"),
    ):
        sepa.write(full, **batch(*transfers))


def test_a_killed_writer_leaves_no_file(tmp_path):
    path = tmp_path / "run.xml"
    program = f"""
import itertools, pathlib, tests.payouts.sepa_files as t
def endless():
    for number in itertools.count(1):
        if number == 2_000:
            print("midway", flush=True)
        yield t.transfer(number)
t.sepa.write_file(
    pathlib.Path({str(path)!r}),
    **t.batch(transfers=endless(), count=10**9, total_cents=10**12),
)
"""
    child = subprocess.Popen(
        [sys.executable, "-c", program], cwd=PROJECT, stdout=subprocess.PIPE
    )
    with child:
        assert child.stdout.readline() == b"midway\n"
        child.send_signal(signal.SIGKILL)

    assert not path.exists()
    assert [each.name[:9] for each in tmp_path.iterdir()] == [".run.xml."]
