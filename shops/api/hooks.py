"""Webhooks of shop systems: signed with the shop's secret over the raw body."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from affiliate.common import signatures
from affiliate.common.api import demand_length
from affiliate.common.errors import Refusal
from shops import intake, merchants
from shops.intake import tiktok_shop, woocommerce
from shops.models import InboundStatus, Shop


@dataclass(frozen=True)
class _System:
    """How a shop system signs, and in which headers it says what it sends."""

    signature: str
    topic: str
    fits: Callable[[bytes, str, Sequence[str]], bool] = signatures.is_base64_sha256


_SYSTEMS = {
    "shopify": _System("X-Shopify-Hmac-Sha256", "X-Shopify-Topic"),
    "woocommerce": _System("X-WC-Webhook-Signature", "X-WC-Webhook-Topic"),
    # TikTok Shop says in the body what it sends.
    "tiktok_shop": _System("Authorization", "", signatures.is_hex_sha256),
}


class WrongSignature(Refusal):
    """The body was not signed with a live secret of this shop; nothing was kept."""

    code = "wrong_signature"
    title = _("The signature does not fit.")
    way_out = _("Sign the raw body with the secret of the shop's settings.")
    status = 401


class Receive(APIView):
    """POST a webhook: 200, or 202 when it was kept but not understood."""

    authentication_classes = []
    permission_classes = [AllowAny]  # the signature is the key

    @extend_schema(exclude=True)
    def post(self, request: Request, system: str, shop: str) -> Response:
        """Keep the raw body and apply it; the same again changes nothing.

        A wrong signature, like an unknown shop, answers 401 and keeps nothing; so does
        a body beyond the cap of all bodies (DATA_UPLOAD_MAX_MEMORY_SIZE), with 413.
        WooCommerce's ping of a new webhook is unsigned: it answers 200, keeps nothing,
        and says the same of every shop, known or not.
        """
        demand_length(request)
        at, body = now(), request._request.body  # the raw bytes are what is signed
        known = _SYSTEMS[system]
        signature, topic = (
            request.headers.get(name, "") for name in (known.signature, known.topic)
        )
        if system == "woocommerce" and not signature and woocommerce.is_ping(body):
            return Response({"status": InboundStatus.IGNORED})
        owner = Shop.objects.filter(slug=shop).first()
        secrets = merchants.live_webhook_secrets(owner, system, at=at) if owner else []
        fits = known.fits(body, signature, secrets)
        if owner is None or not fits:
            raise WrongSignature
        if system == "tiktok_shop":
            topic = tiktok_shop.topic_of(body)
        event = intake.receive(owner, system, topic, body, at=at)
        status = 202 if event.status == InboundStatus.FAILED else 200
        return Response({"id": event.pk, "status": event.status}, status=status)
