"""Why a SEPA file is refused. No message quotes a name or an account number."""

from affiliate.common.errors import Refusal


class NoTransfers(Refusal):
    """A file without a transfer is not valid."""

    code = "no_transfers"
    way_out = "Write no file for a run that pays nobody."


class TotalsDiffer(Refusal):
    """The transfers are not those that were declared."""

    code = "totals_differ"
    way_out = "Sum the claimed payouts again and export once more."


class DuplicateEndToEndId(Refusal):
    """Two transfers of the file carry the same id: one payout would be paid twice."""

    code = "duplicate_end_to_end_id"
    way_out = "Give every payout of the run its own id."


class IdNotSepa(Refusal):
    """An id is empty, too long, or has signs that a bank would not send back."""

    code = "id_not_sepa"
    way_out = "Use 1 to 35 letters, digits and /-?:().,'+ without // or / at an end."


class CurrencyNotSepa(Refusal):
    """SEPA moves euros only."""

    code = "currency_not_sepa"
    way_out = "Pay other currencies over another rail."


class AmountNotSepa(Refusal):
    """A transfer is of 0.01 to 999,999,999.99 euros."""

    code = "amount_not_sepa"
    way_out = "Leave out what is not above zero; split what is too large."


class InvalidIban(Refusal):
    """The form or the check digits of an account number are wrong."""

    code = "invalid_iban"
    way_out = "Ask the account's holder for it again."


class IbanNotSepa(Refusal):
    """The account is held outside the SEPA zone."""

    code = "iban_not_sepa"
    way_out = "Pay it over another rail."


class InvalidBic(Refusal):
    """The form of a bank code is wrong."""

    code = "invalid_bic"
    way_out = "Leave it out: inside SEPA the IBAN is enough."
