import hashlib
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import sepaxml
from hypothesis import given, settings
from hypothesis import strategies as st

from payouts.rails import sepa
from tests.payouts.sepa_files import (
    CREATED_AT,
    IBANS,
    LUNE,
    batch,
    leaves,
    texts,
    transfer,
    written,
)


@pytest.mark.parametrize("count", [1, 3, 10_000])
def test_a_file_is_valid_and_says_what_it_holds(count, tmp_path):
    path = tmp_path / "run.xml"
    transfers = [transfer(number) for number in range(1, count + 1)]
    total_cents = 1_000 * count + count * (count + 1) // 2

    digest = sepa.write_file(path, **batch(*transfers))

    content = path.read_bytes()
    assert sepa.validate(path) == []
    assert digest == sepa.FileDigest(
        hashlib.sha256(content).hexdigest(), count, total_cents, len(content)
    )
    assert texts(content, ".//p:NbOfTxs") == [str(count)] * 2
    sums = texts(content, ".//p:CtrlSum")
    assert [Decimal(each) * 100 for each in sums] == [total_cents] * 2
    assert len(texts(content, ".//p:CdtTrfTxInf")) == count


def test_a_file_of_nothing_is_refused(tmp_path):
    with pytest.raises(sepa.NoTransfers) as refusal:
        sepa.write_file(tmp_path / "run.xml", **batch())

    assert refusal.value.code == "no_transfers"
    assert list(tmp_path.iterdir()) == []


def test_the_elements_are_those_of_another_writer():
    ours = written(
        transfer(1, amount_cents=5, creditor_bic="PSSTFRPPXXX"),
        transfer(2, amount_cents=123_456_789),
        transfer(3, amount_cents=100, creditor_bic="ABNANL2A"),
    )
    theirs = sepaxml.SepaTransfer(
        {
            "name": "Lune SAS",
            "IBAN": LUNE.iban,
            "BIC": LUNE.bic,
            "batch": True,
            "currency": "EUR",
        },
        schema="pain.001.001.09",
    )
    amounts = [(5, "PSSTFRPPXXX"), (123_456_789, None), (100, "ABNANL2A")]
    for number, (cents, bic) in enumerate(amounts, start=1):
        theirs.add_payment(
            {
                "name": "Lea Martin",
                "IBAN": IBANS[number],
                "amount": cents,
                "execution_date": date(2026, 3, 3),
                "description": "Commissions 2026-02",
                "endtoend_id": f"PO-{number:08d}",
                **({"BIC": bic} if bic else {}),
            }
        )

    pairs = list(zip(leaves(ours), leaves(theirs.export()), strict=True))

    # Theirs are random or of the clock.
    differing = [our[0] for our, their in pairs if our != their]
    assert differing == [
        "CstmrCdtTrfInitn/GrpHdr/MsgId",
        "CstmrCdtTrfInitn/GrpHdr/CreDtTm",
        "CstmrCdtTrfInitn/PmtInf/PmtInfId",
    ]
    assert [our[0] for our, _ in pairs] == [their[0] for _, their in pairs]
    assert len(pairs) == 33


def test_what_the_other_writer_does_not_write(tmp_path):
    path = tmp_path / "run.xml"
    debtor = replace(LUNE, bic=None, identifier="73282932000074")

    sepa.write_file(path, **batch(transfer(), debtor=debtor))

    content = path.read_bytes()
    assert sepa.validate(path) == []
    assert texts(content, ".//p:InitgPty/p:Id/p:OrgId/p:Othr/p:Id") == [
        "73282932000074"
    ]
    assert texts(content, ".//p:DbtrAgt/p:FinInstnId/p:Othr/p:Id") == ["NOTPROVIDED"]
    assert texts(content, ".//p:CreDtTm") == ["2026-03-01T06:30:15Z"]
    assert texts(content, ".//p:PmtInfId") == ["RUN-2026-02-EUR"]
    assert texts(content, ".//p:CdtrAgt") == []


def test_a_second_export_has_the_same_bytes(tmp_path):
    path = tmp_path / "run.xml"
    transfers = [transfer(number) for number in range(1, 301)]
    in_paris = CREATED_AT.astimezone(ZoneInfo("Europe/Paris"))

    first = sepa.write_file(path, **batch(*transfers))
    again = sepa.write_file(path, **batch(*transfers, created_at=in_paris))

    assert again == first
    assert written(*transfers) == path.read_bytes()


def test_a_creation_time_needs_a_zone():
    with pytest.raises(ValueError, match="time zone"):
        written(transfer(), created_at=CREATED_AT.replace(tzinfo=None))


@pytest.mark.parametrize(
    ("name", "at_the_bank"),
    [
        ("Léa Martin", "Lea Martin"),
        ("Le\u0301a Martin", "Lea Martin"),
        ("Jürgen Groß", "Jurgen Gross"),
        ("GROẞ", "GROSS"),
        ("Æsa Østergård & Łucja Œuvre", "Aesa Ostergard + Lucja Oeuvre"),
        ('A & B <Co> "X"; [y]_z', "A + B .Co. 'X', (y)-z"),
        ("🎉 Zoé 💄🏽 la Crème 👩‍👩‍👧", "Zoe la Creme"),
        ("Γιώργος Παπάς", "Giorgos Papas"),
        ("ΘΕΜΙΣ Ψ", "ThEMIS Ps"),
        ("Владимир Йовчев", "Vladimir Yovchev"),
        ("и\u0306", "y"),
        ("Щука Ïжа Їжак", "Shtuka Izha Yizhak"),
        ("Nguyễn Văn Đức", "Nguyen Van Duc"),
        ("𝓛𝓮́𝓪 Ｍａｒｔｉｎ", "Lea Martin"),
        ("  a\t\n b\u00a0 c\u200b ", "a b c"),
        ("a ☃ b", "a b"),
        ("x" * 69 + " y", "x" * 69),
        ("ß" * 70, "ss" * 35),
        ("王小明", "NOTPROVIDED"),
        ("🎉🎉", "NOTPROVIDED"),
        ("<>", "NOTPROVIDED"),
        ("", "NOTPROVIDED"),
    ],
)
def test_a_name_is_reduced_to_what_banks_read(name, at_the_bank):
    content = written(transfer(creditor_name=name), debtor=replace(LUNE, name=name))

    assert texts(content, ".//p:Cdtr/p:Nm") == [at_the_bank]
    assert texts(content, ".//p:Dbtr/p:Nm") == [at_the_bank]


@given(st.text(max_size=120))
def test_any_name_is_reduced_once_and_for_all(name):
    reduced = sepa.reduce_name(name)

    assert re.fullmatch(r"[A-Za-z0-9/\-?:().,'+ ]{1,70}", reduced)
    assert re.search(r"[A-Za-z0-9]", reduced)
    assert reduced == reduced.strip()
    assert "  " not in reduced
    assert sepa.reduce_name(reduced) == reduced


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.text(), st.text()), min_size=1, max_size=8))
def test_any_names_and_words_make_a_valid_file(tmp_path_factory, people):
    path = tmp_path_factory.mktemp("sepa") / "run.xml"
    transfers = [
        transfer(number, creditor_name=name, remittance=words)
        for number, (name, words) in enumerate(people)
    ]

    sepa.write_file(path, **batch(*transfers))

    assert sepa.validate(path) == []


@given(st.integers(1, 99_999_999_999))
def test_an_amount_is_written_to_the_cent(cents):
    content = written(transfer(amount_cents=cents))

    (amount,) = texts(content, ".//p:InstdAmt")
    assert re.fullmatch(r"[0-9]{1,9}\.[0-9]{2}", amount)
    assert Decimal(amount) * 100 == cents


def test_a_remittance_is_cut_at_140_and_left_out_when_nothing_is_left():
    content = written(
        transfer(1, remittance="é" * 141),
        transfer(2, remittance="🎉"),
        transfer(3, remittance="March"),
    )

    assert texts(content, ".//p:Ustrd") == ["e" * 140, "March"]
    assert len(texts(content, ".//p:RmtInf")) == 2


def test_account_numbers_are_written_without_spaces_in_capitals():
    content = written(
        transfer(creditor_iban="nl91 abna 0417 1643 00", creditor_bic="abnanl2a")
    )

    assert texts(content, ".//p:CdtrAcct//p:IBAN") == ["NL91ABNA0417164300"]
    assert texts(content, ".//p:CdtrAgt//p:BICFI") == ["ABNANL2A"]


def test_only_the_owner_reads_the_file(tmp_path):
    sepa.write_file(tmp_path / "run.xml", **batch(transfer()))

    assert (tmp_path / "run.xml").stat().st_mode & 0o777 == 0o600
