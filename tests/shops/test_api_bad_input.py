"""Whatever comes as an order: an error that names the place, and nothing half-done."""

import json
from decimal import Decimal

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from shops.models import Order
from tests.factories.shops import ShopFactory
from tests.shops.asking import Asker, kept, problem, said
from tests.shops.building import raw_line, raw_order

pytestmark = pytest.mark.django_db

HUGE = 10**40
MISSING = object()


@pytest.fixture
def client():
    return Asker(ShopFactory())


def with_field(place, value):
    """Return the contract's order with one place changed, such as lines[0].sku."""
    raw = raw_order(lines=[raw_line("1"), raw_line("2")])
    *way, last = [
        int(step) if step.isdigit() else step
        for step in place.replace("[", ".").replace("]", "").split(".")
    ]
    inner = raw
    for step in way:
        inner = inner[step]
    if value is MISSING:
        del inner[last]
    else:
        inner[last] = value
    return raw


MISSING_IT = "This is missing."
TEXT = "Send this as text, in quotation marks."
WHOLE = "Send a whole number, without quotation marks or decimals."
NEGATIVE = "This cannot be negative."
MOMENT = "Send an instant such as 2026-11-03T10:15:00+01:00."
PAST = "This is before the year 2000."
FUTURE = "This is more than 48 hours in the future."
ISO = "Send an ISO 4217 code in use, such as EUR."
LONG = "At most 100 characters."
UNFIT = "Leave out control characters and broken Unicode."
CENTS = "From 0 to 10000000000000."
# place, value, what is said of it
FIELDS = [
    ("external_id", MISSING, MISSING_IT),
    ("external_id", None, MISSING_IT),
    ("external_id", 1001, TEXT),
    ("external_id", ["1001"], TEXT),
    ("external_id", "", "This is empty."),
    ("external_id", "   ", "This is empty."),
    ("external_id", "x" * 101, LONG),
    ("external_id", "x" * 1_000_000, LONG),
    ("external_id", "10\x0001", UNFIT),
    ("version", MISSING, MISSING_IT),
    ("version", "1", WHOLE),
    ("version", True, WHOLE),
    ("version", Decimal("1.5"), WHOLE),
    ("version", -1, NEGATIVE),
    ("version", HUGE, "From 0 to 9223372036854775807."),
    ("placed_at", MISSING, MISSING_IT),
    ("placed_at", 1762161300, MOMENT),
    ("placed_at", "yesterday", MOMENT),
    ("placed_at", "2026-11-03", MOMENT),
    ("placed_at", "x" * 1_000_000, MOMENT),
    ("placed_at", "2026-11-03T10:15:00", "Add the offset, such as +01:00 or Z."),
    ("placed_at", "2026-02-30T10:15:00Z", "There is no such day or time."),
    ("placed_at", "1999-12-31T23:59:59Z", PAST),
    ("placed_at", "0001-01-01T00:00:00Z", PAST),
    ("placed_at", "2199-01-01T00:00:00Z", FUTURE),
    ("placed_at", "9999-12-31T23:59:59Z", FUTURE),
    ("currency", MISSING, MISSING_IT),
    ("currency", "XYZ", ISO),
    ("currency", "eur", ISO),
    ("currency", 978, ISO),
    ("currency", {}, ISO),
    ("currency", "E" * 1_000_000, ISO),
    ("status", MISSING, "Give one of pending, paid, cancelled."),
    ("status", "shipped", "Give one of pending, paid, cancelled."),
    ("status", [], "Give one of pending, paid, cancelled."),
    ("buyer", "x@y.fr", "A buyer is an object."),
    ("buyer.email", 7, TEXT),
    ("buyer.email", "x" * 321, "At most 320 characters."),
    ("buyer.country", "France", "Two capital letters, such as FR."),
    ("buyer.country", 33, "Two capital letters, such as FR."),
    ("clicks", "click-1", "Send a list."),
    ("clicks", [f"c{n}" for n in range(51)], "At most 50."),
    ("clicks[0]", 7, TEXT),
    ("clicks[0]", "x" * 101, LONG),
    ("codes", {"LEA10": 1}, "Send a list."),
    ("codes", [f"c{n}" for n in range(21)], "At most 20."),
    ("codes[0]", None, MISSING_IT),
    ("codes[0]", "\x07", UNFIT),
    ("lines", MISSING, MISSING_IT),
    ("lines", [], "Send a list of one line or more."),
    ("lines", {}, "Send a list of one line or more."),
    ("lines", [raw_line(str(n)) for n in range(1001)], "At most 1000."),
    ("lines[1]", 7, "A line is an object."),
    ("lines[1].external_id", MISSING, MISSING_IT),
    ("lines[1].external_id", "1", "lines[0] has the same."),
    ("lines[1].sku", MISSING, MISSING_IT),
    ("lines[1].sku", 30, TEXT),
    ("lines[1].sku", "x" * 101, LONG),
    ("lines[1].quantity", MISSING, MISSING_IT),
    ("lines[1].quantity", -1, NEGATIVE),
    ("lines[1].quantity", Decimal("0.5"), WHOLE),
    ("lines[1].quantity", 0, "What was paid for has a unit or more."),
    ("lines[1].quantity", 1_000_001, "From 0 to 1000000."),
    ("lines[1].net_cents", MISSING, MISSING_IT),
    ("lines[1].net_cents", -1, NEGATIVE),
    ("lines[1].net_cents", "40.00", WHOLE),
    ("lines[1].net_cents", Decimal("40.00"), WHOLE),
    ("lines[1].net_cents", False, WHOLE),
    ("lines[1].net_cents", HUGE, CENTS),
    ("lines[1].tax_cents", -1, NEGATIVE),
    ("lines[1].tax_cents", HUGE, CENTS),
    ("lines[1].tax_cents", "8", WHOLE),
    (
        "total_net_cents",
        7999,
        "The lines sum to 8000: send that, or correct the lines.",
    ),
    (
        "total_net_cents",
        "8000",
        "The lines sum to 8000: send that, or correct the lines.",
    ),
]


def written(value):
    """Return JSON, with decimals as they are written and no float in between."""
    marks = {}

    def mark(number):
        marks[f'"decimal-{len(marks)}"'] = str(number)
        return f"decimal-{len(marks) - 1}"

    text = json.dumps(value, default=mark)
    for name, number in marks.items():
        text = text.replace(name, number)
    return text.encode()


@pytest.mark.parametrize(("place", "value", "message"), FIELDS)
def test_a_field_that_cannot_be_is_named_with_the_way_out(
    client, place, value, message
):
    raw = written(with_field(place, value))
    before = kept()

    found = problem(client.send("POST", "/orders", raw), 400, "invalid_order")

    assert found["errors"] == {place: [message]}
    assert f"{place}: {message}" in found["detail"]
    assert found["detail"].endswith(
        "Correct the fields named and send the order again."
    )
    assert kept() == before
    batched = b'{"orders": [%s]}' % raw
    [row] = said(client.send("POST", "/orders/batch", batched), 200)["results"]
    assert (row["code"], row["errors"]) == ("invalid_order", found["errors"])
    assert kept() == before


def test_a_good_order_differs_from_the_bad_ones_in_one_place_only(client):
    """The control: what the table changes is all that is wrong there."""
    raw = with_field("total_net_cents", 8000)

    said(client.send("POST", "/orders", written(raw)), 201)


def test_every_fault_is_told_at_once(client):
    raw = raw_order(currency="XYZ", version=-1, lines=[raw_line(net_cents=-1, sku=1)])

    found = problem(client.send("POST", "/orders", raw), 400, "invalid_order")

    assert sorted(found["errors"]) == [
        "currency",
        "lines[0].net_cents",
        "lines[0].sku",
        "version",
    ]


# ------------------------------------------------------------------ the whole body

PATHS = [
    "/orders", "/orders/batch", "/orders/1/refunds", "/orders/1/cancel",
    "/orders/1/deliveries", "/products/batch",
]  # fmt: skip
DEEP = b"[" * 100_000 + b"]" * 100_000
NESTED = b'{"external_id": ' + b'{"a": ' * 400 + b"1" + b"}" * 401


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("key", [None, "k-1"])
@pytest.mark.parametrize(
    ("body", "words"),
    [
        (DEEP, "The body is nested too deeply."),
        (b'{"a": "\xff"}', "The body is not UTF-8 at byte 7."),
        (b"\xff\xfe{\x00}\x00", "The body is not UTF-8 at byte 0."),
        (b'{"a": "1001",', "The body is not JSON at line 1, column 14."),
        (b"   ", "The body is not JSON at line 1, column 4."),
        (b'{"a": NaN}', "NaN is not JSON."),
        (b'{"a": "\\ud800"}', "A text holds half a character (\\ud800)."),
        (b'{"a": %s}' % (b"9" * 5000), "A number in the body is too long."),
    ],
)
def test_a_body_that_is_no_json_is_named(client, path, key, body, words):
    before = kept()

    response = client.send("POST", path, body, key=key)

    assert problem(response, 400, "parse_error")["detail"] == words
    assert kept() == before


@pytest.mark.parametrize("path", PATHS)
def test_a_body_of_ten_megabytes_is_not_read(client, path):
    body = b'{"external_id": "%s"}' % (b"x" * 10_000_000)

    found = problem(client.send("POST", path, body), 413, "too_large")

    assert "A body has at most 9000000 bytes" in found["detail"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "body", [b"", b"null", b"7", b'"x"', b"[]", b"true", b"[[]]", NESTED]
)
def test_a_body_of_another_shape_is_refused(client, path, body):
    response = client.send("POST", path, body)

    assert problem(response, 400, response.json()["code"])["errors"]
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    "type", ["text/plain", "application/xml", "multipart/form-data"]
)
def test_only_json_is_read(client, type):
    response = client.send("POST", "/orders", raw_order(), content_type=type)

    problem(response, 415, "unsupported_media_type")


@pytest.mark.parametrize("key", ["", "é", "x" * 256, "a\tb"])
def test_a_key_of_repeats_that_is_none_is_refused(client, key):
    response = client.send("POST", "/orders", raw_order(), key=key)

    problem(response, 400, "idempotency_key_invalid")
    assert not Order.objects.exists()


# ------------------------------------------------------------------ anything

_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(10**50), 10**50)
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(
        ["2026-11-03T10:15:00Z", "EUR", "paid", "1001", "\x00", "x@y.fr", "9" * 400]
    )
)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)
_PLACES = sorted({place for place, *_ in FIELDS})
_BODIES = st.one_of(
    st.builds(with_field, st.sampled_from(_PLACES), _VALUES).map(json.dumps),
    st.dictionaries(st.sampled_from(sorted(raw_order())), _VALUES).map(json.dumps),
    _VALUES.map(json.dumps),
    st.text(max_size=50),
).map(lambda text: text.encode("utf-8", "surrogatepass")) | st.binary(max_size=50)
_ENDPOINTS = [
    ("POST", "/orders"),
    ("POST", "/orders/batch"),
    ("POST", "/orders/1001/refunds"),
    ("POST", "/orders/1001/cancel"),
    ("POST", "/orders/1001/deliveries"),
    ("PUT", "/products/SERUM-30"),
    ("POST", "/products/batch"),
]


@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(endpoint=st.sampled_from(_ENDPOINTS), body=_BODIES, is_batched=st.booleans())
@example(endpoint=("POST", "/orders"), body=NESTED, is_batched=True)
def test_no_body_is_an_error_of_ours(client, endpoint, body, is_batched):
    method, path = endpoint
    if is_batched and path.endswith("batch"):
        name = path.split("/")[1].encode()
        body = b'{"%s": [%s, {}]}' % (name, body)
    with transaction.atomic():
        before = kept()
        response = client.send(method, path, body)
        if response.status_code >= 400:
            found = problem(response, response.status_code, response.json()["code"])
            assert found["errors"] or found["detail"]
            assert kept() == before
        assert response.status_code < 500
        with connection.cursor() as cursor:
            cursor.execute("set constraints all immediate")
        transaction.set_rollback(True)


@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    method=st.sampled_from(["GET", "POST", "PUT"]),
    path=st.sampled_from(
        ["orders/%s", "orders/%s/refunds", "products/%s", "commissions/%s",
         "commissions?cursor=%s", "commissions?limit=%s", "commissions?state=%s",
         "commissions?creator=%s"]
    ),
    value=st.text(alphabet=st.characters(codec="utf-8"), max_size=30)
    | st.integers().map(str)
    | st.binary(max_size=30).map(lambda raw: "".join(f"%{b:02x}" for b in raw)),
)  # fmt: skip
def test_no_address_is_an_error_of_ours(client, method, path, value):
    with transaction.atomic():
        response = client.send(method, "/" + path % value.replace("#", ""), {})
        assert response.status_code < 500
        transaction.set_rollback(True)
