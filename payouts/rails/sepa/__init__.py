"""SEPA credit transfers in euros: ISO 20022 pain.001.001.09.

One file holds one payment of one execution date from one debtor account, booked as one
batch, so the bank's answers name the message id for the whole and the end-to-end id for
each transfer.
"""

from payouts.rails.sepa.charset import NOT_PROVIDED, reduce_name
from payouts.rails.sepa.errors import (
    AmountNotSepa,
    CurrencyNotSepa,
    DuplicateEndToEndId,
    IbanNotSepa,
    IdNotSepa,
    InvalidBic,
    InvalidIban,
    NoTransfers,
    TotalsDiffer,
)
from payouts.rails.sepa.file import Batch, FileDigest, validate, write, write_file
from payouts.rails.sepa.parties import Debtor, Transfer, check_bic, check_iban

__all__ = [
    "NOT_PROVIDED",
    "AmountNotSepa",
    "Batch",
    "CurrencyNotSepa",
    "Debtor",
    "DuplicateEndToEndId",
    "FileDigest",
    "IbanNotSepa",
    "IdNotSepa",
    "InvalidBic",
    "InvalidIban",
    "NoTransfers",
    "TotalsDiffer",
    "Transfer",
    "check_bic",
    "check_iban",
    "reduce_name",
    "validate",
    "write",
    "write_file",
]
