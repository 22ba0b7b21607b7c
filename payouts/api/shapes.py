"""The shapes of the API, for the OpenAPI document."""

from rest_framework import serializers

from affiliate.common.api import PageShape
from payouts.models import CommissionKind, CommissionStatus
from shops.api.programs_shapes import OverlapShape
from shops.models import OrderStatus

TOUCH_KINDS = ["click", "code"]
OUTCOMES = ["won", "lost"]
EVENTS = ["refund", "cancel", "delivery"]
VERDICTS = ["attributed", "nobody", "pending"]
WHO = ["creator", "group", "everyone", "default"]
WHAT = ["product", "category", "everything"]


class TouchShape(serializers.Serializer[object]):
    """A click or code that was considered, and why it won or lost."""

    kind = serializers.ChoiceField(choices=TOUCH_KINDS)
    ref = serializers.CharField()
    at = serializers.DateTimeField(allow_null=True)
    creator = serializers.CharField(allow_null=True)
    outcome = serializers.ChoiceField(choices=OUTCOMES)
    why = serializers.CharField()


class VerdictShape(serializers.Serializer[object]):
    """Whose a line is, and why."""

    state = serializers.ChoiceField(choices=VERDICTS)
    reason = serializers.CharField()
    via = serializers.ChoiceField(choices=TOUCH_KINDS, allow_null=True)
    creator = serializers.CharField(allow_null=True)
    link = serializers.CharField(allow_null=True)
    code = serializers.CharField(allow_null=True)
    post = serializers.CharField(allow_null=True)
    touches = TouchShape(many=True)


class RateShape(serializers.Serializer[object]):
    """A rate: whom and what it is for."""

    id = serializers.IntegerField(allow_null=True)
    bp = serializers.IntegerField(allow_null=True)
    flat_cents = serializers.IntegerField(allow_null=True)
    who = serializers.ChoiceField(choices=WHO)
    what = serializers.ChoiceField(choices=WHAT)
    group = serializers.CharField(allow_null=True)


class BoostShape(serializers.Serializer[object]):
    """A boost."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    multiplier_pct = serializers.IntegerField()


class TextShape(serializers.Serializer[object]):
    """The same in words."""

    fr = serializers.CharField()
    en = serializers.CharField()


class ExplanationShape(serializers.Serializer[object]):
    """Why this amount."""

    base_cents = serializers.IntegerField()
    rate = RateShape()
    lost_rates = RateShape(many=True)
    boost = BoostShape(allow_null=True)
    lost_boosts = BoostShape(many=True)
    cap_bp = serializers.IntegerField()
    split = serializers.DictField(allow_null=True)
    amount_cents = serializers.IntegerField()
    text = TextShape()


class CommissionShape(serializers.Serializer[object]):
    """What a line earns a creator, or a correction of it."""

    id = serializers.IntegerField()
    order = serializers.CharField()
    line = serializers.CharField()
    creator = serializers.CharField()
    kind = serializers.ChoiceField(choices=CommissionKind.choices)
    state = serializers.ChoiceField(choices=CommissionStatus.choices)
    amount_cents = serializers.IntegerField()
    currency = serializers.CharField()
    payable_on = serializers.DateField()


class ExplainedShape(CommissionShape):
    """A commission with its explanation."""

    explanation = ExplanationShape()


class CommissionsShape(PageShape):
    """One page."""

    results = CommissionShape(many=True)


class ReadLineShape(serializers.Serializer[object]):
    """A line as it stands."""

    external_id = serializers.CharField()
    sku = serializers.CharField()
    quantity = serializers.IntegerField()
    net_cents = serializers.IntegerField()
    tax_cents = serializers.IntegerField()
    refunded_cents = serializers.IntegerField()
    verdict = VerdictShape()
    commissions = CommissionShape(many=True)


class WaitingShape(serializers.Serializer[object]):
    """An event that came and that the order refuses until a newer version allows it."""

    kind = serializers.ChoiceField(choices=EVENTS)
    external_id = serializers.CharField(allow_null=True)
    code = serializers.CharField()


class ReadOrderShape(serializers.Serializer[object]):
    """An order as it stands."""

    external_id = serializers.CharField()
    version = serializers.IntegerField()
    placed_at = serializers.DateTimeField()
    currency = serializers.CharField()
    status = serializers.ChoiceField(choices=OrderStatus.choices)
    delivered_at = serializers.DateTimeField(allow_null=True)
    cancelled_at = serializers.DateTimeField(allow_null=True)
    waiting = WaitingShape(many=True)
    lines = ReadLineShape(many=True)


class ChangeShape(serializers.Serializer[object]):
    """What lines cost by the terms as they are, and with the new one."""

    lines = serializers.IntegerField()
    before_cents = serializers.IntegerField()
    after_cents = serializers.IntegerField()
    difference_cents = serializers.IntegerField()


class CreatorChangeShape(ChangeShape):
    """What a creator would have had more or less."""

    creator = serializers.CharField()


class ProductChangeShape(ChangeShape):
    """What a product would have cost more or less."""

    sku = serializers.CharField()
    name = serializers.CharField(help_text="Empty for what the catalogue lacks.")


class PartShape(serializers.Serializer[object]):
    """How many more there are, and their difference together."""

    others = serializers.IntegerField()
    others_cents = serializers.IntegerField()


class CreatorsChangeShape(PartShape):
    """Those with the largest differences, who lose first."""

    rows = CreatorChangeShape(many=True)


class ProductsChangeShape(PartShape):
    """Those with the largest differences, that cost less first."""

    rows = ProductChangeShape(many=True)


class CostShape(ChangeShape):
    """The whole in one currency, by creator and by product."""

    currency = serializers.CharField()
    creators = CreatorsChangeShape()
    products = ProductsChangeShape()


class PreviewShape(serializers.Serializer[object]):
    """What a term would have cost on the orders placed in [since, until)."""

    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    days = serializers.IntegerField()
    is_whole = serializers.BooleanField(
        help_text="False where there were more lines: the newest are counted."
    )
    lines = serializers.IntegerField()
    orders = serializers.IntegerField()
    binds_at = serializers.DateTimeField(
        allow_null=True,
        help_text="From when it binds creators who are enrolled, where it lowers.",
    )
    costs = CostShape(many=True)


class BoostPreviewShape(PreviewShape):
    """What a boost would have cost, and which boosts it would meet (rule B5)."""

    overlaps = OverlapShape(many=True)
