"""Webhooks of shop systems: signed with the shop's secret over the raw body."""

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
from shops.models import InboundStatus, Shop

# Header names of the signature and of the topic.
_HEADERS = {"shopify": ("X-Shopify-Hmac-Sha256", "X-Shopify-Topic")}


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
        """
        demand_length(request)
        at, body = now(), request._request.body  # the raw bytes are what is signed
        signature, topic = (request.headers.get(name, "") for name in _HEADERS[system])
        owner = Shop.objects.filter(slug=shop).first()
        secrets = merchants.live_webhook_secrets(owner, system, at=at) if owner else []
        fits = signatures.is_base64_sha256(body, signature, secrets)
        if owner is None or not fits:
            raise WrongSignature
        event = intake.receive(owner, system, topic, body, at=at)
        status = 202 if event.status == InboundStatus.FAILED else 200
        return Response({"id": event.pk, "status": event.status}, status=status)
