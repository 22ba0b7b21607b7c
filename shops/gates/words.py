"""Says what the codes of restricted goods mean, in the reader's language."""

from typing import Any

from django.utils.translation import gettext_lazy as _

GOODS: dict[str, Any] = {
    "AESTHETIC_PROCEDURE": _("Aesthetic procedures with a risk for health"),
    "AESTHETIC_SURGERY": _("Aesthetic surgery"),
    "ALCOHOL": _("Alcohol"),
    "COSMETICS": _("Cosmetics"),
    "COUNTERFEIT": _("Counterfeits"),
    "CRYPTO": _("Crypto-assets"),
    "ENERGY_DRINK": _("Energy drinks"),
    "EXOTIC_ANIMALS": _("Exotic animals (not on the list of pets)"),
    "FINANCE_CFD": _("Risky investments (CFDs, binary options)"),
    "FOOD_SUPPLEMENT": _("Food supplements"),
    "GAMBLING": _("Gambling and betting"),
    "GREEN_CLAIMS": _("Environmental claims"),
    "INFANT_FOOD": _("Baby food other than infant formula"),
    "INFANT_FORMULA": _("Infant formula"),
    "LHF": _("Less healthy food and drink (fat, sugar, salt)"),
    "MEDICAL_DEVICE": _("Medical devices"),
    "NICOTINE": _("Tobacco, vapes and nicotine"),
    "OTC_MEDICINE": _("Medicines without a prescription"),
    "RX_MEDICINE": _("Medicines on prescription"),
    "SPORTS_TIPS": _("Subscriptions to sports tips"),
    "STREAM_PIRACY": _("Illegal streams of sport"),
    "THERAPY_SUBSTITUTE": _("Products presented as a substitute for treatment"),
    "TICKETS": _("Resale of tickets"),
    "TRAINING_CPF": _("Training paid by the CPF (French training account)"),
    "ULTRA_FAST_FASHION": _("Ultra-fast fashion"),
    "WEAPONS_DRUGS_ADULT": _("Weapons, drugs and adult content"),
    "WEIGHT_LOSS": _("Weight-loss products"),
}


def name_of(code: str) -> str:
    """Return the goods of a code in words; a code that no rule has any more, itself."""
    return str(GOODS.get(code, code))


def choices() -> list[tuple[str, str]]:
    """Return code and words of every kind of goods, sorted as they are read."""
    named = [(code, name_of(code)) for code in GOODS]
    return sorted(named, key=lambda pair: pair[1].casefold())
