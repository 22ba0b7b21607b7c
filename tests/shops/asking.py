"""What a shop asks of the API, and how its errors look."""

import json

from django.db import connection
from rest_framework.test import APIClient

from affiliate.common import ids
from shops.keys import SCOPES
from tests.factories.shops import ApiKeyFactory

MEMBERS = {"type", "title", "status", "detail", "code", "errors"}
JSON = "application/json"
# Everything that a request of a shop may leave behind.
TABLES = (
    "shops_order", "shops_orderline", "shops_refund", "shops_refundline",
    "shops_delivery", "shops_unsettledline", "shops_earlyevent", "shops_inboundevent",
    "shops_product", "shops_category", "idempotency_key", "creators_verdict",
    "payouts_commission",
)  # fmt: skip


def key_of(shop, scopes=SCOPES, **fields):
    """Return the bearer text of a new key of this shop."""
    secret = ids.new_secret("mk")
    ApiKeyFactory(shop=shop, secret=secret, scopes=list(scopes), **fields)
    return secret


class Asker(APIClient):
    """Asks in English with a shop's key; bodies are JSON, or bytes as they are."""

    def __init__(self, shop=None, *, secret=None, scopes=SCOPES, **headers):
        headers = {"HTTP_ACCEPT_LANGUAGE": "en", **headers}
        if shop or secret:
            secret = secret or key_of(shop, scopes)
            headers["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
        super().__init__(**headers)

    def send(self, method, path, body=None, *, key=None, **headers):
        """Ask `/api/v1` + path; `key` is the Idempotency-Key."""
        raw = body if isinstance(body, bytes) else json.dumps(body)
        headers = {"content_type": JSON, **headers}
        if key is not None:
            headers["HTTP_IDEMPOTENCY_KEY"] = key
        return self.generic(method, f"/api/v1{path}", raw, **headers)

    def read(self, path):
        """Ask for something, and return it or the problem."""
        return self.get(f"/api/v1{path}")


def said(response, status):
    """Return the answer's body, having looked at its status."""
    assert response.status_code == status, response.content[:2000]
    assert response["Content-Type"] == JSON
    return response.json()


def problem(response, status, code):
    """Return the problem, having looked at everything that all problems share."""
    body = response.json()
    assert (response.status_code, body["code"]) == (status, code), body
    assert response["Content-Type"] == "application/problem+json"
    assert set(body) == MEMBERS
    assert body["status"] == status
    assert body["type"] == f"urn:problem:{code}"
    assert body["title"]
    return body


def kept():
    """Return how many rows there are of everything a request may leave."""
    counts = ", ".join(f"(select count(*) from {table})" for table in TABLES)
    with connection.cursor() as cursor:
        cursor.execute(f"select {counts}")
        return dict(zip(TABLES, cursor.fetchone(), strict=True))
