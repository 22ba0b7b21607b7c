"""Who pays whom what, checked as the SEPA rules ask before a byte is written."""

import re
from dataclasses import dataclass

import schwifty
from schwifty.exceptions import SchwiftyException

from payouts.rails.sepa import charset, errors

MAX_AMOUNT_CENTS = 99_999_999_999

# No space, though the set has one: banks trim and fold spaces, and two ids become one.
_ID = re.compile(r"(?!/)(?!.*//)[A-Za-z0-9/\-?:().,'+]{1,35}(?<!/)")


@dataclass(frozen=True, slots=True)
class Debtor:
    """The account that pays. `identifier` is what the bank knows the sender by."""

    name: str
    iban: str
    bic: str | None
    identifier: str | None


@dataclass(frozen=True, slots=True)
class Transfer:
    """One payment to one creditor. `end_to_end_id` comes back in the bank's answers."""

    end_to_end_id: str
    amount_cents: int
    currency: str
    creditor_name: str
    creditor_iban: str
    creditor_bic: str | None
    remittance: str


def check_id(value: str, what: str) -> str:
    """Return `value` as it is; raise IdNotSepa naming `what` where a bank would not."""
    if not _ID.fullmatch(value):
        raise errors.IdNotSepa(f"The {what} {value!r} is not a SEPA id.")
    return value


def check_iban(value: str, whose: str) -> str:
    """Return an account number without spaces, in capitals.

    Raises InvalidIban or, for a good number of a country outside SEPA, IbanNotSepa.
    """
    try:
        iban = schwifty.IBAN(value)
    except SchwiftyException as error:
        # Not chained: the library's message quotes the number.
        reason = type(error).__name__
        raise errors.InvalidIban(f"The IBAN of {whose}: {reason}.") from None
    if not iban.in_sepa_zone:
        raise errors.IbanNotSepa(f"The IBAN of {whose} is outside the SEPA zone.")
    return iban.compact


def check_bic(value: str, whose: str) -> str:
    """Return a bank code in capitals; raises InvalidBic if its form is wrong."""
    try:
        return schwifty.BIC(value).compact
    except SchwiftyException as error:
        reason = type(error).__name__
        raise errors.InvalidBic(f"The BIC of {whose}: {reason}.") from None


def check_amount(transfer: Transfer) -> int:
    """Return the cents to pay; raises CurrencyNotSepa or AmountNotSepa."""
    who = f"transfer {transfer.end_to_end_id}"
    if transfer.currency != "EUR":
        raise errors.CurrencyNotSepa(f"The {who} is in {transfer.currency}.")
    if not 0 < transfer.amount_cents <= MAX_AMOUNT_CENTS:
        raise errors.AmountNotSepa(f"The {who} is of {transfer.amount_cents} cents.")
    return transfer.amount_cents


def as_decimal(cents: int) -> str:
    """Write non-negative cents as euros with exactly two decimals: 5 is 0.05."""
    return f"{cents // 100}.{cents % 100:02d}"


def checked_debtor(debtor: Debtor) -> Debtor:
    """Return the debtor as it goes into the file; raises the errors of its parts."""
    return Debtor(
        name=charset.reduce_name(debtor.name),
        iban=check_iban(debtor.iban, "the debtor"),
        bic=check_bic(debtor.bic, "the debtor") if debtor.bic else None,
        identifier=(
            check_id(debtor.identifier, "debtor identifier")
            if debtor.identifier
            else None
        ),
    )


def checked_transfer(transfer: Transfer) -> Transfer:
    """Return the transfer as it goes into the file; raises the errors of its parts."""
    end_to_end_id = check_id(transfer.end_to_end_id, "end-to-end id")
    creditor = f"the creditor of {end_to_end_id}"
    bic = transfer.creditor_bic
    return Transfer(
        end_to_end_id=end_to_end_id,
        amount_cents=check_amount(transfer),
        currency=transfer.currency,
        creditor_name=charset.reduce_name(transfer.creditor_name),
        creditor_iban=check_iban(transfer.creditor_iban, creditor),
        creditor_bic=check_bic(bic, creditor) if bic else None,
        remittance=charset.reduce(transfer.remittance, charset.MAX_REMITTANCE),
    )
