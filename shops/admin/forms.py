"""Form fields for people: 12.5 % instead of 1250, 24.00 instead of 2400."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.db import IntegrityError
from django.db.models import Model
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from affiliate.common import money
from affiliate.common.errors import Refusal, Words

if TYPE_CHECKING:
    _Form = forms.ModelForm[Any]
else:
    _Form = forms.ModelForm

_PLACES = 2


class RefusableForm(_Form):
    """A form that can be shown again with what the verb behind it refused.

    `worded` says a reason in the form's own units, where the verb's are others.
    """

    refusal: ClassVar[Refusal | None] = None
    request: ClassVar[HttpRequest | None] = None
    worded: ClassVar[Mapping[str, Words]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Write the labels of our own fields as Django writes those of models."""
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.label = capfirst(field.label) if field.label else field.label

    def clean(self) -> dict[str, Any] | None:
        """Put each reason beside its field, and the rest above the form."""
        cleaned = super().clean()
        refusal = self.refusal
        if refusal is None:
            return cleaned
        unplaced = []
        for name, messages in refusal.errors.items():
            if name in self.fields:
                worded = self.worded.get(name)
                self.add_error(name, str(worded) if worded else messages)
            else:
                unplaced += messages
        if not refusal.errors or unplaced:
            words = [str(refusal), *unplaced, str(refusal.way_out or "")]
            self.add_error(None, " ".join(word for word in words if word))
        return cleaned


class HundredthsField(forms.CharField):
    """A number with up to two decimals, kept in hundredths: 12,5 is 1250.

    Reads a point or a comma, with or without the unit behind it.
    """

    widget = UnfoldAdminTextInputWidget
    unit = ""
    default_error_messages = {
        "number": _("Write a number such as %(example)s."),
        "decimals": _("At most two decimals."),
    }
    example = "12.5"

    def __init__(self, **kwargs: Any) -> None:
        """Show the unit inside the field."""
        kwargs.setdefault(
            "widget",
            UnfoldAdminTextInputWidget(
                attrs={"suffix": self.unit, "inputmode": "decimal"}
            ),
        )
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Any:
        """Return hundredths, or None when empty."""
        text = super().to_python(value)
        if not text:
            return None
        bare = text.replace("\u00a0", "").replace("\u202f", "").replace(" ", "")
        bare = bare.removesuffix("%").removeprefix("×").replace(",", ".")
        try:
            number = Decimal(bare)
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or abs(number) >= 10**6:
            raise forms.ValidationError(
                self.error_messages["number"],
                code="number",
                params={"example": _local(self.example)},
            )
        hundredths = number.scaleb(_PLACES)
        if hundredths != hundredths.to_integral_value():
            raise forms.ValidationError(
                self.error_messages["decimals"], code="decimals"
            )
        return int(hundredths)

    def prepare_value(self, value: Any) -> Any:
        """Show hundredths as people write them; what was typed wrong stays."""
        if not isinstance(value, int):
            return value
        return _local(hundredths_words(value))

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare the numbers, not how they are written."""
        try:
            return bool(self.to_python(data) != initial)
        except forms.ValidationError:
            return True


class PercentField(HundredthsField):
    """A rate: basis points are hundredths of a percent."""

    unit = "%"
    example = "12.5"


class TimesField(HundredthsField):
    """A multiplier: 2 doubles, 1.5 is half as much again."""

    unit = "×"
    example = "1.5"


class MoneyField(forms.CharField):
    """An amount as people write it; `read` gives it its currency."""

    def __init__(self, **kwargs: Any) -> None:
        """Ask phones for digits."""
        kwargs.setdefault(
            "widget", UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal"})
        )
        super().__init__(**kwargs)

    @staticmethod
    def read(text: str, currency: str) -> int:
        """Return minor units. Raises ValidationError."""
        bare = text.replace("\u00a0", "").replace("\u202f", "").replace(" ", "")
        try:
            return money.cents_from_decimal(bare.replace(",", "."), currency)
        except ValueError as error:
            example = Decimal(1250).scaleb(-_exponent(currency))
            raise forms.ValidationError(
                _("Write an amount such as %(example)s."),
                code="amount",
                params={"example": _local(str(example))},
            ) from error

    @staticmethod
    def write(cents: int | None, currency: str) -> str:
        """Return minor units as one would type them."""
        if cents is None:
            return ""
        return _local(str(Decimal(cents).scaleb(-_exponent(currency))))


def hundredths_words(hundredths: int) -> str:
    """Write hundredths without idle zeros: 1250 is 12.5, 200 is 2."""
    whole, rest = divmod(hundredths, 100)
    return f"{whole}.{rest:02}".rstrip("0").rstrip(".")


def _exponent(currency: str) -> int:
    return money.exponent(currency) if money.is_currency(currency) else _PLACES


def _local(number: str) -> str:
    return (
        number.replace(".", ",") if (get_language() or "").startswith("fr") else number
    )


def broken_constraint(error: IntegrityError, model: type[Model]) -> Refusal:
    """Return what a constraint of the database says, in words of its model."""
    diagnosis = getattr(error.__cause__, "diag", None)
    name = getattr(diagnosis, "constraint_name", None) or ""
    for constraint in model._meta.constraints:
        if constraint.name == name and constraint.violation_error_message:
            return Refusal(str(constraint.get_violation_error_message()))
    if name == "category_is_a_tree":
        return Refusal(_("A category cannot stand below itself."))
    if "_is_of_its_" in name or name.endswith("_stays_in_its_shop"):
        return Refusal(_("These belong to different shops or programs."))
    return Refusal(_("The database refuses this: it breaks the rule %s.") % name)
