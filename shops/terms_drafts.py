"""The text that creators accept, drafted from a program's own terms (rule P3)."""

from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from shops.models import Program

LANGUAGES = ("fr", "en")
_RULE = "\n\n— — —\n\n"


def suggest(program: Program) -> str:
    """Return a text in French, then in English, from the terms as they stand.

    A draft for the shop to read and change; it is no lawyer's work.
    """
    return _RULE.join(_in(language, program) for language in LANGUAGES)


def _in(language: str, program: Program) -> str:
    with override(language):
        rate = f"{number_format(Decimal(program.rate_bp).scaleb(-2).normalize())} %"
        said = [
            _("Terms of the program %(program)s of %(shop)s")
            % {"program": program.name, "shop": program.shop.name},
            _(
                "1. Commission. You earn %(rate)s of what the buyer pays for the goods,"
                " without VAT, shipping and discounts. Some creators, products and"
                " times have another rate: your portal shows it."
            )
            % {"rate": rate},
            _(
                "2. Which sales count. A sale is yours if the buyer came by your link"
                " within %(days)d days before it, or used your code. Your own purchases"
                " earn nothing."
            )
            % {"days": program.window_days},
            _(
                "3. Payment. A commission becomes payable %(days)d days after delivery,"
                " and never before the buyer's right to withdraw is over. What is"
                " refunded earns nothing."
            )
            % {"days": program.hold_days},
            _(
                "4. Changes. A lower rate is announced %(days)d days before it holds"
                " for you. A change of this text is announced 15 days before, and you"
                " accept it anew."
            )
            % {"days": program.rate_lock_days},
            _(
                "5. Advertising. Every post with a link or a code says clearly, from"
                " its beginning, that it is advertising. You make no claim about the"
                " goods that the shop does not make."
            ),
            _(
                "6. End. You may leave at any moment. What was sold before is still"
                " paid."
            ),
        ]
    return "\n\n".join(said)
