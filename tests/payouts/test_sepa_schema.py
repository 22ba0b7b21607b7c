import hashlib
from pathlib import Path

import sepaxml

from payouts.rails import sepa
from tests.payouts.sepa_files import transfer, written

PROJECT = Path(__file__).parent.parent.parent


def test_the_schema_finds_what_is_wrong(tmp_path):
    path = tmp_path / "run.xml"
    path.write_bytes(written(transfer()).replace(b">10.01<", b">10,01<", 3))

    faults = sepa.validate(path)

    assert any("CtrlSum" in fault and fault.startswith("line 2: ") for fault in faults)


def test_a_file_that_is_no_xml_is_a_fault_and_no_crash(tmp_path):
    path = tmp_path / "run.xml"
    path.write_bytes(written(transfer())[:-1])

    (fault,) = sepa.validate(path)

    assert fault.startswith("line 3: ")


def test_validation_reads_no_other_file(tmp_path):
    # Not XML: a parser that read it would stumble.
    secret = tmp_path / "secret"
    secret.write_text("<")
    path = tmp_path / "run.xml"
    doctype = f'<!DOCTYPE Document [<!ENTITY x SYSTEM "{secret.as_uri()}">]>\n'
    content = written(transfer()).replace(b"RUN-2026-02-EUR", b"&x;")
    path.write_bytes(content.replace(b"<Document", doctype.encode() + b"<Document", 1))

    assert sepa.validate(path) == ["line 1: a DOCTYPE is not allowed"]


def test_validation_survives_an_entity_bomb(tmp_path):
    lines = ['<!ENTITY a0 "lol">']
    lines += [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12)]
    path = tmp_path / "run.xml"
    path.write_text(f"<!DOCTYPE Document [{''.join(lines)}]><Document>&a11;</Document>")

    (fault,) = sepa.validate(path)

    assert fault.startswith("line 1: Maximum entity amplification")


def test_the_schema_is_the_unchanged_copy():
    ours = PROJECT / "payouts/rails/schemas/pain.001.001.09.xsd"
    theirs = Path(sepaxml.__file__).parent / "schemas" / ours.name
    digest = hashlib.sha256(ours.read_bytes()).hexdigest()

    assert ours.read_bytes() == theirs.read_bytes()
    assert digest in (ours.parent / "README.md").read_text()
