"""One pain.001.001.09 file: streamed out in constant memory, and checked by its XSD."""

import hashlib
import os
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
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
        etree.xmlfile(sink, encoding="utf-8") as xml,
        xml.element(f"{{{NAMESPACE}}}Document", nsmap={None: NAMESPACE}),
        xml.element("CstmrCdtTrfInitn"),
    ):
        xml.write(header)
        with xml.element("PmtInf"), sink.broken_by_errors():
            for element in _payment(message_id, execution_date, totals, debtor):
                xml.write(element)
            credit = _Credit()
            for transfer in _held_to(transfers, count, total_cents):
                xml.write(credit.filled(transfer))
    return FileDigest(sink.sha256.hexdigest(), count, total_cents, sink.size)


def write_file(path: Path, **batch: Unpack[Batch]) -> FileDigest:
    """Write the file `write` would, whole and on the disk, or leave `path` as it was.

    Readable by its owner only, for it lists bank accounts. Writing again replaces the
    file by the same bytes. Raises what `write` raises.
    """
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    unfinished = Path(name)
    try:
        with open(descriptor, "wb") as out:
            digest = write(out, **batch)
            out.flush()
            os.fsync(out.fileno())
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink()
        raise
    _fsync_folder(path.parent)
    return digest


def validate(path: Path) -> list[str]:
    """Return what the XSD has against a file, as `line N: why`; empty when valid.

    Follows no network address and expands no entity; a DOCTYPE is a fault of its own.
    The reasons may quote the file, so they are for the desk, not for logs. Raises
    OSError when there is no such file.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    schema = etree.XMLSchema(etree.parse(str(SCHEMA), parser))
    try:
        document = etree.parse(str(path), parser)
    except etree.XMLSyntaxError as error:
        return [f"line {error.lineno}: {error.msg}"]
    if document.docinfo.internalDTD is not None:
        return ["line 1: a DOCTYPE is not allowed"]
    schema.validate(document)
    log = schema.error_log
    return [f"line {fault.line}: {fault.message}" for fault in log]  # type: ignore[attr-defined] # the stubs forget that it is a list


def _held_to(
    transfers: Iterable[Transfer], count: int, total_cents: int
) -> Iterator[Transfer]:
    """Yield each transfer checked, and raise TotalsDiffer unless they add up."""
    seen = summed_cents = 0
    with closing(_Ids()) as ids:
        for transfer in map(parties.checked_transfer, transfers):
            ids.add(transfer.end_to_end_id)
            seen += 1
            summed_cents += transfer.amount_cents
            if seen > count:
                break
            yield transfer
    if (seen, summed_cents) != (count, total_cents):
        more = "or more " if seen > count else ""
        raise errors.TotalsDiffer(
            f"{count} transfers of {total_cents} cents were declared; "
            f"there are {seen} {more}of {summed_cents} cents."
        )


def _element(tag: str, *content: "str | etree._Element") -> "etree._Element":
    # Without a namespace of its own it takes the document's default one as it is
    # written; with one, lxml would repeat the declaration on every transfer.
    element = etree.Element(tag)
    for part in content:
        if isinstance(part, str):
            element.text = part
        else:
            element.append(part)
    return element


def _header(
    message_id: str, created_at: datetime, totals: tuple[str, str], debtor: Debtor
) -> "etree._Element":
    if created_at.utcoffset() is None:
        raise ValueError("created_at needs a time zone.")
    sender = _element("InitgPty", _element("Nm", debtor.name))
    if debtor.identifier:
        other = _element("Othr", _element("Id", debtor.identifier))
        sender.append(_element("Id", _element("OrgId", other)))
    return _element(
        "GrpHdr",
        _element("MsgId", parties.check_id(message_id, "message id")),
        _element("CreDtTm", f"{created_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"),
        _element("NbOfTxs", totals[0]),
        _element("CtrlSum", totals[1]),
        sender,
    )


def _payment(
    message_id: str, execution_date: date, totals: tuple[str, str], debtor: Debtor
) -> "Iterator[etree._Element]":
    """Yield what comes before the transfers; a file's only payment has its id."""
    yield _element("PmtInfId", message_id)
    yield _element("PmtMtd", "TRF")
    yield _element("BtchBookg", "true")
    yield _element("NbOfTxs", totals[0])
    yield _element("CtrlSum", totals[1])
    yield _element("PmtTpInf", _element("SvcLvl", _element("Cd", "SEPA")))
    yield _element("ReqdExctnDt", _element("Dt", f"{execution_date:%Y-%m-%d}"))
    yield _element("Dbtr", _element("Nm", debtor.name))
    yield _element("DbtrAcct", _element("Id", _element("IBAN", debtor.iban)))
    yield _debtor_agent(debtor.bic)
    yield _element("ChrgBr", "SLEV")


def _debtor_agent(bic: str | None) -> "etree._Element":
    """Name the debtor's bank, which is mandatory; without a BIC the IBAN names it."""
    if bic:
        bank = _element("BICFI", bic)
    else:
        bank = _element("Othr", _element("Id", charset.NOT_PROVIDED))
    return _element("DbtrAgt", _element("FinInstnId", bank))


def _fsync_folder(folder: Path) -> None:
    # Without it the new name may be lost with the power, though its bytes are safe.
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class _Credit:
    """One transfer's element, filled anew for each of them.

    Making its dozen elements each time took as long as all the checks together.
    """

    def __init__(self) -> None:
        self._id = _element("EndToEndId")
        self._amount = _element("InstdAmt")
        self._bic = _element("BICFI")
        self._agent = _element("CdtrAgt", _element("FinInstnId", self._bic))
        self._name = _element("Nm")
        self._iban = _element("IBAN")
        self._words = _element("Ustrd")
        self._remittance = _element("RmtInf", self._words)
        self._element = _element(
            "CdtTrfTxInf",
            _element("PmtId", self._id),
            _element("Amt", self._amount),
            _element("Cdtr", self._name),
            _element("CdtrAcct", _element("Id", self._iban)),
        )
        # A line a transfer, so that what the XSD has against one can be found.
        self._element.tail = "\n"

    def filled(self, transfer: Transfer) -> "etree._Element":
        self._id.text = transfer.end_to_end_id
        self._amount.text = parties.as_decimal(transfer.amount_cents)
        self._amount.set("Ccy", transfer.currency)
        self._name.text = transfer.creditor_name
        self._iban.text = transfer.creditor_iban
        # Both may stand there from the transfer before.
        for optional in (self._agent, self._remittance):
            if optional.getparent() is not None:
                self._element.remove(optional)
        if transfer.creditor_bic:
            self._bic.text = transfer.creditor_bic
            self._element.insert(2, self._agent)
        if transfer.remittance:
            self._words.text = transfer.remittance
            self._element.append(self._remittance)
        return self._element


class _Sink:
    """Where lxml writes to: passes bytes on, hashes and counts them."""

    def __init__(self, out: BinaryIO) -> None:
        self.out = out
        self.sha256 = hashlib.sha256()
        self.size = 0
        self.is_broken = False

    def write(self, data: bytes) -> int:
        if not self.is_broken:
            self.out.write(data)
            self.sha256.update(data)
            self.size += len(data)
        return len(data)

    @contextmanager
    def broken_by_errors(self) -> Iterator[None]:
        """Drop what follows an error: lxml closes every tag on the way out, and a
        refused file would look whole."""
        try:
            yield
        except BaseException:
            self.is_broken = True
            raise


class _Ids:
    """Ids seen so far, exactly and in constant memory.

    A set of a million ids takes 100 MB. An unnamed SQLite database is private, spills
    to a temporary file beyond its 2 MB cache, and is gone when closed.
    """

    def __init__(self) -> None:
        self._database = sqlite3.connect("")
        self._database.execute("create table seen (id text primary key) without rowid")

    def add(self, end_to_end_id: str) -> None:
        try:
            self._database.execute("insert into seen values (?)", [end_to_end_id])
        except sqlite3.IntegrityError:
            raise errors.DuplicateEndToEndId(
                f"Two transfers carry the end-to-end id {end_to_end_id}."
            ) from None

    def close(self) -> None:
        self._database.close()
