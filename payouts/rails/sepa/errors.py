"""Why a SEPA file is refused. No message quotes a name or an account number."""

from affiliate.common.errors import Refusal


class NoTransfers(Refusal):
    """A file without a transfer is invalid: do not write one."""

    code = "no_transfers"


class TotalsDiffer(Refusal):
    """The transfers are not those that were declared: sum the claimed payouts again."""

    code = "totals_differ"


class DuplicateEndToEndId(Refusal):
    """Two transfers of the file carry the same id: one payout would be paid twice."""

    code = "duplicate_end_to_end_id"


class IdNotSepa(Refusal):
    """Ids have 1 to 35 letters, digits and / - ? : ( ) . , ' + (no // nor edge /)."""

    code = "id_not_sepa"


class CurrencyNotSepa(Refusal):
    """SEPA moves euros only: pay other currencies over another rail."""

    code = "currency_not_sepa"


class AmountNotSepa(Refusal):
    """A transfer is of 0.01 to 999,999,999.99 euros: split larger ones."""

    code = "amount_not_sepa"


class InvalidIban(Refusal):
    """The account number's form or check digits are wrong: ask for it again."""

    code = "invalid_iban"


class IbanNotSepa(Refusal):
    """The account is held outside the SEPA zone: pay it over another rail."""

    code = "iban_not_sepa"


class InvalidBic(Refusal):
    """The bank code's form is wrong: leave it out, or ask for it again."""

    code = "invalid_bic"
