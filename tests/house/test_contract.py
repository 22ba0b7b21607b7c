"""The API's contract and the OpenAPI document made from the code say the same.

What others build against stands here as literals: a change of the code that would break
them breaks this first.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import get_resolver
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema
from rest_framework.views import APIView

from tests.factories.shops import ShopFactory
from tests.house import contract_terms
from tests.shops.asking import Asker
from tests.shops.building import raw_order

NEEDED, FREE = True, False
# path -> method -> (body, answers but for "default")
PATHS: dict[str, dict[str, tuple[str | None, dict[str, str]]]] = {
    "/orders": {
        "post": (
            "OrderShape",
            {
                "200": "OutcomeShape",
                "201": "OutcomeShape",
                "400": "ProblemShape",
                "409": "ProblemShape",
                "422": "ProblemShape",
            },
        )
    },
    "/orders/batch": {
        "post": ("BatchShape", {"200": "OutcomesShape", "400": "ProblemShape"})
    },
    "/orders/{external_id}": {
        "get": (None, {"200": "ReadOrderShape", "404": "ProblemShape"})
    },
    "/orders/{external_id}/refunds": {
        "post": (
            "RefundShape",
            {
                "200": "OutcomeShape",
                "201": "OutcomeShape",
                "202": "OutcomeShape",
                "400": "ProblemShape",
                "409": "ProblemShape",
                "422": "ProblemShape",
            },
        )
    },
    "/orders/{external_id}/cancel": {
        "post": (
            "CancelShape",
            {
                "200": "OutcomeShape",
                "201": "OutcomeShape",
                "202": "OutcomeShape",
                "400": "ProblemShape",
                "422": "ProblemShape",
            },
        )
    },
    "/orders/{external_id}/deliveries": {
        "post": (
            "DeliveryShape",
            {
                "200": "OutcomeShape",
                "201": "OutcomeShape",
                "202": "OutcomeShape",
                "400": "ProblemShape",
                "422": "ProblemShape",
            },
        )
    },
    "/products/{sku}": {
        "put": (
            "ProductShape",
            {"200": "WrittenShape", "201": "WrittenShape", "400": "ProblemShape"},
        )
    },
    "/products/batch": {
        "post": ("ProductsShape", {"200": "WrittensShape", "400": "ProblemShape"})
    },
    "/commissions": {"get": (None, {"200": "CommissionsShape", "400": "ProblemShape"})},
    "/commissions/{id}": {
        "get": (None, {"200": "ExplainedShape", "404": "ProblemShape"})
    },
    **contract_terms.PATHS,
}
# The fields of each body and answer; `FREE` may be left out.
SHAPES: dict[str, dict[str, bool]] = {
    "OrderShape": {
        "external_id": NEEDED,
        "version": FREE,
        "updated_at": FREE,
        "placed_at": NEEDED,
        "currency": NEEDED,
        "status": NEEDED,
        "buyer": FREE,
        "clicks": FREE,
        "codes": FREE,
        "lines": NEEDED,
        "total_net_cents": FREE,
    },
    "BuyerShape": {"email": FREE, "country": FREE},
    "LineShape": {
        "external_id": NEEDED,
        "sku": NEEDED,
        "quantity": NEEDED,
        "net_cents": NEEDED,
        "tax_cents": FREE,
    },
    "BatchShape": {"orders": NEEDED},
    "OutcomeShape": {
        "external_id": NEEDED,
        "status": NEEDED,
        "code": FREE,
        "errors": FREE,
    },
    "OutcomesShape": {"results": NEEDED},
    "RefundShape": {
        "external_id": NEEDED,
        "refunded_at": NEEDED,
        "lines": NEEDED,
        "reason": FREE,
    },
    "RefundLineShape": {"external_id": NEEDED, "net_cents": FREE, "quantity": FREE},
    "CancelShape": {"cancelled_at": NEEDED},
    "DeliveryShape": {"delivered_at": NEEDED},
    "ProductShape": {
        "name": NEEDED,
        "url": FREE,
        "category": FREE,
        "price_cents": FREE,
        "currency": FREE,
        "image_url": FREE,
        "active": FREE,
    },
    "ProductsShape": {"products": NEEDED},
    "WrittenShape": {"sku": NEEDED, "status": NEEDED, "code": FREE, "errors": FREE},
    "WrittensShape": {"results": NEEDED},
    "ReadOrderShape": dict.fromkeys(
        [
            "external_id",
            "version",
            "placed_at",
            "currency",
            "status",
            "delivered_at",
            "cancelled_at",
            "waiting",
            "lines",
        ],
        NEEDED,
    ),
    "WaitingShape": dict.fromkeys(["kind", "external_id", "code"], NEEDED),
    "ReadLineShape": dict.fromkeys(
        [
            "external_id",
            "sku",
            "quantity",
            "net_cents",
            "tax_cents",
            "refunded_cents",
            "verdict",
            "commissions",
        ],
        NEEDED,
    ),
    "VerdictShape": dict.fromkeys(
        ["state", "reason", "via", "creator", "link", "code", "post", "touches"], NEEDED
    ),
    "TouchShape": dict.fromkeys(
        ["kind", "ref", "at", "creator", "outcome", "why"], NEEDED
    ),
    "CommissionsShape": dict.fromkeys(["next", "previous", "results"], NEEDED),
    "ExplainedShape": dict.fromkeys(
        [
            "id",
            "order",
            "line",
            "creator",
            "kind",
            "state",
            "amount_cents",
            "currency",
            "payable_on",
            "explanation",
        ],
        NEEDED,
    ),
    "ExplanationShape": dict.fromkeys(
        [
            "base_cents",
            "rate",
            "lost_rates",
            "boost",
            "lost_boosts",
            "cap_bp",
            "split",
            "amount_cents",
            "text",
        ],
        NEEDED,
    ),
    "TextShape": {"fr": NEEDED, "en": NEEDED},
    "ProblemShape": dict.fromkeys(
        ["type", "title", "status", "detail", "code", "errors"], NEEDED
    ),
    **contract_terms.SHAPES,
}
WORDS = {
    "OrderStatus": ["pending", "paid", "cancelled"],
    "OrderOutcome": ["created", "updated", "unchanged", "rejected", "kept"],
    "ProductOutcome": ["created", "updated", "unchanged", "rejected"],
    "EventKind": ["refund", "cancel", "delivery"],
    "VerdictState": ["attributed", "nobody", "pending"],
    "CommissionKind": ["sale", "reversal", "clawback", "restoration"],
    "CommissionState": ["pending", "approved", "in_run", "paid", "void", "held"],
    **contract_terms.WORDS,
}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    made: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return made


def shape_of(content: dict[str, Any]) -> str:
    (media,) = content.values()
    return str(media["schema"]["$ref"]).rpartition("/")[2]


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path.removeprefix("/api/v1"), method, operation


def test_the_document_is_made_without_a_warning(capsys: Any, tmp_path: Any) -> None:
    file = tmp_path / "schema.yml"

    call_command("spectacular", fail_on_warn=True, validate=True, file=str(file))

    assert file.stat().st_size


def test_the_document_has_the_paths_methods_bodies_and_answers_of_the_contract(
    document: dict[str, Any],
) -> None:
    found: dict[str, Any] = {}
    for path, method, operation in operations(document):
        body = operation.get("requestBody")
        answers = {
            status: shape_of(answer["content"])
            for status, answer in operation["responses"].items()
            if status != "default"
        }
        found.setdefault(path, {})[method] = (
            shape_of(body["content"]) if body else None,
            answers,
        )

    assert found == PATHS


@pytest.mark.parametrize("name", SHAPES)
def test_a_shape_has_the_fields_of_the_contract(
    document: dict[str, Any], name: str
) -> None:
    shape = document["components"]["schemas"][name]

    needed = shape.get("required", [])
    assert {field: field in needed for field in shape["properties"]} == SHAPES[name]


@pytest.mark.parametrize("name", WORDS)
def test_a_field_has_the_words_of_the_contract(
    document: dict[str, Any], name: str
) -> None:
    assert document["components"]["schemas"][name]["enum"] == WORDS[name]


def test_every_error_is_a_problem_and_every_door_has_its_key(
    document: dict[str, Any],
) -> None:
    for path, method, operation in operations(document):
        where = f"{method} {path}"
        for status, answer in operation["responses"].items():
            is_good = status.startswith("2")
            kind = "application/json" if is_good else "application/problem+json"
            assert list(answer["content"]) == [kind], where
        assert "default" in operation["responses"], where
        assert operation["security"] == [{"shopKey": []}], where
    assert document["components"]["securitySchemes"]["shopKey"] == {
        "type": "http",
        "scheme": "bearer",
    }


def test_the_order_of_the_contract_fits_its_shape(document: dict[str, Any]) -> None:
    shapes = document["components"]["schemas"]
    raw = raw_order()

    assert set(raw) <= set(shapes["OrderShape"]["properties"])
    assert set(raw["buyer"]) == set(shapes["BuyerShape"]["properties"])
    assert set(raw["lines"][0]) == set(shapes["LineShape"]["properties"])
    validate_schema(document)


@pytest.mark.django_db
def test_what_the_document_shows_works(document: dict[str, Any]) -> None:
    client = Asker(ShopFactory())
    shown = {
        (method, path): example["value"]
        for path, method, operation in operations(document)
        if "requestBody" in operation
        for media in operation["requestBody"]["content"].values()
        for example in media.get("examples", {}).values()
    }

    answers = [
        client.send(method.upper(), path.format(external_id="1001", sku="A"), value)
        for (method, path), value in shown.items()
    ]

    assert [answer.status_code for answer in answers] == [201, 201, 201]


def views() -> Iterator[tuple[str, type[APIView]]]:
    """Yield every view under /api/v1/ that is not the document itself."""
    for entry in get_resolver().url_patterns:
        if str(entry.pattern) == "api/v1/":
            yield from _below(entry)


def _below(entry: Any) -> Iterator[tuple[str, type[APIView]]]:
    for inner in entry.url_patterns:
        if hasattr(inner, "url_patterns"):
            yield from _below(inner)
        elif inner.name not in ("schema", "api_docs"):
            yield str(inner.pattern), inner.callback.view_class


def test_every_post_may_be_repeated_under_its_key(document: dict[str, Any]) -> None:
    posts = {
        route: getattr(view.post, "is_idempotent", False)
        for route, view in views()
        if hasattr(view, "post")
    }

    assert len(posts) == 12
    assert [route for route, is_idempotent in posts.items() if not is_idempotent] == []
    for path, method, operation in operations(document):
        headers = {
            each["name"]
            for each in operation.get("parameters", [])
            if each["in"] == "header"
        }
        assert headers == ({"Idempotency-Key"} if method == "post" else set()), path


@pytest.mark.django_db
def test_the_document_is_served_to_everyone(client: Client) -> None:
    response = client.get("/api/v1/schema/", HTTP_ACCEPT="application/json")

    assert response.status_code == 200
    assert b"/api/v1/orders/{external_id}/refunds" in response.content


@pytest.mark.django_db
def test_the_pages_of_the_document_come_from_this_site(client: Client) -> None:
    page = client.get("/api/v1/docs/").content.decode()
    script = client.get("/api/v1/docs/?script=").content.decode()

    assert "/api/v1/schema/" in script
    for text in (page, script):
        assert "https://" not in text
        assert "cdn" not in text
    assert "<style" not in page
