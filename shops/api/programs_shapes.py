"""The shapes of programs, rates and boosts: what is read, and what is answered."""

from datetime import datetime
from typing import Any

from django.utils.timezone import is_naive
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from affiliate.common import money
from affiliate.common.api import PageShape
from shops import program_settings
from shops.models import CodePolicy, Period, ProgramStatus, WhoMayJoin
from shops.models.joining import LEAST_AGE, MOST_AGE

_MOST = 10**13


class InstantField(serializers.DateTimeField):
    """An instant with its offset: without one it would be ours, and not the shop's."""

    def enforce_timezone(self, value: datetime) -> datetime:
        """Refuse a moment that is none."""
        if is_naive(value):
            raise serializers.ValidationError(_("Give an offset, such as +01:00."))
        return super().enforce_timezone(value)


class EligibilityShape(serializers.Serializer[object]):
    """Whom a program takes; what is empty or null asks for nothing."""

    countries = serializers.ListField(
        child=serializers.RegexField(r"\A[A-Z]{2}\Z"), max_length=250, required=False
    )
    niches = serializers.ListField(
        child=serializers.CharField(max_length=40), max_length=50, required=False
    )
    least_followers = serializers.IntegerField(
        min_value=0, max_value=_MOST, allow_null=True, required=False
    )
    most_followers = serializers.IntegerField(
        min_value=0, max_value=_MOST, allow_null=True, required=False
    )
    least_age = serializers.IntegerField(
        min_value=LEAST_AGE, max_value=MOST_AGE, required=False
    )


class NewProgramShape(serializers.Serializer[object]):
    """A program; what is left out has the default of the contract."""

    name = serializers.CharField(max_length=120)
    slug = serializers.SlugField(max_length=60, required=False)
    currency = serializers.CharField(max_length=3, required=False)
    rate_bp = serializers.IntegerField(min_value=100, max_value=8000)
    cap_bp = serializers.IntegerField(min_value=100, max_value=8000, required=False)
    code_policy = serializers.ChoiceField(choices=CodePolicy.choices, required=False)
    window_days = serializers.IntegerField(min_value=1, max_value=90, required=False)
    hold_days = serializers.IntegerField(min_value=0, max_value=60, required=False)
    shipping_days = serializers.IntegerField(min_value=0, max_value=60, required=False)
    rate_lock_days = serializers.IntegerField(
        min_value=0, max_value=365, required=False
    )
    halo = serializers.BooleanField(required=False)
    catalogue_only = serializers.BooleanField(required=False)
    enrollment = serializers.ChoiceField(choices=WhoMayJoin.values, required=False)
    eligibility = EligibilityShape(required=False)
    status = serializers.ChoiceField(choices=ProgramStatus.choices, required=False)
    ends_at = InstantField(
        required=False, help_text="First moment at which no order is attributed."
    )
    budget_cents = serializers.IntegerField(
        min_value=1,
        max_value=_MOST,
        required=False,
        help_text="All that creators may earn in it; then it is paused.",
    )

    def validate_currency(self, currency: str) -> str:
        """Take currencies in use only."""
        if not money.is_currency(currency):
            raise serializers.ValidationError(
                _("Send an ISO 4217 code in use, such as EUR.")
            )
        return currency


class EligibleShape(serializers.Serializer[object]):
    """Whom a program takes, in full."""

    countries = serializers.ListField(child=serializers.CharField())
    niches = serializers.ListField(child=serializers.CharField())
    least_followers = serializers.IntegerField(allow_null=True)
    most_followers = serializers.IntegerField(allow_null=True)
    least_age = serializers.IntegerField()


class PlannedShape(serializers.Serializer[object]):
    """A setting that will have this value for orders placed `from` then on."""

    setting = serializers.ChoiceField(choices=program_settings.NAMES)
    value = serializers.JSONField()
    announced_at = serializers.DateTimeField()

    def get_fields(self) -> dict[str, Any]:
        """Return the fields with `from`, which no attribute can be called."""
        return {**super().get_fields(), "from": serializers.DateTimeField()}


class ProgramShape(serializers.Serializer[object]):
    """A program as it stands."""

    id = serializers.IntegerField()
    slug = serializers.CharField()
    name = serializers.CharField()
    status = serializers.ChoiceField(choices=ProgramStatus.choices)
    currency = serializers.CharField()
    rate_bp = serializers.IntegerField()
    cap_bp = serializers.IntegerField()
    code_policy = serializers.ChoiceField(choices=CodePolicy.choices)
    window_days = serializers.IntegerField()
    hold_days = serializers.IntegerField()
    shipping_days = serializers.IntegerField()
    rate_lock_days = serializers.IntegerField()
    halo = serializers.BooleanField()
    catalogue_only = serializers.BooleanField()
    enrollment = serializers.ChoiceField(choices=WhoMayJoin.values)
    planned = PlannedShape(many=True)
    eligibility = EligibleShape()
    ends_at = serializers.DateTimeField(allow_null=True)
    budget_cents = serializers.IntegerField(allow_null=True)
    spent_cents = serializers.IntegerField(allow_null=True)


class ProgramsShape(PageShape):
    """One page."""

    results = ProgramShape(many=True)


class WhoField(serializers.JSONField):
    """`everyone`, a group by its slug or a creator by handle."""


class WhatField(serializers.JSONField):
    """`everything`, a product by its SKU or a category by its slug."""


class NewRateShape(serializers.Serializer[object]):
    """A rate, or a flat amount a unit; without `from` it holds from now on."""

    who = WhoField(required=False)
    what = WhatField(required=False)
    rate_bp = serializers.IntegerField(required=False, allow_null=True)
    flat_cents = serializers.IntegerField(required=False, allow_null=True)
    until = InstantField(required=False, allow_null=True)
    first_purchase_only = serializers.BooleanField(
        required=False, help_text="Only what a buyer of the shop buys first."
    )
    most_sales = serializers.IntegerField(
        required=False,
        allow_null=True,
        help_text="Of one creator in each `most_sales_per`; others have the next rate.",
    )
    most_sales_per = serializers.ChoiceField(
        choices=Period.choices, required=False, allow_null=True
    )

    def get_fields(self) -> dict[str, Any]:
        """Return the fields with `from`, which no attribute can be called."""
        start = InstantField(required=False, allow_null=True)
        return {**super().get_fields(), "from": start}


class TermRateShape(serializers.Serializer[object]):
    """A rate of a program."""

    id = serializers.IntegerField()
    who = WhoField()
    what = WhatField()
    rate_bp = serializers.IntegerField(allow_null=True)
    flat_cents = serializers.IntegerField(allow_null=True)
    until = serializers.DateTimeField(allow_null=True)
    first_purchase_only = serializers.BooleanField()
    most_sales = serializers.IntegerField(allow_null=True)
    most_sales_per = serializers.ChoiceField(choices=Period.choices, allow_null=True)

    def get_fields(self) -> dict[str, Any]:
        """Return the fields with `from`, which no attribute can be called."""
        start = serializers.DateTimeField(allow_null=True)
        return {**super().get_fields(), "from": start}


class TermRatesShape(PageShape):
    """One page."""

    results = TermRateShape(many=True)


class NewBoostShape(serializers.Serializer[object]):
    """A boost: `multiplier_pct` 200 doubles the rate in [starts_at, ends_at)."""

    name = serializers.CharField(max_length=120)
    who = WhoField(required=False)
    what = WhatField(required=False)
    multiplier_pct = serializers.IntegerField()
    starts_at = InstantField()
    ends_at = InstantField()
    budget_cents = serializers.IntegerField(
        required=False,
        allow_null=True,
        help_text="What it may cost on top of the rates; then it is over.",
    )


class TermBoostShape(NewBoostShape):
    """A boost of a program."""

    id = serializers.IntegerField()
    who = WhoField()
    what = WhatField()
    budget_cents = serializers.IntegerField(allow_null=True)
    spent_cents = serializers.IntegerField(allow_null=True)


class OverlapShape(serializers.Serializer[object]):
    """Another boost on the same sales in [starts_at, ends_at): one of both counts."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    multiplier_pct = serializers.IntegerField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    wins = serializers.BooleanField(help_text="Whether the other one counts.")
    is_certain = serializers.BooleanField(
        help_text="False where only creators who are in both meet both."
    )


class NewTermBoostShape(TermBoostShape):
    """The boost made, with the boosts that it meets."""

    overlaps = OverlapShape(many=True)


class TermBoostsShape(PageShape):
    """One page."""

    results = TermBoostShape(many=True)
